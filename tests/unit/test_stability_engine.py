"""Paid pictures: what is asked and what is not, what is paid and given back, what comes out however it goes."""

from __future__ import annotations

import io
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vktrs.artifacts import Store
from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, MotionRequest, Workplace
from vktrs.engines.purse import BudgetSpent, Purse
from vktrs.engines.refusals import Refusals
from vktrs.engines.services.retrying import Policy, Retrying, Transient
from vktrs.engines.stability.engine import StabilityEngine
from vktrs.engines.stability.options import next_seed, read_options
from vktrs.engines.stability.way import Ask, Broken, Drawn
from vktrs.errors import Halted, MissingError, Stopped, VktrsError
from vktrs.motion.affine import Move, matrix
from vktrs.motion.colour import colours
from vktrs.motion.step import stepped
from vktrs.picture import Picture

Outcome = Callable[[Ask], list[Drawn]]
PRICE = 3.0
KEYFRAME = Keyframe(np.arange(32 * 48 * 3, dtype=np.uint8).reshape(32, 48, 3), None)


def png(red: int, blank: bool = False) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (6, 4), (red, 40, 90))
    if not blank:
        image.putpixel((5, 3), (0, 0, 0))
    image.save(buffer, "PNG")
    return buffer.getvalue()


def drawn(ask: Ask) -> list[Drawn]:
    return [Drawn(seed, png(seed % 256)) for seed in ask.seeds]


def filtered(ask: Ask) -> list[Drawn]:
    return [Drawn(seed, None, "CONTENT_FILTERED") for seed in ask.seeds]


def garbage(ask: Ask) -> list[Drawn]:
    return [Drawn(seed, png(1)[:40]) for seed in ask.seeds]


def blank(ask: Ask) -> list[Drawn]:
    return [Drawn(seed, png(0, blank=True)) for seed in ask.seeds]


def broken(after: int, failure: Exception) -> Outcome:
    """A failure once so many of the pictures had come."""

    def outcome(ask: Ask) -> list[Drawn]:
        raise Broken(drawn(ask)[:after], failure)

    return outcome


def failing(error: Exception) -> Outcome:
    def outcome(_ask: Ask) -> list[Drawn]:
        raise error

    return outcome


class Way:
    """A service in memory: the next call goes as the script says, all others go well."""

    def __init__(self, *script: Outcome, samples: int = 1) -> None:
        self.SAMPLES = samples
        self.LEAST_STRENGTH = 0.02
        self.script = deque(script)
        self.asks: list[Ask] = []
        self.closed = False
        self.lock = threading.Lock()

    def price(self, ask: Ask) -> float:
        return PRICE * len(ask.seeds)

    def draw(self, ask: Ask, timeout: float) -> list[Drawn]:
        assert timeout > 0
        with self.lock:
            self.asks.append(ask)
            outcome = self.script.popleft() if self.script else drawn
        return outcome(ask)

    def close(self) -> None:
        self.closed = True


class Watched(Purse):
    """Tells when the second call wants to set something aside."""

    def __init__(self, limit: float, asked: threading.Event) -> None:
        super().__init__(limit)
        self.takes = itertools.count(1)
        self.asked = asked

    def take(self, price: float, count: int = 1) -> int:
        if next(self.takes) == 2:
            self.asked.set()
        return super().take(price, count)


def key(number: int, seed: int | None = None) -> KeyframeRequest:
    return KeyframeRequest(f"picture {number}", "blurry", number if seed is None else seed, 48, 32)


def frame(k: int, consistency: float = 0.72) -> FrameRequest:
    return FrameRequest(k, "a street", "blurry", 100 + k, consistency, 48, 32)


def quick(workplace: Workplace, tries: int = 3) -> Callable[[Callable[[], bool]], Retrying]:
    """Tries again without a pause."""
    policy = Policy(tries=tries)
    return lambda is_over: Retrying(
        is_over, workplace.remark, policy, sleep=lambda _s: None, uniform=lambda *_: 0.0, name="Stability"
    )


def opened(way: Way, workplace: Workplace | None = None, at_once: int = 1) -> StabilityEngine:
    workplace = workplace or Workplace()
    return StabilityEngine(read_options({"at_once": at_once}), workplace, way, quick(workplace))


def reds(answers: Iterator[tuple[KeyframeRequest, Answer]] | Iterator[tuple[FrameRequest, Answer]]) -> dict[int, int]:
    """The seed of each request and the red of its picture."""
    found = {}
    for request, answer in answers:
        assert not isinstance(answer, VktrsError), answer
        found[request.seed] = int(answer[0, 0, 0])
    return found


