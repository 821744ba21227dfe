"""Owns the network: from the place of a pixel to the three fields that a picture is coloured and lit by.

Every step is an operation on single elements in float32, without matrix products: a sum that BLAS splits among its
threads may differ in the last bit, and pictures must not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.cppn.latent import FORM, Latent, Vector
from vktrs.motion.affine import IDENTITY, Affine

Plane = NDArray[np.floating[Any]]
"""Always float32; numpy's types cannot follow scalars through an expression."""

MARGIN = 2
"""Cells around the picture on each side, so that scaling up and slopes have neighbours at its edge."""


@dataclass(frozen=True, slots=True)
class Fields:
    """`shade`, `zone`, `height`: `(rows + 2 MARGIN, columns + 2 MARGIN)` float32, about mean 0 and deviation 1.

    `cell`: the width of one cell, where the shorter side of the picture is 2.
    """

    shade: Plane
    zone: Plane
    height: Plane
    cell: float


class Numbers:
    """Hands out the entries of a vector one after the other, so that each choice has its own."""

    def __init__(self, vector: Vector) -> None:
        self._left = iter(vector.tolist())

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> np.float32:
        return np.float32(mean + deviation * next(self._left))

    def between(self, low: float, high: float) -> np.float32:
        """Nearly uniform in low..high: the normal distribution's integral, by its logistic approximation."""
        return np.float32(low + (high - low) / (1 + np.exp(-1.702 * next(self._left))))

    def choice(self, count: int) -> int:
        """The largest of `count` entries: themes that share words often share it."""
        return int(np.argmax([next(self._left) for _ in range(count)]))


def draw_fields(latent: Latent, width: int, height: int, seen: Affine = IDENTITY) -> Fields:
    """The three fields of a picture of `width` x `height` pixels, on a grid that is as fine as they need.

    The shorter side of the picture is 2 long, whatever its shape: nothing is stretched. `seen` takes these coordinates
    to others, which are those of the same plane further off.
    """
    style, own = Numbers(latent.style[FORM]), Numbers(latent.composition)
    pixels = pixels_per_cell(width, height)
    columns, rows = max(round(width / pixels), 1), max(round(height / pixels), 1)
    short = min(width, height)
    x = _places(columns, width / short)
    y = _places(rows, height / short)
    p, q = np.broadcast_arrays(x[None, :], y[:, None])
    if seen != IDENTITY:
        p, q = _elsewhere(p, q, seen, half_period(width, height))
    p, q = _view(p, q, own)
    p, q = _SYMMETRIES[style.choice(len(_SYMMETRIES))](p, q, style)
    p, q = _warp(p, q, style, own)
    return Fields(*_layers(p, q, style, own), 2.0 * pixels / short)


def faded(one: Fields, other: Fields, share: float) -> Fields:
    """Fields between the two, as contrasty as either: `share` 0 is the one, 1 the other."""
    near, far = np.float32(math.cos(share * math.pi / 2)), np.float32(math.sin(share * math.pi / 2))
    return Fields(
        _standard(near * one.shade + far * other.shade),
        _standard(near * one.zone + far * other.zone),
        _standard(near * one.height + far * other.height),
        one.cell,
    )


def half_period(width: int, height: int) -> float:
    """Where the plane of a picture of that shape turns into its mirror image: beyond all that a keyframe shows."""
    return 1.5 * max(width, height) / min(width, height) + 0.5


def pixels_per_cell(width: int, height: int) -> int:
    """One for thumbnails, two for what is usual, more where the shorter side is above 1024 pixels."""
    short = min(width, height)
    return 1 if short < 96 else max(2, round(short / 512))


def _places(cells: int, reach: float) -> Plane:
    """The middles of `cells` cells from -reach to reach, and of the margin beyond."""
    return ((np.arange(-MARGIN, cells + MARGIN) + 0.5) * (2 * reach / cells) - reach).astype(np.float32)


def _elsewhere(p: Plane, q: Plane, seen: Affine, fold: float) -> tuple[Plane, Plane]:
    """In double precision until it is near the origin again."""
    a, b, c, d, e, f = seen
    x, y = p.astype(np.float64), q.astype(np.float64)
    return _folded(a * x + b * y + c, fold), _folded(d * x + e * y + f, fold)


def _folded(places: NDArray[np.float64], fold: float) -> Plane:
    """Back and forth between -fold and fold, turning round softly."""
    round_from = 0.5
    beyond = np.abs(2 * fold - (places + fold) % (4 * fold))  # how far from the fold on the right; 2 fold: on the left
    for _ in range(2):
        near = np.minimum(beyond, round_from)
        beyond += (near - round_from) ** 2 / (2 * round_from)
        beyond = 2 * fold - beyond
    return (fold - beyond).astype(np.float32)


