"""Every edit can be taken back and done again, to the byte where nobody else edited; what others did stays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs import edit_journal
from vktrs.editing import EditConflict, Editing
from vktrs.errors import InputError, StoryboardError, UsageError, VktrsError
from vktrs.project import Project
from vktrs.storyboard import edits
from vktrs.storyboard.document import Document
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.merge import Proposed
from vktrs.storyboard.model import SCENE_FIELDS, Storyboard
from vktrs.storyboard.pieces import split
from vktrs.storyboard.replacing import file_lock
from vktrs.storyboard.reverting import applied, hunks_between
from vktrs.storyboard.rewriting import flat_settings

NOON = 1_700_000_000.0

TEXT = """\
# My video
schema = 1
look.seed = 0x10   # by hand

[song]
source = "song.ogg"
title = 'Daisy'

[engines.whisper]
model = "large-v3"

# the intro
[[scenes]]
id = "aaaa"
start = 0.00   # at once
end = 4.50
text = 'Daisy, Daisy, give me'
theme = "zombie wedding"
mood = "tender"   # a key of mine

# ---- verse ----

[[scenes]]
id = "bbbb"
start = 4.50
text = "your answer do"
prompt = '''two
lines'''
consistency = 0.50
[scenes.camera]
zoom = 1.5
[[scenes]]
id = "cccc"
start = 10
words = [
  [10.1, 10.5, "I'm"],  # half
  [10.5, 11.0, "crazy"],
]
text = "I'm crazy"
[video]
fps = "30000/1001"

