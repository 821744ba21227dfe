"""The matrix of one step of motion, as Deforum's 2D mode makes it, so that settings carried over look the same. Pure.

Coordinates are pixels, x to the right and y down, the origin in the upper left corner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Affine = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): the point (x, y) goes to (a x + b y + c, d x + e y + f)."""

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Move:
    """What happens from one picture to the next, before it is drawn again.

    `zoom` is a factor (1: none), `angle` in degrees, anticlockwise; `translation_x` and `translation_y` in pixels, to
    the right and down; the centre of turning and zooming in shares of width and height from the upper left corner.
    """

    zoom: float = 1.0
    angle: float = 0.0
    translation_x: float = 0.0
    translation_y: float = 0.0
    transform_center_x: float = 0.5
    transform_center_y: float = 0.5


def matrix(move: Move, width: int, height: int) -> Affine:
    """Moved first, then turned and scaled around the centre (of a picture of `width` x `height` pixels)."""
    angle = math.radians(move.angle)
    a, b = move.zoom * math.cos(angle), move.zoom * math.sin(angle)
    x, y = move.transform_center_x * width, move.transform_center_y * height
    turned = (a, b, (1 - a) * x - b * y, -b, a, b * x + (1 - a) * y)
    return composed((1.0, 0.0, move.translation_x, 0.0, 1.0, move.translation_y), turned)


def composed(first: Affine, then: Affine) -> Affine:
    """One matrix that does both, in that order."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        g * a + h * d,
        g * b + h * e,
        g * c + h * f + i,
        j * a + k * d,
        j * b + k * e,
        j * c + k * f + m,
    )


def chain(matrices: Sequence[Affine]) -> Affine:
    """One matrix that does all of them, one after another; IDENTITY for none."""
    out = IDENTITY
    for each in matrices:
        out = composed(out, each)
    return out


def inverse(affine: Affine) -> Affine:
    """The matrix that goes back. ZeroDivisionError where nothing does: a zoom of 0 leaves no picture."""
    a, b, c, d, e, f = affine
    size = a * e - b * d
    return (
        e / size,
        -b / size,
        (b * f - c * e) / size,
        -d / size,
        a / size,
        (c * d - a * f) / size,
    )
