"""Beats are found where they were played, and music without a beat is an answer, not a crash."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from vktrs.engines.beats import ANALYSIS_RATE, analyse, energy_curve, structure_from_json

Sound = NDArray[np.float32]


def played(tempo: float, seconds: float, first: float = 0.3) -> tuple[Sound, NDArray[np.float64]]:
    """Kick, hat, snare, hat over chords: the sound, and when its beats were struck."""
    noise = np.random.default_rng(5)
    sound = np.zeros(round(seconds * ANALYSIS_RATE), np.float32)
    t = np.arange(ANALYSIS_RATE // 8) / ANALYSIS_RATE
    beats = np.arange(first, seconds - 0.2, 60 / tempo)
    for i, at in enumerate(np.arange(first, seconds - 0.2, 30 / tempo)):
        kick = np.sin(2 * np.pi * 60 * t) * np.exp(-t * 20) + 0.3 * noise.standard_normal(len(t)) * np.exp(-t * 200)
        snare = 0.5 * noise.standard_normal(len(t)) * np.exp(-t * 30)
        hat = 0.1 * noise.standard_normal(len(t)) * np.exp(-t * 90)
        hit = (kick, hat, snare, hat)[i % 4]
        part = sound[round(at * ANALYSIS_RATE) :][: len(t)]
        part += hit[: len(part)].astype(np.float32)
    time = np.arange(len(sound)) / ANALYSIS_RATE
    for partial in (1, 1.26, 1.5):
        sound += (0.08 * np.sin(2 * np.pi * 220 * partial * time)).astype(np.float32)
    return (sound / np.abs(sound).max() * 0.8).astype(np.float32), beats


@pytest.mark.parametrize("tempo", [98.0, 120.0, 133.3])
def test_tempo_and_beats_are_those_that_were_played(tempo: float) -> None:
    sound, beats = played(tempo, 20)
    found = analyse(sound)
    assert found.tempo == pytest.approx(tempo, rel=0.003)
    apart = [float(np.abs(beats - beat).min()) for beat in found.beats]
    assert np.median(apart) < 0.015
    assert max(apart) < 0.04
    assert len(found.beats) >= 0.9 * len(beats)
    assert list(found.beats) == sorted(found.beats)


def tone(seconds: float) -> Sound:
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * ANALYSIS_RATE)) / ANALYSIS_RATE)).astype(
        np.float32
    )


def hiss(seconds: float) -> Sound:
    return (0.1 * np.random.default_rng(1).standard_normal(round(seconds * ANALYSIS_RATE))).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(5 * ANALYSIS_RATE, np.float32),
        np.full(5 * ANALYSIS_RATE, np.nan, np.float32),
        tone(8),
        hiss(8),
        hiss(0.7),
        np.ones(1, np.float32),
        np.zeros(0, np.float32),
    ],
    ids=["silence", "not a number", "held tone", "hiss", "under a second", "one sample", "nothing"],
)
def test_sound_without_a_beat_has_none(sound: Sound) -> None:
    found = analyse(sound)
    assert (found.tempo, found.beats, found.downbeats) == (None, (), ())
    assert found.duration == len(sound) / ANALYSIS_RATE
    assert np.isfinite(found.energy).all()


def test_a_few_seconds_of_drums_have_beats() -> None:
    assert len(analyse(played(120, 5)[0]).beats) >= 6


def test_energy_follows_loudness_between_zero_and_one() -> None:
    curve = energy_curve(np.concatenate([tone(1), 0.1 * tone(1), np.zeros(ANALYSIS_RATE, np.float32)]), ANALYSIS_RATE)
    assert (curve.dtype, curve.max()) == (np.float32, 1.0)
    assert curve[5:15] == pytest.approx(np.ones(10), abs=0.05)
    assert curve[25:35] == pytest.approx(np.full(10, 0.1), abs=0.01)
    assert curve[45:55] == pytest.approx(np.zeros(10))


def test_energy_of_silence_is_zero() -> None:
    assert not energy_curve(np.zeros(1000, np.float32), ANALYSIS_RATE).any()


def test_a_structure_survives_json() -> None:
    found = analyse(played(120, 4)[0])
    back = structure_from_json(json.loads(json.dumps(found.as_json())))
    assert (back.tempo, back.duration, back.energy_hop) == (found.tempo, found.duration, found.energy_hop)
    assert back.beats == pytest.approx(found.beats, abs=1e-4)
    assert back.energy == pytest.approx(found.energy, abs=1e-4)