# the end
[[scenes]]
id = "dddd"
start = 12.0
seed = 1_000"""
"""Comments, unknown keys, sub-tables, numbers spelled in their own ways, scenes torn apart, no newline at the end."""

Change = Callable[[Storyboard], Edited]


def new_project(folder: Path, text: str = TEXT) -> Project:
    return Project.create(folder / "song", text)


def text_of(project: Project) -> str:
    return project.storyboard_path.read_bytes().decode()


def rewrite(project: Project, old: str, new: str) -> None:
    """As a person does in an editor, seen by a studio."""
    text = text_of(project)
    assert text.count(old) == 1
    project.storyboard_path.write_bytes(text.replace(old, new).encode())


def change(name: str, *values: object, **options: object) -> Change:
    function: Any = getattr(edits, name)
    return lambda board: Edited(*function(board, *values, **options))


def set_field(scene: str, field: str, value: object) -> Change:
    return change("set_field", scene, field, value)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


ONE_OF_EACH: dict[str, Change] = {
    "prompt": set_field("bbbb", "prompt", "a tandem"),
    "no prompt": set_field("bbbb", "prompt", None),
    "number spelled its own way": set_field("bbbb", "consistency", 0.7),
    "taken out with its comment": set_field("cccc", "words", None),
    "start": change("nudge_start", "bbbb", 0.25),
    "insert": change("insert", 6.0, "new"),
    "insert at the end": change("insert", 60.0, "new"),
    "delete the first": change("delete", "aaaa"),
    "delete with sub-table": change("delete", "bbbb"),
    "delete the last": change("delete", "dddd"),
    "split": change("split", "aaaa", 2.0),
    "merge": change("merge_with_next", "bbbb"),
    "duplicate": change("duplicate", "aaaa"),
    "themes": change("set_setting", "look.themes", ["neon"]),
    "seed of all": change("set_setting", "look.seed", 3),
    "fps": change("set_setting", "video.fps", 25),
    "an engine's option": change("set_setting", "engines.whisper.model", "tiny"),
    "an engine's first option": change("set_setting", "engines.diffusers.steps", 20),
}


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_undo_gives_the_exact_bytes_back_and_redo_those_of_the_edit(tmp_path: Path, name: str, newline: str) -> None:
    project = new_project(tmp_path, "\ufeff" + TEXT.replace("\n", newline))
    before = text_of(project)
    editing = Editing(project)
    editing.apply(name, ONE_OF_EACH[name])
    after = text_of(project)
    assert after != before
    undone = editing.undo()
    assert (undone.label, undone.kept) == (name, ())
    assert text_of(project) == before == undone.document.text
    assert editing.redo().document.text == after == text_of(project)
    assert Document.parse(after, project.storyboard_path).board == project.document().board


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_undo_beside_a_change_by_others_gives_every_value_back_and_leaves_theirs(project: Project, name: str) -> None:
    project.storyboard_path.write_text(TEXT + "\n", "utf-8")
    before = project.document()
    editing = Editing(project)
    editing.apply(name, ONE_OF_EACH[name])
    rewrite(project, "# My video", "# Our video")
    undone = editing.undo()
    assert undone.kept == ()
    assert undone.document.board == before.board == project.document().board
    assert text_of(project).startswith("# Our video\n")
    assert project.document().annotated == before.annotated
    assert set(project.document().unknown) == set(undone.document.unknown) == set(before.unknown)
    for scene_id, was in before.scene_texts.items():
        assert undone.document.scene_texts[scene_id].rstrip() == was.rstrip()


@st.composite
def any_change(draw: st.DrawFn) -> Callable[[Storyboard], Edited]:
    """One of the library's edits, of a scene that is there when it is made."""
    place = draw(st.integers(0, 30))
    seconds = draw(st.floats(0, 20).map(lambda value: round(value, 3)))
    name = draw(
        st.sampled_from(["insert", "delete", "split", "merge_with_next", "nudge_start", "duplicate", "set_setting"])
        | st.sampled_from(["set_field"] * 3)
    )
    field, value = draw(
        st.sampled_from(
            [
                ("text", "one two"),
                ("text", ""),
                ("prompt", 'quoted " and \\ [x]'),
                ("prompt", None),
                ("theme", "neon"),
                ("consistency", 0.5),
                ("seed", None),
                ("locked", True),
                ("end", None),
                ("words", [[10.1, 10.5, "new"]]),
            ]
        )
    )
    path, setting = draw(
        st.sampled_from(
            [("look.themes", ["a", "b"]), ("look.seed", 5), ("song.title", "T"), ("engines.whisper.model", None)]
        )
    )

    def made(board: Storyboard) -> Edited:
        scene = board.scenes[place % len(board.scenes)].id if board.scenes else "none"
        calls: dict[str, Callable[[], Edited]] = {
            "insert": partial(edits.insert, board, seconds, "new"),
            "delete": partial(edits.delete, board, scene),
            "split": partial(edits.split, board, scene, seconds),
            "merge_with_next": partial(edits.merge_with_next, board, scene),
            "nudge_start": partial(edits.nudge_start, board, scene, seconds - 10),
            "duplicate": partial(edits.duplicate, board, scene, duration=30.0),
            "set_field": partial(edits.set_field, board, scene, field, value),
            "set_setting": partial(edits.set_setting, board, path, setting),
        }
        return calls[name]()

    return made


def tried(editing: Editing, made: Change) -> bool:
    """Whether the edit made sense and changed something."""
    try:
        return editing.apply("random", made).entry_id is not None
    except InputError:
        return False


