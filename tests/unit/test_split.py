"""Lines become scenes: the whole song is covered, nothing that is sung is lost, and cuts fall where music allows."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.form import Section
from vktrs.lines import Line, Word
from vktrs.storyboard.bars import bar_lines, cut_by_bars
from vktrs.storyboard.on_marks import on_marks
from vktrs.storyboard.split import ProposedScene, SplitOptions, propose_scenes
from vktrs.storyboard.words import spread

BEATS = [i * 0.5 for i in range(400)]  # 120 beats a minute: bars of 2 s


def sung(start: float, end: float, text: str) -> Line:
    """A line whose words are sung evenly, one after the other."""
    return Line(start, end, text, tuple(spread(text.split(), start, end)))


def lengths(scenes: list[ProposedScene], duration: float) -> list[float]:
    return [right - left for left, right in pairwise([*(scene.start for scene in scenes), duration])]


def test_each_line_is_one_scene_that_ends_when_the_singing_ends() -> None:
    lines = [sung(0.5, 3, "one two"), sung(4, 6.5, "three four"), sung(8, 10.5, "five six")]
    scenes = propose_scenes(lines, [], [], 12)
    assert [(scene.start, scene.end, scene.text) for scene in scenes] == [
        (0, 3, "one two"),
        (4, 6.5, "three four"),
        (8, 10.5, "five six"),
    ]
    assert scenes[1].words == lines[1].words


def test_intro_long_gap_and_outro_are_scenes_without_text() -> None:
    lines = [sung(5, 8, "one"), sung(14, 17, "two"), sung(20.9, 24, "three")]
    scenes = propose_scenes(lines, [], [], 30)
    assert [(scene.start, scene.end, scene.text) for scene in scenes] == [
        (0, None, ""),
        (5, 8, "one"),
        (8, None, ""),
        (14, 17, "two"),
        (20.9, 24, "three"),
        (24, None, ""),
    ]


def test_a_scene_without_text_starts_on_the_beat_that_follows_the_singing() -> None:
    scenes = propose_scenes([sung(0, 3.3, "one"), sung(10, 13, "two")], BEATS, [], 14)
    assert [scene.start for scene in scenes] == [0, 3.5, 10]


def test_a_long_solo_is_cut_at_bars() -> None:
    lines = [sung(0, 4, "one"), sung(36, 40, "two")]
    solo = [scene.start for scene in propose_scenes(lines, BEATS, [], 40) if not scene.text]
    assert solo == [4, 12, 20, 28]


def test_an_unusually_long_line_is_divided_at_its_pause() -> None:
    words = (
        *spread(["it", "won't", "be", "a", "stylish", "marriage"], 12, 14.8),
        *spread(["I", "can't", "afford", "a"], 16, 18),
    )
    long = Line(12, 18, "it won't be a stylish marriage I can't afford a", words)
    lines = [sung(0, 3, "first line here"), sung(4, 7, "second line"), sung(8, 11, "third line"), long]
    scenes = propose_scenes([*lines, sung(19, 22, "last line")], [], [], 23)
    assert [scene.text for scene in scenes[3:5]] == ["it won't be a stylish marriage", "I can't afford a"]
    assert scenes[3].end == pytest.approx(14.8)
    assert scenes[4].start == 16
    assert scenes[4].words == words[6:]


def test_a_pause_is_a_better_cut_than_the_very_middle() -> None:
    words = (*spread(["one", "two"], 10, 11.6), *spread(["six"] * 6, 12.4, 16))
    lines = [
        sung(0, 3, "a b"),
        sung(3, 6, "c d"),
        sung(6, 9, "e f"),
        Line(10, 16, "one two six six six six six six", words),
    ]
    assert [scene.text for scene in propose_scenes(lines, [], [], 16)][-2:] == ["one two", "six six six six six six"]


def test_what_is_unusual_depends_on_how_much_the_lines_differ() -> None:
    lasting = [2, 2, 2, 2, 4, 8, 8, 2, 2]  # usual: 2, deviation: 2.4
    starts = [sum(lasting[:i]) for i in range(len(lasting))]
    lines = [sung(at, at + length, "a b c d e f g h") for at, length in zip(starts, lasting, strict=True)]
    cuts = [scene.start for scene in propose_scenes(lines, [], [], sum(lasting))]
    pieces = [sum(at <= cut < at + length for cut in cuts) for at, length in zip(starts, lasting, strict=True)]
    assert pieces == [1, 1, 1, 1, 1, 4, 4, 1, 1]


def test_a_beat_within_the_pause_is_the_cut() -> None:
    words = (*spread(["one", "two", "three"], 10, 12.8), *spread(["four", "five", "six"], 13.2, 16))
    lines = [
        sung(0, 3, "a b"),
        sung(3, 6, "c d"),
        sung(6, 9, "e f"),
        Line(10, 16, "one two three four five six", words),
    ]
    assert [scene.start for scene in propose_scenes(lines, BEATS, [], 17)][-2:] == [10, 13]


def test_a_line_hardly_longer_than_the_others_stays_whole() -> None:
    lines = [sung(4 * i, 4 * i + 3, f"line {i}") for i in range(5)] + [sung(20, 23.9, "a little longer line")]
    assert propose_scenes(lines, [], [], 24)[-1].text == "a little longer line"


def test_one_endless_line_is_divided_though_nothing_is_shorter() -> None:
    text = " ".join(f"word{i}" for i in range(60))
    scenes = propose_scenes([sung(0, 40, text)], [], [], 40)
    assert len(scenes) == math.ceil(40 / SplitOptions().longest)
    assert " ".join(scene.text for scene in scenes) == text


def test_a_long_line_without_word_times_shares_its_text_by_length() -> None:
    lines = [Line(4 * i, 4 * i + 4, f"line number {i}") for i in range(6)]
    scenes = propose_scenes([*lines, Line(24, 36, "now comes a line that never seems to come to any end")], [], [], 36)
    parts = [scene for scene in scenes if scene.start >= 24]
    assert len(parts) == 3
    assert all(2.5 < length < 5.5 for length in lengths(parts, 36))
    assert all(scene.words == () for scene in parts)
    assert " ".join(scene.text for scene in parts) == "now comes a line that never seems to come to any end"


def test_scripts_without_blanks_are_divided_between_words() -> None:
    words = tuple(spread(list("桜の花が咲く頃にまた会おうね"), 0, 20))
    scenes = propose_scenes([Line(0, 20, "桜の花が咲く頃にまた会おうね", words)], [], [], 20)
    assert len(scenes) == 2
    assert "".join(scene.text for scene in scenes) == "桜の花が咲く頃にまた会おうね"


def test_a_line_shorter_than_a_second_joins_the_nearer_neighbour() -> None:
    lines = [sung(0, 3, "one"), sung(5, 5.4, "hey"), sung(5.5, 8, "two"), sung(9, 12, "three")]
    assert [scene.text for scene in propose_scenes(lines, [], [], 12)] == ["one", "hey two", "three"]


def test_a_shout_before_a_solo_keeps_a_scene_of_a_second() -> None:
    scenes = propose_scenes([sung(0, 3, "one"), sung(3, 3.3, "hey"), sung(12, 15, "two")], [], [], 15)
    assert [(scene.start, scene.text) for scene in scenes] == [(0, "one"), (3, "hey"), (4, ""), (12, "two")]


@pytest.mark.parametrize(
    ("beats", "downbeats", "starts"),
    [
        (BEATS, [], [0, 8, 16, 24]),
        ([0.25 + beat for beat in BEATS], [], [0, 8.25, 16.25, 24.25]),
        (BEATS, [1 + 1.5 * i for i in range(50)], [0, 7, 13, 19, 25]),
        ([], [], [0, 6, 12, 18, 24]),
        ([1.0, 2.0], [], [0, 6, 12, 18, 24]),
    ],
    ids=["beats", "first beat late", "waltz", "no beat", "two beats"],
)
def test_a_song_without_words_is_cut_by_bars(beats: list[float], downbeats: list[float], starts: list[float]) -> None:
    scenes = propose_scenes([], beats, downbeats, 30)
    assert [scene.start for scene in scenes] == starts
    assert all((scene.text, scene.end, scene.words) == ("", None, ()) for scene in scenes)


FORM = (Section(0, 12, "A"), Section(12, 26, "B"), Section(26, 40, "A"))


def test_each_scene_is_in_the_section_in_which_most_of_it_lies() -> None:
    lines = [sung(0, 4, "one"), sung(10, 14.5, "two"), sung(15, 19, "three"), sung(24, 30, "four")]
    scenes = propose_scenes(lines, [], [], 31, SplitOptions(gap=10), FORM)
    assert [(scene.start, scene.section) for scene in scenes] == [(0, "A"), (10, "B"), (15, "B"), (24, "A")]
    assert {scene.section for scene in propose_scenes(lines, [], [], 31)} == {None}


def test_music_without_words_is_cut_where_a_section_ends() -> None:
    solo = propose_scenes([sung(0, 4, "one"), sung(30, 34, "two")], BEATS, [], 34, sections=FORM)
    cuts = [(scene.start, scene.section) for scene in solo if not scene.text]
    assert cuts == [(4, "A"), (12, "B"), (20, "B"), (26, "A")]  # B is longer than music without a cut may be
    tune = propose_scenes([], BEATS, [], 40, sections=FORM)
    assert {12.0, 26.0} <= {scene.start for scene in tune}


def test_a_section_that_ends_right_beside_the_singing_makes_no_scene_of_a_blink() -> None:
    scenes = propose_scenes([sung(0, 11, "one"), sung(22, 26, "two")], [], [], 27, sections=FORM)
    assert [scene.start for scene in scenes] == [0, 11, 22]


def test_bars_are_every_fourth_beat_unless_downbeats_are_known() -> None:
    assert bar_lines([0, 1, 2, 3, 4, 5], []) == [0, 4]
    assert bar_lines([0, 1, 2, 3, 4, 5], [1, 4]) == [1, 4]


def test_a_stretch_where_the_beat_pauses_is_cut_evenly() -> None:
    cuts = cut_by_bars(0, 40, [0, 2, 4, 6, 8, 36, 38], aim=6, shortest=1, longest=12)
    assert max(lengths([ProposedScene(cut, None, "") for cut in cuts], 40)) <= 12


@pytest.mark.parametrize("duration", [0.0, -1.0, math.nan])
def test_a_song_of_no_length_has_no_scenes(duration: float) -> None:
    assert propose_scenes([sung(0, 1, "one")], [], [], duration) == []


@pytest.mark.parametrize("duration", [0.001, 0.05, 0.9])
def test_a_song_of_a_blink_is_one_scene(duration: float) -> None:
    scenes = propose_scenes([sung(0, 5, "one"), sung(0.0005, 5, "two")], [], [], duration)
    assert [(scene.start, scene.text) for scene in scenes] == [(0, "one two")]


times = st.floats(0, 60, allow_nan=False).map(lambda time: round(time, 3))
vocabulary = st.sampled_from(["la", "Daisy,", "I'm", "night.", "—", "(hey)", "été", "桜の花", "a"])


@st.composite
def any_lines(draw: st.DrawFn) -> list[Line]:
    """Lines as bad as files and engines can make them: unsorted, overlapping, without length, with strange words."""
    lines = []
    for _ in range(draw(st.integers(0, 12))):
        start, length = draw(times), draw(st.sampled_from([0.0, 0.3, 1.0, 3.0, 3.2, 9.0, 40.0]))
        texts = draw(st.lists(vocabulary, min_size=1, max_size=15))
        kind = draw(st.sampled_from(["timed", "untimed", "other words"]))
        words = tuple(spread(texts, start, start + length)) if kind == "timed" else ()
        if kind == "other words":
            words = (Word(start, start + length / 2, "something"), Word(start + length / 2, start + length, "else"))
        lines.append(Line(start, start + length, " ".join(texts), words))
    return lines


@given(any_lines(), st.lists(times, max_size=80), st.lists(times, max_size=20), st.floats(0.01, 70), st.booleans())
def test_any_lines_become_scenes_that_cover_the_song_and_keep_every_word(
    lines: list[Line], beats: list[float], downbeats: list[float], duration: float, form: bool
) -> None:
    scenes = propose_scenes(lines, beats, downbeats, duration, sections=FORM if form else ())
    kept = sorted((line for line in lines if line.start < duration), key=lambda line: line.start)
    assert scenes[0].start == 0
    if len(scenes) > 1:
        assert min(lengths(scenes, duration)) >= SplitOptions().shortest - 0.002
    assert "".join("".join(scene.text.split()) for scene in scenes) == "".join(
        "".join(line.text.split()) for line in kept
    )
    assert [word for scene in scenes for word in scene.words] == [word for line in kept for word in line.words]
    for scene in scenes:
        assert (scene.end is None) == (not scene.text)
        assert scene.end is None or scene.start <= scene.end <= duration + 0.001


SNAPS = [SplitOptions(snap="beat"), SplitOptions(snap="bar"), SplitOptions(snap="beat", snap_earlier_only=True)]


@given(
    any_lines(),
    st.lists(times, max_size=80),
    st.lists(times, max_size=20),
    st.floats(0.01, 70),
    st.sampled_from([*SNAPS, SplitOptions(snap="bar", snap_earlier_only=True)]),
)
def test_snapping_moves_starts_onto_the_music_and_nothing_else(
    lines: list[Line], beats: list[float], downbeats: list[float], duration: float, options: SplitOptions
) -> None:
    plain = propose_scenes(lines, beats, downbeats, duration)
    scenes = propose_scenes(lines, beats, downbeats, duration, options)
    assert [(scene.text, scene.words) for scene in scenes] == [(scene.text, scene.words) for scene in plain]
    assert scenes[0].start == 0
    if len(scenes) > 1:
        assert min(lengths(scenes, duration)) >= options.shortest - 0.002
    pulse = [beat for beat in sorted(beats) if beat < duration]
    marks = pulse if options.snap == "beat" else bar_lines(pulse, [beat for beat in downbeats if beat < duration])
    for before, after in zip(plain, scenes, strict=True):
        assert after.start == before.start or after.start in marks
        assert after.start <= before.start + 0.0005 or not options.snap_earlier_only
    for scene, following in pairwise([*scenes, ProposedScene(duration + 0.001, None, "")]):
        assert scene.end is None or scene.start <= scene.end <= following.start


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        (SplitOptions(), [0, 4.1, 8.8, 13.9]),
        (SplitOptions(snap="beat"), [0, 4, 9, 14]),
        (SplitOptions(snap="beat", snap_earlier_only=True), [0, 4, 8.5, 13.5]),
        (SplitOptions(snap="bar"), [0, 4, 8, 14]),
        (SplitOptions(snap="bar", snap_earlier_only=True), [0, 4, 8, 12]),
    ],
)
def test_starts_are_put_on_beats_or_bars(options: SplitOptions, starts: list[float]) -> None:
    lines = [sung(0, 4, "one"), sung(4.1, 8, "two"), sung(8.8, 13, "three"), sung(13.9, 17, "four")]
    assert [scene.start for scene in propose_scenes(lines, BEATS, [], 17, options)] == starts


def test_without_beats_no_start_is_moved() -> None:
    lines = [sung(0, 4, "one"), sung(4.1, 8, "two")]
    for options in SNAPS:
        assert propose_scenes(lines, [], [], 9, options) == propose_scenes(lines, [], [], 9)


def test_a_line_that_would_be_sung_into_the_next_scene_ends_where_that_starts() -> None:
    lines = [sung(0, 4.2, "one"), sung(4.2, 8, "two")]
    first, _ = propose_scenes(lines, BEATS, [], 9, SplitOptions(snap="beat", snap_earlier_only=True))
    assert (first.start, first.end) == (0, 4.0)


@pytest.mark.parametrize(
    ("starts", "earlier_only", "snapped"),
    [
        ([0, 1.9, 2.2, 5], False, [0, 1.9, 2.2, 4]),  # 2 is less than a second from both: they stay
        ([0, 1.9, 3.2, 5], False, [0, 2, 4, 5]),  # the last one's is taken
        ([0, 0.9, 3.1], False, [0, 0.9, 4]),
        ([0.7, 2.1], False, [0.7, 2]),
        ([0, 7.5], False, [0, 7.5]),  # the song ends at 8: a second has to be left
        ([0, 6.9], True, [0, 6]),
        ([0, 1.9996], True, [0, 2]),
        ([], False, []),
    ],
)
def test_marks_are_taken_where_there_is_room(starts: list[float], earlier_only: bool, snapped: list[float]) -> None:
    assert on_marks(starts, [0, 2, 4, 6, 7.5], 8, 1.0, earlier_only) == snapped


@given(any_lines(), st.lists(times, max_size=80), st.floats(0.01, 70))
def test_a_proposal_does_not_depend_on_the_order_of_lines(
    lines: list[Line], beats: list[float], duration: float
) -> None:
    distinct = list({line.start: line for line in lines}.values())
    assert propose_scenes(distinct, beats, [], duration) == propose_scenes(distinct[::-1], beats, [], duration)
