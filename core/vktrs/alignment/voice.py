"""Where in a song somebody sings, as a curve; what starts, ends and fits where it is high. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SINGS = 0.5
QUIET = 0.25
_DIP = 0.1  # seconds; a stop consonant lasts as long


@dataclass(frozen=True)
class Voice:
    """How likely somebody sings, 0..1, for every `step` seconds from the start of the song."""

    curve: NDArray[np.float32]
    step: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.curve) * self.step

    def sung(self, start: float, end: float) -> float:
        """For how many seconds between two times somebody sings."""
        return float(np.count_nonzero(self._part(start, end) >= SINGS)) * self.step

    def stretches(self, start: float, end: float) -> list[tuple[float, float]]:
        """The stretches between two times in which somebody sings."""
        first = self._index(start)
        high = np.concatenate([[False], self._part(start, end) >= SINGS, [False]])
        edges = np.flatnonzero(high[1:] != high[:-1]).reshape(-1, 2)
        return [(max((first + a) * self.step, start), min((first + b) * self.step, end)) for a, b in edges.tolist()]

    def pause(self, start: float, end: float) -> tuple[float, float] | None:
        """The longest stretch between two times in which nobody sings, None where somebody always does."""
        low = self._low(start, end)
        return None if not low else self._times(*max(low, key=lambda edges: edges[1] - edges[0]), start, end)

    def pauses(self, start: float, end: float, least: float) -> list[tuple[float, float]]:
        """The stretches between two times in which nobody sings, `least` seconds or longer, in order."""
        found = [self._times(*edges, start, end) for edges in self._low(start, end)]
        return [pause for pause in found if pause[1] - pause[0] >= least]

    def quietest(self, start: float, end: float) -> float:
        """The time between two times at which singing is least likely."""
        part = self._part(start, end)
        if len(part) < 3:
            return (start + end) / 2
        smooth = np.convolve(np.pad(part, 2, mode="edge"), np.ones(5) / 5, mode="valid")
        return min(max((self._index(start) + int(np.argmin(smooth)) + 0.5) * self.step, start), end)

    def rise(self, start: float, end: float, least: float = SINGS) -> float | None:
        """The first time between two times at which somebody sings, as likely as `least`; None where nobody does."""
        high = np.flatnonzero(self._part(start, end) >= least)
        return None if not len(high) else max((self._index(start) + int(high[0]) + 0.5) * self.step, start)

    def onset(self, inside: float, earliest: float) -> float | None:
        """When the singing that goes on at `inside` began, after a pause; None where it reaches back to `earliest`."""
        return self._edge(inside, earliest, -1)

    def ending(self, inside: float, latest: float) -> float | None:
        """When the singing that goes on at `inside` ends in a pause; None where it reaches on to `latest`."""
        return self._edge(inside, latest, 1)

    def _edge(self, inside: float, limit: float, way: int) -> float | None:
        at, last = self._index(inside), self._index(limit)
        if not 0 <= at < len(self.curve) or self.curve[at] < SINGS:
            return None
        edge, low = at, 0
        for i in range(at, last + way, way):
            if not 0 <= i < len(self.curve):
                break
            if self.curve[i] >= QUIET:
                edge, low = i, 0
            else:
                low += 1
                if low * self.step > _DIP:
                    return float((edge if way < 0 else edge + 1) * self.step)
        return None

    def _low(self, start: float, end: float) -> list[tuple[int, int]]:
        """From where up to where, in steps of the curve, nobody sings between two times."""
        low = np.concatenate([[False], self._part(start, end) < QUIET, [False]])
        return [(int(a), int(b)) for a, b in (np.flatnonzero(low[1:] != low[:-1]) + self._index(start)).reshape(-1, 2)]

    def _times(self, first: int, stop: int, start: float, end: float) -> tuple[float, float]:
        return max(first * self.step, start), min(stop * self.step, end)

    def _index(self, time: float) -> int:
        return min(max(int(time / self.step), 0), max(len(self.curve) - 1, 0))

    def _part(self, start: float, end: float) -> NDArray[np.float32]:
        return self.curve[self._index(start) : max(self._index(end), self._index(start))]
