"""The speech engine that a run has open, and how far it is with listening to one song."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from vktrs.doubt import LeftOut

if TYPE_CHECKING:
    from vktrs.engines.speech import SpeechEngine


class Ears:
    """Keeps one engine open: hearing and laying lyrics load a model once, and two may be too much for the memory.

    `listened` counts the seconds of listening that are behind, over everything that the words are made from.
    `left_out` is what was heard in the hearing that goes on, and is not believed.
    """

    def __init__(self) -> None:
        self.listened = 0.0
        self.left_out: list[LeftOut] = []
        self._who: Hashable = None
        self._engine: SpeechEngine | None = None

    def open(self, who: Hashable, opened: Callable[[], SpeechEngine]) -> SpeechEngine:
        """The engine that `who` tells from others; `opened` opens it, where it is not the one that is open."""
        if self._engine is None or self._who != who:
            self._engine = None
            self._engine = opened()
            self._who = who
        return self._engine

    @property
    def language(self) -> str | None:
        """The language of what was heard last; None where nothing was heard, or the engine knows one only."""
        return self._engine.heard_language if self._engine is not None else None

    def close(self) -> None:
        """Give the memory back; the next words are counted from the beginning."""
        self._engine = self._who = None
        self.listened = 0.0
