"""The word that a person is typing in an expression, made whole. Pure but for the door to Textual's inputs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from textual.suggester import Suggester

from vktrs.expressions import CONSTANTS, FUNCTIONS, NAMES

_WORD = re.compile(r"[A-Za-z_]\w*$", re.ASCII)


def expression_words(signals: Iterable[str]) -> tuple[str, ...]:
    """Everything that may be named in an expression, signals first; functions with their opening bracket."""
    return (*signals, *NAMES, *CONSTANTS, *(f"{name}(" for name in FUNCTIONS))


def completed(text: str, words: Collection[str]) -> str | None:
    """The text with its last word made whole; None where there is none, or no word begins so."""
    match = _WORD.search(text)
    if match is None or (match.start() and text[match.start() - 1] in ".0123456789"):
        return None
    found = next((word for word in words if word.startswith(match[0]) and word != match[0]), None)
    return None if found is None or match[0] in words else text[: match.start()] + found


class WordSuggester(Suggester):
    """Offers `completed` to an Input: the right arrow takes it."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = tuple(words)

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word made whole."""
        return completed(value, self._words)
