"""Rounds of pictures begin on the beats, however the tempo and the frames a second lie to each other."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.storyboard.looping import LoopLength, loop_starts, parse_loop, steps_of, steps_played, usual_round
from vktrs.timing import boundary

BEAT, TWO, BAR = LoopLength(1, "beat"), LoopLength(2, "beat"), LoopLength(1, "bar")
RATES = st.sampled_from([Fraction(12), Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(120)])
EVEN = tuple(0.5 * number for number in range(40))  # 120 beats a minute


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("beat", BEAT),
        ("1 beat", BEAT),
        ("2 beats", TWO),
        ("bar", BAR),
        ("16 bars", LoopLength(16, "bar")),
        (0.5, LoopLength(0.5, "second")),
        (2, LoopLength(2.0, "second")),
        ("none", None),
        ("beats 2", None),
        ("0 beats", None),
        ("100 bars", None),
        ("2  beats", None),
        ("", None),
    ],
)
def test_a_loop_is_read_as_it_is_written(written: float | str, read: LoopLength | None) -> None:
    assert parse_loop(written) == read


@given(
    lengths=st.lists(st.floats(0.2, 1.5), min_size=2, max_size=60),
    lead=st.floats(0.0, 3.0),
    begin=st.floats(0.0, 30.0),
    frames=st.integers(1, 600),
    fps=RATES,
)
def test_a_round_begins_at_the_frame_of_each_beat_however_irregular(
    lengths: list[float], lead: float, begin: float, frames: int, fps: Fraction
) -> None:
    beats = list(accumulate(lengths, initial=lead))
    first = boundary(begin, fps)
    starts = loop_starts(BEAT, first, frames, fps, beats, ())
    assert starts is not None
    assert starts[0] <= 0 and starts[-1] >= frames
    assert starts == sorted(set(starts))
    of_beats = {boundary(beat, fps) - first for beat in beats}
    within = range(max(0, min(of_beats)), min(frames, max(of_beats) + 1))
    assert set(starts) & set(within) == of_beats & set(within)


@given(tempo=st.floats(40, 240), lead=st.floats(0, 2), fps=RATES, begin=st.floats(0, 300))
def test_rounds_never_drift_from_a_steady_tempo(tempo: float, lead: float, fps: Fraction, begin: float) -> None:
    """Five minutes on, a round still begins within half a frame of its beat, also where no beat was found any more."""
    beat = 60 / tempo
    known = [lead + beat * number for number in range(max(int(250 / beat), 2))]
    first = boundary(begin, fps)
    starts = loop_starts(BEAT, first, boundary(20, fps), fps, known, ())
    assert starts is not None
    for start in starts:
        seconds = float((first + start) / fps)
        nearest = lead + beat * round((seconds - lead) / beat)
        assert abs(seconds - nearest) <= float(Fraction(1, 2) / fps) + 1e-6


@given(begin=st.floats(0, 15), fps=RATES, loop=st.sampled_from([BEAT, TWO, BAR, LoopLength(3, "beat")]))
def test_two_scenes_that_meet_anywhere_share_their_rounds(begin: float, fps: Fraction, loop: LoopLength) -> None:
    """A cut within a beat is a cut within a round: what the next scene shows goes on in the same rounds."""
    downbeats = EVEN[1::4]
    cut, end = boundary(begin, fps), boundary(18, fps)
    whole = loop_starts(loop, 0, end, fps, EVEN, downbeats)
    late = loop_starts(loop, cut, end - cut, fps, EVEN, downbeats)
    assert whole is not None and late is not None
    steps = steps_played(whole, end, 5)
    assert steps_played(late, end - cut, 5) == steps[cut:]


def test_a_scene_that_starts_within_a_beat_starts_within_a_round() -> None:
    starts = loop_starts(BEAT, boundary(1.25, Fraction(24)), 24, Fraction(24), EVEN, ())
    assert starts == [-6, 6, 18, 30]
    assert steps_played(starts, 24, 4)[:8] == [2, 2, 2, 3, 3, 3, 0, 0]


def test_before_the_first_beat_and_behind_the_last_they_go_on_evenly() -> None:
    beats = (4.0, 4.5, 5.0, 6.0)
    fps = Fraction(10)
    assert loop_starts(BEAT, 0, 40, fps, beats, ()) == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    assert loop_starts(BEAT, 60, 25, fps, beats, ()) == [0, 10, 20, 30]


@pytest.mark.parametrize(
    ("loop", "downbeats", "starts"),
    [
        (TWO, (), [0, 10, 20, 30, 40]),
        (TWO, (0.5, 2.5), [-5, 5, 15, 25, 35, 45]),
        (TWO, (0.52, 2.48), [-5, 5, 15, 25, 35, 45]),
        (BAR, (), [0, 20, 40]),
        (BAR, (0.5,), [0, 20, 40]),
        (BAR, (0.5, 2.5, 4.5), [-15, 5, 25, 45]),
        (BAR, (0.5, 2.0, 3.5), [-10, 5, 20, 35, 50]),
        (LoopLength(2, "bar"), (0.5, 2.5, 4.5, 6.5), [-35, 5, 45]),
        (LoopLength(99, "bar"), (1.0, 3.0), [-1970, 10, 1990]),
    ],
    ids=[
        "no bars",
        "on bars",
        "bars a little off",
        "every fourth",
        "one downbeat",
        "bars",
        "waltz",
        "two bars",
        "long",
    ],
)
def test_beats_are_counted_from_the_bars(loop: LoopLength, downbeats: tuple[float, ...], starts: list[int]) -> None:
    found = loop_starts(loop, 0, 40, Fraction(10), EVEN, downbeats)
    assert found is not None
    assert [start for start in found if start < 60 or loop.count == 99] == starts


@pytest.mark.parametrize("beats", [(), (3.0,), (3.0, 3.0)])
@pytest.mark.parametrize("loop", [BEAT, TWO, BAR])
def test_without_beats_there_are_no_rounds_on_them(loop: LoopLength, beats: tuple[float, ...]) -> None:
    assert loop_starts(loop, 0, 40, Fraction(24), beats, ()) is None


@pytest.mark.parametrize(
    ("seconds", "fps", "starts"),
    [
        (0.5, Fraction(24), [0, 12, 24, 36, 48]),
        (0.51, Fraction(24), [0, 12, 24, 37, 49]),
        (0.01, Fraction(24), list(range(41))),
        (100.0, Fraction(24), [0, 2400]),
        (0.5, Fraction(30000, 1001), [0, 15, 30, 45]),
    ],
)
def test_seconds_are_counted_from_the_start_of_the_scene(seconds: float, fps: Fraction, starts: list[int]) -> None:
    assert loop_starts(LoopLength(seconds, "second"), 777, 40, fps, (), ()) == starts


@pytest.mark.parametrize(
    ("frames", "most", "hold", "steps"),
    [
        (12, 8, 1, 6),
        (12, 8, 2, 6),
        (12, 8, 3, 4),
        (12, 8, 5, 2),
        (12, 8, 100, 1),
        (12, 12, 1, 12),
        (12, 20, 1, 12),
        (13, 8, 1, 6),
        (15, 8, 2, 7),
        (48, 8, 1, 8),
        (48, 1, 1, 1),
        (1, 8, 1, 1),
        (0, 8, 1, 1),
    ],
)
def test_how_many_pictures_fill_a_round(frames: int, most: int, hold: int, steps: int) -> None:
    assert steps_of(frames, most, hold) == steps


@given(frames=st.integers(1, 3000), most=st.integers(1, 1000), hold=st.integers(1, 100))
def test_pictures_of_a_round_are_no_more_than_wanted_and_held_for_no_less(frames: int, most: int, hold: int) -> None:
    steps = steps_of(frames, most, hold)
    assert 1 <= steps <= most
    played = steps_played([0, frames], frames, steps)
    held = [played.count(step) for step in range(steps)]
    assert max(held) - min(held) <= 1
    assert min(held) >= min(hold, frames)


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=20),
    before=st.integers(0, 200),
    frames=st.integers(1, 400),
    steps=st.integers(1, 20),
)
def test_each_round_begins_with_the_first_step_and_goes_through_them_in_order(
    lengths: list[int], before: int, frames: int, steps: int
) -> None:
    starts = [start - before for start in accumulate(lengths, initial=0)]
    played = steps_played(starts, frames, steps)
    assert len(played) == frames
    assert all(0 <= step < steps for step in played)
    assert all(played[start] == 0 for start in starts if 0 <= start < frames)
    marks = set(starts)
    behind = range(max(starts[-1] + 1, 0), frames)
    assert all(played[at] >= played[at - 1] for at in range(1, frames) if at not in marks and at not in behind)


def test_behind_the_last_start_rounds_go_on_as_the_last_one_did() -> None:
    assert steps_played([0, 4, 6], 11, 2) == [0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0]
    assert steps_played([0], 4, 2) == [0, 0, 1, 1]


def test_the_usual_round_is_the_middle_one() -> None:
    assert usual_round([-3, 9, 21, 33, 90]) == 12
    assert usual_round([0]) == 1
