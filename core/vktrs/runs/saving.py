"""Pictures on their way to the disk: written on a thread of their own, so that an engine never waits for a file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

MOST_WAITING = 8
"""Pictures that may wait in memory for the disk; then the engine waits too."""


class Saver:
    """Does what it is given, one thing after another, in that order. What one of them raises comes out of the next
    call of `save` or `drain`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="saving")
        self._pending: deque[Future[None]] = deque()

    def save(self, work: Callable[[], None], most_waiting: int = MOST_WAITING) -> None:
        """Have `work` done; waits only while more than `most_waiting` is left to do."""
        self._pending.append(self._pool.submit(work))
        while len(self._pending) > most_waiting or (self._pending and self._pending[0].done()):
            self._pending.popleft().result()

    @property
    def pending(self) -> tuple[Future[None], ...]:
        """What is not known to be done yet."""
        return tuple(self._pending)

    def drain(self) -> None:
        """Wait until everything is done; then raise what the first failure raised."""
        waiting, self._pending = list(self._pending), deque()
        wait(waiting)
        for each in waiting:
            each.result()

    def close(self) -> None:
        """Wait for what is being written, and end the thread."""
        self._pool.shutdown(wait=True)
