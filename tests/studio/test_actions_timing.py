"""Times by key: nudged by the step, snapped to the beats that were heard, shifted and stretched, as the file tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.commands import finished_project
from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.storyboard.model import Storyboard
from vktrs_tui.screens.shift import ShiftScreen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """A project whose beats and length are known; lines end before their scenes."""
    folder = finished_project(tmp_path / "heard")
    change(folder, 'start = 1.0\ntext = "second street"', 'start = 1.1\nend = 1.6\ntext = "second street"')
    return folder


def starts(board: Storyboard) -> list[float]:
    return [round(scene.start, 3) for scene in board.scenes]


def ends(board: Storyboard) -> list[float | None]:
    return [None if scene.end is None else round(scene.end, 3) for scene in board.scenes]


def test_a_start_moves_by_the_step_and_the_step_goes_round(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.start_later")
        await driven.writes(lambda board: starts(board)[1] == 1.05)
        await driven.says("Moved the start of scene 2.")
        await driven.do("time.step")
        await driven.says("Times move by 100 ms.")
        await driven.do("time.start_earlier")
        await driven.writes(lambda board: starts(board)[1] == 0.95)
        await driven.do("time.step", times=2)
        await driven.says("1 frame")
        await driven.do("time.start_later")
        await driven.writes(lambda board: starts(board)[1] == pytest.approx(0.95 + 1 / 12, abs=0.002))
        await driven.do("time.step", times=2)
        await driven.says("10 ms")

    drive(folder, play)


def test_an_end_moves_and_the_end_before_rolls_along_with_a_start_or_not(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.end_later")
        await driven.writes(lambda board: ends(board)[1] == 1.65)
        await driven.do("time.end_earlier", times=2)
        await driven.writes(lambda board: ends(board)[1] == 1.55)
        await driven.do("time.extend")
        await driven.writes(lambda board: ends(board)[1] == 2.0)
        await driven.says("Extended the line of scene 2.")
        await driven.go(3)
        await driven.do("time.start_later")
        await driven.writes(lambda board: (ends(board)[1], starts(board)[2]) == (2.05, 2.05))
        await driven.do("time.rolling")
        await driven.says("leaves the end")
        await driven.do("time.start_later")
        await driven.writes(lambda board: (ends(board)[1], starts(board)[2]) == (2.05, 2.1))
        await driven.do("time.rolling")
        await driven.says("takes the end")

    drive(heard, play)


def test_starts_and_ends_are_snapped_to_the_nearest_beat(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        beats = [round(each, 3) for each in driven.workspace.desk.song.beats]
        assert len(beats) > 4
        nearest = min(beats, key=lambda beat: abs(beat - 1.1))
        await driven.go(2)
        await driven.do("time.snap")
        await driven.writes(lambda board: starts(board)[1] == pytest.approx(nearest, abs=0.002))
        nearest_end = min(beats, key=lambda beat: abs(beat - 1.6))
        await driven.do("time.snap_end")
        await driven.writes(lambda board: ends(board)[1] == pytest.approx(nearest_end, abs=0.002))
        await driven.says("Snapped the end of scene 2.")

    drive(heard, play)


def test_without_beats_that_is_said(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.snap")
        await driven.until(lambda: driven.said.startswith("✗"))
        assert "beat" in driven.said

    drive(folder, play)


def test_a_line_is_led_in_and_out_by_the_step(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.lead_in")
        await driven.writes(lambda board: starts(board)[1] == 1.05)
        await driven.do("time.lead_out")
        await driven.writes(lambda board: ends(board)[1] == 1.65)
        await driven.says("Led out of scene 2.")

    drive(heard, play)


@pytest.mark.parametrize(
    ("right", "moved"),
    [(0, [0, 1, 2.1, 3, 4]), (1, [0, 1, 2.1, 3.1, 4.1]), (2, [0, 1.1, 2.1, 3.1, 4.1])],
    ids=["this", "from here", "all"],
)
def test_scenes_are_shifted_as_far_as_is_chosen(folder: Path, right: int, moved: list[float]) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(3)
        await driven.do("time.shift")
        screen = await driven.asks(ShiftScreen)
        screen.query_one("#scope").focus()
        await driven.press(*["right"] * right)
        screen.query_one("#amount").focus()
        await driven.type("+0.1")
        await driven.press("enter")
        await driven.writes(lambda board: starts(board) == moved)
        await driven.says("by +0.100 s")

    drive(folder, play)


def test_a_selection_is_shifted_and_a_wrong_amount_is_answered(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("select.range", "cursor.down", "time.shift")
        await driven.asks(ShiftScreen)
        await driven.type("x")
        await driven.press("enter")
        assert isinstance(driven.studio.screen, ShiftScreen)
        await driven.shows("is no time")
        await driven.press("backspace")
        await driven.type("-3f")
        await driven.press("enter")
        await driven.writes(lambda board: starts(board) == [0, 0.75, 1.75, 3, 4])

    drive(folder, play)


def test_two_points_stretch_what_lies_between(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("time.two_points")
        screen = await driven.asks(ShiftScreen)
        for name, text in (("from_1", "1"), ("to_1", "1"), ("from_2", "4"), ("to_2", "4.6")):
            screen.query_one(f"#{name}").focus()
            await driven.press(*["delete"] * 12, *["backspace"] * 12)
            await driven.type(text)
        await driven.press("enter")
        await driven.writes(lambda board: starts(board)[1:] == [1, 2.2, 3.4, 4.6])
        await driven.says("Stretched 5 scenes.")

    drive(folder, play)