def failure(answer: Answer) -> VktrsError:
    assert isinstance(answer, VktrsError)
    return answer


def test_every_request_is_answered_with_a_picture_in_the_services_size() -> None:
    way, purse = Way(), Purse()
    engine = opened(way, Workplace(purse=purse), at_once=4)
    answers = dict(engine.keyframes([key(number) for number in range(1, 8)]))
    assert {request.seed for request in answers} == set(range(1, 8))
    assert all(not isinstance(each, VktrsError) and each.shape == (4, 6, 3) for each in answers.values())
    assert purse.spent == 7 * PRICE
    engine.close()
    assert way.closed


def test_seeds_that_would_be_random_are_mapped_to_others_that_are_not() -> None:
    way = Way()
    list(opened(way).keyframes([key(1, 0), key(2, 2**32 - 1), key(3, 0)]))
    first, second, again = (ask.seeds[0] for ask in way.asks)
    assert first == again != second
    assert all(1 <= seed <= 2**32 - 2 for seed in (first, second))


def test_variations_start_from_the_keyframe_as_far_as_their_consistency_says() -> None:
    way = Way()
    assert reds(opened(way).variations(KEYFRAME, [frame(1), frame(2)])) == {101: 101, 102: 102}
    assert all(ask.start is KEYFRAME.picture and ask.strength == pytest.approx(0.28) for ask in way.asks)


def test_several_frames_go_in_one_call_where_the_service_makes_several() -> None:
    way = Way(samples=3)
    found = reds(opened(way).variations(KEYFRAME, [frame(k) for k in range(1, 8)]))
    assert found == {seed: seed for seed in range(101, 108)}
    assert [len(ask.seeds) for ask in way.asks] == [3, 3, 1]


def test_keyframes_of_different_prompts_share_no_call() -> None:
    way = Way(samples=3)
    list(opened(way).keyframes([key(1), key(2)]))
    assert [ask.prompt for ask in way.asks] == ["picture 1", "picture 2"]


def test_of_several_pictures_only_those_that_failed_are_asked_for_again() -> None:
    way = Way(lambda ask: [Drawn(ask.seeds[0], png(1)), Drawn(ask.seeds[1], None, "FILTER")], samples=3)
    found = reds(opened(way).variations(KEYFRAME, [frame(1), frame(3), frame(5)]))
    assert way.asks[1].seeds == (next_seed(103, 1), 105)
    assert found == {101: 1, 103: next_seed(103, 1) % 256, 105: 105}


def test_no_more_calls_than_allowed_are_under_way_at_once() -> None:
    now, most, lock, both = [0], [0], threading.Lock(), threading.Barrier(2)

    def together(ask: Ask) -> list[Drawn]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        both.wait(20)  # two are, or this breaks
        with lock:
            now[0] -= 1
        return drawn(ask)

    engine = opened(Way(*[together] * 8), at_once=2)
    assert len(reds(engine.keyframes([key(number) for number in range(1, 9)]))) == 8
    assert most[0] == 2


def test_the_machines_batch_limits_what_is_asked_at_once() -> None:
    alone = threading.Lock()

    def one(ask: Ask) -> list[Drawn]:
        assert alone.acquire(blocking=False)
        alone.release()
        return drawn(ask)

    engine = opened(Way(*[one] * 6), Workplace(batch=1), at_once=4)
    assert len(reds(engine.keyframes([key(number) for number in range(1, 7)]))) == 6


def test_an_answer_is_handed_out_while_others_are_still_under_way() -> None:
    released = threading.Event()

    def slow(ask: Ask) -> list[Drawn]:
        assert released.wait(20)
        return drawn(ask)

    answers = opened(Way(slow), at_once=2).keyframes([key(1), key(2)])
    first, _ = next(answers)
    released.set()
    assert [first, *(request for request, _ in answers)] in ([key(2), key(1)], [key(1), key(2)])


@pytest.mark.parametrize(("paid", "spent"), [(False, 1), (True, 2)])
def test_a_call_that_was_not_charged_is_given_back(paid: bool, spent: int) -> None:
    purse, remarks = Purse(), list[str]()
    way = Way(failing(Transient("it broke", paid=paid)))
    assert reds(opened(way, Workplace(purse=purse, remark=remarks.append)).keyframes([key(7)])) == {7: 7}
    assert purse.spent == spent * PRICE
    assert "it broke" in remarks[0]


