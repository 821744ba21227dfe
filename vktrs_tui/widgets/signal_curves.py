"""The curves of a signal, one below the other, over the part of the song that is in view, with where scenes begin.

It is given `SignalSteps` and asks nobody; what is in view follows its keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vktrs_tui.view import SignalStep, SignalSteps
from vktrs_tui.widgets.drawn_curves import columns_of
from vktrs_tui.widgets.plain_text import fitted
from vktrs_tui.widgets.timeline.lanes import time_lane
from vktrs_tui.widgets.timeline.scale import Scale, Window

_FEWEST, _MOST = 2, 6
"""Lines of a curve, below its name: as many as there is room for."""
_ZOOM = 2.0
_WORST_LABEL = 2  # columns from one scene's number to the next at the least

Kind = str
_Line = list[tuple[str, Kind]]


class SignalCurves(ScrollView, can_focus=False):
    """Each operation's name and its curve; at the top the times, and the scenes by their numbers."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"curves--name", "curves--curve", "curves--scene", "curves--faint"}
    DEFAULT_CSS = """
    SignalCurves {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;  /* a bar that comes later takes no width from what is laid out */
        & > .curves--name { color: $foreground; text-style: bold; }
        & > .curves--curve { color: $primary; }
        & > .curves--scene { color: $text-muted; }
        & > .curves--faint { color: $text-muted; }
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._steps: SignalSteps | None = None
        self._notice = ""
        self._starts: tuple[float, ...] = ()
        self._window: Window | None = None  # None: all of the song
        self._lines: list[_Line] = []

    def show(self, steps: SignalSteps | None, starts: Sequence[float] = (), notice: str = "") -> None:
        """Show these curves, and where scenes begin; without any, `notice` in their place."""
        self._steps, self._starts, self._notice = steps, tuple(starts), notice
        if steps is not None and self._window is not None:
            self._window = self._window.within(steps.duration)
        self._lay_out()

    def move_scenes(self, starts: Sequence[float]) -> None:
        """Scenes begin elsewhere now; the curves stay."""
        if tuple(starts) != self._starts:
            self._starts = tuple(starts)
            self._lay_out()

    @property
    def window(self) -> Window:
        """From which second of the song to which is in view."""
        return self._window or Window(0.0, max(self._total, 1e-6))

    @property
    def _total(self) -> float:
        return self._steps.duration if self._steps is not None else 0.0

    def zoom(self, direction: int) -> None:
        """Half as much of the song (1), twice as much (-1), all of it (0); around its middle."""
        if direction == 0 or self._total <= 0:
            self._window = None
        else:
            wanted = self.window.zoomed(_ZOOM**-direction, sum(self.window) / 2, self._total)
            self._window = None if wanted.span >= self._total else wanted
        self._lay_out()

    def pan(self, share: float) -> None:
        """Move the view by a share of what it shows."""
        if self._window is not None:
            step = self._window.span * share
            self._window = Window(self._window.start + step, self._window.end + step).within(self._total)
            self._lay_out()

    def on_resize(self) -> None:
        """As many columns as there are."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """One line as it is seen."""
        width, place = self.scrollable_content_region.width, y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment("".join(text for text, _ in run), self._style(kind))
            for kind, run in groupby(self._lines[place], lambda cell: cell[1])
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, kind: Kind) -> Style:
        return self.get_visual_style(f"curves--{kind}").rich_style if kind else self.rich_style

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._lines = self._drawn(width) if width > 0 else []
        size = Size(width, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
        self.refresh()

    def _drawn(self, width: int) -> list[_Line]:
        if self._steps is None:
            return [[(fitted(self._notice, width), "faint")]]
        scale = Scale(*self.window, width)
        lines = [[(text, "faint") for text, _ in time_lane(scale, None, "")], self._scene_line(scale)]
        room = (self.size.height - len(lines)) // max(len(self._steps.steps), 1)
        for step in self._steps.steps:
            lines.append([(fitted(step.operation or "the source", width), "name")])
            lines += self._curve(step, scale, min(max(room - 1, _FEWEST), _MOST))
        return lines

    def _curve(self, step: SignalStep, scale: Scale, height: int) -> list[_Line]:
        """The lines of one curve; where it is low, the beginnings of scenes are seen through it."""
        columns = {column for start in self._starts if 0 <= (column := scale.column(start)) < scale.width}
        drawn = columns_of(seen(step, scale), height)
        return [
            [("╷", "scene") if text == " " and x in columns else (text, "curve") for x, text in enumerate(line)]
            for line in drawn
        ]

    def _scene_line(self, scale: Scale) -> _Line:
        """The numbers of scenes where they begin, as far as there is room."""
        line: _Line = [(" ", "")] * scale.width
        free = 0
        for number, start in enumerate(self._starts, start=1):
            column, text = scale.column(start), f"│{number}"
            if free <= column <= scale.width - len(text):
                line[column : column + len(text)] = [(letter, "scene") for letter in text]
                free = column + len(text) + _WORST_LABEL
        return line


def seen(step: SignalStep, scale: Scale) -> list[float]:
    """The value of a curve in each column: the highest of those in it; between two of them, on the line between."""
    out, last = [], len(step.values) - 1
    for column in range(scale.width):
        low = (scale.at(column) - step.offset) * step.rate
        high = (scale.at(column + 1) - step.offset) * step.rate
        first, behind = -int(-low // 1), -int(-high // 1)  # the whole places from `low` up to `high`
        inside = step.values[max(first, 0) : max(min(behind, last + 1), 0)]
        if last < 0 or high <= 0 or low >= last + 1:
            out.append(0.0)
        elif inside:
            out.append(max(inside))
        else:
            place = min(max((low + high) / 2, 0.0), float(last))
            before = int(place)
            after = min(before + 1, last)
            out.append(step.values[before] + (step.values[after] - step.values[before]) * (place - before))
    return out
