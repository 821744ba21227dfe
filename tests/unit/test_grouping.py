"""Scenes by pauses, stanzas, words and seconds: nothing is lost, all is in order, and the rule is kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.form import Section
from vktrs.lines import Line, Word
from vktrs.storyboard.grouping import measure, unread
from vktrs.storyboard.model import Split, SplitBy
from vktrs.storyboard.split import ProposedScene, SplitOptions, propose_scenes, remark
from vktrs.storyboard.words import normal_form


def spoken(
    start: float, text: str, each: float = 0.5, pauses: tuple[float, ...] = (), stanza: int | None = None
) -> Line:
    """A line from `start` on, `each` seconds a word, and so much silence before word 1, 2, ..."""
    words, at = [], start
    for place, word in enumerate(text.split()):
        at += pauses[place - 1] if 0 < place <= len(pauses) else 0.0
        words.append(Word(at, at + each, word, 0.9))
        at += each
    return Line(start, at, text, tuple(words), stanza=stanza)


def by(rule: SplitBy, measure: float | None = None, **more: float) -> SplitOptions:
    return SplitOptions(by=rule, measure=measure, **more)  # type: ignore[arg-type]


def told(lines: list[Line], options: SplitOptions, duration: float = 60.0) -> list[str]:
    """The texts of the scenes in which somebody sings."""
    return [scene.text for scene in propose_scenes(lines, [], [], duration, options) if scene.text]


SONG = [
    spoken(2, "one two three four", pauses=(0, 0.9, 0)),
    spoken(5.0, "five six, seven eight", pauses=(0, 0.3, 0)),
    spoken(8.5, "nine ten"),
]


@pytest.mark.parametrize(
    ("pause", "scenes"),
    [
        (0.2, ["one two", "three four five six,", "seven eight", "nine ten"]),
        (0.8, ["one two", "three four five six, seven eight", "nine ten"]),
        (0.9, ["one two", "three four five six, seven eight", "nine ten"]),
        (1.2, ["one two three four five six, seven eight", "nine ten"]),
        (1.3, ["one two three four five six, seven eight nine ten"]),
    ],
)
def test_a_pause_begins_a_scene_wherever_lines_break(pause: float, scenes: list[str]) -> None:
    assert told(SONG, by("pause", pause)) == scenes


def test_a_scene_by_pauses_starts_with_its_word_and_ends_when_it_is_sung() -> None:
    scenes = propose_scenes(SONG, [], [], 11, by("pause", 0.8))
    assert [(scene.start, scene.end) for scene in scenes] == [(0.0, 3.0), (3.9, 7.3), (8.5, 9.5)]


def test_a_pause_longer_than_music_between_lines_is_taken_at_its_word() -> None:
    lines = [spoken(0, "one two"), spoken(6, "three four"), spoken(14, "five six")]
    assert told(lines, by("pause", 5.5)) == ["one two three four", "five six"]
    found = propose_scenes(lines, [], [], 15, by("pause", 1.0))
    assert [scene.text for scene in found] == ["one two", "", "three four", "", "five six"]


def test_the_lines_of_a_stanza_are_one_scene() -> None:
    lines = [
        spoken(0, "a b", stanza=0),
        spoken(2, "c, d!", stanza=0),
        spoken(4, "(oh)"),
        spoken(6, "e f", stanza=1),
        spoken(9, "g h", stanza=1),
    ]
    assert told(lines, by("stanza")) == ["a b c, d! (oh)", "e f g h"]
    assert remark(lines, 60, by("stanza")) is None
    assert told([*lines, spoken(20, "i j", stanza=1)], by("stanza")) == ["a b c, d! (oh)", "e f g h", "i j"]


def test_where_nobody_wrote_stanzas_they_are_told_by_silence_and_that_is_said() -> None:
    lines = [spoken(at, text) for at, text in ((0, "a b"), (1.2, "c d"), (5, "e f"), (6.4, "g h"))]
    assert told(lines, by("stanza")) == ["a b c d", "e f g h"]
    assert remark(lines, 60, by("stanza")) == (
        "Nobody wrote where stanzas end: one begins where nobody sings for 1.5 s."
    )
    even = [spoken(at, "a b") for at in (0, 1.5, 3, 4.5)]
    assert len(told(even, by("stanza"))) == 4
    assert "no silence between lines stands out" in str(remark(even, 60, by("stanza")))
    assert remark(even, 60, by("words", 3)) is None


@pytest.mark.parametrize(
    ("texts", "most", "scenes"),
    [
        (["a b c d e f"] * 3, 8, ["a b c d e f"] * 3),
        (["a b c d"] * 4, 8, ["a b c d a b c d"] * 2),
        (["a b c"] * 3, 8, ["a b c a b c", "a b c"]),
        (["a b c d e, f g h i j k l"], 8, ["a b c d e,", "f g h i j k l"]),
        (["a b c d e f g h i j k l"], 8, ["a b c d e f", "g h i j k l"]),
        (["a b c d"], 2, ["a b", "c d"]),
        (["a b c", "d e f g h i", "j k l m n o"], 8, ["a b c", "d e f g h i", "j k l m n o"]),
        (["a b c d e f g", "h, i", "j k l m n o p"], 8, ["a b c d e f g", "h, i", "j k l m n o p"]),
    ],
)
def test_scenes_of_so_many_words_keep_to_lines_and_commas(texts: list[str], most: int, scenes: list[str]) -> None:
    lines, at = [], 0.0
    for text in texts:
        lines.append(spoken(at, text, each=1.0))
        at = lines[-1].end
    assert told(lines, by("words", most), at) == scenes


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_words_too_quick_for_scenes_of_so_many_make_scenes_of_as_few_as_may_be(most: int) -> None:
    rap = [spoken(1.8 * number, "one two three four five six", 0.3) for number in range(20)]
    scenes = propose_scenes(rap, [], [], 36.0, by("words", most))
    assert {len(scene.text.split()) for scene in scenes} == {4}, "four words last the second that a scene has to"


def test_what_is_too_short_goes_to_the_shorter_neighbour_across_silences_that_are_alike() -> None:
    rap = spoken(0, "one two three four five six seven eight nine", 0.3, (0.1,) * 8)
    assert told([rap], by("pause", 0.05), 4.0) == ["one two three", "four five six", "seven eight nine"]


@pytest.mark.parametrize(
    ("lasting", "about", "starts"),
    [
        ([3, 3, 3, 3], 6.0, [0, 6]),
        ([6, 6, 6], 6.0, [0, 6, 12]),
        ([12, 12], 6.0, [0, 6, 12, 18]),
        ([4, 4, 4], 6.0, None),
    ],
)
def test_scenes_of_about_so_many_seconds(lasting: list[int], about: float, starts: list[float] | None) -> None:
    lines = [spoken(sum(lasting[:n]), "la " * length, each=1.0) for n, length in enumerate(lasting)]
    found = [scene.start for scene in propose_scenes(lines, [], [], sum(lasting), by("seconds", about))]
    if starts is not None:
        assert found == starts
    assert set(found) <= {word.start for line in lines for word in line.words}


def test_a_scene_by_seconds_is_cut_at_a_comma_and_never_within_a_word() -> None:
    line = spoken(0, "a b c d, e f g h i j", each=1.0)
    assert told([line], by("seconds", 5), 10) == ["a b c d,", "e f g h i j"]
    long = Line(0, 20, "aaah", (Word(0, 20, "aaah"),))
    assert told([long], by("seconds", 2), 20) == ["aaah"]


def test_lines_without_word_times_are_cut_as_if_sung_evenly() -> None:
    assert told([Line(0, 12, "a b c d e f g h i j k l")], by("words", 6), 12) == ["a b c d e f", "g h i j k l"]
    heard = Line(0, 4, "Don’t you know me", (Word(0, 1, "dont"), Word(1, 2, "you"), Word(2, 4, "no")))
    first, second = propose_scenes([heard], [], [], 4, by("words", 2))
    assert (first.text, second.text) == ("Don’t you", "know me")
    assert (first.words, second.words) == (heard.words[:2], heard.words[2:])


def test_syllables_stay_together_and_signs_without_spaces_are_parted_without_any() -> None:
    syllables = (Word(0, 1, "Dai"), Word(1, 2, "sy"), Word(2, 3, "Bell"))
    assert told([Line(0, 3, "Daisy Bell", syllables)], by("words", 1), 3) == ["Daisy", "Bell"]
    signs = tuple(Word(n, n + 1, sign) for n, sign in enumerate("桜の花が咲く"))
    assert told([Line(0, 6, "桜の花が咲く", signs)], by("words", 3), 6) == ["桜の花", "が咲く"]
    fast = tuple(Word(n / 4, n / 4 + 0.25, sign) for n, sign in enumerate("桜の花が咲く"))
    assert "".join(told([Line(0, 1.5, "桜の花が咲く", fast)], by("words", 1), 1.5)) == "桜の花が咲く"


def test_starts_are_put_on_beats_afterwards() -> None:
    lines = [spoken(0, "a b c d", each=1.1), spoken(4.4, "e f g h", each=1.1)]
    beats = [float(n) for n in range(9)]
    plain = propose_scenes(lines, beats, [], 9, by("words", 2))
    snapped = propose_scenes(lines, beats, [], 9, replace(by("words", 2), snap="beat"))
    assert [scene.text for scene in plain] == [scene.text for scene in snapped] == ["a b", "c d", "e f", "g h"]
    assert [scene.start for scene in snapped] == [0, 2, 4, 7]


def test_only_the_number_that_is_read_counts() -> None:
    assert [measure(Split(by=rule)) for rule in ("line", "pause", "stanza", "words", "seconds")] == [
        None,
        0.8,
        None,
        8,
        6,
    ]
    assert unread(Split()) == unread(Split(by="pause", pause=1.0)) == ()
    assert unread(Split(pause=1.0, words=3)) == ("pause", "words")
    assert unread(Split(by="words", pause=1.0, words=3)) == ("pause",)


RULES = st.one_of(
    st.builds(lambda pause: by("pause", pause), st.sampled_from([0.05, 0.3, 0.8, 2, 6])),
    st.just(by("stanza")),
    st.builds(lambda most: by("words", most), st.integers(1, 12)),
    st.builds(lambda about: by("seconds", about), st.sampled_from([1.0, 3.5, 6.0, 40.0])),
)
WORD = st.sampled_from(["la", "oh,", "(hey)", "Don’t", "雨", "—", "night."])


@st.composite
def songs(draw: st.DrawFn) -> list[Line]:
    """Lines in any order, timed well or badly, with words that are those of the text, or others, or none."""
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        texts = draw(st.lists(WORD, min_size=1, max_size=7))
        start = draw(st.integers(0, 300)) / 10
        line = spoken(
            start, " ".join(texts), draw(st.sampled_from([0.0, 0.2, 0.7, 3.0])), draw(st.tuples(st.floats(0, 6)))
        )
        kind = draw(st.sampled_from(["own", "none", "fewer", "endless"]))
        words = {"none": (), "fewer": line.words[1:]}.get(kind, line.words)
        end = line.start if kind == "endless" else line.end
        lines.append(replace(line, words=words, end=end, stanza=draw(st.sampled_from([None, 0, 1]))))
    return lines


@settings(max_examples=300, deadline=None)
@given(songs(), RULES, st.sampled_from([0.5, 3.0, 31.0, 70.0]), st.booleans())
def test_nothing_is_lost_and_scenes_cover_the_song(
    lines: list[Line], options: SplitOptions, duration: float, form: bool
) -> None:
    beats = [n / 2 for n in range(int(duration * 2))]
    sections = (Section(0, 9, "A"), Section(9, duration, "B")) if form and duration > 9 else ()
    scenes = propose_scenes(lines, beats, beats[::4], duration, options, sections)
    kept = sorted((line for line in lines if line.start < duration), key=lambda line: line.start)
    assert " ".join(scene.text for scene in scenes).split() == " ".join(line.text for line in kept).split()
    assert [word for scene in scenes for word in scene.words] == [word for line in kept for word in line.words]
    assert scenes[0].start == 0
    assert all(after.start - before.start >= options.shortest - 0.002 for before, after in pairwise(scenes))
    assert all(scene.start < duration for scene in scenes)
    assert_ends(scenes)
    assert scenes == propose_scenes(lines, beats, beats[::4], duration, options, sections)


def assert_ends(scenes: list[ProposedScene]) -> None:
    for before, after in pairwise(scenes):
        assert before.end is None or before.start <= before.end <= after.start + 0.001
    assert all((scene.end is None) == (not scene.text) for scene in scenes)


@settings(max_examples=200, deadline=None)
@given(songs(), st.integers(1, 12))
def test_no_scene_has_more_words_than_asked_unless_it_would_be_too_short(lines: list[Line], most: int) -> None:
    scenes = propose_scenes(lines, [], [], 90.0, by("words", most, shortest=0.0))
    assert all(sum(bool(normal_form(word)) for word in scene.text.split()) <= most for scene in scenes)
