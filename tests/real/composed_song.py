"""Songs made from a score: drums, bass, chords and a tune by additive synthesis, with the truth about them beside.

Every player is a little early or late and never hits twice alike, by a seed, so that a song sounds the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

RATE = 22050
Sound = NDArray[np.float32]

_MAJOR, _MINOR = (0, 4, 7), (0, 3, 7)
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_OVERTONES: Mapping[str, tuple[tuple[float, ...], float]] = {
    # strengths of the overtones, and how fast a note fades (1/s)
    "organ": ((1, 0.6, 0.1, 0.5, 0, 0.2, 0, 0.3), 0.0),
    "pluck": ((1, 0.7, 0.5, 0.3, 0.2, 0.15, 0.1), 5.0),
    "pad": ((1, 0.25, 0.08), 0.2),
    "brass": ((0.7, 1, 0.9, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.2), 0.6),
    "reed": ((1, 0, 0.7, 0, 0.5, 0, 0.3, 0, 0.2), 0.3),
}


@dataclass(frozen=True, slots=True)
class Part:
    """How one section is played; `chords` one a bar, over and over, as "C", "Am" (a letter, "#", "m").

    `drums` name strokes for each half beat of a bar: k kick, s snare, h hat, c a crash with a kick, - nothing.
    """

    chords: tuple[str, ...]
    timbre: str = "organ"
    drums: str = "khshkhsh"
    tune: int | None = None
    loudness: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """A song: beats a minute, beats a bar, its parts by label, and its form as (label, bars)."""

    tempo: float
    form: tuple[tuple[str, int], ...]
    parts: Mapping[str, Part]
    beats_a_bar: int = 4
    lead_in: float = 0.5
    tail: float = 1.5
    seed: int = 0
    jitter: float = 0.004
    swing: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """What a score sounds like (float32, 22050 Hz, mono, within -1..1), and when everything in it happens (seconds)."""

    sound: Sound
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]
    sections: tuple[tuple[float, float, str], ...]

    @property
    def boundaries(self) -> list[float]:
        """Where one section ends and the next one starts."""
        return [start for start, _, _ in self.sections[1:]]


def compose(score: Score) -> Song:
    """Play a score."""
    beat = 60 / score.tempo
    bar = score.beats_a_bar * beat
    starts = [score.lead_in + bar * bars for bars in accumulate((bars for _, bars in score.form), initial=0)]
    player = _Player(score, np.zeros(round((starts[-1] + score.tail) * RATE), np.float32))
    for (label, bars), start in zip(score.form, starts, strict=False):
        for number in range(bars):
            player.bar(score.parts[label], start + number * bar, number)
    sound = player.sound + 0.002 * player.chance.standard_normal(len(player.sound)).astype(np.float32)
    labels = [label for label, _ in score.form]
    return Song(
        np.asarray(0.8 * sound / np.abs(sound).max(), np.float32),
        np.arange(round((starts[-1] - starts[0]) / beat)) * beat + starts[0],
        np.arange(round((starts[-1] - starts[0]) / bar)) * bar + starts[0],
        tuple((left, right, label) for (left, right), label in zip(pairwise(starts), labels, strict=True)),
    )


@dataclass
class _Player:
    score: Score
    sound: Sound
    chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.score.seed)

    def bar(self, part: Part, start: float, number: int) -> None:
        """All players play one bar."""
        beat = 60 / self.score.tempo
        chord = part.chords[number % len(part.chords)]
        root, third, fifth = _notes(chord)
        for half, stroke in enumerate(part.drums):
            late = self.score.swing * beat if half % 2 else 0.0
            for name in {"c": "ck"}.get(stroke, stroke).replace("-", ""):
                self.put(start + half * beat / 2 + late, 0.8 * part.loudness * _stroke(name))
        for step in range(0, self.score.beats_a_bar, 2):
            length = min(2, self.score.beats_a_bar - step) * beat
            self.put(start + step * beat, 0.35 * part.loudness * _tone(root - 24, length, "reed"))
        struck = range(self.score.beats_a_bar) if part.timbre == "pluck" else range(1)
        for step in struck:
            length = beat if part.timbre == "pluck" else self.score.beats_a_bar * beat
            for pitch in (root, third, fifth):
                self.put(start + step * beat, 0.16 * part.loudness * _tone(pitch, length, part.timbre))
        if part.tune is not None:
            self.tune(part, start, number, chord)

    def tune(self, part: Part, start: float, number: int, chord: str) -> None:
        """A tune of eight bars, the same each time but for what a singer varies."""
        beat = 60 / self.score.tempo
        written = np.random.default_rng((part.tune or 0, number % 8))
        root = _notes(chord)[0]
        for step in range(self.score.beats_a_bar):
            choice, rest, varied = written.integers(0, 5), written.random(), self.chance.random()
            if rest < 0.25:
                continue
            degree = (0, 2, 4, 7, 9)[int(choice)] if varied > 0.1 else 0
            self.put(start + step * beat, 0.18 * part.loudness * _tone(root + 12 + degree, 0.9 * beat, "brass"))

    def put(self, at: float, tone: Sound) -> None:
        """Add a tone, not quite when it was asked for, and not quite as loud."""
        place = max(round((at + self.score.jitter * self.chance.standard_normal()) * RATE), 0)
        room = self.sound[place : place + len(tone)]
        room += tone[: len(room)] * np.float32(1 + 0.1 * self.chance.standard_normal())


def _notes(chord: str) -> list[int]:
    """The three MIDI pitches of a chord from C3 on."""
    root = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[chord[0]] + ("#" in chord)
    return [48 + root + each for each in (_MINOR if chord.endswith("m") else _MAJOR)]


@lru_cache(maxsize=500)
def _tone(pitch: int, seconds: float, timbre: str) -> Sound:
    strengths, fading = _OVERTONES[timbre]
    time = np.arange(round(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    tone = sum(
        strength * np.sin(2 * np.pi * frequency * number * time + number)
        for number, strength in enumerate(strengths, 1)
        if strength and frequency * number < RATE / 2
    )
    edge = np.minimum(1, np.minimum(time / 0.01, (seconds - time) / 0.03))
    return np.asarray(tone / sum(strengths) * edge * np.exp(-fading * time), np.float32)


@lru_cache(maxsize=16)
def _stroke(name: str) -> Sound:
    noise = np.random.default_rng(ord(name)).standard_normal(RATE)
    time = np.arange(RATE) / RATE
    if name == "k":
        made = np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time * 40)))) * np.exp(-time * 16)
    elif name == "s":
        made = 0.35 * noise * np.exp(-time * 22) + 0.4 * np.sin(2 * np.pi * 190 * time) * np.exp(-time * 25)
    elif name == "h":
        made = 0.12 * np.diff(noise, prepend=0) * np.exp(-time * 70)
    else:
        made = 0.1 * np.diff(noise, prepend=0) * np.exp(-time * 4)
    return np.asarray(made[: RATE // 3 if name != "c" else RATE], np.float32)


# Scores -------------------------------------------------------------------------------------------------------------

POP = Score(
    tempo=120,
    form=(("A", 16), ("B", 16), ("A", 16), ("B", 16), ("C", 12), ("B", 16), ("A", 12)),
    parts={
        "A": Part(("C", "G", "Am", "F"), "organ", "khshkhsh", tune=1, loudness=0.8),
        "B": Part(("F", "G", "Em", "Am"), "brass", "khshkksh", tune=2),
        "C": Part(("Dm", "A#", "F", "C"), "pad", "k-h-s-h-", loudness=0.6),
    },
)
"""A song of 210 seconds: verse, chorus, bridge."""

SAME_BAND = Score(
    tempo=92,
    form=(("A", 8), ("B", 8), ("A", 8), ("C", 8), ("B", 8), ("A", 8)),
    parts={
        "A": Part(("Am", "F", "C", "G"), "pluck", tune=3),
        "B": Part(("Dm", "E", "Am", "Am"), "pluck", tune=4),
        "C": Part(("A#", "D#", "F", "F"), "pluck", tune=5),
    },
    seed=1,
)
"""Only the chords and the tune tell its sections apart."""

ONE_CHORD = Score(
    tempo=128.5,
    form=(("A", 16), ("B", 16), ("C", 8), ("B", 16), ("A", 16)),
    parts={
        "A": Part(("Am", "Am", "Am", "G"), "pad", "k-k-k-k-", loudness=0.6),
        "B": Part(("Am", "Am", "Am", "G"), "brass", "khshkhsh"),
        "C": Part(("Am", "Am", "Am", "G"), "pad", "--------", loudness=0.5),
    },
    seed=2,
)
"""Dance music: only sound and drums tell its sections apart, and for fifteen seconds there are none."""

WALTZ = Score(
    tempo=138,
    form=(("A", 16), ("B", 16), ("A", 16), ("B", 16)),
    parts={
        "A": Part(("C", "C", "G", "G"), "reed", "k-h-h-", tune=6),
        "B": Part(("F", "C", "Dm", "G"), "organ", "k-s-s-", tune=7),
    },
    beats_a_bar=3,
    seed=3,
)
