"""Edits by key: each is in the file at once, wrong ones are answered and not lost, and two authors keep their own."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive
from vktrs.storyboard.model import Scene, Storyboard
from vktrs_tui.app import Studio
from vktrs_tui.desk import LOOK_SECONDS
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.screens.find_replace import FindReplaceScreen
from vktrs_tui.screens.set_field import SetFieldScreen

TEXTS = ["first light", "second street", "", "third hill", "last song"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


def texts(board: Storyboard) -> list[str]:
    return [scene.text for scene in board.scenes]


def second(board: Storyboard) -> Scene:
    return board.scenes[1]


async def cell(driven: Driven, number: int, column: str, typed: str, *keys: str) -> None:
    """Open a cell, write over what is in it, and press these keys."""
    await driven.go(number, column)
    await driven.do("edit.cell")
    await driven.until(lambda: driven.workspace.cell_editor.is_open, "opening the cell")
    await driven.type(typed)
    await driven.press(*keys)


@pytest.mark.parametrize("lyric", ["[chorus] la", "[/x]", "a [dog:0.5]", "日本 é עברית 🎵", 'x = "y" # no'])
def test_a_lyric_is_in_the_file_and_on_the_screen_as_it_was_typed(folder: Path, lyric: str) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "text", lyric, "enter")
        await driven.says("Changed the lyric of scene 2.")
        assert second(driven.board()).text == lyric
        if lyric.isascii():
            await driven.shows(lyric)
        assert not driven.workspace.cell_editor.is_open

    drive(folder, play)


def test_keys_typed_ahead_of_the_studio_find_what_the_ones_before_them_opened(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.hit("slash", *"hill", "enter")
        await driven.says("1 match")
        assert driven.workspace.table.cursor_id == "dddd"
        await driven.hit("escape", "g", "j", "enter", *"xyx", "enter")
        await driven.writes(lambda board: texts(board) == ["first light", "xyx", *TEXTS[2:]])
        await driven.hit("ctrl+r", "escape", "h", "escape", "question_mark", "escape", "L")
        await driven.writes(lambda board: second(board).locked)

    drive(folder, play)


def test_tab_keeps_the_cell_and_opens_the_next_one(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "text", "new words", "tab")
        await driven.until(lambda: driven.workspace.table.cursor_column == "prompt")
        await driven.until(lambda: driven.workspace.cell_editor.is_open)
        await driven.type("a red fox")
        await driven.press("enter")
        await driven.writes(lambda board: (second(board).text, second(board).prompt) == ("new words", "a red fox"))

    drive(folder, play)


def test_esc_leaves_the_cell_as_it_was(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        before = (folder / "storyboard.toml").read_bytes()
        await cell(driven, 2, "text", "never", "escape")
        assert not driven.workspace.cell_editor.is_open
        assert driven.workspace.table.has_focus
        assert (folder / "storyboard.toml").read_bytes() == before

    drive(folder, play)


@pytest.mark.parametrize(
    ("typed", "start"),
    [("1.25", 1.25), ("0:01.5", 1.5), ("+0.1", 1.1), ("-2f", 1 - 2 / 12), ("500ms", 0.5), ("1,75", 1.75), ("now", 0.5)],
)
def test_times_are_taken_in_every_way_they_are_written(folder: Path, typed: str, start: float) -> None:
    async def play(driven: Driven) -> None:
        driven.workspace.seek_to(0.5)
        await cell(driven, 2, "start", typed, "enter")
        await driven.writes(lambda board: second(board).start == pytest.approx(start, abs=1e-3))

    drive(folder, play)


def test_a_wrong_value_is_answered_beside_the_cell_and_can_be_mended(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "start", "soon", "enter")
        editor = driven.workspace.cell_editor
        await driven.until(lambda: editor.has_class("-refused"), "answering")
        assert (editor.is_open, editor.text) == (True, "soon")
        await driven.shows("is no time")
        assert second(driven.board()).start == 1.0
        await driven.press(*["backspace"] * 4)
        await driven.type("1.5")
        await driven.press("enter")
        await driven.writes(lambda board: second(board).start == 1.5)

    drive(folder, play)


def test_length_theme_and_animation_are_edited_in_their_cells(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "length", "0.5", "enter")
        await driven.writes(lambda board: board.scenes[2].start == 1.5)
        await cell(driven, 2, "theme", "teal", "enter")
        await driven.writes(lambda board: second(board).theme in (2, "teal", "teal harbour"))
        await cell(driven, 2, "animation", "pro", "enter")
        await driven.until(lambda: not driven.workspace.cell_editor.is_open or driven.workspace.cell_editor.text)

    drive(folder, play, size=(200, 60))


def test_a_prompt_that_was_only_looked_at_goes_on_following_the_lyric(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2, "prompt")
        await driven.do("edit.cell")
        await driven.press("enter")
        await driven.until(lambda: not driven.workspace.cell_editor.is_open)
        assert second(driven.board()).prompt is None

    drive(folder, play)


@pytest.mark.parametrize(
    ("keys", "stands"), [(("m",), "mine"), (("t",), "theirs"), (("enter",), "mine"), (("escape",), None)]
)
def test_a_field_that_two_changed_is_a_choice(folder: Path, keys: tuple[str, ...], stands: str | None) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "text", "mine")
        change(folder, "second street", "theirs")
        await driven.press("enter")
        await driven.asks(ConflictScreen)
        await driven.shows("second street", "theirs", "mine")
        await driven.press(*keys)
        if stands is None:
            await driven.until(lambda: driven.studio.screen is driven.workspace)
            assert driven.workspace.cell_editor.text == "mine"
            assert second(driven.board()).text == "theirs"
        else:
            await driven.writes(lambda board: second(board).text == stands)
            await driven.until(lambda: not driven.workspace.cell_editor.is_open)

    drive(folder, play)


def test_another_field_changed_outside_is_no_conflict(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "text", "mine")
        change(folder, "third hill", "theirs")
        await driven.press("enter")
        await driven.writes(lambda board: texts(board) == ["first light", "mine", "", "theirs", "last song"])

    drive(folder, play)


def test_a_change_outside_is_seen_within_a_second_and_the_cursor_stays_on_its_scene(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(4)
        change(folder, '[[scenes]]\nid = "cccc"', '[[scenes]]\nid = "zzzz"\nstart = 1.5\n\n[[scenes]]\nid = "cccc"')
        await driven.until(lambda: len(driven.workspace.table.rows) == 6)
        assert LOOK_SECONDS < 1
        assert driven.workspace.table.cursor_id == "dddd"
        await driven.says("changed outside")

    drive(folder, play)


def test_a_file_that_does_not_parse_shows_its_line_keeps_the_table_and_recovers(folder: Path) -> None:
    path = folder / "storyboard.toml"

    async def play(driven: Driven) -> None:
        whole = path.read_text("utf-8")
        path.write_text(whole.replace('text = "third hill"', "text = third hill"), "utf-8")
        line = whole[: whole.index('text = "third hill"')].count("\n") + 1
        await driven.says(f"storyboard.toml:{line}:")
        assert len(driven.workspace.table.rows) == 5
        broken = path.read_bytes()
        await driven.do("edit.cell", "scene.delete", "edit.lock", "edit.seed", "time.start_later", "scene.insert_here")
        assert path.read_bytes() == broken
        assert not driven.workspace.cell_editor.is_open
        await driven.shows("READ-ONLY")
        path.write_text(whole, "utf-8")
        await driven.until(lambda: driven.workspace.view.fault is None, "reading it again")
        await driven.go(2)
        await driven.do("edit.lock")
        await driven.writes(lambda board: second(board).locked)

    drive(folder, play)


def test_edits_are_undone_and_done_again_also_after_leaving(folder: Path) -> None:
    async def edit(driven: Driven) -> None:
        await cell(driven, 2, "text", "one", "enter")
        await driven.writes(lambda board: second(board).text == "one")
        await cell(driven, 2, "text", "two", "enter")
        await driven.writes(lambda board: second(board).text == "two")
        await driven.do("edit.undo")
        await driven.writes(lambda board: second(board).text == "one")
        await driven.says("Undone: change the lyric of scene 2.")
        await driven.do("edit.redo")
        await driven.writes(lambda board: second(board).text == "two")
        await driven.says("Done again: change the lyric of scene 2.")

    async def come_back(driven: Driven) -> None:
        await driven.do("edit.undo")
        await driven.writes(lambda board: second(board).text == "one")
        await driven.do("edit.undo")
        await driven.writes(lambda board: second(board).text == "second street")
        await driven.press("ctrl+y")
        await driven.writes(lambda board: second(board).text == "one")

    before = (folder / "storyboard.toml").read_bytes()
    drive(folder, edit)
    assert (folder / "storyboard.toml").read_bytes() != before
    drive(folder, come_back)


def test_an_undo_after_a_change_outside_says_what_was_kept(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await cell(driven, 2, "text", "mine", "enter")
        await driven.writes(lambda board: second(board).text == "mine")
        change(folder, '"mine"', '"theirs"')
        await driven.says("changed outside")
        await driven.do("edit.undo")
        await driven.says("was changed since", "left as it is")
        assert second(driven.board()).text == "theirs"

    drive(folder, play)


def test_two_studios_on_one_project_see_each_others_edits_and_undo_their_own(folder: Path) -> None:
    async def played() -> None:
        one, other = Studio(folder), Studio(folder)
        async with one.run_test(size=(120, 40)) as first_pilot:
            first = Driven(one, first_pilot, folder)
            await first.until(lambda: first.workspace.view.rows)
            async with other.run_test(size=(120, 40)) as second_pilot:
                there = Driven(other, second_pilot, folder)
                await there.until(lambda: there.workspace.view.rows)
                await cell(first, 2, "text", "by the first", "enter")
                await there.until(lambda: there.workspace.table.rows[1].text == "by the first")
                await cell(there, 4, "text", "by the other", "enter")
                await first.until(lambda: first.workspace.table.rows[3].text == "by the other")
                await first.do("edit.undo")
                await first.writes(lambda board: texts(board)[1:4] == ["second street", "", "by the other"])
                await there.do("edit.undo")
                await there.writes(lambda board: texts(board) == TEXTS)

    asyncio.run(played())


def test_every_digit_gives_its_theme_and_zero_takes_it_back(tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "clicks")
    themes = ", ".join(f'"theme {n}"' for n in range(1, 10))
    change(folder, '["crimson lanterns", "teal harbour"]', f"[{themes}]")

    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("select.range", "cursor.down")

        def has(value: int | None) -> None:
            got = [scene.theme for scene in driven.board().scenes]
            assert got == [None, value, value, None, None]

        await driven.do("theme.1")
        has(1)
        await driven.says("Gave 2 scenes theme 1.")
        for number, step in enumerate(
            (
                lambda: driven.do("theme.2"),
                lambda: driven.do("theme.3"),
                lambda: driven.do("theme.4"),
                lambda: driven.do("theme.5"),
                lambda: driven.do("theme.6"),
                lambda: driven.do("theme.7"),
                lambda: driven.do("theme.8"),
                lambda: driven.do("theme.9"),
            ),
            start=2,
        ):
            await step()
            await driven.writes(lambda board, number=number: second(board).theme == number)  # type: ignore[misc]
            has(number)
        await driven.do("theme.none")
        await driven.writes(lambda board: second(board).theme is None)
        has(None)

    drive(folder, play)


def test_a_theme_that_is_not_there_is_said(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("theme.7")
        await driven.says("There is no theme 7", "has 2")
        assert driven.board().scenes[0].theme is None

    drive(folder, play)


def test_a_new_seed_is_written_and_another_one_each_time(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("edit.seed")
        await driven.writes(lambda board: second(board).seed is not None)
        first = second(driven.board()).seed
        await driven.says("New seed for scene 2.")
        await driven.do("edit.seed")
        await driven.writes(lambda board: second(board).seed != first)
        assert [scene.seed for scene in driven.board().scenes if scene.id != "bbbb"] == [None] * 4

    drive(folder, play)


def test_any_field_of_the_selection_is_set_at_once_and_undone_at_once(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("select.all", "edit.field")
        await driven.asks(SetFieldScreen)
        await driven.type("hold")
        await driven.press("enter")
        await driven.type("none")
        await driven.press("enter")
        assert isinstance(driven.studio.screen, SetFieldScreen), "a wrong value is not taken"
        driven.studio.screen.query_one(Input).value = ""
        await driven.type("4")
        await driven.press("enter")
        await driven.writes(lambda board: [scene.hold for scene in board.scenes] == [4] * 5)
        await driven.says("Set the hold of 5 scenes.")
        await driven.do("edit.undo")
        await driven.writes(lambda board: [scene.hold for scene in board.scenes] == [None] * 5)

    drive(folder, play)


def test_find_and_replace_shows_what_changes_and_changes_what_is_taken(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("edit.replace")
        await driven.asks(FindReplaceScreen)
        await driven.type("st")
        await driven.press("tab")
        await driven.type("[st]")
        await driven.shows("of 3 will change", "fir[st] light")
        assert texts(driven.board()) == TEXTS
        await driven.press("enter")
        await driven.writes(
            lambda board: texts(board) == ["fir[st] light", "second [st]reet", "", "third hill", "la[st] song"]
        )
        await driven.says("Replaced in 3 scenes.")

    drive(folder, play)


def as_editor(path: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of a line as the user's editor, in a terminal that can be lent."""
    path.write_text(f"import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\n{code}\n", "utf-8")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}")
    monkeypatch.setattr(Studio, "suspend", lambda _: contextlib.nullcontext())


