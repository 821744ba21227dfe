"""Every key and what it does, searched by typing. What there is comes from the caller's table of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from vktrs_tui.keymap import shown_keys
from vktrs_tui.screens.dialog import Dialog

Entry = tuple[str, str, str]
"""The keys as they are shown, a word for the action, and a sentence."""
Groups = tuple[tuple[str, tuple[Entry, ...]], ...]
"""Titles with the entries below them."""

WIDE = 96
"""Cells from which on there are two columns."""
_KEYS_WIDTH = 18


class HelpScreen(Dialog[None]):
    """The help; `/` searches in it, Esc ends the search and then the help."""

    TITLE = "Keys"
    AUTO_FOCUS = ""
    KEYS = "j k PgUp PgDn scroll · / search · Esc leave"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space,ctrl+d", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False),
        Binding("home,g", "end(-1)", "Top", show=False),
        Binding("end,G", "end(1)", "Bottom", show=False),
        Binding("q,question_mark,f1,enter", "dismiss", "Leave", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        & > #frame { max-width: 140; height: 100%; max-height: 50; }
        & #entries { height: 1fr; scrollbar-size-vertical: 1; }
        & #columns { height: auto; }
        & #columns > Static { width: 1fr; height: auto; padding: 0 1 0 0; }
        & #search { height: 1; display: none; &.-open { display: block; } }
        & #search > .sign { width: 2; color: $text-primary; text-style: bold; }
        & #search > Input { width: 1fr; }
    }
    """

    def __init__(self, groups: Groups) -> None:
        super().__init__()
        self._groups = groups

    def body(self) -> ComposeResult:
        """The columns and the line for searching."""
        with VerticalScroll(id="entries") as entries, Horizontal(id="columns"):
            yield Static("", markup=False)
            yield Static("", markup=False)
        entries.can_focus = False
        with Horizontal(id="search"):
            yield Static("/", classes="sign", markup=False)
            yield Input()

    def on_mount(self) -> None:
        """The keys scroll at once; nothing else has the focus."""
        line = self.query_one(Input)
        line.cursor_blink = False
        line.disabled = True

    def on_resize(self) -> None:
        """Columns follow the width."""
        self.call_after_refresh(self._show)

    def action_search(self) -> None:
        """Open the line for searching."""
        line = self.query_one(Input)
        line.disabled = False
        self.query_one("#search").add_class("-open")
        line.focus()

    def action_leave(self) -> None:
        """End the search, or the help."""
        line = self.query_one(Input)
        if self.query_one("#search").has_class("-open"):
            line.value = ""
            self._end_search()
            self.query_one("#search").remove_class("-open")
        else:
            self.dismiss(None)

    async def action_dismiss(self, result: None = None) -> None:
        """Leave."""
        self.dismiss(result)

    def action_scroll(self, lines: int) -> None:
        """So many lines further."""
        self.query_one("#entries").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """So many pages further."""
        entries = self.query_one("#entries")
        entries.scroll_relative(y=pages * max(1, entries.size.height - 1), animate=False)

    def action_end(self, which: int) -> None:
        """The top (-1) or the bottom."""
        entries = self.query_one("#entries")
        entries.scroll_to(y=0 if which < 0 else entries.max_scroll_y, animate=False)

    @on(Input.Submitted)
    def _end_search(self) -> None:
        """The keys scroll again, in what was found."""
        self.query_one(Input).disabled = True
        self.set_focus(None)

    @on(Input.Changed)
    def _show(self) -> None:
        groups = found(self._groups, self.query_one(Input).value)
        room = self.query_one("#entries").size.width
        first, second = self.query("#columns > Static").results(Static)
        second.display = room >= WIDE
        columns = in_two(groups) if second.display else (groups, ())
        width = max(20, (room // 2 if second.display else room) - 2)
        for column, part in zip((first, second), columns, strict=True):
            column.update(_content(part, width) if groups or column is second else Content("Nothing is called that."))


def entries_of(bindings: Iterable[BindingType]) -> tuple[Entry, ...]:
    """The entries of a screen whose keys stand in no table: what its bindings say of themselves."""
    told = (each for each in bindings if isinstance(each, Binding))
    return tuple((shown_keys(each.key), each.description, each.tooltip or each.description) for each in told)


def found(groups: Groups, text: str) -> Groups:
    """The entries that have every word of `text` in their keys, name, sentence or title."""
    words = text.casefold().split()
    parts = (
        (title, tuple(each for each in entries if all(w in " ".join((title, *each)).casefold() for w in words)))
        for title, entries in groups
    )
    return tuple(part for part in parts if part[1])


def in_two(groups: Groups) -> tuple[Groups, Groups]:
    """The groups in two columns of about the same height, in their order."""
    heights = [len(entries) + 2 for _, entries in groups]
    cuts = range(len(groups) + 1)
    cut = min(cuts, key=lambda cut: (max(sum(heights[:cut]), sum(heights[cut:])), -cut))
    return groups[:cut], groups[cut:]


def _content(groups: Groups, width: int) -> Content:
    parts: list[str | tuple[str, str]] = []
    for place, (title, entries) in enumerate(groups):
        parts.append((("\n" if place else "") + title + "\n", "bold $text-primary"))
        for entry in entries:
            parts += _entry(entry, width)
    return Content.assemble(*parts)


def _entry(entry: Entry, width: int) -> Sequence[str | tuple[str, str]]:
    """The keys at the left, the sentence beside them with its later lines below its first."""
    keys, label, sentence = entry
    told = sentence or label
    lines = wrap(told, max(10, width - _KEYS_WIDTH)) or [""]
    if cell_len(keys) >= _KEYS_WIDTH:
        head = f"{keys}\n{' ' * _KEYS_WIDTH}"
    else:
        head = keys + " " * (_KEYS_WIDTH - cell_len(keys))
    return (head, "bold"), ("\n" + " " * _KEYS_WIDTH).join(lines) + "\n"
