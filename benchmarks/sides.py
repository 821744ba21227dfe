"""One way of making pictures, measured: how fast, how much memory, and whether a batch changes a picture."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import gpu
from benchmarks.making import GUIDANCE, OurPictures, Way, Work
from benchmarks.notebook_pictures import NotebookPictures
from vktrs.picture import Picture

KINDS = ("variations", "keyframes")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a call for `count` pictures takes (the median of the rounds), those of the first call, and the most
    memory that was taken, in bytes."""

    seconds: float
    first: float
    count: int
    memory: int

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Apart:
    """How far pictures differ from others: at most and on average, of 255, and the share of values that differ."""

    most: int
    mean: float
    share: float


@dataclass(frozen=True, slots=True)
class Side:
    """What was measured of one way, by `KINDS`; of ours also what it remarked and how many it made at once."""

    paces: dict[str, Pace]
    apart: dict[str, Apart]
    said: tuple[str, ...] = ()
    at_once: int = 1


def notebook_side(checkpoint: Path, device: str, work: Work, rounds: int) -> Side | None:
    """The notebook's way; None where it does not fit into the GPU."""
    import torch

    try:
        with closing(NotebookPictures(checkpoint, device, work.steps, GUIDANCE)) as way:
            return Side(_paces(way, device, work, rounds), {})
    except torch.OutOfMemoryError:
        return None
    finally:
        gpu.forget(device)


def our_side(checkpoint: Path, device: str, work: Work, rounds: int, *, compiled: bool = False) -> Side:
    """Our way; VktrsError where it cannot. Not compiled, its pictures are compared with some that were made alone."""
    try:
        with closing(OurPictures(checkpoint, device, work.steps, compiled=compiled)) as way:
            paces = _paces(way, device, work, rounds)
            return Side(paces, {} if compiled else _aparts(way, work), tuple(way.said), way.most_at_once)
    finally:
        gpu.forget(device)


def _paces(way: Way, device: str, work: Work, rounds: int) -> dict[str, Pace]:
    keys = [work.keyframe(scene) for scene in range(rounds + 1)]
    makers: dict[str, Callable[[int], Sequence[Picture]]] = {
        "variations": lambda scene: way.variations(keys[scene], work.frame_requests(scene)),
        "keyframes": lambda scene: way.keyframes(work.keyframe_requests(scene)),
    }
    return {kind: _pace(makers[kind], work.count, device, rounds) for kind in KINDS}


def _pace(make: Callable[[int], Sequence[Picture]], count: int, device: str, rounds: int) -> Pace:
    """The pace of `make(scene)`, called once to warm up and then in each round with a scene of its own.

    A new scene each time, since what is kept from one call for the next of the same scene would spare work that a run
    has to do.
    """
    first = _seconds(make, 0, device)
    gpu.watch_memory(device)
    seconds = [_seconds(make, scene, device) for scene in range(1, rounds + 1)]
    return Pace(statistics.median(seconds), first, count, gpu.most_memory(device))


def _seconds(make: Callable[[int], Sequence[Picture]], scene: int, device: str) -> float:
    began = time.perf_counter()
    make(scene)
    gpu.wait_for(device)
    return time.perf_counter() - began


def _aparts(way: Way, work: Work) -> dict[str, Apart]:
    """Pictures made together against the same ones made one a call."""
    key, frames, words = work.keyframe(0), work.frame_requests(0), work.keyframe_requests(0)
    return {
        "variations": apart(way.variations(key, frames), [way.variations(key, [each])[0] for each in frames]),
        "keyframes": apart(way.keyframes(words), [way.keyframes([each])[0] for each in words]),
    }


def apart(some: Sequence[Picture], others: Sequence[Picture]) -> Apart:
    """How far the pictures of two lists differ, pair by pair."""
    difference = np.abs(np.stack(some).astype(np.int16) - np.stack(others).astype(np.int16))
    return Apart(int(difference.max()), float(difference.mean()), float((difference > 0).mean()))
