"""Finds the ffmpeg to use and runs it: argument lists from ffmpeg-python, never a shell, errors in one sentence.

Owns the choice of the binary and how file names are handed to it. It knows nothing of songs, pictures or scenes.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from vktrs.errors import MissingError, VktrsError

# What every stage needs; each is asked for by `ffmpeg -h WHAT`, which answers with a fixed heading where it is there.
# movie_timescale (ffmpeg 5.0 and later) keeps the length of the sound exact to the sample in an mp4.
_NEEDS = {
    "libx264": ("encoder=libx264", "Encoder libx264"),
    "aac": ("encoder=aac", "Encoder aac"),
    "ass": ("filter=ass", "Filter ass"),
    "movie_timescale": ("muxer=mp4", "movie_timescale"),
}
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTEXT = re.compile(r"^(\[[^\]]* @ 0x[0-9a-f]+\] )+")
_PATH = re.compile(r"(?:file:)?(?:/[^\s/:'\"]+)+/([^\s/:'\"]+)")
_ANSWER_SECONDS = 30
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".tga"})


class FfmpegFailed(VktrsError):
    """ffmpeg ended with an error; the message carries its last words."""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """One ffmpeg binary: where it is, what it lacks of what vktrs needs, and why it was chosen."""

    path: Path
    version: str
    missing: tuple[str, ...]
    reason: str

    @property
    def libx264(self) -> bool:
        """Whether it encodes H.264."""
        return "libx264" not in self.missing

    @property
    def ass(self) -> bool:
        """Whether it draws captions."""
        return "ass" not in self.missing


def which_ffmpeg() -> Path:
    """The ffmpeg that all work is done with; MissingError where there is none that can do it."""
    problem = ffmpeg_problem()
    if problem is not None:
        raise problem
    return describe().path


def ffmpeg_problem() -> MissingError | None:
    """What keeps this machine from making a video, if there is no ffmpeg that can."""
    try:
        chosen = describe()
    except MissingError as error:
        return error
    if not chosen.missing:
        return None
    return MissingError(
        f"the ffmpeg at {chosen.path} lacks {', '.join(chosen.missing)}, and there is no other.",
        "Install ffmpeg 5.0 or later with libx264 and libass, or: pip install --force-reinstall imageio-ffmpeg",
    )


def describe() -> Ffmpeg:
    """The ffmpeg on PATH if it can do all that is needed, else the one that imageio-ffmpeg ships.

    Found once a process for each value of PATH. MissingError where there is none at all.
    """
    return _choose(os.environ.get("PATH", ""))


@functools.lru_cache(maxsize=8)
def _choose(search: str) -> Ffmpeg:
    found = shutil.which("ffmpeg", path=search)
    on_path = _examine(Path(found), "it is the one on PATH and has all that is needed") if found else None
    if on_path and not on_path.missing:
        return on_path
    why = f"the one on PATH lacks {', '.join(on_path.missing)}" if on_path else "there is none on PATH"
    bundled = _bundled()
    ours = _examine(bundled, f"it comes with imageio-ffmpeg; {why}") if bundled else None
    chosen = ours if ours and (not ours.missing or on_path is None) else on_path
    if chosen is None:
        raise MissingError(
            "there is no ffmpeg on this machine.",
            "Install it (apt install ffmpeg, brew install ffmpeg), or: pip install --force-reinstall imageio-ffmpeg",
        )
    return chosen


def _bundled() -> Path | None:
    import imageio_ffmpeg

    try:
        # resolved by hand: it may also answer "ffmpeg", the one on PATH
        found = shutil.which(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None
    return Path(found) if found else None


def _examine(path: Path, reason: str) -> Ffmpeg:
    head = _ask(path, ["-version"]).split()
    version = head[2] if head[:2] == ["ffmpeg", "version"] and len(head) > 2 else ""
    if not version:
        return Ffmpeg(path, "", tuple(_NEEDS), f"{reason}, but it does not run")
    missing = tuple(need for need, (topic, sign) in _NEEDS.items() if sign not in _ask(path, ["-h", topic]))
    return Ffmpeg(path, version, missing, reason)


def _ask(path: Path, arguments: list[str]) -> str:
    command = [str(path), "-hide_banner", *arguments]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def as_file(path: Path) -> str:
    """`path` as ffmpeg must be told it: a leading dash, `concat:` or `http:` in a name is then part of a name."""
    return f"file:{path}"


def file_input(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input of one file, whatever its name; a picture called `%d.png` is no numbered sequence."""
    import ffmpeg

    if path.suffix.lower() in _PICTURES:
        options = {"f": "image2", "pattern_type": "none", **options}
    return ffmpeg.input(as_file(path), **options)


def command_line(work: Any, binary: Path | None = None) -> list[str]:
    """The arguments for an ffmpeg-python graph, or a list of arguments; program first, quiet, never asking."""
    import ffmpeg

    arguments = list(work) if isinstance(work, Sequence) else ffmpeg.get_args(work)
    program = str(binary or which_ffmpeg())
    return [program, "-nostdin", "-hide_banner", "-v", "error", "-y", *map(str, arguments)]


def run_ffmpeg(
    work: Any,
    *,
    stdin: bytes | Iterable[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    binary: Path | None = None,
) -> bytes:
    """Run an ffmpeg-python graph (or a list of arguments) to its end and return what it wrote to stdout.

    `stdin` may be an iterator: it is drawn from as fast as ffmpeg takes it, and what it raises comes through, after
    ffmpeg was killed. `env` adds to the environment. FfmpegFailed where ffmpeg did not succeed.
    """
    command = command_line(work, binary)
    with tempfile.TemporaryFile() as errors:
        process = _start(command, stdin is not None, errors, env)
        written: list[bytes] = []
        reader = threading.Thread(target=_drain, args=(process, written), daemon=True)
        reader.start()
        try:
            if stdin is not None:
                _feed(process, (stdin,) if isinstance(stdin, bytes) else stdin)
            reader.join()
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            reader.join()
        if code:
            errors.seek(0)
            raise FfmpegFailed(f"ffmpeg failed: {last_words(errors.read()) or f'exit code {code}'}")
    return b"".join(written)


def _start(
    command: list[str], piped: bool, errors: IO[bytes], env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **env} if env else None,
        )
    except OSError as error:
        raise MissingError(f"{command[0]} could not be started: {error.strerror}") from error


def _drain(process: subprocess.Popen[bytes], written: list[bytes]) -> None:
    assert process.stdout is not None
    with process.stdout as stdout:
        written.append(stdout.read())


def _feed(process: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> None:
    assert process.stdin is not None
    # an ffmpeg that has ended early says why by its exit code
    with contextlib.suppress(BrokenPipeError):
        for piece in pieces:
            process.stdin.write(piece)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


def last_words(stderr: bytes, lines: int = 3) -> str:
    """The last `lines` of what ffmpeg said, without colours, addresses and folders."""
    text = _ANSI.sub("", stderr.decode(errors="replace"))
    kept = [_PATH.sub(r"\1", _CONTEXT.sub("", line.strip())) for line in text.splitlines() if line.strip()]
    return "; ".join(kept[-lines:])
