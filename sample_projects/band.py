"""Instruments and a mixing desk for the sample songs: numpy arrays in, numpy arrays out.

Owns how a note sounds and how a mix becomes a file. Knows no tune and no words. It is part of the sample projects,
not of vktrs: it only serves to make their audio again.
"""

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float64]
"""Samples at `RATE`, mono `(n,)` or stereo `(n, 2)`, full scale at 1.0."""

RATE = 44_100
PEAK = 10 ** (-3 / 20)
"""-3 dBFS: a lossy codec overshoots by up to a decibel, and may not clip."""


def midi_number(name: str) -> int:
    """MIDI number of a note in ABC letters: `C` is middle C (60), `c` above it, `C,` below, `C#` raised."""
    letter, octave = name[0], 12 * (name.count("'") - name.count(","))
    step = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter.upper()]
    return 60 + step + name.count("#") + (12 if letter.islower() else 0) + octave


def frequency(midi: float) -> float:
    """Hertz of a MIDI number, 69 being A at 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


def tone(midi: float, seconds: float, partials: tuple[float, ...], decay: float) -> Audio:
    """One struck note: harmonics with the weights `partials`, the higher the sooner gone; `decay` in seconds."""
    t = np.arange(int(seconds * RATE)) / RATE
    harmonics = [(k, weight) for k, weight in enumerate(partials, 1) if k * frequency(midi) < RATE / 2]
    wave = np.zeros(len(t))
    for k, weight in harmonics:
        wave += weight * np.sin(2 * np.pi * k * frequency(midi) * t) * np.exp(-t * k / decay)
    return wave * fades(len(t), attack=0.004, release=0.03)


def bass(midi: float, seconds: float) -> Audio:
    """A plucked string, low and round."""
    return tone(midi, seconds, (1.0, 0.5, 0.22, 0.1), decay=0.9)


def piano(midi: float, seconds: float) -> Audio:
    """A short soft stroke for chords."""
    return tone(midi, seconds, (1.0, 0.35, 0.15, 0.06, 0.03), decay=0.5)


def bell(midi: float, seconds: float) -> Audio:
    """A music box for tunes without words."""
    return tone(midi, seconds, (1.0, 0.0, 0.3, 0.12, 0.0, 0.05), decay=1.4)


def brush(rng: np.random.Generator, seconds: float = 0.09) -> Audio:
    """A brushed snare: noise that is bright and soon over."""
    noise = np.diff(rng.standard_normal(int(seconds * RATE) + 1))
    return noise * np.exp(-np.arange(len(noise)) / (0.02 * RATE))


def kick(seconds: float = 0.16) -> Audio:
    """A soft bass drum: a sine that falls from 110 to 45 Hz."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(45 + 65 * np.exp(-t / 0.03)) / RATE
    return np.sin(phase) * fades(len(t), attack=0.002, release=0.08)


def fades(samples: int, attack: float, release: float) -> Audio:
    """A gain curve `(samples,)` that rises for `attack` and falls for `release` seconds, so that nothing clicks."""
    position = np.arange(samples) / RATE
    return np.clip(np.minimum(position / attack, (samples / RATE - position) / release), 0.0, 1.0)


def add(mix: Audio, sound: Audio, at: float, gain: float = 1.0, pan: float = 0.0) -> None:
    """Puts a mono sound into a stereo mix, in place, `at` seconds; `pan` -1 (left) to 1 (right), at equal power."""
    first = round(at * RATE)
    sound = sound[: max(0, len(mix) - first)]
    angle = (pan + 1) * np.pi / 4
    mix[first : first + len(sound)] += gain * sound[:, None] * np.sqrt(2) * (np.cos(angle), np.sin(angle))


def silence(seconds: float) -> Audio:
    """An empty stereo mix `(n, 2)`."""
    return np.zeros((round(seconds * RATE), 2))


def loudness(sound: Audio) -> float:
    """Root mean square over all samples."""
    return float(np.sqrt(np.mean(np.square(sound))))


def write_ogg(mix: Audio, file: Path, title: str, artist: str) -> None:
    """Scales the mix to `PEAK` and writes it as Ogg Vorbis with ffmpeg, at about 64 kbit/s."""
    samples = (mix * (PEAK / np.abs(mix).max())).astype("<f4").tobytes()
    raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", "-"]
    tags = ["-metadata", f"title={title}", "-metadata", f"artist={artist}"]
    codec = ["-c:a", "libvorbis", "-q:a", "2", "-bitexact"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *raw, *tags, *codec, str(file)]
    subprocess.run(command, input=samples, check=True)
