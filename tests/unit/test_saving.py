"""Pictures are written one after another, a few of them behind the engine; a failure comes out and nothing hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from vktrs.runs.saving import MOST_WAITING, Saver


@pytest.fixture
def saver() -> Iterator[Saver]:
    with closing(Saver()) as saving:
        yield saving


def failing() -> None:
    raise OSError("the disk is full")


def test_everything_is_done_in_its_order(saver: Saver) -> None:
    done: list[int] = []
    for number in range(40):
        saver.save(lambda number=number: done.append(number))  # type: ignore[misc]
    saver.drain()
    assert done == list(range(40))


def test_the_engine_does_not_wait_for_a_slow_disk_until_too_much_is_waiting(saver: Saver) -> None:
    go, reached = threading.Event(), threading.Event()

    def fill() -> None:
        for _ in range(MOST_WAITING):
            saver.save(lambda: assert_waited(go))
        reached.set()
        saver.save(lambda: assert_waited(go))

    filling = threading.Thread(target=fill)
    filling.start()
    assert reached.wait(10), "it waited although there was room"
    assert filling.is_alive()
    go.set()
    filling.join(10)
    assert not filling.is_alive()
    saver.drain()


def assert_waited(go: threading.Event) -> None:
    assert go.wait(10)


def test_with_nothing_waiting_it_is_done_when_save_returns(saver: Saver) -> None:
    done: list[int] = []
    saver.save(lambda: done.append(1), most_waiting=0)
    assert done == [1]
    with pytest.raises(OSError, match="full"):
        saver.save(failing, most_waiting=0)
    saver.drain()


def test_a_failure_comes_out_once_and_what_came_after_it_is_done_all_the_same(saver: Saver) -> None:
    done: list[int] = []
    go = threading.Event()
    saver.save(lambda: assert_waited(go))
    saver.save(failing)
    saver.save(lambda: done.append(1))
    go.set()
    with pytest.raises(OSError, match="full"):
        saver.drain()
    assert done == [1]
    saver.drain()


def test_what_waits_can_be_waited_for(saver: Saver) -> None:
    go = threading.Event()
    saver.save(lambda: assert_waited(go))
    (waiting,) = saver.pending
    assert not waiting.done()
    go.set()
    waiting.result(10)
    saver.drain()
    assert saver.pending == ()
