"""The pictures between two that were made, where only every n-th is (`cadence`): both moved to where they would be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vktrs.motion import Border
from vktrs.motion.affine import IDENTITY, Affine, chain, inverse
from vktrs.motion.warp import warped
from vktrs.picture import Picture


def between(start: Picture, end: Picture, warps: Sequence[Affine], border: Border) -> list[Picture]:
    """The `len(warps) - 1` pictures between `start` and `end`, of one size; `warps[i]` leads from picture i to i + 1.

    Number j shows `start` moved on by the steps before it and `end` moved back by those after it, j / n of the latter.
    An end to which no way leads back (a zoom of 0) is not moved.
    """
    count = len(warps)
    return [
        blended(
            warped(start, chain(warps[:number]), border),
            warped(end, _back(chain(warps[number:])), border),
            number / count,
        )
        for number in range(1, count)
    ]


def _back(affine: Affine) -> Affine:
    try:
        return inverse(affine)
    except ZeroDivisionError:
        return IDENTITY


def blended(one: Picture, other: Picture, share: float) -> Picture:
    """So much of the other, rounded."""
    mixed = one.astype(np.float32)
    mixed += (other - mixed) * np.float32(share)
    return (mixed + np.float32(0.5)).astype(np.uint8)
