"""A run seen from the studio: what its events add up to; whoever started it, it is found, followed and missed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.projects import silent_project
from tests.real.worker_forks import Forks, at_event, kill
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs.runs.events import EventLog
from vktrs_tui.run_watcher import MOST_REMARKS, RunWatcher, advance, advance_all, log_tail
from vktrs_tui.view import Failure, RunView, StageProgress

BEGUN = RunView("r1", alive=True)
_PUPPET = """
import json, sys
from pathlib import Path
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.events import EventLog
project, name = Project(Path(sys.argv[1])), sys.argv[2]
lock = control.hold(project, name)
folder = project.runs / name
folder.mkdir(parents=True)
(folder / "run.json").write_text("{}")
log = EventLog(folder / "events.jsonl")
print("ready", flush=True)
for line in sys.stdin:
    for event in json.loads(line):
        log.emit(**event)
    print("told", flush=True)
"""


class Puppet:
    """A process that holds the run lock of a project and tells the events that a test gives it."""

    def __init__(self, project: Project, name: str) -> None:
        self.id = name
        command = [sys.executable, "-P", "-c", _PUPPET, str(project.root), name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._wait()

    def tell(self, *events: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(events) + "\n")
        self._process.stdin.flush()
        self._wait()

    def _wait(self) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()  # closes both pipes


@contextmanager
def puppet(project: Project, name: str = "20260101-000000-aaaa") -> Iterator[Puppet]:
    """A worker in the hand of the test."""
    played = Puppet(project, name)
    try:
        yield played
    finally:
        played.kill()


@contextmanager
def held(process: int) -> Iterator[None]:
    """That process stands still meanwhile."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


class Watched:
    """A watcher with a clock that the test turns, and all that it told."""

    def __init__(self, project: Project) -> None:
        self.now = 0.0
        self.told: list[RunView | None] = []
        self.watcher = RunWatcher(project, self.told.append, clock=lambda: self.now)

    def look(self, seconds: float = 0.2) -> RunView | None:
        """What was told last after that much time went by."""
        self.now += seconds
        asyncio.run(self.watcher.look())
        return self.told[-1]

    def view(self, seconds: float = 0.2) -> RunView:
        seen = self.look(seconds)
        assert seen is not None
        return seen


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.open(silent_project(tmp_path / "clicks"))


def progress(stage: str, done: float, total: float, rate: float = 0.0, what: str = "") -> dict[str, Any]:
    return {"event": "progress", "stage": stage, "done": done, "total": total, "rate": rate, "what": what}


def stage(name: str, state: str) -> dict[str, Any]:
    return {"event": "stage", "stage": name, "state": state, "key": None}


def failed(stage: str | None, scene: str | None = None, error: str = "no room") -> dict[str, Any]:
    return {"event": "failed", "stage": stage, "scene": scene, "key": None, "error": error, "hint": "h", "exit": 1}


def finished(code: int, video: str | None = None) -> dict[str, Any]:
    return {"event": "finished", "exit": code, "video": video, "seconds": 1.0}


def states(view: RunView) -> dict[str, str]:
    return {each.name: each.state for each in view.stages}


def test_progress_tells_how_long_a_stage_still_takes() -> None:
    view = advance(BEGUN, progress("keyframes", 12, 60, 1.5, "scene 13"))
    assert view.stages == (StageProgress("keyframes", "begun", 12, 60, 1.5, 32.0, "scene 13"),)
    assert advance(BEGUN, progress("keyframes", 12, 60)).stages[0].left is None


def test_a_run_that_makes_new_takes_only_is_known_as_one() -> None:
    told = {
        "event": "started",
        "time": 5.0,
        "run": "r1",
        "pid": 1,
        "request": {"to": "keyframes", "reroll": ["aaaa", 3]},
    }
    assert advance(BEGUN, told).reroll == ("aaaa", 3)
    for request in ({"to": "video", "reroll": None}, {"to": "video"}):
        assert advance(BEGUN, {**told, "request": request}).reroll is None
        assert advance(BEGUN, {**told, "request": request}).began == 5.0
    hearing = {"to": "words", "hear": {"speech": None, "model": None, "language": None}}
    assert advance(BEGUN, {**told, "request": hearing}).hears
    assert not advance(BEGUN, told).hears


def test_stages_stand_in_the_order_of_the_song_however_they_come() -> None:
    view = advance_all(BEGUN, [progress("clips", 1, 5), progress("keyframes", 3, 5), stage("song", "begun")])
    assert [each.name for each in view.stages] == ["song", "keyframes", "clips"]


def test_a_stage_of_scenes_is_done_with_its_last_piece_and_runs_again_after_an_edit() -> None:
    view = advance(BEGUN, progress("clips", 5, 5, 2.0))
    assert states(view) == {"clips": "done"}
    assert states(advance(view, progress("clips", 4, 5, 2.0))) == {"clips": "begun"}


