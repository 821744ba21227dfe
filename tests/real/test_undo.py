"""Undo outlives the process: killed between any two system calls, the file is whole and the next studio can go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.real.projects import silent_project
from vktrs import edit_journal
from vktrs.editing import Editing
from vktrs.errors import VktrsError
from vktrs.project import Project
from vktrs.storyboard import edits
from vktrs.storyboard.merge import Proposed

_CALLS = {"posix", "fcntl"}


def remove_second(editing: Editing) -> None:
    editing.apply("delete scene 2", lambda board: edits.delete(board, "bbbb"))


def text_of(project: Project) -> str:
    return project.storyboard_path.read_text("utf-8")


def killed_at(step: int, root: Path, act: Callable[[Editing], object]) -> bool:
    """Do it in a child that kills itself before its system call of that number; whether it came so far."""
    child = os.fork()
    if child == 0:
        editing = Editing(Project(root))
        left = step

        def look(frame: FrameType, event: str, function: Any) -> None:
            nonlocal left
            if event == "c_call" and getattr(function, "__module__", None) in _CALLS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(look)
        act(editing)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_an_edit_killed_at_any_step_is_whole_and_undoable_or_never_was(tmp_path: Path) -> None:
    whole = Project(silent_project(tmp_path / "whole"))
    after = whole.edit(lambda document: edits.delete(document.board, "bbbb").board).text
    seen = set()
    for step in range(1000):
        project = Project(silent_project(tmp_path / str(step)))
        before = text_of(project)
        was_killed = killed_at(step, project.root, remove_second)
        left = text_of(project)
        editing = Editing(Project(project.root))
        seen.add((left != before, editing.can_undo is not None))
        if left != before:
            assert left == after
            assert editing.can_undo == "delete scene 2"
            assert "bbbb" in project.known_ids()
            assert editing.undo().kept == ()
            assert text_of(project) == before
            assert editing.redo().document.text == left
        else:
            assert editing.can_undo is None
            remove_second(editing)
            assert editing.can_undo == "delete scene 2"
        editing.close()
        if not was_killed:
            break
    assert not was_killed
    assert seen == {(False, False), (True, True)}
    assert step > 20


def test_an_accepted_proposal_killed_at_any_step_stands_in_the_file_and_in_the_base_or_nowhere(tmp_path: Path) -> None:
    old, new = (Proposed("bbbb", 1.0, None, "second street", None),), (Proposed("bbbb", 1.0, None, "new", None),)

    def accept(editing: Editing) -> None:
        editing.apply("accept", lambda board: edits.set_field(board, "bbbb", "text", "new"), base=lambda: new)

    seen = set()
    for step in range(1000):
        project = Project(silent_project(tmp_path / str(step)))
        project.accept_base(old)
        was_killed = killed_at(step, project.root, accept)
        editing = Editing(Project(project.root))
        is_new = 'text = "new"' in text_of(project)
        seen.add(is_new)
        assert editing.can_undo == ("accept" if is_new else None)
        assert project.base() == (new if is_new else old)
        if is_new:
            editing.undo()
            assert project.base() == old
            editing.redo()
            assert project.base() == new
        editing.close()
        if not was_killed:
            break
    assert not was_killed
    assert seen == {True, False}


def test_an_undo_killed_at_any_step_can_be_done_or_done_again(tmp_path: Path) -> None:
    seen = set()
    for step in range(1000):
        project = Project(silent_project(tmp_path / str(step)))
        before = text_of(project)
        with_edit = Editing(project)
        remove_second(with_edit)
        after = text_of(project)
        with_edit.close()
        was_killed = killed_at(step, project.root, Editing.undo)
        left = text_of(project)
        editing = Editing(Project(project.root))
        seen.add(left == before)
        if left == before:
            assert (editing.can_undo, editing.can_redo) == (None, "delete scene 2")
            editing.redo()
            assert text_of(project) == after
        else:
            assert left == after
            assert (editing.can_undo, editing.can_redo) == ("delete scene 2", None)
            editing.undo()
            assert text_of(project) == before
        editing.close()
        if not was_killed:
            break
    assert seen == {True, False}


def test_adopting_and_compacting_killed_at_any_step_loses_no_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_journal, "KEPT_ENTRIES", 3)
    for step in range(1000):
        project = Project(silent_project(tmp_path / str(step)))
        first = Editing(project)
        for number in range(6):
            first.apply(f"edit {number}", lambda board, n=number: edits.set_field(board, "aaaa", "text", f"text {n}"))
        first.close()

        def act(_: Editing, root: Path = project.root) -> None:
            Editing(Project(root)).apply("last", lambda board: edits.set_field(board, "aaaa", "text", "last"))

        was_killed = killed_at(step, project.root, act)
        editing = Editing(Project(project.root))
        assert editing.can_undo == ("last" if 'text = "last"' in text_of(project) else "edit 5")
        if editing.can_undo == "last":
            editing.undo()
        editing.undo()
        assert 'text = "text 4"' in text_of(project)
        editing.close()
        if not was_killed:
            break
    assert not was_killed
    assert project.edits.read_bytes().count(b'{"entry"') < 8


def test_an_entry_that_never_reached_the_file_is_not_undone_although_the_file_went_on(tmp_path: Path) -> None:
    """A killed edit wanted "theirs" for a prompt; by hand another field of the scene was changed since."""
    project = Project(silent_project(tmp_path / "p"))

    def die(editing: Editing) -> None:
        os_replace = os.replace

        def replace(*names: Any, **options: Any) -> None:
            if str(names[1]).endswith("storyboard.toml"):
                os.kill(os.getpid(), signal.SIGKILL)
            os_replace(*names, **options)

        os.replace = replace  # type: ignore[assignment]
        editing.apply("mine", lambda board: edits.set_field(board, "bbbb", "text", "mine"))

    assert killed_at(10**9, project.root, die)
    assert project.edits.stat().st_size
    text = text_of(project).replace('id = "aaaa"', 'id = "aaaa"\nprompt = "by hand"')
    project.storyboard_path.write_text(text, "utf-8")
    assert Editing(Project(project.root)).can_undo is None
    assert text_of(project) == text


def test_what_reached_the_file_is_undoable_although_the_file_went_on_before_anybody_looked(tmp_path: Path) -> None:
    project = Project(silent_project(tmp_path / "p"))

    def die(editing: Editing) -> None:
        def remember(ids: object, timeout: float = 0) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        editing.project.remember_ids = remember  # type: ignore[method-assign]
        remove_second(editing)

    before = project.document()
    assert killed_at(10**9, project.root, die)
    text = text_of(project).replace('id = "aaaa"', 'id = "aaaa"\nprompt = "by hand"')
    project.storyboard_path.write_text(text, "utf-8")
    editing = Editing(Project(project.root))
    undone = editing.undo()
    assert undone.kept == ()
    assert undone.document.board.scene("aaaa").prompt == "by hand"
    assert undone.document.scene_texts["bbbb"] == before.scene_texts["bbbb"]
    assert "# the second one" in text_of(project)


def test_a_file_that_is_broken_when_a_killed_edit_is_looked_at_loses_nothing(tmp_path: Path) -> None:
    project = Project(silent_project(tmp_path / "p"))

    def die(editing: Editing) -> None:
        def remember(ids: object, timeout: float = 0) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        editing.project.remember_ids = remember  # type: ignore[method-assign]
        remove_second(editing)

    before = text_of(project)
    assert killed_at(10**9, project.root, die)
    left = text_of(project)
    project.storyboard_path.write_text(left + "broken", "utf-8")
    editing = Editing(Project(project.root))
    with pytest.raises(VktrsError):
        editing.apply("more", lambda board: edits.set_field(board, "aaaa", "text", "x"))
    project.storyboard_path.write_text(left, "utf-8")
    editing = Editing(Project(project.root))
    assert editing.can_undo == "delete scene 2"
    editing.undo()
    assert text_of(project) == before


def test_where_nothing_may_be_written_an_edit_is_answered_and_reading_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(silent_project(tmp_path / "p"))
    before = text_of(project)
    _forbid_writing(monkeypatch, project.root)
    editing = Editing(project)
    with pytest.raises(VktrsError, match=r"could not be locked: Permission denied\. Is the folder writable\?"):
        remove_second(editing)
    editing.notice(
        project.document(), project.document().with_board(edits.delete(project.document().board, "bbbb").board)
    )
    assert editing.can_undo is None
    assert editing.newest.text == before == text_of(project)


def test_a_full_disk_refuses_the_edit_and_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(silent_project(tmp_path / "p"))
    before = text_of(project)
    editing = Editing(project)
    os_write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, data: os_write(handle, data[: len(data) // 2]))
        with pytest.raises(VktrsError, match="only a part"):
            remove_second(editing)
    assert text_of(project) == before
    remove_second(editing)
    editing.undo()
    assert text_of(project) == before


def _forbid_writing(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """As in a folder without permission, for root too, whom the kernel lets write everywhere."""
    os_open, os_mkdir = os.open, os.mkdir

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(root)):
            raise PermissionError(13, "Permission denied", str(path))
        return os_open(path, flags, *rest, **options)

    def made(path: Any, *rest: Any, **options: Any) -> None:
        if str(path).startswith(str(root)):
            raise PermissionError(13, "Permission denied", str(path))
        os_mkdir(path, *rest, **options)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "mkdir", made)
