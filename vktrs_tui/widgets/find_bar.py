"""The line at the bottom in which a person types what to find. What matches is not its business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

_KEYS = "Enter goes there · Esc leaves · Ctrl+F only these"
_FILTERING = "only these · Enter keeps · Esc shows all · Ctrl+F all"


class FindBar(Horizontal):
    """`/` and an Input, hidden until `open`; it closes itself once something is accepted or left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("ctrl+f", "filter", "Only what matches", show=False),
        Binding("down", "step(1)", "Next match", show=False),
        Binding("up", "step(-1)", "Match before", show=False),
    ]
    DEFAULT_CSS = """
    FindBar {
        dock: bottom;
        height: 1;
        display: none;
        background: $panel;
        &.-open { display: block; }
        & > .sign { width: 2; color: $text-primary; text-style: bold; }
        & > Input { border: none; height: 1; padding: 0; width: 1fr; background: $panel; }
        & > Input:focus { border: none; }
        & > .told { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another text is looked for; `filtering` where only what matches is to be shown."""

        text: str
        filtering: bool = False

    @dataclass
    class Accepted(Message):
        """Enter: go to it; the bar is closed."""

        text: str
        filtering: bool = False

    @dataclass
    class Stepped(Message):
        """On to the next match (1) or the one before (-1), while the bar stays open."""

        by: int

    class Left(Message):
        """Esc: everything as it was; the bar is closed."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._filtering = False

    def compose(self) -> ComposeResult:
        """The sign, the line, and what is told at its right."""
        line = Input(id="find-line", select_on_focus=False)
        line.cursor_blink = False
        yield from (Static("/", classes="sign", markup=False), line, Static(_KEYS, classes="told", markup=False))

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.query_one(Input).value

    def open(self, text: str = "") -> None:
        """Show the bar with that text, and take the focus."""
        self._filtering = False
        line = self.query_one(Input)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.add_class("-open")
        self.tell("")
        line.focus()

    def close(self) -> None:
        """Hide it; the focus is the owner's to give."""
        self.remove_class("-open")

    def tell(self, count: str) -> None:
        """Say how many match (`3 of 12`) beside the keys."""
        keys = _FILTERING if self._filtering else _KEYS
        self.query_one(".told", Static).update(f"{count} · {keys}" if count else keys)
        self.query_one(".sign", Static).update("f" if self._filtering else "/")

    def action_leave(self) -> None:
        """Esc."""
        self.close()
        self.post_message(self.Left())

    def action_filter(self) -> None:
        """Show only what matches, or all again."""
        self._filtering = not self._filtering
        self.tell("")
        self.post_message(self.Changed(self.text, self._filtering))

    def action_step(self, by: int) -> None:
        """Another match."""
        self.post_message(self.Stepped(by))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-open"):
            self.post_message(self.Changed(event.value, self._filtering))

    @on(Input.Submitted)
    def _accept(self, event: Input.Submitted) -> None:
        event.stop()
        self.close()
        self.post_message(self.Accepted(event.value, self._filtering))
