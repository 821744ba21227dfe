"""Telling what was invented from what is only doubtful: an engine's segments against what sounds in the song.

Recognisers invent text over music and silence: one sentence over and over, or "Thank you for watching" at the end.
What sounds is believed, and flagged where it is doubtful (`vktrs.doubt`); what is left out is told, never dropped
unsaid. Voice and band are one sound here, so a low level proves nothing: only silence does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vktrs import doubt
from vktrs.doubt import LeftOut, code
from vktrs.lines import Line, Word
from vktrs.storyboard.words import normal_form
from vktrs.timing import format_clock

if TYPE_CHECKING:
    from vktrs.engines.hearing import Segment

SILENT = 45.0
"""Decibels below the loud part of a song. A quiet intro is some 30 below it; even a voice taken out of a mix leaves
more than 45 where it is silent."""

ENDLESS = 10.0
"""Compression that no refrain has: 30 s of "na na na" are a loop of the model's. Choruses were measured with 4."""

WORDS_A_SECOND = 6
"""What repeats itself faster than that is no refrain but a loop, squeezed into the time that was left."""

_SURE_ENOUGH = 0.35  # mean probability of words where no voice was found
_FILLED_ENOUGH = 0.5  # share of a segment's time in which its words sound
_LONGEST_WORD = 2.0  # seconds
_FRAME = 0.05  # seconds
_ROUND = 0.2  # seconds by which an engine's times of words are off
_FLOOR = 1e-4  # of full scale: nobody hears that
_BOTTOM = 99.0  # decibels
_TOLD = 3
_TWIN = 20  # letters


class Loudness:
    """How far below its loud part a song is, 20 times a second, in decibels (0 to 99)."""

    def __init__(self, audio: NDArray[np.float32], rate: int) -> None:
        hop = round(_FRAME * rate)
        padded = np.pad(audio, (0, -len(audio) % hop)).reshape(-1, hop)
        level = np.sqrt(np.mean(np.square(padded, dtype=np.float64), axis=1))
        # a song that is silent for nearly all of its time has its loud part, too
        loud = max(float(np.percentile(level, 95)), 0.1 * float(level.max())) if len(level) else 0.0
        below = 20 * np.log10(max(loud, _FLOOR) / np.maximum(level, _FLOOR))
        self._below = np.where(level <= _FLOOR, _BOTTOM, np.clip(below, 0.0, _BOTTOM))

    def below(self, start: float, end: float) -> float:
        """The loudest moment from `start` to `end` (seconds), with 0.2 s on both sides."""
        first = max(int((start - _ROUND) / _FRAME), 0)
        there = self._below[first : max(int((end + _ROUND) / _FRAME), first) + 1]
        return float(there.min()) if len(there) else _BOTTOM


def believed(
    segments: Iterable[Segment],
    loudness: Loudness,
    left_out: list[LeftOut],
    has_voice: Callable[[Segment], bool] = lambda _: True,
) -> Iterator[Segment]:
    """The segments with their doubts, without those that were invented, which go into `left_out`.

    `has_voice` tells whether a voice was found where a segment lies; without one more is asked of it.
    """
    for segment in segments:
        if not segment.words:
            continue
        if why := invented(segment, loudness, has_voice(segment)):
            text = "".join(word.text for word in segment.words).strip()
            left_out.append(_left_out(segment.words, text, why))
        else:
            own = doubt.of_decoding(segment.no_speech, segment.log_probability, segment.compression)
            yield replace(segment, doubts=own)


def invented(segment: Segment, loudness: Loudness, voiced: bool) -> str:
    """The doubt for which a segment is left out; "" where it is kept.

    Left out are loops, and text over silence that the model doubts too. Where no voice was found the limits of the
    Whisper paper (section 4.5) decide; they are too strict for choruses and for voices under a band.
    """
    rushed = len(segment.words) / _length(segment) > WORDS_A_SECOND
    if segment.compression > ENDLESS or (segment.compression > doubt.COMPRESSION and rushed):
        return code("compression", segment.compression)
    known = [word.probability for word in segment.words if word.probability is not None]
    mean = float(np.mean(known)) if known else None
    own = doubt.of_decoding(segment.no_speech, segment.log_probability, segment.compression)
    below = min(loudness.below(word.start, word.end) for word in segment.words)
    unsure = segment.no_speech > doubt.NO_SPEECH or (mean is not None and mean < doubt.WORD_PROBABILITY)
    if below > SILENT and (own or unsure):
        return code("silence", below)
    return "" if voiced else _without_voice(segment, mean)


def _without_voice(segment: Segment, mean: float | None) -> str:
    """The stricter rule for stretches where no voice was found."""
    filled = sum(min(word.end - word.start, _LONGEST_WORD) for word in segment.words) / _length(segment)
    if segment.compression > doubt.COMPRESSION:
        return code("compression", segment.compression)
    if segment.no_speech > doubt.NO_SPEECH_ALONE:
        return code("no-speech", segment.no_speech)
    if filled < _FILLED_ENOUGH:
        return code("drawn-out", max(filled, 0.0))
    return code("probability", mean) if mean is not None and mean < _SURE_ENOUGH else ""


def flagged(lines: Iterable[Line], loudness: Loudness, left_out: list[LeftOut]) -> Iterator[Line]:
    """The lines, those over silence with that doubt; a repeat of the line before goes into `left_out` there."""
    before = ""
    for line in lines:
        text = "".join(normal_form(word) for word in line.text.split())
        quiet = [loudness.below(word.start, word.end) for word in line.words]
        silent = [below for below in quiet if below > SILENT]
        if silent and len(silent) == len(quiet) and text == before:
            left_out.append(_left_out(line.words, line.text, code("repeat", min(silent))))
        elif silent and 2 * len(silent) >= len(quiet):
            yield replace(line, doubts=(*line.doubts, code("silence", min(silent))))
        else:
            yield line
        before = text


def remark(left_out: Sequence[LeftOut]) -> str:
    """What was left out, the first of it with time, text and reason."""
    some = "; ".join(
        f"{format_clock(each.start, 1)} {shorten(each.text, 50, placeholder=' ...')} ({doubt.said(each.why)})"
        for each in left_out[:_TOLD]
    )
    more = f"; and {len(left_out) - _TOLD} more" if len(left_out) > _TOLD else ""
    return f"left out as invented, {len(left_out)} line{'' if len(left_out) == 1 else 's'}: {some}{more}"


def without_twins(left_out: Iterable[LeftOut]) -> list[LeftOut]:
    """In the order of the song, each once: what was heard twice may be invented twice, and loops differ in length."""
    kept: list[LeftOut] = []
    for each in sorted(left_out, key=lambda each: each.start):
        if not any(other.text[:_TWIN] == each.text[:_TWIN] and each.start < other.end for other in kept):
            kept.append(each)
    return kept


def _left_out(words: Sequence[Word], text: str, why: str) -> LeftOut:
    return LeftOut(words[0].start, max(word.end for word in words), text, why)


def _length(segment: Segment) -> float:
    return max(segment.words[-1].end - segment.words[0].start, 0.1)
