"""A few columns of the timeline. The compositor paints a widget's lines from its left edge on, so many narrow ones
are what makes a moving playhead cheap; which cells a tile has is told to it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from vktrs_tui.widgets.timeline.lanes import Cell, Cells


class TimelineTile(Widget):
    """The columns from its left edge to its right one of what `cells_of(line, left, right)` gives."""

    DEFAULT_CSS = """
    TimelineTile {
        width: 1fr;
        height: 1fr;
        background: $surface;
        color: $foreground;
    }
    """

    def __init__(self, cells_of: Callable[[int, int, int], Cells], styled: Widget) -> None:
        """`styled` has the component classes: every tile having its own would make the studio slower to start."""
        super().__init__()
        self._cells_of = cells_of
        self._styled = styled

    @property
    def span(self) -> tuple[int, int]:
        """The first column of the timeline that this tile shows, and the one behind its last."""
        return self.virtual_region.column_span

    def render_line(self, y: int) -> Strip:
        """One line, in runs of one style."""

        def names(cell: Cell) -> tuple[str, ...]:
            return cell[1]

        runs = groupby(self._cells_of(y, *self.span), names)
        strip = Strip([Segment("".join(text for text, _ in run), self._style(styles)) for styles, run in runs])
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, names: tuple[str, ...]) -> Style:
        """The styles of all these names, laid one over the other."""
        style = self.rich_style
        for name in names:
            whole = self._styled.get_component_rich_style(name)
            own = self._styled.get_component_rich_style(name, partial=True)
            # `own` says what is set, and `whole` gives the colours as they look once what is below shines through
            style += own + Style(color=own.color and whole.color, bgcolor=own.bgcolor and whole.bgcolor)
        return style
