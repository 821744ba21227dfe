"""Trying again: growing pauses with jitter, the service's own word, an end in number and in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vktrs.engines.services.retrying import GivenUp, Policy, Retrying, Transient
from vktrs.errors import InputError, Stopped


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


def failing(*failures: Exception) -> tuple[Callable[[float], str], list[float]]:
    """A call that fails in these ways and then answers; and the timeouts that it was given."""
    left, timeouts = list(failures), []

    def attempt(timeout: float) -> str:
        timeouts.append(timeout)
        if left:
            raise left.pop(0)
        return "a picture"

    return attempt, timeouts


def retrying(time: Time, remarks: list[str], policy: Policy | None = None, over: Callable[[], bool] = bool) -> Retrying:
    """With the longest pauses that jitter allows."""
    return Retrying(
        over, remarks.append, policy, lambda: time.now, time.sleep, lambda _low, high: high, name="Stability"
    )


def test_pauses_grow_up_to_a_longest_one_and_each_is_said() -> None:
    time, remarks = Time(), []
    attempt, timeouts = failing(*(Transient(f"{number}") for number in range(5)))
    policy = Policy(first=2.0, longest=10.0, deadline=7.0)
    assert retrying(time, remarks, policy).until_done(attempt) == "a picture"
    assert time.now - 100 == pytest.approx(2 + 4 + 8 + 10 + 10)
    assert timeouts == [7.0] * 6
    assert remarks[0] == "Stability could not answer: 0. It is asked again in 2.0 s (try 2 of 6)."
    assert len(remarks) == len(set(remarks)) == 5


def test_jitter_may_make_a_pause_anything_down_to_nothing() -> None:
    asked: list[tuple[float, float]] = []
    time = Time()

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    attempt, _ = failing(Transient("busy"), Transient("busy"))
    Retrying(bool, lambda _text: None, Policy(), lambda: time.now, time.sleep, uniform, name="Stability").until_done(
        attempt
    )
    assert asked == [(0.0, 1.0), (0.0, 2.0)]
    assert time.slept == []


def test_the_service_says_how_long_to_wait() -> None:
    time, remarks = Time(), []
    attempt, _ = failing(Transient("429", wait=45.0), Transient("429", wait=0.0))
    retrying(time, remarks).until_done(attempt)
    assert time.now == pytest.approx(145.0)


def test_it_gives_up_after_so_many_tries_without_a_last_pause() -> None:
    time, remarks = Time(), []
    attempt, timeouts = failing(*(Transient("503: busy"),) * 9)
    with pytest.raises(GivenUp, match="asked 3 times: 503: busy"):
        retrying(time, remarks, Policy(tries=3, first=1.0)).until_done(attempt)
    assert len(timeouts) == 3
    assert time.now == pytest.approx(103.0)


def test_it_gives_up_rather_than_wait_beyond_the_total_time() -> None:
    time, remarks = Time(), []
    attempt, timeouts = failing(Transient("429", wait=1.0), Transient("429", wait=3600.0))
    with pytest.raises(GivenUp) as raised:
        retrying(time, remarks, Policy(total=60.0)).until_done(attempt)
    assert len(timeouts) == 2
    assert time.now == pytest.approx(101.0)
    assert "3600 s" in raised.value.hint


def test_what_does_not_pass_is_not_tried_again() -> None:
    time, remarks = Time(), []
    attempt, timeouts = failing(InputError("400"))
    with pytest.raises(InputError):
        retrying(time, remarks).until_done(attempt)
    assert len(timeouts) == 1
    assert not remarks


def test_a_pause_ends_at_once_when_nothing_new_shall_be_begun() -> None:
    time, remarks = Time(), []
    attempt, timeouts = failing(Transient("429", wait=50.0))
    with pytest.raises(Stopped):
        retrying(time, remarks, over=lambda: time.now > 100.25).until_done(attempt)
    assert time.now < 100.5
    assert len(timeouts) == 1


def test_nothing_is_begun_once_it_is_over() -> None:
    attempt, timeouts = failing()
    with pytest.raises(Stopped):
        retrying(Time(), [], over=lambda: True).until_done(attempt)
    assert not timeouts


def test_no_more_than_a_few_answers_that_may_be_charged_are_risked() -> None:
    attempt, calls = failing(*[Transient("the connection was lost", paid=True), Transient("503")] * 9)
    with pytest.raises(GivenUp):
        retrying(Time(), [], Policy(tries=9, lost=2)).until_done(attempt)
    assert len(calls) == 3


def test_an_answer_that_was_lost_may_be_charged_and_that_is_said() -> None:
    remarks: list[str] = []
    attempt, _ = failing(Transient("there was no answer", paid=True))
    retrying(Time(), remarks).until_done(attempt)
    assert remarks[0].endswith("What was lost may be charged.")