@settings(max_examples=60)
@given(st.lists(any_change(), min_size=1, max_size=8))
def test_undoing_everything_gives_the_first_bytes_and_redoing_it_the_last(changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = new_project(Path(folder))
        editing = Editing(project)
        states = [text_of(project)]
        for made in changes:
            if tried(editing, made):
                states.append(text_of(project))
        for state in reversed(states[:-1]):
            assert editing.undo().kept == ()
            assert text_of(project) == state
        assert editing.can_undo is None
        for state in states[1:]:
            assert editing.redo().kept == ()
            assert text_of(project) == state
        assert editing.can_redo is None
        editing.close()


def meaning(document: Document) -> object:
    """What a document says; a table of options without any is as good as none."""
    board = document.board
    return board.scenes, flat_settings(board), set(document.unknown)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "outside"]), st.sampled_from(["edit", "undo", "redo"]), any_change()))
)
def test_whatever_others_do_in_between_the_file_stays_valid(steps: list[tuple[str, str, Change]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = new_project(Path(folder))
        studios = {name: Editing(Project(project.root), name) for name in ("a", "b")}
        for who, what, made in steps:
            before = Project(project.root).document()
            if who == "outside":
                try:
                    after = before.with_board(made(before.board).board)
                except InputError:
                    continue
                project.storyboard_path.write_bytes(after.text.encode())
                studios["a"].notice(before, after)
            elif what == "edit":
                tried(studios[who], made)
            elif studios[who].can_undo if what == "undo" else studios[who].can_redo:
                undone = studios[who].undo() if what == "undo" else studios[who].redo()
                assert undone.document.text == text_of(project)
                read = Project(project.root).document()
                assert meaning(undone.document) == meaning(read)
            else:
                with pytest.raises(UsageError):
                    studios[who].undo() if what == "undo" else studios[who].redo()
        Project(project.root).document()
        for studio in studios.values():
            studio.close()


def values(board: Storyboard) -> dict[tuple[str, str], object]:
    """Every field of every scene; a whole scene as ("its id", "")."""
    fields = {(scene.id, name): getattr(scene, name) for scene in board.scenes for name in SCENE_FIELDS}
    return fields | {(scene.id, ""): True for scene in board.scenes}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["edit", "edit", "outside", "undo", "redo"]), any_change()), max_size=12))
