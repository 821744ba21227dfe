"""Owns a batch of paid pictures: a few calls at a time in threads, each answer handed out as soon as it is there.

Money decides the details. Credits are set aside before a call and settled after it; what is in flight is always waited
for and handed out, also when the run is to stop. Whoever takes the answers must therefore take them to the end: closing
a generator early loses what is on its way, which is paid.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, MotionRequest, Workplace
from vktrs.engines.services.retrying import GivenUp, Retrying, Transient
from vktrs.engines.stability.chain import preparing
from vktrs.engines.stability.options import StabilityOptions, next_seed, service_seed
from vktrs.engines.stability.way import Ask, Broken, Drawn, Way
from vktrs.engines.stability.wishes import Request, Wish, about, ask_for, calls_for
from vktrs.errors import Halted, MissingError, Stopped, VktrsError

if TYPE_CHECKING:
    from vktrs.picture import Picture

Retry: TypeAlias = Callable[[Callable[[], bool]], Retrying]

_MOST_FILTERED = 3  # other seeds that are tried where the filter took a picture away
_MOST_SPOILED = 1  # times that an answer which is no picture, and may be charged, is asked for again
_MOST_GIVEN_UP = 3  # calls in succession that the service did not answer, before the run gives up, too

_Told: TypeAlias = "tuple[Request, Answer] | Future[None]"


class StabilityEngine:
    """A `PictureEngine` over one of the ways. Pictures have the service's own size.

    `retry(is_over)` makes what tries calls again; tests give it a clock of their own.
    """

    def __init__(self, options: StabilityOptions, workplace: Workplace, way: Way, retry: Retry | None = None) -> None:
        self._workplace = workplace
        self._way = way
        self._settled = options.settled
        self._retry = retry or (lambda is_over: Retrying(is_over, workplace.remark, name="Stability"))
        self._at_once = min(options.at_once, workplace.batch or options.at_once)
        self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="stability")
        self._given_up = 0
        self._lock = threading.Lock()

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Answer]]:
        """One answer for each request, as they come."""
        return self._answers(calls_for(requests, self._way.SAMPLES), None)

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> Iterator[tuple[FrameRequest, Answer]]:
        """One answer for each request, as they come: image-to-image from the keyframe. A copy of it is not bought."""
        for each in requests:
            if each.consistency >= 1:
                yield each, keyframe.picture
        changed = [each for each in requests if each.consistency < 1]
        yield from self._answers(calls_for(changed, self._way.SAMPLES), keyframe.picture)

    def motion(
        self, keyframe: Keyframe, chain: Sequence[MotionRequest], first: int, previous: Picture
    ) -> Iterator[tuple[MotionRequest, Answer]]:
        """The pictures from number `first` on, each image-to-image from the one before, in the size of the video.

        What would not be drawn anew is not bought. Where a picture cannot be had, that is the last answer.
        """
        from vktrs.picture import filling

        prepare = preparing(keyframe.picture, chain, self._way.LEAST_STRENGTH)
        for request in chain[first - 1 :]:
            if self._is_over():
                break
            start = prepare(previous, request)
            is_bought = request.strength >= self._way.LEAST_STRENGTH
            came: Answer | None = None
            for _, came in self._answers([[request]], start) if is_bought else [(request, start)]:
                if not isinstance(came, VktrsError):
                    came = previous = filling(came, request.width, request.height)
                yield request, came
            if came is None or isinstance(came, VktrsError):
                break
        if self._workplace.is_stopped():
            raise Stopped

    def close(self) -> None:
        """Wait for the calls that are under way, and end the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._way.close()

    def _answers(self, tasks: Sequence[Sequence[Request]], start: Picture | None) -> Iterator[tuple[Request, Answer]]:
        box: SimpleQueue[_Told[Request]] = SimpleQueue()
        over = threading.Event()

        def is_over() -> bool:
            return over.is_set() or self._is_over()

        retrying = self._retry(is_over)
        begun = None if start is None else blake2b(start.tobytes(), digest_size=16).hexdigest()
        waiting, in_flight = deque(tasks), 0
        fatal: BaseException | None = None
        try:
            while True:
                while waiting and in_flight < self._at_once and not is_over():
                    call = partial(self._call, start=start, is_over=is_over, answer=box.put)
                    work = partial(self._work, waiting.popleft(), begun, call, retrying, box.put)
                    self._pool.submit(work).add_done_callback(box.put)
                    in_flight += 1
                if not in_flight:
                    break
                told = box.get()
                if not isinstance(told, Future):
                    yield told
                    continue
                in_flight -= 1
                failure = told.exception()
                if failure is not None and not isinstance(failure, Stopped):
                    fatal = fatal or failure
                    over.set()
        finally:
            over.set()
        if fatal is not None:
            raise fatal
        if self._workplace.is_stopped():
            raise Stopped

    def _is_over(self) -> bool:
        return self._workplace.is_winding_up() or self._workplace.is_stopped()

    def _work(
        self,
        requests: Sequence[Request],
        begun: str | None,
        call: Callable[[list[Wish[Request]], float], None],
        retrying: Retrying,
        answer: Callable[[tuple[Request, Answer]], None],
    ) -> None:
        """In a thread: answer all requests of a task; raises what concerns all others, too."""
        wishes = self._not_refused(
            [Wish(each, service_seed(each.seed), about(each, self._settled, begun)) for each in requests], answer
        )
        try:
            while wishes:
                retrying.until_done(partial(call, wishes))
        except (MissingError, Halted, Stopped):
            raise
        except VktrsError as error:
            if isinstance(error, GivenUp):
                self._count_given_up(error)
            for wish in wishes:
                answer((wish.request, error))

    def _call(
        self,
        wishes: list[Wish[Request]],
        timeout: float,
        start: Picture | None,
        is_over: Callable[[], bool],
        answer: Callable[[tuple[Request, Answer]], None],
    ) -> None:
        """One call for as many of the wishes as the budget has left; what it fulfils is handed out, and no wish then.

        Raises what the call failed with, after what had come is handed out; not what passes by itself, where all came.
        """
        ask = ask_for(wishes, start)
        price = self._way.price(ask) / len(ask.seeds)
        fit = self._workplace.purse.take(price, len(ask.seeds))
        if is_over():  # while others were waited for
            self._workplace.purse.settle(fit * price, 0.0)
            raise Stopped
        drawn, failure = self._drawn(replace(ask, seeds=ask.seeds[:fit]), price, timeout)
        if drawn:
            self._given_up = 0
        wishes[:] = self._still_wanted(wishes, {each.seed: each for each in drawn}, start, answer)
        if failure is not None and (wishes or not isinstance(failure, Transient)):
            raise failure

    def _drawn(self, ask: Ask, price: float, timeout: float) -> tuple[list[Drawn], Exception | None]:
        """What came of a call, and what it failed with; paid for, or not, as it ended."""
        aside = cost = price * len(ask.seeds)
        try:
            drawn = self._way.draw(ask, timeout)
            if len(drawn) == len(ask.seeds):
                return drawn, None
            return drawn, Transient(f"its answer had {len(drawn)} of {len(ask.seeds)} pictures", paid=True)
        except Broken as broken:
            if not _may_be_charged(broken.failure):
                cost = price * len(broken.drawn)
            return broken.drawn, broken.failure
        except (Transient, VktrsError) as failure:
            if not _may_be_charged(failure):
                cost = 0.0
            return [], failure
        finally:
            self._workplace.purse.settle(aside, cost)

    def _count_given_up(self, error: GivenUp) -> None:
        """Halted where the service is down: hundreds of pictures would each wait for it."""
        with self._lock:
            self._given_up += 1
            down = self._given_up >= _MOST_GIVEN_UP
        if down:
            raise Halted(error.message, error.hint) from None

    def _still_wanted(
        self,
        wishes: Sequence[Wish[Request]],
        drawn: dict[int, Drawn],
        start: Picture | None,
        answer: Callable[[tuple[Request, Answer]], None],
    ) -> list[Wish[Request]]:
        """Hand out what came; what is to be asked for once more, with which seed."""
        left = []
        for wish in wishes:
            came = drawn.get(wish.seed)
            found = self._judged(wish, came, start) if came else None
            if found is None:
                left.append(wish)
            else:
                answer((wish.request, found))
        return left

    def _judged(self, wish: Wish[Request], came: Drawn, start: Picture | None) -> Answer | None:
        """The picture, or why there is none; None where it is to be asked for again."""
        from vktrs.engines.stability.received import decoded, is_blank

        if came.picture is None:
            return self._filtered(wish, came.reason)
        picture = decoded(came.picture)
        if picture is None:
            return self._spoiled(wish)
        if is_blank(picture) and (start is None or not is_blank(start)):
            return self._filtered(wish, "it came in a single colour")
        return picture

    def _not_refused(
        self, wishes: Sequence[Wish[Request]], answer: Callable[[tuple[Request, Answer]], None]
    ) -> list[Wish[Request]]:
        """The wishes with the first seed that was not refused before; where all were, that is the answer."""
        left = []
        for wish in wishes:
            failure = self._past_refusals(wish, "as before")
            if failure is None:
                left.append(wish)
            else:
                answer((wish.request, failure))
        return left

    def _past_refusals(self, wish: Wish[Request], reason: str) -> VktrsError | None:
        """Move a wish on to a seed that was not refused; why there is none left."""
        while self._workplace.refusals.known({**wish.about, "seed": wish.seed}):
            wish.filtered += 1
            if wish.filtered > _MOST_FILTERED:
                return VktrsError(
                    f"Stability's filter took every picture away ({reason}), with {wish.filtered} seeds.",
                    "Say the prompt in other words, or give the scene another seed.",
                )
            wish.seed = next_seed(wish.request.seed, wish.filtered)
        return None

    def _spoiled(self, wish: Wish[Request]) -> VktrsError | None:
        """Why there is no picture; None where it is to be asked for again."""
        wish.spoiled += 1
        if wish.spoiled > _MOST_SPOILED:
            return VktrsError("Stability answered with something that is no picture, twice.", "Run again later.")
        self._workplace.remark("Stability answered with something that is no picture. It is asked once more.")
        return None

    def _filtered(self, wish: Wish[Request], reason: str) -> VktrsError | None:
        """Why there is no picture; None where another seed is to be tried. No run pays for this one again."""
        self._workplace.refusals.note({**wish.about, "seed": wish.seed})
        failure = self._past_refusals(wish, reason)
        if failure is None:
            self._workplace.remark(
                f"Stability's filter took a picture away ({reason}), which is charged all the same. "
                "Another seed is tried."
            )
        return failure


def _may_be_charged(failure: Exception) -> bool:
    return isinstance(failure, Transient) and failure.paid
