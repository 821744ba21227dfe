"""One picture of coloured half cells on the screen. It is given drawn pictures and reads no file."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from vktrs_tui.halfcells import Halfcells


class HalfcellPicture(Widget):
    """Shows a drawn picture in the middle of its room, or nothing; a new one repaints only the lines that differ."""

    DEFAULT_CSS = """
    HalfcellPicture { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: Halfcells | None = None

    @property
    def drawn(self) -> Halfcells | None:
        """What is shown; None for nothing."""
        return self._drawn

    def show(self, drawn: Halfcells | None) -> None:
        """Show that picture, or nothing, from the next paint on."""
        before, self._drawn = self._drawn, drawn
        if before is drawn:
            return
        if before is None or drawn is None or (before.columns, len(before.lines)) != (drawn.columns, len(drawn.lines)):
            self.refresh()
            return
        top = self._top(drawn)
        pairs = enumerate(zip(before.lines, drawn.lines, strict=True), start=top)
        changed = [Region(0, y, self.size.width, 1) for y, (old, new) in pairs if old != new]
        if changed:
            self.refresh(*changed)

    def _top(self, drawn: Halfcells) -> int:
        return max(0, (self.size.height - len(drawn.lines)) // 2)

    def render_line(self, y: int) -> Strip:
        """The line `y` of the widget."""
        width, blank = self.size.width, self.rich_style
        if self._drawn is None or not 0 <= (row := y - self._top(self._drawn)) < len(self._drawn.lines):
            return Strip.blank(width, blank)
        line = self._drawn.lines[row]
        left = max(0, (width - line.cell_length) // 2)
        padded = Strip([Segment(" " * left, blank), *line], left + line.cell_length)
        return padded.adjust_cell_length(width, blank)
