"""Find and replace: a pattern, what to put in its place, and every line that would change, to be taken or left.

What matches is answered by the caller's `preview`; nothing is replaced here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from vktrs.storyboard.replacing_text import Replacement
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.check_list import CheckLine, CheckList
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.widgets.plain_text import excerpt_around, some_lines

_FIELDS = {"text": "lyric", "prompt": "prompt"}


@dataclass(frozen=True, slots=True)
class ReplaceOptions:
    """What to look for, what to put there, and in which fields ("text", "prompt")."""

    pattern: str
    replacement: str = ""
    fields: tuple[str, ...] = ("text", "prompt")
    case: bool = False
    regex: bool = False
    whole_words: bool = False


Preview = Callable[[ReplaceOptions], tuple[Replacement, ...]]


class FindReplaceScreen(Dialog[tuple[Replacement, ...]]):
    """Dismissed with the replacements that are taken; `preview` raises a VktrsError for a pattern that is wrong."""

    TITLE = "Find and replace"
    KEYS = "Tab next · list: Space take, a all, n none · Enter replace · Esc leave"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Replace", show=False)]
    DEFAULT_CSS = """
    FindReplaceScreen {
        & > #frame { height: 100%; max-height: 34; }
        & #count { height: 1; color: $text-primary; text-style: bold; }
        & #whole { height: auto; max-height: 4; }
    }
    """

    def __init__(self, preview: Preview, pattern: str = "", where: str = "the whole storyboard") -> None:
        super().__init__()
        self._preview = preview
        self._pattern = pattern
        self._where = where
        self._found: tuple[Replacement, ...] = ()

    def body(self) -> ComposeResult:
        """Two lines, the switches, the list, and the line at the cursor in full."""
        with Horizontal(classes="row"):
            yield Static("Find", classes="caption", markup=False)
            yield Input(self._pattern, id="pattern")
        with Horizontal(classes="row"):
            yield Static("Replace by", classes="caption", markup=False)
            yield Input(id="replacement", placeholder="nothing: what is found is taken out")
        with Horizontal(classes="row"):
            yield Static("in", classes="caption", markup=False)
            yield OptionRow((("text", "lyrics"), ("prompt", "prompts")), ("text", "prompt"), many=True, id="fields")
        with Horizontal(classes="row"):
            yield Static("match", classes="caption", markup=False)
            options = (
                ("case", "upper/lower case"),
                ("whole_words", "whole words"),
                ("regex", "regular expression"),
            )
            yield OptionRow(options, many=True, id="how")
        yield Static("", id="count", markup=False)
        yield CheckList(id="lines")
        yield Static("", id="whole", markup=False)

    def on_mount(self) -> None:
        """Typing begins at once."""
        for each in self.query(Input):
            each.cursor_blink = False
        self.query_one("#pattern").focus()
        self._look()

    def options(self) -> ReplaceOptions:
        """What the dialog asks for now."""
        how = self.query_one("#how", OptionRow).on
        return ReplaceOptions(
            self.query_one("#pattern", Input).value,
            self.query_one("#replacement", Input).value,
            self.query_one("#fields", OptionRow).on,
            "case" in how,
            "regex" in how,
            "whole_words" in how,
        )

    @on(Input.Changed)
    @on(OptionRow.Changed)
    def _look(self) -> None:
        """Ask anew; what had been left out is taken again, as the lines may be others."""
        options = self.options()
        found: tuple[Replacement, ...] | None = ()
        if options.pattern and options.fields:
            found = self.asked(lambda: self._preview(options))
        else:
            self.say_wrong("")
        self._found = found or ()
        digits = len(str(max((each.number for each in self._found), default=0)))
        width = max(20, self.query_one(CheckList).size.width or 70)
        self.query_one(CheckList).show(
            [CheckLine(str(place), _line(each, width, digits)) for place, each in enumerate(self._found)]
        )
        self._count()

    @on(CheckList.Changed)
    def _count(self) -> None:
        taken = len(self.query_one(CheckList).taken)
        pattern = self.query_one("#pattern", Input).value
        if self._found:
            count = f"{taken} of {len(self._found)} will change"
        else:
            count = "Nothing would change" if pattern else f"Type what to find in {self._where}"
        self.query_one("#count", Static).update(count)

    @on(CheckList.Highlighted)
    def _show_whole(self, event: CheckList.Highlighted) -> None:
        whole = ""
        if event.place is not None and event.place < len(self._found):
            each = self._found[event.place]
            whole = f"- {some_lines(each.before)}\n+ {some_lines(each.after)}"
        self.query_one("#whole", Static).update(Content(whole))

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Take the lines that are switched on; without any there is nothing to accept."""
        taken = tuple(self._found[int(key)] for key in self.query_one(CheckList).taken)
        if taken:
            self.dismiss(taken)
        else:
            self.say_wrong("No line is taken: nothing would change.")


def _line(each: Replacement, width: int, digits: int) -> str:
    """One replacement on one line, with what changes in view on either side of the arrow."""
    head = f"#{each.number:<{digits}} {_FIELDS.get(each.field, each.field)}: "
    at = next((at for at, (old, new) in enumerate(zip(each.before, each.after, strict=False)) if old != new), 0)
    room = max(8, (width - len(head) - 8) // 2)
    return f"{head}{excerpt_around(each.before, at, room)} → {excerpt_around(each.after, at, room)}"
