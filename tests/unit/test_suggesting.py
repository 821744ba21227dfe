"""What fits a tempo: pictures that fill a round evenly, and rates at which a beat is whole frames."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.storyboard.looping import round_steps, steps_played
from vktrs.storyboard.model import Look
from vktrs.storyboard.suggesting import COMMON_RATES, MOST_PICTURES, beats_a_bar, even_fits, rates, rounds, told_fits


def test_the_rounds_of_a_song_of_120_at_24_frames() -> None:
    beat, two, bar = rounds(120.0, Fraction(24), Look())
    assert [(each.loop, each.seconds, each.frames) for each in (beat, two, bar)] == [
        ("beat", 0.5, 12.0),
        ("2 beats", 1.0, 24.0),
        ("bar", 2.0, 48.0),
    ]
    assert beat.even == ((12, 1), (6, 2), (4, 3), (3, 4), (2, 6))
    assert [(each.pictures, each.held) for each in (beat, two, bar)] == [(6, (2, 2)), (8, (3, 3)), (8, (6, 6))]


@pytest.mark.parametrize(
    ("look", "pictures", "held"),
    [
        (Look(order="ping-pong"), 7, (1, 1)),
        (Look(hold=5), 2, (6, 6)),
        (Look(variations=0), 1, (12, 12)),
        (Look(variations=0, order="ping-pong"), 1, (12, 12)),
        (Look(variations=4), 4, (3, 3)),
    ],
)
def test_what_the_settings_make_of_a_beat(look: Look, pictures: int, held: tuple[int, int]) -> None:
    beat = rounds(120.0, Fraction(24), look)[0]
    assert (beat.pictures, beat.held) == (pictures, held)


@given(tempo=st.floats(30, 300), fps=st.integers(1, 120), hold=st.integers(1, 9), variations=st.integers(0, 20))
def test_what_is_told_of_a_round_is_what_a_scene_plays(tempo: float, fps: int, hold: int, variations: int) -> None:
    look = Look(hold=hold, variations=variations)
    for each in rounds(tempo, Fraction(fps), look):
        whole = max(round(each.frames), 1)
        played = steps_played([0, whole], whole, round_steps(whole, variations, hold, False))
        held = [played.count(step) for step in set(played)]
        assert (len(held), min(held), max(held)) == (each.pictures, *each.held)


@given(st.integers(1, 500))
def test_even_fits_fill_a_round(frames: int) -> None:
    found = even_fits(frames)
    assert all(pictures * held == frames and 2 <= pictures <= MOST_PICTURES for pictures, held in found)
    assert len(set(found)) == len(found)


def test_of_many_fits_those_that_flicker_least_are_told() -> None:
    assert list(told_fits(even_fits(24))) == ["8 x 3", "6 x 4", "4 x 6", "3 x 8", "2 x 12"]


@pytest.mark.parametrize(
    ("tempo", "fitting"),
    [(120.0, {24, 30, 60, 12, 48, 50}), (150.0, {25, 30, 60, 15, 50}), (117.0, {39}), (128.0, {32})],
)
def test_which_rates_fit(tempo: float, fitting: set[int]) -> None:
    found = {int(each.fps) for each in rates(tempo, Fraction(24)) if each.fits}
    assert found >= fitting
    beats = [fps * 60 / tempo for fps in found]
    assert all(abs(beat - round(beat)) <= 0.0016 * beat for beat in beats)


def test_rates_come_with_the_video_s_own_first_and_the_common_ones_before_the_others() -> None:
    told = [each.fps for each in rates(117.0, Fraction(30000, 1001))]
    assert told[: 1 + len(COMMON_RATES)] == [Fraction(30000, 1001), *COMMON_RATES]
    assert Fraction(39) in told


@given(tempo=st.floats(30, 300), fps=st.sampled_from([Fraction(24), Fraction(30000, 1001)]))
def test_how_far_a_beat_is_away(tempo: float, fps: Fraction) -> None:
    for each in rates(tempo, fps):
        assert abs(each.a_beat) <= 500 / each.fps + 1e-6 or each.frames == 1
        assert each.a_beat / 1000 == pytest.approx(float(each.frames / each.fps) - 60 / tempo)
        assert each.a_minute == pytest.approx(each.a_beat * tempo)


@pytest.mark.parametrize(
    ("beats", "downbeats", "count"),
    [
        ([0.5 * n for n in range(40)], [], 4),
        ([0.5 * n for n in range(40)], [1.5 * n for n in range(13)], 3),
        ([0.5 * n for n in range(40)], [3.0 * n for n in range(6)], 6),
        ([0.5 * n for n in range(40)], [1.0], 4),
        ([], [], 4),
        ([1.0], [1.0], 4),
    ],
)
def test_how_many_beats_a_bar_has(beats: list[float], downbeats: list[float], count: int) -> None:
    assert beats_a_bar(beats, downbeats) == count
