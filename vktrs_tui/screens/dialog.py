"""What every dialog of the studio shares: a framed box, a line for what is wrong, its keys at the bottom.

A dialog is given plain values, asks through callbacks, and is dismissed with its result; None means that the person
left it. It reads no file and edits nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.markup import escape
from textual.screen import ModalScreen
from textual.widgets import Static

from vktrs.errors import VktrsError

Result = TypeVar("Result")
Value = TypeVar("Value")


class Dialog(ModalScreen[Result]):
    """A modal screen with a frame; a subclass gives `TITLE` (or sets `title`), `KEYS` and `body`."""

    KEYS: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > #frame {
            width: 100%;
            max-width: 100;
            height: auto;
            max-height: 100%;
            border: round $primary;
            border-title-color: $text-primary;
            background: $surface;
            padding: 0 1;
        }
        & #wrong { height: auto; color: $text-error; display: none; &.-said { display: block; } }
        & #keys { height: auto; color: $text-muted; }
        & Input { border: none; height: 1; padding: 0; background: $boost; }
        & Input:focus { border: none; }
        & .row { height: 1; }
        & .caption { width: 12; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """The frame around `body`."""
        with Vertical(id="frame") as frame:
            yield from self.body()
            yield Static("", id="wrong", markup=False)
            yield Static(self.KEYS, id="keys", markup=False)
        frame.border_title = escape(self.title or self.TITLE or "")

    def body(self) -> ComposeResult:
        """What stands in the frame."""
        yield from ()

    def action_leave(self) -> None:
        """Leave without any change."""
        self.dismiss(None)

    def say_wrong(self, text: str) -> None:
        """Show what is wrong above the keys; nothing where the text is empty."""
        wrong = self.query_one("#wrong", Static)
        wrong.update(f"! {text}" if text else "")
        wrong.set_class(bool(text), "-said")

    def asked(self, question: Callable[[], Value]) -> Value | None:
        """What the caller's callback answers; None where it refuses, which is then shown."""
        try:
            answer = question()
        except VktrsError as error:
            self.say_wrong(str(error))
            return None
        self.say_wrong("")
        return answer
