"""Trying again what may go well the next time: growing pauses with full jitter, as often and as long as a policy says.

(M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.) Where the service says how long to wait,
its word goes. Which failures pass by themselves is said here for HTTP; a way by gRPC knows its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vktrs.errors import Stopped, VktrsError

T = TypeVar("T")


class GivenUp(VktrsError):
    """The service did not answer, asked as often as the policy says."""


TRANSIENT_STATUS = frozenset({408, 429, 500, 502, 503, 504})
"""Answers of HTTP that may be another the next time."""

_SLICE_SECONDS = 0.1  # how soon a pause ends after somebody asked the run to stop


class Transient(Exception):
    """A call came to nothing and may go well the next time.

    `reason` ends a sentence such as "NAME could not answer: ..."; it holds no key. `wait`: the seconds after
    which the service wants to be asked again, None where it did not say. `paid`: it is not known whether the call
    was charged, because its answer was lost or unusable.
    """

    def __init__(self, reason: str, wait: float | None = None, paid: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.paid = paid


@dataclass(frozen=True, slots=True)
class Policy:
    """How often is tried, and how long (seconds).

    `lost`: how many answers that may be charged may be lost before no more is risked. `deadline`: what one call may
    take. `first`: the longest pause after the first failure; it doubles up to `longest`. `total`: no try begins later
    than that after the first one began.
    """

    tries: int = 6
    lost: int = 3
    deadline: float = 120.0
    first: float = 1.0
    longest: float = 30.0
    total: float = 300.0


class Retrying:
    """Makes calls until one succeeds. `is_over`: nothing new shall be begun; pauses end then. Threads may share it.

    `name` is that of the service, as it stands in a sentence.
    """

    def __init__(
        self,
        is_over: Callable[[], bool],
        remark: Callable[[str], None],
        policy: Policy | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        *,
        name: str,
    ) -> None:
        self._is_over = is_over
        self._remark = remark
        self._policy = policy or Policy()
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform
        self._name = name

    def until_done(self, attempt: Callable[[float], T]) -> T:
        """What `attempt(timeout)` answers at last.

        GivenUp once it was tried often enough or for too long; Stopped where nothing new shall be begun; what else
        it raises goes through.
        """
        begun, lost = self._clock(), 0
        for tried in range(1, self._policy.tries + 1):
            if self._is_over():
                raise Stopped
            try:
                return attempt(self._policy.deadline)
            except Transient as failure:
                pause = self._pause(tried, failure.wait)
                late = self._clock() - begun + pause > self._policy.total
                lost += failure.paid
                if tried == self._policy.tries or lost == self._policy.lost or late:
                    raise _given_up(self._name, tried, failure, pause) from None
                self._remark(
                    f"{self._name} could not answer: {failure.reason}. "
                    f"It is asked again in {pause:.1f} s (try {tried + 1} of {self._policy.tries})."
                    + (" What was lost may be charged." if failure.paid else "")
                )
                self._rest(pause)
        raise AssertionError("a policy allows at least one try")

    def _pause(self, tried: int, wait: float | None) -> float:
        if wait is not None:
            return max(0.0, wait)
        return self._uniform(0.0, min(self._policy.longest, self._policy.first * 2.0 ** (tried - 1)))

    def _rest(self, seconds: float) -> None:
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0:
            if self._is_over():
                raise Stopped
            self._sleep(min(left, _SLICE_SECONDS))


def _given_up(name: str, tried: int, failure: Transient, pause: float) -> GivenUp:
    if failure.wait is not None and pause:
        hint = f"It wants to be asked again in {failure.wait:.0f} s; run again then."
    else:
        hint = "Run again later; what was made is kept."
    times = "once" if tried == 1 else f"{tried} times"
    return GivenUp(f"{name} could not answer, asked {times}: {failure.reason}.", hint)
