"""One rounding rule: every cut within half a frame of its time, and the frames add up to the song."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Word
from vktrs.timing import boundaries, boundary, ends_of, format_clock, parse_clock, parse_fps

RATES = st.sampled_from([Fraction(24), Fraction(30), Fraction(30000, 1001), Fraction(1), Fraction(120)])
SECONDS = st.floats(0, 4000, allow_nan=False)


@given(st.lists(SECONDS, max_size=20), SECONDS, RATES)
def test_each_cut_is_within_half_a_frame_and_the_frames_add_up(
    starts: list[float], duration: float, fps: Fraction
) -> None:
    starts = sorted({0.0, *(min(start, duration) for start in starts)})
    marks = boundaries(starts, duration, fps)
    assert len(marks) == len(starts) + 1
    for seconds, mark in zip([*starts, duration], marks, strict=True):
        assert abs(mark - Fraction(seconds) * fps) <= Fraction(1, 2)
    frames = [after - before for before, after in pairwise(marks)]
    assert min(frames) >= 0
    assert sum(frames) == boundary(duration, fps)


def test_halves_are_rounded_up() -> None:
    assert [boundary(seconds, Fraction(2)) for seconds in (0.0, 0.25, 0.5, 0.75, 1.2)] == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("written", "fps"), [(24, Fraction(24)), ("30000/1001", Fraction(30000, 1001)), (25.0, Fraction(25)), ("60", 60)]
)
def test_frame_rates_are_whole_numbers_or_fractions(written: int | float | str, fps: Fraction) -> None:
    assert parse_fps(written) == fps


@pytest.mark.parametrize(
    "written", [0, 121, -24, 23.976, True, "x", "1/0", "", "0/5", float("nan"), float("inf"), "300000/1001"]
)
def test_what_is_no_frame_rate_is_refused(written: int | float | str) -> None:
    with pytest.raises(ValueError):
        parse_fps(written)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.5", 12.5),
        ("1:02.250", 62.25),
        ("1:00:00", 3600.0),
        (" .5 ", 0.5),
        ("90", 90.0),
        ("0:00.", 0.0),
        ("75:59.9", 4559.9),
    ],
)
def test_clock_times_are_read(text: str, seconds: float) -> None:
    assert parse_clock(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "x", "1:", "-1", "1:2:3:4", "1,5", "nan", "1e3", "9:99", "1:75.0", "1:60", "1:75:30", "1:00:60"]
)
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [
        (0.0, 3, "0:00.000"),
        (62.25, 3, "1:02.250"),
        (59.9996, 3, "1:00.000"),
        (3600.0, 3, "1:00:00.000"),
        (61.7, 0, "1:02"),
    ],
)
def test_clock_times_are_written(seconds: float, decimals: int, text: str) -> None:
    assert format_clock(seconds, decimals) == text


@given(st.integers(0, 10**8))
def test_milliseconds_come_back_from_the_clock(milliseconds: int) -> None:
    assert round(parse_clock(format_clock(milliseconds / 1000)) * 1000) == milliseconds


def test_each_ends_where_the_next_one_starts_and_the_last_at_the_end() -> None:
    words = [Word(0.5, 0.6, "a"), Word(1.0, 9.0, "b"), Word(3.0, 3.1, "c")]
    assert ends_of(words, 4.0) == [1.0, 3.0, 4.0]
    assert ends_of(words[:1], None) == [None]
    assert ends_of([], 4.0) == []
