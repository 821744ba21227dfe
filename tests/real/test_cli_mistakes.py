"""Storyboards and folders that are wrong in every way: one clear sentence, the right exit code, nothing overwritten."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.real.commands import COMMAND, NOBODY, PATIENCE, finished_project, vktrs
from tests.real.projects import SCENES, change, silent_project

NOBODY_CAN = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as another user")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("schema = 1", "schema = 2", ":1:10:"),
        ("schema = 1", "schema = 1\nschema = 1", ":2:"),
        ("width = 48", "width = 47", ":8:9:"),
        ("width = 48", 'width = "wide"', ":8:9:"),
        ("width = 48", "width = ", ":8:9:"),
        ("fps = 12", "fps = nan", ":10:7:"),
        ("hold = 2", "hold = 2\nconsistency = inf", ":20:15:"),
        ('themes = ["crimson lanterns", "teal harbour"]', "themes = 7", ":16:10:"),
        ('speech = "none"', 'speech = "loud"', ":13:10:"),
        ("start = 1.0", "start = -1.0", ":28:9:"),
        ("start = 1.0", "start = 2.5", ":33:9:"),
        ("start = 1.0", "start = 0.0", ":28:9:"),
        ('id = "bbbb"', 'id = "aaaa"', ":27:6:"),
        ('id = "bbbb"', 'id = "../b"', ":27:6:"),
        ('id = "bbbb"', 'id = "bbbb"\ntheme = 3', ":28:9:"),
        ("[look]", "[look", ":15:"),
    ],
)
def test_what_is_wrong_in_the_storyboard_is_told_by_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    project = silent_project(tmp_path / "clip")
    change(project, old, new)
    before = (project / "storyboard.toml").read_bytes()
    for command in (["status"], ["run"], ["run", "--dry-run"]):
        done = vktrs(*command, project, code=3)
        assert f"storyboard.toml{place}" in done.stderr, done.stderr
        assert done.stdout == ""
    assert (project / "storyboard.toml").read_bytes() == before
    assert not (project / "takes").exists()


@pytest.mark.parametrize("command", ["run", "status", "propose", "clean", "export", "import"])
def test_every_command_says_so(tmp_path: Path, command: str) -> None:
    project = silent_project(tmp_path / "clip")
    change(project, "width = 48", "width = 47")
    (tmp_path / "a.lrc").write_text("[00:01.00]a\n")
    before = {"export": ["srt"], "import": [str(tmp_path / "a.lrc")]}.get(command, [])
    assert "storyboard.toml:8:9:" in vktrs(command, *before, project, code=3).stderr


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfes\0c\0h\0", b"[" * 100_000, b"a = 1\0"])
def test_a_storyboard_that_is_none(tmp_path: Path, data: bytes) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "storyboard.toml").write_bytes(data)
    done = vktrs("run", project, code=3)
    assert len(done.stderr) < 2000
    assert (project / "storyboard.toml").read_bytes() == data


def test_a_storyboard_that_is_a_folder_or_a_loop(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "storyboard.toml").unlink()
    (project / "storyboard.toml").mkdir()
    vktrs("status", project, code=3)
    vktrs("new", project, project / "song.wav", code=3)
    (project / "storyboard.toml").rmdir()
    (project / "storyboard.toml").symlink_to("storyboard.toml")
    vktrs("status", project, code=3)
    vktrs("new", project, project / "song.wav", code=3)


def test_an_unknown_key_is_warned_about_and_kept(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "hold = 2", "hold = 2\nconsistancy = 0.5")
    assert "consistancy" in vktrs("run", project).stderr
    assert "consistancy = 0.5" in (project / "storyboard.toml").read_text()


def test_scenes_without_ids_get_them_and_may_be_named_by_number(tmp_path: Path) -> None:
    scenes = "\n".join(line for line in SCENES.splitlines() if not line.startswith("id"))
    project = silent_project(tmp_path / "clip", scenes)
    vktrs("run", project, "--scenes", "2", "--to", "keyframes")
    assert (project / "storyboard.toml").read_text().count("id = ") == 5
    (take,) = (project / "takes").iterdir()
    assert f'id = "{take.name}"\nstart = 1.0' in (project / "storyboard.toml").read_text() or take.name


def test_a_storyboard_broken_during_a_look_at_it_is_no_crash(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    text = (project / "storyboard.toml").read_text()
    for cut in range(0, len(text), 97):
        (project / "storyboard.toml").write_text(text[:cut])
        done = subprocess.run([*COMMAND, "status", project], capture_output=True, text=True, timeout=PATIENCE)
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 3)
        if cut > 400:
            break


@NOBODY_CAN
def test_a_storyboard_that_may_not_be_read(tmp_path: Path) -> None:
    project = _seen_by_all(silent_project(tmp_path / "clip"))
    (project / "storyboard.toml").chmod(0)
    done = vktrs("status", project, code=3, user=NOBODY)
    assert "storyboard.toml" in done.stderr


@NOBODY_CAN
def test_a_folder_that_may_only_be_read_can_be_looked_at(tmp_path: Path) -> None:
    project = _seen_by_all(finished_project(tmp_path / "clip"))
    assert "fresh" in vktrs("status", project, user=NOBODY).stdout
    assert "nothing to do" in vktrs("run", project, user=NOBODY).stderr
    change(project, "last song", "other song")
    for command in (["run"], ["run", "--dry-run"], ["clean"]):
        done = vktrs(*command, project, code=3, user=NOBODY)
        assert "permission" in done.stderr
    assert vktrs("export", "srt", project, user=NOBODY).stdout
    vktrs("export", "sheet", project, user=NOBODY, code=None)


@NOBODY_CAN
def test_a_new_project_where_nothing_may_be_written(tmp_path: Path) -> None:
    project = _seen_by_all(silent_project(tmp_path / "clip"))
    done = vktrs("new", tmp_path / "other", project / "song.wav", code=3, user=NOBODY)
    assert "ermission" in done.stderr
    assert not (tmp_path / "other").exists()


def _seen_by_all(project: Path) -> Path:
    for path in (*project.rglob("*"), project, *project.parents):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return project


def test_a_full_song_of_odd_files(tmp_path: Path) -> None:
    (tmp_path / "pipe.wav").symlink_to("/dev/null")
    vktrs("new", tmp_path / "clip", tmp_path / "pipe.wav", code=3)
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    vktrs("new", tmp_path / "clip", tmp_path / "loop.wav", code=3)
    assert not (tmp_path / "clip").exists()


def test_the_video_is_put_only_where_it_may_be(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    (project / "mine.mp4").write_text("a film of mine")
    change(project, "fps = 12", 'fps = 12\nfile = "mine.mp4"')
    assert "not overwritten" in vktrs("run", project, code=3).stderr
    assert (project / "mine.mp4").read_text() == "a film of mine"


@pytest.mark.parametrize("target", ["no/such/folder/loop.mp4", "taken.mp4"])
def test_a_loop_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    from PIL import Image

    (tmp_path / "taken.mp4").mkdir()
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (32, 32)).save(tmp_path / "pictures" / "a.png")
    assert "cannot be written" in vktrs("order", "pictures", "-o", target, cwd=tmp_path, code=3).stderr
