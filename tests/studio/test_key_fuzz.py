"""Whatever is pressed, in whatever order: the studio goes on, the storyboard stays valid, and all of it is undone."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_state_path

from tests.real.projects import silent_project
from tests.studio.driving import Driven, drive
from vktrs.errors import InputError
from vktrs.project import Project
from vktrs.runs import control
from vktrs.storyboard.schema import check_board
from vktrs_tui.actions import ACTIONS
from vktrs_tui.app import Studio
from vktrs_tui.clock import PlayClock
from vktrs_tui.keymap import Keymap, make_keymap

PRESSES = 600
MOST_AT_ONCE = 4
SECONDS_A_KEY = 0.05
"""What the clock counts for a key, so that a seed stamps the same starts again."""
QUIET = 0.1
"""How often the studio is left to itself after a few keys, and looked at."""
SEEDS = (1, 7, 42, 2026)

# Leaving is no fault; the projects would be left for an empty list; another machine's doctor looks for minutes.
_NEVER = {"quit": "unbound", "projects": "unbound", "doctor": "unbound"}
_EXTRA = ["escape"] * 12 + ["enter"] * 6 + ["tab", "up", "down", "left", "right", "backspace", "delete"]
_LETTERS = [*"abcxyz0123456789", "space", "plus", "minus", "full_stop", "left_square_bracket", "right_square_bracket"]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[control.RunRequest]:
    """The runs that were asked for; none is started. The user's editor does nothing."""
    asked: list[control.RunRequest] = []

    def refuse(project: Project, request: control.RunRequest, *_: object) -> control.Run:
        asked.append(request)
        raise InputError("Nothing is made here.", "")

    monkeypatch.setattr(control, "start", refuse)
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(Studio, "suspend", lambda _: contextlib.nullcontext())
    # The palette offers these without a key.
    monkeypatch.setattr(Studio, "exit", lambda *_: None)
    monkeypatch.setattr(Studio, "show_projects", stay)
    monkeypatch.setattr(Studio, "deliver_screenshot", lambda *_: None)
    return asked


async def stay(_: Studio) -> None:
    """The project stays open."""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of its own, in which no fault may be written down."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield user_state_path("vktrs")


def keys() -> list[str]:
    """Every key that is bound, more often those that lead out of dialogs, and letters to type."""
    bound = [key for action in ACTIONS if action.id not in _NEVER for key in action.keys.split(",")]
    return [*bound, *_EXTRA, *_LETTERS]


def assert_sound(driven: Driven, state: Path, pressed: list[str]) -> None:
    recent = " ".join(pressed[-80:])
    log = state / "studio.log"
    assert not log.exists(), f"after {recent}: {log.read_text('utf-8')}"
    assert driven.studio.is_running, f"the studio ended after {recent}"
    try:
        check_board(driven.board())
    except Exception as error:
        raise AssertionError(f"after {recent}: {error}") from error


async def back_to_the_table(driven: Driven) -> None:
    """Esc leaves whatever lies over the workspace."""
    for _ in range(8):
        if driven.studio.screen is driven.workspace and not driven.workspace.cell_editor.is_open:
            break
        await driven.press("escape")
    assert driven.studio.screen is driven.workspace, f"Esc does not leave {driven.studio.screen}"
    await driven.press("escape", "escape", "escape")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_keys_break_nothing_and_are_all_undone(
    tmp_path: Path, begun: list[control.RunRequest], state: Path, seed: int
) -> None:
    folder = silent_project(tmp_path / "clicks")
    before = Project.open(folder).document().board
    choose, choices = random.Random(seed), keys()
    pressed: list[str] = []

    async def play(driven: Driven) -> None:
        clock = driven.workspace.clock
        driven.workspace.clock = PlayClock(lambda: len(pressed) * SECONDS_A_KEY, clock.duration, clock.offset)
        while len(pressed) < PRESSES:
            burst = [choose.choice(choices) for _ in range(choose.randint(1, MOST_AT_ONCE))]
            pressed.extend(burst)
            await driven.hit(*burst)
            if choose.random() < QUIET:
                await driven.pilot.pause()
                assert_sound(driven, state, pressed)
        await back_to_the_table(driven)
        desk = driven.workspace.desk
        while desk.undoable is not None:
            await desk.undo()
            check_board(driven.board())
        assert_sound(driven, state, pressed)

    keymap: Keymap = make_keymap(_NEVER)
    drive(folder, play, size=(100, 34), keymap=keymap)
    after = Project.open(folder).document().board
    assert after == before
