"""What others do while the studio is in the middle of something: no dialog, editor or stamp acts on what is gone by
then, and nothing that a person typed or decided is lost for it."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path

import pytest

from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.runs import control
from vktrs_tui.clock import PlayClock
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.screens.set_field import SetFieldScreen
from vktrs_tui.screens.shift import ShiftScreen
from vktrs_tui.screens.takes import TakesScreen
from vktrs_tui.workspace.screen import Workspace

CCCC = '[[scenes]]\nid = "cccc"\nstart = 2.0\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


async def changed_outside(driven: Driven, old: str, new: str) -> None:
    """Somebody else changes the file, and the studio has seen it."""
    before = driven.workspace.view.board
    change(driven.folder, old, new)
    await driven.until(lambda: driven.workspace.view.board != before, "seeing the change")


def starts(driven: Driven) -> dict[str, float]:
    return {scene.id: scene.start for scene in driven.board().scenes}


def test_a_shift_of_a_scene_that_is_gone_moves_no_other(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(3)
        await driven.do("time.shift")
        await driven.asks(ShiftScreen)
        await changed_outside(driven, CCCC, "")
        left = starts(driven)
        await driven.type("+0.2")
        await driven.press("enter")
        await driven.shows("is gone")
        await driven.press("escape")
        assert starts(driven) == left

    drive(folder, play)


def test_a_shift_of_times_that_were_changed_since_is_not_done(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(3)
        await driven.do("time.shift")
        await driven.asks(ShiftScreen)
        await changed_outside(driven, "start = 2.0", "start = 2.4")
        await driven.type("+0.2")
        await driven.press("enter")
        await driven.says("Nothing was done")
        assert starts(driven)["cccc"] == 2.4

    drive(folder, play)


@pytest.mark.parametrize(("keys", "text"), [(("enter",), "MINE"), (("t", "enter"), "THEIRS")])
def test_setting_a_field_that_was_changed_since_is_a_choice(folder: Path, keys: tuple[str, ...], text: str) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("edit.field")
        await driven.asks(SetFieldScreen)
        await driven.type("lyric")
        await driven.press("enter")
        await driven.type("MINE")
        await changed_outside(driven, "second street", "THEIRS")
        await driven.press("enter")
        await driven.asks(ConflictScreen)
        await driven.press("m" if text == "MINE" else "t", "enter")
        await driven.until(lambda: isinstance(driven.studio.screen, Workspace), "being asked no more")
        await driven.writes(lambda board: board.scenes[1].text == text)

    drive(folder, play)


def test_a_length_over_a_start_that_was_changed_since_is_a_choice(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2, "length")
        await driven.press("enter")
        await driven.type("0.5")
        await changed_outside(driven, "start = 2.0", "start = 2.3")
        await driven.press("enter")
        await driven.asks(ConflictScreen)
        assert starts(driven)["cccc"] == 2.3

    drive(folder, play)


def test_a_length_never_moves_a_scene_that_came_in_between(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2, "length")
        await driven.press("enter")
        await driven.type("0.5")
        await changed_outside(driven, CCCC, f'[[scenes]]\nid = "zzzz"\nstart = 1.7\n\n{CCCC}')
        await driven.press("enter")
        await driven.shows("Another scene follows")
        assert starts(driven)["zzzz"] == 1.7 and driven.workspace.cell_editor.is_open

    drive(folder, play)


def test_a_start_that_would_pass_the_next_scene_is_refused_beside_the_cell(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2, "start")
        await driven.press("enter")
        await driven.type("99")
        await driven.press("enter")
        await driven.shows("before 2.000")
        assert starts(driven)["bbbb"] == 1.0 and driven.workspace.cell_editor.is_open

    drive(folder, play)


def test_what_was_written_in_the_users_editor_is_not_lost_to_a_change_outside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import pathlib, sys; board = pathlib.Path(sys.argv[1]); "
        "board.write_text(board.read_text().replace('second street', 'theirs')); "
        "pathlib.Path(sys.argv[2]).write_text('a long text of mine')"
    )
    editor = f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {shlex.quote(str(folder / 'storyboard.toml'))}"
    monkeypatch.setenv("VISUAL", editor)
    monkeypatch.setattr("vktrs_tui.app.Studio.suspend", lambda _: __import__("contextlib").nullcontext())

    async def play(driven: Driven) -> None:
        await driven.go(2, "text")
        await driven.do("edit.prompt")
        screen = await driven.asks(ConflictScreen)
        assert screen is driven.studio.screen
        await driven.press("m", "enter")
        await driven.writes(lambda board: board.scenes[1].text == "a long text of mine")

    drive(folder, play)


def test_the_takes_do_not_come_back_over_what_the_person_does_by_then(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("takes")
        await driven.asks(TakesScreen)
        await driven.press("r")
        await driven.until(lambda: isinstance(driven.studio.screen, Workspace), "the takes being left")
        await driven.go(5, "text")
        await driven.press("enter")
        assert driven.workspace.cell_editor.is_open
        await driven.until(lambda: "take of scene 2" in driven.said, "the take")
        assert isinstance(driven.studio.screen, Workspace) and driven.workspace.cell_editor.is_open
        assert len(list((folder / "takes" / "bbbb").glob("*.png"))) == 1

    drive(folder, play)


def test_another_take_writes_no_seed_while_a_run_is_going_on(folder: Path) -> None:
    project_lock = None

    async def play(driven: Driven) -> None:
        nonlocal project_lock
        project_lock = control.hold(driven.workspace.desk.project, "elsewhere")
        before = (folder / "storyboard.toml").read_bytes()
        await driven.go(2)
        await driven.do("takes")
        await driven.asks(TakesScreen)
        await driven.press("r")
        await driven.says("going on")
        assert (folder / "storyboard.toml").read_bytes() == before
        project_lock.release()

    drive(folder, play)


class Now:
    """A clock that is moved by hand."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


