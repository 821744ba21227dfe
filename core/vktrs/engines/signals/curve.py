"""Values with their time axis: what walks from one operation of a chain to the next, and what comes out of it.

A sound is held in the same way as a curve, with RATE values a second. Every curve that is made of a sound has its
values HOP samples apart and the first where the sound begins, however wide the window was through which it looked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATE = 22_050
HOP = 256
"""Samples, 12 ms: finer than a frame of 60 a second."""

FAINTEST = 1e-5
"""-100 dB; a sound whose peak is lower is silence, and is not blown up."""

MOST_DRAWN = 8192

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """`values` float32 `(n,)`, n >= 1, finite, `rate` of them a second, the first at `offset` seconds of the song."""

    values: Values
    rate: float
    offset: float = 0.0

    def at(self, seconds: ArrayLike) -> Values:
        """The values at these times, on the straight line between neighbours; held beyond either end."""
        places = (np.asarray(seconds, dtype=np.float64) - self.offset) * self.rate
        return np.interp(places, np.arange(len(self.values)), self.values).astype(np.float32)

    def times(self) -> NDArray[np.float64]:
        """Seconds of the song, one for each value."""
        return self.offset + np.arange(len(self.values)) / self.rate

    @property
    def is_sound(self) -> bool:
        """Whether it has not become a curve yet."""
        return self.rate == RATE


def peak_at_one(values: Values, faintest: float = FAINTEST) -> Values:
    """Scaled so that the largest magnitude is 1; zeros where that is below `faintest`."""
    peak = float(np.abs(values).max(initial=0.0))
    return (values / np.float32(peak)).astype(np.float32) if peak > faintest else np.zeros_like(values)


def envelope(sound: Curve) -> Curve:
    """The largest magnitude within half a hop of each moment, the highest being 1. A curve is left as it is."""
    if not sound.is_sound:
        return sound
    count = 1 + len(sound.values) // HOP
    padded = np.zeros(count * HOP, dtype=np.float32)
    padded[HOP // 2 : HOP // 2 + len(sound.values)] = np.abs(sound.values)[: count * HOP - HOP // 2]
    return Curve(peak_at_one(padded.reshape(count, HOP).max(axis=1)), RATE / HOP, sound.offset)


def finished(curve: Curve) -> Curve:
    """What a chain ends in: a curve in 0..1. A sound becomes its envelope; values are cut off at 0 and 1.

    Nothing is stretched here. Operations that make a curve have set its peak to 1 already, so what lies lower by now
    does so on purpose, after a `clamp` or a `smooth`; who wants it back at 1 ends the chain with `normalize`.
    """
    made = envelope(curve)
    return Curve(np.clip(made.values, 0.0, 1.0).astype(np.float32), made.rate, made.offset)


def drawable(curve: Curve, most: int = MOST_DRAWN) -> Curve:
    """The finished curve with `most` values at most, each the largest of its neighbours, so that no peak is lost."""
    whole = finished(curve)
    size = -(-len(whole.values) // most)
    if size == 1:
        return whole
    values = np.pad(whole.values, (0, -len(whole.values) % size)).reshape(-1, size).max(axis=1)
    return Curve(values, whole.rate / size, whole.offset + (size - 1) / 2 / whole.rate)
