"""Cycles that sit on the beat: when each round of a scene's pictures begins, and which picture a frame shows. Pure.

Rounds begin on the beats themselves, not every so many frames: a cycle neither drifts away from a band that breathes
nor from a tempo that is no whole number of frames. Where a scene starts between two of them, it starts within a round.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from vktrs.storyboard.bars import BEATS_A_BAR, bar_lines
from vktrs.timing import boundary

_SAME_BEAT = 0.05  # seconds; a downbeat is one of the beats, found anew
_LOOP = re.compile(r"(?:([1-9][0-9]?) )?(beat|bar)s?")


@dataclass(frozen=True, slots=True)
class LoopLength:
    """How long one round lasts: `count` seconds, beats or bars."""

    count: float
    unit: Literal["second", "beat", "bar"]


def parse_loop(value: float | str) -> LoopLength | None:
    """What a `loop` of a storyboard says; None for "none", and for what is no loop."""
    if not isinstance(value, str):
        return LoopLength(float(value), "second")
    match = _LOOP.fullmatch(value)
    if match is None:
        return None
    return LoopLength(int(match[1] or 1), "beat" if match[2] == "beat" else "bar")


def loop_starts(
    loop: LoopLength,
    first: int,
    frames: int,
    fps: Fraction,
    beats: Sequence[float],
    downbeats: Sequence[float],
) -> list[int] | None:
    """The frames at which rounds begin, counted from the scene's first one, ascending; the first is 0 or before it.

    `first` is the scene's first frame in the song, `frames` how many it has; the last start lies at or behind its end.
    Beats and downbeats are seconds in rising order; before the first and behind the last they go on evenly. None
    where a loop is told in beats and fewer than two are known.
    """
    if loop.unit == "second":
        step = Fraction(loop.count) * fps
        return _distinct(math.floor(k * step + Fraction(1, 2)) for k in range(math.ceil(frames / step) + 1))
    marks = _marks(loop, beats, downbeats)
    if marks is None:
        return None
    index = _index(marks, float(first / fps))
    starts = [boundary(_at(marks, index), fps) - first]
    while starts[-1] < frames:
        index += 1
        starts.append(boundary(_at(marks, index), fps) - first)
    return _distinct(starts)


def _distinct(starts: Iterable[int]) -> list[int]:
    """Rounds shorter than half a frame are none."""
    return sorted(set(starts))


def _marks(loop: LoopLength, beats: Sequence[float], downbeats: Sequence[float]) -> list[float] | None:
    """Where rounds begin, as far as beats are known; at least two."""
    pulse, count = sorted(set(beats)), int(loop.count)
    if len(pulse) < 2:
        return None
    if loop.unit == "bar":
        marks = bar_lines(pulse, downbeats)[::count]
    else:
        first = bisect_right(pulse, downbeats[0] + _SAME_BEAT) - 1 if downbeats else 0
        marks = pulse[max(first, 0) % count :: count]
    if len(marks) >= 2:
        return marks
    beat = (pulse[-1] - pulse[0]) / (len(pulse) - 1)
    first_mark = marks[0] if marks else pulse[0]
    return [first_mark, first_mark + beat * count * (BEATS_A_BAR if loop.unit == "bar" else 1)]


def _index(marks: Sequence[float], at: float) -> int:
    """Number of the round that `at` lies in; marks before the first and behind the last are thought on evenly."""
    if at < marks[0]:
        return math.floor((at - marks[0]) / (marks[1] - marks[0]))
    if at >= marks[-1]:
        return len(marks) - 1 + math.floor((at - marks[-1]) / (marks[-1] - marks[-2]))
    return bisect_right(marks, at) - 1


def _at(marks: Sequence[float], index: int) -> float:
    if index < 0:
        return marks[0] + index * (marks[1] - marks[0])
    if index >= len(marks):
        return marks[-1] + (index - len(marks) + 1) * (marks[-1] - marks[-2])
    return marks[index]


def steps_of(round_frames: int, most: int, hold: int) -> int:
    """How many pictures a round of `round_frames` frames shows: at most `most`, each for at least `hold` frames.

    Each is held for the same whole number of frames where that is possible: 12 frames and at most 8 pictures make 6
    pictures for 2 frames, and not 8 for one or two. At least one picture.
    """
    held = max(hold, math.ceil(round_frames / max(most, 1)), 1)
    return max(round_frames // held, 1)


def round_steps(round_frames: int, variations: int, hold: int, there_and_back: bool) -> int:
    """How many steps a round of `round_frames` frames goes through, with at most so many variations beside a keyframe.

    A step shows a picture, there and back all but the first and the last one twice.
    """
    most = max(2 * variations, 1) if there_and_back else variations + 1
    steps = steps_of(round_frames, most, hold)
    return steps - steps % 2 if there_and_back and steps > 1 else steps


def usual_round(starts: Sequence[int]) -> int:
    """How many frames a round has, by the middle one of all."""
    lengths = sorted(after - before for before, after in pairwise(starts))
    return lengths[len(lengths) // 2] if lengths else 1


def steps_played(starts: Sequence[int], frames: int, steps: int) -> list[int]:
    """For each of `frames` frames the number, from 0, of the step of its round, each of which has `steps` of them.

    Rounds begin at `starts` (as `loop_starts` gives them), always with step 0; behind the last start they go on as the
    last one did. A round of fewer frames than steps leaves some out.
    """
    marks = list(starts)
    length = max(marks[-1] - marks[-2], 1) if len(marks) > 1 else max(frames, 1)
    while marks[-1] < frames:
        marks.append(marks[-1] + length)
    out = []
    for frame in range(frames):
        index = bisect_right(marks, frame, hi=len(marks) - 1) - 1
        low, high = marks[index], marks[index + 1]
        out.append((frame - low) * steps // (high - low))
    return out
