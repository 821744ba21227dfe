"""One field of many scenes: first which one, then the value. What a value may be is answered by the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static

from vktrs_tui.screens.dialog import Dialog

Field = tuple[str, str, tuple[str, ...]]
"""The key in the file, its label, and the values that are offered for it."""


class SetFieldScreen(Dialog[tuple[str, str]]):
    """Dismissed with a field and the text for it, which `check(field, text)` has let through."""

    KEYS = "↑↓ choose · type to narrow · Enter next · Esc leave"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Next", show=False),
        Binding("up", "step(-1)", "Before", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    SetFieldScreen {
        & > #frame { max-width: 64; }
        & OptionList { height: auto; max-height: 14; border: none; padding: 0; margin: 1 0 0 0; }
        & .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: bold;
        }
    }
    """

    def __init__(self, fields: Sequence[Field], scenes: str, check: Callable[[str, str], object]) -> None:
        super().__init__()
        self.title = f"Set a field of {scenes}"
        self._fields = {name: (label, choices) for name, label, choices in fields}
        self._check = check
        self._field: str | None = None

    def body(self) -> ComposeResult:
        """A line to type in, and what there is to choose."""
        with Horizontal(classes="row"):
            yield Static("Field", classes="caption", id="what", markup=False)
            yield Input(id="typed")
        options = OptionList(id="options", markup=False, compact=True)
        options.can_focus = False
        yield options

    def on_mount(self) -> None:
        """Typing begins at once."""
        line = self.query_one(Input)
        line.cursor_blink = False
        line.focus()
        self._offer("")

    def action_step(self, by: int) -> None:
        """Another line of the list; a value goes into the line at once."""
        options = self.query_one(OptionList)
        if options.option_count:
            at = options.highlighted
            options.highlighted = ((0 if by > 0 else -1) if at is None else at + by) % options.option_count
            if self._field is not None:
                with self.prevent(Input.Changed):
                    self._put(self._offered())

    def action_leave(self) -> None:
        """Back to the choice of a field, and from there out."""
        if self._field is None:
            self.dismiss(None)
        else:
            self._ask(None)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self.say_wrong("")
        self._offer(event.value)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        if self._field is not None:
            self._put(self._offered())
        self._accept()

    @on(Input.Submitted)
    def _accept(self) -> None:
        if self._field is None:
            name = self._offered_name()
            if name is None:
                self.say_wrong("No field is called that.")
            else:
                self._ask(name)
            return
        field, text = self._field, self.query_one(Input).value

        def right() -> tuple[str, str]:
            self._check(field, text)
            return field, text

        answer = self.asked(right)
        if answer is not None:
            self.dismiss(answer)

    def _ask(self, field: str | None) -> None:
        """Ask for the value of that field, or (None) for a field."""
        self._field = field
        label, choices = self._fields[field] if field is not None else ("Field", ())
        self.query_one("#what", Static).update(label)
        line = self.query_one(Input)
        line.suggester = SuggestFromList(choices, case_sensitive=False) if choices else None
        line.placeholder = "" if field is None else "nothing: as if it were not written"
        self._put("")
        self._offer("")
        keys = self.KEYS if field is None else "↑↓ choose · Enter set · Esc back to the fields"
        self.query_one("#keys", Static).update(keys)

    def _offer(self, typed: str) -> None:
        narrow = typed.casefold().strip()
        if self._field is None:
            shown = [label for name, (label, _) in self._fields.items() if narrow in f"{name} {label}".casefold()]
        else:
            shown = [each for each in self._fields[self._field][1] if narrow in each.casefold()]
        options = self.query_one(OptionList)
        options.set_options(shown)
        options.display = bool(shown)
        options.highlighted = 0 if shown and self._field is None else None

    def _offered(self) -> str:
        option = self.query_one(OptionList).highlighted_option
        return "" if option is None else str(option.prompt)

    def _offered_name(self) -> str | None:
        label = self._offered()
        return next((name for name, (each, _) in self._fields.items() if each == label and label), None)

    def _put(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)
