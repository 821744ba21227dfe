"""Splitting, joining, inserting, duplicating and deleting scenes by key, as the file tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.storyboard.model import Storyboard
from vktrs_tui.screens.split_at_word import SplitAtWordScreen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


def texts(board: Storyboard) -> list[str]:
    return [scene.text for scene in board.scenes]


def starts(board: Storyboard) -> list[float]:
    return [scene.start for scene in board.scenes]


def test_a_scene_is_split_at_a_word_and_one_undo_joins_it_again(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        before = driven.board()
        await driven.go(2)
        await driven.do("scene.split")
        await driven.asks(SplitAtWordScreen)
        await driven.press("enter")
        await driven.writes(lambda board: texts(board)[1:3] == ["second", "street"])
        assert 1 < driven.board().scenes[2].start < 2
        await driven.says("Split scene 2.")
        await driven.do("edit.undo")
        await driven.writes(lambda board: board == before)

    drive(folder, play)


def test_a_split_that_is_left_changes_nothing(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("scene.split")
        await driven.asks(SplitAtWordScreen)
        await driven.press("escape")
        assert len(driven.board().scenes) == 5

    drive(folder, play)


def test_a_scene_without_words_is_split_at_the_playhead(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        driven.workspace.seek_to(2.25)
        await driven.go(3)
        await driven.do("scene.split")
        await driven.writes(lambda board: starts(board) == [0, 1, 2, 2.25, 3, 4])

    drive(folder, play)


def test_a_scene_is_joined_with_the_next_and_a_selection_into_one(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("scene.merge")
        await driven.writes(lambda board: texts(board)[0] == "first light second street")
        await driven.says("Joined scene 1 with the next.")
        await driven.do("select.range", "cursor.down", "cursor.down")
        await driven.do("scene.merge")
        await driven.writes(lambda board: len(board.scenes) == 2)
        await driven.says("Joined 3 scenes.")
        assert texts(driven.board()) == ["first light second street third hill", "last song"]
        assert driven.workspace.table.selected == ()

    drive(folder, play)


def test_joining_a_retimed_scene_with_another_keeps_its_words(folder: Path) -> None:
    change(folder, 'text = "first light"', 'text = "first light"\nwords = [[0.1, 0.4, "first"], [0.5, 0.9, "light"]]')

    async def play(driven: Driven) -> None:
        await driven.do("scene.merge")
        await driven.writes(lambda board: texts(board)[0] == "first light second street")
        words = driven.board().scenes[0].words or ()
        assert [(word.start, word.text) for word in words[:3]] == [(0.1, "first"), (0.5, "light"), (1.0, "second")]
        await driven.says("Retimed words stay; those of scene 2 are written with the times that they had.")

    drive(folder, play)


def test_scenes_that_lie_apart_are_not_joined(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("select.mark", "cursor.down", "select.mark", "scene.merge")
        await driven.says("Only scenes that follow one another can be joined.")
        assert len(driven.board().scenes) == 5
        await driven.do("select.none")
        await driven.go(5)
        await driven.do("scene.merge")
        await driven.says("Scene 5 is the last one.")

    drive(folder, play)


def test_a_scene_is_inserted_before_behind_and_at_the_playhead(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(3)
        await driven.do("scene.insert_after")
        await driven.writes(lambda board: starts(board) == [0, 1, 2, 2.5, 3, 4])
        made = driven.board().scenes[3].id
        await driven.until(lambda: driven.workspace.table.cursor_id == made, "going to what was made")
        await driven.go(2)
        await driven.do("scene.insert_before")
        await driven.writes(lambda board: starts(board) == [0, 0.5, 1, 2, 2.5, 3, 4])
        driven.workspace.seek_to(4.5)
        await driven.do("scene.insert_here")
        await driven.writes(lambda board: starts(board)[-1] == 4.5)
        await driven.says("Inserted at the playhead.")

    drive(folder, play)


def test_a_copy_of_a_scene_keeps_its_words_and_its_picture(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("scene.duplicate")
        await driven.writes(lambda board: texts(board)[1:3] == ["second street"] * 2)
        copy = driven.board().scenes[2]
        assert (copy.start, copy.seed is not None) == (1.5, True)

    drive(folder, play)


def test_a_scene_or_a_selection_is_deleted_and_comes_back(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("scene.delete")
        await driven.writes(lambda board: [scene.id for scene in board.scenes] == ["aaaa", "cccc", "dddd", "eeee"])
        await driven.says("Deleted scene 2.")
        await driven.until(lambda: driven.workspace.table.cursor_id == "cccc")
        await driven.do("select.range", "cursor.down")
        await driven.press("delete")
        await driven.writes(lambda board: [scene.id for scene in board.scenes] == ["aaaa", "eeee"])
        await driven.do("edit.undo", "edit.undo")
        await driven.writes(
            lambda board: [scene.id for scene in board.scenes] == ["aaaa", "bbbb", "cccc", "dddd", "eeee"]
        )

    drive(folder, play)


def test_deleting_everything_leaves_a_valid_empty_storyboard(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("select.all", "scene.delete")
        await driven.writes(lambda board: board.scenes == ())
        await driven.do("edit.undo")
        await driven.writes(lambda board: len(board.scenes) == 5)

    drive(folder, play)
