"""The editor that lies over a cell: a line, several lines, or a choice. It changes no project.

It is opened with a text and answers with a text: `CellEditor.Committed` is a wish, which its owner fulfils or hands
back with `refuse`. What was typed is never lost by a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.suggester import Suggester, SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static, TextArea

from vktrs.errors import VktrsError
from vktrs_tui.entering import Kind
from vktrs_tui.widgets.cell_inputs import CellLine, CellText
from vktrs_tui.widgets.plain_text import one_line, some_lines

Then = Literal["stay", "next", "previous"]
Check = Callable[[str], object]

NARROWEST = 24
"""Cells; a start column of eight would show none of `1:02.250` being typed."""
WIDE = 62
"""Cells that prompts, lyrics and refusals are given where the screen has them."""
TALLEST = 6
"""Lines of text, or choices, that are seen at once."""

_KEYS = {
    "text": "Enter keeps · Ctrl+J new line · Tab next · Esc leaves",
    "time": "12.5, 1:02.250, +0.1, -2f or beat · Enter keeps · Esc leaves",
    "amount": "1.02, 1 + 0.1 * t, 0: (1), 24: (2) · Enter keeps · Esc leaves",
    "choice": "↑↓ choose · Enter keeps · Tab next · Esc leaves",
}
_LINE_KEYS = "Enter keeps · Tab next · Esc leaves"


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the editor stands on."""

    scene_id: str
    field: str
    kind: Kind
    value: str
    choices: tuple[str, ...]
    label: str
    check: Check | None


def placed(cell: Region, wanted: Size, screen: Size) -> Region:
    """Where an editor of the `wanted` size lies: its corner on the cell's, moved so that it stays on the screen."""
    width, height = min(wanted.width, screen.width), min(wanted.height, screen.height)
    x = max(0, min(cell.x, screen.width - width))
    return Region(x, max(0, min(cell.y, screen.height - height)), width, height)


