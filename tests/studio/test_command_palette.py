"""The palette offers every action that makes sense now, and no other; the line of keys comes from the same table."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.real.projects import silent_project
from tests.studio.driving import Driven, drive
from vktrs_tui.actions import ACTIONS, Action
from vktrs_tui.commands import StudioCommands
from vktrs_tui.keymap import make_keymap


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
        await driven.until(lambda: "A copy behind this scene" in driven.screen_text(), "finding it")
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
