"""The signals of a project, by key: what the screen wishes for is in the file, and can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.commands import finished_project
from tests.real.projects import change
from tests.studio.driving import Driven, drive
from tests.studio.test_signals_screen import Stand
from vktrs.storyboard.model import Signal, Storyboard
from vktrs_tui.screens.ask import AskScreen
from vktrs_tui.screens.signals import SignalsScreen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = finished_project(tmp_path / "heard")
    change(folder, "[look]", '[signals.pulse]\nsource = "drums"\nchain = "rms"\n\n[look]')
    change(folder, 'text = "second street"', 'text = "second street"\nanimation = "img2img"\nzoom = "1 + 0.1 * pulse"')
    return folder


async def opened(driven: Driven) -> tuple[SignalsScreen, Stand]:
    """The screen, with a stand-in for what computes."""
    stand = Stand()
    driven.workspace.signal_source = stand
    await driven.do("signals")
    screen = await driven.asks(SignalsScreen)
    assert isinstance(screen, SignalsScreen)
    await driven.until(lambda: stand.asked, "asking for curves")
    return screen, stand


def signals(board: Storyboard) -> dict[str, Signal]:
    return dict(board.signals)


def test_the_screen_shows_the_signals_of_the_file_and_whoever_changes_it(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        _, stand = await opened(driven)
        assert stand.asked == [("pulse", "drums", "rms")]
        await driven.shows("Used by zoom of scene 2.")
        await driven.shows("· not made")
        change(folder, 'chain = "rms"', 'chain = "novelty"')
        await driven.until(lambda: stand.asked[-1] == ("pulse", "drums", "novelty"), "seeing the change")
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)

    drive(folder, play)


def test_a_chain_is_changed_and_undone_from_the_screen(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await opened(driven)
        await driven.press("enter", "end", *[{" ": "space", "|": "vertical_line"}.get(each, each) for each in " | abs"])
        await driven.press("enter")
        await driven.writes(lambda board: signals(board) == {"pulse": Signal("drums", "rms | abs")})
        await driven.shows("Changed the signal pulse.")
        await driven.press("u")
        await driven.writes(lambda board: signals(board) == {"pulse": Signal("drums", "rms")})

    drive(folder, play)


def test_a_signal_is_added_renamed_with_its_uses_and_removed(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        screen, _ = await opened(driven)
        await driven.press("r")
        await driven.asks(AskScreen)
        await driven.press("end", "2", "enter")
        await driven.writes(lambda board: board.scenes[1].zoom == "1 + 0.1 * pulse2")
        assert signals(driven.board()) == {"pulse2": Signal("drums", "rms")}
        await driven.asks(SignalsScreen)
        await driven.press("a")
        await driven.asks(AskScreen)
        await driven.press(*"beat", "enter")
        await driven.shows("cannot be the name of a signal")
        await driven.press(*["backspace"] * 4, *"hit", "enter")
        await driven.writes(lambda board: "hit" in board.signals)
        await driven.until(lambda: screen.row is not None and screen.row.name == "hit")
        await driven.press("escape", "x")
        await driven.writes(lambda board: set(board.signals) == {"pulse2"})
        await driven.press("x")
        await driven.shows("take it out there first")
        assert set(driven.board().signals) == {"pulse2"}

    drive(folder, play)


def test_the_keys_of_the_screen_are_told(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await opened(driven)
        await driven.press("question_mark")
        await driven.until(lambda: "Another name, also where it is used" in " ".join(driven.screen_text().split()))

    drive(folder, play)
