"""Moved times keep the table in order, take along what belongs to them, and what was adjusted is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Word
from vktrs.storyboard import retiming
from vktrs.storyboard.clamping import names
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.schema import check_board

WORDS = (Word(20.0, 20.5, "half"), Word(20.5, 22.0, "crazy"))
BOARD = Storyboard(
    scenes=(
        Scene("a", 0.0, 4.0, "Daisy"),
        Scene("b", 4.0, 9.0, "your answer"),
        Scene("c", 10.0, 20.0, "do"),
        Scene("d", 20.0, 28.0, "half crazy", words=WORDS),
        Scene("e", 30.0),
    )
)
BEATS = (3.5, 4.1, 9.9, 10.4, 19.0, 30.2, 40.0)
ALL = ("a", "b", "c", "d", "e")


def times(board: Storyboard) -> list[tuple[float, float | None]]:
    return [(scene.start, scene.end) for scene in board.scenes]


def starts(board: Storyboard) -> list[float]:
    return [scene.start for scene in board.scenes]


def with_starts(*values: float) -> Storyboard:
    return Storyboard(scenes=tuple(Scene(f"s{at}", value) for at, value in enumerate(values)))


def test_shifting_takes_starts_ends_and_retimed_words_along() -> None:
    done = retiming.shift(BOARD, ("d", "c"), 0.5)
    assert times(done.board)[1:] == [(4.0, 9.0), (10.5, 20.5), (20.5, 28.5), (30.0, None)]
    assert done.board.scene("d").words == (Word(20.5, 21.0, "half"), Word(21.0, 22.5, "crazy"))
    assert done.adjusted == ()


def test_a_shift_stops_at_a_scene_that_stays_and_says_so() -> None:
    done = retiming.shift(BOARD, ("b", "c"), 60)
    assert starts(done.board) == [0.0, 13.999, 19.999, 20.0, 30.0]
    assert "scenes 2 and 3 by +60.000 s: it is +9.999 s" in done.adjusted[0]
    assert starts(retiming.shift(BOARD, ("b", "c"), -60).board)[:3] == [0.0, 0.001, 6.001]


def test_scenes_that_are_no_neighbours_are_held_back_each_by_its_own() -> None:
    assert starts(retiming.shift(BOARD, ("b", "d"), 7).board) == [0.0, 9.999, 10.0, 27.0, 30.0]


def test_shifting_everything_leaves_the_first_start_and_moves_its_line() -> None:
    done = retiming.shift(BOARD, ALL, 1.25)
    assert times(done.board)[:2] == [(0.0, 5.25), (5.25, 10.25)]
    assert done.adjusted == ("Scene 1 always starts with the song, at 0:00.000.",)


def test_nothing_is_shifted_behind_the_song() -> None:
    done = retiming.shift(BOARD, ("e",), 60, duration=42.0)
    assert done.board.scenes[-1].start == 41.999
    assert starts(retiming.shift(BOARD, ("e",), 60).board)[-1] == 90.0
    behind = retiming.shift(retiming.shift(BOARD, ("e",), 60).board, ("e",), -20, duration=42.0)
    assert behind.board.scenes[-1].start == 70.0, "a start behind the song may come back in steps"


def test_a_line_is_cut_where_the_scene_behind_it_stays() -> None:
    done = retiming.shift(BOARD, ("b",), 2)
    assert times(done.board)[1] == (6.0, 10.0)
    assert done.adjusted == ("The line of scene 2 now ends where its scene ends.",)


def test_a_line_that_reached_over_already_is_left_as_it_was_written() -> None:
    board = replace(BOARD, scenes=(Scene("a", 0.0, 12.0, "over"), *BOARD.scenes[1:]))
    assert retiming.nudge_starts(board, ("b",), 0.5).board.scenes[0].end == 12.0


def test_a_nudge_rolls_the_end_that_touches_and_no_other() -> None:
    assert times(retiming.nudge_starts(BOARD, ("b", "c"), 0.1).board)[:3] == [(0.0, 4.1), (4.1, 9.0), (10.1, 20.0)]
    assert times(retiming.nudge_starts(BOARD, ("d",), -0.1).board)[2] == (10.0, 19.9)
    apart = retiming.nudge_starts(BOARD, ("b",), 0.1, rolling=False)
    assert times(apart.board)[0] == (0.0, 4.0)


def test_without_rolling_a_line_in_the_way_is_cut_and_said() -> None:
    done = retiming.nudge_starts(BOARD, ("d",), -1, rolling=False)
    assert times(done.board)[2] == (10.0, 19.0)
    assert "scene 3 now ends" in done.adjusted[0]


def test_a_start_that_passes_its_end_takes_it_along() -> None:
    done = retiming.set_start_rolling(BOARD, "b", 9.5)
    assert times(done.board)[:2] == [(0.0, 9.5), (9.5, 10.0)]
    assert "end of scene 2 moved along" in done.adjusted[0]


def test_one_start_is_clamped_between_its_neighbours() -> None:
    assert starts(retiming.set_start_rolling(BOARD, "b", 50).board)[1] == 9.999
    low = retiming.set_start_rolling(BOARD, "c", 1)
    assert starts(low.board)[2] == 4.001
    assert "clamped to 0:04.001" in low.adjusted[0]
    assert retiming.set_start_rolling(BOARD, "b", 4.123456).board.scenes[1].start == 4.123456


def test_the_first_start_cannot_be_set_but_nudging_it_only_says_so() -> None:
    with pytest.raises(InputError, match="starts with the song") as caught:
        retiming.set_start_rolling(BOARD, "a", 1.0)
    assert caught.value.hint
    assert retiming.set_start_rolling(BOARD, "a", 0).board is BOARD
    done = retiming.nudge_starts(BOARD, ("a",), 0.1)
    assert done == Edited(BOARD, ("Scene 1 always starts with the song, at 0:00.000.",))


def test_frame_steps_there_and_back_do_not_drift() -> None:
    board, step = BOARD, retiming.step_seconds(retiming.STEPS[4], Fraction(24))
    for _ in range(48):
        board = retiming.nudge_starts(board, ("b",), step).board
    assert board.scenes[1].start == pytest.approx(6.0, abs=1e-4)


def test_ends_stay_in_their_scene() -> None:
    assert retiming.set_end(BOARD, "b", 9.25).board.scene("b").end == 9.25
    late = retiming.set_end(BOARD, "b", 12)
    assert (late.board.scene("b").end, "clamped to 0:10.000," in late.adjusted[0]) == (10.0, True)
    assert retiming.set_end(BOARD, "b", 1).board.scene("b").end == 4.0
    assert retiming.set_end(BOARD, "b", None).board.scene("b").end is None
    assert retiming.set_end(BOARD, "e", 99, duration=42.0).board.scene("e").end == 42.0
    assert retiming.set_end(BOARD, "e", 99).board.scene("e").end == 99.0


def test_nudged_ends_move_from_where_the_line_is_sung_until() -> None:
    done = retiming.nudge_ends(BOARD, ("b", "d"), -0.5)
    assert [done.board.scene(each).end for each in "bd"] == [8.5, 27.5]
    assert retiming.nudge_ends(BOARD, ("e",), -0.5, duration=42.0).board.scene("e").end == 41.5
    unknown = retiming.nudge_ends(BOARD, ("e",), -0.5)
    assert unknown.board is BOARD
    assert "not known" in unknown.adjusted[0]
    assert "clamped" in retiming.nudge_ends(BOARD, ("b",), 5).adjusted[0]


def test_two_points_stretch_starts_ends_and_words() -> None:
    done = retiming.transform(BOARD, ALL, (10, 11), (20, 22))
    assert times(done.board) == [(0.0, 4.4), (4.4, 9.9), (11.0, 22.0), (22.0, 30.8), (33.0, None)]
    assert done.board.scene("d").words == (Word(22.0, 22.55, "half"), Word(22.55, 24.2, "crazy"))
    assert done.adjusted == ()
    back = retiming.transform(done.board, ALL, (22, 20), (11, 10))
    assert times(back.board) == times(BOARD)


def test_stretching_a_part_clamps_at_the_scenes_around_it() -> None:
    done = retiming.transform(BOARD, ("c", "d"), (10, 10), (20, 40))
    assert starts(done.board) == [0.0, 4.0, 10.0, 29.999, 30.0]
    assert "start of scene 4 was clamped to 0:29.999," in done.adjusted[0]


@pytest.mark.parametrize("points", [((5, 5), (5, 9)), ((5, 9), (9, 5)), ((5, 7), (9, 7)), ((5, -1), (9, 7))])
def test_points_that_make_no_line_are_refused(points: tuple[tuple[float, float], tuple[float, float]]) -> None:
    with pytest.raises(InputError) as caught:
        retiming.transform(BOARD, ALL, *points)
    assert caught.value.hint


def test_times_of_the_song_are_told_as_the_table_shows_them() -> None:
    with pytest.raises(InputError, match=r"from 1:05\.000 and 1:09\.000 to 1:07\.000 and 1:07\.000"):
        retiming.transform(BOARD, ALL, (65, 67), (69, 67))
    with pytest.raises(InputError, match=r"after 1:05\.250"):
        retiming.untime_after(BOARD, 65.25, 90.0)
    with pytest.raises(InputError, match=r"2 scenes between 0:19\.999 and 0:20\.001"):
        retiming.untime_after(BOARD, 19.999, 20.001)
    with pytest.raises(InputError, match=r"behind 277:46:40\.000"):
        retiming.tap(BOARD, "b", 1_000_000)


def test_starts_snap_to_their_beats_and_touching_ends_follow() -> None:
    done = retiming.snap_starts(BOARD, ("a", "b", "c", "e"), BEATS)
    assert times(done.board) == [(0.0, 4.1), (4.1, 9.0), (9.9, 20.0), (20.0, 28.0), (30.2, None)]
    assert done.adjusted == ()
    earlier = retiming.snap_starts(BOARD, ("b", "c"), BEATS, earlier_only=True)
    assert starts(earlier.board)[1:3] == [3.5, 9.9]
    assert retiming.snap_starts(done.board, ("b", "c", "e"), BEATS).board is done.board


def test_no_two_starts_go_on_one_beat() -> None:
    board = with_starts(0, 9.8, 10.1, 10.15, 12)
    done = retiming.snap_starts(board, ("s1", "s2", "s3"), (10.0, 20.0))
    assert starts(done.board) == [0.0, 10.0, 10.1, 10.15, 12]
    assert "Scenes 3 and 4 have no beat of their own" in done.adjusted[0]


def test_a_beat_behind_the_next_scene_is_the_next_ones() -> None:
    board = with_starts(0, 9.8, 9.9)
    assert starts(retiming.snap_starts(board, ("s1", "s2"), (10.0,)).board) == [0.0, 9.8, 10.0]


@pytest.mark.parametrize("snap", [retiming.snap_starts, retiming.snap_ends])
def test_snapping_without_beats_says_where_they_come_from(snap: Callable[..., Edited]) -> None:
    with pytest.raises(InputError) as caught:
        snap(BOARD, ("b",), ())
    assert "structure" in caught.value.hint


def test_ends_snap_within_their_scene() -> None:
    done = retiming.snap_ends(BOARD, ALL, BEATS)
    assert [scene.end for scene in done.board.scenes] == [4.0, 9.9, 19.0, 30.0, None]
    assert "scene 5 kept the end" in done.adjusted[-1].lower()
    assert retiming.snap_ends(BOARD, ("b",), (3.0,)).board is BOARD


def test_lines_are_extended_to_the_next_start() -> None:
    done = retiming.extend_to_next(BOARD, ALL, 42.0)
    assert [scene.end for scene in done.board.scenes] == [4.0, 10.0, 20.0, 30.0, 42.0]
    assert "not known" in retiming.extend_to_next(BOARD, ("e",)).adjusted[0]


def test_lead_in_stops_where_the_line_before_is_sung() -> None:
    done = retiming.lead_in(BOARD, ("c", "d", "e"), 1.5)
    assert starts(done.board) == [0.0, 4.0, 9.0, 20.0, 28.5]
    assert "before scenes 3 and 4" in done.adjusted[0]
    silent = retiming.lead_in(with_starts(0, 2, 3), ("s1", "s2"), 1.5)
    assert starts(silent.board) == [0.0, 0.5, 1.5]


def test_lead_out_stops_at_the_next_start() -> None:
    done = retiming.lead_out(BOARD, ("b", "d", "e"), 1.5, 42.0)
    assert [done.board.scene(each).end for each in "bde"] == [10.0, 29.5, None]
    assert len(done.adjusted) == 2


def test_a_tap_pushes_what_would_come_before_it() -> None:
    done = retiming.tap(BOARD, "b", 25.0)
    assert starts(done.board) == [0.0, 25.0, 25.001, 25.002, 30.0]
    assert done.board.scene("b").end == 30.0
    assert done.board.scene("a").end == 25.0, "it ended where the stamped scene started"
    assert done.adjusted == ("To make way, scenes 3 and 4 went behind it; stamp them next.",)


def test_stamping_line_after_line_puts_a_wrong_table_right() -> None:
    board = with_starts(0, 1, 2, 3, 4)
    for name, at in (("s1", 12.0), ("s2", 15.5), ("s3", 19.25), ("s4", 30.0)):
        board = retiming.tap(board, name, at).board
        check_board(board)
    assert starts(board) == [0.0, 12.0, 15.5, 19.25, 30.0]


def test_a_stamped_line_keeps_its_length_and_ends_at_the_next_stamp() -> None:
    board = retiming.tap(BOARD, "c", 20.0).board
    assert times(board)[2:4] == [(20.0, 30.0), (20.001, 28.001)]
    assert times(retiming.tap(board, "d", 27.0).board)[2:4] == [(20.0, 27.0), (27.0, 30.0)]


def test_a_tap_before_the_scene_before_is_clamped_and_the_first_scene_stays() -> None:
    done = retiming.tap(BOARD, "c", 1.0)
    assert starts(done.board)[2] == 4.001
    assert done.adjusted[0] == "The start was clamped to 0:04.001, one millisecond after scene 2 starts."
    assert retiming.tap(BOARD, "a", 1.0).board is BOARD


def test_a_tap_is_taken_to_the_millisecond() -> None:
    assert retiming.tap(BOARD, "c", 12.34567890123).board.scene("c").start == 12.346


def test_sentences_name_scenes_by_number_and_not_all_of_very_many() -> None:
    assert names([2]) == "scene 3"
    assert names({0, 1, 4, 5, 6}) == "scenes 1, 2 and 5 to 7"
    assert names(range(0, 900, 2)) == "scenes 1, 3, 5, 7, 9, 11, 13 and others"


def test_untiming_spreads_what_comes_after_the_playhead() -> None:
    done = retiming.untime_after(BOARD, 15.0, 45.0)
    assert starts(done.board) == [0.0, 4.0, 10.0, 25.0, 35.0]
    assert done.board.scene("d").end is None
    assert done.board.scene("d").words is None
    assert done.board.scene("c").end == 20.0
    assert "scenes 4 and 5" in done.adjusted[0]


@pytest.mark.parametrize(("at", "duration"), [(31.0, 45.0), (15.0, None), (15.0, 15.001), (25.0, 3.0)])
def test_untiming_needs_scenes_and_room(at: float, duration: float | None) -> None:
    with pytest.raises(InputError) as caught:
        retiming.untime_after(BOARD, at, duration)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "fps", "at", "times", "seconds"),
    [
        ("10 ms", 24, 0.0, 1, 0.01),
        ("500 ms", 24, 3.0, -1, -0.5),
        ("1 frame", 25, 3.0, 1, 0.04),
        ("1 frame", Fraction(30000, 1001), 3.0, -1, -0.033367),
        ("1 beat", 24, 1.0, 1, 0.5),
        ("1 beat", 24, 1.5, -1, -0.5),
        ("1 beat", 24, 1.5, 1, 1.0),
        ("1 beat", 24, 9.0, 1, 1.0),
        ("1 beat", 24, 0.25, -1, -0.5),
    ],
)
def test_a_step_is_as_long_as_its_name_says(name: str, fps: int, at: float, times: int, seconds: float) -> None:
    step = next(step for step in retiming.STEPS if step.name == name)
    assert retiming.step_seconds(step, Fraction(fps), (0.5, 1.0, 1.5, 2.5), at, times) == pytest.approx(seconds)


def test_a_step_of_a_beat_needs_beats() -> None:
    with pytest.raises(InputError, match="beats"):
        retiming.step_seconds(retiming.STEPS[-1], Fraction(24), (1.0,), 3.0)


@pytest.mark.parametrize("edit", [retiming.shift, retiming.nudge_starts, retiming.nudge_ends, retiming.lead_in])
@pytest.mark.parametrize(("ids", "seconds"), [((), 1), (("gone",), 1), (("b",), float("nan")), (("b",), float("inf"))])
def test_nonsense_is_answered(edit: Callable[..., Edited], ids: tuple[str, ...], seconds: float) -> None:
    with pytest.raises(InputError) as caught:
        edit(BOARD, ids, seconds)
    assert caught.value.hint


TIME = st.integers(0, 60_000).map(lambda ms: ms / 1000) | st.floats(0, 60) | st.sampled_from([0.0, 1e6, 5e-324])
STEP = st.integers(-20_000, 20_000).map(lambda ms: ms / 1000) | st.floats(-70, 70)
BEAT_LISTS = st.lists(TIME, min_size=1, max_size=12).map(sorted)
DURATION = st.none() | st.floats(0.1, 80)


@st.composite
def boards(draw: st.DrawFn) -> Storyboard:
    first = [0.0, *sorted(draw(st.sets(TIME.filter(bool), max_size=7)))]
    scenes = []
    for at, start in enumerate(first):
        end = draw(st.none() | st.just(start) | st.sampled_from(first[at:]) | st.floats(0, 5))
        end = end if end is None or end >= start else start + end
        word = draw(st.none() | st.just((Word(start, min(start + 0.25, 1e6), "la"),)))
        scenes.append(Scene(f"s{at}", start, end if end is None else min(end, 1e6), "la", words=word))
    return Storyboard(scenes=tuple(scenes))


def an_edit(data: st.DataObject, board: Storyboard) -> Edited:
    every = [scene.id for scene in board.scenes]
    ids = data.draw(st.sets(st.sampled_from(every), min_size=1))
    one, by, at, duration = data.draw(st.tuples(st.sampled_from(every), STEP, TIME, DURATION))
    rolling, beats, other = data.draw(st.tuples(st.booleans(), BEAT_LISTS, TIME))
    choices: dict[str, Callable[[], Edited]] = {
        "shift": lambda: retiming.shift(board, ids, by, duration),
        "nudge_starts": lambda: retiming.nudge_starts(board, ids, by, rolling, duration),
        "nudge_ends": lambda: retiming.nudge_ends(board, ids, by, duration),
        "set_start": lambda: retiming.set_start_rolling(board, one, at, rolling, duration),
        "set_end": lambda: retiming.set_end(board, one, data.draw(st.none() | TIME), duration),
        "transform": lambda: retiming.transform(board, ids, (at, abs(by)), (other, data.draw(TIME)), duration),
        "snap_starts": lambda: retiming.snap_starts(board, ids, beats, rolling, not rolling, duration),
        "snap_ends": lambda: retiming.snap_ends(board, ids, beats, duration),
        "extend": lambda: retiming.extend_to_next(board, ids, duration),
        "lead_in": lambda: retiming.lead_in(board, ids, abs(by)),
        "lead_out": lambda: retiming.lead_out(board, ids, abs(by), duration),
        "tap": lambda: retiming.tap(board, one, at),
        "untime": lambda: retiming.untime_after(board, at, duration),
    }
    return choices[data.draw(st.sampled_from(sorted(choices)))]()


@settings(max_examples=250, deadline=None)
@given(boards(), st.data())
def test_any_retiming_keeps_the_table_valid(board: Storyboard, data: st.DataObject) -> None:
    try:
        done = an_edit(data, board)
    except InputError as error:
        assert error.hint
        return
    check_board(done.board)
    assert [scene.id for scene in done.board.scenes] == [scene.id for scene in board.scenes]
    for old, new, before in zip(board.scenes[1:], done.board.scenes[1:], done.board.scenes, strict=False):
        assert new.start == old.start or new.start - before.start > 0.001 - 1e-8
    for scene in done.board.scenes:
        assert 0 <= scene.start <= 1e6 and (scene.end is None or scene.end <= 1e6)
        assert all(0 <= word.start <= word.end <= 1e6 for word in scene.words or ())
    assert all(re.fullmatch(r"[A-Z].*\.", said) for said in done.adjusted)


@settings(max_examples=100, deadline=None)
@given(boards(), st.data(), st.integers(-5000, 5000))
def test_a_shift_that_finds_room_is_undone_by_its_opposite(board: Storyboard, data: st.DataObject, ms: int) -> None:
    board = replace(board, scenes=tuple(replace(each, start=round(each.start, 3), end=None) for each in board.scenes))
    if len({each.start for each in board.scenes}) < len(board.scenes):
        return
    ids = data.draw(st.sets(st.sampled_from([scene.id for scene in board.scenes[1:]] or ["s0"]), min_size=1))
    there = retiming.shift(board, ids, ms / 1000)
    if not there.adjusted and "s0" not in ids:
        assert starts(retiming.shift(there.board, ids, -ms / 1000).board) == starts(board)
