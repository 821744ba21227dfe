"""Runs seen from outside: start one in a session of its own, find it, follow it, ask it to stop.

A run is alive as long as somebody holds the project's run lock; nothing else is believed.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vktrs.errors import InputError, UsageError
from vktrs.locks import is_held
from vktrs.project import Project
from vktrs.runs.events import Event, EventReader

POLL_SECONDS = 0.1
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run is asked for: up to which stage, which scenes (ids; None: all), and how.

    `partial` also writes output.partial.mp4 with stand-ins; `pictures` takes another engine for this run only.
    """

    to: str = "video"
    scenes: tuple[str, ...] | None = None
    partial: bool = False
    pictures: str | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `request_from_json` reads it back."""
        return asdict(self)


def request_from_json(value: dict[str, Any]) -> RunRequest:
    """The request that `RunRequest.as_json` wrote."""
    scenes = value.get("scenes")
    return RunRequest(value["to"], tuple(scenes) if scenes is not None else None, value["partial"], value["pictures"])


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
        return self.folder / "events.jsonl"


def live_run(project: Project) -> Run | None:
    """The run that is going on; None where there is none."""
    if not is_held(project.run_lock):
        return None
    try:
        name = project.run_lock.read_text("utf-8").strip()
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
    """Start a worker that outlives this process and its terminal; UsageError where a run is going on already."""
    going = live_run(project)
    if going:
        raise UsageError(
            f"run {going.id} is going on in {project.root}.", "`vktrs follow` shows it, `vktrs stop` ends it."
        )
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    folder = project.runs / name
    try:
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"id": name, "request": request.as_json()}))
        log = (folder / "log.txt").open("wb")
    except OSError as error:
        raise InputError(
            f"{project.machine} cannot be written: {error.strerror}.", "Give yourself write permission there."
        ) from None
    command = [sys.executable, "-P", "-m", "vktrs.runs.worker", str(project.root), name]
    with log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=project.root
        )
    return Run(name, folder, alive=True, process=process)


def follow(project: Project, run: Run, pause: Callable[[float], None] = time.sleep) -> Iterator[Event]:
    """The events of a run, from its first, as they come; ends with `finished`, or with `failed` if it died."""
    reader = EventReader(run.events)
    waited = 0.0
    begun = looked_again = False
    while True:
        # The lock is looked at before the events: what a run wrote before it died is then still read.
        alive = is_held(project.run_lock)
        for event in reader.read():
            begun = True
            yield event
            if event["event"] == "finished":
                return
        waited += POLL_SECONDS
        gone = run.process is not None and run.process.poll() is not None
        if not alive and (begun or gone or waited > _START_SECONDS):
            if not looked_again:
                looked_again = True
                continue
            yield _death(run)
            return
        pause(POLL_SECONDS)


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


def stop(project: Project, now: bool = False) -> Run | None:
    """Ask the run to stop after the current picture, or kill it `now`; None where there is none."""
    run = live_run(project)
    if run is None:
        return None
    pid = next((event["pid"] for event in EventReader(run.events).read() if event["event"] == "started"), None)
    if pid is not None:
        os.kill(int(pid), signal.SIGKILL if now else signal.SIGTERM)
    return run
