"""Known words laid onto heard ones: what is the same word, which chorus is which, and what does not belong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from vktrs.alignment.laying import BELONGS, lay
from vktrs.alignment.pairing import ALIKE, pair
from vktrs.alignment.spelling import compared
from vktrs.lines import Line, Word


@pytest.mark.parametrize(
    ("word", "letters"),
    [
        ("Don't", "dont"),
        ("“Ça”", "ca"),
        ("rock'n'roll", "rocknroll"),
        ("--", ""),
        ("&", "and"),
        ("21", "twentyone"),
        ("21st", "twentyonest"),
        ("0", "zero"),
        ("007", "zerozeroseven"),
        ("100", "onehundred"),
        ("250", "twohundredfifty"),
        ("1,000", "onethousand"),
        ("1900", "nineteenhundred"),
        ("1905", "nineteenofive"),
        ("1992", "nineteenninetytwo"),
        ("2004", "twothousandfour"),
        ("12345", "twelvethousandthreehundredfortyfive"),
        ("5551234", "fivefivefiveonetwothreefour"),
        ("愛", "愛"),
        pytest.param("9" * 5000, "nine" * 5000, id="digits without end"),
    ],
)
def test_words_are_compared_by_their_sound_letters(word: str, letters: str) -> None:
    assert compared(word) == letters


def met(written: str, heard: str) -> list[tuple[str, str]]:
    """The pairs as words; `/` starts a line."""
    lines = [line.split() for line in written.split("/")]
    mine, theirs = [word for line in lines for word in line], heard.split()
    breaks = [sum(map(len, lines[:i])) for i in range(len(lines))]
    pairs = pair([compared(word) for word in mine], [compared(word) for word in theirs], breaks)
    return [(" ".join(mine[slice(*each.written)]), " ".join(theirs[slice(*each.heard)])) for each in pairs]


@pytest.mark.parametrize(
    ("written", "heard", "pairs"),
    [
        ("", "one two", []),
        ("one two", "", []),
        ("Don't stop!", "dont stop", [("Don't", "dont"), ("stop!", "stop")]),
        ("21 reasons", "twenty one reasons", [("21", "twenty one"), ("reasons", "reasons")]),
        ("somebody told me", "some body told me", [("somebody", "some body"), ("told", "told"), ("me", "me")]),
        ("some body told", "somebody told", [("some body", "somebody"), ("told", "told")]),
        ("the harbour lights", "the harbor light", [("the", "the"), ("harbour", "harbor"), ("lights", "light")]),
        # ad-libs around and within
        ("turn it up", "yeah yeah turn oh it up oh oh oh", [("turn", "turn"), ("it", "it"), ("up", "up")]),
        # words that nobody heard
        ("green grass of home", "green home", [("green", "green"), ("home", "home")]),
        # what is nothing alike stays unpaired
        ("green grass", "purple rain", []),
    ],
)
def test_the_same_words_are_met(written: str, heard: str, pairs: list[tuple[str, str]]) -> None:
    assert met(written, heard) == pairs


def places(written: str, heard: str) -> list[tuple[int, int]]:
    lines = [line.split() for line in written.split("/")]
    words = [word for line in lines for word in line]
    breaks = [sum(map(len, lines[:i])) for i in range(len(lines))]
    return [(each.written[0], each.heard[0]) for each in pair(words, heard.split(), breaks)]


def test_a_line_that_is_written_twice_and_sung_once_is_met_as_a_whole() -> None:
    found = places("river runs along / river runs along / nobody knows", "river runs along nobody knows")
    first = found[0][0]
    assert first in (0, 3)
    assert found == [(first, 0), (first + 1, 1), (first + 2, 2), (6, 3), (7, 4)]


def test_every_chorus_is_met_by_its_own() -> None:
    verse, chorus = "alpha beta gamma delta", "sing it loud again"
    song = f"{verse} / {chorus} / omega psi chi phi / {chorus}"
    heard = song.replace(" /", "").split()
    assert places(song, " ".join(heard)) == [(i, i) for i in range(len(heard))]
    without_the_first = [*heard[:4], *heard[8:]]
    assert places(song, " ".join(without_the_first)) == [(i, i if i < 4 else i - 4) for i in (*range(4), *range(8, 16))]


words = st.lists(st.text("abcdefgh", min_size=1, max_size=6), max_size=12)


@given(words, words, st.sets(st.integers(0, 11), max_size=3))
def test_pairs_are_in_order_alike_and_share_no_word(written: list[str], heard: list[str], breaks: set[int]) -> None:
    pairs = pair(written, heard, [each for each in breaks if each < len(written)])
    for left, right in pairwise(pairs):
        assert left.written[1] <= right.written[0]
        assert left.heard[1] <= right.heard[0]
    for each in pairs:
        assert 0 <= each.written[0] < each.written[1] <= len(written)
        assert 0 <= each.heard[0] < each.heard[1] <= len(heard)
        assert 0.6 <= each.alike <= 1


unlike = st.sampled_from("abcdefghijklm").map(lambda letter: 6 * letter)


@given(st.lists(unlike, max_size=12, unique=True), st.data())
def test_words_that_both_sides_have_are_met_whatever_else_is_missing(written: list[str], data: st.DataObject) -> None:
    # of words that are like each other, one that ends a gap may be met instead
    assume(all(Levenshtein.normalized_similarity(*each) < ALIKE for each in combinations(written, 2)))
    kept = data.draw(st.lists(st.sampled_from(range(len(written))), unique=True)) if written else []
    heard = [written[i] for i in sorted(kept)]
    found = pair(written, heard)
    assert sum(each.heard[1] - each.heard[0] for each in found) == len(heard)
    assert sum(each.alike for each in found) == pytest.approx(len(found))


@given(words)
def test_a_song_is_met_by_itself(written: list[str]) -> None:
    assert [(each.written, each.heard) for each in pair(written, written)] == [
        ((i, i + 1), (i, i + 1)) for i in range(len(written))
    ]


# ------------------------------------------------------------------------------------------------------------ lines

SONG = (
    "The river runs along the road",
    "And nobody knows where it goes",
    "I left my coat in the morning train",
    "And walked all the way through the rain",
)
OTHER = (
    "Somebody painted the station wall yellow",
    "While I was asleep in the back of a car",
    "The moon on the meadow is mighty and mellow",
    "And I love you all the way to the bar",
)


def sung(texts: Sequence[str]) -> list[Line]:
    """Every line 4 s after the one before, a word every half second."""
    lines = []
    for i, text in enumerate(texts):
        heard = [Word(4 * i + j / 2, 4 * i + j / 2 + 0.4, word, 0.9) for j, word in enumerate(text.split())]
        lines.append(Line(heard[0].start, heard[-1].end, text, tuple(heard)))
    return lines


def test_heard_words_give_their_times_and_not_their_spelling() -> None:
    laid = lay(["The RIVER, runs"], sung(["a river runs"]))
    assert laid.lines[0].words == (None, Word(0.5, 0.9, "RIVER,", 0.9), Word(1.0, 1.4, "runs", 0.9))
    assert laid.lines[0].met == pytest.approx(9 / 12)


@pytest.mark.parametrize(("texts", "belongs"), [(SONG, True), (SONG[1:], True), (OTHER, False)])
def test_lyrics_of_another_song_are_known_by_the_share_that_is_met(texts: Sequence[str], belongs: bool) -> None:
    assert (lay(texts, sung(SONG)).share >= BELONGS) is belongs


def test_a_sung_line_that_is_not_written_is_set_aside() -> None:
    laid = lay([SONG[0], SONG[1], SONG[3]], sung(SONG))
    assert [(each.before, " ".join(word.text for word in each.words)) for each in laid.added] == [(2, SONG[2])]
    assert [line.met for line in laid.lines] == [1.0, 1.0, 1.0]


def test_a_line_that_was_heard_as_something_else_is_not_taken_for_an_addition() -> None:
    assert lay(SONG, sung([SONG[0], SONG[1], "Elephants gather beside old cars", SONG[3]])).added == ()


def test_a_word_met_far_from_its_line_is_left_out() -> None:
    heard = [*sung(SONG[:1]), Line(60.0, 60.4, "lantern", (Word(60.0, 60.4, "lantern", 0.9),))]
    laid = lay(["The river runs along the road lantern"], heard)
    assert [word is not None for word in laid.lines[0].words] == [True] * 6 + [False]


@given(st.lists(st.sampled_from(SONG + OTHER), max_size=8), st.lists(st.sampled_from(SONG), max_size=8))
def test_every_written_line_is_there_with_its_words_in_order(texts: list[str], heard: list[str]) -> None:
    laid = lay(texts, sung(heard))
    assert [line.text for line in laid.lines] == texts
    assert all(len(line.words) == len(line.text.split()) for line in laid.lines)
    times = [word.start for line in laid.lines for word in line.words if word]
    assert times == sorted(times)
    assert 0.0 <= laid.share <= 1.0


@given(words, words, st.sets(st.integers(0, 11), max_size=3), st.integers(1, 5))
def test_how_many_rows_are_held_at_once_changes_no_pair(
    written: list[str], heard: list[str], breaks: set[int], at_once: int
) -> None:
    own = [each for each in breaks if each < len(written)]
    assert pair(written, heard, own, at_once=at_once) == pair(written, heard, own)
