"""A curve kept as a sound: FLAC, mono, whose samples are its values. A song's curve takes some tens of kilobytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

RATE = 22_050
"""Samples a second, as many as signals are worked out with, so that no filter rounds the steps of a curve."""

_BLOCK = 1 << 20


def write_curve(path: Path, value_at: Callable[[float], float], changes: Sequence[float], seconds: float) -> None:
    """Write what `value_at` gives (0..1) from 0 to `seconds`.

    Between two of the times in `changes` it has to be a straight line, or one value up to the next of them.
    """
    import av
    import numpy as np

    marks = sorted({0.0, seconds, *(each for each in changes if 0 < each < seconds)})
    knots = [moment for low, high in pairwise(marks) for moment in (low, high - (high - low) * 1e-6)]
    knots.append(marks[-1])
    values = [min(max(value_at(each), 0.0), 1.0) for each in knots]
    with av.open(str(path), "w", format="flac") as out:
        stream = out.add_stream("flac", rate=RATE)
        stream.codec_context.format = "s16"
        stream.codec_context.layout = "mono"
        for start in range(0, int(seconds * RATE) + 1, _BLOCK):
            times = np.arange(start, min(start + _BLOCK, int(seconds * RATE) + 1)) / RATE
            block = np.round(np.interp(times, knots, values) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(block[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
