"""As many pictures go through the model at once as memory holds, and what did not fit is not tried again."""

from __future__ import annotations

import pytest

from vktrs.engines.diffusion.batches import Batches

SMALL, LARGE = 256 * 256, 1024 * 1024


def batches(most: int = 8, free: int | None = None, guess: float = 1.0) -> Batches:
    return Batches(lambda _: most, lambda: free, guess)


@pytest.mark.parametrize(
    ("most", "waiting", "sizes"), [(8, 8, [8]), (8, 7, [7]), (8, 9, [5, 4]), (3, 8, [3, 3, 2]), (1, 2, [1, 1])]
)
def test_what_is_left_over_is_shared_out_evenly(most: int, waiting: int, sizes: list[int]) -> None:
    known, taken = batches(most), []
    while waiting:
        taken.append(known.size(SMALL, waiting))
        waiting -= taken[-1]
    assert taken == sizes


def test_free_memory_decides_and_is_asked_each_time() -> None:
    free = [10 * SMALL]
    known = Batches(lambda _: 32, lambda: free[0], 1.0)
    assert known.size(SMALL, 32) == 8  # 8.5 fit into what may be used
    free[0] = 4 * SMALL
    assert known.size(SMALL, 32) == 3
    free[0] = 0
    assert known.size(SMALL, 32) == 1
    assert known.size(LARGE, 1) == 1


def test_what_was_measured_replaces_the_guess() -> None:
    known = batches(32, 12 * SMALL)
    assert known.size(SMALL, 10) == 10
    known.worked(SMALL, 4, 4 * 3 * SMALL)
    assert known.size(SMALL, 9) == 3
    known.worked(SMALL, 1, 9 * SMALL)  # a single one shows least of what each takes
    assert known.size(SMALL, 9) == 3
    known.worked(SMALL, 8, None)
    assert known.size(SMALL, 9) == 3


def test_each_failure_halves_what_is_tried() -> None:
    known = batches(8)
    assert [known.failed(SMALL, known.size(SMALL, 8)) for _ in range(4)] == [4, 2, 1, 0]
    assert known.size(SMALL, 8) == 1


def test_what_did_not_fit_does_not_fit_at_a_larger_size() -> None:
    known = batches(8)
    known.failed(SMALL, 8)
    assert known.size(LARGE, 8) == 4
    known = batches(8)
    known.failed(LARGE, 8)
    assert known.size(SMALL, 8) == 8


def test_freed_memory_lets_more_be_tried() -> None:
    known = batches(8)
    known.failed(SMALL, 2)
    known.start_anew()
    assert known.size(SMALL, 8) == 8
