"""The screen of signals: given rows and a source of curves, it asks, completes, refuses, and draws."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from tests.studio.driving import until
from vktrs.errors import InputError, VktrsError
from vktrs.storyboard.signal_uses import Use
from vktrs_tui.screens.ask import AskScreen
from vktrs_tui.screens.signals import SignalsScreen, SignalWish
from vktrs_tui.view import SignalRow, SignalStep, SignalSteps
from vktrs_tui.widgets.signal_curves import SignalCurves, seen
from vktrs_tui.widgets.timeline.scale import Scale, Window

PULSE = SignalRow("pulse", "drums", "bandpass(40, 120) | rms", (Use("zoom", 3, "c"),), "made")
VOICE = SignalRow("voice", "vocals", "rms", (), "idle")
STARTS = (0.0, 20.0, 40.0)
RAMP = tuple(n / 99 for n in range(100))


class Stand:
    """A source of curves that is told what to answer, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.cancelled = 0
        self.error: VktrsError | None = None
        self.gate: asyncio.Event | None = None

    async def steps(self, name: str, source: str, chain: str) -> SignalSteps:
        self.asked.append((name, source, chain))
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        names = ["", *(each.strip() for each in chain.split("|"))]
        return SignalSteps(60.0, tuple(SignalStep(each, 100 / 60, 0.0, RAMP) for each in names))


class Room(App[None]):
    """The screen alone; wishes are remembered, and refused where that is told."""

    def __init__(self, rows: tuple[SignalRow, ...]) -> None:
        super().__init__()
        self.stand = Stand()
        self.wishes: list[SignalWish] = []
        self.refusal: VktrsError | None = None
        self.signals = SignalsScreen(self.stand, self._edit, self._check, _at_once)
        self.signals.show(rows, STARTS)

    def on_mount(self) -> None:
        self.push_screen(self.signals)

    async def _edit(self, wish: SignalWish) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.wishes.append(wish)
        return f"Did {wish.kind}."

    def _check(self, name: str) -> None:
        if name.strip() in ("", "sin", "voice"):
            raise InputError(f"`{name}` cannot be the name of a signal.", "Another can.")

    def lines(self) -> list[str]:
        curves = self.signals.query_one(SignalCurves)
        return [curves.render_line(y).text for y in range(curves.size.height)]

    def text(self, name: str) -> str:
        return str(self.signals.query_one(f"#{name}", Static).content)


async def _at_once(seconds: float) -> None:
    """No time passes in a test."""


Body = Callable[[Room, Pilot[None]], Awaitable[None]]


def in_room(body: Body, rows: tuple[SignalRow, ...] = (PULSE, VOICE), size: tuple[int, int] = (100, 40)) -> None:
    async def run() -> None:
        app = Room(rows)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await body(app, pilot)

    asyncio.run(run())


async def drawn(app: Room, pilot: Pilot[None], asked: tuple[str, str, str]) -> None:
    await until(pilot, lambda: app.stand.asked[-1:] == [asked] and "█" in "".join(app.lines()), f"drawing {asked}")


def test_the_list_tells_of_each_signal_and_the_curves_are_those_behind_each_operation() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))
        assert "Used by zoom of scene 3." in app.text("about")
        names = [line.strip() for line in app.lines() if line.strip() in ("the source", "bandpass(40, 120)", "rms")]
        assert names == ["the source", "bandpass(40, 120)", "rms"]
        top = app.lines()[1]
        assert top.index("│1") == 0 and top.index("│2") < top.index("│3")
        await pilot.press("j")
        await drawn(app, pilot, ("voice", "vocals", "rms"))
        assert "Used by nothing yet" in app.text("about")

    in_room(body)


def test_a_chain_is_completed_computed_while_it_is_typed_and_kept_with_enter() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await pilot.press("j", "enter", "space", "vertical_line", "space", "s", "u")
        await pilot.pause()
        assert "sustain(seconds = 0.3)" in app.text("offers")
        assert app.text("wrong") == ""
        await pilot.press("tab")
        assert app.signals.typed == ("vocals", "rms | sustain")
        assert "Lets each value go slowly" in app.text("offers")
        await drawn(app, pilot, ("voice", "vocals", "rms | sustain"))
        await pilot.press("enter")
        await until(pilot, lambda: app.wishes == [SignalWish("put", "voice", "vocals", "rms | sustain")])
        await until(pilot, lambda: isinstance(app.signals.focused, OptionList))
        assert app.text("told") == "Did put."

    in_room(body)


def test_a_wrong_chain_is_answered_with_its_position_and_neither_computed_nor_kept() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))
        await pilot.press("enter", "space", "vertical_line", "space", *"abc")
        await pilot.pause()
        assert "In the chain, character 27: there is no operation 'abc'." in app.text("wrong")
        assert app.text("caret").index("▲") == 12 + 26
        asked = len(app.stand.asked)
        await pilot.press("enter")
        await pilot.pause()
        assert app.wishes == [] and len([each for each in app.stand.asked[asked:] if "abc" in each[2]]) == 0
        await pilot.press("escape")
        assert app.signals.typed == ("drums", "bandpass(40, 120) | rms")
        assert app.text("wrong") == ""
        assert app.screen is app.signals
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not app.signals)

    in_room(body)


