"""Runs by key, with real workers on a tiny project; what was made and what failed is seen in the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.commands import endless_project, finished_project, unmade_project
from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive, runs_asked_for
from vktrs.runs.control import RunRequest
from vktrs_tui.screens.log import LogScreen
from vktrs_tui.screens.proposals import ProposalsScreen
from vktrs_tui.screens.run_options import RunOptionsScreen
from vktrs_tui.screens.takes import TakesScreen


def marks(driven: Driven) -> list[str]:
    """The states of the clips."""
    return [row.marks.clip.state for row in driven.workspace.view.rows]


def rings(driven: Driven, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    rung: list[bool] = []
    monkeypatch.setattr(driven.studio, "bell", lambda: rung.append(True))
    return rung


def test_everything_is_made_by_one_key_and_an_edit_makes_its_scene_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unmade_project(tmp_path / "heard")

    async def play(driven: Driven) -> None:
        rung = rings(driven, monkeypatch)
        assert set(marks(driven)) == {"missing"}
        await driven.do("run.all")
        await driven.says("Done: output.mp4.")
        assert rung == [True]
        await driven.until(lambda: marks(driven) == ["fresh"] * 5, "being fresh")
        assert (folder / "output.mp4").stat().st_size > 0
        await driven.go(2)
        await driven.do("theme.1")
        await driven.until(lambda: marks(driven)[1] == "stale" and marks(driven)[0] == "fresh", "being stale")
        await driven.do("run.some")
        await driven.until(lambda: len(rung) == 2, "the second end")
        await driven.until(lambda: marks(driven) == ["fresh"] * 5, "being fresh again")
        await driven.do("run.log")
        await driven.asks(LogScreen)
        await driven.press("escape")

    drive(folder, play)


def test_a_run_is_stopped_by_a_key_and_says_how_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = endless_project(tmp_path / "endless")

    async def play(driven: Driven) -> None:
        rung = rings(driven, monkeypatch)
        await driven.do("run.all")
        await driven.until(lambda: driven.workspace.run_view and driven.workspace.run_view.alive, "running")
        await driven.until(lambda: driven.workspace.run_view.artifacts, "making something")  # type: ignore[union-attr]
        await driven.do("run.all")
        await driven.until(lambda: driven.said.startswith("✗"), "refusing a second run")
        await driven.do("run.stop")
        await driven.says("Stopped.")
        assert rung == [True]
        await driven.do("run.stop")
        assert not driven.workspace.check_action("stop_run", ()), "there is nothing to stop"

    drive(folder, play)


def test_a_scene_that_fails_is_marked_with_its_reason_and_the_others_are_made(tmp_path: Path) -> None:
    folder = unmade_project(tmp_path / "heard")
    change(folder, 'text = "second street"', 'text = "second street"\npicture = "torn.png"')
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    async def play(driven: Driven) -> None:
        await driven.do("run.all")
        await driven.until(lambda: driven.workspace.run_view and driven.workspace.run_view.exit not in (None, 0))
        await driven.until(lambda: marks(driven)[0] == marks(driven)[4] == "fresh", "making the others")
        row = driven.workspace.view.rows[1]
        await driven.until(lambda: driven.workspace.view.rows[1].marks.keyframe.state == "failed", "being marked")
        assert driven.said.startswith("✗")
        assert "torn.png" in driven.said
        await driven.go(1)
        await driven.do("problem.next")
        assert driven.workspace.table.cursor_id == row.id
        await driven.says("Scene 2:", "torn.png")
        await driven.shows("torn.png")

    drive(folder, play)


def test_a_picture_that_is_not_there_is_said_before_anything_is_made(tmp_path: Path) -> None:
    folder = unmade_project(tmp_path / "heard")
    change(folder, 'text = "second street"', 'text = "second street"\npicture = "nope.png"')

    async def play(driven: Driven) -> None:
        await driven.do("run.all")
        await driven.says("✗", "nope.png is not there")
        assert set(marks(driven)) == {"missing"}

    drive(folder, play)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What runs were asked for; none is started."""
    return runs_asked_for(monkeypatch)


def test_what_is_asked_for_is_what_is_selected_and_chosen(tmp_path: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("run.some")
        await driven.until(lambda: asked)
        await driven.do("select.range", "cursor.down", "run.some")
        await driven.until(lambda: len(asked) == 2)
        await driven.do("select.none", "select.none", "run.options")
        await driven.asks(RunOptionsScreen)
        await driven.press("down", "down", "right", "enter")
        await driven.until(lambda: len(asked) == 3)
        assert [each.scenes for each in asked] == [("bbbb",), ("bbbb", "cccc"), None]
        assert asked[0].to == "clips"
        assert (asked[2].pictures, asked[2].to) == ("cppn", "video")

    drive(silent_project(tmp_path / "clicks"), play)


def test_the_takes_of_a_scene_are_shown_and_another_is_asked_for(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("takes")
        await driven.asks(TakesScreen)
        await driven.press("2", "r")
        await driven.says("2 new takes of scene 2: T shows them.")
        assert len(list((folder / "takes/bbbb").glob("*.png"))) == 3

    folder = finished_project(tmp_path / "heard")
    drive(folder, play)


def test_a_new_take_is_made_by_one_key_and_the_chosen_one_stays(tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "heard")
    before = (folder / "storyboard.toml").read_bytes()

    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("takes.new")
        await driven.says("A new take of scene 2: T shows them.")
        assert marks(driven) == ["fresh"] * 5
        assert (folder / "storyboard.toml").read_bytes() == before
        await driven.do("takes")
        await driven.asks(TakesScreen)
        await driven.press("end", "enter")
        await driven.writes(lambda board: board.scenes[1].seed is not None)
        await driven.says("Chose a take for scene 2.")
        await driven.do("edit.undo")
        await driven.writes(lambda board: board.scenes[1].seed is None)

    drive(folder, play)


def test_a_proposal_of_the_machine_is_looked_at_and_taken(tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "sung", "sung")
    path = folder / "lyrics.lrc"
    path.write_text(path.read_text("utf-8").replace("third hill and nobody there", "third hill and everybody"), "utf-8")

    async def play(driven: Driven) -> None:
        before = driven.board()
        await driven.do("run.all")
        await driven.until(lambda: driven.workspace.view.proposals, "proposing")
        assert driven.board().scenes == before.scenes
        await driven.do("proposals")
        await driven.asks(ProposalsScreen)
        await driven.shows("everybody")
        await driven.press("enter")
        await driven.writes(lambda board: any("everybody" in scene.text for scene in board.scenes))
        await driven.says("Taken for")
        await driven.do("edit.undo")
        await driven.writes(lambda board: board.scenes == before.scenes)

    drive(folder, play)


def test_a_proposal_is_taken_for_one_scene_and_later_for_the_others(tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "sung", "sung")
    path = folder / "lyrics.lrc"
    later = path.read_text("utf-8").replace("00:01.50", "00:03.00").replace("00:02.80", "00:03.60")
    path.write_text(later, "utf-8")

    async def play(driven: Driven) -> None:
        before, desk = driven.board(), driven.workspace.desk
        await driven.do("run.all")
        await driven.until(lambda: driven.workspace.view.proposals, "proposing")
        found = await desk.proposed()
        assert found is not None
        key, merge = found
        last = before.scenes[-1].id
        await desk.accept(key, merge.changes, (last,))
        assert driven.board().scenes == (*before.scenes[:-1], replace(before.scenes[-1], start=3.6))
        await desk.accept(key, merge.changes, tuple({each.id for each in merge.changes}))
        assert driven.board().scenes[1].text == "over the water second street in the rain"

    drive(folder, play)
