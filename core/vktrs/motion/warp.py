"""Owns the pixels of a picture that is moved by a matrix; what lies beyond its edge is exact however far that is.

Whoever does the same elsewhere (on a GPU) agrees with this to a level or so, if it keeps to these conventions:

- The matrix goes forward: it takes the point that a pixel shows to its new place. Its inverse is looked up.
- Coordinates have their origin at the outer corner of the upper left pixel, so the middle of pixel (column i, row j) is
  at (i + 0.5, j + 0.5), and turning by 90 degrees around the middle is `numpy.rot90`. (`grid_sample` of torch with
  `align_corners=False`, with -1 and 1 for the outer edges; Pillow's `transform`. OpenCV is half a pixel away.)
- Bilinear between the four nearest pixels, no smoothing where the picture shrinks; rounded to the nearest level.
- `replicate` is numpy's "edge", `reflect` its "symmetric" (the edge itself is mirrored, too), `wrap` its "wrap".
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vktrs.motion import Border
from vktrs.motion.affine import IDENTITY, Affine, inverse
from vktrs.picture import Picture

_Places = NDArray[np.float64]
_Packed = NDArray[np.uint64]

_LANE = 21  # bits for each channel in a number of 64: a level of 8 bits times a weight of 12, and one to spare
_WEIGHT = 12
_ONE = 1 << _WEIGHT
_HALVES = sum((_ONE // 2) << (_LANE * channel) for channel in range(3))
_BAND = 1 << 15  # pixels at a time: what is computed for one band stays in the processor's cache


def warped(picture: Picture, affine: Affine, border: Border) -> Picture:
    """The picture, moved: pixels at (x, y) go where `affine` takes them. Same size; itself where nothing moves.

    A matrix that leaves no picture (a zoom of 0) gives the mean colour of the picture all over.
    """
    if affine == IDENTITY:
        return picture
    back = _way_back(affine)
    if back is None:
        return np.broadcast_to(_mean_colour(picture), picture.shape).copy()
    height, width = picture.shape[:2]
    a, b, c, d, e, f = back
    across = np.arange(width) + 0.5
    table = _packed(picture, border)
    moved = np.empty_like(picture)
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        down = np.arange(top, min(top + rows, height))[:, None] + 0.5
        x = _inside(a * across + (b * down + c), width, border)
        y = _inside(d * across + (e * down + f), height, border)
        _unpack(_sampled(table, x, y), moved[top : top + rows])
    return moved


def _way_back(affine: Affine) -> Affine | None:
    """The inverse; None where there is none that can be computed with."""
    try:
        back = inverse(affine)
    except (ZeroDivisionError, OverflowError):
        return None
    return back if all(math.isfinite(each) and abs(each) < 2**40 for each in back) else None


def _mean_colour(picture: Picture) -> Picture:
    mean: Picture = np.rint(picture.mean(axis=(0, 1))).astype(np.uint8)
    return mean


def _inside(places: _Places, length: int, border: Border) -> _Places:
    """Places along one axis as distances from the middle of its first pixel, 0..length-1 (..length where it wraps)."""
    if border == "wrap":
        places -= 0.5
        places -= np.floor(places / length) * length
        return np.clip(places, 0, length, out=places)
    if border == "reflect":
        places -= np.floor(places / (2 * length)) * (2 * length)
        np.abs(places - length, out=places)
        np.subtract(length, places, out=places)
    places -= 0.5
    return np.clip(places, 0, length - 1, out=places)


def _packed(picture: Picture, border: Border) -> _Packed:
    """`(height + 1, width + 1)`: the three channels of a pixel in one number; with one row and one column more."""
    wide = picture.astype(np.uint64)
    numbers = wide[..., 0] | wide[..., 1] << np.uint64(_LANE) | wide[..., 2] << np.uint64(2 * _LANE)
    return np.pad(numbers, (0, 1), mode="wrap" if border == "wrap" else "edge")


def _sampled(table: _Packed, x: _Places, y: _Places) -> _Packed:
    """Between four pixels each, times `_ONE`, lane by lane: sums of products stay within their lanes."""
    columns = table.shape[1]
    left = np.minimum(x.astype(np.int64), columns - 2)
    above = np.minimum(y.astype(np.int64), table.shape[0] - 2)
    x -= left
    y -= above
    at = above * columns
    at += left
    x *= _ONE
    both = x * y
    right_below = both.astype(np.uint64)
    right = (x - both).astype(np.uint64)
    below = (y * _ONE - both).astype(np.uint64)
    flat = table.ravel()
    total: _Packed = flat.take(at) * (_ONE - right_below - right - below)
    at += 1
    total += flat.take(at) * right
    at += columns
    total += flat.take(at) * right_below
    at -= 1
    total += flat.take(at) * below
    return total


def _unpack(numbers: _Packed, pixels: Picture) -> None:
    """Round to levels, into `pixels`."""
    numbers += np.uint64(_HALVES)
    for channel in range(3):
        pixels[..., channel] = (numbers >> np.uint64(_LANE * channel + _WEIGHT)) & np.uint64(255)
