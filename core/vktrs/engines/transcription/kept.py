"""Answers that were paid for, kept: a run that ends half-way pays for nothing twice, and neither does the next one.

An answer lies among the artifacts, under all that it depends on: the samples, the service, the model, its options, the
language. It is kept as it came, without keys, so that it may be read anew by a later version.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.artifacts import Store

VERSION = 1
STAGE = "transcribed"
_FILE = "answer.json"


def ingredients(settled: Mapping[str, Any], language: str | None, samples: NDArray[np.float32]) -> dict[str, Any]:
    """What the answer for these samples depends on, JSON-ready."""
    digest = blake2b(samples.tobytes(), digest_size=16).hexdigest()
    return {"version": VERSION, "options": dict(settled), "language": language, "samples": digest}


class Kept:
    """The answers of a project; without a store they are kept for this run only."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._here: dict[str, str] = {}

    def answer(self, inputs: Mapping[str, Any]) -> str | None:
        """What was answered to exactly this; None where it was not asked, or its file cannot be read."""
        key = fingerprint(inputs)
        if self._store is None:
            return self._here.get(key)
        try:
            return (self._store.path(STAGE, key) / _FILE).read_text("utf-8")
        except (OSError, ValueError):
            return None

    def keep(self, inputs: Mapping[str, Any], answer: str) -> None:
        """Keep an answer; what lay there is replaced."""
        key = fingerprint(inputs)
        if self._store is None:
            self._here[key] = answer
            return
        with self._store.making(STAGE, key, inputs) as folder:
            (folder / _FILE).write_text(answer, "utf-8")