def test_the_prompt_is_edited_in_the_users_editor(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_editor(tmp_path / "ed.py", "file.write_text('a fox, [painted]\\n')", monkeypatch)

    async def play(driven: Driven) -> None:
        await driven.go(2, "prompt")
        await driven.do("edit.prompt")
        await driven.writes(lambda board: second(board).prompt == "a fox, [painted]")
        await driven.says("Changed the prompt of scene 2.")
        await driven.do("edit.prompt")
        await driven.says("Nothing was changed.")
        await driven.go(2, "text")
        await driven.do("edit.prompt")
        await driven.writes(lambda board: second(board).text == "a fox, [painted]")

    drive(folder, play)


def test_the_whole_file_is_edited_in_the_users_editor_and_read_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_editor(tmp_path / "ed.py", "file.write_text(file.read_text().replace('third', 'THIRD'))", monkeypatch)

    async def play(driven: Driven) -> None:
        await driven.do("edit.file")
        await driven.until(lambda: driven.workspace.table.rows[3].text == "THIRD hill")

    drive(folder, play)


def test_an_editor_that_fails_or_is_not_there_is_said_and_nothing_is_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_editor(tmp_path / "ed.py", "file.write_text('lost')\nsys.exit(3)", monkeypatch)

    async def play(driven: Driven) -> None:
        await driven.go(2, "prompt")
        await driven.do("edit.prompt")
        await driven.says("The editor ended with 3.")
        monkeypatch.setenv("EDITOR", "no-such-editor")
        await driven.do("edit.prompt")
        await driven.says("no-such-editor", "could not be started")
        assert second(driven.board()).prompt is None

    drive(folder, play)


def test_a_terminal_that_cannot_be_lent_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("edit.file")
        await driven.says("cannot be lent to an editor")

    drive(folder, play)
