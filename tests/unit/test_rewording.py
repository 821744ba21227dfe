"""Words keep their times: when a text is edited, when scenes are split and joined, retimed or only heard."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Line, Word
from vktrs.storyboard import edits
from vktrs.storyboard.captions import by_middle, sung
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.rewording import reworded
from vktrs.storyboard.words import normal_form, scene_words

TEXT = "Daisy, Daisy, give me"
WORDS = (Word(1.0, 1.8, "Daisy,"), Word(2.0, 2.6, "Daisy,"), Word(3.0, 3.5, "give"), Word(3.5, 4.0, "me"))


def times(text: str, words: tuple[Word, ...] = WORDS, before: str = TEXT) -> list[tuple[float, float, str]] | None:
    found = reworded(words, before, text, 0.5, (4.2, 6.0))
    return None if found is None else [(word.start, word.end, word.text) for word in found]


FIRST, SECOND, GIVE, ME = ((word.start, word.end, word.text) for word in WORDS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("daisy daisy give me!", [(1.0, 1.8, "daisy"), (2.0, 2.6, "daisy"), GIVE, (3.5, 4.0, "me!")]),
        ("Daisy, Maisie, give me", [FIRST, (2.0, 2.6, "Maisie,"), GIVE, ME]),
        ("Daisy, give me", [SECOND, GIVE, ME]),
        ("Daisy, Daisy, you give me", [FIRST, SECOND, (2.6, 3.0, "you"), GIVE, ME]),
        ("Oh Daisy, Daisy, give me", [(0.5, 1.0, "Oh"), FIRST, SECOND, GIVE, ME]),
        ("Daisy, Daisy, give me more", [FIRST, SECOND, GIVE, ME, (4.0, 4.2, "more")]),
        ("Daisy, Daisy, give to me", [FIRST, SECOND, GIVE, (3.5, 3.5, "to"), ME]),
        ("Daisy, Daisy — give me", [FIRST, (2.0, 2.6, "Daisy"), GIVE, ME]),
        (
            "Daisy, Daisy, hand it to me",
            [FIRST, SECOND, (3.0, 3.227, "hand"), (3.227, 3.364, "it"), (3.364, 3.5, "to"), ME],
        ),
        ("one two three four", [(1.0, 1.8, "one"), (2.0, 2.6, "two"), (3.0, 3.5, "three"), (3.5, 4.0, "four")]),
        ("one two", None),
        ("", None),
    ],
)
def test_an_edited_text_keeps_the_times_of_the_words_that_stayed(
    text: str, found: list[tuple[float, float, str]] | None
) -> None:
    assert times(text) == found


def test_syllables_stay_where_their_word_stayed() -> None:
    syllables = (Word(1, 1.4, "Dai-"), Word(1.4, 1.8, "sy,"), Word(3, 3.5, "give"), Word(3.5, 4, "me"))
    found = reworded(syllables, "Daisy, give me", "Daisy, give them", 0.0, ())
    assert found == (*syllables[:3], Word(3.5, 4, "them"))


def test_signs_without_spaces_keep_their_share_of_a_timed_word() -> None:
    words = (Word(0, 2, "桜の"), Word(2, 3, "花"))
    assert reworded(words, "桜の花", "桜の鳥", 0.0, ()) == (Word(0, 1, "桜"), Word(1, 2, "の"), Word(2, 3, "鳥"))


def test_words_that_are_not_those_of_the_text_are_matched_by_themselves() -> None:
    words = (Word(1, 2, "hey"), Word(2, 3, "you"))
    assert reworded(words, "something else", "hey there", 0.0, ()) == (Word(1, 2, "hey"), Word(2, 3, "there"))
    assert reworded(words, "hey", "hey you", 0.0, ()) == words
    assert reworded(words[:1], "hey", "hey you two", 0.0, ()) == (words[0], Word(2, 3, "you"), Word(3, 4, "two"))


@st.composite
def timed(draw: st.DrawFn, least: int = 1) -> tuple[Word, ...]:
    """Words that differ, in order, with or without silence between them."""
    at, words = draw(st.integers(0, 2000)), []
    for place in range(draw(st.integers(least, 8))):
        at += draw(st.sampled_from([0, 0, 40, 700]))
        lasts = draw(st.integers(20, 900))
        words.append(Word(at / 1000, (at + lasts) / 1000, f"word{place}{draw(st.sampled_from(['', ',', '!']))}"))
        at += lasts
    return tuple(words)


def text_of(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def board_of(words: tuple[Word, ...], own: bool) -> Storyboard:
    """A scene of these words, and one behind it."""
    until = words[-1].end + 1
    scene = Scene("aaaa", 0.0, None, text_of(words), words=words if own else None)
    return Storyboard(scenes=(scene, Scene("bbbb", until)))


@settings(max_examples=200, deadline=None)
@given(timed(), st.data())
def test_whatever_is_edited_the_words_that_stayed_light_up_as_before(
    words: tuple[Word, ...], data: st.DataObject
) -> None:
    parts = [word.text for word in words]
    for number in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(parts)))
        kind = data.draw(st.sampled_from(["insert", "delete", "punctuate", "replace"]))
        if kind == "insert" or place == len(parts):
            parts.insert(place, f"new{number}")
        elif kind == "delete":
            del parts[place]
        else:
            parts[place] = f"“{parts[place].upper()}…" if kind == "punctuate" else f"other{number}"
    text = " ".join(parts)
    board = board_of(words, own=True)
    done = edits.set_field(board, "aaaa", "text", text).board.scenes[0]
    was = {normal_form(word.text): (word.start, word.end) for word in words}
    if done.words is None:
        assert not was.keys() & set(map(normal_form, parts)) and len(parts) != len(words)
        return
    assert [word.text for word in done.words] == parts
    for word in done.words:
        assert was.get(normal_form(word.text), (word.start, word.end)) == (word.start, word.end)
    assert all(before.start <= before.end <= after.start for before, after in pairwise(done.words))
    shown = [(word.start, word.end) for _, word in sung(done, board.scenes[1].start, ())]
    assert shown == [(word.start, word.end) for word in done.words]


def lit(board: Storyboard, heard: tuple[Word, ...]) -> list[tuple[float, str]]:
    """When which word of the board lights up in captions by the word."""
    ends = [*(scene.start for scene in board.scenes[1:]), board.scenes[-1].start + 9]
    pieces = [each for scene, end in zip(board.scenes, ends, strict=True) for each in sung(scene, end, heard)]
    return [(word.start, text.strip()) for text, word in pieces]


@settings(max_examples=200, deadline=None)
@given(timed(least=2), st.booleans(), st.data())
def test_splits_and_joins_keep_when_words_light_up(words: tuple[Word, ...], own: bool, data: st.DataObject) -> None:
    heard = by_middle([Line(words[0].start, words[-1].end, text_of(words), words)])
    lines = [Line(words[0].start, words[-1].end, text_of(words), words)]
    board = board_of(words, own)
    before = lit(board, heard)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(board.scenes) - 2))
        scene, end = board.scenes[place], board.scenes[place + 1].start
        known = scene.words or scene_words(scene.text, scene.start, end, lines)
        try:
            if data.draw(st.booleans()):
                cut = data.draw(st.floats(scene.start, end))
                done = edits.split(board, scene.id, cut, known)
            else:
                done = edits.split_at_word(board, scene.id, data.draw(st.integers(1, 8)), known)
        except InputError:
            continue
        board = done.board
        starts = {scene.start for scene in board.scenes}  # a word that is cut in two begins with the second half
        for (start, text), (was, before_text) in zip(lit(board, heard), before, strict=True):
            assert text == before_text
            assert start == pytest.approx(was, abs=0.001) or (start in starts and was < start)
    if own:
        assert [word for scene in board.scenes for word in scene.words or ()] == list(words)
    while len(board.scenes) > 2:
        place = data.draw(st.integers(0, len(board.scenes) - 3))
        board = edits.merge_with_next(board, board.scenes[place].id, lines).board
    assert lit(board, heard) == before
    assert board.scenes[0].text == text_of(words)


@settings(max_examples=200, deadline=None)
@given(timed(least=2), st.data())
def test_joining_a_retimed_scene_with_one_that_was_heard_keeps_all_times(
    words: tuple[Word, ...], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(words) - 1))
    lines = [Line(words[0].start, words[-1].end, text_of(words), words)]
    first = Scene("aaaa", 0.0, None, text_of(words[:cut]), words=words[:cut])
    second = Scene("bbbb", words[cut].start, None, text_of(words[cut:]))
    if data.draw(st.booleans()):
        first, second = replace(first, words=None), replace(second, words=words[cut:])
    board = Storyboard(scenes=(first, second))
    done = edits.merge_with_next(board, "aaaa", lines, words[-1].end + 1)
    assert done.board.scenes[0].words == words
    assert len(done.adjusted) == 1
