"""Merging: what a person changed stays, the rest follows the machine, and merging twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.storyboard import edits
from vktrs.storyboard.merge import Merge, Proposed, assign_ids, base_from_json, base_to_json, merge
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.schema import check_board

BASE = (
    Proposed("aa", 0.0, 4.0, "Daisy, Daisy", "A"),
    Proposed("bb", 4.0, 8.0, "give me your answer do", "A"),
    Proposed("cc", 9.0, 12.0, "I'm half crazy", "B"),
    Proposed("dd", 12.5, 16.0, "all for the love of you", "B"),
)


def board_of(proposal: Collection[Proposed]) -> Storyboard:
    return Storyboard(scenes=tuple(Scene(each.id, each.start, each.end, each.text, each.section) for each in proposal))


OURS = board_of(BASE)


def theirs_with(**values: dict[str, object]) -> tuple[Proposed, ...]:
    return tuple(replace(each, **values.get(each.id, {})) for each in BASE)  # type: ignore[arg-type]


def ids(board: Storyboard) -> list[str]:
    return [scene.id for scene in board.scenes]


def settled(base: Collection[Proposed], ours: Storyboard, theirs: Collection[Proposed], **options: object) -> Merge:
    """The merge, after the laws that hold for every one."""
    only, keep = options.get("only"), options.get("keep", ())
    assert only is None or isinstance(only, (set, frozenset, list, tuple))
    assert isinstance(keep, (set, frozenset, list, tuple))
    before, proposal = tuple(base), tuple(theirs)
    result = merge(before, ours, proposal, only, keep)
    check_board(result.board)
    assert (result.board == ours) == (not result.changes)
    again = merge(result.base, result.board, proposal, only, keep)
    assert (again.changes, again.board, again.base) == ((), result.board, result.base)
    killed = merge(before, result.board, proposal, only, keep)
    assert killed.changes == ()
    assert base_from_json(base_to_json(result.base)) == result.base
    if only is not None:
        assert {change.id for change in result.changes} <= set(only)
    return result


def test_into_an_empty_storyboard_all_goes() -> None:
    result = settled((Proposed("aa", 1.0), Proposed("zz", 2.0)), Storyboard(), BASE)
    assert result.board == OURS
    assert result.base == BASE
    assert [change.kind for change in result.changes] == ["add"] * 4


def test_what_nobody_touched_follows_the_machine() -> None:
    theirs = theirs_with(bb={"start": 4.5, "end": 8.5, "text": "give me the answer", "section": "C"})
    result = settled(BASE, OURS, theirs)
    assert result.board == board_of(theirs)
    assert [str(change) for change in result.changes][2:] == ["bb: start 4.0 -> 4.5", "bb: end 8.0 -> 8.5"]
    assert result.conflicts == ()


def test_what_both_changed_stays_the_persons_and_is_listed() -> None:
    mine = edits.set_field(OURS, "bb", "text", "my own words").board
    result = settled(BASE, mine, theirs_with(bb={"text": "theirs", "section": "C"}))
    scene = result.board.scene("bb")
    assert (scene.text, scene.section) == ("my own words", "C")
    assert [(each.id, each.field, each.theirs) for each in result.conflicts] == [("bb", "text", "theirs")]
    assert merge(result.base, result.board, theirs_with(bb={"text": "theirs"})).conflicts == ()


def test_what_a_person_deleted_never_comes_back() -> None:
    mine = edits.delete(OURS, "cc").board
    result = settled(BASE, mine, BASE)
    assert result.changes == ()
    without = settled(result.base, mine, [each for each in BASE if each.id != "cc"])
    assert "cc" not in ids(settled(without.base, without.board, BASE).board)


def test_what_a_person_joined_or_cut_stays_so() -> None:
    joined = edits.merge_with_next(OURS, "bb").board
    assert settled(BASE, joined, theirs_with(dd={"text": "x"})).board.scene("dd").text == "x"
    assert ids(settled(BASE, joined, BASE).board) == ["aa", "bb", "dd"]
    cut = edits.split(OURS, "cc", 10.5)
    assert settled(BASE, cut.board, BASE).board == cut.board
    shifted = settled(BASE, cut.board, theirs_with(cc={"end": 11.0, "text": "I'm crazy"}))
    assert shifted.board == cut.board
    assert {conflict.field for conflict in shifted.conflicts} == {"end", "text"}


def test_new_scenes_are_added_but_never_into_what_is_a_persons() -> None:
    new = Proposed("ee", 6.0, 7.0, "oh")
    assert ids(settled(BASE, OURS, [*BASE, new]).board) == ["aa", "bb", "ee", "cc", "dd"]
    mine = edits.insert(OURS, 5.0, "mine").board
    result = settled(BASE, mine, [*BASE, new])
    assert result.board == mine
    assert "your own" in result.conflicts[0].reason
    moved = edits.nudge_start(OURS, "bb", 0.5).board
    assert settled(BASE, moved, [*BASE, new]).board == moved


def test_scenes_that_the_machine_gave_up_go_where_the_person_wrote_nothing_into_them() -> None:
    fewer = [each for each in BASE if each.id != "cc"]
    assert ids(settled(BASE, OURS, fewer).board) == ["aa", "bb", "dd"]
    for field, value in (("prompt", "a moon"), ("locked", True), ("text", "mine"), ("seed", 3), ("theme", "x")):
        mine = edits.set_field(OURS, "cc", field, value).board
        assert settled(BASE, mine, fewer).board == mine
    assert settled(BASE, OURS, fewer, keep={"cc"}).board == OURS


def test_a_locked_scene_is_out_of_every_proposal() -> None:
    mine = edits.set_field(OURS, "bb", "locked", True).board
    theirs = [*theirs_with(bb={"text": "x", "start": 5.0}), Proposed("ee", 6.0)]
    assert settled(BASE, mine, theirs).board == mine
    unlocked = edits.set_field(mine, "bb", "locked", False).board
    assert settled(BASE, unlocked, theirs).board.scene("bb").text == "x"


def test_without_a_base_every_scene_is_the_persons() -> None:
    theirs = assign_ids([Proposed("", 0.0, 3.0, "la"), Proposed("", 5.0, 6.0, "lo")], (), ids(OURS))
    result = settled((), OURS, theirs)
    assert result.board == OURS
    assert len(result.conflicts) == 2


def test_changes_that_would_break_the_order_are_left_out_and_listed() -> None:
    mine = edits.set_start(OURS, "bb", 8.5).board
    result = settled(BASE, mine, theirs_with(cc={"start": 8.4}))
    assert result.board == mine
    assert [(each.id, each.field) for each in result.conflicts] == [("cc", "start")]
    assert "order" in result.conflicts[0].reason
    later = edits.set_start(mine, "bb", 4.0).board
    assert settled(result.base, later, theirs_with(cc={"start": 8.4})).board.scene("cc").start == 8.4


def test_a_shift_of_everything_goes_through_as_one() -> None:
    theirs = [BASE[0], *(replace(each, start=each.start + 6, end=(each.end or 0) + 6) for each in BASE[1:])]
    assert settled(BASE, OURS, theirs).board == board_of(theirs)


def test_the_song_is_never_left_without_a_first_scene() -> None:
    later = [replace(each, start=each.start + 1) for each in BASE[1:]]
    result = settled(BASE, OURS, later)
    assert result.board.scenes[0].id == "aa"
    assert result.conflicts[0].field == "remove"
    assert settled((), Storyboard(), later).board.scenes == ()


def test_only_what_was_chosen_is_taken() -> None:
    theirs = [*theirs_with(aa={"text": "x"}, bb={"text": "y"}), Proposed("ee", 6.0)]
    result = settled(BASE, OURS, theirs, only={"bb"})
    assert [change.id for change in result.changes] == ["bb"]
    rest = settled(result.base, result.board, theirs)
    assert [change.id for change in rest.changes] == ["aa", "ee"]


def test_a_person_who_retimed_the_words_keeps_text_and_times() -> None:
    mine = edits.set_field(OURS, "bb", "words", [[4.0, 4.5, "give"]]).board
    assert settled(BASE, mine, theirs_with(bb={"text": "x", "start": 4.2})).board == mine


@pytest.mark.parametrize(
    "theirs",
    [
        [Proposed("a", 0.0), Proposed("a", 1.0)],
        [Proposed("a", -1.0)],
        [Proposed("a", float("nan"))],
        [Proposed("a", 2.0, 1.0)],
    ],
)
def test_what_is_no_proposal_is_refused(theirs: list[Proposed]) -> None:
    with pytest.raises(ValueError, match="propos"):
        merge(BASE, OURS, theirs)


def test_a_stored_proposal_that_is_damaged_is_refused() -> None:
    wrong_types = ('{"scenes": [{"id": "a", "start": "x"}]}', '{"scenes": [{"id": 1, "start": 0.0}]}')
    for text in ("", "{}", "[1]", '{"scenes": [{"x": 1}]}', '{"scenes": 3}', *wrong_types, base_to_json(BASE)[:-9]):
        with pytest.raises(ValueError):
            base_from_json(text)


def drafts(*rows: tuple[float, float, str]) -> list[Proposed]:
    return [Proposed("", start, end, text) for start, end, text in rows]


def test_scenes_are_found_again_by_time_and_text() -> None:
    fresh = drafts(
        (0.0, 3.1, "Daisy Daisy"), (4.2, 8.1, "Give me your answer"), (8.2, 9.0, "oh"), (9.1, 12.0, "I'm half crazy")
    )
    found = assign_ids(fresh, BASE)
    assert [each.id for each in found][:2] == ["aa", "bb"]
    assert found[3].id == "cc"
    assert found[2].id not in {"aa", "bb", "cc", "dd"}
    assert assign_ids(fresh, BASE) == found
    assert assign_ids(fresh, BASE, taken=[found[2].id])[2].id != found[2].id


def test_repeated_lines_are_never_crossed() -> None:
    base = [Proposed(f"r{i}", float(i * 4), i * 4 + 3.5, "la la la") for i in range(6)]
    fresh = drafts(*((i * 4 + 1.5, i * 4 + 5.0, "la la la") for i in range(6)))
    found = [each.id for each in assign_ids(fresh, base)]
    kept = [name for name in found if name.startswith("r")]
    assert kept == sorted(kept)
    assert len(kept) >= 5


def test_times_of_a_proposal_are_whole_milliseconds() -> None:
    assert assign_ids(drafts((0.0, 1.23456, "x")), ())[0].end == 1.235


NAMES = [*"abcdefgh"]
TIMES = st.integers(1, 14).map(float)
TEXTS = st.sampled_from(["", "x", "y"])


@st.composite
def proposals(draw: st.DrawFn, from_zero: bool = True) -> tuple[Proposed, ...]:
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, 6))]
    starts = sorted(draw(st.sets(TIMES, min_size=len(names), max_size=len(names))))
    if starts and (from_zero or draw(st.booleans())):
        starts[0] = 0.0
    order = names if draw(st.integers(0, 3)) == 0 else sorted(names)  # ids mostly keep their order
    out = []
    for name, start in zip(order, starts, strict=True):
        end = draw(st.sampled_from([None, start, start + 1, start + 3]))
        out.append(Proposed(name, start, end, draw(TEXTS), draw(st.sampled_from([None, "A"]))))
    return tuple(out)


@st.composite
def boards(draw: st.DrawFn, base: tuple[Proposed, ...]) -> Storyboard:
    """What a person may have made of `base`: untouched, edited in a few places, or something else altogether."""
    board = board_of(base if draw(st.integers(0, 3)) else draw(proposals()))
    if board.scenes and board.scenes[0].start:
        board = replace(board, scenes=(replace(board.scenes[0], start=0.0), *board.scenes[1:]))
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(["delete", "nudge", "insert", "split", "merge", "prompt", "text", "lock", "words"]))
        scene = draw(st.sampled_from(NAMES))
        try:
            board = edited(board, name, scene, draw(TIMES))
        except InputError:
            continue
    return board


def edited(board: Storyboard, name: str, scene: str, time: float) -> Storyboard:
    if name == "insert":
        return edits.insert(board, time, taken=NAMES).board
    if name == "split":
        return edits.split(board, scene, time).board
    if name in ("delete", "merge"):
        return (edits.delete if name == "delete" else edits.merge_with_next)(board, scene).board
    if name == "nudge":
        return edits.nudge_start(board, scene, time - 7).board
    values: dict[str, object] = {"prompt": "mine", "text": "mine", "locked": True, "words": [[1, 2, "x"]]}
    field = "locked" if name == "lock" else name
    return edits.set_field(board, scene, field, values[field]).board


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_the_laws_hold_whatever_comes(data: st.DataObject) -> None:
    base = data.draw(proposals(from_zero=False))
    ours = data.draw(boards(base))
    theirs = data.draw(proposals(from_zero=False))
    only = data.draw(st.one_of(st.none(), st.sets(st.sampled_from(NAMES))))
    keep = data.draw(st.sets(st.sampled_from(NAMES), max_size=2))
    result = settled(base, ours, theirs, only=only, keep=keep)
    known = {each.id: each for each in base}
    for scene in ours.scenes:
        mine = known.get(scene.id)
        persons = scene.locked or mine is None or scene.prompt or scene.words or scene.text != mine.text
        if persons:
            after = result.board.scene(scene.id)
            if mine is None or scene.locked:
                assert after == scene
            assert (after.prompt, after.words, after.locked) == (scene.prompt, scene.words, scene.locked)
            assert mine is None or scene.text == mine.text or after.text == scene.text
    deleted = set(known) - {scene.id for scene in ours.scenes} if ours.scenes else set()
    assert not deleted & {scene.id for scene in result.board.scenes}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_person_who_touches_nothing_gets_exactly_what_the_machine_says(data: st.DataObject) -> None:
    board, base = Storyboard(), ()
    for _ in range(3):
        theirs = data.draw(proposals())
        fresh = [replace(each, id="") for each in theirs]
        result = settled(base, board, named := assign_ids(fresh, base))
        if named and base:
            assert [scene.start for scene in result.board.scenes] == [each.start for each in named]
        board, base = result.board, result.base
