"""Progress of a run as events: how much of a stage is done, how fast, and what is in hand; never more than needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

SECONDS_BETWEEN = 0.2


class Emit(Protocol):
    """Where events go."""

    def __call__(self, event: str, **values: Any) -> None:
        """Tell one event."""
        ...


class Progress:
    """Tells the progress of stages, a few times a second at most; the first and the last word always come."""

    def __init__(self, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._clock = clock
        self._began: dict[str, tuple[float, float]] = {}
        self._asked: dict[str, tuple[float, float]] = {}
        self._held: dict[str, dict[str, Any]] = {}
        self._told: dict[str, float] = {}

    def begin(self, stage: str, done: float) -> None:
        """Work on a stage begins now, with so much done: a first word that tells a whole thing has its time from here.

        Nothing is told. Where the first word is about a part, what came before it was loading and counts for nothing.
        """
        self._asked.setdefault(stage, (self._clock(), done))

    def tell(self, stage: str, done: float, total: float, what: str = "", part: float = 0.0) -> None:
        """`done` of `total` (pictures, frames, seconds of song); the rate counts from the first call, or from `begin`.

        `part` is how much of what is in hand is done already, in the same unit; it counts for the rate and is told
        beside `done`, which counts whole things only.
        """
        now = self._clock()
        first = (now, done + part) if part else self._asked.get(stage, (now, done))
        began, at_first = self._began.setdefault(stage, first)
        finished = done >= total
        elapsed = now - began
        rate = max(done + part - at_first, 0.0) / elapsed if elapsed > 0 else 0.0
        also = {"part": round(part, 3)} if part else {}
        # A picture may take an hour: digits that count, and not places behind the point.
        values = {"stage": stage, "done": done, "total": total, "rate": float(f"{rate:.4g}"), "what": what, **also}
        if not finished and now - self._told.get(stage, -1.0) < SECONDS_BETWEEN:
            self._held[stage] = values
            return
        self._told[stage] = now
        self._held.pop(stage, None)
        self._emit("progress", **values)

    def last_words(self) -> None:
        """Tell what came too quickly after a word before: the run ends, and nothing more comes."""
        held, self._held = self._held, {}
        for values in held.values():
            self._emit("progress", **values)
