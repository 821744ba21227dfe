"""The words of a scene keep the times at which they were heard, whatever a person does to the scene."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Line, Word
from vktrs.storyboard.words import cut_text, normal_form, scene_words, spread

HEARD = [
    Line(1, 3, "Daisy, Daisy", (Word(1, 2, "Daisy,", 0.9), Word(2, 3, "Daisy", 0.8))),
    Line(4, 8, "I'm half crazy", (Word(4, 4.5, "I'm", 0.9), Word(5, 6, "half", 0.7), Word(6, 8, "crazy", 0.6))),
]


def test_words_that_were_heard_keep_their_times_and_take_the_written_form() -> None:
    assert scene_words("DAISY daisy — i’m half crazy!", 0, 10, HEARD)[:2] == (
        Word(1, 2, "DAISY", 0.9),
        Word(2, 3, "daisy", 0.8),
    )
    assert [word.start for word in scene_words("i’m half crazy!", 3.5, 10, HEARD)] == [4, 5, 6]


def test_a_word_that_was_not_heard_stands_evenly_between_its_neighbours() -> None:
    words = scene_words("I'm only just crazy", 3.5, 10, HEARD)
    assert [(word.start, word.end) for word in words] == [(4, 4.5), (4.5, 5.25), (5.25, 6), (6, 8)]
    assert [word.probability for word in words] == [0.9, None, None, 0.6]


def test_a_split_scene_and_a_joined_scene_keep_every_time() -> None:
    whole = scene_words("Daisy, Daisy I'm half crazy", 0, 10, HEARD)
    split = (*scene_words("Daisy, Daisy I'm", 0, 4.8, HEARD), *scene_words("half crazy", 4.8, 10, HEARD))
    assert split == whole


def test_only_words_within_the_scene_count() -> None:
    assert scene_words("Daisy", 1.9, 10, HEARD)[0].start == 2


def test_nothing_heard_spreads_the_words_over_the_scene() -> None:
    words = scene_words("la la", 2, 4, [])
    assert [(word.start, word.end) for word in words] == [(2, 3), (3, 4)]


def test_a_word_sung_hundreds_of_times_keeps_its_times() -> None:
    heard = Line(0, 300, "", (Word(0, 0.5, "oh"), *(Word(i, i + 0.5, "la", 0.9) for i in range(1, 300))))
    assert [word.start for word in scene_words("la " * 299, 0, 300, [heard])] == list(range(1, 300))


@pytest.mark.parametrize("text", ["", "   "])
def test_no_text_has_no_words(text: str) -> None:
    assert scene_words(text, 0, 5, HEARD) == ()


@pytest.mark.parametrize(
    ("one", "other"), [("Don’t", "don't"), ("CAFÉ,", "cafe"), ("“night”", "night"), ("Straße", "STRASSE")]
)
def test_case_accents_apostrophes_and_punctuation_do_not_matter(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other) != ""


@given(
    st.lists(st.sampled_from(["la", "Daisy,", "half", "—", "night", "Crazy!"]), max_size=12),
    st.floats(0, 10),
    st.floats(0, 10),
)
def test_times_lie_in_the_scene_and_do_not_decrease(texts: list[str], one: float, other: float) -> None:
    start, end = sorted((one, other))
    words = scene_words(" ".join(texts), start, end, HEARD)
    assert [word.text for word in words] == texts
    assert all(start <= word.start <= word.end <= end for word in words)
    assert all(left.end <= right.start for left, right in pairwise(words))


def test_a_text_is_cut_by_its_words_and_nothing_is_lost() -> None:
    words = spread(["Daisy", "Dai", "sy", "do"], 0, 4)
    assert cut_text(" Daisy,  Daisy! (do)", words) == [" Daisy,  ", "Dai", "sy! ", "(do)"]


@pytest.mark.parametrize("texts", [[], ["Daisy", "answer"], ["Daisy"], ["answer", "Daisy", "Daisy"]])
def test_words_of_another_text_do_not_cut_it(texts: list[str]) -> None:
    assert cut_text("Daisy, Daisy", spread(texts, 0, 1)) is None
