"""What Tab makes of a path that is half typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from vktrs_tui.widgets.path_input import complete, expand

SUFFIXES = (".lrc", ".txt")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for folder in ("home/music", "songs/daisy bell", "songs/.hidden", "empty"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("home/tune.ogg", "songs/daisy.mp3", "songs/daisy.lrc", "songs/[x].wav", "songs/歌.flac", "song.wav"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("so", "song.wav"),
        ("song", "song.wav"),
        ("songs", "songs/"),
        ("songs/daisy ", "songs/daisy bell/"),
        ("songs/daisy.m", "songs/daisy.mp3"),
        ("songs/[", "songs/[x].wav"),
        ("songs/歌", "songs/歌.flac"),
        ("songs/.h", "songs/.hidden/"),
        ("./song.", "./song.wav"),
        ("em", "empty/"),
        ("~", "~/"),
        ("~/m", "~/music/"),
        ("~/tu", "~/tune.ogg"),
    ],
)
def test_the_last_name_is_made_whole(base: Path, typed: str, completed: str) -> None:
    assert complete(typed, base) == completed


@pytest.mark.parametrize(
    "typed", ["", "zz", "songs/", "songs/zz", "song.wav", "nowhere/x", "..", "~nobody-here/x", "a\0b/c"]
)
def test_where_nothing_begins_so_nothing_is_offered(base: Path, typed: str) -> None:
    assert complete(typed, base) is None


def test_an_absolute_path_is_completed_from_the_root(base: Path) -> None:
    assert complete(f"{base}/songs/daisy.m", Path("/")) == f"{base}/songs/daisy.mp3"


def test_only_files_of_the_right_kind_are_offered(base: Path) -> None:
    assert complete("songs/daisy.", base, SUFFIXES) == "songs/daisy.lrc"
    assert complete("song.", base, SUFFIXES) is None
    assert complete("songs/d", base, ()) == "songs/daisy bell/"


def test_a_home_folder_and_a_relative_path_are_understood(base: Path) -> None:
    assert expand(" ~/music ", base) == base / "home/music"
    assert expand("songs", base) == base / "songs"
    assert expand("~nobody-here", base) == base / "~nobody-here"