def test_what_is_computed_for_an_older_chain_is_ended() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))
        app.stand.gate = asyncio.Event()
        await pilot.press("j")
        await until(pilot, lambda: app.stand.asked[-1][0] == "voice")
        await pilot.press("k")
        await until(pilot, lambda: app.stand.cancelled == 1 and app.stand.asked[-1][0] == "pulse")
        frame = app.signals.query_one("#frame")
        assert frame.border_subtitle == "computing …"
        app.stand.gate.set()
        await until(pilot, lambda: frame.border_subtitle == "")

    in_room(body)


def test_what_cannot_be_computed_says_why_in_the_place_of_the_curves() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        app.stand.error = VktrsError("The weights of demucs are not here.", "Say `vktrs doctor`.")
        await pilot.press("j")
        await until(pilot, lambda: "The weights of demucs are not here." in "".join(app.lines()))
        app.stand.error = None
        await pilot.press("k")
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))

    in_room(body)


def test_without_a_song_nothing_is_computed() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        before = len(app.stand.asked)
        app.signals.show((VOICE,), (), known=False)
        await until(pilot, lambda: "has not been read yet" in "".join(app.lines()))
        assert len(app.stand.asked) == before
        app.signals.show((VOICE,), STARTS)
        await drawn(app, pilot, ("voice", "vocals", "rms"))

    in_room(body)


def test_a_signal_is_added_and_its_chain_typed_next() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        assert "No signal yet" in app.text("about")
        await pilot.press("enter", "s", "x", "r")
        assert app.wishes == []
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press(*"sin", "enter")
        assert isinstance(app.screen, AskScreen)
        await pilot.press(*["backspace"] * 3, *"hit", "enter")
        await until(pilot, lambda: app.wishes == [SignalWish("add", "hit", "mix", "rms")])
        app.signals.show((SignalRow("hit", "mix", "rms"),), STARTS)
        await until(pilot, lambda: app.signals.row is not None)
        assert app.signals.typed == ("mix", "rms")

    in_room(body, rows=())


def test_a_signal_is_renamed_and_only_one_that_nothing_uses_is_removed() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await pilot.press("x")
        assert app.text("told") == "pulse is used by zoom of scene 3: take it out there first."
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("end", "2", "enter")
        await until(pilot, lambda: app.wishes == [SignalWish("rename", "pulse", new="pulse2")])
        app.signals.show((replace(PULSE, name="pulse2"), VOICE), STARTS)
        await pilot.pause()
        assert app.signals.row is not None and app.signals.row.name == "pulse2"
        await pilot.press("j", "x", "u", "U")
        await until(pilot, lambda: [each.kind for each in app.wishes[1:]] == ["remove", "undo", "redo"])
        assert app.wishes[1].name == "voice"

    in_room(body)


def test_a_refused_edit_leaves_what_was_typed() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        app.refusal = InputError("Changed by somebody else meanwhile.", "Look again.")
        await pilot.press("j", "s", "end", "1", "enter")
        await until(pilot, lambda: "Changed by somebody else" in app.text("wrong"))
        assert app.signals.typed == ("vocals1", "rms")
        assert isinstance(app.signals.focused, Input)

    in_room(body)


def test_what_others_change_is_shown_and_what_is_being_typed_stays() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        app.signals.show((replace(PULSE, chain="novelty"), VOICE), STARTS)
        await drawn(app, pilot, ("pulse", "drums", "novelty"))
        await pilot.press("enter", "backspace")
        app.signals.show((replace(PULSE, chain="rms"), VOICE), STARTS)
        await pilot.pause()
        assert app.signals.typed == ("drums", "novelt")

    in_room(body)


def test_scenes_that_move_are_seen_without_computing_again() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))
        app.signals.show((PULSE, VOICE), (0.0, 30.0))
        await pilot.pause()
        assert app.lines()[1].index("│2") == len(app.lines()[1]) // 2
        assert "│3" not in app.lines()[1]
        assert len(app.stand.asked) == 1

    in_room(body)


def test_the_view_is_zoomed_and_moved_by_keys() -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await drawn(app, pilot, ("pulse", "drums", "bandpass(40, 120) | rms"))
        curves = app.signals.query_one(SignalCurves)
        assert curves.window == Window(0.0, 60.0)
        await pilot.press("right_parenthesis")
        assert curves.window == Window(15.0, 45.0)
        await pilot.press("right")
        assert curves.window == Window(30.0, 60.0)
        await pilot.press("left", "left", "left", "left")
        assert curves.window == Window(0.0, 30.0)
        await pilot.press("Z")
        assert curves.window == Window(0.0, 60.0)

    in_room(body)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60)])
def test_it_fits_every_terminal(size: tuple[int, int]) -> None:
    async def body(app: Room, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "0:00" in "".join(app.lines()))
        width = app.signals.query_one(SignalCurves).scrollable_content_region.width
        assert width > 0 and {len(line) for line in app.lines()} == {width}

    in_room(body, size=size)


def test_a_column_has_the_highest_of_its_values_and_between_two_the_line_between() -> None:
    step = SignalStep("", 10.0, 0.0, (0.0, 1.0, 0.0, 0.5, 0.0))
    assert seen(step, Scale(0.0, 0.4, 2)) == [1.0, 0.5]
    fine = seen(step, Scale(0.0, 0.1, 8))
    assert fine == sorted(fine) and 0 <= fine[0] < 0.2 and fine[-1] > 0.9
    assert seen(step, Scale(100.0, 110.0, 3)) == [0.0] * 3
    late = SignalStep("", 10.0, 5.0, (1.0,) * 50)
    assert seen(late, Scale(0.0, 10.0, 10)) == [0.0] * 5 + [1.0] * 5
    assert not any(math.isnan(each) for each in fine)
