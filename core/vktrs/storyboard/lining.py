"""Lines of a new hearing cut and joined as the scenes are that stand there already. Pure.

Where one sung line ends and the next begins is told otherwise by every model; what the words are is worth more than
that. So a line that was heard is cut where its words begin the text of the next scene, and lines are joined that
together are the text of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from vktrs.lines import Line
from vktrs.storyboard.words import cut_text, normal_form, normal_forms

_NEAR = 1.5
"""Seconds between the start of a scene and the word that may begin it."""
_ALIKE = 0.5
"""Share of words in common (0..1) from which on words are taken for those of a scene."""


@dataclass(frozen=True, slots=True)
class Sung:
    """A scene with text that stands there: from when to when (seconds), and its words as they are compared."""

    start: float
    end: float
    words: tuple[str, ...]


def sung(start: float, end: float, text: str) -> Sung:
    """A scene by its time and text."""
    return Sung(start, end, tuple(normal_forms(text.split())))


def as_scenes_are(lines: Iterable[Line], scenes: Sequence[Sung]) -> list[Line]:
    """The same words in the same order, in lines that are like the scenes, as far as their words are alike."""
    pieces = [piece for line in lines for piece in _cut(line, [scene for scene in scenes if scene.words])]
    joined: list[Line] = []
    for line in pieces:
        if joined and any(_belong_together(joined[-1], line, scene) for scene in scenes):
            joined[-1] = _both(joined[-1], line)
        else:
            joined.append(line)
    return joined


def _cut(line: Line, scenes: Sequence[Sung]) -> list[Line]:
    rest, pieces = line, []
    for scene in scenes:
        place = _where_begins(rest, scene)
        if place is not None:
            pieces.append(part(rest, 0, place))
            rest = part(rest, place, len(rest.words))
    return [*pieces, rest]


def _where_begins(line: Line, scene: Sung) -> int | None:
    """The number of the word within the line from which on it is what the scene says; None where that is nowhere."""
    said = [normal_form(word.text) for word in line.words]
    uncut = _likeness(said[: len(scene.words)], scene.words)
    best, most = None, (max(_ALIKE, uncut), 0.0)
    for place in range(1, len(line.words)):
        far = abs(line.words[place].start - scene.start)
        likeness = _likeness(said[place : place + len(scene.words)], scene.words)
        if far <= _NEAR and likeness > uncut and (likeness, -far) > most:
            best, most = place, (likeness, -far)
    return best


def _belong_together(first: Line, second: Line, scene: Sung) -> bool:
    middles = ((line.start + line.end) / 2 for line in (first, second))
    if not scene.words or not all(scene.start <= middle < scene.end for middle in middles):
        return False
    one, two = normal_forms(first.text.split()), normal_forms(second.text.split())
    together = _likeness([*one, *two], scene.words)
    return together >= _ALIKE and together > max(_likeness(one, scene.words), _likeness(two, scene.words))


def _both(first: Line, second: Line) -> Line:
    words = (*first.words, *second.words) if first.words and second.words else ()
    known = [each.confidence for each in (first, second) if each.confidence is not None]
    doubts = tuple(dict.fromkeys((*first.doubts, *second.doubts)))
    end, text = max(first.end, second.end), f"{first.text} {second.text}"
    return replace(first, end=end, text=text, words=words, confidence=min(known, default=None), doubts=doubts)


def part(line: Line, first: int, last: int) -> Line:
    """The line from its word `first` up to before its word `last`; there is at least one between."""
    if first == 0 and last == len(line.words):
        return line
    words = line.words[first:last]
    pieces = cut_text(line.text, line.words)
    text = " ".join(word.text for word in words) if pieces is None else "".join(pieces[first:last]).strip()
    return replace(line, start=words[0].start, end=max(word.end for word in words), text=text, words=words)


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
