"""Lines of a song cut and joined anew before scenes are made of them: by pauses, stanzas, words or seconds. Pure.

What `[split]` says of it is read here too. Times are seconds from the start of the song.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from vktrs.lines import Line
from vktrs.storyboard.fragments import Fragment, fragments, joined
from vktrs.storyboard.model import Split, SplitBy
from vktrs.storyboard.packing import packed_by_seconds, packed_by_words

MEASURES: tuple[SplitBy, ...] = ("pause", "words", "seconds")
"""The ways to cut that go by a number, which `[split]` has under the same name."""

STANDS_OUT = 1.5
"""Seconds of silence between two lines, below which nothing says that a stanza ends there."""


def measure(split: Split) -> float | None:
    """The number that scenes are cut by: seconds of a pause, words, or seconds; None where they go by none."""
    return float(getattr(split, split.by)) if split.by in MEASURES else None


def unread(split: Split) -> tuple[str, ...]:
    """The keys that are not as they come, and that `by` does not read."""
    usual = Split()
    return tuple(key for key in MEASURES if key != split.by and getattr(split, key) != getattr(usual, key))


def regrouped(
    lines: Sequence[Line],
    by: SplitBy,
    measure: float | None,
    beats: Sequence[float],
    gap: float,
    shortest: float,
    duration: float,
) -> list[Line]:
    """`lines` (in order, not empty, ends known) as they become scenes, where these are not lines; no word is lost.

    "pause": a new one where at least `measure` seconds lie between two words. "stanza": a new one where a stanza
    begins, or, where nobody wrote any, after a silence that stands out. "words": at most `measure` words in each,
    "seconds": about as many seconds, both cut where it hurts least (`packing`). Whatever it goes by, singing that is
    further apart than `gap` is not one scene, unless pauses are asked for that are longer; and what would be shorter
    than `shortest` goes to the neighbour across the shorter silence. `duration` is the song's.
    """
    found = fragments(lines)
    if not found:
        return []
    gap = max(gap, measure or 0.0) if by == "pause" else gap
    apart = [place for place in range(1, len(found)) if _silence(found, place) > gap]
    if by == "pause":
        cuts = {each for each in range(1, len(found)) if round(found[each].pause, 3) >= (measure or 0.0)}
    elif by == "stanza":
        cuts = _stanza_starts(found, lines)
    else:
        packed = packed_by_words if by == "words" else packed_by_seconds
        runs = [range(first, last) for first, last in pairwise([0, *apart, len(found)])]
        cuts = {each for run in runs for each in packed(found, run, measure or 1.0, beats, shortest)}
    kept = _long_enough(found, sorted({*cuts, *apart}), shortest, duration)
    edges = [0, *kept, len(found)]
    return [
        joined(found[first:last], lines, found[last].start if last < len(found) else duration)
        for first, last in pairwise(edges)
    ]


def stanzas_told(lines: Sequence[Line]) -> str | None:
    """What has to be said where scenes are cut by stanzas that nobody wrote; None where somebody did.

    The lines are those that `regrouped` is given.
    """
    if not lines or any(line.stanza is not None for line in lines):
        return None
    found = fragments(lines)
    pause = _stanza_pause([_silence(found, place) for place in _openings(found)])
    if pause is None:
        return "Nobody wrote where stanzas end, and no silence between lines stands out: each line is a scene."
    return f"Nobody wrote where stanzas end: one begins where nobody sings for {pause:.1f} s."


def _openings(found: Sequence[Fragment]) -> list[int]:
    """Where a line begins, but for the first one."""
    return [place for place, each in enumerate(found) if place and each.opens]


def _stanza_starts(found: Sequence[Fragment], lines: Sequence[Line]) -> set[int]:
    """Where a stanza begins: as it is written, else where a silence stands out, else at every line."""
    opening = _openings(found)
    if any(line.stanza is not None for line in lines):
        starts, now = set(), lines[found[0].line].stanza
        for place in opening:
            stanza = lines[found[place].line].stanza
            if stanza is None:  # heard, and in nobody's lyrics: it stays with what is sung before it
                continue
            if now is not None and stanza != now:
                starts.add(place)
            now = stanza
        return starts
    pause = _stanza_pause([_silence(found, place) for place in opening])
    return {place for place in opening if pause is None or _silence(found, place) >= pause}


def _stanza_pause(silences: Sequence[float]) -> float | None:
    """From how long on a silence between lines stands out; None where none does."""
    if not silences:
        return None
    pause = max(STANDS_OUT, 2 * median(silences))
    return pause if max(silences) >= pause else None


def _silence(found: Sequence[Fragment], place: int) -> float:
    """Seconds in which nothing is sung before that fragment, which may be below 0."""
    return found[place].start - found[place - 1].sung_until


def _long_enough(found: Sequence[Fragment], cuts: Sequence[int], shortest: float, duration: float) -> list[int]:
    """The cuts without those that would make a scene shorter than `shortest`."""
    kept = list(cuts)
    place = 0
    while kept and place <= len(kept):
        edges = [0, *kept]
        start = found[edges[place]].start if place else 0.0
        end = found[kept[place]].start if place < len(kept) else duration
        if end - start >= shortest:
            place += 1
            continue
        around = [each for each in (place - 1, place) if 0 <= each < len(kept)]
        del kept[min(around, key=lambda each: _reluctance(found, kept, each, duration))]
        place = max(place - 1, 0)
    return kept


def _reluctance(
    found: Sequence[Fragment], kept: Sequence[int], place: int, duration: float
) -> tuple[float, bool, float]:
    """How bad it is to take that cut out: by the silence there, in tenths of a second, as finer ones nobody hears;
    among alike ones within a line first, and where the scene becomes shorter, or one would take all of its neighbours.
    """
    start = found[kept[place - 1]].start if place else 0.0
    end = found[kept[place + 1]].start if place + 1 < len(kept) else duration
    return round(_silence(found, kept[place]), 1), found[kept[place]].opens, end - start
