"""Where a song that is too long for one file is cut: where nobody sings, as near the limit as may be. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOP = 0.1
"""Seconds of one value of a curve of loudness."""

_ALIKE = 0.05  # so much louder than the quietest place is as quiet
_BREATH = 5  # hops that have to be quiet together: a gap between two syllables is no pause


def loudness(audio: NDArray[np.float32], rate: int, voice: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much a cut would hurt, for every `HOP` of `audio` (mono, at `rate` Hz): 0 in silence, 2 in loud singing.

    `voice` is how likely somebody sings (0..1), spread evenly over the song; it weighs as much as the energy, which is
    told in parts of the loud places of the song (its 95th percentile).
    """
    hop = round(rate * HOP)
    count = -(-len(audio) // hop)
    if not count:
        return np.zeros(0)
    frames = np.pad(audio, (0, count * hop - len(audio))).reshape(count, hop)
    level = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    energy = level / max(float(np.percentile(level, 95)), 1e-6)
    sung = np.interp(np.arange(count), np.linspace(0, count - 1, len(voice)), voice) if len(voice) else np.zeros(count)
    total: NDArray[np.float64] = np.minimum(energy, 1.0) + sung
    return total


def next_cut(curve: NDArray[np.float64], start: float, longest: float) -> float | None:
    """Where the piece that begins at `start` ends, in seconds; None where all the rest fits into `longest` seconds.

    It is the last of the quietest places in the second half of what fits, so no piece is less than half of it, and
    what is left behind the cut is a quarter of it at least: a scrap is heard badly. `longest` is at least 2 s.
    """
    duration = len(curve) * HOP
    if duration - start <= longest:
        return None
    first = int(np.ceil((start + longest / 2) / HOP))
    last = int(min(start + longest, duration - longest / 4) / HOP + 1e-9)
    around = _calm(curve)[first : last + 1]
    quiet = np.flatnonzero(around <= around.min() + _ALIKE)
    return float(first + quiet[-1]) * HOP


def _calm(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The loudest within a breath around each edge between two hops; the curve's ends count as what is beside them."""
    side = _BREATH // 2
    padded = np.pad(curve, (side + 1, side + 1), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * side)
    loudest: NDArray[np.float64] = windows.max(axis=1)[1:]
    return loudest
