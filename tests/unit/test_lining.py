"""Lines of a new hearing take the shape of the scenes that stand there, where their words are alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Line, Word
from vktrs.storyboard.lining import as_scenes_are, part, sung

SCENES = [
    sung(24.0, 28.0, "Daisy, Daisy,"),
    sung(28.0, 32.0, "Give me your answer, do!"),
    sung(32.0, 36.0, "I'm half crazy,"),
]


def line(start: float, text: str, step: float = 0.7) -> Line:
    words = (Word(start + i * step, start + (i + 1) * step, each) for i, each in enumerate(text.split()))
    found = tuple(words)
    return Line(start, found[-1].end, text, found, 0.5, ("quiet",))


@pytest.mark.parametrize(
    ("heard", "lines"),
    [
        ([line(26.0, "Daisy, Daisy, give me your answer too")], ["Daisy, Daisy,", "give me your answer too"]),
        (
            [line(26.5, "Daisy, Daisy, give me your answer too, I'm half crazy")],
            ["Daisy, Daisy,", "give me your answer too,", "I'm half crazy"],
        ),
        ([line(28.0, "give me your"), line(30.5, "answer too")], ["give me your answer too"]),
        # nothing alike: the lines stay as they were heard
        ([line(26.0, "something else was sung all the way")], ["something else was sung all the way"]),
        ([line(28.0, "some words"), line(30.5, "and others")], ["some words", "and others"]),
        # alike, but somewhere else in the song
        ([line(50.0, "Daisy, Daisy, give me your answer too")], ["Daisy, Daisy, give me your answer too"]),
        # a scene that is doubled is no reason to cut it
        ([line(28.0, "give me your answer give me your answer")], ["give me your answer give me your answer"]),
    ],
)
def test_lines_are_cut_and_joined_as_the_scenes_are(heard: list[Line], lines: list[str]) -> None:
    found = as_scenes_are(heard, SCENES)
    assert [each.text for each in found] == lines
    assert [word for each in found for word in each.words] == [word for each in heard for word in each.words]
    assert all(each.start == each.words[0].start and each.end == each.words[-1].end for each in found)


def test_lines_without_words_of_their_own_are_joined_and_never_cut() -> None:
    bare = [Line(28.0, 29.0, "give me your"), Line(30.0, 31.0, "answer do")]
    assert as_scenes_are(bare, SCENES) == [Line(28.0, 31.0, "give me your answer do")]
    assert as_scenes_are([Line(26.0, 31.0, "Daisy Daisy give me your answer do")], SCENES)[0].start == 26.0


def test_a_part_of_a_line_keeps_what_stands_around_its_words() -> None:
    whole = Line(0.0, 3.0, "(one) two, three", (Word(0, 1, "one"), Word(1, 2, "two"), Word(2, 3, "three")))
    assert part(whole, 0, 2).text == "(one) two,"
    assert part(whole, 0, 3) is whole


WORDS = ["daisy", "give", "me", "your", "answer", "do", "half", "crazy", "other"]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12),
    st.floats(20, 34),
)
def test_no_word_is_lost_or_moved(texts: list[str], start: float) -> None:
    heard = line(start, " ".join(texts), 0.5)
    found = as_scenes_are([heard], SCENES)
    assert tuple(word for each in found for word in each.words) == heard.words
    assert " ".join(each.text for each in found) == heard.text
