"""Many pictures of which few are in memory: loaded, or drawn, when they are asked for.

A moving scene shows hundreds of different pictures; as arrays they would be gigabytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import overload

import numpy as np

from vktrs.picture import Picture

_KEPT = 4


class Stack(Sequence[Picture]):
    """`count` pictures that `load` gives by their number; the last `kept` that were asked for are kept."""

    def __init__(self, count: int, load: Callable[[int], Picture], kept: int = _KEPT) -> None:
        self._count = count
        self._load = load
        self._most = kept
        self._kept: OrderedDict[int, Picture] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Picture: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Picture]: ...

    def __getitem__(self, index: int | slice) -> Picture | Sequence[Picture]:
        if isinstance(index, slice):
            numbers = range(self._count)[index]
            return Stack(len(numbers), lambda at: self[numbers[at]])
        number = range(self._count)[index]
        if number not in self._kept:
            self._kept[number] = self._load(number)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return self._kept[number]


def reordered(pictures: Sequence[Picture], order: Sequence[int]) -> Stack:
    """The pictures in another order; one may come more than once."""
    return Stack(len(order), lambda index: pictures[order[index]])


def faded(
    before: Sequence[Picture],
    left: Sequence[int],
    after: Sequence[Picture],
    arriving: Sequence[int],
    first: int,
    length: int,
) -> Stack:
    """Frames of a crossfade: those of `before` numbered `left` give way to those of `after` numbered `arriving`.

    The first of them is frame `first` (from 0) of a fade of `length` frames, none of which is only one of the two.
    """

    def mixed(index: int) -> Picture:
        share = (first + index + 1) / (length + 1)
        old, new = before[left[index]], after[arriving[index]]
        return np.rint(old * (1.0 - share) + new * share).astype(np.uint8)

    return Stack(len(arriving), mixed)
