"""Edits keep the table in order, say what they adjusted, and refuse what makes no sense."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Line, Word
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.ids import LETTERS, is_id, new_id
from vktrs.storyboard.model import SCENE_FIELDS, Look, Scene, Storyboard
from vktrs.storyboard.resolve import resolve
from vktrs.storyboard.schema import SCHEMA_RULES, check_board

BOARD = Storyboard(
    look=Look(themes=("zombie wedding", "neon")),
    scenes=(
        Scene("aaaa", 0.0, 4.12, "Daisy, Daisy, give me", section="A", prompt="a bike", theme=2, seed=7),
        Scene("bbbb", 4.5, 9.0, "your answer do"),
        Scene("cccc", 10.0),
    ),
)
WORDS = tuple(Word(at, at + 0.8, text) for at, text in ((0.1, "Daisy,"), (1.0, "Daisy,"), (2.0, "give"), (3.2, "me")))


def starts(board: Storyboard) -> list[float]:
    return [scene.start for scene in board.scenes]


def ids(board: Storyboard) -> list[str]:
    return [scene.id for scene in board.scenes]


def test_inserting_cuts_the_scene_it_falls_into() -> None:
    done = edits.insert(BOARD, 6.25, "new", taken={"zzzz"})
    assert starts(done.board) == [0.0, 4.5, 6.25, 10.0]
    assert done.board.scenes[2] == Scene(str(done.made), 6.25, text="new")
    assert done.adjusted == ()


@pytest.mark.parametrize(
    ("at", "start", "said"),
    [
        (4.5, 4.501, "one millisecond after scene 2"),
        (9.9999, 9.999, "before the next"),
        (0.0, 0.001, "clamped to 0:00.001"),
        (500.0, 500.0, ""),
    ],
)
def test_an_inserted_start_keeps_a_millisecond_from_its_neighbours(at: float, start: float, said: str) -> None:
    done = edits.insert(BOARD, at)
    assert done.board.scene(str(done.made)).start == start
    assert said in " ".join(done.adjusted)
    assert bool(said) == bool(done.adjusted)


def test_the_first_scene_of_all_starts_with_the_song() -> None:
    done = edits.insert(Storyboard(), 3.0, "x")
    assert starts(done.board) == [0.0]
    assert done.adjusted == ("The first scene starts with the song, at 0:00.000.",)


def test_deleting_the_first_scene_lets_the_next_one_start_the_song() -> None:
    done = edits.delete(BOARD, "aaaa")
    assert (ids(done.board), starts(done.board)) == (["bbbb", "cccc"], [0.0, 10.0])
    assert done.adjusted == ("The next scene now starts at 0:00.000.",)
    assert edits.delete(BOARD, "bbbb").adjusted == ()
    assert edits.delete(Storyboard(scenes=BOARD.scenes[:1]), "aaaa").board.scenes == ()


def test_splitting_shares_the_text_by_the_times_of_the_words() -> None:
    done = edits.split(BOARD, "aaaa", 1.9, WORDS)
    first, second = done.board.scenes[:2]
    assert (first.id, first.start, first.end, first.text) == ("aaaa", 0.0, 1.9, "Daisy, Daisy,")
    assert (second.id, second.start, second.end, second.text) == (done.made, 1.9, 4.12, "give me")
    assert (first.seed, second.seed) == (7, None)
    assert (second.prompt, second.theme, second.section) == ("a bike", 2, "A")


def test_splitting_without_word_times_goes_by_length_at_word_gaps() -> None:
    first, second = edits.split(BOARD, "bbbb", 7.0).board.scenes[1:3]
    assert (first.text, second.text) == ("your answer", "do")
    assert edits.split(BOARD, "bbbb", 4.6).board.scenes[1].text == "your"
    late = edits.split(BOARD, "bbbb", 9.5)
    assert (late.board.scenes[1].text, late.board.scenes[1].end) == ("your answer do", 9.0)
    assert (late.board.scenes[2].text, late.board.scenes[2].end) == ("", None)
    assert "no text" in late.adjusted[0]


def test_a_text_without_spaces_is_cut_between_characters() -> None:
    board = Storyboard(scenes=(Scene("aaaa", 0.0, 4.0, "雨が降る夜"),))
    first, second = edits.split(board, "aaaa", 2.4).board.scenes
    assert (first.text, second.text) == ("雨が降", "る夜")


def test_words_that_a_person_retimed_are_divided_too() -> None:
    board = edits.set_field(BOARD, "aaaa", "words", WORDS).board
    first, second = edits.split(board, "aaaa", 2.1).board.scenes[:2]
    assert (first.words, second.words) == (WORDS[:2], WORDS[2:])
    assert (first.text, second.text) == ("Daisy, Daisy,", "give me")


def test_splitting_at_a_word_starts_the_second_half_with_it() -> None:
    done = edits.split_at_word(BOARD, "aaaa", 3, WORDS)
    assert (done.board.scenes[1].start, done.board.scenes[1].text) == (3.2, "me")
    with pytest.raises(InputError, match="before word 4") as caught:
        edits.split_at_word(BOARD, "aaaa", 4, WORDS)
    assert "1 to 3" in caught.value.hint


def test_other_word_counts_share_the_text_by_what_was_spoken() -> None:
    heard = [Word(0, 1, "daisydaisy"), Word(1, 2, "give me")]
    done = edits.split_at_word(BOARD, "aaaa", 1, heard)
    assert done.board.scenes[0].text == "Daisy, Daisy,"


@pytest.mark.parametrize("at", [4.5, 10.0, 4.5004, 11.0, -1.0, float("nan"), float("inf")])
def test_a_split_outside_the_scene_is_refused_with_the_right_range(at: float) -> None:
    with pytest.raises(InputError) as caught:
        edits.split(BOARD, "bbbb", at)
    assert "0:04.501 to 0:09.999" in caught.value.hint or "seconds" in caught.value.hint


def test_merging_joins_texts_and_says_what_is_left_behind() -> None:
    done = edits.merge_with_next(BOARD, "aaaa")
    merged = done.board.scenes[0]
    assert (merged.text, merged.end, merged.prompt) == ("Daisy, Daisy, give me your answer do", 9.0, "a bike")
    assert done.adjusted == ()
    painted = edits.set_field(BOARD, "bbbb", "prompt", "a moon").board
    assert "scene 2" in edits.merge_with_next(painted, "aaaa").adjusted[0]
    assert edits.merge_with_next(BOARD, "bbbb").board.scenes[1].end == 9.0
    with pytest.raises(InputError, match="last"):
        edits.merge_with_next(BOARD, "cccc")


def test_retimed_words_stay_when_scenes_are_joined_and_the_others_get_the_times_that_were_heard() -> None:
    board = edits.set_field(BOARD, "aaaa", "words", WORDS).board
    heard = [Line(5, 8, "YOUR answer", (Word(5, 6, "YOUR", 0.7), Word(6.5, 8, "answer", 0.7)))]
    done = edits.merge_with_next(board, "aaaa", heard)
    assert done.board.scenes[0].words == (*WORDS, Word(5, 6, "your"), Word(6.5, 8, "answer"), Word(8, 9, "do"))
    assert done.adjusted == ("Retimed words stay; those of scene 2 are written with the times that they had.",)
    unheard = edits.merge_with_next(board, "aaaa").board.scenes[0].words
    assert unheard is not None and unheard[:4] == WORDS
    assert [(word.start, word.text) for word in unheard[4:]] == [(4.5, "your"), (6.0, "answer"), (8.1, "do")]
    more = (Word(5, 6, "your"),)
    joined = edits.merge_with_next(edits.set_field(board, "bbbb", "words", more).board, "aaaa")
    assert (joined.board.scenes[0].words, joined.adjusted) == ((*WORDS, *more), ())
    music = edits.merge_with_next(edits.set_field(BOARD, "bbbb", "words", more).board, "bbbb")
    assert (music.board.scenes[1].words, music.adjusted) == (more, ())


def test_a_line_whose_end_is_not_known_ends_with_its_scene_when_music_is_joined() -> None:
    board = Storyboard(scenes=(Scene("aaaa", 0.0, None, "la"), Scene("bbbb", 4.0), Scene("cccc", 9.0)))
    joined = edits.merge_with_next(board, "aaaa").board
    assert joined.scenes[0].end == 4.0
    assert edits.merge_with_next(edits.delete(board, "aaaa").board, "bbbb").board.scenes[0].end is None


def test_split_and_merge_undo_each_other() -> None:
    done = edits.split(BOARD, "aaaa", 1.9, WORDS)
    assert edits.merge_with_next(done.board, "aaaa").board == BOARD


@pytest.mark.parametrize(
    ("seconds", "start", "said"),
    [(0.25, 4.75, ""), (-9.0, 0.001, "after scene 1"), (60.0, 9.999, "before the next"), (0.1, 4.6, "")],
)
def test_nudging_keeps_the_order(seconds: float, start: float, said: str) -> None:
    done = edits.nudge_start(BOARD, "bbbb", seconds)
    assert done.board.scenes[1].start == start
    assert said in " ".join(done.adjusted)


def test_a_start_beyond_the_end_of_its_line_takes_the_end_along() -> None:
    done = edits.set_start(BOARD, "bbbb", 9.5)
    assert (done.board.scenes[1].start, done.board.scenes[1].end) == (9.5, 10.0)
    assert done.adjusted == ("Its end moved along to 0:10.000.",)


def test_a_start_is_taken_as_it_was_given() -> None:
    assert edits.set_start(BOARD, "bbbb", 4.123456).board.scenes[1].start == 4.123456
    finer = edits.set_start(BOARD, "bbbb", 4.12345).board
    assert edits.nudge_start(finer, "bbbb", 0.1).board.scenes[1].start == 4.22345


def test_the_first_scene_cannot_be_moved() -> None:
    with pytest.raises(InputError, match="starts with the song"):
        edits.nudge_start(BOARD, "aaaa", 0.1)
    assert edits.set_start(BOARD, "aaaa", 0).board == BOARD


def test_a_duplicate_takes_the_second_half_and_the_effective_seed() -> None:
    done = edits.duplicate(BOARD, "bbbb")
    first, copy = done.board.scenes[1:3]
    assert (first.start, copy.start, first.end, copy.end) == (4.5, 7.25, 7.25, 9.0)
    assert copy.seed == resolve(BOARD)[1].seed == resolve(done.board)[2].seed
    assert "from 0:07.250 on" in done.adjusted[0]
    assert edits.duplicate(BOARD, "aaaa").board.scenes[1].seed == 7


def test_the_last_scene_is_duplicated_where_the_length_of_the_song_is_known() -> None:
    with pytest.raises(InputError, match="not known"):
        edits.duplicate(BOARD, "cccc")
    assert edits.duplicate(BOARD, "cccc", duration=20.0).board.scenes[3].start == 15.0


@pytest.mark.parametrize(
    ("field", "value", "right"),
    [
        ("consistency", 1.01, "0 to 1"),
        ("consistency", True, "0 to 1"),
        ("variations", 1000, "999"),
        ("variations", 2.0, "whole"),
        ("hold", 0, "from 1"),
        ("seed", 2**32, "4294967295"),
        ("prompt_lag", -1, "from 0"),
        ("animation", "wobble", '"static"'),
        ("theme", 3, "1 to 2"),
        ("theme", 0, "from 1"),
        ("theme", 1.0, "number of a theme"),
        ("end", 4.0, "after it starts"),
        ("end", float("nan"), "seconds"),
        ("text", 5, "text"),
        ("text", "\ud800", "text"),
        ("words", [[2, 1, "x"]], "words"),
        ("picture", "", "file"),
        ("start", None, "Delete"),
        ("id", "x", "can"),
        ("colour", "x", "prompt"),
    ],
)
def test_a_value_that_cannot_stand_is_refused_with_what_would_be_right(field: str, value: object, right: str) -> None:
    with pytest.raises(InputError) as caught:
        edits.set_field(BOARD, "bbbb", field, value)
    assert right in caught.value.hint


def test_fields_are_set_and_unset() -> None:
    board = edits.set_field(BOARD, "bbbb", "consistency", 1).board
    assert (board.scenes[1].consistency, type(board.scenes[1].consistency)) == (1.0, float)
    assert edits.set_field(board, "bbbb", "consistency", None).board == BOARD
    assert edits.set_field(BOARD, "bbbb", "text", None).board.scenes[1].text == ""


def test_fields_of_many_scenes_are_set_as_if_one_after_another() -> None:
    values: dict[str, dict[str, object]] = {
        "cccc": {"text": "one two", "theme": 1},
        "aaaa": {"prompt": None, "seed": 3},
        "bbbb": {"end": None},
    }
    board = BOARD
    for scene_id, fields in values.items():
        for field, value in fields.items():
            board = edits.set_field(board, scene_id, field, value).board
    assert edits.set_fields(BOARD, values) == Edited(board)
    assert edits.set_fields(BOARD, {}).board == BOARD


def test_words_dropped_in_many_scenes_are_said_once() -> None:
    board = edits.set_fields(BOARD, {"aaaa": {"words": WORDS}, "bbbb": {"words": WORDS}}).board
    done = edits.set_fields(board, {"aaaa": {"text": "x"}, "bbbb": {"text": "y"}})
    assert len(done.adjusted) == 1 and "words were dropped" in done.adjusted[0]
    assert done.board.scenes[0].words is done.board.scenes[1].words is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"aaaa": {"start": 1.0}}, "start"),
        ({"aaaa": {"id": "x"}}, "cannot be set"),
        ({"aaaa": {"colour": "x"}}, "cannot be set"),
        ({"aaaa": {"seed": 1}, "zzzz": {"seed": 1}}, "no scene `zzzz`"),
        ({"aaaa": {"seed": 1}, "bbbb": {"end": 1.0}}, "Scene 2: `end` is 1.0"),
        ({"aaaa": {"theme": 1}, "bbbb": {"theme": 3}}, "Scene 2: `theme` is 3"),
    ],
)
def test_fields_of_many_scenes_are_refused_as_those_of_one(values: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        edits.set_fields(BOARD, values)


@pytest.mark.parametrize("gone", [[], ["aaaa"], ["aaaa", "bbbb"], ["bbbb", "cccc"], ["cccc", "aaaa"]])
def test_many_scenes_are_deleted_as_if_one_after_another(gone: list[str]) -> None:
    board = BOARD
    said: list[str] = []
    for scene_id in gone:
        done = edits.delete(board, scene_id)
        board = done.board
        said += done.adjusted
    assert edits.delete_all(BOARD, gone) == Edited(board, tuple(dict.fromkeys(said)))


def test_deleting_every_scene_leaves_none_and_one_that_is_not_there_is_named() -> None:
    assert edits.delete_all(BOARD, ids(BOARD)) == Edited(Storyboard(look=BOARD.look))
    with pytest.raises(InputError, match="no scene `zzzz`"):
        edits.delete_all(BOARD, ["aaaa", "zzzz"])


def test_a_new_text_keeps_retimed_words_where_their_number_agrees() -> None:
    board = edits.set_field(BOARD, "aaaa", "words", WORDS).board
    kept = edits.set_field(board, "aaaa", "text", "Maisie, Maisie, show me")
    assert [word.text for word in kept.board.scenes[0].words or ()] == ["Maisie,", "Maisie,", "show", "me"]
    dropped = edits.set_field(board, "aaaa", "text", "Maisie")
    assert dropped.board.scenes[0].words is None
    assert "Retimed words" in dropped.adjusted[0]


def test_settings_are_set_by_their_path() -> None:
    assert edits.set_setting(BOARD, "look.seed", 5).board.look.seed == 5
    assert edits.set_setting(BOARD, "look.seed", None).board.look.seed == 1
    board = edits.set_setting(BOARD, "engines.whisper.model", "tiny").board
    assert board.engines.options == {"whisper": {"model": "tiny"}}
    assert edits.set_setting(board, "engines.whisper.model", None).board == BOARD
    for path in ("look", "look.colour", "scenes.text", "a.b.c.d"):
        with pytest.raises(InputError):
            edits.set_setting(BOARD, path, "x")
    with pytest.raises(InputError, match="Scene 1: `theme` is 2"):
        edits.set_setting(BOARD, "look.themes", ["one"])


def test_seeds_of_variations_stay_with_the_first_half_and_go_with_a_copy() -> None:
    board = edits.set_fields(BOARD, {"aaaa": {"frame_seeds": [[3, 4012]]}, "bbbb": {"frame_seeds": [[1, 5]]}}).board
    assert board.scene("aaaa").frame_seeds == ((3, 4012),)
    halves = edits.split(board, "aaaa", 1.0)
    assert halves.made is not None
    assert halves.board.scene("aaaa").frame_seeds == ((3, 4012),)
    assert halves.board.scene(halves.made).frame_seeds is None
    copied = edits.duplicate(board, "aaaa")
    assert copied.made is not None
    assert copied.board.scene(copied.made).frame_seeds == ((3, 4012),)
    joined = edits.merge_with_next(board, "aaaa")
    assert joined.board.scene("aaaa").frame_seeds == ((3, 4012),)
    assert any("frame_seeds" in said for said in joined.adjusted)
    assert edits.set_field(board, "aaaa", "frame_seeds", None).board.scene("aaaa").frame_seeds is None


def test_every_field_of_a_scene_has_its_rule() -> None:
    assert set(SCHEMA_RULES["scenes"]) == set(SCENE_FIELDS)


@pytest.mark.parametrize("edit", [edits.delete, edits.merge_with_next, edits.duplicate])
def test_a_scene_that_is_not_there_is_named(edit: Any) -> None:
    with pytest.raises(InputError, match="nope"):
        edit(BOARD, "nope")


def test_ids_are_readable_decided_by_their_hint_and_never_taken() -> None:
    taken: set[str] = set()
    for number in range(300):
        made = new_id("one hint", taken)
        assert made not in taken
        assert len(made) == 4
        assert made[0] in LETTERS
        assert not set(made) & set("l1o0")
        taken.add(made)
        if number < 10:
            assert new_id(str(number), ()) == new_id(str(number), ["other"])
    assert not is_id("12") and not is_id("a/b") and not is_id("") and not is_id(".a") and is_id("Chorus-1")


TIMES = st.one_of(st.floats(-1, 30), st.sampled_from([0.0, 4.5, 4.5001, 10.0, 1e6, 0.0005]))
INDEX = st.integers(0, 6)
STEPS = st.one_of(
    st.tuples(st.just("insert"), TIMES),
    st.tuples(st.sampled_from(["split", "nudge_start", "set_start"]), INDEX, TIMES),
    st.tuples(st.sampled_from(["delete", "merge_with_next", "duplicate"]), INDEX),
    st.tuples(st.just("split_at_word"), INDEX, st.integers(0, 4)),
)


def taken_step(board: Storyboard, step: tuple[Any, ...], taken: set[str]) -> Edited:
    name, *rest = step
    if name == "insert":
        return edits.insert(board, rest[0], "x y z", taken)
    scene_id = board.scenes[rest[0]].id if rest[0] < len(board.scenes) else "none"
    if name == "split_at_word":
        return edits.split_at_word(board, scene_id, rest[1], WORDS, taken)
    if name == "split":
        return edits.split(board, scene_id, rest[1], WORDS, taken)
    if name == "duplicate":
        return edits.duplicate(board, scene_id, taken)
    edit: Any = getattr(edits, name)
    result: Edited = edit(board, scene_id, *rest[1:])
    return result


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_any_sequence_of_edits_keeps_the_table_in_order(steps: list[tuple[Any, ...]]) -> None:
    board, used = BOARD, set(ids(BOARD))
    for step in steps:
        try:
            done = taken_step(board, step, used)
        except InputError as error:
            assert error.hint
            continue
        check_board(done.board)
        assert (done.made is None) == (len(done.board.scenes) <= len(board.scenes))
        assert done.made not in used
        gaps = [after - before for before, after in pairwise(starts(done.board))]
        assert all(gap >= 0.001 - 1e-9 for gap in gaps)
        board, used = done.board, used | set(ids(done.board))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 9999), st.sampled_from(["x", "a b", "Daisy, Daisy, give me", "", "雨が降る", " a  b "]))
def test_a_split_loses_no_word(milliseconds: int, text: str) -> None:
    board = Storyboard(scenes=(Scene("aaaa", 0.0, 6.0, text), Scene("bbbb", 10.0)))
    first, second = edits.split(board, "aaaa", milliseconds / 1000).board.scenes[:2]
    assert (first.text + second.text).replace(" ", "") == text.replace(" ", "")
