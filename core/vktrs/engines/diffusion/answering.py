"""Requests in, answers out, batch by batch: smaller ones where memory ends, and again what is not to be shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeAlias

from vktrs.engines.diffusion.decoding import Decoded
from vktrs.engines.diffusion.drawing import Drawing
from vktrs.engines.diffusion.jobs import Drawn, Job, Request
from vktrs.engines.pictures import Workplace
from vktrs.errors import Stopped, VktrsError

Draw: TypeAlias = Callable[[Sequence[Job[Request]]], Sequence[Drawn] | None]
"""What came of each job of a batch; None where there was not enough memory for them."""


class Answering:
    """Goes on until everything is answered or the workplace has had enough. Jobs of one `kind` go in one batch."""

    def __init__(self, drawing: Drawing, workplace: Workplace, kind: Callable[[Job[Any]], Hashable]) -> None:
        self._drawing = drawing
        self._workplace = workplace
        self._kind = kind

    def answers(
        self, jobs: Sequence[Job[Request]], draw: Draw[Request]
    ) -> Iterator[tuple[Request, Decoded | VktrsError]]:
        """Batch by batch; what is refused comes again at the end of the queue, with another seed."""
        waiting = deque(jobs)
        while waiting:
            if self._workplace.is_stopped():
                raise Stopped
            if self._workplace.is_winding_up():
                return
            batch = self._next_batch(waiting)
            drawn = draw(batch)
            if drawn is None:
                waiting.extendleft(reversed(batch))
                self._drawing.make_do_with_less(batch)
                continue
            results = deque(zip(batch, drawn, strict=True))
            del drawn
            while results:  # one after another let go, so that none is on the device while the next batch is made
                job, result = results.popleft()
                again = job.after(result) if isinstance(result, str) else None
                if again is not None:
                    waiting.append(again)
                    continue
                if job.refused and not isinstance(result, str):
                    self._workplace.remark(job.story())
                yield job.request, job.failure(result) if isinstance(result, str) else result
                del result

    def _next_batch(self, waiting: deque[Job[Request]]) -> list[Job[Request]]:
        """Take those that can be made with the first one, as many as fit."""
        kind = self._kind(waiting[0])
        alike = [each for each in waiting if self._kind(each) == kind]
        batch = alike[: self._drawing.size(alike[0].pixels, len(alike))]
        for each in batch:
            waiting.remove(each)
        return batch
