"""Where the times of scenes may stand: starts in order and a millisecond apart, ends within their scenes. Arithmetic.

Which times are wanted is the business of `retiming`; here they are brought to what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vktrs.storyboard.schema import LONGEST

MILLISECOND = 0.001

_NOISE = 1e-9
_NAMED = 8  # numbers in one sentence
_FINEST = 6  # digits; what a person or a step asks for is never finer than a microsecond


@dataclass(frozen=True, slots=True)
class Fit:
    """The starts of all scenes; which of those that were to move were `clamped`, and which had no room and `stuck`."""

    starts: tuple[float, ...]
    clamped: tuple[int, ...] = ()
    stuck: tuple[int, ...] = ()


def moved(seconds: float, by: float) -> float:
    """`seconds` moved by `by`, in 0..LONGEST, with as many digits as the two have and at least milliseconds."""
    digits = max(3, _decimals(seconds), min(_decimals(by), _FINEST))
    return min(max(round(seconds + by, digits), 0.0), LONGEST)


def next_to(start: float) -> float:
    """The first whole millisecond that is at least one behind `start`."""
    return math.ceil(round(start * 1000 + 1, 6)) / 1000


def short_of(start: float) -> float:
    """The last whole millisecond that is at least one before `start`."""
    return math.floor(round(start * 1000 - 1, 6)) / 1000


def touches(first: float | None, second: float) -> bool:
    """Whether two times are one for the eye: within a millisecond."""
    return first is not None and abs(first - second) <= MILLISECOND + _NOISE


def apart(first: float, second: float) -> bool:
    """Whether `second` is at least a millisecond behind `first`."""
    return second - first >= MILLISECOND - _NOISE


def runs(places: Iterable[int]) -> list[range]:
    """The places in order, those that are neighbours taken together."""
    found: list[range] = []
    for place in sorted(set(places)):
        if found and found[-1].stop == place:
            found[-1] = range(found[-1].start, place + 1)
        else:
            found.append(range(place, place + 1))
    return found


def ceiling(starts: Sequence[float], place: int, duration: float | None) -> float:
    """What the start at `place` has to stay before: the next start, the song's end, or nothing but LONGEST.

    A scene that starts behind the song's end already is not held back by it.
    """
    if place + 1 < len(starts):
        return starts[place + 1]
    if duration is None or starts[place] >= duration:
        return LONGEST + MILLISECOND
    return min(duration, LONGEST)


def room(starts: Sequence[float], run: range, duration: float | None) -> tuple[float, float]:
    """By how much a run of scenes may move together, (at most 0, at least 0) seconds."""
    earlier = next_to(starts[run.start - 1]) - starts[run.start]
    later = short_of(ceiling(starts, run.stop - 1, duration)) - starts[run.stop - 1]
    return min(round(earlier, _FINEST), 0.0), max(round(later, _FINEST), 0.0)


def fit(starts: Sequence[float], wanted: Mapping[int, float], duration: float | None = None) -> Fit:
    """The starts as `wanted` (by place, from 1 on), each clamped between its neighbours, a millisecond apart.

    A run of neighbours that has no room for that between the scenes around it stays as it is.
    """
    new = list(starts)
    clamped: list[int] = []
    stuck: list[int] = []
    for run in runs(wanted):
        limits = _limits(starts, run, duration)
        if limits is None:
            stuck += run
            continue
        for place, highest in zip(run, limits, strict=True):
            low, want = new[place - 1], wanted[place]
            start = want if apart(low, want) else next_to(low)
            new[place] = min(start, highest)
            if abs(new[place] - want) > _NOISE:
                clamped.append(place)
    return Fit(tuple(new), tuple(clamped), tuple(stuck))


def _limits(starts: Sequence[float], run: range, duration: float | None) -> list[float] | None:
    """The latest start of each scene of a run; None where they do not fit in behind the scene before them."""
    latest = []
    highest = ceiling(starts, run.stop - 1, duration)
    for _ in run:
        highest = short_of(highest)
        latest.append(highest)
    return latest[::-1] if highest >= next_to(starts[run.start - 1]) else None


def names(places: Collection[int]) -> str:
    """Scenes by their numbers, for a sentence: "scene 3", "scenes 3 to 5 and 9"; of very many only the first."""
    parts: list[str] = []
    for run in runs(places):
        far = len(run) > 2
        parts += [f"{run.start + 1} to {run.stop}"] if far else [str(place + 1) for place in run]
    if len(parts) > _NAMED:
        parts = [*parts[: _NAMED - 1], "others"]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"scene{'s' if len(set(places)) > 1 else ''} {listed}"


def _decimals(seconds: float) -> int:
    exponent = Decimal(repr(seconds)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
