"""What follows the music, by key: themes by section, loops on the beat, starts on bars; shown before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.real.commands import finished_project
from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.form import Section
from vktrs.storyboard.model import Storyboard
from vktrs_tui.screens.choices import ChoicesScreen
from vktrs_tui.song_view import SongView
from vktrs_tui.widgets.option_row import OptionRow

SECTIONS = (Section(0.0, 2.0, "A"), Section(2.0, 3.0, "B"), Section(3.0, 5.0, "A"))
SONG = SongView(
    duration=5.0,
    beats=tuple(n / 2 for n in range(10)),
    downbeats=(0.0, 2.0, 4.0),
    tempo=120.0,
    sections=SECTIONS,
)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished project whose beats, bars and sections are those of SONG; 12 frames a second."""
    monkeypatch.setattr("vktrs_tui.desk.read_song_view", lambda *_: SONG)
    return finished_project(tmp_path / "heard")


@pytest.fixture
def unheard(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


def themes(board: Storyboard) -> list[object]:
    return [scene.theme for scene in board.scenes]


def loops(board: Storyboard) -> list[object]:
    return [scene.loop for scene in board.scenes]


def starts(board: Storyboard) -> list[float]:
    return [round(scene.start, 3) for scene in board.scenes]


async def shows(driven: Driven, *parts: str) -> None:
    """Wait until the dialog says all of these."""

    def told() -> str:
        screen = driven.studio.screen
        return " ".join([screen.title or "", *(str(each.content) for each in screen.query(Static))])

    await driven.until(lambda: all(part in told() for part in parts), f"showing {parts}")


async def choose(driven: Driven, row: str, name: str) -> None:
    driven.studio.screen.query_one(f"#{row}", OptionRow).choose(name)
    await driven.pilot.pause()


def test_all_scenes_of_a_section_get_a_theme_in_one_edit(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(4)
        await driven.do("theme.section")
        await driven.asks(ChoicesScreen)
        await shows(driven, "every scene of section A", "4 scenes of section A get theme")
        await driven.press("2")
        await shows(driven, "4 scenes of section A get theme 2: teal harbour", "had another one")
        await driven.press("enter")
        await driven.writes(lambda board: themes(board) == [2, 2, None, 2, 2])
        await driven.says("Gave section A theme 2, 4 scenes.")
        await driven.do("edit.undo")
        await driven.writes(lambda board: themes(board) == [None] * 5)

    drive(heard, play)


def test_written_sections_count_more_than_those_of_the_song_and_a_theme_of_its_own_is_named(heard: Path) -> None:
    change(heard, 'text = "first light"', 'text = "first light"\nsection = "verse"\ntheme = "gold"')
    change(heard, 'text = "last song"', 'text = "last song"\nsection = "verse"\ntheme = 2')

    async def play(driven: Driven) -> None:
        await driven.do("theme.section")
        await driven.asks(ChoicesScreen)
        await shows(
            driven, "2 scenes of section verse get the theme that the rule gives them", "1 had a theme of its own"
        )
        await driven.press("enter")
        await driven.writes(lambda board: themes(board) == [None] * 5)
        await driven.go(2)
        await driven.do("theme.section")
        await driven.says("The section of scene 2 is not known.")

    drive(heard, play)


def test_without_sections_that_is_said(unheard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("theme.section")
        await driven.says("The section of any scene is not known.", "Run to the stage structure")

    drive(unheard, play)


def test_a_loop_is_shown_as_pictures_and_frames_before_it_is_set(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("edit.loop")
        await driven.asks(ChoicesScreen)
        await shows(driven, "Scene 2: a round of 8 frames (0.67 s) shows 4 pictures, each for 2 frames.")
        await driven.press("right")
        await shows(driven, "a round of 6 frames (0.5 s) shows 3 pictures, each for 2 frames.")
        await driven.press("right", "right")
        await shows(driven, "a round of 24 frames (2 s) shows 2 pictures, each for 6 frames.")
        await driven.press("enter")
        await driven.writes(lambda board: loops(board) == [None, "bar", None, None, None])
        await driven.do("edit.undo")
        await driven.writes(lambda board: loops(board) == [None] * 5)

    drive(heard, play)


def test_a_loop_of_look_is_for_all_scenes_without_one_and_can_be_taken_out_again(heard: Path) -> None:
    change(heard, 'text = "last song"', 'text = "last song"\nanimation = "static"')

    async def play(driven: Driven) -> None:
        await driven.do("edit.loop")
        await driven.asks(ChoicesScreen)
        await driven.press("right", "down", "right")
        await shows(driven, "4 scenes: a round of 6 frames", "Scene 5 reads no loop")
        await driven.press("enter")
        await driven.writes(lambda board: board.look.loop == "beat")
        await driven.go(1)
        await driven.do("select.range", "cursor.down", "edit.loop")
        await driven.asks(ChoicesScreen)
        await choose(driven, "loop", "none")
        await shows(driven, "2 scenes: a round of 8 frames")
        await driven.press("enter")
        await driven.writes(lambda board: loops(board) == ["none", "none", None, None, None])
        await driven.do("edit.loop")
        await driven.asks(ChoicesScreen)
        await choose(driven, "loop", "look")
        await driven.press("enter")
        await driven.writes(lambda board: loops(board) == [None] * 5)

    drive(heard, play)


def test_a_loop_of_beats_that_are_not_known_can_be_set_and_says_so(unheard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("edit.loop")
        await driven.asks(ChoicesScreen)
        await driven.press("right")
        await shows(driven, "not known")
        await driven.press("enter")
        await driven.writes(lambda board: board.scenes[0].loop == "beat")

    drive(unheard, play)


def test_starts_go_to_bars_and_what_moves_is_told_first(heard: Path) -> None:
    change(heard, "start = 1.0", "start = 1.7")
    change(heard, "start = 2.0", "start = 2.9")
    change(heard, "start = 4.0", "start = 4.2")

    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.snap_all")
        await driven.asks(ChoicesScreen)
        await shows(driven, "2 starts move, by at most 0.300 s (scene 2, +0.300 s).", "no bar of their own")
        await choose(driven, "way", "earlier")
        await choose(driven, "way", "nearest")
        await choose(driven, "scope", "this")
        await shows(driven, "1 start moves, by at most 0.300 s")
        await driven.press("enter")
        await driven.writes(lambda board: starts(board) == [0.0, 2.0, 2.9, 3.0, 4.2])
        await driven.says("Snapped the start of scene 2 to bars.")
        await driven.do("time.snap_all")
        await driven.asks(ChoicesScreen)
        await choose(driven, "mark", "beat")
        await choose(driven, "way", "earlier")
        await shows(driven, "2 starts move, by at most 0.400 s (scene 3, -0.400 s).")
        await driven.press("enter")
        await driven.writes(lambda board: starts(board) == [0.0, 2.0, 2.5, 3.0, 4.0])
        await driven.do("time.snap_all")
        await driven.asks(ChoicesScreen)
        await shows(driven, "No start moves.")

    drive(heard, play)


def test_snapping_without_beats_is_refused_in_the_dialog(unheard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("time.snap_all")
        await driven.asks(ChoicesScreen)
        await shows(driven, "beats of the song are not known")
        await driven.press("enter")
        assert isinstance(driven.studio.screen, ChoicesScreen)
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)

    drive(unheard, play)
