"""What a song sounds like, frame by frame: levels of mel bands, and of semitones. numpy and scipy's FFT, nothing else.

librosa computes the same and more, but it compiles itself with numba: half a minute at the first import, four seconds
at every other one, and where two processes do it at once the compiled files may be mixed, so that every later one
crashes (numba issue 10128).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 22050
HOP = 256
"""Samples between two frames of `mel_levels`, 12 ms: twice that puts 120 beats a minute at 117.5."""

FRAME = HOP / RATE
"""The same in seconds."""

TONE_HOP = 2048
"""Samples between two frames of `tones_that_stand_out`."""

_MEL_WINDOW, _MEL_BANDS = 1024, 64
_TONE_WINDOW = 8192
_LOWEST_PITCH, _PITCHES = 33, 72  # MIDI: A1 (55 Hz) and six octaves
_RANGE = 80.0  # dB below the loudest; what is fainter counts as silence
_BLOCK = 2048  # frames at a time

Floats = NDArray[np.float32]


def mel_levels(audio: Floats) -> Floats:
    """Levels of 64 mel bands, dB, float32 `(frames, 64)`; frame k is centred on sample k * `HOP`."""
    return _levels(audio, _MEL_WINDOW, HOP, _mel_filters())


def tones_that_stand_out(audio: Floats) -> Floats:
    """By how much each of 72 semitones from 55 Hz on is louder than the octave around it, dB, `(frames, 72)`, from 0.

    So drums, which are as loud in all of them, are not heard. Frame k is centred on sample k * `TONE_HOP`.
    """
    from scipy.ndimage import uniform_filter1d

    levels = _levels(audio, _TONE_WINDOW, TONE_HOP, _semitone_filters())
    return np.asarray(np.maximum(levels - uniform_filter1d(levels, 13, axis=1, mode="nearest"), 0), dtype=np.float32)


def means_between(frames: Floats, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over the stretches between `edges` (seconds, ascending), `(len(edges) - 1, columns)`.

    `frames` are those of `mel_levels` or of `tones_that_stand_out`; a stretch without a frame has the nearest one's.
    """
    hop = TONE_HOP if frames.shape[1] == _PITCHES else HOP
    places = np.clip(np.rint(edges * RATE / hop).astype(np.int64), 0, len(frames))
    first = np.minimum(places[:-1], len(frames) - 1)
    last = np.maximum(places[1:], first + 1)
    sums = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, axis=0, dtype=np.float64)])
    return np.asarray((sums[last] - sums[first]) / (last - first)[:, None])


def _levels(audio: Floats, size: int, hop: int, filters: Floats) -> Floats:
    power = [block @ filters for block in _power(audio, size, hop)]
    level = 10 * np.log10(np.maximum(np.concatenate(power), np.float32(1e-10)))
    return np.asarray(np.maximum(level, level.max() - _RANGE), dtype=np.float32)


def _power(audio: Floats, size: int, hop: int) -> Iterator[Floats]:
    """Power spectra of windowed frames, `(some, size // 2 + 1)` at a time."""
    from scipy.fft import rfft

    window = np.hanning(size + 1)[:-1].astype(np.float32) / np.float32(size / 4)
    padded = np.pad(audio, (size // 2, size // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    for first in range(0, len(frames), _BLOCK):
        spectra = rfft(frames[first : first + _BLOCK] * window, axis=1)
        yield np.asarray(spectra.real**2 + spectra.imag**2, dtype=np.float32)


def _mel_filters() -> Floats:
    """Triangles on the mel scale (O'Shaughnessy) that overlap by half, each of the same weight, `(bins, bands)`."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, _MEL_BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_MEL_WINDOW, 1 / RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return _of_one_weight(np.maximum(0, np.minimum(rising, falling)))


def _semitone_filters() -> Floats:
    """Bells on the scale of pitch, a semitone wide or as narrow as the spectrum resolves, `(bins, pitches)`."""
    pitches = _LOWEST_PITCH + np.arange(_PITCHES)
    centres = 440 * 2 ** ((pitches - 69) / 12)
    width = np.maximum(centres * (2 ** (1 / 24) - 1), RATE / _TONE_WINDOW)
    bins = np.fft.rfftfreq(_TONE_WINDOW, 1 / RATE)[:, None]
    return _of_one_weight(np.exp(-0.5 * ((bins - centres) / width) ** 2) * (np.abs(bins - centres) < 3 * width))


def _of_one_weight(filters: NDArray[np.float64]) -> Floats:
    return np.asarray(filters / np.maximum(filters.sum(axis=0), 1e-9), dtype=np.float32)
