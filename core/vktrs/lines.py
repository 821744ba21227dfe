"""What is sung and when: lines and their words, as every stage and file format exchanges them.

It holds values only; recognising, reading and writing them is the work of `engines`, `stages.words` and
`media.lyrics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One word from `start` to `end` (seconds from the start of the song); `probability` in 0..1 where known."""

    start: float
    end: float
    text: str
    probability: float | None = None

    def later(self, by: float) -> Word:
        """The same word so many seconds later: by the time of the song, where it was heard in a part of that."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Line:
    """One sung line (seconds from the start of the song) with its words, if their times are known.

    `confidence` in 0..1 where an engine gave one. `doubts` say why an engine's words may not be what is sung, each as
    a code of `vktrs.doubt` or in a sentence. `stanza` counts from 0 and grows where a person's lyrics have a break;
    None where nobody wrote any.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    doubts: tuple[str, ...] = ()
    stanza: int | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `line_from_json` reads it back, and what was written before there were doubts."""
        words = [[word.start, word.end, word.text, word.probability] for word in self.words]
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "words": words,
            "confidence": self.confidence,
            "doubts": list(self.doubts),
            "stanza": self.stanza,
        }


def line_from_json(value: dict[str, Any]) -> Line:
    """The line that `Line.as_json` wrote; ValueError, TypeError, KeyError or AttributeError where this is none."""
    words = tuple(_checked(Word(*word)) for word in value["words"])
    doubts, stanza = tuple(value.get("doubts", ())), value.get("stanza")
    line = Line(value["start"], value["end"], value["text"], words, value["confidence"], doubts, stanza)
    known = _is_timed(line) and _is_share(line.confidence) and all(isinstance(doubt, str) for doubt in doubts)
    if not known or not (stanza is None or type(stanza) is int):
        raise ValueError("no line: a value of another type")
    return line


def word_from_json(value: Mapping[str, Any]) -> Word:
    """A word that was kept by the names of its fields; ValueError or TypeError where this is none."""
    return _checked(Word(**value))


def _checked(word: Word) -> Word:
    if not (_is_timed(word) and _is_share(word.probability)):
        raise ValueError("no word: a value of another type")
    return word


def _is_timed(value: Word | Line) -> bool:
    return isinstance(value.text, str) and is_number(value.start) and is_number(value.end)


def _is_share(value: object) -> bool:
    return value is None or (not isinstance(value, bool) and isinstance(value, int | float))


def is_number(value: object) -> bool:
    """Whether `value` is a finite number, as every time in seconds has to be."""
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
