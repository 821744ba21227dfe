"""Pictures that are paid for wait until a scene was left alone for ten seconds, and never longer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.runs.control import RunRequest
from vktrs.runs.scope import Scope
from vktrs.runs.settling import SECONDS, Settling

BOARD = """\
schema = 1

[engines]
pictures = "stability"

[[scenes]]
id = "aaaa"
start = 0.0
text = "one"

[[scenes]]
id = "bbbb"
start = 1.0
text = "two"

[[scenes]]
id = "cccc"
start = 2.0
text = "three"
prompt = "a hill"
"""
START = 1_700_000_000.0


class Desk:
    """A project whose file has the time that a test says, and a run that looks at it by the clock of the test."""

    def __init__(self, folder: Path, edited: float) -> None:
        self.project = Project.create(folder, BOARD)
        self.now = START
        self.remarks: list[str] = []
        self.slept: list[float] = []
        self.touch(edited)
        scope = Scope(self.project, RunRequest(), self._emit, lambda: False)
        self.settling = Settling(scope, clock=lambda: self.now, sleep=self.slept.append)

    def _emit(self, event: str, **values: Any) -> None:
        self.remarks.append(str(values["text"]))

    def touch(self, time: float) -> None:
        os.utime(self.project.storyboard_path, (time, time))

    def edit(self, old: str, new: str) -> None:
        """As a person with an editor does, now."""
        path = self.project.storyboard_path
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        self.touch(self.now)

    def plan(self) -> Plan:
        return plan_project(self.project)

    def settled(self) -> list[str]:
        plan = self.plan()
        return names(self.settling.settled(plan, plan.scenes))


def names(scenes: Iterable[Any]) -> list[str]:
    return [each.scene.id for each in scenes]


ALL = ["aaaa", "bbbb", "cccc"]


def test_scenes_edited_just_now_wait_ten_seconds_and_no_longer(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 4)
    assert desk.settled() == []
    desk.now = START - 4 + SECONDS - 0.01
    assert desk.settled() == []
    desk.now = START - 4 + SECONDS
    assert desk.settled() == ALL


def test_only_the_scene_that_asks_for_something_else_waits_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 60)
    assert desk.settled() == ALL
    desk.edit("a hill", "a green hill")
    assert desk.settled() == ["aaaa", "bbbb"]
    desk.now += 6
    desk.edit("a green hill", "a green hill at night")
    desk.now += 6
    assert desk.settled() == ["aaaa", "bbbb"]
    desk.now += 4
    assert desk.settled() == ALL


@pytest.mark.parametrize(("old", "new"), [('text = "two"', 'text = "two"  # best'), ("[engines]", "# mine\n[engines]")])
def test_an_edit_that_changes_no_picture_makes_nobody_wait(old: str, new: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 60)
    assert desk.settled() == ALL
    desk.edit(old, new)
    assert desk.settled() == ALL


def test_a_number_of_variations_that_is_being_typed_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 60)
    assert desk.settled() == ALL
    desk.edit('id = "bbbb"', 'id = "bbbb"\nvariations = 8')
    assert desk.settled() == ["aaaa", "cccc"]


@pytest.mark.parametrize("edited", [0.0, START - 3600, START + 1, START + 1e9])
def test_a_time_long_ago_or_in_the_future_is_no_trap(edited: float, tmp_path: Path) -> None:
    assert Desk(tmp_path / "song", edited).settled() == ALL


def test_a_clock_that_is_set_back_ends_the_wait(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 4)
    assert desk.settled() == []
    desk.now = START - 3600
    assert desk.settled() == ALL


def test_what_the_run_writes_itself_is_no_edit(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 60)
    desk.project.edit(lambda document: replace(document.board, song=replace(document.board.song, title="La")))
    desk.now = desk.project.storyboard_path.stat().st_mtime
    assert desk.settled() == ALL


def test_an_edit_before_the_run_wrote_still_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 4)
    desk.project.edit(lambda document: replace(document.board, song=replace(document.board.song, title="La")))
    assert desk.settled() == []


def test_a_scene_that_costs_nothing_does_not_wait(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 4)
    plan = desk.plan()
    free = replace(plan.scenes[0], missing=(), keyframe=replace(plan.scenes[0].keyframe, made=True))
    assert names(desk.settling.settled(plan, [free, *plan.scenes[1:]])) == ["aaaa"]


def test_the_wait_is_said_once_for_the_same_scenes(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START - 4)
    desk.settled()
    desk.settled()
    assert desk.remarks == ["Edited just now: scenes 1 to 3. Pictures that are paid for wait ten seconds."]


def test_a_pause_is_short_enough_to_hear_a_stop(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "song", START)
    desk.settling.pause()
    assert 0 < sum(desk.slept) <= 0.5
