"""A run shown until it ends or is left: Ctrl-C once leaves it to itself, twice stops it."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import time
from functools import partial
from itertools import islice
from pathlib import Path

from vktrs.errors import Stopped, VktrsError
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import Run
from vktrs.runs.events import Event, EventReader
from vktrs.timing import format_clock
from vktrs_tui.cli.progress import ProgressLines
from vktrs_tui.cli.speaking import quoted, remark, tell

_SECOND_CHANCE = 2.0
_MOST_FAILURES = 20


def watch(project: Project, run: Run) -> int:
    """Show a run until it ends or is left; its exit code, 0 where it was left to itself."""
    shown = _Shown(project)
    stopping = False
    while not shown.over:
        try:
            shown.go_on(project, run)
        except KeyboardInterrupt:
            shown.lines.close()
            if stopping:
                return Stopped.exit_code
            if not _asks_to_stop(project):
                return 0
            stopping = True
            control.stop(project)
    shown.lines.close()
    if run.process is not None:
        run.process.wait()
    return _say_end(project, shown)


class _Shown:
    """What was shown of a run: its end, and what failed."""

    def __init__(self, project: Project) -> None:
        self.lines = ProgressLines(named=partial(scene_name, project))
        self.over = False
        self.code = VktrsError.exit_code
        self.video: Path | None = None
        self.failures: list[Event] = []
        self.is_reroll = False
        self.hears = False
        self._count = 0

    def go_on(self, project: Project, run: Run) -> None:
        """Show the events that were not shown yet, to the last."""
        for event in islice(control.follow(project, run), self._count, None):
            self._count += 1
            self._take(event)
        self.over = True

    def _take(self, event: Event) -> None:
        self.lines.show(event)
        if event["event"] == "started":
            self.is_reroll = bool(event.get("request", {}).get("reroll"))
            self.hears = bool(event.get("request", {}).get("hear"))
        elif event["event"] == "finished":
            self.code, self.video = int(event["exit"]), Path(event["video"]) if event["video"] else None
        elif event["event"] == "failed" and event.get("stage"):
            self.failures.append(event)
        elif event["event"] == "failed":
            self.code = int(event.get("exit") or VktrsError.exit_code)


def scene_name(project: Project, scene_id: str) -> str:
    """`scene 3`, by its place on the storyboard; by its id where it is gone or the file cannot be read now."""
    try:
        place = project.document().board.index(scene_id)
    except (VktrsError, KeyError):
        return f"scene {scene_id}"
    return f"scene {place + 1}"


def _asks_to_stop(project: Project) -> bool:
    """After a Ctrl-C: whether a second one comes at once."""
    back = f"`vktrs follow {quoted(project.root)}` comes back to it, `vktrs stop {quoted(project.root)}` ends it."
    try:
        remark(f"\nLeft; the run goes on. {back} Ctrl-C again within two seconds stops it.")
        time.sleep(_SECOND_CHANCE)
    except KeyboardInterrupt:
        remark("Stopping after the picture in hand.")
        return True
    return False


def _say_end(project: Project, shown: _Shown) -> int:
    if len(shown.failures) > 1:
        remark(f"{len(shown.failures)} pieces could not be made:")
        for event in shown.failures[:_MOST_FAILURES]:
            where = f"{scene_name(project, event['scene'])}, " if event.get("scene") else ""
            remark(f"  {where}{event['stage']}: {event['error']}")
    if shown.video is not None:
        say_video(project, project.root / shown.video)
    if shown.code == Stopped.exit_code:
        remark(f"The run was stopped; {_after_stop(project.root, shown.is_reroll, shown.hears)}")
    return shown.code


def what_goes_on(root: Path, run: Run) -> str:
    """After a run was stopped: what is kept of it, and how it goes on."""
    asked: Event = next((each for each in EventReader(run.events).read() if each["event"] == "started"), {})
    request = asked.get("request", {})
    return _after_stop(root, bool(request.get("reroll")), bool(request.get("hear")))


def _after_stop(root: Path, is_reroll: bool, hears: bool) -> str:
    if is_reroll:
        return "the takes that were made are kept."
    if hears:
        return "asked for again, it goes on behind the last stretch that was heard whole."
    return f"`vktrs run {quoted(root)}` goes on where it was."


def say_video(project: Project, video: Path, plan: Plan | None = None) -> None:
    """The path to stdout; size and length (of `plan`, where the caller has one), and how to fetch it, to stderr."""
    if not video.exists():
        return
    tell(str(video))
    remark(f"{video.stat().st_size / 1e6:.1f} MB{_length(plan or _plan(project))}")
    connection = os.environ.get("SSH_CONNECTION", "").split()
    if connection:
        remark(f"fetch it:  {copy_command(video, connection)}")


def _plan(project: Project) -> Plan | None:
    try:
        return plan_project(project)
    except VktrsError:  # the storyboard may be half-way in an edit by now
        return None


def _length(plan: Plan | None) -> str:
    return f", {format_clock(plan.span[1] - plan.span[0])} long" if plan and plan.span else ""


def copy_command(video: Path, connection: list[str]) -> str:
    """The `scp` line that fetches `video`; `connection` is SSH_CONNECTION: client, its port, this host, its port."""
    host, port = (connection[2], connection[3]) if len(connection) > 3 else (socket.gethostname(), "22")
    if ":" in host:
        host = f"[{host}]"
    try:
        user = f"{getpass.getuser()}@"
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = ""
    through = f"-P {port} " if port != "22" else ""
    return f"scp {through}{shlex.quote(f'{user}{host}:{video}')} ."
