"""What a run tells, turned into snapshots: the pure fold of its events, and the watcher that follows its files.

It only reads: events, the lock and the log. It starts and stops nothing, and knows no widget. All that touches the
disk happens off the event loop, so that neither a journal of a hundred thousand lines nor a slow disk holds a key up.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path

from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import Run
from vktrs.runs.events import Event, EventReader
from vktrs.stages import STAGES
from vktrs_tui.view import Failure, RunView, StageProgress

TICK_SECONDS = 0.2
LOOK_SECONDS = 1.0
MOST_REMARKS = 200
_LAST_WORDS = 3
_TAIL_BYTES = 64 * 1024
_ALONE = ("song", "words", "structure", "scenes", "video")
"""Stages that run alone and tell their own end: what ends the whole run while one is in hand has happened in it."""


def view_of(run: Run) -> RunView:
    """A run of which nothing was read yet."""
    return RunView(id=run.id, alive=run.alive, log=str(run.folder / "log.txt"))


def advance(view: RunView, event: Event) -> RunView:
    """The run after one more of its events; what is unknown or lacks its fields changes nothing."""
    step = _STEPS.get(event.get("event", ""))
    if step is None:
        return view
    try:
        return step(view, event)
    except (KeyError, TypeError, ValueError):  # an event of another version of the program, or a damaged line
        return view


def advance_all(view: RunView, events: Iterable[Event]) -> RunView:
    """The run after all of these events."""
    return reduce(advance, events, view)


def _started(view: RunView, event: Event) -> RunView:
    request = event.get("request", {})
    reroll = request.get("reroll")
    wish = (str(reroll[0]), int(reroll[1])) if reroll else None
    return replace(view, began=float(event["time"]), reroll=wish, hears=bool(request.get("hear")))


def _stage(view: RunView, event: Event) -> RunView:
    name = event["stage"]
    if event["state"] == "begun":
        view = replace(view, heard=()) if name == "words" else view  # lyrics are laid onto what was heard before
        return replace(_with(view, StageProgress(name, "begun")), scene=None, note="")
    before = _progress_of(view, name)
    return _with(view, replace(before, state="done", done=before.total or before.done, left=None))


def _progress(view: RunView, event: Event) -> RunView:
    done, total, rate = float(event["done"]), float(event["total"]), float(event["rate"])
    part = float(event.get("part", 0.0))
    over = done >= total > 0
    left = max(total - done - part, 0.0) / rate if rate > 0 and not over else None
    # The stages of scenes tell no beginning and no end; the others say `done` themselves.
    ended = over and event["stage"] not in _ALONE
    stage = StageProgress(event["stage"], "begun", done, total, rate, left, str(event["what"]), part)
    return replace(_with(view, replace(stage, state="done") if ended else stage), note="")


def _artifact(view: RunView, event: Event) -> RunView:
    return replace(view, artifacts=view.artifacts + 1, scene=event["scene"] or view.scene, note="")


def _remark(view: RunView, event: Event) -> RunView:
    text = str(event["text"])
    spent = float(event.get("spent", view.spent))
    return replace(view, remarks=(*view.remarks[1 - MOST_REMARKS :], text), note=text, spent=spent)


def _heard(view: RunView, event: Event) -> RunView:
    line = (float(event["start"]), float(event["end"]), str(event["text"]))
    return replace(view, heard=(*view.heard, line))


def _failed(view: RunView, event: Event) -> RunView:
    stage = event["stage"]
    failure = Failure(stage, event["scene"], str(event["error"]), str(event.get("hint") or ""))
    view = replace(view, failures=(*view.failures, failure))
    if stage is not None:
        return view  # one piece of it; the stage goes on with the others
    stages = tuple(_failing(each) if each.name in _ALONE else each for each in view.stages)
    return replace(view, stages=stages)


def _failing(stage: StageProgress) -> StageProgress:
    return replace(stage, state="failed", left=None) if stage.state == "begun" else stage


def _finished(view: RunView, event: Event) -> RunView:
    failed = {failure.stage for failure in view.failures}
    stages = tuple(_settled(stage, stage.name in failed, event["exit"] == 0) for stage in view.stages)
    return replace(view, alive=False, exit=int(event["exit"]), video=event["video"], scene=None, stages=stages)


def _settled(stage: StageProgress, failed: bool, well: bool) -> StageProgress:
    """A stage once its run is over; one that was broken off stays "begun"."""
    if failed:
        return replace(stage, state="failed", left=None)
    return replace(stage, state="done" if well else stage.state, left=None)


_STEPS: dict[str, Callable[[RunView, Event], RunView]] = {
    "started": _started,
    "stage": _stage,
    "progress": _progress,
    "artifact": _artifact,
    "remark": _remark,
    "heard": _heard,
    "failed": _failed,
    "finished": _finished,
}


def _progress_of(view: RunView, name: str) -> StageProgress:
    return next((stage for stage in view.stages if stage.name == name), StageProgress(name, "begun"))


def _with(view: RunView, stage: StageProgress) -> RunView:
    """The run with that stage in its place, in the order in which a song walks through them."""
    others = [each for each in view.stages if each.name != stage.name]
    return replace(view, stages=tuple(sorted([*others, stage], key=_place)))


def _place(stage: StageProgress) -> int:
    return STAGES.index(stage.name) if stage.name in STAGES else len(STAGES)


def died(view: RunView, last_words: tuple[str, ...]) -> RunView:
    """The run whose worker is gone without a last word; `last_words` are the last lines of its log."""
    error = f"its log ends with: {' / '.join(last_words)}" if last_words else "killed, or the machine went down."
    failure = Failure(None, None, error, f"A run goes on where it was; the log is {view.log}.")
    stages = tuple(replace(stage, left=None) for stage in view.stages)
    return replace(view, alive=False, died=True, scene=None, failures=(*view.failures, failure), stages=stages)


def log_tail(path: str, most: int = MOST_REMARKS) -> tuple[str, ...]:
    """The last lines of a log that say something, at most so many; none where there is no log."""
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple([line.rstrip() for line in text.splitlines() if line.strip()][-most:])


async def read_tail(path: str) -> tuple[str, ...]:
    """`log_tail`, off the event loop."""
    return await asyncio.to_thread(log_tail, path)


class RunWatcher:
    """Follows the newest run of a project, whoever started it, and tells a snapshot whenever something changed.

    `tell` is called on the event loop, at most once a tick; with None where there was no run yet. `pause` and
    `clock` are injected by tests.
    """

    def __init__(
        self,
        project: Project,
        tell: Callable[[RunView | None], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project = project
        self._tell = tell
        self._pause = pause
        self._clock = clock
        self._view: RunView | None = None
        self._told: RunView | None = None
        self._first = True
        self._due = 0.0
        self._runs_seen: int | None = None
        self._reader: EventReader | None = None
        self._size = -1

    async def watch(self) -> None:
        """Look again and again, until the worker that runs this is cancelled."""
        while True:
            with contextlib.suppress(OSError):  # a folder that is away for a moment is there at another look
                await self.look()
            await self._pause(TICK_SECONDS)

    def look_soon(self) -> None:
        """Look for another run at the next tick, and not only within the second: one has just been started."""
        self._due = 0.0

    async def look(self) -> None:
        """One tick: read what is new, and tell it if it says something new."""
        now = self._clock()
        due = now >= self._due
        if due:
            self._due = now + LOOK_SECONDS
        elif self._view is None or not self._view.alive:
            return
        view = await asyncio.to_thread(self._read, due)
        if self._first or view != self._told:
            self._first, self._told = False, view
            self._tell(view)

    def _read(self, due: bool) -> RunView | None:
        """The run as its files tell it now (on a thread)."""
        # The lock is looked at before the events: what a run wrote before it died is then still read.
        found = self._find() if due else None
        if found is not None and (self._view is None or found.id != self._view.id):
            self._view, self._reader, self._size = view_of(found), EventReader(found.events), -1
        view = self._view
        if view is None:
            return None
        if found is not None and found.alive and view.died:  # it was only slow to take its lock
            view = replace(view, alive=True, died=False, failures=view.failures[:-1])
        view = self._news(view)
        if due and view.exit is None and not view.died and not (found is not None and found.alive):
            view = died(view, log_tail(view.log, _LAST_WORDS))
        self._view = view
        return view

    def _news(self, view: RunView) -> RunView:
        """The run after the events that were not read before."""
        size = self._events_size(view)
        if size == self._size or self._reader is None:
            return view
        self._size = size
        return advance_all(view, self._reader.read())

    def _events_size(self, view: RunView) -> int:
        try:
            return (self._project.runs / view.id / "events.jsonl").stat().st_size
        except OSError:
            return -1

    def _find(self) -> Run | None:
        """The run that is going on, else the newest where there are new ones; None where nothing is new."""
        # Taken before the lock is looked at: a run that starts between the two is found at the next look.
        changed = self._runs_changed()
        alive = control.live_run(self._project)
        if alive is not None:
            return alive
        return control.last_run(self._project) if changed else None

    def _runs_changed(self) -> bool:
        """Whether folders of runs came or went since the last look."""
        try:
            seen = self._project.runs.stat().st_mtime_ns
        except OSError:
            return False
        changed, self._runs_seen = seen != self._runs_seen, seen
        return changed
