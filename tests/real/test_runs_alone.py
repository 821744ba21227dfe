"""A run is a process of its own: it outlives its starter, there is one at a time, and it stops when it is asked to."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.real.projects import change, frames, leftovers, silent_project, whole_artifacts
from tests.real.worker_forks import Forks, at_call, at_event, stop
from vktrs.errors import InputError, UsageError
from vktrs.locks import FileLock
from vktrs.project import Project
from vktrs.runs import control, worker
from vktrs.runs.control import RunRequest

START = """
import sys
import threading
from pathlib import Path
from vktrs.project import Project
from vktrs.runs.control import RunRequest, start
print(start(Project(Path(sys.argv[1])), RunRequest()).id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A project whose run takes some seconds: more pictures, and larger ones."""
    folder = silent_project(tmp_path / "slow")
    change(folder, "width = 48\nheight = 32\nfps = 12", "width = 256\nheight = 256\nfps = 60")
    change(folder, "variations = 3\nhold = 2", "variations = 59")
    return folder


def first(project: Project, run: control.Run, event: str) -> dict[str, object]:
    return next(each for each in control.follow(project, run) if each["event"] == event)


def test_a_run_outlives_the_terminal_that_started_it(tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    project = Project(folder)
    starter = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starter.stdout
    name = starter.stdout.readline().strip()
    os.killpg(starter.pid, signal.SIGHUP)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    found = control.live_run(project)
    assert found is not None and found.id == name
    *_, last = control.follow(project, found)
    assert (last["event"], last["exit"]) == ("finished", 0)
    assert len(frames(folder / "output.mp4")) == 60


def test_who_has_read_the_end_of_a_run_can_start_the_next(tmp_path: Path) -> None:
    """The process may take a while to end: here it is the one that goes on with the tests."""
    project = Project(silent_project(tmp_path / "song"))
    before = signal.getsignal(signal.SIGTERM)
    try:
        for name in ("one", "two"):
            folder = project.runs / name
            folder.mkdir(parents=True)
            (folder / "run.json").write_text(json.dumps({"request": RunRequest(to="song").as_json()}))
            assert worker.main([str(project.root), name]) == 0
            assert control.live_run(project) is None
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_second_run_is_refused_with_the_name_of_the_first(slow: Path) -> None:
    project = Project(slow)
    run = control.start(project, RunRequest())
    with pytest.raises(UsageError, match=run.id):
        control.start(project, RunRequest())
    assert len(list(project.runs.iterdir())) == 1
    control.stop(project, now=True)
    assert run.process is not None and run.process.wait() == -signal.SIGKILL
    again = control.start(project, RunRequest(to="song"))
    *_, last = control.follow(project, again)
    assert last["exit"] == 0


def test_a_run_of_a_project_that_was_moved_away_is_refused_and_makes_no_ghost(tmp_path: Path) -> None:
    project = Project(silent_project(tmp_path / "song"))
    project.root.rename(tmp_path / "moved")
    with pytest.raises(InputError, match="is not there"):
        control.start(project, RunRequest())
    assert not project.root.exists()


@pytest.mark.parametrize("where", ["run.lock", "run.json", "log.txt"])
def test_a_full_disk_starts_no_run_and_names_the_folder(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(silent_project(tmp_path / "song"))

    def full(function: Any) -> Any:
        def write(path: Path, *values: Any, **options: Any) -> Any:
            if path.name == where:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return function(path, *values, **options)

        return write

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full(Path.write_text))
        patch.setattr(Path, "open", full(Path.open))
        with pytest.raises(InputError, match="No space left on device") as caught:
            control.start(project, RunRequest())
    assert str(project.root) in caught.value.message
    assert control.live_run(project) is None
    assert control.last_run(project) is None
    *_, last = control.follow(project, control.start(project, RunRequest(to="song")))
    assert last["exit"] == 0


def test_a_worker_that_finds_another_run_leaves_everything_to_it(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    project = Project(folder)
    lock = FileLock(project.run_lock)
    assert lock.acquire()
    project.run_lock.write_text("the-first")
    outcome = forks.run(folder)
    lock.release()
    assert (outcome.code, outcome.made) == (2, [])
    assert "run the-first is going on" in outcome.errors
    assert forks.run(folder).code == 0


def test_a_run_is_known_by_its_name_also_while_its_worker_writes_that(tmp_path: Path) -> None:
    project = Project(silent_project(tmp_path / "song"))
    for name in ("20260101-000000-abcd", "run-0001"):
        (project.runs / name).mkdir(parents=True)
        (project.runs / name / "run.json").touch()
    lock, seen, over = control.hold(project, "20260101-000000-abcd"), set[str | None](), threading.Event()

    def look() -> None:
        while not over.is_set():
            run = control.live_run(project)
            seen.add(run.id if run is not None else None)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(2000):
            control.hold(project, "20260101-000000-abcd", lock.handle)
    finally:
        over.set()
        looking.join()
        lock.release()
    assert seen == {"20260101-000000-abcd"}
    control.hold(project, "run-0001").release()
    assert project.run_lock.read_text("utf-8") == "run-0001\n"


def test_a_run_that_was_just_started_can_be_stopped(slow: Path) -> None:
    project = Project(slow)
    run = control.start(project, RunRequest())
    stopped = control.stop(project)
    assert stopped is not None and stopped.id == run.id
    *_, last = control.follow(project, run)
    assert (last["event"], last["exit"]) == ("finished", 130)
    assert run.process is not None and run.process.wait() == 130
    assert control.live_run(project) is None
    assert control.stop(project) is None


def test_a_run_that_is_stopped_now_has_ended_and_the_next_goes_on(slow: Path) -> None:
    project = Project(slow)
    run = control.start(project, RunRequest())
    first(project, run, "artifact")
    control.stop(project, now=True)
    *_, last = control.follow(project, run)
    assert (last["event"], last["exit"]) == ("failed", 1)
    assert run.id in str(last["error"]) and "goes on where it was" in str(last["hint"])
    assert run.process is not None and run.process.wait() == -signal.SIGKILL
    kept = whole_artifacts(slow)
    *_, last = control.follow(project, control.start(project, RunRequest(to="structure")))
    assert last["exit"] == 0
    assert kept.items() <= whole_artifacts(slow).items()


def test_who_follows_a_dead_run_is_told_although_another_is_going_on(slow: Path) -> None:
    project = Project(slow)
    dead = control.start(project, RunRequest())
    first(project, dead, "started")
    control.stop(project, now=True)
    assert dead.process is not None
    dead.process.wait()
    alive = control.start(project, RunRequest())
    *_, last = control.follow(project, dead)
    assert last["event"] == "failed" and dead.id in str(last["error"])
    assert control.last_run(project) is not None
    control.stop(project, now=True)
    assert alive.process is not None
    alive.process.wait()


MOMENTS = {
    "before anything": at_event(0, stop()),
    "while the song is decoded": at_event(1, stop()),
    "after the beats": at_event(8, stop()),
    "after a keyframe": at_event(14, stop()),
    "while a variation is written": at_call("vktrs.media.frames.save_png", stop(), nth=3),
    "after a variation": at_event(20, stop()),
    "while a clip is coded": at_call("vktrs.media.clip.encode_clip", stop(), nth=2),
    "when all pictures are made": at_call("vktrs.media.clip.encode_clip", stop(), nth=5),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_stops_between_two_pieces_and_the_next_goes_on(moment: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    stopped = forks.run(folder, MOMENTS[moment])
    assert stopped.code == 130
    assert stopped.events[-1]["event"] == "finished" and stopped.events[-1]["exit"] == 130
    assert stopped.told("failed") == []
    assert leftovers(folder) == []
    assert not (folder / "output.mp4").exists()
    kept = whole_artifacts(folder)
    resumed = forks.run(folder)
    assert resumed.code == 0
    assert kept.items() <= whole_artifacts(folder).items()
    told = [(each["stage"], each["key"]) for run in (stopped, resumed) for each in run.told("artifact")]
    assert len(told) == len(set(told))


def test_a_stop_during_the_join_lets_it_finish(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, at_call("vktrs.media.join.join_clips", stop()))
    assert outcome.code in (0, 130)
    assert len(frames(folder / "output.mp4")) == 60


def test_a_stop_does_not_wait_for_the_clips_of_other_scenes(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    forks.run(folder, to="variations")
    outcome = forks.run(folder, at_call("vktrs.stages.clips.make", stop()))
    assert outcome.code == 130
    assert [stage for stage, _ in outcome.made] == ["order", "clips"]


def test_what_a_killed_run_started_does_not_keep_its_lock(forks: Forks, tmp_path: Path) -> None:
    from tests.real.worker_forks import kill

    folder = silent_project(tmp_path / "song")
    project = Project(folder)
    outcome = forks.run(folder, at_call("subprocess.Popen.__init__", kill(), after=True))
    assert outcome.code == -signal.SIGKILL
    assert control.live_run(project) is None
