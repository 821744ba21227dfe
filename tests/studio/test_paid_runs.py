"""Runs that cost credits are asked about once, and what a run says while it waits or fetches is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.projects import change, silent_project
from tests.studio.driving import Driven, drive, runs_asked_for
from vktrs.runs.control import RunRequest
from vktrs_tui.consent import Consent
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.run_watcher import advance
from vktrs_tui.screens.run_options import RunOptionsScreen
from vktrs_tui.screens.spend import SpendScreen
from vktrs_tui.view import Failure, RunView
from vktrs_tui.workspace.screen import Workspace

RUN = RunView("20260101-000000-abcd", alive=True, began=1.0, log="/p/log.txt")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What runs were asked for; none is started."""
    return runs_asked_for(monkeypatch)


@pytest.fixture
def paid(tmp_path: Path) -> Path:
    folder = silent_project(tmp_path / "clicks")
    change(folder, "[engines]", '[engines]\npictures = "stability"')
    return folder


def test_one_key_spends_nothing_before_the_cost_was_told(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("run.all")
        await driven.asks(SpendScreen)
        text = driven.screen_text()
        assert "pictures by stability, about" in text
        assert "credits." in text
        await driven.press("escape")
        await driven.says("Nothing was started, and nothing is spent.")
        assert asked == []
        await driven.do("run.all")
        await driven.asks(SpendScreen)
        await driven.press("enter")
        await driven.until(lambda: asked)
        await driven.do("run.some")
        await driven.until(lambda: len(asked) == 2, "starting less without another question")
        assert [each.to for each in asked] == ["video", "clips"]

    drive(paid, play, size=(80, 24))


def test_a_new_take_is_asked_about_too(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("takes.new")
        await driven.asks(SpendScreen)
        await driven.shows("1 picture by stability, about")
        assert asked == []
        await driven.press("enter")
        await driven.until(lambda: asked)

    drive(paid, play)


def test_agreeing_to_one_take_is_no_consent_to_everything(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("takes.new")
        await driven.asks(SpendScreen)
        await driven.press("enter")
        await driven.until(lambda: asked)
        await driven.do("run.all")
        await driven.asks(SpendScreen)
        await driven.press("escape")
        await driven.says("nothing is spent")
        assert len(asked) == 1

    drive(paid, play)


def test_a_run_with_a_budget_is_no_consent_to_go_on_without_one(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("run.options")
        screen = await driven.asks(RunOptionsScreen)
        assert isinstance(screen, RunOptionsScreen)
        await driven.until(lambda: screen.told_cost, "telling the cost")
        await driven.press(*["down"] * 4, "5", "enter")
        await driven.until(lambda: asked)
        await driven.do("run.all")
        await driven.asks(SpendScreen)
        assert asked == [RunRequest(budget=5)]

    drive(paid, play)


def test_what_a_run_has_spent_is_agreed_to_no_more_and_the_rest_of_a_stopped_one_is() -> None:
    consent = Consent()
    consent.agree(100)
    consent.begin(RUN.id, 100)
    assert not consent.covers(1), "it is being spent"
    consent.end(replace(RUN, id="another", alive=False, exit=130))
    assert not consent.covers(1)
    consent.end(replace(RUN, alive=False, exit=130, spent=40.0))
    consent.end(replace(RUN, alive=False, exit=130, spent=40.0))
    assert consent.covers(60)
    assert not consent.covers(61)
    assert not consent.covers(None)


def test_a_run_that_died_gives_nothing_back() -> None:
    consent = Consent()
    consent.agree(10)
    consent.begin(RUN.id, 10)
    consent.end(replace(RUN, alive=False, died=True))
    assert not consent.covers(1)


def test_what_was_spent_is_read_from_the_run() -> None:
    told = {"event": "remark", "text": "About 12.5 credits were spent.", "spent": 12.5}
    assert advance(RUN, told).spent == 12.5
    assert advance(advance(RUN, told), {"event": "remark", "text": "More."}).spent == 12.5


def test_who_saw_the_cost_among_the_options_is_not_asked_again(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("run.options")
        screen = await driven.asks(RunOptionsScreen)
        assert isinstance(screen, RunOptionsScreen)
        await driven.until(lambda: screen.told_cost, "telling the cost")
        await driven.shows("about")
        await driven.press(*["down"] * 4, "5", "0", "enter")
        await driven.until(lambda: asked)
        assert asked == [RunRequest(budget=50)]

    drive(paid, play)


def test_the_look_of_an_animatic_is_no_consent_to_spend(paid: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("run.options")
        screen = await driven.asks(RunOptionsScreen)
        assert isinstance(screen, RunOptionsScreen)
        await driven.press("down", "down", "right")
        await driven.until(lambda: screen.told_cost, "telling the cost")
        await driven.press("enter")
        await driven.until(lambda: asked)
        await driven.do("run.all")
        await driven.asks(SpendScreen)
        assert [each.pictures for each in asked] == ["cppn"]

    drive(paid, play)


def test_pictures_that_cost_nothing_are_not_asked_about(tmp_path: Path, asked: list[RunRequest]) -> None:
    async def play(driven: Driven) -> None:
        await driven.do("run.all")
        await driven.until(lambda: asked)

    drive(silent_project(tmp_path / "clicks"), play)


async def _nothing(self: object) -> None:
    """No run is looked for."""


async def tell(driven: Driven, run: RunView) -> Workspace:
    driven.workspace.post_message(RunAdvanced(run))
    await driven.until(lambda: driven.workspace.run_view == run, "seeing the run")
    return driven.workspace


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_what_a_run_says_is_seen_and_hides_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("vktrs_tui.app.RunWatcher.watch", _nothing)
    waits = "Edited just now: scene 3. Pictures that are paid for wait ten seconds."

    async def play(driven: Driven) -> None:
        await tell(driven, RUN)
        workspace = await tell(driven, replace(RUN, remarks=(waits,), note=waits))
        assert driven.said == waits
        assert waits.partition(".")[0] in workspace.panes.text
        workspace.say("Changed the prompt.")
        await tell(driven, replace(RUN, remarks=(waits,), artifacts=1))
        assert driven.said == "Changed the prompt.", "what was said before is not said again"
        assert waits.partition(".")[0] not in workspace.panes.text
        workspace.message_line.fail("That is no time.")
        fetches = "Fetching a/b from the hub: 4.3 GB."
        await tell(driven, replace(RUN, remarks=(waits, fetches), note=fetches, artifacts=1))
        assert driven.said == "✗ That is no time."
        assert fetches in workspace.panes.text

    drive(silent_project(tmp_path / "clicks"), play, size=size)


def test_the_end_of_a_run_tells_what_was_spent_and_why_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vktrs_tui.app.RunWatcher.watch", _nothing)
    spent = "About 12 credits were spent."
    flagged = Failure("keyframes", "bbbb", "the picture was refused three times.", "Change its prompt.")
    halted = Failure(None, None, "the budget of 12 credits is used up.", "What was made is kept.")

    async def play(driven: Driven) -> None:
        await tell(driven, RUN)
        await tell(driven, replace(RUN, alive=False, exit=0, video="output.mp4", remarks=(spent,), note=spent))
        assert driven.said == "Done: output.mp4. About 12 credits were spent."
        await tell(driven, replace(RUN, id="20260101-000001-abcd"))
        over = replace(RUN, id="20260101-000001-abcd", alive=False, exit=1, failures=(flagged, halted))
        await tell(driven, over)
        assert driven.said.startswith("✗ the budget of 12 credits is used up. What was made is kept.")

    drive(silent_project(tmp_path / "clicks"), play)
