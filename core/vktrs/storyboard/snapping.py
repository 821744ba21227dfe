"""Starts and ends of lines on the beat, and the steps by which a key moves them. Pure, as `edits`.

Beats are seconds in rising order, as the structure stage found them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from vktrs.errors import InputError
from vktrs.storyboard.clamping import apart, names
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.on_marks import nearest
from vktrs.storyboard.settling import FIRST, Said, places_of, until, with_ends, with_starts

_NO_BEATS = (
    "The beats of the song are not known.",
    "Run to the stage structure; a song without a steady beat has none.",
)


@dataclass(frozen=True, slots=True)
class Step:
    """By how much one press of a key moves a time: `amount` seconds, frames or beats."""

    name: str
    amount: float
    unit: Literal["second", "frame", "beat"]


STEPS: tuple[Step, ...] = (
    Step("10 ms", 0.01, "second"),
    Step("50 ms", 0.05, "second"),
    Step("100 ms", 0.1, "second"),
    Step("500 ms", 0.5, "second"),
    Step("1 frame", 1, "frame"),
    Step("1 beat", 1, "beat"),
)
"""The steps that a key goes through, in that order."""


def step_seconds(step: Step, fps: Fraction, beats: Sequence[float] = (), at: float = 0.0, times: int = 1) -> float:
    """How many seconds `times` steps from `at` on are (back, where negative), to the microsecond.

    A beat is as long as the ones that lie there; InputError where there are none.
    """
    if step.unit == "second":
        return round(step.amount * times, 6)
    if step.unit == "frame":
        return round(float(Fraction(step.amount) * times / fps), 6)
    return round(beats_away(at, step.amount * times, beats) - at, 6)


def frame_time(frame: int, fps: Fraction) -> float:
    """When a frame starts, in whole milliseconds; `boundary` of it is that frame again."""
    return round(float(frame / fps), 3) + 0.0


def nearest_beat(at: float, beats: Sequence[float], earlier_only: bool = False) -> float | None:
    """The beat nearest to `at`, in whole milliseconds; of two the earlier. None where there is no such beat."""
    beat = nearest(beats, at, earlier_only)
    return None if beat is None else round(beat, 3)


def beats_away(at: float, count: float, beats: Sequence[float]) -> float:
    """The time that lies `count` beats behind `at` (before it, where negative), in whole milliseconds.

    Between two beats it counts in parts of that beat; before the first and behind the last, beats go on evenly.
    InputError where fewer than two are known.
    """
    if len(beats) < 2:
        raise InputError(*_NO_BEATS)
    place = min(max(bisect_right(beats, at + 0.0005) - 1, 0), len(beats) - 2)
    wanted = place + (at - beats[place]) / _lasts(beats, place) + count
    low = min(max(math.floor(wanted), 0), len(beats) - 2)
    return round(beats[low] + (wanted - low) * _lasts(beats, low), 3)


def _lasts(beats: Sequence[float], place: int) -> float:
    return max(beats[place + 1] - beats[place], 0.001)


def snap_starts(
    board: Storyboard,
    ids: Collection[str],
    beats: Sequence[float],
    earlier_only: bool = False,
    rolling: bool = True,
    duration: float | None = None,
    mark: Literal["beat", "bar"] = "beat",
) -> Edited:
    """Starts put on their nearest beats (or, `earlier_only`, the one before); touching ends roll along.

    `beats` may be the lines of bars as well; `mark` says which they are, for what is told. No two scenes go on one
    beat, and none over its neighbour: one that would keeps its own time, and that is said.
    """
    places, said = places_of(board, ids), Said()
    _need(beats)
    starts = [scene.start for scene in board.scenes]
    kept = []
    for place in places:
        if place == 0:
            said += [] if len(places) > 1 else [FIRST]
            continue
        beat = nearest_beat(starts[place], beats, earlier_only)
        following = starts[place + 1] if place + 1 < len(starts) else duration
        fits = beat is not None and apart(starts[place - 1], beat)
        if beat is not None and fits and (following is None or apart(beat, following) or beat <= starts[place]):
            starts[place] = beat
        else:
            kept.append(place)
    if kept:
        has = "have" if len(kept) > 1 else "has"
        said.append(
            f"{names(kept).capitalize()} {has} no {mark} of {'their' if len(kept) > 1 else 'its'} own: not moved."
        )
    return with_starts(board, starts, rolling, duration, said)


def snap_ends(board: Storyboard, ids: Collection[str], beats: Sequence[float], duration: float | None = None) -> Edited:
    """The ends of lines put on their nearest beats, at most the next start; an unknown end stays unknown.

    A line keeps its end where the nearest beat is not behind the line's start.
    """
    places, said = places_of(board, ids), Said()
    _need(beats)
    snapped: dict[int, float] = {}
    kept = []
    for place in places:
        scene = board.scenes[place]
        beat = nearest_beat(scene.end, beats) if scene.end is not None else None
        last = until(board, place, duration)
        if beat is not None and beat > scene.start:
            snapped[place] = beat if last is None else min(beat, last)
        else:
            kept.append(place)
    if kept:
        said.append(f"{names(kept).capitalize()} kept the end: it is not known, or no beat is near enough.")
    return with_ends(board, list(snapped), lambda place, _: snapped[place], duration, said)


def _need(beats: Sequence[float]) -> None:
    if not beats:
        raise InputError(*_NO_BEATS)
