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
        self._told: dict[str, float] = {}

    def tell(self, stage: str, done: float, total: float, what: str = "") -> None:
        """`done` of `total` (pictures, frames, seconds of song); the rate is counted from the first call."""
        now = self._clock()
        began, at_first = self._began.setdefault(stage, (now, done))
        finished = done >= total
        if not finished and now - self._told.get(stage, -1.0) < SECONDS_BETWEEN:
            return
        self._told[stage] = now
        elapsed = now - began
        rate = (done - at_first) / elapsed if elapsed > 0 else 0.0
        self._emit("progress", stage=stage, done=done, total=total, rate=round(rate, 3), what=what)
