"""Which seconds of a song lie in which columns, and which part of it is in view. Pure; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SHORTEST = 2.0
"""Seconds that are in view at the least."""

_LEAD = 0.1  # share of the view that lies before what was scrolled to
_LABEL_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


class Window(NamedTuple):
    """The seconds of the song that are in view."""

    start: float
    end: float

    @property
    def span(self) -> float:
        """How many seconds that are."""
        return self.end - self.start

    def within(self, total: float) -> Window:
        """The same span, moved or cut so that it lies in a song of `total` seconds."""
        span = min(max(self.span, min(SHORTEST, total)), total)
        start = min(max(self.start, 0.0), total - span)
        return Window(start, start + span)

    def zoomed(self, factor: float, centre: float, total: float) -> Window:
        """`factor` times as long, around `centre`."""
        span = min(max(self.span * factor, min(SHORTEST, total)), total)
        return Window(centre - span / 2, centre + span / 2).within(total)

    def showing(self, seconds: float, total: float) -> Window:
        """The same where `seconds` lies in it, else so far moved that it does, with a little of what is before it."""
        if self.start <= seconds < self.end or self.span >= total:
            return self
        start = seconds - self.span * _LEAD
        return Window(start, start + self.span).within(total)


@dataclass(frozen=True, slots=True)
class Scale:
    """`width` columns over the seconds from `start` to `end`."""

    start: float
    end: float
    width: int

    @property
    def step(self) -> float:
        """Seconds in a column."""
        return (self.end - self.start) / self.width

    def column(self, seconds: float) -> int:
        """The column in which `seconds` lies; below 0 or from `width` on where it is out of view."""
        return int((seconds - self.start) // self.step) if self.step > 0 else 0

    def at(self, column: float) -> float:
        """The second at which a column begins (at `column + 0.5`: its middle)."""
        return self.start + column * self.step

    def label_step(self, cells: int) -> float:
        """Seconds between time labels that are at least `cells` columns apart."""
        return next((step for step in _LABEL_STEPS if step >= cells * self.step), _LABEL_STEPS[-1])
