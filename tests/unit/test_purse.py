"""No run costs more credits than its budget, whoever pays, and what a failed call did not cost can be spent again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.engines.purse import BudgetSpent, Purse
from vktrs.errors import Halted

_PRICES = st.sampled_from([0.1, 0.2, 1.0, 3.0, 3.5, 6.5, 8.0])


def pay(purse: Purse, price: float) -> None:
    """A call that costs what was set aside for it."""
    purse.take(price)
    purse.settle(price, price)


def test_without_a_budget_everything_is_counted_and_nothing_refused() -> None:
    purse = Purse()
    for _ in range(1000):
        pay(purse, 6.5)
    assert purse.spent == 6500


def test_a_budget_can_be_spent_to_its_last_credit() -> None:
    purse = Purse(9)
    for _ in range(3):
        pay(purse, 3)
    with pytest.raises(BudgetSpent):
        purse.take(0.5)
    assert purse.spent == 9


def test_a_budget_of_tenths_is_not_a_picture_short_by_rounding() -> None:
    purse = Purse(0.3)
    for _ in range(3):
        pay(purse, 0.1)  # 0.1 + 0.1 + 0.1 is a little more than 0.3
    with pytest.raises(BudgetSpent):
        purse.take(0.1)


def test_a_budget_of_nothing_buys_nothing() -> None:
    with pytest.raises(BudgetSpent):
        Purse(0).take(3)


def test_what_is_too_dear_costs_nothing_and_a_cheaper_picture_may_still_be_had() -> None:
    purse = Purse(5)
    with pytest.raises(BudgetSpent):
        purse.take(8)
    pay(purse, 3)
    assert purse.spent == 3


def test_what_a_call_did_not_cost_after_all_can_be_spent_again() -> None:
    purse = Purse(3)
    purse.take(3)
    purse.settle(3, 0)
    assert purse.spent == 0
    pay(purse, 3)
    assert purse.spent == 3


def test_what_is_set_aside_is_not_spent_yet() -> None:
    purse = Purse(3)
    purse.take(3)
    assert purse.spent == 0
    purse.settle(3, 1)
    assert purse.spent == 1


def test_of_several_pictures_as_many_are_had_as_the_budget_has_left() -> None:
    purse = Purse(2.5)
    assert purse.take(0.9, 3) == 2
    purse.settle(1.8, 1.8)
    with pytest.raises(BudgetSpent):
        purse.take(0.9, 3)


@pytest.mark.parametrize("cost", [0, 3])
def test_a_budget_that_a_call_under_way_may_leave_over_is_waited_for(cost: float) -> None:
    purse = Purse(3)
    purse.take(3)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(purse.take, 3)
        purse.settle(3, cost)
        if cost:
            with pytest.raises(BudgetSpent, match="3 are spent"):
                other.result(20)
        else:
            assert other.result(20) == 1


def test_what_no_call_under_way_can_leave_over_is_not_waited_for() -> None:
    purse = Purse(5)
    pay(purse, 3)
    purse.take(1)
    with pytest.raises(BudgetSpent):
        purse.take(3)


def test_a_spent_budget_ends_the_run_and_says_what_would_go_on() -> None:
    purse = Purse(10)
    pay(purse, 6.5)
    with pytest.raises(Halted) as told:
        purse.take(6.5)
    assert "budget of 10 credits" in told.value.message
    assert "6.5 are spent" in told.value.message
    assert "--budget" in told.value.hint


def test_large_amounts_are_told_to_the_tenth() -> None:
    purse = Purse(1234567.5)
    pay(purse, 1234567.4)
    with pytest.raises(BudgetSpent, match=r"budget of 1234567\.5 credits is used up: 1234567\.4 are spent"):
        purse.take(6.5)


@given(limit=st.integers(0, 40), prices=st.lists(st.tuples(_PRICES, st.booleans()), max_size=40))
def test_whatever_is_taken_and_given_back_a_budget_is_never_overdrawn(
    limit: int, prices: list[tuple[float, bool]]
) -> None:
    purse, kept = Purse(limit), 0.0
    for price, fails in prices:
        try:
            purse.take(price)
        except BudgetSpent:
            assert kept + price > limit
            continue
        kept += 0 if fails else price
        purse.settle(price, 0 if fails else price)
        assert purse.spent <= limit + 1e-6
    assert purse.spent == pytest.approx(kept)


def test_many_threads_together_do_not_overdraw_a_budget() -> None:
    purse, threads, each = Purse(100), 8, 50
    together = threading.Barrier(threads)

    def spend(_: int) -> int:
        together.wait(10)
        taken = 0
        for _ in range(each):
            try:
                pay(purse, 1)
            except BudgetSpent:
                continue
            taken += 1
        return taken

    with ThreadPoolExecutor(threads) as pool:
        taken = sum(pool.map(spend, range(threads)))
    assert taken == purse.spent == 100
