"""A list of lines that are each taken or left. It draws only what is seen, so thousands of lines cost nothing.

Lines may share a key (what belongs to one scene): they are then taken and left together. A line without a key is
only told. What the lines mean is the business of the screen that shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vktrs_tui.widgets.plain_text import fitted


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line: the key it is taken by (None where it cannot be), its text, and whether it opens its key's group.

    `apart`: it is taken by itself only, never with all others.
    """

    key: str | None
    text: str
    first: bool = True
    apart: bool = False


class CheckList(ScrollView, can_focus=True):
    """`[x] a line`, walked by j and k, switched by the space bar; `a` takes all, `n` none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Line before", show=False),
        Binding("down,j", "step(1)", "Next line", show=False),
        Binding("home,g", "first", "First line", show=False),
        Binding("end,G", "last", "Last line", show=False),
        Binding("pageup", "page(-1)", "Page before", show=False),
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("space", "switch", "Take or leave", show=False),
        Binding("a", "all(True)", "Take all", show=False),
        Binding("n", "all(False)", "Take none", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"check-list--left", "check-list--told"}
    DEFAULT_CSS = """
    CheckList {
        height: 1fr;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .check-list--left { color: $text-muted; }
        & > .check-list--told { color: $text-warning; }
    }
    """

    class Changed(Message):
        """Other keys are taken."""

    class Highlighted(Message):
        """The cursor stands on another line; `place` from 0, None where there are no lines."""

        def __init__(self, place: int | None) -> None:
            super().__init__()
            self.place = place

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[CheckLine, ...] = ()
        self._taken: frozenset[str] = frozenset()
        self._cursor = 0

    @property
    def taken(self) -> tuple[str, ...]:
        """The keys that are taken, in the order of the lines."""
        return tuple(dict.fromkeys(line.key for line in self._lines if line.key in self._taken and line.key))

    def show(self, lines: Sequence[CheckLine], taken: Iterable[str] | None = None) -> None:
        """Show these lines; every key is taken where `taken` does not say which, but those that stand apart."""
        keys = frozenset(line.key for line in lines if line.key is not None)
        self._lines = tuple(lines)
        self._taken = self._every() if taken is None else keys & frozenset(taken)
        self._cursor = min(self._cursor, max(0, len(lines) - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, len(lines))
        self.refresh()
        self._tell()

    def action_step(self, by: int) -> None:
        """The cursor moved by so many lines."""
        self._move(self._cursor + by)

    def action_page(self, pages: int) -> None:
        """The cursor moved by so many pages."""
        self._move(self._cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def action_first(self) -> None:
        """The first line."""
        self._move(0)

    def action_last(self) -> None:
        """The last line."""
        self._move(len(self._lines) - 1)

    def action_switch(self) -> None:
        """Take the line at the cursor, or leave it."""
        key = self._lines[self._cursor].key if self._lines else None
        if key is not None:
            self._take(self._taken ^ {key})

    def action_all(self, take: bool) -> None:
        """Take every line but those that stand apart, which stay as they are; or none."""
        self._take(self._taken | self._every() if take else frozenset())

    def _every(self) -> frozenset[str]:
        return frozenset(line.key for line in self._lines if line.key is not None and not line.apart)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; on the brackets it switches."""
        place = event.y + self.scroll_offset.y
        if place < len(self._lines):
            self._move(place)
            if event.x < 3:
                self.action_switch()

    def on_focus(self) -> None:
        """The cursor is seen only with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the list as it is seen."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[place]
        text = fitted(f"{self._box(line)} {line.text}", width)
        return Strip([Segment(text, self._style(place, line))]).adjust_cell_length(width, self._style(place, line))

    def _box(self, line: CheckLine) -> str:
        if line.key is None:
            return " ! " if line.first else "   "
        return ("[x]" if line.key in self._taken else "[ ]") if line.first else "   "

    def _style(self, place: int, line: CheckLine) -> Style:
        look = "told" if line.key is None else "" if line.key in self._taken else "left"
        style = self.get_visual_style(f"check-list--{look}").rich_style if look else self.rich_style
        return style + Style(reverse=True) if place == self._cursor and self.has_focus else style

    def _take(self, keys: frozenset[str]) -> None:
        if keys != self._taken:
            self._taken = keys
            self.refresh()
            self.post_message(self.Changed())

    def _move(self, place: int) -> None:
        place = max(0, min(place, len(self._lines) - 1))
        if place != self._cursor:
            self._cursor = place
            self.scroll_to_region(Region(0, place, 1, 1), animate=False, force=True)
            self.refresh()
            self._tell()

    def _tell(self) -> None:
        self.post_message(self.Highlighted(self._cursor if self._lines else None))
