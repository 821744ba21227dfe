"""Find and replace touches what is written and matches, nothing else, and never takes user text for a pattern."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Word
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.replacing_text import Match, Replacement, apply_replacements, find, replacements
from vktrs.storyboard.schema import check_board

BOARD = Storyboard(
    scenes=(
        Scene("a", 0.0, text="Daisy, daisy", prompt="a daisy bell"),
        Scene("b", 4.0, text="[chorus] la (la)"),
        Scene("c", 9.0, text="days of Café", caption="Daisy", words=(Word(9, 10, "days"),)),
    )
)


def test_found_are_the_places_in_written_texts() -> None:
    assert find(BOARD, "daisy") == (Match("a", "text", ((0, 5), (7, 12))), Match("a", "prompt", ((2, 7),)))
    assert find(BOARD, "daisy", ("text",), case=True) == (Match("a", "text", ((7, 12),)),)
    assert find(BOARD, "daisy", ("caption",)) == (Match("c", "caption", ((0, 5),)),)
    assert find(BOARD, "") == ()


def test_a_pattern_is_text_unless_it_is_asked_to_be_an_expression() -> None:
    assert find(BOARD, "[chorus]")[0].spans == ((0, 8),)
    assert find(BOARD, "(la)")[0].spans == ((12, 16),)
    assert find(BOARD, r"\bla\b", regex=True)[0].spans == ((9, 11), (13, 15))
    assert find(BOARD, "x*", regex=True) == ()


def test_whole_words_are_not_parts_of_words() -> None:
    assert [each.scene_id for each in find(BOARD, "day", whole_words=True)] == []
    assert [each.scene_id for each in find(BOARD, "days", whole_words=True)] == ["c"]
    assert find(Storyboard(scenes=(Scene("a", 0.0, text="Cafe\u0301"),)), "cafe", whole_words=True) == ()
    assert find(BOARD, "da|la", ("text",), regex=True, whole_words=True)[0].scene_id == "b"


@pytest.mark.parametrize("typed", ["café", "cafe\u0301"])
def test_accents_are_found_however_they_are_typed(typed: str) -> None:
    decomposed = Storyboard(scenes=(Scene("a", 0.0, text="Cafe\u0301"), Scene("b", 1.0, text="Café")))
    assert [each.scene_id for each in find(decomposed, typed)] == ["a", "b"]


def test_what_would_change_is_shown_before_it_does() -> None:
    assert replacements(BOARD, "daisy", "Rosie") == (
        Replacement("a", 1, "text", "Daisy, daisy", "Rosie, Rosie"),
        Replacement("a", 1, "prompt", "a daisy bell", "a Rosie bell"),
    )
    assert replacements(BOARD, "daisy", "Rosie", ids={"b", "c"}) == ()
    assert replacements(BOARD, "daisy", "daisy", ("prompt",)) == ()


def test_groups_are_only_for_expressions() -> None:
    assert replacements(BOARD, "la", r"\1\n", ("text",))[0].after == r"[chorus] \1\n (\1\n)"
    assert replacements(BOARD, r"(\w+), (\w+)", r"\2 and \1", regex=True)[0].after == "daisy and Daisy"


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [("a(b", "x", "at character 2"), ("la", r"\3", "group"), ("*", "x", "at character 1"), ("la", "\\", "escape")],
)
def test_a_wrong_expression_is_answered_with_its_place(pattern: str, replacement: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        replacements(BOARD, pattern, replacement, regex=True)
    assert caught.value.hint


def test_a_field_that_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="`seed`"):
        find(BOARD, "x", ("seed",))


def test_chosen_replacements_are_made_and_the_others_not() -> None:
    every = replacements(BOARD, "daisy", "Rosie")
    done = apply_replacements(BOARD, every[1:])
    assert (done.board.scene("a").text, done.board.scene("a").prompt) == ("Daisy, daisy", "a Rosie bell")
    assert done.board.scenes[1:] == BOARD.scenes[1:]
    assert done.adjusted == ()
    assert apply_replacements(BOARD, ()).board is BOARD


def test_both_fields_of_a_scene_change_together() -> None:
    scene = apply_replacements(BOARD, replacements(BOARD, "daisy", "Rosie")).board.scene("a")
    assert (scene.text, scene.prompt) == ("Rosie, Rosie", "a Rosie bell")


def test_what_changed_meanwhile_is_left_alone_and_said() -> None:
    every = replacements(BOARD, "days|daisy", "x", ("text",), regex=True)
    now = replace(BOARD, scenes=(replace(BOARD.scenes[0], text="other"), BOARD.scenes[1]))
    done = apply_replacements(now, every)
    assert done.board is now
    assert done.adjusted == ("The text of scene 1 was changed meanwhile and left alone.", "Scene 3 is gone.")


def test_a_prompt_of_which_nothing_is_left_is_derived_again() -> None:
    done = apply_replacements(BOARD, replacements(BOARD, "a daisy bell", "", ("prompt",)))
    assert done.board.scene("a").prompt is None
    assert "Scene 1: nothing is left of its prompt" in done.adjusted[0]
    empty = apply_replacements(BOARD, replacements(BOARD, "[chorus] la (la)", ""))
    assert empty.board.scene("b").text == ""


def test_retimed_words_follow_the_rules_of_every_edit() -> None:
    done = apply_replacements(BOARD, replacements(BOARD, "days of Café", "nights"))
    assert done.board.scene("c").words == (Word(9, 10, "nights"),)
    kept = apply_replacements(BOARD, replacements(BOARD, "of Café", "and nights"))
    assert kept.board.scene("c").words == (Word(9, 10, "days"), Word(10, 10.727, "and"), Word(10.727, 12, "nights"))
    assert kept.adjusted == ()
    dropped = apply_replacements(BOARD, replacements(BOARD, "days", "nights"))
    assert dropped.board.scene("c").words is None
    assert dropped.adjusted == ("Scene 3: Retimed words were dropped: none of them is in the new text.",)
    assert dropped.board.scene("c").start == 9.0


TEXTS = st.text("aäA [](/\\1.*雨\u0301", max_size=12)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS.filter(bool), TEXTS)
def test_a_replaced_text_is_what_python_would_make_of_it(texts: list[str], pattern: str, new: str) -> None:
    board = Storyboard(scenes=tuple(Scene(f"s{at}", float(at), text=text) for at, text in enumerate(texts)))
    plain = pattern.isascii()
    changed = replacements(board, pattern, new, ("text",), case=True)
    done = apply_replacements(board, changed)
    check_board(done.board)
    assert not plain or [scene.text for scene in done.board.scenes] == [text.replace(pattern, new) for text in texts]
    found = {match.scene_id for match in find(board, pattern, ("text",), case=True)}
    assert {each.scene_id for each in changed} <= found
