"""Storyboards and folders that are wrong in every way: one clear sentence, the right exit code, nothing overwritten."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.commands import answer, finished_project, status, vktrs
from tests.real.projects import SCENES, change, silent_project, write_song


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
        ("start = 1.0", "start = -1.0", ":29:9:"),
        ("start = 1.0", "start = 2.5", ":34:9:"),
        ("start = 1.0", "start = 0.0", ":29:9:"),
        ('id = "bbbb"', 'id = "aaaa"', ":28:6:"),
        ('id = "bbbb"', 'id = "../b"', ":28:6:"),
        ('id = "bbbb"', 'id = "bbbb"\ntheme = 3', ":29:9:"),
        ("[look]", "[look", ":15:"),
    ],
)
def test_what_is_wrong_in_the_storyboard_is_told_by_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str
) -> None:
    project = silent_project(tmp_path / "clip")
    change(project, old, new)
    before = (project / "storyboard.toml").read_bytes()
    for command in ("status", "run"):
        out, err = answer(capsys, command, project, code=3)
        assert f"storyboard.toml{place}" in err, err
        assert out == ""
    assert (project / "storyboard.toml").read_bytes() == before
    assert not (project / "takes").exists()


@pytest.mark.parametrize("command", ["run", "status", "propose", "clean", "export", "import"])
def test_every_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    project = silent_project(tmp_path / "clip")
    change(project, "width = 48", "width = 47")
    (tmp_path / "a.lrc").write_text("[00:01.00]a\n")
    before = {"export": ["srt"], "import": [str(tmp_path / "a.lrc")]}.get(command, [])
    assert "storyboard.toml:8:9:" in answer(capsys, command, *before, project, code=3)[1]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfes\0c\0h\0", b"[" * 100_000, b"a = 1\0"])
def test_a_storyboard_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "storyboard.toml").write_bytes(data)
    assert len(answer(capsys, "run", project, code=3)[1]) < 2000
    assert (project / "storyboard.toml").read_bytes() == data


def test_a_storyboard_that_is_a_folder_or_a_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "storyboard.toml").unlink()
    (project / "storyboard.toml").mkdir()
    answer(capsys, "status", project, code=3)
    answer(capsys, "new", project, project / "song.wav", code=3)
    (project / "storyboard.toml").rmdir()
    (project / "storyboard.toml").symlink_to("storyboard.toml")
    answer(capsys, "status", project, code=3)
    answer(capsys, "new", project, project / "song.wav", code=3)


def test_an_unknown_key_is_warned_about_and_kept(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "hold = 2", "hold = 2\nconsistancy = 0.5")
    assert "consistancy" in vktrs("run", project).stderr
    assert "consistancy = 0.5" in (project / "storyboard.toml").read_text()


def test_scenes_without_ids_get_them_and_may_be_named_by_number(tmp_path: Path) -> None:
    scenes = "\n".join(line for line in SCENES.splitlines() if not line.startswith("id"))
    project = silent_project(tmp_path / "clip", scenes)
    write_song(project / "song.wav", 1.5)
    vktrs("run", project, "--scenes", "2", "--to", "keyframes")
    ids = [scene["id"] for scene in status(project)["scenes"]]
    assert all(f'id = "{each}"' in (project / "storyboard.toml").read_text() for each in ids)
    assert [path.name for path in (project / "takes").iterdir()] == [ids[1]]


def test_a_storyboard_that_may_not_be_read(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "storyboard.toml").chmod(0)
    done = vktrs("status", project, code=3, plain_user=True)
    assert "storyboard.toml could not be read" in done.stderr


def test_a_folder_that_may_only_be_read_can_be_looked_at(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    with read_only(project):
        assert "fresh" in vktrs("status", project, plain_user=True).stdout
        assert "nothing to do" in vktrs("run", project, plain_user=True).stderr
        assert vktrs("export", "srt", project, plain_user=True).stdout
        assert "cannot be written" in vktrs("export", "sheet", project, plain_user=True, code=None).stderr
        vktrs("export", "sheet", project, "-o", tmp_path / "sheet.png", plain_user=True)
    change(project, "last song", "other song")
    before = (project / "storyboard.toml").read_bytes()
    with read_only(project):
        for command in (["run"], ["run", "--dry-run"], ["clean"]):
            done = vktrs(*command, project, code=3, plain_user=True)
            assert "permission" in done.stderr
    assert (project / "storyboard.toml").read_bytes() == before


def test_a_new_project_where_nothing_may_be_written(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (tmp_path / "shelf").mkdir()
    with read_only(tmp_path / "shelf"):
        done = vktrs("new", tmp_path / "shelf" / "other", project / "song.wav", code=3, plain_user=True)
    assert "cannot be written" in done.stderr


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in a folder may be written."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_full_song_of_odd_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipe.wav").symlink_to("/dev/null")
    answer(capsys, "new", tmp_path / "clip", tmp_path / "pipe.wav", code=3)
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    answer(capsys, "new", tmp_path / "clip", tmp_path / "loop.wav", code=3)
    assert not (tmp_path / "clip").exists()


def test_the_video_is_put_only_where_it_may_be(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    (project / "mine.mp4").write_text("a film of mine")
    change(project, "fps = 12", 'fps = 12\nfile = "mine.mp4"')
    assert "not overwritten" in vktrs("run", project, code=3).stderr
    assert (project / "mine.mp4").read_text() == "a film of mine"


@pytest.mark.parametrize("target", ["no/such/folder/loop.mp4", "taken.mp4"])
def test_a_loop_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    from PIL import Image

    (tmp_path / "taken.mp4").mkdir()
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (32, 32)).save(tmp_path / "pictures" / "a.png")
    assert "cannot be written" in answer(capsys, "order", tmp_path / "pictures", "-o", tmp_path / target, code=3)[1]
