"""The palette offers every action that makes sense now, and no other; the line of keys comes from the same table."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.real.projects import silent_project
from tests.studio.driving import Driven, drive
from vktrs_tui.actions import ACTIONS, PROJECTS, Action
from vktrs_tui.app import Studio
from vktrs_tui.commands import StudioCommands
from vktrs_tui.keymap import make_keymap
from vktrs_tui.screens.help import HelpScreen
from vktrs_tui.screens.projects import ProjectSources


def allowed(driven: Driven) -> list[Action]:
    workspace = driven.workspace
    return [each for each in ACTIONS if workspace.check_action(each.name.partition("(")[0], ())]


async def offered(driven: Driven) -> list[str]:
    provider = StudioCommands(driven.workspace)
    return [str(hit.display) async for hit in provider.discover()]


@pytest.mark.parametrize("state", ["fresh", "edited", "broken", "empty"])
def test_the_palette_offers_exactly_what_makes_sense_now(tmp_path: Path, state: str) -> None:
    folder = silent_project(tmp_path / "clicks", "") if state == "empty" else silent_project(tmp_path / "clicks")
    expected = {"fresh": (True, False), "edited": (True, True), "broken": (False, False), "empty": (False, False)}

    async def play(driven: Driven) -> None:
        if state == "edited":
            await driven.press("L")
            await driven.writes(lambda board: board.scenes[0].locked)
            await driven.until(lambda: driven.workspace.desk.undoable is not None)
        if state == "broken":
            (folder / "storyboard.toml").write_text("schema = 1\n[", "utf-8")
            await driven.until(lambda: driven.workspace.view.fault is not None)
        shown = await offered(driven)
        names = [f"{each.label}: {driven.studio.keymap.shown(each.id)}" for each in allowed(driven)]
        assert shown == names
        splits, undoes = (any(text.startswith(word) for text in shown) for word in ("Split:", "Undo:"))
        assert (splits, undoes) == expected[state]
        assert not any(text.startswith(("Stop:", "Proposals:")) for text in shown)

    drive(folder, play, empty=state == "empty")


def test_an_action_is_found_by_name_and_done(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.press("colon")
        await driven.asks(CommandPalette)
        await driven.type("Duplicate")
        await driven.shows("A copy behind this scene")
        await driven.press("enter", "enter")
        await driven.writes(lambda board: len(board.scenes) == 6)

    drive(silent_project(tmp_path / "clicks"), play)


def test_footer_and_palette_show_the_keys_a_person_has_given(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        line = driven.screen_text().splitlines()[-1]
        assert "Y Split" in line
        assert "s Split" not in line
        assert "Split: Y" in await offered(driven)
        await driven.do("cursor.down")
        await driven.press("Y")
        await driven.until(lambda: driven.studio.screen is not driven.workspace, "asking where to split")

    drive(silent_project(tmp_path / "clicks"), play, keymap=make_keymap({"scene.split": "Y"}))


def test_of_textuals_own_only_the_colours_are_offered(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        own = [each.title for each in driven.studio.get_system_commands(driven.workspace)]
        assert own == ["Colours"]

    drive(silent_project(tmp_path / "clicks"), play)


def test_an_id_stands_at_the_end_of_each_line_and_finds_it(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        provider = StudioCommands(driven.workspace)
        helps = [hit.help or "" async for hit in provider.discover()]
        assert [text.rpartition(" · ")[2] for text in helps] == [each.id for each in allowed(driven)]
        found = [hit async for hit in provider.search("scene.duplicate")]
        best = max(found, key=lambda hit: hit.score)
        assert best.help == "A copy behind this scene, with its seed · scene.duplicate"
        await driven.press("colon")
        await driven.asks(CommandPalette)
        await driven.type("scene.duplicate")
        await driven.shows("seed · scene.duplicate")

    drive(silent_project(tmp_path / "clicks"), play, size=(80, 24))


def test_the_palette_of_the_list_of_projects_offers_what_is_done_there() -> None:
    async def run() -> None:
        sources = ProjectSources(recent=list)
        studio = Studio(sources=sources, keymap=make_keymap({"projects.open": "O"}))
        async with studio.run_test() as pilot:
            await pilot.pause()
            shown = [str(hit.display) async for hit in StudioCommands(studio.screen).discover()]
            assert shown == [f"{each.label}: {studio.keymap.shown(each.id)}" for each in PROJECTS.actions]
            assert "Open: O" in shown
            await pilot.press("colon")
            await pilot.pause()
            assert isinstance(studio.screen, CommandPalette)
            await pilot.press(*"projects.help")
            while "Every" not in studio.export_screenshot():
                await pilot.pause()
            await pilot.press("enter")
            while not isinstance(studio.screen, HelpScreen):
                await pilot.pause()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_an_action_without_a_key_is_left_out_of_the_line_of_keys(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        line = driven.screen_text().splitlines()[-1]
        assert "Problem" in line
        assert "Find" not in line
        assert "Find" in await offered(driven)

    drive(silent_project(tmp_path / "clicks"), play, size=(160, 40), keymap=make_keymap({"find": ""}))
