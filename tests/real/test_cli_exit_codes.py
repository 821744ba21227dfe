"""The exit codes that the README promises, each by the kind of thing that leads to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.commands import (
    COMMAND,
    answer,
    endless_project,
    finished_project,
    going_on,
    vktrs,
    wait_for_events,
    without_packaged_weights,
)
from tests.real.projects import change, silent_project, write_song
from vktrs.project import Project
from vktrs.runs import control


def test_0_done(tmp_path: Path) -> None:
    vktrs("run", finished_project(tmp_path / "clip"), code=0)


def test_1_something_failed(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    with going_on(project):
        vktrs("stop", project, "--now")
        done = vktrs("follow", project, code=1)
    assert "ended without a word" in done.stderr
    assert "goes on where it was" in done.stderr


PICTURE = 'picture = "gone.png"'


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run", "clip", "--fast"],
        ["run", "clip", "--to", "nonsense"],
        ["run", "clip", "--pictures", "nonsense"],
        ["run", "clip", "--pictures", "../../evil"],
        ["run", "clip", "--scenes", "0"],
        ["run", "clip", "--scenes", "3-1"],
        ["run", "clip", "--scenes", "6"],
        ["run", "clip", "--scenes", "²"],
        ["run", "clip", "--scenes", ""],
        ["run", "clip", "--scenes", "zzzz"],
        ["new", "other", "song.wav", "--size", "big"],
        ["new", "other", "song.wav", "--size", "63x64"],
        ["new", "other", "song.wav", "--size", "99999x64"],
        ["new", "other", "song.wav", "--fps", "0"],
        ["new", "other", "song.wav", "--fps", "nan"],
        ["new", "other", "song.wav", "--fps", "1/0"],
        ["new", "other", "song.wav", "--captions", "loud"],
        ["new", "other", "song.wav", "--speech", "ears"],
        ["new", "other"],
        ["order", "clip", "-o", "loop.avi"],
        ["order", "pictures", "--fps", "x"],
        ["order", "pictures", "--size", "0x0"],
        ["order", "pictures", "--seconds", "nan"],
        ["order", "pictures", "--seconds", "-1"],
        ["export", "mp3", "clip"],
        ["run", "song.wav"],
        ["order", "nowhere"],
        ["import", "nowhere.srt", "clip"],
    ],
    ids=" ".join,
)
def test_2_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    silent_project(tmp_path / "clip")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_text("not looked at")
    write_song(tmp_path / "song.wav", 1)
    out, err = answer(capsys, *arguments, code=2)
    assert out == ""
    assert err.strip()
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "nowhere"],
        ["status", "nowhere"],
        ["new", "other", "nowhere.mp3"],
        ["new", "other", "text.mp3"],
        ["new", "other", "empty.mp3"],
        ["new", "other", "pictures"],
        ["new", "other", "song.wav", "--lyrics", "nowhere.lrc"],
        ["new", "clip", "song.wav"],
        ["new", "song.wav/other", "song.wav"],
        ["order", "clip"],
        ["order", "pictures"],
        ["import", "text.mp3", "clip"],
    ],
    ids=" ".join,
)
def test_3_the_input_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    finished_project(tmp_path / "clip")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_text("no picture")
    (tmp_path / "text.mp3").write_text("no song\n" * 50)
    (tmp_path / "empty.mp3").touch()
    write_song(tmp_path / "song.wav", 1)
    out, err = answer(capsys, *arguments, code=3)
    assert out == ""
    message, hint = err.splitlines()
    assert message.startswith("vktrs: ")
    assert hint.startswith("       ")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("arguments", "code"), [(["fly"], 2), (["status", "nowhere"], 3)])
def test_the_process_ends_with_that_code(tmp_path: Path, arguments: list[str], code: int) -> None:
    vktrs(*arguments, cwd=tmp_path, code=code)


def test_4_no_weights_names_the_three_ways_out_and_asks_no_network(tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", 1)
    vktrs("new", "clip", "song.wav", cwd=tmp_path)
    hidden = without_packaged_weights(tmp_path / "shim")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = vktrs("run", "clip", cwd=tmp_path, env={**hidden, **nowhere, "HF_HUB_OFFLINE": "0"}, code=4)
    for way in ("pip install", "model", "lyrics"):
        assert way in done.stderr
    assert done.stdout == ""
    journal = next((tmp_path / "clip" / ".vktrs" / "runs").glob("*/events.jsonl")).read_text("utf-8")
    assert '"artifact"' not in journal  # it was seen before any work
    assert vktrs("run", "clip", "--dry-run", cwd=tmp_path, env=hidden, code=4).stderr == done.stderr


def test_4_an_engine_that_is_not_there(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    done = vktrs("run", project, "--pictures", "diffusers", code=4)
    assert "cppn" in done.stderr
    change(project, "[engines]", '[engines]\npictures = "stability"')
    vktrs("run", project, code=4)
    assert not (project / "takes").exists()


def test_everything_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "song.wav").unlink()
    change(project, "[engines]", '[engines]\npictures = "stability"')
    change(project, 'id = "bbbb"', 'id = "bbbb"\n' + PICTURE)
    (project / "output.mp4").write_text("mine")
    lines = (project / "storyboard.toml").read_text().splitlines()
    place = f"storyboard.toml:{lines.index(PICTURE) + 1}:11"
    done = vktrs("run", project, code=3)
    for part in ("song.wav", "stability", place, "gone.png", "output.mp4"):
        assert part in done.stderr
    assert (project / "output.mp4").read_text() == "mine"


def test_130_stopped(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    runs = project / ".vktrs" / "runs"
    before = set(runs.iterdir())
    process = subprocess.Popen([*COMMAND, "run", str(project)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while not (new := set(runs.iterdir()) - before):
        assert process.poll() is None
    wait_for_events(new.pop() / "events.jsonl", '"artifact"', 3)
    vktrs("stop", project)
    assert process.communicate()[0] == b""
    assert process.returncode == 130
    assert control.live_run(Project(project)) is None
