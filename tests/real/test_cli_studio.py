"""`vktrs` and `vktrs open`: whom the studio is shown to, what the others are told, and what is said when it is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.commands import Terminal, answer, vktrs
from tests.real.projects import silent_project
from tests.unit.test_import_hygiene import HEAVY, imported
from vktrs.project import Project
from vktrs.runs import control
from vktrs_tui.cli.studio import farewell

ALTERNATE_SCREEN = r"\x1b\[\?1049h"


@pytest.mark.parametrize(
    "command", [[], ["open", "."], ["--images", "none"], ["open", ".", "--theme", "high-contrast"]]
)
def test_without_a_terminal_it_says_what_to_do_instead(tmp_path: Path, command: list[str]) -> None:
    silent_project(tmp_path / "clip")
    done = vktrs(*command, cwd=tmp_path / "clip", env={"TERM": "xterm"}, code=2)
    assert done.stdout == ""
    assert "needs a terminal" in done.stderr
    assert "vktrs status" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_is_refused_and_left_as_it_is(tmp_path: Path, term: str) -> None:
    terminal = Terminal(cwd=tmp_path, TERM=term)
    assert terminal.end() == 2
    assert "cannot move its cursor" in terminal.shown
    assert "\x1b" not in terminal.shown


def test_a_refusal_imports_nothing_of_the_screen(tmp_path: Path) -> None:
    found = imported("from vktrs_tui.cli import main\nassert main([]) == 2\nassert main(['open', '.']) == 2")
    assert not (found & (HEAVY | {"numpy"}))


def test_a_folder_that_is_no_project_is_answered_before_anything_is_drawn(tmp_path: Path) -> None:
    terminal = Terminal("open", tmp_path, TERM="xterm")
    assert terminal.end() == 3
    assert "is not a project" in terminal.shown
    assert "\x1b" not in terminal.shown


@pytest.mark.parametrize(
    "command", [["--theme", "dark", "status"], ["--images", "none", "status"], ["--images", "auto", "status"]]
)
def test_an_option_of_the_studio_is_no_option_of_another_command(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert "of the studio" in answer(capsys, *command, code=2)[1]


@pytest.mark.parametrize("command", [["--images", "ascii"], ["open"], ["open", ".", "--images", "ascii"], ["nonsense"]])
def test_what_makes_no_sense_is_wrong_usage(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    out, err = answer(capsys, *command, code=2)
    assert out == ""
    assert "Usage: vktrs" in err


def test_help_tells_of_the_studio_and_of_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "--help")[0]
    assert "the studio" in told
    assert "\n  open " in told
    assert "--images" in answer(capsys, "open", "--help")[0]


def test_an_unknown_theme_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    terminal = Terminal("--images", "none", "--theme", "[nonsense]", cwd=tmp_path, TERM="xterm", columns=400)
    assert terminal.end() == 2
    assert "there is no theme [nonsense]" in terminal.shown
    assert "high-contrast" in terminal.shown
    assert "textual-light" in terminal.shown


def test_without_a_project_here_the_projects_are_shown(tmp_path: Path) -> None:
    terminal = Terminal("--images", "none", cwd=tmp_path, TERM="xterm-256color")
    terminal.wait_for(ALTERNATE_SCREEN)
    terminal.wait_for("projects")
    terminal.press("q")
    assert terminal.end() == 0
    assert "goes on" not in terminal.shown


@pytest.mark.parametrize("inside", [True, False])
def test_the_project_here_or_in_a_folder_is_opened(tmp_path: Path, inside: bool) -> None:
    clip = silent_project(tmp_path / "clip")
    where = [] if inside else ["open", "clip"]
    terminal = Terminal(*where, "--images", "none", cwd=clip if inside else tmp_path, TERM="xterm-256color")
    terminal.wait_for("third hill")
    terminal.press("q")
    assert terminal.end() == 0


def test_left_while_a_run_is_going_on_it_says_how_to_find_it(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "my clip")
    project = Project(clip)
    assert farewell(project) is None
    lock = control.hold(project, "20260101-000000-abcd")
    try:
        terminal = Terminal("open", clip, "--images", "none", TERM="xterm-256color", columns=160)
        terminal.wait_for("third hill")
        terminal.press("q")
        assert terminal.end() == 0
        last = terminal.shown.splitlines()[-1]
        for words in ("Run 20260101-000000-abcd goes on", f"vktrs follow '{clip}'", f"vktrs open '{clip}'"):
            assert words in last
    finally:
        lock.release()
    assert farewell(project) is None


def test_the_studio_never_takes_an_engine_into_its_process(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    code = (
        "import asyncio, json, sys\n"
        "from pathlib import Path\n"
        "from vktrs_tui.app import Studio\n"
        "from vktrs_tui.beginning import NewRequest, create\n"
        "from vktrs_tui.machine import examine\n"
        "from vktrs_tui.recent import remember, summarise\n"
        "async def work():\n"
        f"    await create(NewRequest(Path({str(tmp_path / 'new')!r}), {str(clip / 'song.wav')!r}))\n"
        "    await examine()\n"
        "asyncio.run(work())\n"
        f"assert summarise(Path({str(clip)!r})).scenes == 5\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "storyboard.toml").is_file()
    assert not (set(json.loads(done.stdout)) & ((HEAVY | {"numpy"}) - {"textual", "rich"}))


def test_a_fault_that_ends_the_studio_is_a_sentence_and_its_traceback_lies_in_a_file(tmp_path: Path) -> None:
    project, state = silent_project(tmp_path / "clip"), tmp_path / "state"
    (tmp_path / "sitecustomize.py").write_text(
        "from vktrs_tui.workspace.screen import Workspace\n"
        "def fail(_): raise RuntimeError('not foreseen')\n"
        "Workspace.on_mount = fail\n"
    )
    broken = {"PYTHONPATH": str(tmp_path), "XDG_STATE_HOME": str(state), "TERM": "xterm-256color"}
    terminal = Terminal("open", project, "--images", "none", **broken)
    assert terminal.end() == 1
    assert "ended by a fault of its own" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert "not foreseen" in (state / "vktrs" / "studio.log").read_text("utf-8")