def _view(p: Plane, q: Plane, own: Numbers) -> tuple[Plane, Plane]:
    """Turned, moved and scaled a little, as the composition says."""
    turn, size = own.normal(0, 0.35), np.exp(own.normal(0, 0.16))
    right, down = own.normal(0, 0.28), own.normal(0, 0.28)
    cos, sin = np.cos(turn) * size, np.sin(turn) * size
    return cos * p - sin * q + right, sin * p + cos * q + down


def _open(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    stretch = style.between(0.6, 1.0)
    return p * stretch, q


def _mirror(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    """Left as right, with a round fold."""
    return np.sqrt(p * p + np.float32(0.03)) * style.between(1.0, 1.5), q


def _petals(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    """z^k of the complex plane, its radius kept: k petals without a seam."""
    count = 2 + style.choice(4)
    twist = style.normal(0, 0.9)
    radius = np.sqrt(p * p + q * q + np.float32(1e-4))
    angle = twist * np.log(radius + np.float32(0.3))
    cos, sin = np.cos(angle), np.sin(angle)
    p, q = cos * p - sin * q, sin * p + cos * q
    real, imaginary = p, q
    for _ in range(count - 1):
        real, imaginary = real * p - imaginary * q, real * q + imaginary * p
    keep = np.float32(1.25) / (radius ** np.float32(count - 1) + np.float32(0.06))
    return real * keep, imaginary * keep


def _strata(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    """Wide and low, like hills or clouds."""
    return p * style.between(0.3, 0.5), q * style.between(1.2, 1.7)


def _lattice(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    """A tiled floor whose tiles melt into each other."""
    often = style.between(1.6, 2.6)
    return (
        np.sin(often * p + np.float32(0.4) * q) + np.float32(0.3) * p,
        np.sin(often * q - np.float32(0.4) * p) + np.float32(0.3) * q,
    )


def _tunnel(p: Plane, q: Plane, style: Numbers) -> tuple[Plane, Plane]:
    """Rings around a centre."""
    radius = np.sqrt(p * p + q * q + np.float32(0.02))
    return np.float32(1.3) * np.log(radius + np.float32(0.15)), p / (radius + np.float32(0.3)) * style.between(0.6, 1.2)


_SYMMETRIES: tuple[Callable[[Plane, Plane, Numbers], tuple[Plane, Plane]], ...] = (
    _open, _mirror, _petals, _strata, _lattice, _tunnel,
)  # fmt: skip


def _warp(p: Plane, q: Plane, style: Numbers, own: Numbers) -> tuple[Plane, Plane]:
    """Space itself folded by sines of itself, ever finer: the flow of marbled paper."""
    strength, often = style.between(0.25, 0.62), style.between(1.1, 1.7)
    for _ in range(4):
        p = p + strength * np.sin(often * q + own.normal(0, 0.55) * p + own.normal(0, 1.6))
        q = q + strength * np.sin(often * p + own.normal(0, 0.55) * q + own.normal(0, 1.6))
        often *= np.float32(1.38)
        strength *= np.float32(0.74)
    return p, q


def _gauss(x: Plane) -> Plane:
    return np.exp(-x * x) * np.float32(2) - np.float32(1)


def _ridge(x: Plane) -> Plane:
    return np.sqrt(x * x + np.float32(0.02)) - np.float32(0.8)


_ACTIVATIONS: tuple[Callable[[Plane], Plane], ...] = (np.sin, _gauss, np.tanh, np.cos, _ridge)


def _layers(p: Plane, q: Plane, style: Numbers, own: Numbers) -> tuple[Plane, Plane, Plane]:
    """Two sparse hidden layers and three outputs."""
    often = style.between(0.9, 1.6)
    first: list[Plane] = []
    for _ in range(6):
        act = _ACTIVATIONS[style.choice(2) if len(first) % 2 else len(first) % 5]
        first.append(act(own.normal(0, 1) * often * p + own.normal(0, 1) * often * q + own.normal(0, 0.8)))
    second: list[Plane] = []
    for number in range(6):
        act = _ACTIVATIONS[(number * 2 + 1) % 5]
        second.append(
            act(
                own.normal(0, 1.1) * first[number]
                + own.normal(0, 1.1) * first[(number + 1) % 6]
                + own.normal(0, 0.7) * first[(number + 3) % 6]
                + own.normal(0, 0.6)
            )
        )
    shade = _mix(second[0:4], own) + np.float32(0.35) * _mix(first[0:2], own)
    zone = _mix(second[3:6], own) + np.float32(0.8) * _mix(first[3:5], own)
    height = shade + np.float32(0.4) * _mix(second[2:6], own)
    return _standard(shade), _standard(zone), _standard(height)


def _mix(planes: list[Plane], own: Numbers) -> Plane:
    total = np.zeros_like(planes[0])
    for plane in planes:
        total += own.normal(0, 1) * plane
    return total


def _standard(plane: Plane) -> Plane:
    """Mean 0, deviation 1, so that no composition is pale."""
    plane = plane - plane.mean(dtype=np.float64).astype(np.float32)
    return plane / np.float32(np.sqrt(np.mean(plane * plane, dtype=np.float64)) + 1e-6)
