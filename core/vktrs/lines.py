"""What is sung and when: lines and their words, as every stage and file format exchanges them.

It holds values only; recognising, reading and writing them is the work of `engines`, `stages.words` and
`media.lyrics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One word from `start` to `end` (seconds from the start of the song); `probability` in 0..1 where known."""

    start: float
    end: float
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One sung line (seconds from the start of the song) with its words, if their times are known.

    `confidence` in 0..1 where an engine gave one.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `line_from_json` reads it back."""
        words = [[word.start, word.end, word.text, word.probability] for word in self.words]
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "words": words,
            "confidence": self.confidence,
        }


def line_from_json(value: dict[str, Any]) -> Line:
    """The line that `Line.as_json` wrote."""
    words = tuple(Word(*word) for word in value["words"])
    return Line(value["start"], value["end"], value["text"], words, value["confidence"])
