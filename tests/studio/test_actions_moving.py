"""Moving, finding, filtering and selecting by key; what is selected is seen in the file, by locking it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real.projects import SCENES, change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.doubt import LeftOut
from vktrs.lines import Line, Word
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import song, words
from vktrs.storyboard.model import Storyboard

IDS = ["aaaa", "bbbb", "cccc", "dddd", "eeee"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


def many(count: int) -> str:
    return "".join(
        f'\n[[scenes]]\nid = "s{place:03}"\nstart = {place * 0.05:.2f}\ntext = "line {place}"\n'
        for place in range(count)
    )


def locked(board: Storyboard) -> list[str]:
    return [scene.id for scene in board.scenes if scene.locked]


def test_the_cursor_goes_down_up_first_and_last_and_stays_at_the_edges(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        table = driven.workspace.table
        assert table.cursor_id == "aaaa"
        await driven.do("cursor.up")
        assert table.cursor_id == "aaaa"
        await driven.do("cursor.down", times=2)
        assert table.cursor_id == "cccc"
        await driven.do("cursor.up")
        assert table.cursor_id == "bbbb"
        await driven.do("cursor.last", "cursor.down")
        assert table.cursor_id == "eeee"
        await driven.do("cursor.first")
        assert table.cursor_id == "aaaa"
        await driven.press("down", "end", "up", "home", "down")
        assert table.cursor_id == "bbbb"

    drive(folder, play)


def test_a_page_is_a_screenful_and_comes_back(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        table = driven.workspace.table
        await driven.do("cursor.page_down")
        far = driven.workspace.view.index(table.cursor_id) or 0
        assert 3 <= far < 40
        await driven.press("ctrl+d")
        assert driven.workspace.view.index(table.cursor_id) == 2 * far
        await driven.do("cursor.page_up", "cursor.page_up")
        assert table.cursor_id == "s000"

    drive(silent_project(tmp_path / "many", many(90)), play)


def test_columns_are_walked_to_both_edges_and_tab_walks_too(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        table = driven.workspace.table
        await driven.do("cursor.left", times=12)
        assert table.cursor_column == "start"
        await driven.do("cursor.right", times=2)
        assert table.cursor_column == "text"
        await driven.press("tab", "shift+tab", "left", "right")
        assert table.cursor_column == "text"
        await driven.do("cursor.right", times=12)
        assert table.cursor_column == "clip"
        assert table.cursor_id == "aaaa"

    drive(folder, play)


def test_problems_are_walked_both_ways_and_said(tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "clicks")
    change(folder, 'text = "second street"', 'text = "second street"\npicture = "nope.png"')
    change(folder, 'text = "third hill"', 'text = "third hill"\nlocked = true\npicture = "gone.png"')

    async def play(driven: Driven) -> None:
        rows = driven.workspace.view.rows
        troubled = [row.id for row in rows if row.problems]
        assert {"bbbb", "dddd"} <= set(troubled)
        await driven.go(1)
        for scene_id in [each for each in troubled if each != "aaaa"]:
            await driven.do("problem.next")
            assert driven.workspace.table.cursor_id == scene_id
        await driven.go(3)
        await driven.do("problem.previous")
        assert driven.workspace.table.cursor_id == "bbbb"
        await driven.says("Scene 2:", "nope.png")

    drive(folder, play)


def keep_words(folder: Path, lines: list[Line], left_out: list[LeftOut]) -> None:
    """The project has heard its song, as far as the artifacts go."""
    project = Project.open(folder)
    first = plan_project(project).song
    assert first is not None
    with project.store.making(song.STAGE, first.key, first.inputs) as place:
        facts = {"duration": 5.0, "rate": 22050, "channels": 1, "title": None, "artist": None}
        (place / "song.json").write_text(json.dumps(facts))
    piece = plan_project(project).words
    assert piece is not None
    words.make(project.store, piece.key, piece.inputs, lines, left_out=left_out)


def heard(*doubts: str) -> Line:
    """The text of the second scene, as it was heard."""
    return Line(1.1, 1.9, "second street", (Word(1.1, 1.5, "second"), Word(1.5, 1.9, "street")), None, doubts)


def test_a_doubtful_line_is_walked_to_and_its_reason_stands_in_the_inspector(folder: Path) -> None:
    keep_words(folder, [heard("compression 3.1", "silence 61")], [])

    async def play(driven: Driven) -> None:
        await driven.until(lambda: any(row.problems for row in driven.workspace.view.rows))
        assert [row.id for row in driven.workspace.view.rows if row.problems] == ["bbbb"]
        await driven.do("problem.next")
        assert driven.workspace.table.cursor_id == "bbbb"
        await driven.says("Scene 2: It may not be what is sung:", "compression 3.1", "61 dB below")
        await driven.shows("It may not be what is")
        await driven.do("edit.lock")
        await driven.until(lambda: not any(row.problems for row in driven.workspace.view.rows), "settling it")

    drive(folder, play)


def test_what_was_left_out_is_said_where_there_is_no_problem(folder: Path) -> None:
    keep_words(folder, [heard()], [LeftOut(4.1, 4.5, "Thank you.", "no-speech 0.93")])

    async def play(driven: Driven) -> None:
        await driven.do("problem.next")
        await driven.says("No problems. Left out as invented: 1 line; `vktrs status` lists them.")

    drive(folder, play)


def test_without_problems_that_is_said(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        if not any(row.problems for row in driven.workspace.view.rows):
            await driven.do("problem.next")
            await driven.says("No problems.")
        else:  # the scene without a lyric is none
            raise AssertionError([row.problems for row in driven.workspace.view.rows])

    drive(folder, play)


def test_find_goes_to_the_match_and_the_next_ones_are_walked_round(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        table = driven.workspace.table
        await driven.do("find")
        await driven.type("s")
        await driven.press("enter")
        walked = [table.cursor_id]
        matching = [each for each in IDS if each in {match.scene_id for match in driven.workspace.matches}]
        assert len(matching) >= 3
        for _ in matching:
            await driven.do("find.next")
            walked.append(table.cursor_id)
        assert walked == [*matching, matching[0]]
        await driven.do("find.previous")
        assert table.cursor_id == matching[-1]
        await driven.press("escape")
        await driven.do("find.next")
        await driven.says("/ finds")

    drive(folder, play)


@pytest.mark.parametrize(
    ("typed", "scene"), [("#4", "dddd"), ("3", "cccc"), ("0:02.5", "cccc"), ("hill", "dddd"), ("LAST S", "eeee")]
)
def test_find_takes_numbers_times_and_words(folder: Path, typed: str, scene: str) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("find")
        await driven.type(typed)
        await driven.press("enter")
        assert driven.workspace.table.cursor_id == scene

    drive(folder, play)


def test_what_is_not_there_is_said_with_what_was_looked_for(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("find")
        await driven.type("[/x]")
        await driven.press("enter")
        await driven.says("Nothing matches", "[/x]")

    drive(folder, play)


def test_the_filter_goes_from_matches_over_problems_to_everything_again(folder: Path) -> None:
    change(folder, 'text = "second street"', 'text = "second street"\npicture = "nope.png"')

    async def play(driven: Driven) -> None:
        await driven.do("find")
        await driven.type("hill")
        await driven.press("enter")
        await driven.do("filter")
        assert driven.workspace.table.filter_ids == {"dddd"}
        await driven.says("Only what is matches", "1 of 5")
        await driven.do("filter")
        assert driven.workspace.table.filter_ids == {"bbbb"}
        await driven.do("filter")
        assert driven.workspace.table.filter_ids == set(IDS)
        await driven.do("filter")
        assert driven.workspace.table.filter_ids is None
        await driven.says("All scenes are shown.")
        await driven.do("filter", "select.none")
        assert driven.workspace.table.filter_ids is None

    drive(folder, play)


def test_a_range_is_what_the_next_edit_is_for(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("select.range")
        await driven.do("cursor.down", times=2)
        await driven.do("edit.lock")
        await driven.writes(lambda board: locked(board) == ["bbbb", "cccc", "dddd"])
        await driven.says("Locked 3 scenes.")
        await driven.do("select.range")
        assert not driven.workspace.table.range_on

    drive(folder, play)


def test_marks_may_lie_apart_and_are_taken_away_by_the_same_key(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("select.mark")
        await driven.do("cursor.down")
        await driven.do("select.mark", "select.mark")
        await driven.do("cursor.up")
        await driven.do("select.mark")
        await driven.do("edit.lock")
        await driven.writes(lambda board: locked(board) == ["aaaa", "cccc"])

    drive(folder, play)


def test_all_none_and_the_others_are_selected_by_a_key(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("select.all", "edit.lock")
        await driven.writes(lambda board: locked(board) == IDS)
        await driven.do("edit.lock")
        await driven.writes(lambda board: locked(board) == [])
        await driven.says("Unlocked 5 scenes.")
        await driven.do("select.none")
        assert driven.workspace.table.selected == ()
        await driven.go(3)
        await driven.do("select.mark", "select.invert", "edit.lock")
        await driven.writes(lambda board: locked(board) == ["aaaa", "bbbb", "dddd", "eeee"])

    drive(folder, play)


def test_an_empty_storyboard_has_nothing_to_move_in_and_says_so(tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "empty", "")

    async def played(driven: Driven) -> None:
        await driven.do("cursor.down", "select.all", "filter", "find", "edit.cell", "problem.next", "select.none")
        await driven.shows("No scenes yet")
        assert driven.board().scenes == ()

    drive(folder, played, empty=True)


def test_marks_and_filters_hold_when_the_file_changes_outside(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(4)
        await driven.do("select.mark")
        change(folder, SCENES[SCENES.index("# the second") : SCENES.index('[[scenes]]\nid = "cccc"')], "")
        await driven.until(lambda: len(driven.workspace.view.rows) == 4)
        assert driven.workspace.table.selected == ("dddd",)
        assert driven.workspace.table.cursor_id == "eeee"

    drive(folder, play)
