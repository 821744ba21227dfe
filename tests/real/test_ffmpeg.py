"""Which ffmpeg is used, and what is told when it fails: with the real binaries and with pretended ones."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from vktrs.errors import InputError, MissingError
from vktrs.media.ffmpeg import (
    FfmpegFailed,
    as_file,
    describe,
    ffmpeg_problem,
    file_input,
    last_words,
    run_ffmpeg,
    which_ffmpeg,
)


def pretend(folder: Path, answers: dict[str, str]) -> None:
    """A program called ffmpeg that answers the first of `answers` whose key is among its arguments."""
    folder.mkdir(exist_ok=True)
    cases = "\n".join(f'  *{key}*) echo "{answer}";;' for key, answer in answers.items())
    program = folder / "ffmpeg"
    program.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}\n  *) echo nothing;;\nesac\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


WHOLE = {
    "-version": "ffmpeg version 7.1 Copyright",
    "encoder=libx264": "Encoder libx264 [H.264]:",
    "encoder=aac": "Encoder aac [AAC]:",
    "filter=ass": "Filter ass",
    "muxer=mp4": "  -movie_timescale <int>",
}


def test_the_ffmpeg_on_path_is_used_if_it_can_do_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", WHOLE)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    found = describe()
    assert (found.path, found.version, found.missing) == (tmp_path / "bin" / "ffmpeg", "7.1", ())
    assert found.libx264 and found.ass and "PATH" in found.reason
    assert which_ffmpeg() == found.path


@pytest.mark.parametrize("without", ["libx264", "aac", "ass", "mp4"])
def test_the_bundled_one_is_used_where_the_one_on_path_lacks_something(
    without: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path / "bin", {key: answer for key, answer in WHOLE.items() if not key.endswith(without)})
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    found = describe()
    assert found.path == Path(imageio_ffmpeg.get_ffmpeg_exe())
    assert found.missing == ()
    assert without.replace("mp4", "movie_timescale") in found.reason


def test_the_bundled_one_is_used_where_there_is_none_on_path_or_it_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe().path == Path(imageio_ffmpeg.get_ffmpeg_exe())
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ffmpeg").write_bytes(b"\x00not a program")
    (broken / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(broken))
    assert describe().path == Path(imageio_ffmpeg.get_ffmpeg_exe())


def test_without_any_that_can_do_the_work_the_lack_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("no binary for this machine")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert isinstance(ffmpeg_problem(), MissingError)
    with pytest.raises(MissingError, match="no ffmpeg"):
        which_ffmpeg()
    pretend(tmp_path / "poor", {key: answer for key, answer in WHOLE.items() if "ass" not in key})
    monkeypatch.setenv("PATH", f"{tmp_path / 'poor'}:/bin:/usr/bin")
    with pytest.raises(MissingError, match="lacks ass"):
        which_ffmpeg()


AWKWARD = ["-y.png", "100%d.png", "concat:a|b.png", "http:..x.png", 'it\'s "a" pipe:0 [b],c=d;e.png', "日本 é.png"]


@pytest.mark.parametrize("name", AWKWARD)
def test_any_file_name_is_a_file_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 2), (10, 20, 30)).save(tmp_path / name)
    raw = run_ffmpeg(ffmpeg.output(file_input(Path(name)), "pipe:1", format="rawvideo", pix_fmt="rgb24"))
    assert raw == bytes((10, 20, 30)) * 8
    copied = Path(f"copy {name}").with_suffix(".nut")
    run_ffmpeg(ffmpeg.output(file_input(Path(name)), as_file(copied)))
    assert copied.stat().st_size


def test_what_goes_in_by_the_pipe_comes_out_of_it_however_much_it_is() -> None:
    rows = [np.full((256, 256, 3), shade, np.uint8) for shade in range(40)]
    given = ffmpeg.input("pipe:0", format="rawvideo", pix_fmt="rgb24", s="256x256")
    out = run_ffmpeg(
        ffmpeg.output(given, "pipe:1", format="rawvideo", pix_fmt="rgb24"), stdin=(row.tobytes() for row in rows)
    )
    assert out == b"".join(row.tobytes() for row in rows)


def test_a_failure_is_told_in_ffmpegs_last_words(tmp_path: Path) -> None:
    text = tmp_path / "a song.wav"
    text.write_text("not a song")
    with pytest.raises(FfmpegFailed, match=r"a song\.wav: Invalid data found") as caught:
        run_ffmpeg(ffmpeg.output(file_input(text), "pipe:1", format="f32le"))
    assert "0x" not in caught.value.message and str(tmp_path) not in caught.value.message
    assert caught.value.exit_code == 1


def test_an_error_of_the_source_comes_through_and_ffmpeg_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)

    def pieces() -> Iterator[bytes]:
        yield bytes(3000)
        raise InputError("the source broke")

    given = ffmpeg.input("pipe:0", format="f32le", ar=8000, ac=1)
    with pytest.raises(InputError, match="the source broke"):
        run_ffmpeg(ffmpeg.output(given, "pipe:1", format="f32le"), stdin=pieces())
    assert started and all(each.returncode is not None for each in started)


def test_an_ffmpeg_that_ends_early_is_told_by_its_own_error_and_not_by_the_broken_pipe() -> None:
    given = ffmpeg.input("pipe:0", format="f32le", ar=8000, ac=1).filter("no_such_filter")
    with pytest.raises(FfmpegFailed, match="no_such_filter"):
        run_ffmpeg(ffmpeg.output(given, "pipe:1", format="f32le"), stdin=(bytes(1 << 16) for _ in range(200)))


def test_last_words_carry_no_colours_addresses_or_folders() -> None:
    stderr = (
        b"first\n\x1b[0;35m[mov,mp4 @ 0x55d0a1] \x1b[0mmoov atom not found\nfile:/home/me/my/song.m4a: Invalid data\n"
    )
    assert last_words(stderr, 2) == "moov atom not found; song.m4a: Invalid data"
