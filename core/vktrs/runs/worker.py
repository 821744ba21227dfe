"""The process that does what is stale: `python -P -m vktrs.runs.worker PROJECT RUN [LOCK]`.

It holds the run lock for its whole life (the inherited handle LOCK; without one it takes the lock itself), plans,
makes the first missing thing, and plans anew whenever the storyboard changed; it is done when a fresh plan of the
newest file shows nothing missing in its scope. How each thing is made is the stages' business; how others see the
run is told by its events.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from vktrs.errors import InputError, Stopped, VktrsError
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest, request_from_json
from vktrs.runs.events import EVENTS, EventLog
from vktrs.runs.making import Making


class StopFlag:
    """Set by SIGTERM; asked by the work between two pieces."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask the work to stop (a signal handler)."""
        self.is_set = True

    def __call__(self) -> bool:
        """Whether somebody asked the work to stop."""
        return self.is_set


def main(arguments: list[str]) -> int:
    """Run the worker; the exit code of the run."""
    root, name, *handle = arguments
    flag = StopFlag()
    signal.signal(signal.SIGTERM, flag.set)
    project = Project(Path(root))
    folder = project.runs / name
    request = request_from_json(json.loads((folder / "run.json").read_text("utf-8"))["request"])
    log = EventLog(folder / EVENTS)
    try:
        lock = control.hold(project, name, int(handle[0]) if handle else None)
    except VktrsError as error:
        return finish(log, error)
    except OSError as fault:
        return finish(log, system_error(fault))
    try:
        return work(project, name, request, log, flag)
    finally:
        # not left to the end of the process: torch takes a second for that, and whoever has read the end runs again
        lock.release()


def work(project: Project, name: str, request: RunRequest, log: EventLog, flag: StopFlag) -> int:
    """Make everything in scope, tell how it went, and never let an error pass untold; the exit code."""
    began = time.monotonic()
    log.emit("started", run=name, pid=os.getpid(), request=request.as_json())
    making = Making(project, request, log.emit, flag)
    return finish(log, _failure(making, project.runs / name), making, began)


def _failure(making: Making, folder: Path) -> VktrsError | None:
    """What ended the run before its time, None where nothing did; everything is written and closed then."""
    try:
        making.run()
    except VktrsError as error:
        return error
    except MemoryError:
        return VktrsError("there is not enough memory.", "Choose a smaller size in [video].")
    except OSError as fault:
        return system_error(fault)
    except Exception as fault:  # noqa: BLE001  the door that every unforeseen error of a run goes through
        traceback.print_exc()
        text = f"vktrs stumbled over a fault of its own ({type(fault).__name__}: {fault})."
        return VktrsError(text, f"What was made is kept. Please report it with {folder / 'log.txt'}.")
    finally:
        making.close()
    return None


def system_error(error: OSError) -> VktrsError:
    """An error of the operating system in the words of this program."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return VktrsError(f"the disk is full{where}.", "Free some space and run again; `vktrs clean` helps.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return InputError(f"no permission to write{where}.", "Give yourself write permission in the project folder.")
    return VktrsError(f"{error.strerror or error}{where}.")


def finish(log: EventLog, error: VktrsError | None, making: Making | None = None, began: float | None = None) -> int:
    """Tell the end of the run; its exit code."""
    if error is not None and not isinstance(error, Stopped):
        log.emit("failed", stage=None, scene=None, key=None, error=error.message, hint=error.hint, exit=error.exit_code)
    failures = making.failures if making else {}
    code = error.exit_code if error else max((each.exit_code for each in failures.values()), default=0)
    video = os.path.relpath(making.written, making.scope.project.root) if making and making.written else None
    seconds = round(time.monotonic() - began, 3) if began is not None else 0.0
    log.emit("finished", exit=code, video=video, seconds=seconds)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
