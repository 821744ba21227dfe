"""Cutting music without words: at bar lines where there is a beat, evenly where there is none. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

BEATS_A_BAR = 4
_GROUPS = (1, 2, 4, 8, 16)  # phrases are built of twos


def bar_lines(beats: Sequence[float], downbeats: Sequence[float]) -> list[float]:
    """Where bars start (seconds): the downbeats if there are two or more, else every fourth beat."""
    known = sorted({time for time in downbeats if math.isfinite(time)})
    return known if len(known) > 1 else sorted({time for time in beats if math.isfinite(time)})[::BEATS_A_BAR]


def cut_by_bars(
    start: float, end: float, bars: Sequence[float], *, aim: float, shortest: float, longest: float
) -> list[float]:
    """Starts of the pieces of `start`..`end` (seconds), the first of them `start` itself.

    A piece is 1, 2, 4, 8 or 16 bars, whichever comes closest to `aim`; no piece is shorter than `shortest` but the
    only one. What is still longer than `longest` is cut into even pieces of about `aim`.
    """
    inside = [bar for bar in bars if start <= bar < end]
    cuts = _at_bars(start, inside, aim) if len(inside) > 1 else []
    kept = [start]
    for cut in cuts:
        if cut - kept[-1] >= shortest and end - cut >= shortest:
            kept.append(cut)
    pieces = [evenly(left, right, aim) if right - left > longest else [left] for left, right in pairwise([*kept, end])]
    return [cut for piece in pieces for cut in piece]


def _at_bars(start: float, bars: Sequence[float], aim: float) -> list[float]:
    """Every so many bars, counted from the first bar line of the stretch."""
    length = median(right - left for left, right in pairwise(bars))
    if length <= 0:
        return []
    group = min(_GROUPS, key=lambda count: abs(math.log(count * length / aim)))
    return [bar for bar in bars[::group] if bar > start]


def evenly(start: float, end: float, aim: float) -> list[float]:
    """Starts of equal pieces of `start`..`end`, as many as bring their length closest to `aim`."""
    count = max(1, round((end - start) / aim))
    return [start + (end - start) * i / count for i in range(count)]
