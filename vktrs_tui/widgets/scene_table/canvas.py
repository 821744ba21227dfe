"""What the table draws its lines with: layouts, styles and finished lines, remembered until they are out of date.

It knows which line looks how; it neither knows where the table is scrolled to nor when it has to be painted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from vktrs_tui.view import SceneRow
from vktrs_tui.widgets.scene_table.cells import Symbols
from vktrs_tui.widgets.scene_table.columns import PlacedColumn, cursor_columns, layout
from vktrs_tui.widgets.scene_table.drawing import (
    Line,
    RowState,
    draw_blank,
    draw_header,
    draw_notice,
    draw_row,
)
from vktrs_tui.widgets.scene_table.styles import PREFIX, strip_of

Look = tuple[str, str]
"""The name of a ground, and of what lies on it."""

MOST_LINES = 512
"""How many drawn lines are remembered: some screens of them, so that going back is free."""


@dataclass(slots=True)
class Drawn:
    """A line, and its strip once it has been painted."""

    line: Line
    strip: Strip | None = None


class Canvas:
    """Draws the lines of one table."""

    def __init__(self, table: Widget, symbols: Symbols) -> None:
        self._table = table
        self.symbols = symbols
        self.width = 0
        self.columns: tuple[PlacedColumn, ...] = ()
        self.stops: tuple[str, ...] = ()
        """The columns in which the cursor may stand."""
        self._drawn: LRUCache[object, Drawn] = LRUCache(MOST_LINES)
        self._styles: dict[Look, Style] = {}

    def resize(self, width: int) -> bool:
        """Lays the columns out for a width; whether it is another one."""
        if width == self.width:
            return False
        self.width = width
        self.columns = layout(width)
        self.stops = cursor_columns(self.columns)
        self._drawn.clear()
        return True

    def restyle(self) -> None:
        """Forgets all colours."""
        self._styles.clear()
        self._drawn.clear()

    def row(self, row: SceneRow, state: RowState) -> Drawn:
        """A row in a state."""
        key = (row, state)
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = Drawn(draw_row(row, state, self.columns, self.width, self.symbols))
            self._drawn.set(key, drawn)
        return drawn

    def header(self, cursor: str | None) -> Drawn:
        """The line of titles."""
        return self._other(("header", cursor), lambda: draw_header(self.columns, cursor, self.width, self.symbols))

    def notice(self, text: str) -> Drawn:
        """A line of words in an empty table."""
        return self._other(("notice", text), lambda: draw_notice(text, self.width, self.symbols))

    def blank(self) -> Drawn:
        """A line with nothing on it."""
        return self._other("blank", lambda: draw_blank(self.width))

    def strip(self, drawn: Drawn) -> Strip:
        """The strip of a line, as wide as the table."""
        if drawn.strip is None:
            drawn.strip = strip_of(drawn.line, self._style)
        return drawn.strip

    def _other(self, key: object, draw: Callable[[], Line]) -> Drawn:
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = Drawn(draw())
            self._drawn.set(key, drawn)
        return drawn

    def _style(self, ground: str, look: str = "") -> Style:
        """The style of a look on a ground; on the cursor only the ground counts, so that it is always readable."""
        look = "" if ground == "cursor" else look
        style = self._styles.get((ground, look))
        if style is None:
            names = [PREFIX + name for name in (ground, look) if name and name != "plain"]
            style = self._table.get_visual_style(*names).rich_style
            if any(self._table.get_component_styles(name).text_style.reverse for name in names):
                style += Style(reverse=True)
            self._styles[ground, look] = style
        return style