def test_a_refused_request_fails_alone_and_costs_nothing() -> None:
    purse = Purse()
    way = Way(failing(VktrsError("Stability refuses this prompt.")))
    answers = dict(opened(way, Workplace(purse=purse)).keyframes([key(1), key(2)]))
    assert "refuses" in failure(answers[key(1)]).message
    assert not isinstance(answers[key(2)], VktrsError)
    assert purse.spent == PRICE


@pytest.mark.parametrize("taken", [filtered, blank])
def test_a_filtered_picture_is_replaced_by_that_of_another_seed(taken: Outcome) -> None:
    purse = Purse()
    way = Way(taken, taken, taken)
    assert reds(opened(way, Workplace(purse=purse)).keyframes([key(7)])) == {7: next_seed(7, 3) % 256}
    assert [ask.seeds[0] for ask in way.asks] == [7, *(next_seed(7, tried) for tried in (1, 2, 3))]
    assert purse.spent == 4 * PRICE


@pytest.mark.parametrize(("taken", "why"), [(filtered, "CONTENT_FILTERED"), (blank, "single colour")])
def test_why_a_picture_was_taken_away_is_said(taken: Outcome, why: str) -> None:
    remarks = list[str]()
    reds(opened(Way(taken), Workplace(remark=remarks.append)).keyframes([key(7)]))
    assert why in remarks[0]


def test_variations_of_a_plain_picture_may_be_plain() -> None:
    plain = Keyframe(np.full((32, 48, 3), 90, np.uint8), None)
    assert len(reds(opened(Way(blank)).variations(plain, [frame(1)]))) == 1


def test_a_variation_that_is_the_keyframe_itself_is_not_bought() -> None:
    way, purse = Way(), Purse()
    answers = dict(opened(way, Workplace(purse=purse)).variations(KEYFRAME, [frame(1, 1.0), frame(2)]))
    assert answers[frame(1, 1.0)] is KEYFRAME.picture
    assert [ask.seeds for ask in way.asks] == [(102,)]
    assert purse.spent == PRICE


def test_after_three_other_seeds_the_scene_fails_with_the_filters_reason() -> None:
    way = Way(*[filtered] * 4)
    answers = dict(opened(way).keyframes([key(7), key(50)]))
    assert "CONTENT_FILTERED" in failure(answers[key(7)]).message
    assert not isinstance(answers[key(50)], VktrsError)
    assert len(way.asks) == 5


def test_no_run_pays_for_a_refusal_again(tmp_path: Path) -> None:
    def run(*script: Outcome) -> tuple[Way, Answer, float]:
        way, place = Way(*script), Workplace(refusals=Refusals(Store(tmp_path)))
        return way, dict(opened(way, place).keyframes([key(7)]))[key(7)], place.purse.spent

    way, answer, spent = run(filtered, filtered, failing(VktrsError("refused")))
    assert (len(way.asks), spent) == (3, 2 * PRICE)
    way, answer, spent = run(*[filtered] * 4)
    assert [ask.seeds[0] for ask in way.asks] == [next_seed(7, 2), next_seed(7, 3)]
    way, answer, spent = run()
    assert "with 4 seeds" in failure(answer).message
    assert (way.asks, spent) == ([], 0.0)


def test_another_prompt_or_another_keyframe_is_no_refusal_of_before() -> None:
    place = Workplace()
    list(opened(Way(*[filtered] * 4), place).keyframes([key(7)]))
    list(opened(Way(*[filtered] * 4), place).variations(KEYFRAME, [frame(1)]))
    way = Way()
    engine = opened(way, place)
    assert reds(engine.keyframes([key(8, seed=7)])) == {7: 7}
    other = Keyframe(KEYFRAME.picture[::-1].copy(), None)
    assert reds(engine.variations(other, [frame(1)])) == {101: 101}


def test_garbage_is_asked_for_once_more_and_then_fails() -> None:
    way = Way(garbage, drawn, garbage, garbage)
    answers = dict(opened(way).keyframes([key(1), key(2)]))
    assert not isinstance(answers[key(1)], VktrsError)
    assert "no picture" in failure(answers[key(2)]).message
    assert len(way.asks) == 4


