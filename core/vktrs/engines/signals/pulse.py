"""The predominant local pulse: of the waves that fit the onsets around each moment best, all together.

P. Grosche and M. Mueller, "Extracting predominant local pulse information from music recordings", 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.signals.curve import HOP, RATE, Curve, peak_at_one
from vktrs.engines.signals.hearing import novelty

_WINDOW = 768  # values of the onset curve, 9 s: some four bars
_STEP = 16  # values, 0.2 s, from one window to the next
_TEMPI = np.arange(30.0, 301.0)  # beats a minute
_USUAL = 100.0  # of a tempo and its double, both of which fit, that which is nearer to it
_FAINT = 1e-3  # of the best fit in the song; where nothing fits as well as that, nothing beats


def predominant_pulse(sound: Curve) -> Curve:
    """One smooth bump for each beat, at most 1 high; lower where the tempo is unsure, 0 where nothing sets in."""
    onsets = novelty(sound)
    centred = onsets.values - onsets.values.mean()
    windows = _windows(centred)
    fits = windows @ _waves().T
    best = np.abs(fits * _leaning()).argmax(axis=1)
    strength = np.abs(fits[np.arange(len(fits)), best])
    phases = np.angle(fits[np.arange(len(fits)), best])
    sure = strength > _FAINT * max(float(strength.max(initial=0.0)), 1e-6)
    pulse = _overlaid(best, phases, sure, len(centred))
    return Curve(peak_at_one(np.maximum(pulse, 0.0).astype(np.float32)), onsets.rate, onsets.offset)


def _hann() -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(_WINDOW) + 0.5) / _WINDOW)


def _turns() -> NDArray[np.float64]:
    """The phase of each tempo at each place of a window, `(tempi, window)`, 0 in its middle."""
    places = np.arange(_WINDOW) - _WINDOW // 2
    return 2 * np.pi * np.outer(_TEMPI / 60.0, places * HOP / RATE)


def _waves() -> NDArray[np.complex128]:
    return np.asarray(_hann() * np.exp(-1j * _turns()))


def _leaning() -> NDArray[np.float64]:
    """How likely each tempo is before anything was heard: a bell over octaves."""
    return np.exp(-0.5 * np.square(np.log2(_TEMPI / _USUAL)))


def _windows(values: NDArray[np.float32]) -> NDArray[np.float64]:
    padded = np.pad(values.astype(np.float64), _WINDOW // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_STEP]


def _overlaid(
    best: NDArray[np.intp], phases: NDArray[np.float64], sure: NDArray[np.bool_], count: int
) -> NDArray[np.float64]:
    """The best wave of each window, faded in and out, laid over each other."""
    total, weight = np.zeros(count + 2 * _WINDOW), np.zeros(count + 2 * _WINDOW)
    hann, turns = _hann(), _turns()
    for index, (tempo, phase) in enumerate(zip(best, phases, strict=True)):
        here = slice(index * _STEP, index * _STEP + _WINDOW)
        weight[here] += hann
        if sure[index]:
            total[here] += hann * np.cos(turns[tempo] + phase)
    inside = slice(_WINDOW // 2, _WINDOW // 2 + count)
    return np.asarray(total[inside] / np.maximum(weight[inside], 1e-3))
