"""Starts of proposed scenes put on beats or bars, in their order and not closer together than they may be. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


def on_marks(
    starts: Sequence[float], marks: Sequence[float], end: float, shortest: float, earlier_only: bool = False
) -> list[float]:
    """The starts (seconds, ascending, the first is left alone) on their nearest marks, or the ones before.

    A start stays where it was if it would come closer than `shortest` to the one before, or to the next as that stands
    now, and where it has no mark. `end` is that of the song.
    """
    out = list(starts[:1])
    for place, start in enumerate(starts[1:], start=1):
        mark = nearest(marks, start, earlier_only)
        after = starts[place + 1] if place + 1 < len(starts) else end
        fits = mark is not None and mark - out[-1] >= shortest and (after - mark >= shortest or mark <= start)
        out.append(mark if mark is not None and fits else start)
    return out


def nearest(marks: Sequence[float], at: float, earlier_only: bool = False) -> float | None:
    """The mark (of ascending ones) nearest to `at`, of two the earlier, or the last one until then; None without one.

    What lies half a millisecond behind counts as being there: times are written in whole milliseconds.
    """
    first, last = bisect_left(marks, at), bisect_right(marks, at + 0.0005)
    around = marks[max(0, first - 1) : last if earlier_only else last + 1]
    return min(around, key=lambda mark: abs(mark - at), default=None)
