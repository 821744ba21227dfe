"""What the analysis knows of a song: tempo, beats, bars, onsets, sections and energy.

An analysis always has an answer: silence, noise and a second of sound have no beats, and that is a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.form import find_sections
from vktrs.engines.rhythm import beat_times, downbeat_times, onset_envelope, onset_times, regular_tempo
from vktrs.engines.spectra import RATE, mel_levels, tones_that_stand_out
from vktrs.form import Section, sections_from_json

ANALYSIS_RATE = RATE
ENERGY_HOP = 0.05

_SHORTEST = 2.0  # seconds; two beats need about that

Samples = NDArray[np.float32]
Curve = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What the analysis knows of a song; times in seconds from its start.

    Beats may be every second of the true ones, or twice as many: which level of a rhythm is "the beat" is ambiguous.
    `tempo` in beats a minute, None where there is no steady beat; `beats` and `downbeats` ascend (downbeats are empty
    where they are not known); `energy` is float32 `(n,)` in 0..1, one value every `energy_hop` seconds. `sections`
    cover the song from 0 to its end (there are none where it has no length); `onsets` is when something is struck.
    """

    tempo: float | None
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    duration: float
    energy: Curve
    energy_hop: float = ENERGY_HOP
    sections: tuple[Section, ...] = ()
    onsets: tuple[float, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `structure_from_json` reads it back."""
        return {
            "tempo": self.tempo,
            "beats": [round(beat, 4) for beat in self.beats],
            "downbeats": [round(beat, 4) for beat in self.downbeats],
            "duration": self.duration,
            "energy": [round(float(value), 4) for value in self.energy],
            "energy_hop": self.energy_hop,
            "sections": [section.as_json() for section in self.sections],
            "onsets": [round(onset, 4) for onset in self.onsets],
        }


def structure_from_json(value: Mapping[str, Any]) -> Structure:
    """The structure that `Structure.as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    return Structure(
        None if value["tempo"] is None else float(value["tempo"]),
        tuple(float(beat) for beat in value["beats"]),
        tuple(float(beat) for beat in value["downbeats"]),
        float(value["duration"]),
        np.asarray(value["energy"], dtype=np.float32),
        float(value["energy_hop"]),
        sections_from_json(value["sections"]),
        tuple(float(onset) for onset in value["onsets"]),
    )


def analyse(audio: Samples) -> Structure:
    """Tempo, beats, bars, onsets, sections and energy of `audio` (float32, 22050 Hz, mono, -1..1).

    The same sound gives the same answer to the last bit, however many threads the machine has: one is used.
    """
    import scipy.linalg  # noqa: F401  loads the BLAS that is to be limited
    from threadpoolctl import threadpool_limits

    audio = np.nan_to_num(np.asarray(audio, dtype=np.float32), posinf=0.0, neginf=0.0)
    with threadpool_limits(1):
        return _analysed(audio, len(audio) / ANALYSIS_RATE)


def _analysed(audio: Samples, duration: float) -> Structure:
    levels, tones = mel_levels(audio), tones_that_stand_out(audio)
    envelope = onset_envelope(levels)
    beats = beat_times(envelope) if duration >= _SHORTEST else np.empty(0)
    beats = beats[beats < duration]
    downbeats = downbeat_times(beats, levels, tones)
    return Structure(
        regular_tempo(beats),
        _plain(beats),
        _plain(downbeats),
        duration,
        energy_curve(audio, ANALYSIS_RATE),
        sections=find_sections(levels, tones, beats, downbeats, duration),
        onsets=tuple(onset for onset in _plain(onset_times(envelope)) if onset < duration),
    )


def _plain(times: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(time) for time in times)


def energy_curve(audio: Samples, rate: int, hop: float = ENERGY_HOP) -> Curve:
    """Root mean square of each `hop` seconds, float32 `(n,)`, 1.0 at the loudest; zeros for silence."""
    size = max(round(hop * rate), 1)
    count = -(-len(audio) // size)
    squares = np.zeros(count * size, dtype=np.float32)
    np.square(audio, out=squares[: len(audio)])
    level = np.sqrt(squares.reshape(count, size).mean(axis=1)) if count else np.zeros(0, dtype=np.float32)
    peak = float(level.max(initial=0.0))
    return np.asarray(level / peak if peak > 1e-5 else np.zeros_like(level), dtype=np.float32)
