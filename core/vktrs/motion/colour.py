"""Owns the colours of a chain of pictures: matched to the keyframe's in CIE LAB, and the noise that is added.

Matched is the whole distribution of each channel (R. C. Gonzalez and R. E. Woods, "Digital image processing", histogram
specification), as Deforum does it, and not only mean and deviation: in chains of 200 pictures those let the red, green
and blue wander twice as far. The histograms are smoothed on both sides, so that what is evenly coloured is not torn
apart into bands; and a picture that has the reference's colours already stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vktrs.picture import Picture

Floats = NDArray[np.float32]

_BINS = 2048  # of a histogram
_SMOOTH = 25  # bins that share what falls in one of them, either side
_SAMPLES = 1 << 16  # pixels that a histogram is made of, about
_LOW, _SIZE = (0.0, -110.0, -110.0), (100.0, 220.0, 220.0)  # where L, a and b of sRGB are
_STEPS = 1 << 15
_BAND = 1 << 15  # pixels at a time, which stay in the processor's cache
_KNEE = 6 / 29
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.119192, 0.9503041]]
)


@dataclass(frozen=True, slots=True)
class Colours:
    """How the colours of a picture are spread: `(3, _BINS)`, the share that is below the middle of each bin."""

    shares: NDArray[np.float64]


def colours(picture: Picture) -> Colours:
    """The colours that others are matched to."""
    return _spread(_lab(_sample(picture)))


def matched(picture: Picture, reference: Picture | Colours) -> Picture:
    """The picture with its L, a and b spread as those of the reference, whose size may be another."""
    wanted = reference if isinstance(reference, Colours) else colours(reference)
    found = colours(picture)
    middles = np.arange(_BINS, dtype=np.float64)
    ways = [np.interp(*shares, middles) - middles for shares in zip(found.shares, wanted.shares, strict=True)]
    answer = np.empty_like(picture)
    rows = max(1, _BAND // picture.shape[1])
    for top in range(0, len(picture), rows):
        lab = _lab(picture[top : top + rows])
        for channel, way in enumerate(ways):
            _move(lab[channel], way, channel)
        _encode(lab, answer[top : top + rows])
    return answer


def noise(shape: Sequence[int], seed: int, amount: float) -> Floats:
    """Noise of mean 0 and standard deviation `amount`, each value by itself; `seed` in 0..2^32-1.

    Nearly normal, within 3.5 deviations: sums of four bytes of numpy's frozen legacy generator (NEP 19), hence the same
    everywhere, to the bit.
    """
    count = int(np.prod(shape))
    parts = np.frombuffer(np.random.RandomState(seed).bytes(4 * count), np.uint8).reshape(4, count)
    total = np.add(parts[0], parts[1], dtype=np.int16) + np.add(parts[2], parts[3], dtype=np.int16) - np.int16(510)
    values: Floats = total * np.float32(amount / np.sqrt(4 * (256**2 - 1) / 12))
    return values.reshape(tuple(shape))


def noisy(picture: Picture, seed: int, amount: float) -> Picture:
    """The picture with noise of `amount` shares of the range of a channel; itself where that is none."""
    if amount <= 0:
        return picture
    levels = noise(picture.shape, seed, amount * 255)
    levels += picture
    levels += np.float32(0.5)
    return np.clip(levels, 0, 255.49).astype(np.uint8)


def _sample(picture: Picture) -> Picture:
    """About `_SAMPLES` of its pixels, evenly spread."""
    every = max(1, round(np.sqrt(picture.shape[0] * picture.shape[1] / _SAMPLES)))
    return picture[every // 2 :: every, every // 2 :: every] if every > 1 else picture


def _spread(lab: Floats) -> Colours:
    window = np.hanning(2 * _SMOOTH + 3)[1:-1]
    window /= window.sum()
    shares = []
    for channel, plane in enumerate(lab):
        counts = np.bincount(_bins(plane, channel).ravel(), minlength=_BINS) / plane.size
        smooth = np.convolve(np.pad(counts, _SMOOTH, mode="symmetric"), window, mode="valid")
        shares.append(np.cumsum(smooth) - smooth / 2)
    return Colours(np.array(shares))


def _place(plane: Floats, channel: int) -> Floats:
    """Where values lie among the bins: 0 is the middle of the first."""
    place = (plane - np.float32(_LOW[channel])) * np.float32((_BINS - 1) / _SIZE[channel])
    return np.clip(place, 0, _BINS - 1.001, out=place)


def _bins(plane: Floats, channel: int) -> NDArray[np.intp]:
    return (_place(plane, channel) + np.float32(0.5)).astype(np.intp)


def _move(plane: Floats, way: NDArray[np.float64], channel: int) -> None:
    """Move each value as the table says, between its entries by straight lines; in place."""
    place = _place(plane, channel)
    below = place.astype(np.intp)
    place -= below
    table = (way * (_SIZE[channel] / (_BINS - 1))).astype(np.float32)
    place *= np.diff(table).take(below)
    place += table.take(below)
    plane += place


def _lab(picture: Picture) -> Floats:
    """`(3, height, width)`: L in 0..100, a and b about -110..110."""
    red, green, blue = (_linear().take(picture[..., channel]) for channel in range(3))
    matrix = (_TO_XYZ / _WHITE[:, None] * (_STEPS - 1)).astype(np.float32)
    x, y, z = (_roots().take((r * red + g * green + b * blue).astype(np.intp), mode="clip") for r, g, b in matrix)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _encode(lab: Floats, pixels: Picture) -> None:
    """Write what they look like into `pixels`; what a screen cannot show is cut off."""
    y = (lab[0] + np.float32(16)) * np.float32(1 / 116)
    x, z = y + lab[1] * np.float32(1 / 500), y - lab[2] * np.float32(1 / 200)
    x, y, z = (_cubed(each) for each in (x, y, z))
    matrix = (np.linalg.inv(_TO_XYZ / _WHITE[:, None]) * (_STEPS - 1)).astype(np.float32)
    for channel, (r, g, b) in enumerate(matrix):
        light = r * x + g * y + b * z
        pixels[..., channel] = _codes().take(light.astype(np.intp), mode="clip")


def _cubed(root: Floats) -> Floats:
    return np.where(root > _KNEE, root * root * root, (root - np.float32(4 / 29)) * np.float32(3 * _KNEE**2))


@lru_cache(maxsize=1)
def _linear() -> Floats:
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


@lru_cache(maxsize=1)
def _roots() -> Floats:
    """CIE's lightness response to light in 0..1, in `_STEPS` of it."""
    light = (np.arange(_STEPS) + 0.5) / _STEPS
    return np.where(light > _KNEE**3, np.cbrt(light), light / (3 * _KNEE**2) + 4 / 29).astype(np.float32)


@lru_cache(maxsize=1)
def _codes() -> Picture:
    """The level that shows light of 0..1, in `_STEPS` of it."""
    light = (np.arange(_STEPS) + 0.5) / _STEPS
    level = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    codes: Picture = np.rint(np.clip(level, 0, 1) * 255).astype(np.uint8)
    return codes
