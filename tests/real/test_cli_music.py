"""`vktrs suggest` and `vktrs snap`, on a song whose beats are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.real.commands import answer
from tests.real.projects import change
from tests.real.test_loops import click_project
from tests.real.worker_forks import Forks
from vktrs.editing import Editing
from vktrs.project import Project


@pytest.fixture(scope="module")
def analysed(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of clicks at 120 beats a minute, their beats found."""
    folder = click_project(tmp_path_factory.mktemp("music") / "song", 120)
    assert forks.run(folder, to="structure").code == 0
    return folder


@pytest.fixture
def folder(analysed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(analysed, tmp_path / "song"))


def starts(folder: Path) -> list[float]:
    return [scene.start for scene in Project(folder).document().board.scenes]


def test_suggestions_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = answer(capsys, "suggest", folder)
    lines = out.splitlines()
    assert lines[0].endswith("a bar; 24 frames a second") and " beats a minute (" in lines[0]
    assert any(line.startswith('"beat"') and "6 pictures, each for 2 frames" in line for line in lines)
    assert any(line.startswith("24 ") and "fits, this video" in line for line in lines)
    assert '[look] has loop = "beat".' in lines
    assert err == ""


def test_suggestions_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(answer(capsys, "suggest", folder, "--json")[0])
    assert set(told) == {"tempo", "beats", "fps", "loop", "rounds", "rates"}
    assert told["tempo"] == pytest.approx(120, rel=0.01)
    assert [each["loop"] for each in told["rounds"]] == ["beat", "2 beats", "bar"]
    assert set(told["rounds"][0]) == {"loop", "seconds", "frames", "even", "pictures", "held"}
    assert set(told["rates"][0]) == {"fps", "frames", "a_beat", "a_minute", "fits"}


def test_scenes_with_loops_of_their_own_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, 'loop = "beat"\n', "")
    assert 'Write `loop = "beat"`' in answer(capsys, "suggest", folder)[0]
    change(folder, 'id = "bbbb"', 'id = "bbbb"\nloop = 0.5')
    assert '[look] has loop = "none"; 1 scene has one of its own.' in answer(capsys, "suggest", folder)[0]


@pytest.mark.parametrize("command", ["suggest", "snap"])
def test_before_the_song_is_analysed_it_is_said_what_to_run(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = click_project(tmp_path / "song", 120)
    _, err = answer(capsys, command, folder, code=2)
    assert "the beats of the song are not known yet" in err and "--to structure` finds them" in err


def test_a_song_without_a_beat(forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = click_project(tmp_path / "song", 0)
    assert forks.run(folder, to="structure").code == 0
    assert "No steady beat was found" in answer(capsys, "suggest", folder)[0]
    told = json.loads(answer(capsys, "suggest", folder, "--json")[0])
    assert (told["tempo"], told["rounds"], told["rates"]) == (None, [], [])
    before = (folder / "storyboard.toml").read_bytes()
    assert "No steady beat was found" in answer(capsys, "snap", folder)[1]
    assert (folder / "storyboard.toml").read_bytes() == before


def test_scenes_are_snapped_and_the_studio_takes_it_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "storyboard.toml"
    before = path.read_bytes()
    out, _ = answer(capsys, "snap", folder, "--dry-run")
    assert out.startswith("scene 2: 0:04.100 -> 0:04.2") and path.read_bytes() == before
    assert answer(capsys, "snap", folder)[0] == out
    assert starts(folder)[1] == pytest.approx(4.25, abs=0.05)
    assert "No start is moved." in answer(capsys, "snap", folder)[1]
    editing = Editing(Project(folder))
    try:
        assert editing.can_undo == "snap scenes to the beat"
        editing.undo()
    finally:
        editing.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["--earlier-only"], 3.75),
        (["--to", "bar"], None),
        (["--scenes", "1"], 4.1),
        (["--scenes", "2"], 4.25),
    ],
)
def test_how_scenes_are_snapped(
    options: list[str], start: float | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "snap", folder, *options)
    found = starts(folder)[1]
    if start is None:
        assert min(abs(found - (0.25 + 2 * n + shift)) for n in range(4) for shift in (0, 0.5, 1, 1.5)) < 0.05
        assert found != 4.1
    else:
        assert found == pytest.approx(start, abs=0.05)


def test_a_locked_scene_stays_unless_it_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, 'id = "bbbb"', 'id = "bbbb"\nlocked = true')
    answer(capsys, "snap", folder)
    assert starts(folder)[1] == 4.1
    answer(capsys, "snap", folder, "--scenes", "bbbb")
    assert starts(folder)[1] != 4.1
