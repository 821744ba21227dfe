"""The clock that counts along with a song played elsewhere, the word it lights, and tapped starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Line, Word
from vktrs.storyboard.words import scene_words
from vktrs_tui.clock import PlayClock, Stamp, TakenBack, Tapping, lit_word, scene_at


class Time:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def clock(time: Time) -> PlayClock:
    return PlayClock(time, duration=60.0)


def test_it_stands_still_until_it_is_played_and_again_when_it_is_paused(time: Time, clock: PlayClock) -> None:
    time.pass_(5)
    assert (clock.playing, clock.position) == (False, 0.0)
    clock.play()
    time.pass_(5)
    assert (clock.playing, clock.position) == (True, 5.0)
    clock.pause()
    time.pass_(5)
    assert (clock.playing, clock.position) == (False, 5.0)


def test_it_stops_at_the_end_of_the_song_and_plays_from_the_start_again(time: Time, clock: PlayClock) -> None:
    clock.seek(58)
    clock.play()
    time.pass_(10)
    assert (clock.playing, clock.position) == (False, 60.0)
    clock.toggle()
    time.pass_(1)
    assert clock.position == 1.0


def test_a_song_of_unknown_length_has_no_end(time: Time) -> None:
    clock = PlayClock(time)
    clock.play()
    time.pass_(10_000)
    assert (clock.playing, clock.position) == (True, 10_000.0)


@pytest.mark.parametrize(("wanted", "found"), [(-3.0, 0.0), (20.0, 20.0), (99.0, 60.0)])
def test_seeking_stays_within_the_song_and_goes_on_as_before(
    time: Time, clock: PlayClock, wanted: float, found: float
) -> None:
    clock.seek(wanted)
    assert (clock.playing, clock.position) == (False, found)
    clock.seek(10)
    clock.play()
    clock.seek(20)
    time.pass_(1)
    assert (clock.playing, clock.position) == (True, 21.0)


def test_a_change_of_rate_does_not_move_the_song(time: Time, clock: PlayClock) -> None:
    clock.play()
    time.pass_(4)
    clock.rate = 0.5
    assert clock.position == 4.0
    time.pass_(4)
    assert clock.position == 6.0


@pytest.mark.parametrize(("wanted", "found"), [(0.1, 0.5), (1.3, 1.3), (9.0, 2.0)])
def test_rates_lie_between_half_and_twice(clock: PlayClock, wanted: float, found: float) -> None:
    clock.rate = wanted
    assert clock.rate == found


def test_rates_go_up_and_down_by_steps_and_end(clock: PlayClock) -> None:
    up = []
    for _ in range(5):
        clock.faster()
        up.append(clock.rate)
    assert up == [1.25, 1.5, 2.0, 2.0, 2.0]
    for _ in range(9):
        clock.slower()
    assert clock.rate == 0.5


def test_a_range_is_played_to_its_end_and_no_further(time: Time, clock: PlayClock) -> None:
    clock.play_range(10, 12)
    time.pass_(1.5)
    assert (clock.playing, clock.position) == (True, 11.5)
    time.pass_(5)
    assert (clock.playing, clock.position) == (False, 12.0)
    clock.play()
    time.pass_(3)
    assert (clock.playing, clock.position) == (True, 15.0)


def test_seeking_and_pausing_leave_the_range(time: Time, clock: PlayClock) -> None:
    for leave in (lambda: clock.seek(11), clock.pause):
        clock.play_range(10, 12)
        leave()
        clock.play()
        time.pass_(5)
        assert clock.playing


def test_an_empty_range_is_not_played(clock: PlayClock) -> None:
    clock.play_range(12, 12)
    assert (clock.playing, clock.position) == (False, 12.0)


def test_what_is_heard_is_off_by_the_offset_only_while_it_plays(time: Time, clock: PlayClock) -> None:
    clock.offset = -0.2
    clock.seek(10)
    assert clock.at() == 10.0
    clock.play()
    time.pass_(1)
    assert (clock.position, clock.at()) == (11.0, pytest.approx(10.8))
    clock.rate = 0.5
    assert clock.at() == pytest.approx(10.9)
    clock.pause()
    assert clock.at() == 11.0


@pytest.mark.parametrize(("offset", "seek", "heard"), [(-1.0, 0.5, 0.0), (1.0, 59.5, 60.0)])
def test_what_is_heard_lies_in_the_song(clock: PlayClock, offset: float, seek: float, heard: float) -> None:
    clock.offset = offset
    clock.seek(seek)
    clock.play()
    assert clock.at() == heard


@given(
    st.lists(st.tuples(st.sampled_from(["play", "pause", "toggle", "seek", "range", "rate", "wait"]), st.floats(0, 90)))
)
def test_it_never_leaves_the_song(steps: list[tuple[str, float]]) -> None:
    time = Time()
    clock = PlayClock(time, duration=60.0)
    for name, value in steps:
        match name:
            case "seek":
                clock.seek(value)
            case "range":
                clock.play_range(value, value + 3)
            case "rate":
                clock.rate = value
            case "wait":
                time.pass_(value)
            case _:
                getattr(clock, name)()
        assert 0 <= clock.position <= 60
        assert 0 <= clock.at() <= 60


@pytest.mark.parametrize(("seconds", "index"), [(-1, 0), (0, 0), (1.99, 0), (2, 1), (4.5, 2), (99, 2)])
def test_the_scene_at_a_second_is_the_last_that_began(seconds: float, index: int) -> None:
    assert scene_at((0.0, 2.0, 4.0), seconds) == index


def test_without_scenes_there_is_none_at_any_second() -> None:
    assert scene_at((), 1.0) is None


WORDS = (Word(1.0, 1.4, "(Daisy,"), Word(1.5, 1.9, "Daisy)"), Word(3.0, 3.2, "[/x]"))
TEXT = "  (Daisy,  Daisy) [/x] "


@pytest.mark.parametrize(
    ("at", "lit"),
    [
        (0.9, None),
        (1.0, "(Daisy,"),
        (1.45, "(Daisy,"),
        (1.5, "Daisy)"),
        (2.1, "Daisy)"),
        (2.2, None),
        (3.1, "[/x]"),
        (9.0, None),
    ],
)
def test_the_word_that_is_sung_is_found_in_the_text_as_it_is_written(at: float, lit: str | None) -> None:
    span = lit_word(TEXT, WORDS, at)
    assert (None if span is None else TEXT[slice(*span)]) == lit


def test_words_that_are_not_those_of_the_text_light_nothing() -> None:
    assert lit_word("Give me your answer", WORDS, 1.2) is None
    assert lit_word("", (), 1.2) is None


@given(st.text(max_size=40), st.floats(-1, 12))
def test_words_computed_for_a_text_always_light_a_part_of_it(text: str, at: float) -> None:
    words = scene_words(text, 0.0, 10.0, [Line(0, 10, "la", (Word(2, 3, "la"),))])
    span = lit_word(text, words, at)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        assert text[slice(*span)].strip() == text[slice(*span)]


def test_taps_go_from_scene_to_scene_and_end_with_the_last() -> None:
    tapping = Tapping(["a", "b", "c"])
    assert tapping.next == "b"  # the first scene starts with the song
    assert tapping.stamp(2.0) == Stamp("b", 2.0)
    assert tapping.stamp(3.0) == Stamp("c", 3.0)
    assert (tapping.over, tapping.next, tapping.stamp(4.0)) == (True, None, None)
    assert tapping.stamps == (Stamp("b", 2.0), Stamp("c", 3.0))


def test_taps_begin_where_the_cursor_is() -> None:
    assert Tapping(["a", "b", "c"], begin=2).next == "c"
    assert Tapping(["a", "b", "c"], begin=0, first_fixed=False).next == "a"
    assert Tapping([]).over


def test_a_tap_taken_back_gives_the_scene_back_and_rewinds_two_seconds_before_it() -> None:
    tapping = Tapping(["a", "b", "c", "d"])
    tapping.stamp(1.5)
    tapping.stamp(10.0)
    assert tapping.back() == TakenBack("c", 8.0)
    assert tapping.next == "c"
    assert tapping.back() == TakenBack("b", 0.0)
    assert tapping.back() is None
    assert tapping.stamp(9.0) == Stamp("b", 9.0)


def test_a_tap_after_a_rewind_cannot_come_before_the_stamp_that_still_holds() -> None:
    tapping = Tapping(["a", "b", "c"])
    tapping.stamp(9.5)
    tapping.stamp(10.0)
    tapping.back()
    assert tapping.stamp(8.7) is None
    assert tapping.stamp(9.9) == Stamp("c", 9.9)


def test_a_key_that_is_held_stamps_once() -> None:
    tapping = Tapping([str(i) for i in range(50)])
    stamped = [tapping.stamp(5.0 + i * 0.03) for i in range(30)]
    assert [each for each in stamped if each] == [Stamp("1", 5.0)]
    assert tapping.stamp(6.2) == Stamp("2", 6.2)
