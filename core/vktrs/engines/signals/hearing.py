"""What works on sound: a band of it, how loud it is, how much sets in. None of it moves anything in time."""

from __future__ import annotations

import numpy as np

from vktrs.chains.operations import HALF_RATE
from vktrs.engines.signals.curve import HOP, RATE, Curve, Values, peak_at_one

WINDOW = 2048
"""Samples, 93 ms: two periods of 21 Hz."""

_ORDER = 4
_EDGE = 1.0  # Hz
_EARLY = 1  # hops; so much before a click, a drum or a tone sets in the envelope has its peak (measured)
_FAINTEST_ONSET = 0.2  # dB; below it lies the ripple of a held tone


def bandpass(sound: Curve, low: float, high: float) -> Curve:
    """What sounds between `low` and `high` Hz: a Butterworth filter run forwards and backwards, so without delay.

    From 0 on it is a low-pass filter, up to half the rate a high-pass filter; an edge within 1 Hz of either is none,
    since a filter there could not be told from none, but cannot be computed.
    """
    from scipy.signal import butter, sosfiltfilt

    from_zero, to_half = low < _EDGE, high > HALF_RATE - _EDGE
    if (from_zero and to_half) or not len(sound.values):
        return sound
    kind = "lowpass" if from_zero else "highpass" if to_half else "bandpass"
    edges = {"lowpass": high, "highpass": low, "bandpass": (low, high)}[kind]
    sections = butter(_ORDER, edges, kind, fs=RATE, output="sos")
    padding = min(RATE, len(sound.values) - 1)
    filtered = sosfiltfilt(sections, sound.values.astype(np.float64), padlen=padding)
    return Curve(np.nan_to_num(filtered).astype(np.float32), RATE, sound.offset)


def rms(sound: Curve) -> Curve:
    """Root mean square of 93 ms around each moment, weighted by a Hann window; the loudest is 1."""
    squares = _averaged(np.square(sound.values))
    return Curve(peak_at_one(np.sqrt(squares)), RATE / HOP, sound.offset)


def _averaged(values: Values) -> Values:
    """Weighted mean around each HOP-th value; at either end, of what there is."""
    from scipy.signal.windows import hann

    blocks = WINDOW // HOP
    count = 1 + len(values) // HOP
    weights = hann(WINDOW + 1)[:-1].astype(np.float32).reshape(blocks, HOP)

    def summed(part: Values) -> Values:
        padded = np.zeros((count + blocks - 1) * HOP, dtype=np.float32)
        padded[WINDOW // 2 : WINDOW // 2 + len(part)] = part[: len(padded) - WINDOW // 2]
        rows = padded.reshape(-1, HOP)
        total = np.zeros(count, dtype=np.float32)
        for block in range(blocks):
            total += rows[block : block + count] @ weights[block]
        return total

    share = summed(np.ones_like(values))
    return np.asarray(summed(values) / np.maximum(share, np.float32(1e-3)), dtype=np.float32)


def novelty(sound: Curve) -> Curve:
    """How much louder the bands of a mel spectrogram get, in decibels; the strongest onset is 1, a held tone is 0.

    The envelope that beats are found in (`rhythm.onset_envelope`).
    """
    count = 1 + len(sound.values) // HOP
    return Curve(peak_at_one(_onsets(sound.values)[:count], _FAINTEST_ONSET), RATE / HOP, sound.offset)


def _onsets(samples: Values) -> Values:
    from vktrs.engines.rhythm import onset_envelope
    from vktrs.engines.spectra import mel_levels

    if len(samples) < WINDOW:
        samples = np.pad(samples, (0, WINDOW - len(samples)))
    rising = onset_envelope(mel_levels(samples))
    return np.concatenate([np.zeros(_EARLY, np.float32), rising[:-_EARLY]])
