"""Lines that were heard again, merged into the scenes: only where somebody asked, and nothing of the person's lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.form import Section
from vktrs.lines import Line, Word
from vktrs.storyboard.matching import Proposed
from vktrs.storyboard.merge import Merge, merge
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.rehearing import (
    DELETED,
    YOURS,
    Taken,
    after_taking,
    merge_stretches,
    named,
    taken_from_json,
    taken_to_json,
)
from vktrs.storyboard.split import SplitOptions
from vktrs.storyboard.stretches import (
    Span,
    Stretch,
    beside,
    giving_way,
    heard_scenes,
    lines_within,
    scenes_between,
    spans,
    stretches_from_json,
    stretches_to_json,
)

DURATION = 30.0
BASE = (
    Proposed("aaaa", 0.0, None, "", "A"),
    Proposed("bbbb", 4.0, 8.0, "daisy daisy give me your and so do", "A"),
    Proposed("cccc", 9.0, 13.0, "i am half crazy", "B"),
    Proposed("dddd", 14.0, 18.0, "all for the love of you", "B"),
    Proposed("eeee", 20.0, 24.0, "it will not be a stylish marriage", "B"),
)


def board_of(base: Sequence[Proposed] = BASE, **scenes: dict[str, object]) -> Storyboard:
    made = (Scene(each.id, each.start, each.end, each.text, each.section) for each in base)
    return Storyboard(scenes=tuple(replace(scene, **scenes.get(scene.id, {})) for scene in made))


def line(start: float, end: float, text: str) -> Line:
    """A line whose words follow one another evenly."""
    texts = text.split()
    step = (end - start) / max(len(texts), 1)
    words = (Word(start + i * step, start + (i + 1) * step, each, 0.9) for i, each in enumerate(texts))
    return Line(start, end, text, tuple(words))


def stretch(start: float, end: float, *lines: Line, ids: tuple[str, ...] = ()) -> Stretch:
    made = heard_scenes(lines_within(lines, start, end), start, end, DURATION, SplitOptions(divide=False))
    return Stretch(start, end, ids, made, "large-v3")


def again_on(base: Sequence[Proposed], board: Storyboard, stretches: Sequence[Stretch], **how: Any) -> Merge:
    """What was heard just now, merged."""
    return merge_stretches(base, board, [named(each, base, board) for each in stretches], **how)


def told(result: Merge) -> list[str]:
    return [str(change) for change in result.changes]


SECOND = stretch(4.0, 9.0, line(4.3, 8.1, "Daisy, Daisy, give me your answer do"))


def test_a_line_that_was_heard_better_takes_the_place_of_the_old_one_with_its_word_times() -> None:
    result = again_on(BASE, board_of(), [SECOND])
    assert [(each.id, each.field, each.after) for each in result.changes] == [
        ("bbbb", "text", "Daisy, Daisy, give me your answer do"),
        ("bbbb", "start", 4.3),
    ]
    assert result.conflicts == ()
    scene = result.board.scene("bbbb")
    assert scene.words is not None
    assert [word.text for word in scene.words] == ["Daisy,", "Daisy,", "give", "me", "your", "answer", "do"]
    assert (scene.words[0].start, scene.words[-1].end) == (4.3, 8.1)
    assert [each for each in result.board.scenes if each.id != "bbbb"] == [
        each for each in board_of().scenes if each.id != "bbbb"
    ]
    assert result.base == BASE


def test_taking_twice_changes_nothing_and_the_machine_proposes_nothing_back() -> None:
    once = again_on(BASE, board_of(), [SECOND])
    taken = after_taking((), once)
    again = again_on(BASE, once.board, [SECOND], earlier=taken)
    assert (again.changes, again.conflicts, again.board) == ((), (), once.board)
    ordinary = merge(once.base, once.board, BASE)
    assert (ordinary.changes, ordinary.conflicts) == ((), ())
    # nor where the words were heard in another way since, all at once
    other = tuple(replace(each, text=f"{each.text} again", start=each.start + 0.2) for each in BASE[1:])
    assert "bbbb" not in {change.id for change in merge(once.base, once.board, (BASE[0], *other)).changes}


def test_a_third_hearing_may_change_what_the_second_put_there() -> None:
    once = again_on(BASE, board_of(), [SECOND])
    third = stretch(4.0, 9.0, line(4.3, 8.1, "Daisy, Daisy, give me your answer, true"))
    again = again_on(BASE, once.board, [third], earlier=after_taking((), once))
    assert told(again) == [
        'bbbb: text "Daisy, Daisy, give me your answer do" -> "Daisy, Daisy, give me your answer, true"'
    ]
    words = again.board.scene("bbbb").words
    assert words is not None
    assert words[-1].text == "true"


def test_what_the_person_wrote_since_stays_and_is_told_with_both_texts() -> None:
    mine = board_of(bbbb={"text": "Daisy, Daisy, my own answer"})
    result = again_on(BASE, mine, [SECOND])
    assert [(each.id, each.field) for each in result.changes] == [("bbbb", "start")]
    (conflict,) = result.conflicts
    assert (conflict.id, conflict.field, conflict.ours, conflict.reason) == (
        "bbbb",
        "text",
        "Daisy, Daisy, my own answer",
        "this is yours",
    )
    assert conflict.theirs == "Daisy, Daisy, give me your answer do"
    over = again_on(BASE, mine, [SECOND], only=("bbbb",), over=("bbbb",))
    assert over.board.scene("bbbb").text == "Daisy, Daisy, give me your answer do"
    assert over.conflicts == ()


def test_a_scene_that_was_imported_or_written_by_hand_is_the_persons() -> None:
    result = again_on((), board_of(), [SECOND])
    assert result.changes == ()
    assert {each.field for each in result.conflicts} == {"start", "text"}
    assert again_on((), board_of(), [SECOND], over=("bbbb",)).board.scene("bbbb").start == 4.3


def test_a_locked_scene_is_out_of_it() -> None:
    result = again_on(BASE, board_of(bbbb={"locked": True}), [SECOND], over=("bbbb",))
    assert (result.changes, result.conflicts) == ((), ())


def test_words_that_a_person_timed_stay() -> None:
    mine = board_of(bbbb={"words": (Word(4.0, 5.0, "daisy"),)})
    result = again_on(BASE, mine, [SECOND])
    assert result.changes == ()
    assert {each.reason for each in result.conflicts} == {"this is yours"}


def test_case_punctuation_and_a_few_milliseconds_are_no_change() -> None:
    heard = stretch(4.0, 9.0, line(4.06, 8.2, "Daisy Daisy, give me your and so do!"))
    result = again_on(BASE, board_of(), [heard])
    assert (result.changes, result.conflicts) == ((), ())


def test_music_stays_where_it_is_unless_somebody_sings_into_it() -> None:
    base = (*BASE[:3], Proposed("mmmm", 14.0, 20.0, "", "B"), BASE[4])
    short = stretch(9.0, 20.0, line(9.0, 12.2, "i am half crazy"))
    assert [(each.id, each.field) for each in again_on(base, board_of(base), [short]).changes] == [("cccc", "end")]
    long = stretch(9.0, 20.0, line(9.0, 15.0, "i am half crazy"))
    changes = again_on(base, board_of(base), [long]).changes
    assert {(each.id, each.field, each.after) for each in changes} >= {("cccc", "end", 15.0), ("mmmm", "start", 15.0)}


def test_one_line_heard_as_two_becomes_two_scenes() -> None:
    heard = stretch(4.0, 9.0, line(4.0, 5.8, "daisy daisy"), line(6.0, 8.0, "give me your and so do"))
    result = again_on(BASE, board_of(), [heard])
    texts = [scene.text for scene in result.board.scenes]
    assert texts[1:3] == ["daisy daisy", "give me your and so do"]
    assert result.board.scenes[2].section == "A"
    assert {change.kind for change in result.changes} == {"set", "add"}
    added = next(change.id for change in result.changes if change.kind == "add")
    assert added not in {each.id for each in BASE}
    assert added not in named(heard, BASE, board_of(), taken=(added,)).ids


def test_two_lines_heard_as_one_leave_one_scene() -> None:
    heard = stretch(9.0, 20.0, line(9.0, 18.0, "i am half crazy all for the love of you"))
    result = again_on(BASE, board_of(), [heard])
    assert [scene.id for scene in result.board.scenes] in (
        ["aaaa", "bbbb", "cccc", "eeee"],
        ["aaaa", "bbbb", "dddd", "eeee"],
    )


def test_a_scene_that_has_something_of_the_persons_is_not_removed_but_told() -> None:
    heard = stretch(9.0, 20.0, line(9.0, 17.1, "i'm half crazy"))
    mine = board_of(dddd={"prompt": "a bicycle built for two"})
    result = again_on(BASE, mine, [heard])
    assert result.board.scene("dddd").text == "all for the love of you"
    assert [(each.id, each.field, each.reason) for each in result.conflicts] == [("dddd", "remove", YOURS)]


def test_words_invented_over_silence_are_proposed_to_go() -> None:
    result = again_on(BASE, board_of(), [stretch(4.0, 9.0)])
    assert result.board.scene("bbbb").text == ""
    assert result.board.scene("bbbb").end is None
    assert result.board.scene("bbbb").words is None


def test_a_line_that_the_person_took_out_is_told_and_not_put_back() -> None:
    without = replace(board_of(), scenes=tuple(each for each in board_of().scenes if each.id != "dddd"))
    heard = stretch(9.0, 20.0, line(9.0, 13.0, "i am half crazy"), line(14.0, 18.0, "all for the love of you"))
    result = again_on(BASE, without, [heard])
    assert result.changes == ()
    assert [(each.id, each.field, each.reason) for each in result.conflicts] == [("dddd", "add", DELETED)]


def test_scenes_that_were_moved_are_matched_where_they_lie_now() -> None:
    late = tuple(
        replace(scene, start=scene.start + 6, end=scene.end + 6) if scene.end else scene for scene in board_of().scenes
    )
    heard = stretch(10.0, 15.0, line(10.2, 14.0, "Daisy, Daisy, give me your answer do"), ids=("bbbb",))
    result = again_on(BASE, replace(board_of(), scenes=late), [heard])
    assert [(each.id, each.field) for each in result.changes] == [("bbbb", "text")]


def test_only_the_chosen_scenes_take_what_was_heard() -> None:
    heard = stretch(4.0, 14.0, line(4.0, 8.0, "give me your answer do"), line(9.0, 13.0, "I'm half crazy"))
    result = again_on(BASE, board_of(), [heard], only=("cccc",))
    assert {change.id for change in result.changes} == {"cccc"}
    assert result.board.scene("bbbb") == board_of().scene("bbbb")


def test_a_storyboard_without_scenes_takes_all_that_was_heard() -> None:
    heard = stretch(0.0, DURATION, line(4.0, 8.0, "give me your answer do"), line(9.0, 13.0, "I'm half crazy"))
    result = again_on((), Storyboard(), [heard])
    assert [scene.text for scene in result.board.scenes if scene.text] == ["give me your answer do", "I'm half crazy"]
    assert result.board.scenes[0].start == 0
    assert all(scene.words for scene in result.board.scenes if scene.text)


# where a stretch begins and ends


def test_a_short_silence_at_the_edges_stays_with_the_scenes_beside() -> None:
    heard = stretch(9.0, 20.0, line(11.5, 14.0, "half crazy"), line(14.5, 17.0, "love of you"))
    assert [(each.start, each.text) for each in heard.heard] == [(11.5, "half crazy"), (14.5, "love of you")]
    long = stretch(9.0, 20.0, line(14.5, 16.0, "love of you"))
    assert [(each.start, each.text) for each in long.heard][:2] == [(9.0, ""), (14.5, "love of you")]


def test_the_first_scene_of_the_song_begins_with_it() -> None:
    heard = stretch(0.0, 9.0, line(1.2, 3.0, "one"), line(4.0, 6.0, "two"))
    assert heard.heard[0].start == 0.0


def test_scenes_of_a_stretch_are_cut_at_sections_as_those_of_the_whole_song_are() -> None:
    sections = (Section(0.0, 13.0, "A"), Section(13.0, 30.0, "B"))
    made = heard_scenes([], 9.0, 20.0, DURATION, SplitOptions(), sections=sections)
    assert 13.0 in [each.start for each in made]


@pytest.mark.parametrize(
    ("between", "text", "times"),
    [
        ((0.0, 10.0), "one, two three", (1.0, 4.0)),
        ((1.9, 10.0), "two three", (2.0, 4.0)),
        ((0.0, 2.2), "one,", (1.0, 2.0)),
        ((2.4, 3.1), "two", (2.4, 3.0)),
    ],
)
def test_words_outside_of_a_stretch_are_left_out(
    between: tuple[float, float], text: str, times: tuple[float, float]
) -> None:
    whole = Line(1.0, 4.0, "one, two three", (Word(1.0, 2.0, "one,"), Word(2.0, 3.0, "two"), Word(3.0, 4.0, "three")))
    (found,) = lines_within([whole], *between)
    assert (found.text, (found.start, found.end)) == (text, times)
    assert lines_within([whole], 5.0, 9.0) == []


def test_lines_without_word_times_lie_where_their_middle_lies() -> None:
    assert lines_within([Line(1.0, 4.0, "one")], 2.0, 9.0) == [Line(2.0, 4.0, "one")]
    assert lines_within([Line(1.0, 4.0, "one")], 3.0, 9.0) == []


def test_neighbours_are_one_stretch_and_none_reaches_over_the_end() -> None:
    assert spans(board_of(), None, DURATION) == (Span(0.0, 30.0, ("aaaa", "bbbb", "cccc", "dddd", "eeee")),)
    assert spans(board_of(), ("bbbb", "cccc", "eeee"), DURATION) == (
        Span(4.0, 14.0, ("bbbb", "cccc")),
        Span(20.0, 30.0, ("eeee",)),
    )
    assert spans(board_of(), ("eeee",), 15.0) == ()


@pytest.mark.parametrize(
    ("start", "end", "ids"),
    [
        (4.0, 9.0, ("bbbb",)),
        (4.05, 9.05, ("bbbb",)),
        (5.0, 10.0, ("bbbb", "cccc")),
        (25.0, float("inf"), ("eeee",)),
        (9.01, 9.02, ("cccc",)),
    ],
)
def test_a_range_of_times_is_the_scenes_that_lie_in_it(start: float, end: float, ids: tuple[str, ...]) -> None:
    assert scenes_between(board_of(), start, end) == ids


def test_a_new_stretch_takes_the_place_of_those_that_it_overlaps() -> None:
    one, two = Stretch(0, 4, ("aaaa",), (), "a"), Stretch(9, 14, ("cccc",), (), "a")
    new = Stretch(12, 20, ("dddd",), (), "b")
    assert beside((one, two), (new,)) == (one, new)
    moved = Stretch(20, 24, ("aaaa",), (), "b")
    assert beside((one, two), (moved,)) == (two, moved)
    assert giving_way((one, two), (new, Stretch(0, 4, ("aaaa",), (), "b"))) == (two,)
    assert giving_way((one, two), (Stretch(0, 14, (), (), "b"),)) == ()
    assert giving_way((Stretch(0, 20, (), (), "a"),), (one, new)) == (Stretch(0, 20, (), (), "a"),)


def test_what_waits_and_what_was_taken_are_read_back() -> None:
    second = named(SECOND, BASE, board_of())
    assert stretches_from_json(stretches_to_json((second,))) == (second,)
    taken = after_taking((), again_on(BASE, board_of(), [SECOND]))
    assert taken[0].words
    taken += (Taken("cccc", {"end": None}),)
    assert taken_from_json(taken_to_json(taken)) == taken
    for wrong in ("", "[]", "{}", '{"stretches": [1]}', '{"stretches": [{"start": 1}]}', '{"scenes": 3}'):
        with pytest.raises(ValueError, match=r"."):
            stretches_from_json(wrong)
        with pytest.raises(ValueError, match=r"."):
            taken_from_json(wrong)


def changed_everywhere(text: str) -> Iterator[str]:
    """The JSON text with each of its values, in turn, made another that no program of ours writes there."""
    kept = json.loads(text)
    for path in list(places(kept)):
        for wrong in (None, "x", "", -3.0, [], {"a": 1}, True, float("nan")):
            changed = copy.deepcopy(kept)
            *above, last = path
            inside = changed
            for step in above:
                inside = inside[step]
            inside[last] = wrong
            yield json.dumps(changed)


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """The ways to every value within lists and tables."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield (step,)
        yield from ((step, *rest) for rest in places(each))


