"""Which freshly proposed scene is which scene of the last proposal: by overlap in time and likeness of the text.

Pure; it gives ids and decides nothing about what enters the storyboard (that is `merge`).
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from typing import Protocol

from vktrs.storyboard.ids import new_id, scene_hint
from vktrs.timing import ends_of

_NEAR = 2.0
"""Seconds; farther apart, two stretches are never the same scene."""

_ALIKE = 0.75
"""Share of common time plus likeness of the text (0..2) from which on two stretches are the same scene."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the machine says about one scene: times in seconds, `end` when the line stops being sung."""

    id: str
    start: float
    end: float | None = None
    text: str = ""
    section: str | None = None


class Draft(Protocol):
    """A freshly proposed scene, not named yet; it may have a `section` too."""

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float | None: ...

    @property
    def text(self) -> str: ...


def assign_ids(
    drafts: Sequence[Draft], base: Sequence[Proposed], taken: Collection[str] = (), alike: float = _ALIKE
) -> tuple[Proposed, ...]:
    """The drafts with ids, times rounded to milliseconds: that of their match in `base`, else a new one.

    A new id depends on start and text only and is none of `taken`, so that asking again gives the same ids. Two are a
    match from so much common time and likeness of the text on as `alike` says (0..2).
    """
    fresh = [
        Proposed("", round(each.start, 3), _rounded(each.end), each.text, getattr(each, "section", None))
        for each in drafts
    ]
    matched = _matches(fresh, base, alike)
    used = {each.id for each in base} | set(taken)
    out = []
    for index, each in enumerate(fresh):
        name = matched.get(index) or new_id(scene_hint(each.start, each.text), used)
        used.add(name)
        out.append(replace(each, id=name))
    return tuple(out)


def base_to_json(base: Sequence[Proposed]) -> str:
    """The accepted proposal as JSON text; `base_from_json` reads it back."""
    return json.dumps({"version": 1, "scenes": [asdict(each) for each in base]}, ensure_ascii=False, indent=0)


def base_from_json(text: str) -> tuple[Proposed, ...]:
    """What `base_to_json` wrote; ValueError where it did not."""
    try:
        base = tuple(Proposed(**scene) for scene in json.loads(text)["scenes"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no stored proposal: {error}") from None
    if not all(map(_is_whole, base)):
        raise ValueError("no stored proposal: a value of another type")
    return base


def _is_whole(scene: Proposed) -> bool:
    times = scene.start, scene.start if scene.end is None else scene.end
    texts = scene.id, scene.text, scene.section or ""
    return all(isinstance(time, (int, float)) for time in times) and all(isinstance(text, str) for text in texts)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _matches(fresh: Sequence[Proposed], base: Sequence[Proposed], alike: float) -> dict[int, str]:
    """The best pairs first, each scene once, and never crossing: what came before stays before."""
    known = sorted(base, key=lambda each: each.start)
    pairs = sorted(_pairs(_spans(fresh), _spans(known), alike), key=lambda pair: (-pair[0], pair[1], pair[2]))
    accepted: list[tuple[int, int]] = []
    for _, new, old in pairs:
        place = bisect_left(accepted, (new, old))
        before = accepted[place - 1] if place else (-1, -1)
        behind = accepted[place] if place < len(accepted) else (len(fresh), len(known))
        if before[0] < new < behind[0] and before[1] < old < behind[1]:
            insort(accepted, (new, old))
    return {new: known[old].id for new, old in accepted}


_Span = tuple[float, float, str]


def _spans(scenes: Sequence[Proposed]) -> list[_Span]:
    spans = []
    for each, following in zip(scenes, ends_of(scenes, float("inf")), strict=True):
        end = each.end if each.end is not None else min(following, each.start + 2 * _NEAR)
        spans.append((each.start, max(end, each.start + 0.001), " ".join(each.text.casefold().split())))
    return spans


def _pairs(fresh: Sequence[_Span], known: Sequence[_Span], alike: float) -> list[tuple[float, int, int]]:
    starts = [start for start, _, _ in known]
    longest = max((end - start for start, end, _ in known), default=0.0)
    pairs = []
    for new, (start, end, text) in enumerate(fresh):
        first = bisect_left(starts, start - _NEAR - longest)
        for old in range(first, bisect_right(starts, end + _NEAR)):
            common = min(end, known[old][1]) - max(start, known[old][0])
            if common <= -_NEAR:
                continue
            share = max(0.0, common) / (max(end, known[old][1]) - min(start, known[old][0]))
            likeness = _likeness(text, known[old][2])
            if share + likeness >= alike:
                pairs.append((share + likeness, new, old))
    return pairs


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()
