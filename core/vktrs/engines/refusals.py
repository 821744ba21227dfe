"""What the filter of a paid service took away: it is remembered, so that no run pays for the same refusal again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint

if TYPE_CHECKING:
    from vktrs.artifacts import Store

STAGE = "refused"


class Refusals:
    """Requests, as JSON-ready inputs with their seed; kept among the artifacts of `store`, else only in memory.

    Any thread may ask and note.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known = set(store.keys(STAGE)) if store is not None else set()

    def known(self, inputs: Mapping[str, Any]) -> bool:
        """Whether exactly this was refused before."""
        return fingerprint(inputs) in self._known

    def note(self, inputs: Mapping[str, Any]) -> None:
        """Remember that this was refused."""
        key = fingerprint(inputs)
        with self._lock:
            if self._store is not None and key not in self._known:
                with self._store.making(STAGE, key, inputs, None):
                    pass  # that it is there says everything
            self._known.add(key)
