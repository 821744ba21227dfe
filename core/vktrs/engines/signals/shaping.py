"""What is done to curves, and to the bare values of sounds: powers, windows in seconds, peaks, steps, moves in time."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.signals.curve import Curve, peak_at_one

_PROMINENCE = 0.05  # a peak rises by that much above the valleys beside it; less is ripple
_FAINTEST = 1e-6


def power(curve: Curve, k: float) -> Curve:
    """Magnitudes, 1 at most, to the power k; the sign of a sound is kept, so that it stays one."""
    size = np.minimum(np.abs(curve.values), np.float32(1.0))
    return _with(curve, np.copysign(size ** np.float32(k), curve.values))


def magnitude(curve: Curve) -> Curve:
    """Without its sign."""
    return _with(curve, np.abs(curve.values))


def normalize(curve: Curve) -> Curve:
    """Scaled so that the largest magnitude is 1."""
    return _with(curve, peak_at_one(curve.values, _FAINTEST))


def sustain(curve: Curve, seconds: float) -> Curve:
    """Each value falls along the right half of a Hann window that is `seconds` long; of all of them, the largest.

    So a rise comes through at once, a peak keeps its height, and a held level stays where it is.
    """
    length = seconds * curve.rate
    held = curve.values.copy()
    for step in range(1, min(math.ceil(length), len(held))):
        weight = np.float32(math.cos(math.pi / 2 * step / length) ** 2)
        np.maximum(held[step:], curve.values[:-step] * weight, out=held[step:])
    return _with(curve, held)


def smooth(curve: Curve, seconds: float) -> Curve:
    """The mean weighted by a Hann window of `seconds` around each moment; at either end, of what there is."""
    half = seconds / 2 * curve.rate
    reach = math.ceil(half) - 1
    if reach < 1:
        return curve
    weights = np.cos(np.pi / 2 * np.arange(-reach, reach + 1) / half) ** 2
    inside = slice(reach, reach + len(curve.values))
    total = np.convolve(curve.values.astype(np.float64), weights)[inside]
    return _with(curve, total / np.convolve(np.ones(len(curve.values)), weights)[inside])


def threshold(curve: Curve, low: float) -> Curve:
    """0 where it is below `low`; the rest as it was."""
    return _with(curve, np.where(curve.values < np.float32(low), 0.0, curve.values))


def clamp(curve: Curve, high: float) -> Curve:
    """At most `high`."""
    return _with(curve, np.minimum(curve.values, np.float32(high)))


def quantize(curve: Curve, k: float) -> Curve:
    """The nearest of 0, 1/k, 2/k ... 1; what lies in the middle goes up."""
    return _with(curve, np.floor(curve.values.astype(np.float64) * k + 0.5) / k)


def modulo(curve: Curve, k: float, offset: float) -> Curve:
    """Of the peaks, numbered from `offset` on, those whose number k divides, down to the valleys beside them; else 0.

    A peak rises by 0.05 at least above the valleys beside it.
    """
    from scipy.signal import find_peaks

    padded = np.pad(curve.values, 1)  # so that there are peaks at the ends too
    peaks = find_peaks(padded, prominence=_PROMINENCE)[0] - 1
    valleys = [first + int(np.argmin(curve.values[first:last])) for first, last in pairwise(peaks)]
    starts, ends = [0, *valleys], [*valleys, len(curve.values)]
    kept = np.zeros_like(curve.values)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=int(offset)):
        if len(peaks) and number % int(k) == 0:
            kept[start : end + 1] = curve.values[start : end + 1]
    return _with(curve, kept)


def cut(curve: Curve, start: float, end: float) -> Curve:
    """0 outside `start` <= t < `end` (seconds of the song)."""
    first, last = (max(math.ceil((at - curve.offset) * curve.rate - 1e-6), 0) for at in (start, end))
    kept = np.zeros_like(curve.values)
    kept[first:last] = curve.values[first:last]
    return _with(curve, kept)


def shift(curve: Curve, seconds: float) -> Curve:
    """Everything `seconds` later, earlier where negative; 0 comes in, and what leaves the song is gone.

    The move is exact: what is less than one value apart goes into the offset.
    """
    start = curve.offset + seconds
    steps = math.ceil(round(start * curve.rate, 6))
    count = len(curve.values)
    moved = np.zeros(count, dtype=np.float32)
    if 0 <= steps < count:
        moved[steps:] = curve.values[: count - steps]
    elif -count < steps < 0:
        moved[:steps] = curve.values[-steps:]
    return Curve(moved, curve.rate, start - steps / curve.rate)


def _with(curve: Curve, values: NDArray[Any]) -> Curve:
    return Curve(np.asarray(values, dtype=np.float32), curve.rate, curve.offset)
