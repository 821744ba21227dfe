"""Onsets, tempo, beats and bars, out of the levels of mel bands. Silence and noise have none, and that is a result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.spectra import FRAME, Floats, means_between

_CLEAR_PULSE = 0.2  # hiss reaches 0.07, speech without music 0.06, chords without a drum 0.37
_FAINTEST_ONSET = 0.2  # dB; below it lies the ripple of a held tone
_EARLY = 0.006  # seconds; the envelope peaks that long before the attack of a drum (measured on drum kits)
_SLOWEST, _FASTEST, _USUAL, _SPREAD = 45.0, 220.0, 120.0, 0.7  # beats a minute; octaves
_HEARD_AT_ONCE = 12.0  # seconds in which a tempo is looked for
_TIGHTNESS = 100.0  # how much a beat that comes early or late costs against an onset it would meet
_LOW_BANDS = 4  # of the mel bands, up to 150 Hz: a bass drum
_CLEAR_BAR = 2.0  # standard errors between the beat that opens bars and the next likely one

Times = NDArray[np.float64]
Frames = NDArray[np.int64]


def onset_envelope(levels: Floats) -> Floats:
    """How much louder the bands become with each frame, dB, float32 `(frames,)`: the mean of what rises."""
    rise = np.maximum(np.diff(levels, axis=0, prepend=levels[:1]), 0)
    return np.asarray(rise.mean(axis=1), dtype=np.float32)


def onset_times(envelope: Floats) -> Times:
    """When something is struck (seconds, ascending): peaks that stand out of the 0.2 s around them."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if _is_faint(envelope):
        return np.empty(0)
    around = uniform_filter1d(envelope, 17) + 0.07 * float(envelope.max())
    peaks = np.flatnonzero((envelope == maximum_filter1d(envelope, 7)) & (envelope >= around))
    return _times(peaks)


def beat_times(envelope: Floats) -> Times:
    """Beats (seconds, ascending) by dynamic programming (D. Ellis, "Beat Tracking by Dynamic Programming", 2007).

    Empty where there is no steady pulse, which is asked of the envelope: whether it resembles itself one beat later.
    """
    if _is_faint(envelope):
        return np.empty(0)
    frames = _best_path(envelope, round(guessed_period(envelope)))
    if len(frames) < 3 or _pulse(envelope, float(np.median(np.diff(frames)))) < _CLEAR_PULSE:
        return np.empty(0)
    return _times(frames)


def guessed_period(envelope: Floats) -> float:
    """Frames a beat: the envelope comes back after 1, 2, 3 and 4 of them, rather near 120 a minute than far."""
    likeness = _own_likeness(envelope)
    tempos = np.geomspace(_SLOWEST, _FASTEST, 600)
    periods = 60 / tempos / FRAME
    lags = np.arange(len(likeness))
    score = np.zeros(len(tempos))
    for count in (1, 2, 3, 4):
        near = [np.interp(count * periods + shift, lags, likeness) for shift in (-1, 0, 1)]
        score += np.maximum(np.max(near, axis=0), 0)
    score *= np.exp(-0.5 * (np.log2(tempos / _USUAL) / _SPREAD) ** 2)
    return float(periods[np.argmax(score)])


def regular_tempo(beats: Times) -> float | None:
    """Beats a minute from the slope of a line through the beats; beats that were missed are counted."""
    if len(beats) < 3:
        return None
    steps = np.diff(beats)
    index = np.concatenate([[0.0], np.cumsum(np.maximum(np.round(steps / np.median(steps)), 1))])
    slope = float(np.polyfit(index, beats, 1)[0])
    return round(60.0 / slope, 2) if slope > 0 else None


def downbeat_times(beats: Times, levels: Floats, tones: Floats) -> Times:
    """The beats that open bars of four or three; empty where none of them stands out.

    Bars open where the bass drum is struck and the harmony changes. `tones` as `spectra.tones_that_stand_out`.
    """
    if len(beats) < 8:
        return np.empty(0)
    accents = _standard(_low_accents(beats, levels)) + 1.3 * _standard(_changes(beats, tones))
    metre, phase = max(((m, p) for m in (4, 3) for p in range(m)), key=lambda each: _contrast(accents, *each))
    heights = [float(accents[place::metre].mean()) for place in range(metre)]
    second = max(height for place, height in enumerate(heights) if place != phase)
    error = np.sqrt(2 * float(accents.var()) * metre / len(beats))
    return beats[phase::metre] if heights[phase] - second > _CLEAR_BAR * error else np.empty(0)


def _times(frames: Frames) -> Times:
    return np.asarray(frames * FRAME + _EARLY, dtype=np.float64)


def _is_faint(envelope: Floats) -> bool:
    return float(np.percentile(envelope, 99)) < _FAINTEST_ONSET