class CellEditor(Widget):
    """The editor over a cell; mount it once on the screen, `open` it and `place` it over the cell's region."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave as it was", show=False),
        Binding("tab", "commit('next')", "Keep, next cell", show=False),
        Binding("shift+tab", "commit('previous')", "Keep, cell before", show=False),
        Binding("down", "choose(1)", "Next choice", show=False),
        Binding("up", "choose(-1)", "Choice before", show=False),
    ]
    DEFAULT_CSS = """
    CellEditor {
        overlay: screen;
        constrain: inside inside;
        position: absolute;
        display: none;
        width: 24;
        height: auto;
        background: $panel;
        &.-open { display: block; }
        & > #cell-line { border: none; height: 1; padding: 0; background: $surface; color: $text; }
        & > #cell-line:focus { border: none; }
        & > #cell-text { border: none; height: 1; padding: 0; background: $surface; scrollbar-size-vertical: 1; }
        & > #cell-text:focus { border: none; }
        & > #cell-choices { border: none; height: auto; padding: 0; background: $panel; scrollbar-size-vertical: 1; }
        & > #cell-choices > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: bold;
        }
        & > #cell-note { height: auto; color: $text-muted; }
        &.-refused > #cell-note { color: $text-error; }
    }
    """

    @dataclass
    class Committed(Message):
        """The person wants this text in that field; `changed` is false where it is what the editor was opened with."""

        scene_id: str
        field: str
        value: str
        then: Then
        changed: bool

    @dataclass
    class Left(Message):
        """The person left the cell as it was."""

        scene_id: str
        field: str

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._opened: _Opened | None = None
        self._waiting = False
        self._kept: list[events.Key] = []
        self._said_text = ""
        self._cell = Region(0, 0, NARROWEST, 1)
        self._screen = Size(80, 24)
        self._note = ""

    def compose(self) -> ComposeResult:
        """The two editors, of which one is seen, the choices and the note below."""
        line, text = CellLine(self.keep, "cell-line"), CellText(self.keep, "cell-text")
        choices = OptionList(id="cell-choices", markup=False, compact=True)
        choices.can_focus = False
        yield from (line, text, choices, Static("", id="cell-note", markup=False))

    @property
    def is_open(self) -> bool:
        """Whether it lies over a cell now."""
        return self._opened is not None

    @property
    def text(self) -> str:
        """What stands in the editor."""
        if self._opened is not None and self._opened.kind == "text":
            return self.query_one("#cell-text", TextArea).text
        return self.query_one("#cell-line", Input).value

    def open(
        self,
        scene_id: str,
        field: str,
        kind: Kind,
        value: str,
        choices: tuple[str, ...] = (),
        label: str = "",
        check: Check | None = None,
    ) -> None:
        """Show the editor with `value` in it, all of it selected, and take the focus.

        `choices` are offered below; of kind "choice" nothing else is taken. `check` raises a VktrsError for a text
        that is wrong: it is answered beside the cell.
        """
        if "\n" in value:
            kind = "text"  # a line editor would lose the line ends
        value = some_lines(value)
        self._opened = _Opened(scene_id, field, kind, value, choices, label, check)
        self._show(value)
        self._go_on()

    def place(self, region: Region, screen_size: Size) -> None:
        """Lie over `region` (in cells of the screen), inside a screen of that size and at least 24 wide."""
        self._cell, self._screen = region, screen_size
        self._fit()

    def set_completer(self, suggester: Suggester | None) -> None:
        """Complete the line with this one instead of the choices, files of a folder for example."""
        self.query_one("#cell-line", Input).suggester = suggester

    def commit(self, then: Then = "stay") -> bool:
        """Check the text and post it; false where it is wrong, which is then said.

        The editor stays, and takes nothing in, until its owner calls `close`, `refuse`, `focus_input` or `open`; the
        keys pressed meanwhile go to whatever then has the focus.
        """
        if self._opened is None or self._waiting:
            return False
        opened, text = self._opened, self._completed()
        try:
            if opened.check is not None and text != opened.value:
                opened.check(text)
        except VktrsError as error:
            self.refuse(error.message, error.hint)
            return False
        self._waiting = True
        self.post_message(self.Committed(opened.scene_id, opened.field, text, then, text != opened.value))
        return True

    def retype(self, text: str) -> None:
        """Put `text` in, as if it had been typed over what is there."""
        assert self._opened is not None
        if self._opened.kind == "text":
            self.query_one("#cell-text", TextArea).text = text
        else:
            self._fill(text)

    def refuse(self, message: str, hint: str = "") -> bool:
        """Say below the text that it cannot stand, and why; false where it was left meanwhile and nothing is shown."""
        if self._opened is None:
            return False
        self._say(" ".join(part for part in (message, hint) if part), refused=True)
        self.focus_input()
        return True

    def focus_input(self) -> None:
        """Go on typing."""
        if self._opened is not None:
            self.query_one("#cell-text" if self._opened.kind == "text" else "#cell-line").focus()
            self._go_on()

    def close(self) -> None:
        """Hide it; its text is gone. The focus is the owner's to give."""
        self._opened = None
        self.remove_class("-open", "-refused")
        self._go_on()

    def leave(self) -> None:
        """Close without any change."""
        if self._opened is not None:
            opened = self._opened
            self.close()
            self.post_message(self.Left(opened.scene_id, opened.field))

    def keep(self, event: events.Key) -> bool:
        """Whether a key has to wait for the owner's answer to the last commit; it comes back afterwards.

        Esc does not wait: whatever the owner does, a person can get out.
        """
        if self._waiting and event.key == "escape":
            self._waiting = False
            self._kept = []
        if self._waiting:
            event.prevent_default()
            event.stop()
            self._kept.append(events.Key(event.key, event.character))
        return self._waiting

    def _go_on(self) -> None:
        self._waiting = False
        kept, self._kept = self._kept, []
        if kept:
            # The focus is set by a message to the app, too: behind that one the keys find their place.
            self.call_after_refresh(lambda: [self.app.post_message(key) for key in kept])

    def action_commit(self, then: Then) -> None:
        """Tab and Shift+Tab."""
        self.commit(then)

    def action_leave(self) -> None:
        """Esc."""
        self.leave()

    def action_choose(self, by: int) -> None:
        """The next choice goes into the line."""
        choices = self.query_one("#cell-choices", OptionList)
        if not choices.option_count:
            return
        at = choices.highlighted
        place = (0 if by > 0 else -1) if at is None else at + by
        choices.highlighted = place % choices.option_count
        with self.prevent(Input.Changed):
            self._fill(str(choices.get_option_at_index(choices.highlighted or 0).prompt))

    @on(Input.Submitted)
    @on(CellText.Submitted)
    def _accept(self, event: Message) -> None:
        event.stop()
        self.commit("stay")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._opened is not None and self._opened.kind != "text" and self._opened.choices:
            self._offer("" if event.value == self._opened.value else event.value)
        self._forget_refusal(event.value)

    @on(TextArea.Changed)
    def _wrote(self, event: TextArea.Changed) -> None:
        event.stop()
        self._forget_refusal(event.text_area.text)
        self._fit()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._fill(str(event.option.prompt))
        self.commit("stay")

    def on_resize(self) -> None:
        """Lines wrap anew with another width."""
        self.call_after_refresh(self._fit)

    def _show(self, text: str) -> None:
        assert self._opened is not None
        is_text = self._opened.kind == "text"
        line, area = self.query_one("#cell-line", Input), self.query_one("#cell-text", TextArea)
        line.display, area.display = not is_text, is_text
        line.suggester = SuggestFromList(self._opened.choices, case_sensitive=False) if self._opened.choices else None
        self.add_class("-open")
        self._said_text = text
        if is_text:
            area.load_text(text)
            area.focus()
            area.select_all()
        else:
            with self.prevent(Input.Changed):
                line.value = text
            line.focus()
            line.select_all()
        self._offer("")
        self._say(self._hint(), refused=False)

    def _completed(self) -> str:
        """The text, and for a choice the only one that begins with it."""
        assert self._opened is not None
        text = self.text
        if self._opened.kind == "choice" and text and text not in self._opened.choices:
            begun = [each for each in self._opened.choices if each.casefold().startswith(text.casefold())]
            return begun[0] if len(begun) == 1 else text
        return text

    def _offer(self, typed: str) -> None:
        """The choices with what was typed in them."""
        assert self._opened is not None
        shown = [each for each in self._opened.choices if typed.casefold() in each.casefold()]
        choices = self.query_one("#cell-choices", OptionList)
        choices.set_options(shown)
        choices.display = bool(shown) and self._opened.kind != "text"
        choices.highlighted = shown.index(self._opened.value) if not typed and self._opened.value in shown else None
        choices.styles.height = min(TALLEST, len(shown))
        self._fit()

    def _fill(self, text: str) -> None:
        line = self.query_one("#cell-line", Input)
        line.value = text
        line.cursor_position = len(text)

    def _hint(self) -> str:
        assert self._opened is not None
        keys = _KEYS["choice"] if self._opened.choices else _KEYS.get(self._opened.kind, _LINE_KEYS)
        hint = f"{self._opened.label}: {keys}" if self._opened.label else keys
        return hint if cell_len(hint) <= WIDE else keys

    def _say(self, text: str, refused: bool) -> None:
        self.set_class(refused, "-refused")
        self._said_text = self.text
        self._note = f"! {one_line(text)}" if refused else one_line(text)
        self.query_one("#cell-note", Static).update(self._note)
        self._fit()

    def _forget_refusal(self, text: str) -> None:
        """A refusal stands until something else is typed."""
        if self.has_class("-refused") and text != self._said_text:
            self._say(self._hint(), refused=False)

    def _fit(self) -> None:
        """Take the size that the text and the note need, where the screen has it."""
        if self._opened is None:
            return
        is_text = self._opened.kind == "text"
        least = WIDE if is_text or self.has_class("-refused") else min(WIDE, cell_len(self._note))
        width = min(self._screen.width, max(NARROWEST, self._cell.width, least))
        lines = -(-cell_len(self._note) // max(1, width - 4)) if self._note else 0
        choices = self.query_one("#cell-choices", OptionList)
        below = lines + (min(TALLEST, choices.option_count) if choices.display else 0)
        tall = 1
        if is_text:
            area = self.query_one("#cell-text", TextArea)
            tall = max(1, min(TALLEST, area.wrapped_document.height, self._screen.height - below))
            area.styles.height = tall
        region = placed(self._cell, Size(width, tall + below), self._screen)
        self.styles.width = region.width
        self.absolute_offset = Offset(region.x, region.y)
        self.refresh(layout=True)
