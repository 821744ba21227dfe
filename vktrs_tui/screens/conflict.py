"""A field that two changed at once: what it was, what it is in the file now, and what was typed. The person chooses."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from vktrs.timing import format_clock
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.widgets.plain_text import some_lines


class ConflictScreen(Dialog[Literal["mine", "theirs"]]):
    """Dismissed with whose value stands; left, the person goes on editing."""

    KEYS = "m mine · t theirs · ←→ choose · Enter keep it · Esc back to editing"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "take('mine')", "Mine", show=False),
        Binding("t", "take('theirs')", "Theirs", show=False),
        Binding("enter", "accept", "Keep", show=False),
    ]
    DEFAULT_CSS = """
    ConflictScreen {
        & > #frame { max-width: 78; }
        & .who { height: 1; margin: 1 0 0 0; color: $text-primary; text-style: bold; }
        & .value { height: auto; max-height: 4; scrollbar-size-vertical: 1; }
        & .value > Static { height: auto; padding: 0 0 0 2; }
        & #whose { margin: 1 0; }
    }
    """

    def __init__(self, what: str, seen: object, theirs: object, mine: object) -> None:
        super().__init__()
        self.title = f"{what}: changed by two"
        self._values = (
            ("When you opened it it was", seen),
            ("Somebody else has written, and it is in the file now", theirs),
            ("You have written", mine),
        )

    def body(self) -> ComposeResult:
        """The three values, and whose is to stand."""
        for who, value in self._values:
            yield Static(who, classes="who", markup=False)
            box = VerticalScroll(Static(_shown(value), markup=False), classes="value")
            box.can_focus = False
            yield box
        yield OptionRow((("mine", "keep mine"), ("theirs", "keep theirs")), id="whose")

    def on_mount(self) -> None:
        """The choice has the focus."""
        self.query_one(OptionRow).focus()

    def action_take(self, whose: Literal["mine", "theirs"]) -> None:
        """That one stands."""
        self.dismiss(whose)

    def action_accept(self) -> None:
        """The chosen one stands."""
        self.dismiss("theirs" if self.query_one(OptionRow).value == "theirs" else "mine")


def _shown(value: object) -> str:
    if value is None or value == "":
        return "(nothing)"
    return f"{value:g} s, {format_clock(value)}" if isinstance(value, float) else some_lines(str(value))