def _own_likeness(envelope: Floats) -> Times:
    """Autocorrelation by lag in frames, the mean over windows of some seconds, 1 at lag 0."""
    size = round(_HEARD_AT_ONCE / FRAME)
    window = np.hanning(size)
    padded = np.pad(envelope - envelope.mean(), (size // 2, size))
    parts = [_correlated(padded[first : first + size] * window) for first in range(0, len(envelope), size // 2)]
    likeness: Times = np.mean([part / part[0] for part in parts if part[0] > 0] or [np.zeros(size)], axis=0)
    fading = _correlated(window)
    return np.asarray(likeness / np.maximum(fading / fading[0], 0.05))


def _correlated(part: Times) -> Times:
    spectrum = np.abs(np.fft.rfft(part, 2 * len(part))) ** 2
    return np.asarray(np.fft.irfft(spectrum)[: len(part)])


def _best_path(envelope: Floats, period: int) -> Frames:
    """Frames at about every `period` that meet the strongest onsets together; weak ones at both ends are left out."""
    strength = envelope / max(float(envelope.std()), 1e-9)
    reach = np.arange(-period, period + 1)
    strength = np.convolve(strength, np.exp(-0.5 * (reach * 32 / period) ** 2), mode="full")[period:-period]
    earlier = np.arange(-2 * period, -(period // 2) + 1)
    cost = _TIGHTNESS * np.log(-earlier / period) ** 2
    total = np.zeros(2 * period + len(strength))  # of the best path that ends at each frame, and before the song
    links = np.empty(len(strength), dtype=np.int64)
    for first in range(0, len(strength), period // 2):  # the frames of a block cannot follow one another
        last = min(first + period // 2, len(strength))
        choices = np.lib.stride_tricks.sliding_window_view(total, len(earlier))[first:last] - cost
        best = choices.argmax(axis=1)
        total[2 * period + first : 2 * period + last] = strength[first:last] + choices.max(axis=1)
        links[first:last] = np.arange(first, last) + earlier[best]
    return _without_weak_ends(_followed(total[2 * period :], links), strength)


def _followed(total: Times, links: Frames) -> list[int]:
    """The path that ends at the last peak of at least half the usual height."""
    peaks = np.flatnonzero((total[1:-1] > total[:-2]) & (total[1:-1] >= total[2:])) + 1
    if not len(peaks):
        return []
    path = [int(peaks[total[peaks] >= 0.5 * np.median(total[peaks])].max())]
    while links[path[-1]] >= 0:
        path.append(int(links[path[-1]]))
    return path[::-1]


def _without_weak_ends(path: list[int], strength: NDArray[np.floating[Any]]) -> Frames:
    frames = np.asarray(path, dtype=np.int64)
    if len(frames) < 3:
        return frames
    smooth = np.convolve(strength[frames], [0.25, 0.75, 1.0, 0.75, 0.25], mode="full")[2:-2]
    strong = np.flatnonzero(smooth > 0.5 * np.sqrt(np.mean(smooth**2)))
    return frames[strong[0] : strong[-1] + 1]


def _pulse(envelope: Floats, period: float) -> float:
    """How much the envelope resembles itself one, two or four beats later: a correlation, near 0 for noise."""
    centred = envelope.astype(np.float64) - float(envelope.mean())
    energy = float(np.dot(centred, centred))
    lags = {max(round(count * period) + shift, 1) for count in (1, 2, 4) for shift in (-2, -1, 0, 1, 2)}
    return max(float(np.dot(centred[:-lag], centred[lag:])) for lag in lags) / energy if energy > 0 else 0.0


def _low_accents(beats: Times, levels: Floats) -> Times:
    """How hard the bass drum is struck at each beat, dB, `(beats,)`."""
    low = onset_envelope(levels[:, :_LOW_BANDS])
    frames = np.rint((beats - _EARLY) / FRAME).astype(np.int64)
    near = [low[np.clip(frames + shift, 0, len(low) - 1)] for shift in range(-3, 4)]
    return np.asarray(np.max(near, axis=0), dtype=np.float64)


def _changes(beats: Times, tones: Floats) -> Times:
    """How far the harmony of each beat is from that of the one before, 0..1, `(beats,)`."""
    heard = means_between(tones, np.append(beats, 2 * beats[-1] - beats[-2]))
    heard /= np.linalg.norm(heard, axis=1, keepdims=True) + 1e-9
    return np.concatenate([[0.0], 1 - (heard[1:] * heard[:-1]).sum(axis=1)])


def _standard(values: Times) -> Times:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9))


def _contrast(accents: Times, metre: int, phase: int) -> float:
    """By how many standard errors every `metre`-th beat from `phase` on is accented more than the others."""
    opens = np.arange(len(accents)) % metre == phase
    spread = np.sqrt(float(accents.var()) * (1 / opens.sum() + 1 / (~opens).sum()))
    return float((accents[opens].mean() - accents[~opens].mean()) / (spread + 1e-9))
