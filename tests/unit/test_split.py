"""Lines become scenes: the whole song is covered, nothing that is sung is lost, and cuts fall where music allows."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Line, Word
from vktrs.storyboard.bars import bar_lines, cut_by_bars
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


@given(any_lines(), st.lists(times, max_size=80), st.lists(times, max_size=20), st.floats(0.01, 70))
def test_any_lines_become_scenes_that_cover_the_song_and_keep_every_word(
    lines: list[Line], beats: list[float], downbeats: list[float], duration: float
) -> None:
    scenes = propose_scenes(lines, beats, downbeats, duration)
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


@given(any_lines(), st.lists(times, max_size=80), st.floats(0.01, 70))
def test_a_proposal_does_not_depend_on_the_order_of_lines(
    lines: list[Line], beats: list[float], duration: float
) -> None:
    distinct = list({line.start: line for line in lines}.values())
    assert propose_scenes(distinct, beats, [], duration) == propose_scenes(distinct[::-1], beats, [], duration)
