"""Songs whose every line has a known start: a voice (espeak-ng) over a band, both made here from a score.

Owns what the benchmark of the words listens to. Samples are mono, 16 kHz, -1..1; times are seconds.
"""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
VOICE = ("-v", "en-gb-x-rp", "-s", "135", "-p", "50")  # of 14 voices the one that Whisper's smallest model hears best
BAR = 2.0  # four beats at 120 a minute

Samples = NDArray[np.float32]

VERSES = (
    (
        "The river runs along the road",
        "And nobody knows where it goes",
        "I left my coat in the morning train",
        "And walked all the way through the rain",
        "The lanterns are burning across the bay",
        "A dog on the corner is barking away",
        "My mother is calling me home tonight",
        "The kitchen is warm and the window is bright",
    ),
    (
        "The winter has painted the garden white",
        "We counted the stars on a frozen night",
        "Your letter was lying beneath the door",
        "I read every word of it twice and more",
        "The captain is sleeping below the deck",
        "A silver watch hangs around his neck",
        "The harbour is hidden behind the hill",
        "The water is silent and cold and still",
    ),
    (
        "The summer is over, the fields are brown",
        "The people are dancing in every town",
        "An old man is selling his wooden chair",
        "A girl with a ribbon is brushing her hair",
        "The church bell is ringing a quarter past ten",
        "I promised to never come here again",
        "The shadows are longer than yesterday",
        "The music will carry me on my way",
    ),
)
CHORUS = (
    "Oh, turn the radio on again",
    "Turn it up, my only friend",
    "Sing me a song that I used to know",
    "Video stars on the radio",
)


@dataclass(frozen=True, slots=True)
class Sung:
    """One line of a song: when its first sound starts, when its last one ends, its words."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class SpokenSong:
    """What is heard, and what is true of it."""

    name: str
    audio: Samples
    lines: tuple[Sung, ...]


def short_song(voice_over_band: float) -> SpokenSong:
    """38 s: a verse of eight lines; the voice so many dB over the band (RMS while somebody sings)."""
    return _song(
        f"a song of 38 s, voice {voice_over_band:+g} dB",
        [(2 + 2 * i, text) for i, text in enumerate(VERSES[0])],
        38.4,
        voice_over_band,
    )


def long_song(voice_over_band: float) -> SpokenSong:
    """210 s: three verses, the chorus after each and once more at the end, 40 lines with music between them."""
    score, bar = [], 4
    for part in (VERSES[0], CHORUS, VERSES[1], CHORUS, VERSES[2], CHORUS, CHORUS):
        score += [(bar + 2 * i, text) for i, text in enumerate(part)]
        bar += 2 * len(part) + 3
    return _song(f"a song of 210 s, voice {voice_over_band:+g} dB", score, 210.0, voice_over_band)


def _song(name: str, score: Sequence[tuple[int, str]], seconds: float, voice_over_band: float) -> SpokenSong:
    """The lines at their bars over a band that plays all the time."""
    voice, lines = np.zeros(round(seconds * RATE), np.float32), []
    for bar, text in score:
        spoken, at = speak(text), round(bar * BAR * RATE)
        voice[at : at + len(spoken)] += spoken[: len(voice) - at]
        lines.append(Sung(at / RATE, (at + len(spoken)) / RATE, text))
    music = band(seconds)
    both = voice / loudness(voice) + music / loudness(music) * 10 ** (-voice_over_band / 20)
    return SpokenSong(name, np.asarray(both / np.abs(both).max() * 0.8, np.float32), tuple(lines))


@lru_cache(maxsize=64)
def speak(text: str) -> Samples:
    """The words in the voice of the songs, without the silence around them."""
    from scipy.signal import resample_poly

    command = ["espeak-ng", *VOICE, "--stdout", text]
    spoken = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
    sound = np.frombuffer(spoken[44:], "<i2").astype(np.float32) / 32768
    common = gcd(RATE, rate)
    sound = resample_poly(sound, RATE // common, rate // common).astype(np.float32)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return np.asarray(sound[loud[0] : loud[-1]], np.float32)


def band(seconds: float) -> Samples:
    """Kick, snare and hats at 120 beats a minute, and a chord a bar."""
    noise = np.random.default_rng(7)
    sound = np.zeros(round(seconds * RATE), np.float32)
    t = np.arange(RATE // 8) / RATE
    for i, at in enumerate(np.arange(0, seconds, 0.25)):
        hit = noise.standard_normal(len(t)) * np.exp(-t * (30 if i % 4 == 2 else 90)) * (0.6 if i % 4 == 2 else 0.25)
        if i % 4 == 0:
            hit = np.sin(2 * np.pi * 55 * t) * np.exp(-t * 20)
        part = sound[round(at * RATE) :][: len(t)]
        part += hit[: len(part)].astype(np.float32)
    t = np.arange(len(sound)) / RATE
    root = np.array([220, 174.6, 261.6, 196])[(t // BAR).astype(int) % 4]
    chord = sum(np.sin(2 * np.pi * np.cumsum(root * ratio) / RATE) for ratio in (1, 1.26, 1.5))
    return np.asarray(sound + 0.1 * chord, np.float32)


def loudness(sound: Samples) -> float:
    """RMS of what is not silence."""
    return float(np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-4]))))
