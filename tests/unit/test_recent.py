"""The list of projects that were opened, and what is said of each: nothing in it can fail, whatever lies there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.projects import change, silent_project
from vktrs.locks import FileLock
from vktrs.project import Project
from vktrs.runs import control
from vktrs_tui.recent import GONE, MOST, Recent, forget, recent, recent_file, remember, summarise


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "recent.json"


def remember_in_turn(file: Path, *paths: Path) -> None:
    for when, path in enumerate(paths):
        remember(path, file=file, now=lambda when=when: float(when))  # type: ignore[misc]


def test_the_latest_stands_first_and_each_only_once(file: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    remember_in_turn(file, one, two, tmp_path / "x" / ".." / "one")
    assert recent(file) == [Recent(one, 2.0), Recent(two, 1.0)]


def test_a_relative_path_is_found_again_from_elsewhere(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    remember(Path("clip"), file=file)
    assert [each.path for each in recent(file)] == [tmp_path / "clip"]


def test_only_so_many_are_remembered(file: Path, tmp_path: Path) -> None:
    remember_in_turn(file, *(tmp_path / str(n) for n in range(MOST + 3)))
    found = recent(file)
    assert len(found) == MOST
    assert found[0].path == tmp_path / str(MOST + 2)


def test_a_forgotten_project_is_off_the_list_and_still_on_disk(file: Path, tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    remember_in_turn(file, clip, tmp_path / "other")
    forget(clip, file=file)
    assert [each.path for each in recent(file)] == [tmp_path / "other"]
    assert (clip / "storyboard.toml").is_file()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"projects": 3}',
        b'{"projects": [3]}',
        b'{"projects": [{"path": 1, "opened": 0}]}',
        b'{"projects": [{"path": "/a", "opened": "never"}]}',
        b'{"projects": [{"path": "a", "opened": 1}]}',
        b'{"projects": [{"path": "/a", "opened": NaN}]}',
        b'{"projects": [{"path": "/a"}]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_list_is_an_empty_one_and_is_written_anew(file: Path, tmp_path: Path, text: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(text)
    assert recent(file) == []
    remember(tmp_path / "clip", file=file)
    assert [each.path for each in recent(file)] == [tmp_path / "clip"]


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    remember(tmp_path, file=tmp_path / "state" / "recent.json")
    forget(tmp_path, file=tmp_path / "state" / "recent.json")
    assert recent(tmp_path / "state" / "recent.json") == []


def test_a_list_that_another_studio_holds_is_waited_for_and_then_left(file: Path, tmp_path: Path) -> None:
    remember(tmp_path / "one", file=file)
    other = FileLock(file.with_suffix(".lock"))
    assert other.acquire()
    try:
        remember(tmp_path / "two", file=file)
    finally:
        other.release()
    assert [each.path.name for each in recent(file)] == ["one"]


def test_a_folder_whose_name_is_no_utf8_is_remembered(file: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9")
    remember(odd, file=file)
    assert [each.path for each in recent(file)] == [odd]
    json.loads(file.read_text("ascii"))


def test_the_list_lies_in_the_state_folder_of_this_user(nobody_at_home: Path) -> None:
    assert recent_file().is_relative_to(nobody_at_home)


def test_a_project_is_told_in_one_line(tmp_path: Path) -> None:
    found = summarise(silent_project(tmp_path / "clip"))
    assert (found.title, found.scenes, found.done, found.running, found.fault) == ("Clicks", 5, 0.0, None, "")
    assert found.length is None


def test_a_song_without_a_title_goes_by_its_file(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    change(clip, 'title = "Clicks"', "")
    assert summarise(clip).title == "song.wav"


def test_what_is_gone_is_said_so(tmp_path: Path) -> None:
    found = summarise(tmp_path / "clip")
    assert found.gone
    assert found.fault == GONE


def test_a_storyboard_that_cannot_be_read_is_a_fault_with_its_line(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    change(clip, "fps = 12", "fps = twelve")
    found = summarise(clip)
    assert not found.gone
    assert found.fault.startswith("storyboard.toml:")


@pytest.mark.parametrize("text", [b"\xff\xfe\0", b"schema = 99\n", b"scenes = 3\n"])
def test_any_storyboard_is_answered_by_a_sentence(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "storyboard.toml").write_bytes(text)
    assert summarise(tmp_path).fault


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    clip = silent_project(tmp_path / "clip")
    lock = control.hold(Project(clip), "20260101-000000-abcd")
    yield clip
    lock.release()


def test_a_run_that_is_going_on_is_named(held: Path) -> None:
    assert summarise(held).running == "20260101-000000-abcd"
