"""Which doubts about heard lines hold for a scene: those of the lines that lie in it and are still its text. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vktrs import doubt
from vktrs.lines import Line
from vktrs.storyboard.model import Scene
from vktrs.storyboard.words import normal_form

_SAID_ELSEWHERE = "probability"  # of the scene's own words, which is more exact


class DoubtfulLines:
    """The lines of a song, some of which may not be what is sung, laid ready for asking which lie in a scene."""

    def __init__(self, lines: Sequence[Line]) -> None:
        found = [(line, _doubts(line)) for line in lines]
        self._doubtful = [_Laid(_placed_words(line), doubts) for line, doubts in found if doubts]
        self._all = lines if self._doubtful else ()
        sure = any(word.probability is not None for line in lines for word in line.words)
        unheard = [line for line in lines if all(word.probability is None for word in line.words)] if sure else []
        self._unheard = [_Laid(_placed_words(line), (line.text,)) for line in unheard]

    def of(self, scene: Scene, until: float | None) -> Iterator[str]:
        """One sentence with every reason, each with its figure; none where a person wrote the text or its words."""
        if scene.words or not scene.text.strip():
            return
        end = until if until is not None else math.inf
        text = _forms(scene.text)
        here = [line for line in self._doubtful if line.is_in(text, scene.start, end)]
        if not here or self._is_corrected(text, scene.start, end):
            return
        said: dict[str, str] = {}
        for each in (each for line in here for each in line.doubts):
            said.setdefault(doubt.kind_of(each) or each, doubt.said(each))  # the first of a kind speaks for all
        yield f"It may not be what is sung: {'; '.join(said.values())}."

    def unheard(self, scene: Scene, until: float | None) -> list[str]:
        """The lines in it that nobody heard, so that they were only placed; none where a person gave times of words."""
        if scene.words:
            return []
        text, end = _forms(scene.text), until if until is not None else math.inf
        return [each for line in self._unheard if line.is_in(text, scene.start, end) for each in line.doubts]

    def _is_corrected(self, text: Counter[str], start: float, end: float) -> bool:
        """Whether the text has words that no line has that reaches into the scene."""
        heard: set[str] = set()
        for line in self._all:
            if line.start < end and line.end > start:
                heard.update(_forms(line.text))
        return not heard.issuperset(text)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line's words in their normal form, each with its middle in seconds, and its doubts."""

    words: tuple[tuple[float, str], ...]
    doubts: tuple[str, ...]

    def is_in(self, text: Counter[str], start: float, end: float) -> bool:
        """Whether the line has words between `start` and `end`, and at least half of them stand in the text."""
        here = Counter(word for middle, word in self.words if start <= middle < end)
        return bool(here) and 2 * (here & text).total() >= here.total()


def _doubts(line: Line) -> tuple[str, ...]:
    return tuple(each for each in doubt.of_line(line) if doubt.kind_of(each) != _SAID_ELSEWHERE)


def _placed_words(line: Line) -> tuple[tuple[float, str], ...]:
    """The words; where they have no times of their own, at the middle of the line."""
    timed = [((word.start + word.end) / 2, word.text) for word in line.words]
    placed = timed or [((line.start + line.end) / 2, word) for word in line.text.split()]
    return tuple((middle, form) for middle, text in placed for form in _forms(text).elements())


def _forms(text: str) -> Counter[str]:
    return Counter(form for word in text.split() if (form := normal_form(word)))