def test_a_picture_that_did_not_come_is_asked_for_again() -> None:
    way = Way(lambda ask: drawn(ask)[:1], samples=2)
    assert reds(opened(way).variations(KEYFRAME, [frame(1), frame(2)])) == {101: 101, 102: 102}
    assert way.asks[1].seeds == (102,)


def test_a_call_that_breaks_again_and_again_is_tried_for_what_is_missing_as_often_as_any_other() -> None:
    way = Way(*[broken(1, Transient("503"))] * 2, samples=3)
    assert reds(opened(way).variations(KEYFRAME, [frame(k) for k in (1, 2, 3)])) == {101: 101, 102: 102, 103: 103}
    assert [ask.seeds for ask in way.asks] == [(101, 102, 103), (102, 103), (103,)]


@pytest.mark.parametrize(
    ("failure", "spent"),
    [(Transient("503"), 3), (Transient("lost", paid=True), 5), (VktrsError("refused"), 1), (Halted("poor"), 1)],
)
def test_of_a_call_that_breaks_what_came_is_kept_and_only_that_is_paid(failure: Exception, spent: int) -> None:
    purse = Purse()
    way = Way(broken(1, failure), samples=3)
    answers = opened(way, Workplace(purse=purse)).variations(KEYFRAME, [frame(k) for k in (1, 2, 3)])
    request, answer = next(answers)
    assert request == frame(1)
    assert not isinstance(answer, VktrsError)
    if isinstance(failure, Halted):
        with pytest.raises(Halted, match="poor"):
            next(answers)
    else:
        refused = [each for _, each in answers if isinstance(each, VktrsError)]
        assert len(refused) == (2 if isinstance(failure, VktrsError) else 0)
    assert purse.spent == spent * PRICE


@pytest.mark.parametrize("pictures", [1, 3])
def test_a_call_that_breaks_after_its_last_picture_has_gone_well(pictures: int) -> None:
    purse = Purse()
    way = Way(broken(pictures, Transient("503")), samples=3)
    wanted = [frame(k) for k in range(1, pictures + 1)]
    assert len(reds(opened(way, Workplace(purse=purse)).variations(KEYFRAME, wanted))) == pictures
    assert len(way.asks) == 1
    assert purse.spent == pictures * PRICE


def test_a_call_is_made_for_as_many_pictures_as_the_budget_has_left() -> None:
    purse = Purse(limit=5 * PRICE)
    way = Way(samples=3)
    answers = opened(way, Workplace(purse=purse)).variations(KEYFRAME, [frame(k) for k in range(1, 8)])
    assert {next(answers)[0].k for _ in range(5)} == {1, 2, 3, 4, 5}
    with pytest.raises(BudgetSpent):
        next(answers)
    assert [len(ask.seeds) for ask in way.asks] == [3, 2]
    assert purse.spent == 5 * PRICE


def test_a_budget_is_not_spent_by_a_call_that_costs_nothing_in_the_end() -> None:
    asked = threading.Event()

    def fails(_ask: Ask) -> list[Drawn]:
        assert asked.wait(20)
        raise VktrsError("refused")

    purse = Watched(PRICE, asked)
    answers = opened(Way(fails), Workplace(purse=purse), at_once=2).keyframes([key(1), key(2)])
    assert len([each for _, each in answers if not isinstance(each, VktrsError)]) == 1
    assert purse.spent == PRICE


def test_a_stop_while_the_budget_is_waited_for_buys_no_more() -> None:
    asked, stopped = threading.Event(), threading.Event()

    def fails(_ask: Ask) -> list[Drawn]:
        assert asked.wait(20)
        stopped.set()
        raise VktrsError("refused")

    purse, way = Watched(PRICE, asked), Way(fails)
    workplace = Workplace(purse=purse, is_stopped=stopped.is_set)
    with pytest.raises(Stopped):
        list(opened(way, workplace, at_once=2).keyframes([key(1), key(2)]))
    assert len(way.asks) == 1
    assert purse.spent == 0


def test_a_fault_of_ours_leaves_no_other_call_waiting_for_the_budget() -> None:
    asked = threading.Event()

    def fails(_ask: Ask) -> list[Drawn]:
        assert asked.wait(20)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(opened(Way(fails), Workplace(purse=Watched(PRICE, asked)), at_once=2).keyframes([key(1), key(2)]))


