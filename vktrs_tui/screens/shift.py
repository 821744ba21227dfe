"""Scenes shifted in time: all by one amount, or stretched so that two times come to lie at two others.

How times are written and what the change would do is answered by the caller's callbacks; nothing is moved here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.option_row import OptionRow

Scope = Literal["this", "selection", "onward", "all"]


@dataclass(frozen=True, slots=True)
class ShiftRequest:
    """Move the scenes of that scope by `seconds`."""

    scope: Scope
    seconds: float


@dataclass(frozen=True, slots=True)
class TransformRequest:
    """Stretch the scenes of that scope: each point is (the time now, the time it should have), in seconds."""

    scope: Scope
    first: tuple[float, float]
    second: tuple[float, float]


Request = ShiftRequest | TransformRequest
ParseTime = Callable[[str], float]

_POINTS = ("from_1", "to_1", "from_2", "to_2")


class ShiftScreen(Dialog[Request]):
    """Dismissed with what to do.

    `parse_amount` reads `+0.25`, `-2f` or `+1b` as seconds, `parse_time` a time of the song; `preview` says in a
    sentence what a request would do. All three raise a VktrsError for what makes no sense. `this` names the scene at
    the cursor and `selected` says how many scenes are selected; `times` fills the times of the first and second point.
    """

    TITLE = "Shift in time"
    AUTO_FOCUS = ""
    KEYS = "Tab next field · ←→ choose · Enter shift · Esc leave"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Shift", show=False)]
    DEFAULT_CSS = """
    ShiftScreen {
        & > #frame { max-width: 78; }
        & #how, & #scope { margin: 0 0 1 0; }
        & .block { height: auto; }
        & .time { width: 16; }
        & .arrow { width: 4; text-align: center; color: $text-muted; }
        & .example { width: 1fr; padding: 0 0 0 2; color: $text-muted; }
        & #preview { height: auto; min-height: 1; margin: 1 0 0 0; color: $text; }
    }
    """

    def __init__(
        self,
        parse_amount: ParseTime,
        parse_time: ParseTime,
        preview: Callable[[Request], str],
        this: str = "this scene",
        selected: int = 0,
        points: bool = False,
        times: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__()
        self._parse_amount = parse_amount
        self._parse_time = parse_time
        self._preview = preview
        self._this = this
        self._selected = selected
        self._points = points
        self._times = times

    def body(self) -> ComposeResult:
        """How, which scenes, and by how much or between which points."""
        how = (("amount", "by an amount"), ("points", "by two points"))
        with Horizontal(classes="row"):
            yield Static("How", classes="caption", markup=False)
            yield OptionRow(how, ("points",) if self._points else ("amount",), id="how")
        scopes = [("this", self._this), ("onward", "from here"), ("all", "all")]
        if self._selected:
            scopes.insert(1, ("selection", f"selection ({self._selected})"))
        start = "selection" if self._selected else "all" if self._points else "this"
        with Horizontal(classes="row"):
            yield Static("Which", classes="caption", markup=False)
            yield OptionRow(scopes, (start,), id="scope")
        with Vertical(id="by-amount", classes="block"), Horizontal(classes="row"):
            yield Static("By", classes="caption", markup=False)
            yield Input(id="amount", classes="time")
            yield Static("+0.25  -0.1  +250ms  -2f  +1b", classes="example", markup=False)
        with Vertical(id="by-points", classes="block"):
            for number, time in ((1, self._times[0]), (2, self._times[1])):
                with Horizontal(classes="row"):
                    yield Static(f"Point {number}", classes="caption", markup=False)
                    yield Input(time, id=f"from_{number}", classes="time", placeholder="is at")
                    yield Static("→", classes="arrow", markup=False)
                    yield Input(id=f"to_{number}", classes="time", placeholder="should be at")
                    yield Static("12.5  1:02.25" if number == 1 else "", classes="example", markup=False)
        yield Static("", id="preview", markup=False)

    def on_mount(self) -> None:
        """Typing begins at once."""
        for each in self.query(Input):
            each.cursor_blink = False
        self._show_how()

    @on(OptionRow.Changed, "#how")
    def _show_how(self) -> None:
        points = self.query_one("#how", OptionRow).value == "points"
        self.query_one("#by-points").display = points
        self.query_one("#by-amount").display = not points
        if not self.query_one("#how").has_focus:
            empty = [f"#{name}" for name in _POINTS if not self._typed(name)]
            self.query_one((empty[0] if empty else "#to_1") if points else "#amount").focus()

    @on(Input.Changed)
    @on(OptionRow.Changed)
    def _look(self) -> None:
        """Say what would happen, as far as it can be said."""
        sentence = ""
        if all(self._typed(name) for name in self._names()):
            request = self.asked(self._request)
            if request is not None:
                sentence = self.asked(lambda: self._preview(request)) or ""
        else:
            self.say_wrong("")
        self.query_one("#preview", Static).update(sentence)

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Ask for it, where all that is needed is there and makes sense."""
        missing = [name for name in self._names() if not self._typed(name)]
        if missing:
            self.query_one(f"#{missing[0]}").focus()
            return
        request = self.asked(self._request)
        if request is not None and self.asked(lambda: self._preview(request)) is not None:
            self.dismiss(request)

    def _names(self) -> tuple[str, ...]:
        return _POINTS if self.query_one("#how", OptionRow).value == "points" else ("amount",)

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _request(self) -> Request:
        scope = cast(Scope, self.query_one("#scope", OptionRow).value)
        if len(self._names()) == 1:
            return ShiftRequest(scope, self._parse_amount(self._typed("amount")))
        times = [self._parse_time(self._typed(name)) for name in _POINTS]
        return TransformRequest(scope, (times[0], times[1]), (times[2], times[3]))
