"""An engine's segments are kept, flagged or left out; nothing is dropped unsaid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs import doubt
from vktrs.doubt import LeftOut
from vktrs.engines.doubting import Loudness, believed, flagged, invented, remark, without_twins
from vktrs.engines.hearing import SAMPLE_RATE, Samples, Segment
from vktrs.lines import Line, Word

NOISE = np.random.default_rng(3).standard_normal(10 * SAMPLE_RATE).astype(np.float32)


def at_levels(*decibels: float) -> Samples:
    """Ten seconds of noise for each of these, so much below full scale."""
    return np.concatenate([0.3 * NOISE * np.float32(10 ** (-level / 20)) for level in decibels])


SONG = Loudness(at_levels(0, 30, 60, 200), SAMPLE_RATE)
"""Loud to 10 s, quiet to 20, silent to 30, nothing at all to 40."""


def segment(start: float, text: str, **figures: float) -> Segment:
    """Words of half a second each; `probability`, and the figures of a segment that nobody doubts."""
    probability = figures.pop("probability", 0.9)
    parts = text.split()
    words = tuple(Word(start + i / 2, start + i / 2 + 0.5, f" {word}", probability) for i, word in enumerate(parts))
    known = {"no_speech": 0.1, "log_probability": -0.3, "compression": 1.2} | figures
    return Segment(words, known["no_speech"], known["log_probability"], known["compression"])


def line(start: float, text: str, *doubts: str) -> Line:
    words = segment(start, text).words
    return Line(start, words[-1].end, text, words, 0.9, doubts)


@pytest.mark.parametrize(
    ("start", "end", "below"),
    [(2, 4, 0), (13, 15, 30), (23, 25, 60), (33, 35, 99), (9.9, 12, 0), (-3, -1, 0), (50, 60, 99), (22, 22, 60)],
)
def test_loudness_is_told_against_the_loud_part(start: float, end: float, below: float) -> None:
    assert SONG.below(start, end) == pytest.approx(below, abs=1.5)


@pytest.mark.parametrize("audio", [np.zeros(0, np.float32), np.zeros(100, np.float32), np.zeros(SAMPLE_RATE * 3)])
def test_in_silence_everything_is_silent(audio: Samples) -> None:
    assert Loudness(audio.astype(np.float32), SAMPLE_RATE).below(0, 1) == 99


def test_one_second_of_sound_in_minutes_of_hiss_is_the_loud_part() -> None:
    audio = np.concatenate([at_levels(60)[:SAMPLE_RATE], *[at_levels(60)] * 9])
    audio[: SAMPLE_RATE // 4] *= 1000
    assert Loudness(audio, SAMPLE_RATE).below(50, 60) > 35


@pytest.mark.parametrize(
    ("given", "voiced", "why"),
    [
        (segment(2, "we sing"), True, ""),
        (segment(2, "we sing"), False, ""),
        (segment(2, "we sing", no_speech=0.95, log_probability=-2), True, ""),  # over sound: doubtful, and kept
        (segment(2, "we sing", no_speech=0.95), False, "no-speech"),
        (segment(2, "we sing", compression=3), True, ""),
        (segment(2, "we sing", compression=3), False, "compression"),
        (segment(2, "we sing", compression=12), True, "compression"),
        (segment(2, "we sing", probability=0.2), True, ""),
        (segment(2, "we sing", probability=0.2), False, "probability"),
        (segment(13, "we sing", no_speech=0.7), True, ""),  # quiet is not silent
        (segment(23, "we sing"), True, ""),  # silence alone is flagged: the times may be wrong
        (segment(23, "thank you", no_speech=0.7), True, "silence"),
        (segment(23, "thank you", log_probability=-1.2), True, "silence"),
        (segment(33, "thank you", probability=0.4), True, "silence"),
        (segment(18, "one two three four five six", no_speech=0.7), True, ""),  # it begins where it sounds
    ],
)
def test_what_is_left_out(given: Segment, voiced: bool, why: str) -> None:
    found = invented(given, SONG, voiced)
    assert doubt.kind_of(found) == why
    assert bool(found) == bool(why)


figures = st.builds(
    Segment,
    st.lists(
        st.builds(Word, st.floats(0, 45), st.floats(0, 45), st.sampled_from([" la", " no", "桜"]), st.floats(0, 1)),
        max_size=6,
    ).map(tuple),
    st.floats(0, 1),
    st.floats(-4, 0),
    st.floats(0, 30),
)


@given(st.lists(figures, max_size=6), st.booleans())
def test_every_segment_with_words_is_kept_or_told(segments: list[Segment], voiced: bool) -> None:
    left_out: list[LeftOut] = []
    kept = list(believed(segments, SONG, left_out, lambda _: voiced))
    assert len(kept) + len(left_out) == sum(bool(each.words) for each in segments)
    assert all(doubt.kind_of(each.why) and each.text for each in left_out)
    for each in kept:
        assert each.doubts == doubt.of_decoding(each.no_speech, each.log_probability, each.compression)


@pytest.mark.parametrize(
    ("lines", "doubts", "gone"),
    [
        ([line(2, "la la"), line(4, "la la"), line(6, "la la")], [(), (), ()], []),
        ([line(13, "la la"), line(16, "la la")], [(), ()], []),
        ([line(23, "la la"), line(26, "la la")], [("silence",)], [26]),
        ([line(2, "La, la!"), line(23, "la la"), line(26, "la LA")], [()], [23, 26]),
        ([line(2, "la la"), line(23, "other words", "compression 3")], [(), ("compression", "silence")], []),
        ([line(17, "one two three four five six seven eight nine ten eleven")], [()], []),
        ([line(19, "one two three four five six seven eight nine ten eleven")], [("silence",)], []),
        ([Line(24, 26, "without times")], [()], []),
    ],
)
def test_over_silence_lines_are_flagged_and_repeats_left_out(
    lines: list[Line], doubts: list[tuple[str, ...]], gone: list[float]
) -> None:
    left_out: list[LeftOut] = []
    kept = list(flagged(lines, SONG, left_out))
    assert [tuple(map(doubt.kind_of, each.doubts)) for each in kept] == doubts
    assert [each.start for each in left_out] == gone
    assert {doubt.kind_of(each.why) for each in left_out} <= {"repeat"}


def test_a_remark_names_the_first_and_counts_the_rest() -> None:
    many = [LeftOut(60.0 + at, 61.0 + at, "no " * 40 + str(at), "compression 26.2") for at in range(5)]
    said = remark(many)
    assert said.startswith("left out as invented, 5 lines: 1:00.0 no no ")
    assert said.endswith(" ... (the text around it says itself over and over, compression 26.2); and 2 more")
    assert said.count("1:0") == 3
    assert "1 line: " in remark(many[:1])


def test_twins_are_those_that_overlap_and_begin_alike() -> None:
    loop = LeftOut(10, 30, "no, no, no, no, no, no, no", "compression 26")
    again = LeftOut(12, 28, "no, no, no, no, no, no, no, no, no", "compression 25")
    later, other = LeftOut(40, 50, loop.text, loop.why), LeftOut(11, 12, "Thank you.", "no-speech 0.9")
    assert without_twins([later, again, other, loop]) == [loop, other, later]