def test_another_seed_that_a_neighbour_has_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vktrs.engines.stability.engine.next_seed", lambda _seed, _tried: 102)

    def first_filtered(ask: Ask) -> list[Drawn]:
        raise Broken([Drawn(101, None, "FILTER")], Transient("503"))

    purse, way = Purse(), Way(first_filtered, samples=2)
    found = reds(opened(way, Workplace(purse=purse)).variations(KEYFRAME, [frame(1), frame(2)]))
    assert found == {101: 102, 102: 102}
    assert [ask.seeds for ask in way.asks] == [(101, 102), (102,)]
    assert purse.spent == 2 * PRICE


def test_a_spent_budget_hands_out_what_is_under_way_before_it_says_so() -> None:
    purse = Purse(limit=2 * PRICE)
    released, going = threading.Event(), threading.Event()

    def slow(ask: Ask) -> list[Drawn]:
        going.set()
        assert released.wait(20)
        return drawn(ask)

    def after_the_other(ask: Ask) -> list[Drawn]:
        assert going.wait(20)
        return drawn(ask)

    by_prompt = {"picture 1": slow, "picture 2": after_the_other}
    way = Way(*[lambda ask: by_prompt[ask.prompt](ask)] * 2)
    answers = opened(way, Workplace(purse=purse), at_once=2).keyframes([key(1), key(2), key(3), key(4)])
    assert next(answers)[0] == key(2)
    threading.Timer(0.05, released.set).start()
    assert next(answers)[0] == key(1)
    with pytest.raises(BudgetSpent):
        next(answers)
    assert len(way.asks) == 2
    assert purse.spent == 2 * PRICE


@pytest.mark.parametrize("error", [Halted("no credits left"), MissingError("the key is not accepted")])
def test_what_concerns_all_ends_the_batch(error: VktrsError) -> None:
    purse = Purse()
    way = Way(drawn, failing(error))
    answers = opened(way, Workplace(purse=purse)).keyframes([key(number) for number in range(1, 9)])
    assert next(answers)[0] == key(1)
    with pytest.raises(type(error), match=error.message):
        next(answers)
    assert len(way.asks) == 2
    assert purse.spent == PRICE


def test_a_service_that_is_down_is_not_asked_for_every_picture() -> None:
    way = Way(*[failing(Transient("503"))] * 99)
    answers = opened(way).keyframes([key(number) for number in range(1, 30)])
    told = [next(answers), next(answers)]
    assert all("could not answer" in failure(answer).message for _, answer in told)
    with pytest.raises(Halted):
        next(answers)
    assert len(way.asks) == 9


def test_a_stop_hands_out_what_is_paid_and_asks_for_no_more() -> None:
    stopped = threading.Event()

    def stop(ask: Ask) -> list[Drawn]:
        stopped.set()
        return drawn(ask)

    way = Way(drawn, stop)
    answers = opened(way, Workplace(is_stopped=stopped.is_set)).keyframes([key(number) for number in range(1, 9)])
    assert [next(answers)[0], next(answers)[0]] == [key(1), key(2)]
    with pytest.raises(Stopped):
        next(answers)
    assert len(way.asks) == 2


def test_winding_up_ends_without_an_error_and_leaves_the_rest_unanswered() -> None:
    over = threading.Event()

    def wind_up(ask: Ask) -> list[Drawn]:
        over.set()
        return drawn(ask)

    way = Way(wind_up)
    assert len(list(opened(way, Workplace(is_winding_up=over.is_set)).keyframes([key(1), key(2)]))) == 1
    assert len(way.asks) == 1


def test_a_stop_ends_a_pause_between_two_tries() -> None:
    stopped = threading.Event()

    def busy(_ask: Ask) -> list[Drawn]:
        stopped.set()
        raise Transient("429", wait=250.0)

    purse = Purse()
    workplace = Workplace(purse=purse, is_stopped=stopped.is_set)
    engine = StabilityEngine(read_options({}), workplace, Way(busy))
    with pytest.raises(Stopped):
        next(engine.keyframes([key(1)]))
    assert purse.spent == 0


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        list(opened(Way(failing(ZeroDivisionError()))).keyframes([key(1)]))


# A moving scene


def step(k: int, strength: float = 0.5, **other: Any) -> MotionRequest:
    asked = {"color_coherence": "none", "noise": 0.0, "guidance_scale": None, **other}
    return MotionRequest(
        k=k, prompt="p", negative_prompt="", seed=100 + k, warp=matrix(Move(1.1, 5, 2), 48, 32), border="reflect",
        strength=strength, width=48, height=32, **asked,
    )  # fmt: skip


