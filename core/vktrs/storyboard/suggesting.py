"""Tempo, frames a second and numbers of pictures that fit each other: what `vktrs suggest` tells. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from vktrs.storyboard.bars import BEATS_A_BAR, bar_lines
from vktrs.storyboard.looping import round_steps
from vktrs.storyboard.model import Look

LOOPS = ("beat", "2 beats", "bar")
COMMON_RATES = (24, 25, 30, 60, 12, 15, 48, 50)
"""Frames a second that players and sites expect, and halves of them; the first ones most of all."""

MOST_PICTURES = 32
"""More in a round are told by nobody."""

_RATES = range(12, 61)
_FITS = 0.0015  # of a beat; a tempo is not known better, and a round in 30 that is a frame longer is not seen


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a `loop`: how long by the tempo, which pictures fill it evenly, and what the settings make of it.

    `even` are pairs of pictures and frames each of them stays. `pictures` are the different ones that are shown,
    `held` the fewest and most frames that one of them stays.
    """

    loop: str
    seconds: float
    frames: float
    even: tuple[tuple[int, int], ...]
    pictures: int
    held: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of frames a second: how many frames nearly make a beat, and how far that is from it, in milliseconds.

    Where positive, such beats are longer than the song's. `a_minute` is what it comes to in a minute.
    """

    fps: Fraction
    frames: int
    a_beat: float
    a_minute: float

    @property
    def fits(self) -> bool:
        """Whether a beat is a whole number of frames, as far as the tempo is known."""
        return abs(self.a_beat) <= _FITS * (1000 * float(self.frames / self.fps) - self.a_beat)


def rounds(tempo: float, fps: Fraction, look: Look, beats_a_bar: int = BEATS_A_BAR) -> list[Round]:
    """What each of LOOPS would be at that tempo (beats a minute), with the settings of `[look]`."""
    return [_round(loop, count * 60 / tempo, fps, look) for loop, count in zip(LOOPS, (1, 2, beats_a_bar), strict=True)]


def _round(loop: str, seconds: float, fps: Fraction, look: Look) -> Round:
    frames = seconds * float(fps)
    whole = max(round(frames), 1)
    there_and_back = look.order == "ping-pong"
    steps = round_steps(whole, look.variations, look.hold, there_and_back)
    pictures = steps // 2 + 1 if there_and_back and steps > 1 else steps
    return Round(loop, seconds, frames, even_fits(whole), pictures, (whole // steps, -(-whole // steps)))


def even_fits(frames: int) -> tuple[tuple[int, int], ...]:
    """All ways to fill so many frames with two pictures or more, each for the same time; the most pictures first."""
    pictures = range(min(frames, MOST_PICTURES), 1, -1)
    return tuple((count, frames // count) for count in pictures if frames % count == 0)


def rates(tempo: float, fps: Fraction) -> list[Rate]:
    """How a beat falls into frames at `fps`, at COMMON_RATES in their order, and at others from 12 to 60 that fit."""
    common = list(dict.fromkeys((fps, *map(Fraction, COMMON_RATES))))
    others = (_rate(Fraction(each), tempo) for each in _RATES if each not in common)
    return [*(_rate(each, tempo) for each in common), *(rate for rate in others if rate.fits)]


def _rate(fps: Fraction, tempo: float) -> Rate:
    beat = 60 / tempo
    frames = max(round(beat * fps), 1)
    away = 1000 * (float(frames / fps) - beat)
    return Rate(fps, frames, away, away * tempo)


def beats_a_bar(beats: Sequence[float], downbeats: Sequence[float]) -> int:
    """How many beats most bars have, by where they lie (seconds); 4 where that is not known."""
    lengths = [after - before for before, after in pairwise(sorted(beats))]
    bars = [after - before for before, after in pairwise(bar_lines(beats, downbeats))]
    if not lengths or not bars or not median(lengths) > 0:
        return BEATS_A_BAR
    return max(round(median(bars) / median(lengths)), 1)


def told_fits(fits: Sequence[tuple[int, int]], most: int = 5) -> Iterator[str]:
    """`6 x 2`: six pictures for two frames each; the shortest ones are left out first where there are many."""
    yield from (f"{pictures} x {held}" for pictures, held in fits[-most:])
