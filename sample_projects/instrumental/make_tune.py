"""Makes `tandem.ogg`: a small tune without words, 120 beats a minute, 4/4, a quiet section A and a bright section B.

Owns the tune and who plays it. From the root of the checkout, with numpy and ffmpeg installed:

    python -m sample_projects.instrumental.make_tune
"""

from pathlib import Path

import numpy as np

from sample_projects import band

HERE = Path(__file__).parent
BEAT = 60 / 120
BAR = 4 * BEAT
TAIL = 1.0
"""Seconds in which the last note dies away."""

# A bar each: the bass note, the chord, and the melody as notes with their length in beats (z is a rest).
SECTION_A = [
    ("A,,", "A, C E", "e2 c2"),
    ("F,,", "A, C F", "A3 B1"),
    ("D,,", "A, D F", "c2 A2"),
    ("E,,", "G#, B, E", "B4"),
    ("A,,", "A, C E", "e2 c2"),
    ("F,,", "A, C F", "f3 e1"),
    ("D,,", "A, D F", "d1 c1 B1 A1"),
    ("E,,", "G#, B, E", "B2 z2"),
]
SECTION_B = [
    ("C,,", "C E G", "g1 e1 g1 c'1"),
    ("G,,", "B, D G", "b1 a1 g1 d1"),
    ("A,,", "C E A", "e1 a1 g1 e1"),
    ("F,,", "C F A", "f1 g1 a2"),
    ("G,,", "B, D G", "g1 f1 e1 d1"),
    ("C,,", "C E G", "e1 g1 c'2"),
]


def main() -> None:
    bars = [(False, bar) for bar in SECTION_A] + [(True, bar) for bar in SECTION_B]
    tune, rng = band.silence(len(bars) * BAR + TAIL), np.random.default_rng(120)
    for number, (bright, (bass, chord, melody)) in enumerate(bars):
        at = number * BAR
        play_melody(tune, melody, at, bright)
        play_chord(tune, bass, chord, at, bright)
        play_drums(tune, at, bright, rng)
    band.write_ogg(tune, HERE / "tandem.ogg", title="Tandem", artist="vktrs")


def play_melody(tune: band.Audio, melody: str, at: float, bright: bool) -> None:
    """A music box in A; in B the piano joins it an octave lower."""
    for written in melody.split():
        name, seconds = written[:-1], int(written[-1]) * BEAT
        if name != "z":
            midi = band.midi_number(name)
            band.add(tune, band.bell(midi, seconds + 0.5), at, gain=0.35, pan=-0.2)
            if bright:
                band.add(tune, band.piano(midi - 12, seconds), at, gain=0.5, pan=0.3)
        at += seconds


def play_chord(tune: band.Audio, bass: str, chord: str, at: float, bright: bool) -> None:
    """Long chords over a held bass in A; a stroke on every beat over a running bass in B."""
    strokes = 4 if bright else 1
    for stroke in range(strokes):
        for name in chord.split():
            band.add(tune, band.piano(band.midi_number(name), BAR / strokes), at + stroke * BEAT, gain=0.3)
    for eighth in range(8 if bright else 1):
        octave = 12 * (1 + eighth % 2)
        low = band.bass(band.midi_number(bass) + octave, BEAT / 2 if bright else BAR)
        band.add(tune, low, at + eighth * BEAT / 2, gain=0.5)


def play_drums(tune: band.Audio, at: float, bright: bool, rng: np.random.Generator) -> None:
    """One and three in A; in B every beat, a snare on two and four, and a brush between the beats."""
    for beat in range(4) if bright else (0, 2):
        band.add(tune, band.kick(), at + beat * BEAT, gain=0.8 if bright else 0.65)
    for beat in (1, 3):
        band.add(tune, band.brush(rng), at + beat * BEAT, gain=0.3 if bright else 0.2, pan=0.1)
    for eighth in range(8) if bright else ():
        band.add(tune, band.brush(rng, seconds=0.03), at + eighth * BEAT / 2, gain=0.1, pan=-0.3)


if __name__ == "__main__":
    main()
