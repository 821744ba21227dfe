"""Progress is told a few times a second at most, and its first and last word always come."""

from __future__ import annotations

from typing import Any

from vktrs.runs.progress import SECONDS_BETWEEN, Progress


class Told:
    """A clock that a test sets, and what was told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[dict[str, Any]] = []
        self.progress = Progress(self.emit, lambda: self.now)

    def emit(self, event: str, **values: Any) -> None:
        assert event == "progress"
        self.events.append(values)

    def tell(self, seconds: float, done: float, total: float, stage: str = "clips") -> None:
        self.now += seconds
        self.progress.tell(stage, done, total, f"scene {done:g}")


def test_the_first_word_comes_at_once() -> None:
    told = Told()
    told.tell(0, 3, 10)
    assert told.events == [{"stage": "clips", "done": 3, "total": 10, "rate": 0.0, "what": "scene 3"}]


def test_quick_work_is_not_told_piece_by_piece() -> None:
    told = Told()
    for done in range(1, 1001):
        told.tell(0.001, done, 1001)
    assert len(told.events) <= 1 + 1 / SECONDS_BETWEEN


def test_the_last_word_always_comes() -> None:
    told = Told()
    told.tell(0, 1, 2)
    told.tell(0.001, 2, 2)
    assert [event["done"] for event in told.events] == [1, 2]


def test_slow_work_is_told_every_time() -> None:
    told = Told()
    for done in range(1, 6):
        told.tell(SECONDS_BETWEEN, done, 9)
    assert [event["done"] for event in told.events] == [1, 2, 3, 4, 5]


def test_the_rate_counts_from_the_first_word_and_not_from_what_was_there_before() -> None:
    told = Told()
    told.tell(0, 100, 200)
    told.tell(2, 110, 200)
    assert told.events[-1]["rate"] == 5.0


def test_a_part_of_a_picture_counts_for_the_rate_and_is_told_beside_what_is_done() -> None:
    told = Told()
    told.tell(0, 0, 4)
    told.now += 3600
    told.progress.tell("clips", 0, 4, "step 1 of 2", 0.5)
    assert told.events[-1]["done"] == 0
    assert told.events[-1]["part"] == 0.5
    assert abs(told.events[-1]["rate"] - 0.5 / 3600) < 1e-7, "however slow it is, there is a rate"
    told.tell(1, 1, 4)
    assert "part" not in told.events[-1]


def test_stages_do_not_hide_each_other() -> None:
    told = Told()
    told.tell(0, 1, 9, "keyframes")
    told.tell(0, 1, 9, "clips")
    assert [event["stage"] for event in told.events] == ["keyframes", "clips"]


def test_a_first_picture_took_as_long_as_it_was_asked_for() -> None:
    told = Told()
    told.progress.begin("clips", 0)
    told.tell(1, 1, 3)
    told.tell(1, 2, 3)
    assert [event["rate"] for event in told.events] == [1.0, 1.0]


def test_what_was_loaded_before_the_first_step_counts_for_no_rate() -> None:
    told = Told()
    told.progress.begin("clips", 0)
    told.now += 60
    told.progress.tell("clips", 0, 4, "step 1 of 2", 0.5)
    told.tell(1, 1, 4)
    assert told.events[-1]["rate"] == 0.5


def test_the_word_that_came_too_quickly_is_told_at_the_end() -> None:
    told = Told()
    told.tell(0, 1, 9)
    told.tell(0.001, 2, 9)
    told.tell(0.001, 3, 9)
    told.progress.last_words()
    told.progress.last_words()
    assert [event["done"] for event in told.events] == [1, 3]