def moved(previous: Picture, request: MotionRequest) -> Picture:
    wanted = colours(KEYFRAME.picture) if request.color_coherence == "LAB" else None
    return stepped(previous, request.warp, request.border, wanted, request.noise, request.seed)


def chained(
    engine: StabilityEngine, chain: list[MotionRequest], first: int = 1, previous: Picture | None = None
) -> Any:
    return engine.motion(KEYFRAME, chain, first, KEYFRAME.picture if previous is None else previous)


def test_each_picture_of_a_moving_scene_is_drawn_from_the_one_before_moved_and_prepared() -> None:
    way, purse = Way(), Purse()
    chain = [step(1), step(2, 0.25, color_coherence="LAB", noise=0.02, guidance_scale=9.0), step(3)]
    answers = list(chained(opened(way, Workplace(purse=purse)), chain))
    assert [request for request, _ in answers] == chain
    assert [answer.shape for _, answer in answers] == [(32, 48, 3)] * 3
    before = [KEYFRAME.picture, answers[0][1], answers[1][1]]
    for ask, previous, request in zip(way.asks, before, chain, strict=True):
        assert ask.start is not None
        assert ask.start.tobytes() == moved(previous, request).tobytes()
        assert (ask.strength, ask.cfg_scale, ask.seeds) == (request.strength, request.guidance_scale, (request.seed,))
    assert purse.spent == 3 * PRICE


def test_what_would_not_be_drawn_anew_is_moved_and_not_bought() -> None:
    way = Way()
    answers = list(chained(opened(way), [step(1, 0.0, noise=0.3), step(2, 0.019), step(3)]))
    first = moved(KEYFRAME.picture, step(1))
    assert answers[0][1].tobytes() == first.tobytes()
    assert answers[1][1].tobytes() == moved(first, step(2)).tobytes()
    assert [ask.seeds for ask in way.asks] == [(103,)]


def test_a_moving_scene_goes_on_where_it_was_left() -> None:
    chain = [step(k, noise=0.01, color_coherence="LAB") for k in range(1, 6)]
    whole = list(chained(opened(Way()), chain))
    resumed = list(chained(opened(Way()), chain, 3, whole[1][1]))
    assert [request.k for request, _ in resumed] == [3, 4, 5]
    assert [answer.tobytes() for _, answer in resumed] == [answer.tobytes() for _, answer in whole[2:]]


def test_a_moving_scene_tries_other_seeds_and_ends_where_there_is_no_picture() -> None:
    way = Way(drawn, filtered, drawn, *[filtered] * 4)
    answers = list(chained(opened(way), [step(k) for k in range(1, 9)]))
    assert [request.k for request, _ in answers] == [1, 2, 3]
    assert "with 4 seeds" in failure(answers[2][1]).message
    assert [ask.seeds[0] for ask in way.asks[:3]] == [101, 102, next_seed(102, 1)]
    assert len(way.asks) == 7


def test_what_the_filter_took_from_a_moving_scene_is_not_paid_again() -> None:
    place = Workplace()
    list(chained(opened(Way(*[filtered] * 4), place), [step(1)]))
    way = Way()
    ((_, again),) = chained(opened(way, place), [step(1), step(2)])
    assert "as before" in failure(again).message and not way.asks
    assert len(list(chained(opened(way, place), [step(1, 0.6), step(2)]))) == 2


def test_a_moving_scene_ends_with_the_budget_and_keeps_what_is_paid() -> None:
    purse = Purse(limit=2 * PRICE)
    answers = chained(opened(Way(), Workplace(purse=purse)), [step(k) for k in range(1, 5)])
    assert [next(answers)[0].k for _ in range(2)] == [1, 2]
    with pytest.raises(BudgetSpent):
        next(answers)


@pytest.mark.parametrize("stops", [True, False])
def test_a_moving_scene_hands_out_what_is_paid_and_ends_when_it_is_told(stops: bool) -> None:
    over = threading.Event()

    def told(ask: Ask) -> list[Drawn]:
        over.set()
        return drawn(ask)

    way = Way(drawn, told)
    workplace = Workplace(is_stopped=over.is_set) if stops else Workplace(is_winding_up=over.is_set)
    answers = chained(opened(way, workplace), [step(k) for k in range(1, 9)])
    assert [next(answers)[0].k, next(answers)[0].k] == [1, 2]
    with pytest.raises(Stopped if stops else StopIteration):
        next(answers)
    assert len(way.asks) == 2
