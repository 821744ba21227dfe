"""`PaintedLines`: a scrolling widget that paints only those stretches of its lines that look different from before.

Whoever draws changes what `drawn_at` answers and calls `repaint`, which compares every visible line with what was last
painted there. Scrolling goes the same way. It knows nothing of scenes and cursors.
"""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vktrs_tui.widgets.scene_table.canvas import Canvas, Drawn
from vktrs_tui.widgets.scene_table.cells import Symbols
from vktrs_tui.widgets.scene_table.drawing import Line, changed_cells

HEADER = 1
"""Lines of the header, which do not scroll."""


class PaintedLines(ScrollView, inherit_bindings=False):
    """Lines that are drawn by `drawn_at`; `canvas` has the columns, the colours and what was drawn before."""

    def __init__(
        self, symbols: Symbols, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        self.canvas = Canvas(self, symbols)  # before the base class, which may ask for a refresh at once
        self._painted: dict[int, Line] = {}
        """What the lines of the widget look like, or will once the screen is refreshed."""
        super().__init__(name=name, id=id, classes=classes)

    def drawn_at(self, y: int) -> Drawn:
        """What a line of the widget, from 0 at its top, should look like now."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Fits the columns to the width that the scroll bar leaves."""
        if self.canvas.resize(self.scrollable_content_region.width):
            self._painted.clear()

    def repaint(self) -> None:
        """Asks for what looks different now, and for nothing else, to be painted."""
        if not self.canvas.width:
            return
        regions = []
        for y in range(self.size.height):
            line, before = self.drawn_at(y).line, self._painted.get(y)
            if before is None or line is before:
                continue  # never painted: it will be, as it then is
            if cells := changed_cells(before, line):
                regions.append(Region(cells[0], y, cells[1] - cells[0], 1))
            self._painted[y] = line
        if regions:
            self.refresh(*regions)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paints these regions, or all, and then with colours looked up again: the focus or the theme has changed."""
        if not regions and repaint:
            self.canvas.restyle()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_line(self, y: int) -> Strip:
        """The strip of a line of the widget, as wide as what its scroll bar leaves."""
        self.lay_out()
        drawn = self.drawn_at(y)
        self._painted[y] = drawn.line
        return self.canvas.strip(drawn)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paints what differs after scrolling; the base class would paint the whole table again."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self._seen_in_eighths(new_value)
        if round(old_value) != round(new_value):
            self.repaint()

    def _seen_in_eighths(self, scrolled: float) -> float:
        """A place that looks the same on the scroll bar, which is painted whole, some 50 bytes a line, if it moves."""
        step = self.virtual_size.height / max(1, 8 * self.size.height)  # it is drawn in eighths of a cell
        at_rest = step <= 1 or scrolled >= self.max_scroll_y
        return scrolled if at_rest else scrolled // step * step

    def notify_style_update(self) -> None:
        """Forgets the colours when the theme or the stylesheet has changed them."""
        super().notify_style_update()
        self.canvas.restyle()