async def tapping(driven: Driven, now: Now) -> None:
    """Tap mode from scene 2 on, with the clock running."""
    driven.workspace.clock = PlayClock(now, driven.workspace.view.duration)
    await driven.go(2)
    await driven.do("stamp.tap", "play.toggle")


def test_backspace_in_tap_mode_takes_back_nothing_but_a_stamp(folder: Path) -> None:
    now = Now()

    async def play(driven: Driven) -> None:
        await tapping(driven, now)
        now.at = 1.2
        await driven.do("play.toggle")
        await driven.writes(lambda board: board.scenes[1].start == 1.2)
        await driven.do("edit.lock")
        await driven.writes(lambda board: any(scene.locked for scene in board.scenes))
        await driven.do("stamp.back")
        await driven.says("was no stamp")
        assert any(scene.locked for scene in driven.board().scenes)
        assert driven.board().scenes[1].start == 1.2

    drive(folder, play)


def test_tap_mode_passes_over_a_scene_that_was_deleted_outside(folder: Path) -> None:
    now = Now()

    async def play(driven: Driven) -> None:
        await tapping(driven, now)
        await changed_outside(driven, '[[scenes]]\nid = "bbbb"\nstart = 1.0\ntext = "second street"\n', "")
        now.at = 2.2
        await driven.do("play.toggle")
        await driven.writes(lambda board: board.scene("cccc").start == 2.2)

    drive(folder, play)


def test_a_file_that_is_half_written_for_a_moment_moves_no_cursor_and_takes_no_edit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "storyboard.toml"
    monkeypatch.setattr("vktrs_tui.desk.LOOK_SECONDS", 600.0)  # only the edit itself looks, however busy the machine is

    async def play(driven: Driven) -> None:
        whole = path.read_text("utf-8")
        await driven.go(4)
        path.write_text(whole[: whole.index("# the second one")], "utf-8")
        half = path.read_bytes()
        await driven.do("edit.lock")
        await driven.says("try again")
        assert path.read_bytes() == half
        path.write_text(whole, "utf-8")
        await driven.until(lambda: driven.workspace.table.cursor_id == "dddd" and len(driven.workspace.view.rows) == 5)
        await driven.do("edit.lock")
        await driven.writes(lambda board: board.scene("dddd").locked)

    drive(folder, play)


def test_a_fault_that_comes_while_the_state_is_looked_at_stays_on_the_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "storyboard.toml"

    async def play(driven: Driven) -> None:
        desk = driven.workspace.desk
        looking = asyncio.create_task(desk.look_now())
        await asyncio.sleep(0)
        path.write_text(path.read_text("utf-8").replace("start = 1.0", "start = one"), "utf-8")
        await driven.shows("READ-ONLY")
        await looking
        desk.look_again()
        await desk.look_now()
        await driven.pilot.pause()  # were the screen told otherwise by now, it would show it
        assert driven.workspace.view.fault is not None
        assert "READ-ONLY" in driven.screen_text()

    drive(folder, play)


def test_leaving_a_project_ends_what_looks_at_it(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        workspace = driven.workspace
        watching = [worker for worker in driven.studio.workers if worker.node is workspace]
        assert len(watching) >= 2
        await driven.do("projects")
        await driven.until(lambda: not isinstance(driven.studio.screen, Workspace), "the list of projects")
        assert all(worker.is_finished for worker in watching)

    drive(folder, play)


def test_an_edit_that_changes_nothing_says_so_and_undo_takes_back_no_other(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("edit.lock")
        await driven.writes(lambda board: board.scenes[1].locked)
        await driven.do("theme.none")
        await driven.says("Nothing changed")
        await driven.do("edit.undo")
        await driven.says("Undone: lock scene 2.")

    drive(folder, play)


def test_a_split_says_which_themes_move_on_and_undo_goes_where_it_changed(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(3)
        await driven.do("scene.split")
        await driven.says("Split scene 3.", "Themes take turns, so 2 other scenes have another one now.")
        await driven.go(1)
        await driven.do("edit.undo")
        await driven.says("Undone: split scene 3.")
        await driven.do("edit.redo")
        await driven.until(lambda: driven.workspace.table.cursor_id not in ("aaaa", "bbbb"), "the cursor being there")

    drive(folder, play)