def test_a_stage_that_tells_its_own_end_is_not_done_before_it() -> None:
    view = advance_all(BEGUN, [stage("words", "begun"), progress("words", 5, 5)])
    assert states(view) == {"words": "begun"}
    assert states(advance(view, stage("words", "done"))) == {"words": "done"}


def test_artifacts_are_counted_and_name_the_scene_in_hand() -> None:
    made = {"event": "artifact", "stage": "keyframes", "scene": "aaaa", "key": "k"}
    view = advance_all(BEGUN, [made, {**made, "scene": "bbbb"}])
    assert (view.artifacts, view.scene) == (2, "bbbb")


def test_only_the_last_remarks_are_kept() -> None:
    view = advance_all(BEGUN, ({"event": "remark", "text": str(each)} for each in range(MOST_REMARKS + 50)))
    assert len(view.remarks) == MOST_REMARKS
    assert view.remarks[-1] == str(MOST_REMARKS + 49)


def test_a_piece_that_failed_is_told_while_its_stage_goes_on_and_marks_it_at_the_end() -> None:
    view = advance_all(BEGUN, [progress("keyframes", 1, 5), failed("keyframes", "bbbb", "[/x] refused")])
    assert view.failures == (Failure("keyframes", "bbbb", "[/x] refused", "h"),)
    assert states(view) == {"keyframes": "begun"}
    assert states(advance(view, finished(1))) == {"keyframes": "failed"}


def test_what_ends_the_run_has_happened_in_the_stage_that_ran_alone() -> None:
    view = advance_all(BEGUN, [stage("song", "begun"), failed(None, error="no such song"), finished(3)])
    assert states(view) == {"song": "failed"}
    assert (view.alive, view.exit) == (False, 3)


def test_a_stopped_run_leaves_its_stage_where_it_was() -> None:
    view = advance_all(BEGUN, [progress("variations", 3, 20, 1.0), finished(130)])
    assert view.stages == (StageProgress("variations", "begun", 3, 20, 1.0, None),)


def test_a_finished_run_names_its_video() -> None:
    view = advance_all(BEGUN, [stage("video", "begun"), stage("video", "done"), finished(0, "output.mp4")])
    assert (view.alive, view.exit, view.video, states(view)) == (False, 0, "output.mp4", {"video": "done"})


@pytest.mark.parametrize(
    "event", [{}, {"event": "later"}, {"event": "progress"}, {"event": "finished", "exit": None}, {"event": "stage"}]
)
def test_an_event_of_another_version_changes_nothing(event: dict[str, Any]) -> None:
    assert advance(BEGUN, event) == BEGUN


def test_a_project_without_a_run_is_told_once_and_then_left_alone(project: Project) -> None:
    watched = Watched(project)
    for _ in range(5):
        watched.look(1.0)
    assert watched.told == [None]


def test_a_run_started_elsewhere_is_noticed_within_a_second(project: Project) -> None:
    watched = Watched(project)
    watched.look()
    with puppet(project) as worker:
        watched.look(0.5)
        assert watched.told == [None]
        view = watched.view(0.5)
    assert (view.id, view.alive, view.exit) == (worker.id, True, None)
    assert view.log == str(project.runs / worker.id / "log.txt")


def test_the_one_who_started_it_need_not_wait_for_the_second(project: Project) -> None:
    watched = Watched(project)
    watched.look()
    with puppet(project) as worker:
        watched.watcher.look_soon()
        assert watched.view(0.0).id == worker.id


def test_many_events_between_two_ticks_are_told_as_one_snapshot_and_silence_as_none(project: Project) -> None:
    watched = Watched(project)
    with puppet(project) as worker:
        watched.look()
        worker.tell(*(progress("variations", each, 500, 9.0) for each in range(400)))
        assert watched.view().stages[0].done == 399
        told = len(watched.told)
        for _ in range(10):
            watched.look()
        assert told == len(watched.told) == 2


def test_the_end_of_a_run_is_seen_at_the_next_tick(project: Project) -> None:
    watched = Watched(project)
    with puppet(project) as worker:
        watched.look()
        worker.tell(finished(0, "output.mp4"))
        assert watched.view().exit == 0
        assert watched.view(1.0).alive is False  # its process still holds the lock


def test_a_worker_killed_without_a_word_is_told_with_the_end_of_its_log(project: Project) -> None:
    watched = Watched(project)
    with puppet(project) as worker:
        worker.tell(progress("keyframes", 1, 5, 1.0))
        (project.runs / worker.id / "log.txt").write_text("one\ntwo\n\n[/x] three\nfour\n\n")
        assert watched.view().alive
        worker.kill()
    view = watched.view(1.0)
    assert (view.alive, view.died, view.exit) == (False, True, None)
    assert "two / [/x] three / four" in view.failures[-1].error
    assert "one" not in view.failures[-1].error
    assert "goes on where it was" in view.failures[-1].hint
    assert watched.view(5.0) is view


