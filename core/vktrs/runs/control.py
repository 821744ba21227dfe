"""Runs seen from outside: start one in a session of its own, find it, follow it, ask it to stop.

A run is alive as long as somebody holds the project's run lock; nothing else is believed.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vktrs.errors import InputError, UsageError
from vktrs.locks import PATIENCE, FileLock, is_held
from vktrs.project import Project
from vktrs.runs.events import EVENTS, Event, EventReader

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class HearWish:
    """Who hears a song again: engine ("auto" too), model and language ("auto": guessed); None: as the storyboard says.

    A model that is a folder or a file stands here with its whole path.
    """

    speech: str | None = None
    model: str | None = None
    language: str | None = None

    @classmethod
    def typed(cls, speech: str | None, model: str | None, language: str | None) -> HearWish:
        """As a person typed it: empty is nothing, and a path is taken from here, not from the folder of the project."""
        named = model.strip() if model else ""
        path = Path(named).expanduser()
        whole = str(path.absolute()) if named and path.exists() else named
        return cls(speech, whole or None, (language or "").strip() or None)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run is asked for: up to which stage, which scenes (ids; None: all), and how.

    `partial` also writes output.partial.mp4 with stand-ins; `pictures` takes another engine for this run only;
    `device` such as "cuda:1" is where pictures are made; a paid engine ends before it has spent more than `budget`
    credits. With `reroll` (a scene's id, how many) the run makes nothing but so many new takes of that scene. With
    `hear` it only hears the scenes again, or for None the song, and leaves what it heard as a proposal.
    """

    to: str = "video"
    scenes: tuple[str, ...] | None = None
    partial: bool = False
    pictures: str | None = None
    device: str | None = None
    budget: float | None = None
    reroll: tuple[str, int] | None = None
    hear: HearWish | None = None

    def __post_init__(self) -> None:
        """UsageError for a device without a name, or a budget that is no amount."""
        if self.device is not None and not self.device.strip():
            raise UsageError("the device has no name.", 'Write one such as "cuda:1" or "cpu".')
        if self.budget is not None and not (math.isfinite(self.budget) and self.budget > 0):
            told = f"the budget is {self.budget:g} credits, which buys nothing."
            raise UsageError(told, "Write a number greater than 0.")

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `request_from_json` reads it back."""
        return asdict(self)


def request_from_json(value: dict[str, Any]) -> RunRequest:
    """The request that `RunRequest.as_json` wrote."""
    scenes, reroll, hear = value.get("scenes"), value.get("reroll"), value.get("hear")
    return RunRequest(
        to=value["to"],
        scenes=tuple(scenes) if scenes is not None else None,
        partial=value["partial"],
        pictures=value["pictures"],
        device=value.get("device"),
        budget=value.get("budget"),
        reroll=(reroll[0], reroll[1]) if reroll is not None else None,
        hear=HearWish(**hear) if hear is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a project, alive or over: its id (also the name of its folder); its process for who started it."""

    id: str
    folder: Path
    alive: bool
    process: subprocess.Popen[bytes] | None = None

    @property
    def events(self) -> Path:
        """The journal of the run."""
        return self.folder / EVENTS


def live_run(project: Project) -> Run | None:
    """The run that is going on; None where there is none."""
    if not is_held(project.run_lock):
        return None
    try:
        name = project.run_lock.read_text("utf-8").partition("\n")[0].strip()
    except OSError:
        name = ""
    return Run(name, project.runs / name, alive=True) if name else _newest(project, alive=True)


def last_run(project: Project) -> Run | None:
    """The run that is going on, else the last one; None before the first."""
    return live_run(project) or _newest(project, alive=False)


def _newest(project: Project, alive: bool) -> Run | None:
    folders = sorted(path.parent for path in project.runs.glob("*/run.json"))
    return Run(folders[-1].name, folders[-1], alive) if folders else None


def start(project: Project, request: RunRequest) -> Run:
    """Start a worker that outlives this process and its terminal; UsageError where a run is going on already.

    InputError where the project is gone, or no run can be written there: then none was started.
    """
    project.check_present()
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    try:
        lock = hold(project, name)
        try:
            process = _launch(project, name, request, lock)
        finally:
            lock.release()  # the worker has inherited it: the project is never without its holder
    except PermissionError as error:
        raise InputError(f"no permission to write {error.filename}.", "Give yourself write permission there.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"no run can be started in {project.root}: {reason}.", "Is the disk full?") from error
    return Run(name, project.runs / name, alive=True, process=process)


def _launch(project: Project, name: str, request: RunRequest, lock: FileLock) -> subprocess.Popen[bytes]:
    folder = project.runs / name
    folder.mkdir(parents=True)
    try:
        (folder / "run.json").write_text(json.dumps({"id": name, "request": request.as_json()}))
        return _worker(project, name, folder, lock)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)  # or it would pass for a run that died
        raise


def _worker(project: Project, name: str, folder: Path, lock: FileLock) -> subprocess.Popen[bytes]:
    handle = lock.handle
    assert handle is not None
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "vktrs.runs.worker", str(project.root), name, str(handle)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=project.root,
            pass_fds=[handle],
        )


def hold(project: Project, name: str, handle: int | None = None) -> FileLock:
    """Take the run lock for a run of that name, or keep an inherited one; UsageError where another run has it."""
    lock = FileLock(project.run_lock, handle)
    if not lock.acquire(patience=PATIENCE):
        going = live_run(project)
        raise UsageError(
            f"run {going.id if going else ''} is going on in {project.root}.",
            "`vktrs follow` shows it, `vktrs stop` ends it.",
        )
    try:
        _sign(project.run_lock, name)
    except OSError:
        lock.release()
        raise
    return lock


def _sign(path: Path, name: str) -> None:
    """Write a name over what stands there: whoever reads meanwhile finds one of the two on the first line, never none,
    and takes no run for dead."""
    with path.open("r+b", buffering=0) as file:
        file.write(f"{name}\n".encode())
        file.truncate()


def follow(project: Project, run: Run, pause: Callable[[float], None] = time.sleep) -> Iterator[Event]:
    """The events of a run, from its first, as they come; ends with `finished`, or with `failed` if it died."""
    reader = EventReader(run.events)
    while True:
        # The lock is looked at before the events: what a run wrote before it died is then still read.
        alive = _is_alive(project, run)
        for event in reader.read():
            yield event
            if event["event"] == "finished":
                return
        if not alive:
            yield _death(run)
            return
        pause(POLL_SECONDS)


def _is_alive(project: Project, run: Run) -> bool:
    """Whether it is this run that holds the lock, and not one after it."""
    going = live_run(project)
    return going is not None and going.id == run.id


def _death(run: Run) -> Event:
    return {
        "event": "failed",
        "time": time.time(),
        "stage": None,
        "scene": None,
        "error": f"run {run.id} ended without a word (killed, or the machine went down).",
        "hint": f"`vktrs run` goes on where it was; its log is {run.folder / 'log.txt'}.",
        "exit": 1,
    }


def stop(project: Project, now: bool = False, pause: Callable[[float], None] = time.sleep) -> Run | None:
    """Ask the run to stop after the current picture, or kill it `now`; None where there is none."""
    run = live_run(project)
    if run is None:
        return None
    while (pid := _pid(run)) is None and _is_alive(project, run):
        pause(POLL_SECONDS)  # it is only just starting
    if pid is not None and _is_alive(project, run):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if now else signal.SIGTERM)
    return run


def _pid(run: Run) -> int | None:
    return next((int(event["pid"]) for event in EventReader(run.events).read() if event["event"] == "started"), None)
