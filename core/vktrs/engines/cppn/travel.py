"""Owns the way of a moving scene through drawn space: where each of its pictures looks, and what it sees there.

A picture is a pure function of the keyframe and of the requests up to its own, so the pictures of a chain can be drawn
at once, from any of them on, and nothing of the picture before is needed or lost: no blur gathers, and the plane has no
border. What moves them:

- *The view.* The matrices of all steps, one after another, take the coordinates along; content moves exactly as they
  say. A step that leaves no picture (a zoom of 0) is left out.
- *Levels.* A plane that is magnified a thousand times is a plain colour. So after some doublings there is another one,
  with a composition of its own, a relative of the first: while the view goes from one level to the next, the fields of
  the one fade into those of the other, which move alike. Zoom may go on for ever, both ways. Sideways the plane is
  endless, too: it is its own mirror image beyond a few widths, with rounded folds.
- *The walk.* `strength` is how far the composition goes, in a direction that turns slowly, as the seeds say; `noise`
  lets it tremble. It stays as far from the middle of latent space as all compositions are, so it neither ends nor gets
  lost. Without strength nothing is drawn anew, and there is neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vktrs.engines.cppn.latent import VIEW, Vector, generator
from vktrs.engines.pictures import MotionRequest
from vktrs.motion.affine import IDENTITY, Affine, composed, inverse

_TURN = 0.01  # radians of latent space that a strength of 1 walks in a picture
_STRAIGHT = 0.8  # radians after which the direction is another
_KIN = 1.0  # radians between the compositions of a level and of the keyframe
_SLACK = 1e-9  # of an octave: what rounding makes of turning in place


@dataclass(frozen=True, slots=True)
class Plane:
    """What repeats: sideways after `across` and `down` (the shorter side is 2), nearer after `octaves`."""

    across: float
    down: float
    octaves: int


@dataclass(frozen=True, slots=True)
class View:
    """What a picture sees: `seen` takes its coordinates (the shorter side is 2) to those of level `level` of the plane.

    `share` in 0..1: of the next level, which fades in as the view gets nearer; its coordinates are `2**octaves` times
    those of this level.
    """

    seen: Affine
    level: int
    share: float


def views(chain: Sequence[MotionRequest], plane: Plane) -> Iterator[View]:
    """The view of each picture."""
    seen, level, share = IDENTITY, 0, 0.0
    for request in chain:
        back = _way_back(request)
        if back is not None:
            further = composed(back, seen)
            doublings = _doublings(further)
            whole = math.floor(doublings / plane.octaves + _SLACK) if math.isfinite(doublings) else 0
            nearer = magnified(further, 2.0 ** (whole * plane.octaves))
            if math.isfinite(doublings) and all(map(math.isfinite, nearer)):
                seen = _near_origin(nearer, plane)
                level, share = level + whole, _share(doublings / plane.octaves - whole)
        yield View(seen, level, share)


def _share(nearer: float) -> float:
    """0 for the first quarter of the way to the next level, 1 for the last, and without a jerk in between."""
    share = min(1.0, max(0.0, 2 * nearer - 0.5))
    return share * share * (3 - 2 * share)


def walk(start: Vector, key: str, chain: Sequence[MotionRequest]) -> Iterator[Vector]:
    """Where a walk from `start` has come to at each picture: entries of deviation about 1, as those of `start`."""
    place, direction = start, generator(f"walk {key}").standard_normal(len(start))
    for request in chain:
        turn = _TURN * request.strength
        if turn > 0:
            own = generator(f"walk {request.k} {request.seed}").standard_normal(len(start))
            place, direction = _turned(place, direction, turn)
            direction, _ = _turned(direction, own, math.acos(math.exp(-turn / _STRAIGHT)))
        yield place


def of_level(composition: Vector, key: str, level: int) -> Vector:
    """The composition of a level of the plane: a relative of that of level 0, which it is itself there."""
    if level == 0:
        return composition
    own = generator(f"level {level} {key}").standard_normal(len(composition))
    return aside(composition, own, _KIN)


def aside(composition: Vector, direction: Vector, angle: float) -> Vector:
    """A composition beside another, in the same view: what moves a picture is its warps alone."""
    turned, _ = _turned(composition, direction, angle)
    return in_view_of(composition, turned)


def in_view_of(one: Vector, composition: Vector) -> Vector:
    """The composition, in the view of that one."""
    return np.concatenate([one[VIEW], composition[VIEW.stop :]])


def _turned(one: Vector, other: Vector, angle: float) -> tuple[Vector, Vector]:
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * one + sin * other, cos * other - sin * one


def _way_back(request: MotionRequest) -> Affine | None:
    """From the coordinates of a picture to those of the one before; None where there is no way."""
    try:
        back = inverse(request.warp)
    except (ZeroDivisionError, OverflowError):
        return None
    if back == IDENTITY:
        return back
    pixels = to_pixels(request.width, request.height)
    return composed(composed(pixels, back), inverse(pixels))


def to_pixels(width: int, height: int) -> Affine:
    """From coordinates with the origin in the middle, in which the shorter side is 2, to pixels."""
    half = min(width, height) / 2
    return (half, 0.0, width / 2, 0.0, half, height / 2)


def magnified(seen: Affine, scale: float) -> Affine:
    """The same view in coordinates that are so many times as fine."""
    a, b, c, d, e, f = seen
    return (a * scale, b * scale, c * scale, d * scale, e * scale, f * scale)


def _doublings(seen: Affine) -> float:
    """How much nearer the view is than the coordinates; not finite where that is no number."""
    a, b, _, d, e, _ = seen
    size = abs(a * e - b * d)
    return -0.5 * math.log2(size) if 0 < size < math.inf else math.nan


def _near_origin(seen: Affine, plane: Plane) -> Affine:
    """The same view, where the plane is first seen as it is there."""
    a, b, c, d, e, f = seen
    return (a, b, math.remainder(c, plane.across), d, e, math.remainder(f, plane.down))
