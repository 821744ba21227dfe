"""What is seen beside the table, by key: panes, other screens, help and palette; and every key reaches its action."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.real.projects import silent_project
from tests.studio.driving import Driven, drive
from vktrs_tui.actions import ACTIONS
from vktrs_tui.app import Studio
from vktrs_tui.keymap import PRESETS, make_keymap
from vktrs_tui.screens.doctor import DoctorScreen
from vktrs_tui.screens.help import HelpScreen
from vktrs_tui.screens.projects import ProjectsScreen
from vktrs_tui.workspace.screen import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return silent_project(tmp_path / "clicks")


def test_every_key_of_the_table_reaches_its_action(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []

    def recorder(name: str):  # type: ignore[no-untyped-def]
        def record(_: Workspace, *arguments: object) -> None:
            reached.append(f"{name}({', '.join(map(str, arguments))})" if arguments else name)

        return record

    for action in ACTIONS:
        name = action.name.partition("(")[0]
        monkeypatch.setattr(Workspace, f"action_{name}", recorder(name))
    monkeypatch.setattr(Workspace, "check_action", lambda *_: True)

    async def play(driven: Driven) -> None:
        for action in ACTIONS:
            for key in action.keys.split(","):
                if key == "ctrl+q":  # Textual's own as well, and that one is first: it leaves, too
                    continue
                await driven.hit(key)
                await driven.until(lambda: reached, f"{key} reaching {action.id}")
                assert reached == [action.name]
                reached.clear()

    drive(folder, play)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_panes_are_shown_and_hidden_at_every_size(folder: Path, size: tuple[int, int]) -> None:
    async def play(driven: Driven) -> None:
        workspace = driven.workspace
        side = workspace.query_one("#side")

        def seen(name: str) -> bool:
            return bool(side.display and workspace.query_one(f"#{name}").display)

        await driven.do("view.inspector")
        assert seen("inspector") and workspace.inspector.has_focus
        await driven.press("escape")
        assert seen("inspector") and workspace.table.has_focus
        await driven.press("f2", "f2")
        assert not seen("inspector") and workspace.table.has_focus
        before = seen("preview")
        await driven.do("view.preview")
        assert seen("preview") is not before
        await driven.press("f3")
        assert seen("preview") is before
        await driven.do("view.stages")
        assert not workspace.panes.display
        await driven.do("view.stages")
        assert workspace.panes.display
        await driven.do("view.watch")
        assert seen("preview")
        await driven.do("view.refresh")
        await driven.says("Looked at everything again.")

    drive(folder, play, size=size)


def test_the_help_lists_every_action_with_its_keys(folder: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("help")
        await driven.asks(HelpScreen)
        await driven.pilot.pause()
        screen = driven.studio.screen
        text = "\n".join(str(each.render()) for each in screen.query("#columns > Static"))
        flat = " ".join(text.split())
        for action in ACTIONS:
            assert action.help.split()[0] in flat
            assert all(part in flat for part in driven.studio.keymap.shown(action.id).split("  ")), action.id
            assert action.help[:14] in flat, action.id
        await driven.press("escape")
        assert driven.studio.screen is driven.workspace

    drive(folder, play, size=(140, 50))


def test_other_screens_open_and_lead_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("doctor")
        await driven.asks(DoctorScreen)
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)
        await driven.do("palette")
        await driven.asks(CommandPalette)
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)
        await driven.do("projects")
        await driven.asks(ProjectsScreen)
        assert driven.studio.project is None
        await driven.press("enter", "escape")  # keys ahead of the workspace that opens are no fault
        await driven.until(lambda: driven.studio.project is not None, "opening it again")
        await driven.until(lambda: driven.workspace.view.rows)

    drive(folder, play)


def test_leaving_asks_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(Studio, "exit", lambda _, *arguments: left.append(arguments))

    async def play(driven: Driven) -> None:
        await driven.do("quit")
        assert left == [(0,)]
        await driven.press("ctrl+q")
        assert len(left) == 2

    drive(folder, play)


@pytest.mark.parametrize("preset", PRESETS)
def test_sentences_tell_the_keys_that_the_person_has(folder: Path, preset: str) -> None:
    keymap = make_keymap({}, preset)

    async def play(driven: Driven) -> None:
        await driven.shows(f"has no picture yet: {keymap.first('run.some')} makes it.")
        await driven.do("theme.9")
        await driven.says(f"{keymap.first('edit.file')} opens the file.")
        await driven.do("filter")
        await driven.says(f"{keymap.first('filter')} goes on, {keymap.first('select.none')} shows all.")

    drive(folder, play, keymap=keymap)