def test_a_killed_run_gives_way_to_the_next_one(project: Project) -> None:
    watched = Watched(project)
    with puppet(project) as first:
        assert watched.view().id == first.id
    assert watched.view(1.0).died
    with puppet(project, "20260102-000000-bbbb") as second:
        view = watched.view(1.0)
    assert (view.id, view.alive, view.died, view.failures) == (second.id, True, False, ())


def test_a_worker_that_is_slow_to_take_its_lock_is_not_dead(project: Project) -> None:
    name = "20260101-000000-aaaa"
    watched = Watched(project)
    folder = project.runs / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    assert watched.view().died
    lock = control.hold(project, name)
    view = watched.view(1.0)
    lock.release()
    assert (view.alive, view.died, view.failures) == (True, False, ())


def test_yesterdays_failed_run_is_told_once_with_its_failures(project: Project) -> None:
    folder = project.runs / "20260101-000000-aaaa"
    log = EventLog(folder / "events.jsonl")
    (folder / "run.json").write_text("{}")
    for event in (failed("keyframes", "bbbb", "refused"), finished(1)):
        log.emit(**event)
    log.close()
    watched = Watched(project)
    for _ in range(3):
        watched.look(1.0)
    (view,) = watched.told
    assert view is not None
    assert (view.alive, view.died, view.exit) == (False, False, 1)
    assert [each.error for each in view.failures] == ["refused"]


def test_a_huge_journal_is_read_while_the_screen_goes_on(project: Project) -> None:
    folder = project.runs / "20260101-000000-aaaa"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    line = json.dumps({**progress("variations", 1, 9, 1.0), "time": 1.0}) + "\n"
    (folder / "events.jsonl").write_text(line * 20_000 + json.dumps(finished(0)) + "\n")
    told: list[RunView | None] = []
    turns = 0

    async def look() -> None:
        nonlocal turns
        looking = asyncio.create_task(RunWatcher(project, told.append).look())
        while not looking.done():
            await asyncio.sleep(0)
            turns += 1

    asyncio.run(look())
    assert told[0] is not None
    assert told[0].exit == 0
    assert turns > 10


def test_watching_goes_on_until_it_is_cancelled(project: Project) -> None:
    async def watch() -> tuple[list[RunView | None], int]:
        told: list[RunView | None] = []
        gone_on = asyncio.Event()
        count = 0

        async def pause(seconds: float) -> None:
            nonlocal count
            assert seconds == 0.2
            count += 1
            if count == 3:
                gone_on.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(RunWatcher(project, told.append, pause).watch())
        await asyncio.wait_for(gone_on.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return told, count

    assert asyncio.run(watch()) == ([None], 3)


def test_a_real_run_is_seen_alive_and_done_and_by_a_second_studio_too(project: Project) -> None:
    watched, other = Watched(project), Watched(Project.open(project.root))
    watched.look()
    run = control.start(project, RunRequest())
    assert run.process is not None
    with held(run.process.pid):  # however slow this process is, it sees the run going on
        seen = watched.view(1.0)
        assert (seen.id, seen.alive) == (run.id, True)
        assert other.view().id == run.id
    assert run.process.wait(120) == 0
    done = watched.view(1.0)
    assert (done.alive, done.exit, done.video) == (False, 0, "output.mp4")
    assert set(states(done).values()) == {"done"}
    assert {"song", "keyframes", "variations", "clips", "video"} <= set(states(done))
    assert done.artifacts >= 5 * 4
    assert done.began <= time.time()
    assert other.view(1.0) == done
    assert Watched(project).view() == done


def test_a_real_worker_that_was_killed_is_told_and_its_successor_finishes(project: Project, forks: Forks) -> None:
    watched = Watched(project)
    outcome = forks.run(project.root, at_event(8, kill()))
    assert outcome.code == -9
    view = watched.view()
    assert view.died
    assert view.artifacts == len(outcome.told("artifact"))
    assert forks.run(project.root).code == 0
    again = watched.view(1.0)
    assert (again.died, again.exit) == (False, 0)
    assert again.id > view.id


def test_the_tail_of_a_log_is_its_last_lines_that_say_something(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    assert log_tail(str(path)) == ()
    path.write_bytes(b"x" * 200_000 + b"\n\nfirst\n \nlast \xff\n")
    assert log_tail(str(path), 2) == ("first", "last \ufffd")


def test_lines_begin_anew_with_what_lyrics_are_laid_onto() -> None:
    def line(text: str) -> dict[str, Any]:
        return {"event": "heard", "start": 1.0, "end": 2.0, "text": text}

    begun = {"event": "stage", "stage": "words", "state": "begun"}
    heard = advance_all(BEGUN, [begun, line("first"), line("second")])
    assert [text for _, _, text in heard.heard] == ["first", "second"]
    laid = advance_all(heard, [begun, line("First!")])
    assert [text for _, _, text in laid.heard] == ["First!"]
    assert advance(laid, {"event": "stage", "stage": "words", "state": "done"}).heard == laid.heard