def test_undo_and_redo_change_nothing_that_was_not_written_by_their_own_studio(steps: list[tuple[str, Change]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = new_project(Path(folder))
        editing = Editing(project)
        mine: set[tuple[tuple[str, str], str]] = set()  # what this studio ever wrote where
        for what, made in steps:
            before = values(Project(project.root).document().board)
            if what == "outside":
                document = project.document()
                try:
                    text = document.with_board(made(document.board).board).text
                except InputError:
                    continue
                project.storyboard_path.write_bytes(text.encode())
            elif what == "edit":
                tried(editing, made)
            elif editing.can_undo if what == "undo" else editing.can_redo:
                _ = editing.undo() if what == "undo" else editing.redo()
            if what == "outside":
                continue
            after = values(Project(project.root).document().board)
            changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            if what != "edit":
                fields = {key for key in changed if (key[0], "") not in changed}
                whole = {key for key in changed if not key[1]}
                assert all((key, repr(before.get(key))) in mine for key in fields | whole)
            mine |= {(key, repr(after.get(key))) for key in changed}
        editing.close()


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_hunks_lead_from_one_text_to_the_other_and_back(old: list[str], new: list[str]) -> None:
    before, after = (split("".join(f"[{name}]\nx = 1\n" for name in names)) for names in (old, new))
    texts = ["".join(piece.text for piece in pieces) for pieces in (before, after)]
    hunks = hunks_between(before, after)
    assert applied(hunks, texts[0]) == texts[1]
    assert applied(hunks, texts[1], backwards=True) == texts[0]


def test_a_field_that_another_studio_changed_since_is_kept_and_said(project: Project) -> None:
    one, two = (Editing(Project(project.root), clock=lambda: NOON) for _ in range(2))
    one.apply("both", lambda board: set_field("aaaa", "text", "mine")(set_field("bbbb", "prompt", "mine")(board).board))
    two.apply("theirs", set_field("bbbb", "prompt", "theirs"))
    undone = one.undo()
    assert len(undone.kept) == 1
    assert undone.kept[0].startswith("Scene 2's prompt was changed since, in another studio at ")
    assert undone.document.board.scene("bbbb").prompt == "theirs"
    assert undone.document.board.scene("aaaa").text == "Daisy, Daisy, give me"


def test_who_changed_it_outside_is_said_with_the_time(project: Project) -> None:
    editing = Editing(project, clock=lambda: NOON)
    before = editing.apply("mine", set_field("bbbb", "prompt", "mine")).document
    rewrite(project, '"mine"', '"by vim"')
    editing.notice(before, project.document())
    [kept] = editing.undo().kept
    assert kept.startswith("Scene 2's prompt was changed since, by an edit outside at ")
    assert kept.endswith(": left as it is.")


def test_what_nobody_journalled_is_kept_too(project: Project) -> None:
    editing = Editing(project)
    editing.apply("mine", set_field("bbbb", "prompt", "mine"))
    editing.close()
    rewrite(project, '"mine"', '"by vim"')
    editing = Editing(Project(project.root))
    undone = editing.undo()
    assert undone.kept == ("Scene 2's prompt was changed since, outside of vktrs: left as it is.",)
    assert undone.nothing
    assert editing.can_undo is None
    assert editing.can_redo is None


@pytest.mark.parametrize("seen_by", ["an edit", "a look"])
def test_an_outside_change_that_is_first_met_in_an_edit_is_journalled_once(project: Project, seen_by: str) -> None:
    editing = Editing(project, clock=lambda: NOON)
    if seen_by == "an edit":
        before = editing.apply("mine", set_field("aaaa", "text", "mine")).document
    else:
        before = project.document()
    rewrite(project, "song.ogg", "other.ogg")
    changed = Project(project.root).document()
    with pytest.raises(InputError, match="no scene"):
        editing.apply("none", change("delete", "zzzz"))
    editing.notice(before, changed)
    editing.apply("more", set_field("bbbb", "text", "more"))
    outside = [line for line in project.edits.read_text("utf-8").splitlines() if '"does": "outside"' in line]
    assert len(outside) == 1 and "other.ogg" in outside[0]
    rewrite(project, '"more"', '"by vim"')
    [kept] = editing.undo().kept
    assert kept.startswith("Scene 2's text was changed since, by an edit outside at ")


def test_an_undo_that_puts_one_of_two_fields_back_is_not_nothing(project: Project) -> None:
    editing = Editing(project)
    editing.apply(
        "both", lambda board: set_field("aaaa", "text", "mine")(set_field("bbbb", "prompt", "mine")(board).board)
    )
    rewrite(project, 'prompt = "mine"', 'prompt = "by vim"')
    undone = editing.undo()
    assert (len(undone.kept), undone.nothing) == (1, False)
    assert not editing.redo().nothing


OLD = (Proposed("aaaa", 0.0, 4.5, "Daisy", None),)
NEW = (Proposed("aaaa", 0.0, 4.5, "Daisy, Daisy", "A"),)


def test_an_accepted_proposal_is_undone_and_done_again_with_its_edit(project: Project) -> None:
    project.accept_base(OLD)
    editing = Editing(project)
    editing.apply("accept", set_field("aaaa", "section", "A"), base=lambda: NEW)
    assert project.base() == NEW
    editing.undo()
    assert project.base() == OLD
    editing.redo()
    assert project.base() == NEW
    editing.close()
    again = Editing(Project(project.root))
    again.undo()
    assert (project.base(), text_of(project)) == (OLD, TEXT)


def test_a_long_proposal_comes_back_whole(project: Project) -> None:
    before, after = (
        tuple(Proposed(f"a{n:03}", float(n), None, text, None) for n in range(300)) for text in ("was", "is")
    )
    project.accept_base(before)
    editing = Editing(project)
    editing.apply("accept", set_field("aaaa", "section", "A"), base=lambda: after)
    assert project.edits.stat().st_size < len(project.edits.with_name("base.json").read_bytes())
    editing.undo()
    assert project.base() == before


def test_a_proposal_that_was_accepted_later_stays_when_an_earlier_one_is_undone(project: Project) -> None:
    editing = Editing(project)
    editing.apply("accept", set_field("aaaa", "section", "A"), base=lambda: NEW)
    project.accept_base(OLD)
    editing.undo()
    assert (project.base(), text_of(project)) == (OLD, TEXT)


def test_a_proposal_that_the_file_holds_already_is_accepted_without_an_entry(project: Project) -> None:
    editing = Editing(project)
    assert editing.apply("accept", lambda board: Edited(board), base=lambda: NEW).entry_id is None
    assert (project.base(), editing.can_undo) == (NEW, None)


def test_a_proposal_that_is_refused_leaves_the_base(project: Project) -> None:
    editing = Editing(project)
    with pytest.raises(EditConflict):
        editing.apply("accept", set_field("aaaa", "section", "A"), {("aaaa", "section"): "B"}, lambda: NEW)
    assert project.base() == ()


def test_a_studio_whose_lock_was_deleted_locks_anew_with_its_next_edit(project: Project) -> None:
    editing = Editing(project)
    editing.apply("first", set_field("aaaa", "text", "1"))
    shutil.rmtree(project.machine)
    editing.apply("second", set_field("aaaa", "text", "2"))
    other = Editing(Project(project.root))
    assert (other.can_undo, editing.can_undo) == (None, "second")
    editing.undo()


@pytest.mark.parametrize("name", ["edit_lock", "edits.lock"])
def test_an_edit_waits_no_longer_than_its_patience_for_another_vktrs(project: Project, name: str) -> None:
    editing = Editing(project, patience=0.05)
    editing.apply("first", set_field("aaaa", "text", "1"))
    before = text_of(project)
    lock = project.edit_lock if name == "edit_lock" else project.journal / name
    with (
        file_lock(lock),
        pytest.raises(VktrsError, match=r"Another vktrs is writing \(.*\); nothing was changed\. Try again"),
    ):
        editing.apply("second", set_field("aaaa", "text", "2"))
    assert (text_of(project), editing.can_undo) == (before, "first")


@pytest.mark.parametrize("act", ["apply", "undo", "redo"])
def test_a_project_that_was_moved_away_is_said_and_no_ghost_of_it_made(project: Project, act: str) -> None:
    editing = Editing(project)
    editing.apply("first", set_field("aaaa", "text", "1"))
    editing.apply("second", set_field("aaaa", "text", "2"))
    editing.undo()
    project.root.rename(project.root.with_name("moved"))
    acts = {
        "apply": lambda: editing.apply("more", set_field("aaaa", "text", "3")),
        "undo": editing.undo,
        "redo": editing.redo,
    }
    with pytest.raises(InputError, match="is not there"):
        acts[act]()
    with pytest.raises(VktrsError):
        project.remember_ids(["zzzz"])
    assert not project.root.exists()
    project.root.with_name("moved").rename(project.root)
    editing.undo()
    assert text_of(project) == TEXT


def test_a_journal_that_is_no_folder_is_read_as_empty_and_cannot_be_written(project: Project) -> None:
    project.machine.mkdir()
    project.journal.write_text("x")
    assert project.base() == ()
    assert project.document().board == project.edit(lambda document: document.board).board
    assert project.known_ids() == {"aaaa", "bbbb", "cccc", "dddd"}
    with pytest.raises(VktrsError, match="cannot be written"):
        project.accept_base(NEW)
    with pytest.raises(VktrsError, match="cannot be written"):
        project.remember_ids(["zzzz"])
    with pytest.raises(VktrsError):
        Editing(project).apply("mine", set_field("aaaa", "text", "1"))
    assert text_of(project) == TEXT


@pytest.mark.parametrize("name", ["base.json", "ids.json"])
def test_a_file_of_the_journal_that_cannot_be_read_counts_as_empty(project: Project, name: str) -> None:
    (project.journal / name).mkdir(parents=True)
    assert project.base() == ()
    assert "aaaa" in project.known_ids()
    with pytest.raises(VktrsError, match="could not be written"):
        project.accept_base(NEW) if name == "base.json" else project.remember_ids(["zzzz"])


def test_noticing_leaves_out_what_another_studio_journalled(project: Project) -> None:
    one, two = (Editing(Project(project.root), clock=lambda: NOON) for _ in range(2))
    before = one.apply("mine", set_field("bbbb", "prompt", "mine")).document
    two.apply("theirs", set_field("bbbb", "prompt", "theirs"))
    rewrite(project, "'Daisy, Daisy, give me'", '"outside"')
    one.notice(before, one.project.document())
    assert "in another studio" in one.undo().kept[0]


def test_an_outside_change_is_undone_by_nobody(project: Project) -> None:
    editing = Editing(project)
    before = project.document()
    rewrite(project, "song.ogg", "other.ogg")
    editing.notice(before, project.document())
    assert editing.can_undo is None


def test_a_scene_that_was_changed_since_it_was_made_is_not_taken_away(project: Project) -> None:
    editing = Editing(project)
    made = editing.apply("insert", change("insert", 6.0, "new")).made
    rewrite(project, 'text = "new"', 'text = "new"  # I like this one')
    undone = editing.undo()
    [kept] = undone.kept
    assert (kept, undone.nothing) == ("Scene 3 was changed since, outside of vktrs: left as it is.", True)
    assert project.document().board.scenes[2].id == made


def test_a_scene_whose_time_is_taken_by_now_is_not_put_back(project: Project) -> None:
    one, two = (Editing(Project(project.root)) for _ in range(2))
    one.apply("delete", change("delete", "cccc"))
    two.apply("insert", change("insert", 10.0, "theirs"))
    assert one.undo().kept == (
        "The scene `I'm crazy` could not be put back among the scenes as they are now: left as it is.",
    )
    assert "cccc" in one.project.known_ids()


def test_a_start_that_would_break_the_order_is_left(project: Project) -> None:
    one, two = (Editing(Project(project.root)) for _ in range(2))
    one.apply("later", change("nudge_start", "cccc", 1.5))
    two.apply("insert", change("insert", 11.0, "theirs"))
    undone = one.undo()
    assert undone.kept == ("Scene 4's start could not be put back among the scenes as they are now: left as it is.",)
    assert [scene.start for scene in undone.document.board.scenes] == [0.0, 4.5, 11.0, 11.5, 12.0]


def test_a_list_of_themes_is_not_shortened_under_a_scene_that_uses_it(project: Project) -> None:
    one, two = (Editing(Project(project.root)) for _ in range(2))
    one.apply("themes", change("set_setting", "look.themes", ["a", "b"]))
    two.apply("theme", set_field("cccc", "theme", 2))
    assert one.undo().kept == ("`look.themes` could not be put back among the scenes as they are now: left as it is.",)


def test_each_studio_undoes_its_own_edits_only(project: Project) -> None:
    one, two = (Editing(Project(project.root)) for _ in range(2))
    one.apply("one", set_field("aaaa", "text", "one"))
    two.apply("two", set_field("bbbb", "text", "two"))
    assert (one.can_undo, two.can_undo) == ("one", "two")
    one.undo()
    assert [scene.text for scene in project.document().board.scenes[:2]] == ["Daisy, Daisy, give me", "two"]
    with pytest.raises(UsageError, match="nothing to undo"):
        one.undo()


def test_the_next_studio_adopts_the_edits_of_those_that_are_gone_in_time_order(project: Project) -> None:
    one, two = (Editing(Project(project.root)) for _ in range(2))
    one.apply("first", set_field("aaaa", "text", "1"))
    two.apply("second", set_field("bbbb", "text", "2"))
    one.apply("third", set_field("cccc", "text", "3 4"))
    one.apply("undone", set_field("dddd", "text", "5"))
    one.undo()
    one.close()
    two.close()
    three = Editing(Project(project.root))
    four = Editing(Project(project.root))
    assert (four.can_undo, four.can_redo, three.can_redo) == (None, None, "undone")
    assert [three.undo().label for _ in range(3)] == ["third", "second", "first"]
    assert text_of(project) == TEXT
    assert os.listdir(project.editors) == [f"{three.author}.lock"]
    three.close()
    assert Editing(Project(project.root)).can_redo == "first"


def test_the_edits_of_a_living_studio_are_not_adopted(project: Project) -> None:
    one = Editing(Project(project.root))
    one.apply("mine", set_field("aaaa", "text", "1"))
    assert Editing(Project(project.root)).can_undo is None
    assert one.can_undo == "mine"


def test_a_new_edit_drops_what_could_be_done_again(project: Project) -> None:
    editing = Editing(project)
    editing.apply("one", set_field("aaaa", "text", "1"))
    editing.undo()
    assert editing.can_redo == "one"
    editing.apply("two", set_field("aaaa", "text", "2"))
    assert editing.can_redo is None
    with pytest.raises(UsageError, match="nothing to redo"):
        editing.redo()


def test_an_edit_that_changes_nothing_is_no_entry(project: Project) -> None:
    editing = Editing(project)
    done = editing.apply("same", set_field("bbbb", "consistency", 0.5))
    assert (done.entry_id, editing.can_undo, text_of(project)) == (None, None, TEXT)
    assert not project.edits.exists()


def test_looking_at_a_project_writes_nothing(project: Project) -> None:
    Editing(project).close()
    assert os.listdir(project.root) == ["storyboard.toml"]


def test_a_field_that_changed_on_both_sides_is_a_choice_and_nothing_is_written(project: Project) -> None:
    editing = Editing(project)
    rewrite(project, "consistency = 0.50", "consistency = 0.60")
    with pytest.raises(EditConflict) as caught:
        editing.apply("mine", set_field("bbbb", "consistency", 0.7), {("bbbb", "consistency"): 0.5})
    assert caught.value.fields == (("bbbb", "consistency", 0.5, 0.6, 0.7),)
    assert "consistency = 0.60" in text_of(project)
    assert editing.can_undo is None


@pytest.mark.parametrize("expected", [{("bbbb", "consistency"): 0.6}, {("", "look.seed"): 16}])
def test_an_expectation_that_holds_hinders_nothing(project: Project, expected: dict[tuple[str, str], object]) -> None:
    editing = Editing(project)
    rewrite(project, "consistency = 0.50", "consistency = 0.60")
    assert editing.apply("mine", set_field("bbbb", "consistency", 0.7), expected).entry_id


def test_both_sides_changing_it_to_the_same_is_no_conflict(project: Project) -> None:
    rewrite(project, "consistency = 0.50", "consistency = 0.70")
    done = Editing(project).apply("mine", set_field("bbbb", "consistency", 0.7), {("bbbb", "consistency"): 0.5})
    assert done.entry_id is None


def test_an_edit_that_makes_no_sense_leaves_no_trace(project: Project) -> None:
    editing = Editing(project)
    with pytest.raises(InputError, match="no scene"):
        editing.apply("none", change("delete", "zzzz"))
    assert editing.can_undo is None
    assert text_of(project) == TEXT


def test_a_file_that_does_not_parse_is_answered_and_nothing_is_lost(project: Project) -> None:
    editing = Editing(project)
    after = editing.apply("mine", set_field("aaaa", "text", "1")).document.text
    project.storyboard_path.write_text(after + "\nbroken", "utf-8")
    with pytest.raises(StoryboardError):
        editing.undo()
    assert text_of(project) == after + "\nbroken"
    assert editing.can_undo == "mine"
    project.storyboard_path.write_bytes(after.encode())
    editing.undo()
    assert text_of(project) == TEXT


def test_ids_that_vktrs_wrote_stay_when_the_edit_is_undone(tmp_path: Path) -> None:
    project = new_project(tmp_path, "[[scenes]]\nstart = 0\ntext = 'one'\n[[scenes]]\nstart = 2\n")
    ids = [scene.id for scene in project.document().board.scenes]
    editing = Editing(project)
    editing.apply("mine", set_field(ids[1], "text", "two"))
    editing.undo()
    assert text_of(project) == (
        f'[[scenes]]\nid = "{ids[0]}"\nstart = 0\ntext = \'one\'\n[[scenes]]\nid = "{ids[1]}"\nstart = 2\n'
    )


def test_an_editor_that_saves_in_the_middle_gets_its_change_and_only_one_entry_stands(project: Project) -> None:
    editing = Editing(project)
    saved: list[bool] = []

    def slow(board: Storyboard) -> Edited:
        if not saved:
            saved.append(True)
            rewrite(project, "song.ogg", "other.ogg")
        return edits.set_field(board, "aaaa", "text", "1")

    editing.apply("mine", slow)
    assert "other.ogg" in text_of(project)
    assert editing.undo().kept == ()
    assert text_of(project) == TEXT.replace("song.ogg", "other.ogg")
    assert editing.can_undo is None


def test_a_large_journal_keeps_its_newest_entries(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_journal, "KEPT_ENTRIES", 5)
    editing, other = (Editing(Project(project.root)) for _ in range(2))
    other.apply("theirs", set_field("bbbb", "text", "theirs"))
    for number in range(11):
        editing.apply(f"edit {number}", set_field("aaaa", "text", f"text {number}"))
    assert project.edits.read_bytes().count(b'{"entry"') < 11
    assert other.can_undo == "theirs"  # as far as it has read
    labels = []
    while editing.can_undo:
        labels.append(editing.undo().label)
    assert labels[:5] == [f"edit {number}" for number in (10, 9, 8, 7, 6)]
    with pytest.raises(UsageError):
        other.undo()
    assert [path.name for path in project.journal.glob(".*")] == []


def test_a_torn_or_foreign_line_hides_no_other(project: Project) -> None:
    editing = Editing(project)
    editing.apply("mine", set_field("aaaa", "text", "1"))
    editing.close()
    with project.edits.open("ab") as file:
        file.write(
            b'[]\nnull\n{"entry": 3}\n{"done": "x"}\n{"adopts": 3, "author": "y"}\n{"later": 1}\n\xff\n{"entry": "to'
        )
    again = Editing(project)
    assert again.can_undo == "mine"
    again.undo()
    assert text_of(project) == TEXT
    assert Editing(Project(project.root), author=again.author).can_redo == "mine"


def test_a_damaged_entry_is_said_once_and_left_out(project: Project) -> None:
    editing = Editing(project, author="me")
    editing.apply("first", set_field("aaaa", "text", "1"))
    editing.apply("second", set_field("aaaa", "text", "2"))
    lines = project.edits.read_text("utf-8").replace('"hunks": "[[', '"hunks": "[[x', 2).replace("[[x", "[[", 1)
    project.edits.write_text(lines, "utf-8")
    editing.close()
    editing = Editing(project, author="me")
    with pytest.raises(VktrsError, match="damaged"):
        editing.undo()
    assert editing.can_undo == "first"


def test_a_long_edit_takes_little_room_in_the_journal(tmp_path: Path) -> None:
    scenes = "".join(f'[[scenes]]\nid = "a{n:03}"\nstart = {n * 2.0}\ntext = "line"\n\n' for n in range(400))
    project = new_project(tmp_path, scenes)
    editing = Editing(project)

    def shifted(board: Storyboard) -> Edited:
        for scene in reversed(board.scenes[1:]):
            board = edits.set_field(board, scene.id, "end", scene.start + 0.5).board
        return Edited(board)

    editing.apply("ends", shifted)
    assert project.edits.stat().st_size < len(scenes) // 2
    editing.undo()
    assert text_of(project) == scenes
