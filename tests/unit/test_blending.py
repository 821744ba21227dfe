"""Two hearings of a song as one: spelling of the one, lines and times of the other, and nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.alignment.blending import blend
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

Sung = tuple[float, float, str]


def heard(*lines: Sung, doubts: Sequence[str] = (), sure: float = 0.9) -> list[Line]:
    out = []
    for start, end, text in lines:
        words = tuple(Word(word.start, word.end, word.text, sure) for word in spread(text.split(), start, end))
        out.append(Line(start, end, text, words, sure, tuple(doubts)))
    return out


def told(lines: Sequence[Line]) -> list[Sung]:
    return [(round(line.start, 2), round(line.end, 2), line.text) for line in lines]


@pytest.mark.parametrize(
    ("spelled", "timed", "found"),
    [
        pytest.param(
            [(0.0, 8.0, "Daisy, Daisy, give me your answer, do")],
            [(1.0, 3.0, "daisy daisy"), (4.0, 7.0, "give me your answer do")],
            [(1.0, 3.0, "Daisy, Daisy,"), (4.0, 7.0, "give me your answer, do")],
            id="one long line in the lines of the other",
        ),
        pytest.param(
            [(0.0, 2.0, "All for"), (2.0, 5.0, "the love of you")],
            [(0.5, 4.5, "all for the love of you")],
            [(0.5, 4.5, "All for the love of you")],
            id="two lines that are one",
        ),
        pytest.param(
            [(1.0, 3.0, "upon the seat of a bicycle")],
            [(1.0, 3.0, "on the sea of a bicycle")],
            [(1.0, 3.0, "upon the seat of a bicycle")],
            id="a word heard otherwise has the place of what was heard for it",
        ),
        pytest.param(
            [(1.0, 3.0, "walking home alone"), (10.0, 12.0, "nobody saw the rain")],
            [(1.2, 3.1, "walking home alone")],
            [(1.2, 3.1, "walking home alone"), (10.0, 12.0, "nobody saw the rain")],
            id="a line that only the speller heard",
        ),
        pytest.param(
            [(1.0, 3.0, "Walking home alone")],
            [(1.2, 3.1, "walking home alone"), (10.0, 12.0, "nobody saw the rain")],
            [(1.2, 3.1, "Walking home alone"), (10.0, 12.0, "nobody saw the rain")],
            id="a line that only the other heard",
        ),
        pytest.param(
            [(1.0, 3.0, "walking home"), (5.0, 7.0, "under purple skies"), (9.0, 11.0, "singing low")],
            [(1.1, 3.0, "walking home"), (5.2, 7.1, "hunger people lies"), (9.1, 11.0, "singing low")],
            [(1.1, 3.0, "walking home"), (5.2, 7.1, "under purple skies"), (9.1, 11.0, "singing low")],
            id="a line that both heard, and not alike",
        ),
        pytest.param(
            [(1.0, 6.0, "walking home alone tonight")],
            [(1.0, 3.0, "walking home")],
            [(1.0, 6.0, "walking home alone tonight")],
            id="words of one breath stay in one line",
        ),
        pytest.param(
            [(1.0, 2.0, "walking home"), (4.5, 5.0, "yeah"), (8.0, 9.0, "alone tonight")],
            [(1.0, 2.0, "walking home"), (8.0, 9.0, "alone tonight")],
            [(1.0, 2.0, "walking home"), (4.5, 5.0, "yeah"), (8.0, 9.0, "alone tonight")],
            id="a shout between two lines is a line",
        ),
        pytest.param([], [(1.0, 2.0, "la")], [(1.0, 2.0, "la")], id="the speller heard nothing"),
        pytest.param([(1.0, 2.0, "la")], [], [(1.0, 2.0, "la")], id="the other heard nothing"),
        pytest.param([], [], [], id="nobody sings"),
    ],
)
def test_words_of_the_one_stand_in_the_lines_of_the_other(
    spelled: list[Sung], timed: list[Sung], found: list[Sung]
) -> None:
    assert told(blend(heard(*spelled), heard(*timed))) == found


def test_repeated_choruses_stay_in_their_order() -> None:
    chorus = "oh my love my darling"
    one = heard(*((10.0 * n, 10.0 * n + 6, chorus.title()) for n in range(4)))
    other = heard(*((10.0 * n + 0.5, 10.0 * n + 5, chorus) for n in range(4)))
    assert told(blend(one, other)) == [(10.0 * n + 0.5, 10.0 * n + 5, chorus.title()) for n in range(4)]


def test_words_that_are_not_parted_by_blanks_are_not_parted() -> None:
    words = (Word(1.0, 1.5, "你好", 0.9), Word(1.5, 2.0, "世界", 0.9))
    [line] = blend([Line(1.0, 2.0, "你好世界", words, 0.9)], heard((1.0, 2.0, "你好 世界")))
    assert line.text == "你好世界"


def test_doubts_and_probabilities_are_those_of_whose_words_are_taken() -> None:
    found = blend(
        heard((1.0, 2.0, "one two three"), doubts=["spelled"], sure=0.5),
        heard((1.0, 2.0, "one two three"), (5.0, 6.0, "four five six"), doubts=["timed"], sure=0.7),
    )
    assert [(line.doubts, round(line.confidence or 0, 3)) for line in found] == [(("spelled",), 0.5), (("timed",), 0.7)]


def test_lines_without_times_for_their_words_are_blended_too() -> None:
    [line] = blend([Line(0.0, 4.0, "One two three four")], [Line(1.0, 3.0, "one two three four")])
    assert (line.start, line.end, line.text) == (1.0, 3.0, "One two three four")


SPELLED, TIMED = 0.9, 0.7
WORDS = st.sampled_from(
    ("love", "you", "baby", "I", "never", "knew", "the", "rain", "then", "some", "more", "it", "oh")
)


@st.composite
def hearings(draw: st.DrawFn, sure: float = 0.9) -> list[Line]:
    at, lines = 0.0, []
    for texts in draw(st.lists(st.lists(WORDS, min_size=1, max_size=6), max_size=7)):
        at += draw(st.floats(0.0, 4.0))
        end = at + draw(st.floats(0.0, 5.0))
        lines.append((at, end, " ".join(texts)))
        at = end
    return heard(*lines, sure=sure)


@given(hearings(SPELLED), hearings(TIMED))
def test_no_word_of_the_speller_is_lost_and_time_goes_forward(spelled: list[Line], timed: list[Line]) -> None:
    found = blend(spelled, timed)
    written = [word.text for line in spelled for word in line.words]
    kept = Counter(word.text for line in found for word in line.words if word.probability == SPELLED)
    assert kept == Counter(written)
    whole = Counter(line.text for line in found if line.words[0].probability == TIMED)
    assert whole <= Counter(line.text for line in timed)
    starts = [word.start for line in found for word in line.words]
    assert starts == sorted(starts)
    assert all(before.end <= after.start for before, after in pairwise(found))
    last = max([0.0, *(line.end for line in (*spelled, *timed))])
    for line in found:
        assert 0 <= line.start <= line.end <= last
        assert all(line.start <= word.start <= word.end <= line.end for word in line.words)
        assert line.text.split() == [word.text for word in line.words]


@given(hearings())
def test_a_hearing_with_itself_is_itself(lines: list[Line]) -> None:
    assert told(blend(lines, lines)) == told(lines)


@given(hearings(), hearings())
def test_the_same_two_give_the_same(spelled: list[Line], timed: list[Line]) -> None:
    assert blend(spelled, timed) == blend(spelled, timed)
