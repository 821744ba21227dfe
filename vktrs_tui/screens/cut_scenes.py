"""How the machine cuts scenes: by what, and by which number; what would come is shown while one types.

What a number may be and what would come is answered by the caller's callbacks; nothing is written here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast, get_args

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from vktrs.errors import VktrsError
from vktrs.storyboard.grouping import MEASURES
from vktrs.storyboard.model import Split, SplitBy
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.widgets.plain_text import one_line

DEBOUNCE = 0.15
"""Seconds without a key, after which what would come is worked out."""

_EXAMPLES = {
    "pause": "seconds of silence after which a scene begins",
    "words": "at most so many; cut where lines end, or at commas",
    "seconds": "about so long; cut at ends of lines, commas, pauses",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """How many scenes would come, in a sentence, the first of them, a line each, and what should be known beside."""

    said: str
    scenes: tuple[str, ...] = ()
    beside: str = ""


class CutScenesScreen(Dialog[Split]):
    """Dismissed with how scenes are to be cut.

    `checked` gives it back, or raises a VktrsError where its number makes no sense; `preview`, which is asked in a
    thread, says what would come.
    """

    TITLE = "Cut scenes anew"
    KEYS = "←→ choose · ↑↓ rows · Enter write it into [split]; scenes change only as you let them · Esc leave"
    AUTO_FOCUS = "#by"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Take it", show=False),
        Binding("down", "app.focus_next", "Next row", show=False),
        Binding("up", "app.focus_previous", "Row before", show=False),
    ]
    DEFAULT_CSS = """
    CutScenesScreen {
        & > #frame { max-width: 92; }
        & #number { width: 10; }
        & #example { width: 1fr; padding: 0 0 0 2; color: $text-muted; }
        & #said { height: auto; min-height: 1; margin: 1 0; color: $text-primary; text-style: bold; }
        & #scenes { height: 8; text-wrap: nowrap; text-overflow: ellipsis; }
        & #beside { height: auto; min-height: 1; margin: 1 0 0 0; color: $text-muted; }
    }
    """

    def __init__(self, split: Split, checked: Callable[[Split], Split], preview: Callable[[Split], Preview]) -> None:
        super().__init__()
        self._split = split
        self._checked = checked
        self._preview = preview
        self._typed = {key: f"{getattr(split, key):g}" for key in MEASURES}

    def body(self) -> ComposeResult:
        """By what, the number, and what would come."""
        with Horizontal(classes="row"):
            yield Static("By", classes="caption", markup=False)
            yield OptionRow([(each, each) for each in get_args(SplitBy)], (self._split.by,), id="by")
        with Horizontal(classes="row", id="measure"):
            yield Static("", classes="caption", id="what", markup=False)
            yield Input(id="number")
            yield Static("", id="example", markup=False)
        yield Static("", id="said", markup=False)
        yield Static("", id="scenes", markup=False)
        yield Static("", id="beside", markup=False)

    def on_mount(self) -> None:
        """What holds now is looked at first."""
        self.query_one("#number", Input).cursor_blink = False
        self._choose()

    @property
    def _by(self) -> SplitBy:
        return cast(SplitBy, self.query_one("#by", OptionRow).value)

    @on(OptionRow.Changed)
    def _choose(self) -> None:
        """The number that goes with it, as it was typed last."""
        by = self._by
        self.query_one("#measure").display = by in MEASURES
        if by in MEASURES:
            self.query_one("#what", Static).update(by.capitalize())
            self.query_one("#example", Static).update(_EXAMPLES[by])
            with self.prevent(Input.Changed):
                self.query_one("#number", Input).value = self._typed[by]
        self._look()

    @on(Input.Changed)
    def _type(self, event: Input.Changed) -> None:
        self._typed[self._by] = event.value
        self._look()

    def _look(self) -> None:
        wanted = self.asked(self._wanted)
        if wanted is None:
            self._show(Preview(""))
        self._work_out(wanted)

    @work(exclusive=True, exit_on_error=False)
    async def _work_out(self, wanted: Split | None) -> None:
        """Wait for the next key, and say what would come if there is none."""
        if wanted is None:
            return
        await asyncio.sleep(DEBOUNCE)
        try:
            found = await asyncio.to_thread(self._preview, wanted)
        except VktrsError as error:
            self.say_wrong(str(error))
            return
        self._show(found)

    def _show(self, found: Preview) -> None:
        self.query_one("#said", Static).update(Content(found.said))
        self.query_one("#scenes", Static).update(Content("\n".join(map(one_line, found.scenes))))
        self.query_one("#beside", Static).update(Content(found.beside))

    def _wanted(self) -> Split:
        """What is chosen, checked."""
        by = self._by
        changes: dict[str, Any] = {"by": by}
        if by in MEASURES:
            changes[by] = _number(self._typed[by])
        return self._checked(replace(self._split, **changes))

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Take it, where its number makes sense."""
        wanted = self.asked(self._wanted)
        if wanted is not None:
            self.dismiss(wanted)


def _number(typed: str) -> object:
    """A number as it was typed; the text itself where it is none, so that it is refused as such."""
    text = typed.strip().replace(",", ".")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