def test_whatever_a_hand_changes_in_what_waits_or_was_taken_it_is_read_or_refused() -> None:
    waiting = (named(SECOND, BASE, board_of()),)
    taken = after_taking((), again_on(BASE, board_of(), [SECOND]))
    refused = 0
    for text in changed_everywhere(stretches_to_json(waiting)):
        try:
            found = stretches_from_json(text)
        except ValueError:
            refused += 1
            continue
        merge_stretches(BASE, board_of(), found, earlier=taken)
    assert refused > 100
    for text in changed_everywhere(taken_to_json(taken)):
        try:
            merge_stretches(BASE, board_of(), waiting, earlier=taken_from_json(text))
        except ValueError as error:
            assert "nothing that was heard again" in str(error) or "no word" in str(error)


TEXTS = st.sampled_from(["", "la la", "one two three", "another line of words", "one two", "Three four"])


@st.composite
def proposals(draw: st.DrawFn) -> tuple[Proposed, ...]:
    starts = sorted(draw(st.sets(st.integers(1, 290), max_size=7)))
    scenes = []
    for number, tenths in enumerate([0, *starts]):
        text, start = draw(TEXTS), tenths / 10
        end = start + draw(st.floats(0, 3)) if text else None
        scenes.append(Proposed(f"s{number}xx", start, end and round(end, 3), text, draw(st.sampled_from([None, "A"]))))
    return tuple(scenes)


