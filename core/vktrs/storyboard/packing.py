"""Where to cut a run of singing into scenes of so many words or seconds, so that it hurts least. Pure.

Of all ways to cut the cheapest is found by dynamic programming, as TeX breaks a paragraph into lines (Knuth and
Plass, 1981): scenes that are far from what was asked for cost, and so do cuts in the middle of a phrase.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from vktrs.storyboard.fragments import Fragment

_PHRASE = 3.0
"""What it costs to cut within a line, in scenes more that keep to lines."""

_TOO_SHORT = 4.0
"""What it costs that a scene has to be joined with its neighbour again: more than any cut."""


def packed_by_words(
    found: Sequence[Fragment], run: range, most: float, beats: Sequence[float], shortest: float
) -> list[int]:
    """Where scenes of at most `most` words begin within the run: as few scenes as go with whole lines.

    Where these are over before `shortest`, it takes as many words as last that long.
    """
    hurts = _reluctances(found, run, beats)

    def cost(first: int, last: int) -> float:
        empty = min(abs(1 - (last - first) / most), 1.0)
        return 1 + empty * empty + _PHRASE * hurts.get(last, 0.0) + _short(found, run, first, last, shortest)

    def fits(first: int, last: int) -> bool:
        return last - first <= most or _seconds(found, run, first, last - 1) < shortest

    return _cheapest(run, fits, cost)


def packed_by_seconds(
    found: Sequence[Fragment], run: range, about: float, beats: Sequence[float], shortest: float
) -> list[int]:
    """Where scenes of about `about` seconds begin within the run; none is twice as long, if words allow."""
    hurts = _reluctances(found, run, beats)

    def cost(first: int, last: int) -> float:
        off = _seconds(found, run, first, last) / about - 1
        return off * off + 0.3 * hurts.get(last, 0.0) + _short(found, run, first, last, shortest)

    return _cheapest(run, lambda first, last: _seconds(found, run, first, last) <= 2 * about, cost)


def _cheapest(run: range, fits: Callable[[int, int], bool], cost: Callable[[int, int], float]) -> list[int]:
    """The first places of all parts but the first, of the cheapest way to part the run.

    `fits(first, last)` has to hold for every part of a part that fits; a part of one place is always let through.
    """
    total, came = {run.start: 0.0}, {run.start: run.start}
    low = run.start
    for last in range(run.start + 1, run.stop + 1):
        while low < last - 1 and not fits(low, last):
            low += 1
        costs = {first: total[first] + cost(first, last) for first in range(low, last)}
        came[last] = min(costs, key=lambda first: (costs[first], -first))
        total[last] = costs[came[last]]
    cuts = []
    place = came[run.stop] if run else run.start
    while place > run.start:
        cuts.append(place)
        place = came[place]
    return cuts[::-1]


def _seconds(found: Sequence[Fragment], run: range, first: int, last: int) -> float:
    """How long the fragments from `first` to before `last` are one scene."""
    return (found[last].start if last < run.stop else found[last - 1].sung_until) - found[first].start


def _short(found: Sequence[Fragment], run: range, first: int, last: int, shortest: float) -> float:
    return _TOO_SHORT if last < run.stop and _seconds(found, run, first, last) < shortest else 0.0


def _reluctances(found: Sequence[Fragment], run: range, beats: Sequence[float]) -> dict[int, float]:
    """How bad it is to cut before each place, 0..1: not at all where a line begins, least at a comma or a pause."""
    return {place: _reluctance(found[place - 1], found[place], beats) for place in run[1:]}


def _reluctance(before: Fragment, after: Fragment, beats: Sequence[float]) -> float:
    if after.opens:
        return 0.0
    breath = before.text.rstrip()[-1:] in ",.;:!?-…、。，！？"
    near = beats[max(bisect_left(beats, after.start) - 1, 0) :][:2]
    on_beat = any(abs(beat - after.start) < 0.1 for beat in near)
    return max(1 - 0.3 * breath - 0.8 * min(after.pause, 0.5) - 0.1 * on_beat, 0.1)
