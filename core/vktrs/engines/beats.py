"""Tempo, beats and energy of a song, by librosa. Musical form (sections) is not found here.

An analysis always has an answer: silence, noise and a second of sound have no beats, and that is a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ANALYSIS_RATE = 22050
ENERGY_HOP = 0.05

_HOP = 256  # samples, 12 ms: librosa's 512 puts beats 40 ms off and 120 beats a minute at 117.5
_SHORTEST = 2.0  # seconds; two beats need about that
_CLEAR_PULSE = 0.2  # speech without music reaches 0.16, a mix with little drums 0.27, a drum kit 0.9
_FAINTEST_ONSET = 0.2  # dB; below it lies the ripple of a held tone
_LATE = 0.02  # seconds; the envelope peaks that long after the attack of a drum (measured on clicks)

Samples = NDArray[np.float32]
Curve = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What the analysis knows of a song; times in seconds from its start.

    Beats may be every second of the true ones, or twice as many: which level of a rhythm is "the beat" is ambiguous.
    `tempo` in beats a minute, None where there is no steady beat; `beats` and `downbeats` ascend (downbeats are empty
    where they are not known); `energy` is float32 `(n,)` in 0..1, one value every `energy_hop` seconds.
    """

    tempo: float | None
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    duration: float
    energy: Curve
    energy_hop: float = ENERGY_HOP

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `structure_from_json` reads it back."""
        return {
            "tempo": self.tempo,
            "beats": [round(beat, 4) for beat in self.beats],
            "downbeats": [round(beat, 4) for beat in self.downbeats],
            "duration": self.duration,
            "energy": [round(float(value), 4) for value in self.energy],
            "energy_hop": self.energy_hop,
        }


def structure_from_json(value: Mapping[str, Any]) -> Structure:
    """The structure that `Structure.as_json` wrote. Raises KeyError or TypeError for anything else."""
    return Structure(
        None if value["tempo"] is None else float(value["tempo"]),
        tuple(float(beat) for beat in value["beats"]),
        tuple(float(beat) for beat in value["downbeats"]),
        float(value["duration"]),
        np.asarray(value["energy"], dtype=np.float32),
        float(value["energy_hop"]),
    )


def analyse(audio: Samples) -> Structure:
    """Tempo, beats and energy of `audio` (float32, 22050 Hz, mono, -1..1).

    Beats by dynamic programming over one onset envelope (D. Ellis, "Beat Tracking by Dynamic Programming", 2007), the
    tempo by a straight line through them, which is finer than the grid on which a tempo is first guessed. Whether
    there is a beat at all is asked of the envelope: whether it resembles itself one beat later.
    """
    audio = np.nan_to_num(np.asarray(audio, dtype=np.float32))
    duration = len(audio) / ANALYSIS_RATE
    beats = _beats(audio) if duration >= _SHORTEST else np.empty(0)
    return Structure(
        _tempo(beats), tuple(float(beat) for beat in beats), (), duration, energy_curve(audio, ANALYSIS_RATE)
    )


def energy_curve(audio: Samples, rate: int, hop: float = ENERGY_HOP) -> Curve:
    """Root mean square of each `hop` seconds, float32 `(n,)`, 1.0 at the loudest; zeros for silence."""
    size = max(round(hop * rate), 1)
    count = -(-len(audio) // size)
    squares = np.zeros(count * size, dtype=np.float32)
    np.square(audio, out=squares[: len(audio)])
    level = np.sqrt(squares.reshape(count, size).mean(axis=1)) if count else np.zeros(0, dtype=np.float32)
    peak = float(level.max(initial=0.0))
    return np.asarray(level / peak if peak > 1e-5 else np.zeros_like(level), dtype=np.float32)


def _beats(audio: Samples) -> NDArray[np.float64]:
    """Beat times in seconds, ascending; empty where there is no steady pulse."""
    from librosa.beat import beat_track
    from librosa.onset import onset_strength

    envelope = onset_strength(y=audio, sr=ANALYSIS_RATE, hop_length=_HOP)
    if float(np.percentile(envelope, 99)) < _FAINTEST_ONSET:
        return np.empty(0)
    _, frames = beat_track(onset_envelope=envelope, sr=ANALYSIS_RATE, hop_length=_HOP)
    if len(frames) < 3 or _pulse(envelope, float(np.median(np.diff(frames)))) < _CLEAR_PULSE:
        return np.empty(0)
    return np.maximum(np.asarray(frames, dtype=np.float64) * _HOP / ANALYSIS_RATE - _LATE, 0.0)


def _pulse(envelope: NDArray[np.float32], period: float) -> float:
    """How much the envelope resembles itself one beat later: a correlation, near 0 for noise, towards 1 for a drum."""
    centred = envelope.astype(np.float64) - float(envelope.mean())
    energy = float(np.dot(centred, centred))
    lags = {max(round(period) + shift, 1) for shift in (-2, -1, 0, 1, 2)}
    return max(float(np.dot(centred[:-lag], centred[lag:])) for lag in lags) / energy if energy > 0 else 0.0


def _tempo(beats: NDArray[np.float64]) -> float | None:
    """Beats a minute from the slope of a line through the beats; beats that were missed are counted."""
    if len(beats) < 3:
        return None
    steps = np.diff(beats)
    index = np.concatenate([[0.0], np.cumsum(np.maximum(np.round(steps / np.median(steps)), 1))])
    slope = float(np.polyfit(index, beats, 1)[0])
    return round(60.0 / slope, 2) if slope > 0 else None