@given(st.data())
def test_whatever_is_heard_it_speaks_only_of_its_stretch_and_taking_it_again_changes_nothing(
    data: st.DataObject,
) -> None:
    base = data.draw(proposals())
    board = board_of(base)
    for scene in data.draw(st.lists(st.sampled_from(board.scenes), max_size=3)):
        edit = data.draw(st.sampled_from([{"text": "mine"}, {"prompt": "mine"}, {"locked": True}, {"end": None}]))
        scenes = [replace(each, **edit) if each.id == scene.id else each for each in board.scenes]
        board = replace(board, scenes=tuple(scenes))
    ids = data.draw(st.sets(st.sampled_from([each.id for each in board.scenes]), min_size=1))
    stretches, taken = list[Stretch](), set[str]()
    for span in spans(board, ids, DURATION):
        starts = sorted(data.draw(st.lists(st.floats(span.start, span.end), max_size=4)))
        lines = [line(start, min(start + 2, span.end), data.draw(TEXTS)) for start in starts]
        made = heard_scenes(lines_within(lines, span.start, span.end), span.start, span.end, DURATION, SplitOptions())
        stretches.append(named(Stretch(span.start, span.end, span.scenes, made, "tiny"), base, board, taken))
        taken |= set(stretches[-1].ids)
    result = merge_stretches(base, board, stretches)
    after = {scene.id: scene for scene in result.board.scenes}
    for scene in board.scenes:
        if scene.id not in ids or scene.locked:
            assert after[scene.id] == scene
        if scene.text == "mine":
            assert after[scene.id].text == "mine"
        if scene.prompt == "mine":
            assert after[scene.id].prompt == "mine"
    starts = [scene.start for scene in result.board.scenes]
    assert starts[0] == 0
    assert all(one < two for one, two in pairwise(starts))
    earlier = after_taking((), result)
    again = merge_stretches(base, result.board, stretches, earlier=earlier)
    assert again.changes == ()
    assert again.board == result.board
    back = merge(result.base, result.board, base)
    assert back.changes == ()
