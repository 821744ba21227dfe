"""Cutting scenes anew by key: what would come is shown while one types, and proposed once it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from tests.real.commands import finished_project
from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.lines import Line
from vktrs.locks import FileLock
from vktrs.runs.splitting import Heard
from vktrs.storyboard.model import Split, Storyboard
from vktrs_tui.screens.cut_scenes import CutScenesScreen
from vktrs_tui.screens.proposals import ProposalsScreen
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.workspace.cutting import preview_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three timed lines of five words, in five seconds, and the scenes that were made of them."""
    return finished_project(tmp_path / "song", "sung")


def texts(board: Storyboard) -> list[str]:
    return [scene.text for scene in board.scenes]


async def shows(driven: Driven, *parts: str) -> None:
    """Wait until the dialog says all of these."""

    def told() -> str:
        return " ".join(str(each.content) for each in driven.studio.screen.query(Static))

    await driven.until(lambda: all(part in told() for part in parts), f"showing {parts}")


async def ask(driven: Driven, by: str | None = None, number: str | None = None) -> None:
    """Open the dialog, choose, and type."""
    await driven.do("scene.cut_anew")
    await driven.asks(CutScenesScreen)
    if by is not None:
        driven.studio.screen.query_one("#by", OptionRow).choose(by)
        await driven.pilot.pause()
    if number is not None:
        await driven.press("down")
        driven.studio.screen.query_one(Input).value = ""
        await driven.type(number)


def test_what_would_come_is_shown_while_one_types(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        count = len(driven.board().scenes)
        await ask(driven)
        await shows(driven, f"{count} scenes, 3 with words", f"(now {count})", "first light over the water")
        assert not driven.studio.screen.query_one("#measure").display
        await driven.press("right")
        await shows(driven, "Pause", "1 scene, 1 with words", "Scenes by pauses of 0.2 s: 1 ·")
        await driven.press("right")
        await shows(driven, "Nobody wrote where stanzas end")
        await driven.press("right", "down")
        driven.studio.screen.query_one(Input).value = "1"
        await driven.press("end", "0")
        await shows(driven, "2 scenes, 2 with words", "first light over the water second street in the rain")
        await driven.press("backspace", "backspace")
        await shows(driven, '`words` is "".', "a whole number from 1 to 1000")
        assert str(driven.studio.screen.query_one("#said", Static).content) == ""
        await driven.press("enter")
        assert isinstance(driven.studio.screen, CutScenesScreen)
        await driven.press("x")
        await shows(driven, '`words` is "x".')
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)
        assert driven.board().split.by == "line"

    drive(folder, play)


@pytest.mark.parametrize("by", ["pause", "words", "seconds"])
def test_what_the_number_means_is_readable_at_80_columns(folder: Path, by: str) -> None:
    async def play(driven: Driven) -> None:
        await ask(driven, by)
        said = str(driven.studio.screen.query_one("#example", Static).content)
        assert len(said) > 20
        await driven.shows(said)

    drive(folder, play, size=(80, 24))


@pytest.mark.parametrize(("count", "last"), [(8, "0:35.000  la 8"), (9, "and 2 more"), (40, "and 33 more")])
def test_scenes_beyond_the_room_of_the_dialog_are_counted(count: int, last: str) -> None:
    lines = [Line(5.0 * at, 5.0 * at + 4, f"la {at + 1}") for at in range(count)]
    shown = preview_of(Heard(lines, (), (), 5.0 * count, ()), Storyboard(), Split()).scenes
    assert len(shown) == 8
    assert last in shown[-1]
    assert shown[6].endswith("la 7")


def test_it_is_written_and_proposed_at_once_and_undone(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        before = driven.board()
        await ask(driven, "words", "10")
        await shows(driven, "2 scenes, 2 with words")
        await driven.press("enter")
        await driven.asks(ProposalsScreen)
        assert (driven.board().split.by, driven.board().split.words) == ("words", 10)
        assert driven.board().scenes == before.scenes
        await driven.press("enter")
        await driven.writes(
            lambda board: (
                [text for text in texts(board) if text]
                == ["first light over the water second street in the rain", "third hill and nobody there"]
            )
        )
        await driven.says("u takes it back")
        await ask(driven)
        await driven.press("enter")
        await driven.says("The scenes are cut so already.")
        await driven.do("edit.undo", "edit.undo")
        await driven.writes(lambda board: board == before)

    drive(folder, play)


def test_a_proposal_that_is_left_waits(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await ask(driven, "words", "10")
        await driven.press("enter")
        await driven.asks(ProposalsScreen)
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)
        await driven.until(lambda: driven.workspace.view.proposals > 0, "a proposal that waits")
        await driven.do("proposals")
        await driven.asks(ProposalsScreen)

    drive(folder, play)


def test_what_another_wrote_into_split_meanwhile_stays(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await ask(driven, "words", "10")
        change(folder, "[look]", '[split]\nby = "seconds"\nwords = 12\n\n[look]')
        await driven.press("enter")
        await driven.says("Nothing was done: look at it, then do it again.")
        assert (driven.board().split.by, driven.board().split.words) == ("seconds", 12)

    drive(folder, play)


def test_while_the_run_lock_is_held_the_run_proposes(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        lock = FileLock(driven.workspace.desk.project.run_lock)
        assert lock.acquire()
        try:
            await ask(driven, "words", "10")
            await driven.press("enter")
            await driven.says("[split] is written; the next run makes scenes of it.")
        finally:
            lock.release()

    drive(folder, play)


def test_before_anybody_has_listened_that_is_said(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("scene.cut_anew")
        await driven.says("What is sung is not known yet.", "stage structure listens")

    drive(silent_project(tmp_path / "clicks"), play)
