"""The clock by key, with a time that the test turns: play, seek, stamp, tap, and the timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.commands import finished_project
from tests.real.projects import silent_project
from tests.studio.driving import Driven, drive
from vktrs.storyboard.model import Storyboard
from vktrs_tui.clock import PlayClock
from vktrs_tui.screens.ask import AskScreen
from vktrs_tui.settings import Settings


class Time:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished_project(tmp_path / "heard")


def starts(board: Storyboard) -> list[float]:
    return [round(scene.start, 3) for scene in board.scenes]


def wound(driven: Driven) -> Time:
    """A clock of the test's in the studio."""
    time = Time()
    driven.workspace.clock = PlayClock(time, duration=driven.workspace.view.duration)
    return time


def test_the_clock_runs_stands_still_and_is_put_elsewhere(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time, clock = wound(driven), driven.workspace.clock
        await driven.do("play.toggle")
        assert clock.playing
        time.now += 2.5
        driven.workspace.tick()
        assert driven.workspace.table.playing_id == "cccc"
        await driven.do("play.toggle")
        assert (clock.playing, clock.position) == (False, 2.5)
        await driven.do("play.forward")
        assert clock.position == 3.5
        await driven.do("play.back", times=2)
        assert clock.position == 1.5
        await driven.do("play.faster")
        assert clock.rate == 1.25
        await driven.says("1.25")
        await driven.do("play.slower", times=2)
        assert clock.rate == 0.75
        await driven.do("play.back", times=4)
        assert clock.position == 0

    drive(folder, play)


def test_what_the_clock_shows_is_not_put_aside_by_a_cursor_that_came_to_rest(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time, workspace = wound(driven), driven.workspace
        shown: list[int] = []
        await driven.press("j")
        time.now += 2.5
        await driven.do("play.toggle")
        time.now += 2.5
        workspace.show_picture = shown.append  # type: ignore[method-assign]
        workspace.tick()
        workspace._rest()
        assert shown == [2]
        await driven.press("j")
        workspace._rest()
        assert shown == [2, 2]

    drive(folder, play)


def test_the_picture_of_the_scene_that_plays_stays_when_the_project_is_looked_at_again(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time, workspace = wound(driven), driven.workspace
        shown: list[int] = []
        show = workspace.show_picture
        workspace.show_picture = lambda place: (shown.append(place), show(place))[1]  # type: ignore[method-assign]

        async def looked_again(place: int) -> None:
            """What was shown just now is what a look shows."""
            await driven.until(lambda: shown[-1:] == [place], f"showing {place}")
            shown.clear()
            await workspace.desk.look_now()
            await driven.until(lambda: shown, "showing it again")
            assert set(shown) == {place}

        await driven.do("play.toggle")
        time.now += 2.5
        workspace.tick()
        await looked_again(2)
        await driven.do("cursor.down")
        await looked_again(1)
        await driven.do("play.toggle", "cursor.first")
        await looked_again(0)

    drive(folder, play)


def test_a_preview_that_was_hidden_comes_back_with_the_scene_that_plays(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time, workspace = wound(driven), driven.workspace
        await driven.do("play.toggle")
        time.now += 2.5
        workspace.tick()
        await driven.do("view.preview")
        time.now += 1
        workspace.tick()
        shown: list[int] = []
        workspace.show_picture = shown.append  # type: ignore[method-assign]
        await driven.do("view.preview")
        assert set(shown) == {3}

    drive(folder, play)


def test_one_scene_is_played_alone_and_with_a_second_around_it(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time, clock = wound(driven), driven.workspace.clock
        await driven.go(3)
        await driven.do("play.row")
        assert (clock.playing, clock.position) == (True, 2.0)
        time.now += 5
        assert (clock.playing, clock.position) == (False, 3.0)
        await driven.do("play.context")
        assert clock.position == 1.0
        time.now += 9
        assert (clock.playing, clock.position) == (False, 4.0)

    drive(folder, play)


def test_start_and_end_are_stamped_at_the_playhead(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        wound(driven)
        driven.workspace.seek_to(1.2)
        await driven.go(2)
        await driven.do("stamp.start")
        await driven.writes(lambda board: starts(board)[1] == 1.2)
        await driven.says("Started scene 2 at the playhead.")
        driven.workspace.seek_to(1.7)
        await driven.do("stamp.end")
        await driven.writes(lambda board: board.scenes[1].end == 1.7)
        await driven.says("Ended the line of scene 2 at the playhead.")

    drive(folder, play)


def test_tapping_stamps_start_after_start_and_takes_the_last_back(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time = wound(driven)
        await driven.do("stamp.tap")
        await driven.says("Tap mode")
        await driven.do("play.toggle")
        for seconds, place in ((0.7, 1), (1.6, 2), (2.9, 3)):
            time.now = 100.0 + seconds
            await driven.do("play.toggle")
            await driven.writes(lambda board, s=seconds, p=place: starts(board)[p] == s)  # type: ignore[misc]
        assert driven.workspace.table.cursor_id == "eeee"
        await driven.do("stamp.back")
        await driven.writes(lambda board: starts(board) == [0, 0.7, 1.6, 3, 4])
        assert driven.workspace.clock.position == pytest.approx(0.9)
        assert driven.workspace.table.cursor_id == "dddd"
        time.now += 2.2
        await driven.do("play.toggle")
        await driven.writes(lambda board: starts(board)[3] == 3.1)
        time.now += 1.5
        await driven.do("play.toggle")
        await driven.writes(lambda board: starts(board) == [0, 0.7, 1.6, 3.1, 4.6])
        await driven.says("Tap mode is over")
        assert not driven.workspace.clock.playing

    drive(folder, play)


def test_tap_mode_is_left_by_esc_and_its_stamps_stay(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        time = wound(driven)
        await driven.do("stamp.tap", "play.toggle")
        time.now += 0.5
        await driven.do("play.toggle")
        await driven.writes(lambda board: starts(board)[1] == 0.5)
        await driven.do("select.none")
        assert driven.workspace.tapping is None
        assert starts(driven.board())[1] == 0.5
        await driven.do("stamp.back")
        assert starts(driven.board())[1] == 0.5, "outside of tap mode the key does nothing"

    drive(folder, play)


def test_what_follows_the_playhead_is_spread_evenly(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        wound(driven)
        driven.workspace.seek_to(2.0)
        await driven.do("stamp.untime")
        await driven.writes(lambda board: starts(board) == [0, 1, 2, 3, 4])
        driven.workspace.seek_to(0.5)
        await driven.do("stamp.untime")
        await driven.writes(lambda board: starts(board)[1] == pytest.approx(1.4, abs=0.01))
        assert starts(driven.board())[4] == pytest.approx(4.1, abs=0.01)

    drive(folder, play)


def test_the_offset_is_asked_checked_used_and_remembered(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "state")

    async def play(driven: Driven) -> None:
        time = wound(driven)
        await driven.do("play.offset")
        await driven.asks(AskScreen)
        await driven.press(*["backspace"] * 8)
        await driven.type("late")
        await driven.press("enter")
        await driven.shows("is no number of seconds")
        await driven.press(*["backspace"] * 8)
        await driven.type("-0.2")
        await driven.press("enter")
        await driven.says("-0.2")
        await driven.do("play.toggle")
        time.now += 2
        assert driven.workspace.clock.at() == pytest.approx(1.8)
        assert settings.offset == -0.2

    drive(silent_project(tmp_path / "clicks"), play, settings=settings)


def test_the_timeline_is_zoomed_and_shows_the_whole_song_again(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        timeline = driven.workspace.timeline
        whole = timeline.window.span
        await driven.do("view.zoom_in")
        assert timeline.window.span < whole
        await driven.do("view.zoom_in")
        near = timeline.window.span
        await driven.do("view.zoom_out")
        assert timeline.window.span > near
        await driven.do("view.zoom_in", "view.zoom_in")
        start = timeline.window.start
        await driven.do("view.later")
        assert timeline.window.start > start
        await driven.do("view.earlier")
        assert timeline.window.start == pytest.approx(start)
        await driven.do("view.zoom_all")
        assert timeline.window.span == whole

    drive(folder, play)
