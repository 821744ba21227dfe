"""Runs of the real worker whose course a test decides: killed, stopped or disturbed at an exact moment.

One process imports everything once and forks for each run, so that a run costs its work and not its imports. The
child calls `vktrs.runs.worker.main`, as `python -m vktrs.runs.worker` does; the moment of the disturbance is an
event that the worker tells, or a call of one of its functions. The product has no hook for any of this.

    Forks().run(project, at_event(7, kill()))
    Forks().run(project, at_call("os.replace", raising(ENOSPC), matching="frame.png"))
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.scripted_engine import Script, install

Action = list[Any]
Disturbance = dict[str, Any]

_numbers = itertools.count(1)
_MOST_SECONDS = 60


def kill() -> Action:
    """SIGKILL to the worker."""
    return ["kill"]


def kill_all() -> Action:
    """SIGKILL to the worker and everything that it started."""
    return ["kill_all"]


def kill_half_written() -> Action:
    """Half of what `Path.write_bytes` or `Path.write_text` was given is in the file, and then SIGKILL."""
    return ["half"]


def stop() -> Action:
    """SIGTERM to the worker."""
    return ["stop"]


def raising(number: int) -> Action:
    """An OSError of that number out of the call."""
    return ["raise", number]


def out_of_memory() -> Action:
    """What torch raises where a device is full, out of the call."""
    return ["memory"]


def note(path: Path) -> Action:
    """One more line in a file that counts."""
    return ["note", str(path)]


def write(path: Path, text: str) -> Action:
    """Another text in the place of a file, as an editor puts it there."""
    return ["write", str(path), text]


def remove(path: Path) -> Action:
    """The file is gone."""
    return ["remove", str(path)]


def rename(path: Path, to: Path) -> Action:
    """Another file takes the place of one."""
    return ["rename", str(path), str(to)]


def at_event(number: int, *then: Action) -> Disturbance:
    """Once the worker has told its event of that number, from 0; progress, which hangs on the clock, does not count."""
    return {"event": number, "then": then}


def at_call(
    function: str, *then: Action, nth: int = 1, after: bool = False, matching: str = "", onward: bool = False
) -> Disturbance:
    """Before (or after) the `nth` call of a function that has `matching` in its arguments, or from that one onward."""
    return {"call": function, "then": then, "nth": nth, "after": after, "matching": matching, "onward": onward}


def damage(name: str) -> Disturbance:
    """Every file of that name is cut short as soon as its artifact is in place."""
    return {"damage": name}


def limits(*, file_size: int | None = None, user: int | None = None) -> Disturbance:
    """No file may grow beyond so many bytes; the worker belongs to another user."""
    return {"file_size": file_size, "user": user}


def engine(name: str, script: Script) -> Disturbance:
    """A scripted engine in the place of the one of that name."""
    return {"engine": name, "script": script.as_json()}


@dataclass(frozen=True)
class Outcome:
    """How a run went: exit code (negative: the signal that ended it), events, and what it wrote to its log."""

    code: int
    events: list[dict[str, Any]]
    log: str

    @property
    def steps(self) -> int:
        """How many events there are that `at_event` counts."""
        return sum(each["event"] != "progress" for each in self.events)

    def told(self, event: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [each for each in self.events if each["event"] == event]

    @property
    def made(self) -> list[tuple[str, str | None]]:
        """Stage and scene of every artifact, in the order of their making."""
        return [(each["stage"], each["scene"]) for each in self.told("artifact")]

    @property
    def remarks(self) -> str:
        """All remarks, a line each."""
        return "\n".join(each["text"] for each in self.told("remark"))

    @property
    def errors(self) -> str:
        """What failed and the hints, a line each."""
        return "\n".join(f"{each['error']} {each['hint']}" for each in self.told("failed"))


class Forks:
    """The process that forks; ends when it is closed. With `diffusion` it imports diffusers, which takes seconds, once
    for all of its runs."""

    def __init__(self, *, diffusion: bool = False) -> None:
        command = [sys.executable, "-P", "-m", "tests.real.worker_forks", *(["diffusion"] if diffusion else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, root: Path, *disturbances: Disturbance, **request: Any) -> Outcome:
        """One run of the project in `root` from its start to whatever end it finds; `request` as for a RunRequest."""
        from vktrs.runs.control import RunRequest
        from vktrs.runs.events import EventReader

        name = f"run-{next(_numbers):04d}"
        folder = root / ".vktrs" / "runs" / name
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        (folder / "run.json").write_text(json.dumps({"id": name, "request": RunRequest(**request).as_json()}))
        assert self._process.stdin and self._process.stdout
        order = {"root": str(root), "name": name, "disturbances": disturbances}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        code = json.loads(self._process.stdout.readline())
        log = (folder / "log.txt").read_text("utf-8")
        return Outcome(code, list(EventReader(folder / "events.jsonl").read()), log)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()  # closes both pipes


def _serve() -> None:
    _import_everything()
    if "diffusion" in sys.argv:
        _import_diffusion()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_the_worker(order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _import_everything() -> None:
    """What a worker imports on its way: here, before the first fork."""
    import numpy as np

    from vktrs.engines.beats import analyse
    from vktrs.engines.registry import open_pictures
    from vktrs.media import captions, clip, download, join, lyrics  # noqa: F401
    from vktrs.media.ffmpeg import which_ffmpeg
    from vktrs.runs import worker  # noqa: F401

    which_ffmpeg()
    open_pictures("cppn", {}).close()
    clicks = np.zeros(4 * 22050, np.float32)
    clicks[:: 22050 // 2] = 1
    analyse(clicks)


def _import_diffusion() -> None:
    """What the diffusers engine imports. Nothing is computed with it: the threads of torch do not survive a fork."""
    import diffusers

    from vktrs.engines.diffusion import engine  # noqa: F401

    for kind in ("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "DDIMScheduler"):
        getattr(diffusers, kind)  # each is imported when it is named


def _be_the_worker(order: dict[str, Any]) -> None:
    """Never returns."""
    code = 70
    try:
        os.setsid()
        log = os.open(Path(order["root"], ".vktrs/runs", order["name"], "log.txt"), os.O_WRONLY | os.O_CREAT, 0o666)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for handle, number in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(handle, number)
        os.chdir(order["root"])
        signal.alarm(_MOST_SECONDS)
        for disturbance in order["disturbances"]:
            _prepare(disturbance)
        from vktrs.runs import worker

        code = worker.main([order["root"], order["name"]])
    except BaseException:  # noqa: BLE001  the child must end here, whatever happened
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _prepare(disturbance: Disturbance) -> None:
    if "event" in disturbance:
        told = itertools.count()

        def is_due(_log: object, event: str, *_: object) -> bool:
            return event != "progress" and next(told) == disturbance["event"]

        _wrap("vktrs.runs.events.EventLog.emit", disturbance["then"], is_due, after=True)
    elif "call" in disturbance:
        met = itertools.count(1)

        def meets(*arguments: object) -> bool:
            fits = not disturbance["matching"] or disturbance["matching"] in " ".join(map(str, arguments))
            number = next(met) if fits else 0
            return number == disturbance["nth"] or (disturbance["onward"] and number > disturbance["nth"])

        _wrap(disturbance["call"], disturbance["then"], meets, disturbance["after"])
    elif "engine" in disturbance:
        install(disturbance["engine"], disturbance["script"], lambda actions: _act(actions, ()))
    elif "damage" in disturbance:
        _damage(disturbance["damage"])
    else:
        _limit(disturbance["file_size"], disturbance["user"])


def _wrap(function: str, then: list[Action], meets: Callable[..., bool], after: bool) -> None:
    owner, name = _find(function)
    original = getattr(owner, name)

    @functools.wraps(original)
    def disturbed(*arguments: Any, **named: Any) -> Any:
        now = meets(*arguments, *named.values())
        if now and not after:
            _act(then, arguments)
        result = original(*arguments, **named)
        if now and after:
            _act(then, arguments)
        return result

    setattr(owner, name, disturbed)


def _find(function: str) -> tuple[Any, str]:
    """The module or class that holds a function, and its name there."""
    *path, name = function.split(".")
    for length in range(len(path), 0, -1):
        with contextlib.suppress(ModuleNotFoundError):
            owner = importlib.import_module(".".join(path[:length]))
            for part in path[length:]:
                owner = getattr(owner, part)
            return owner, name
    raise LookupError(function)


def _wait_until_told() -> None:
    """Signals are handled by the main thread, when it gets its turn; what comes after the stop waits for that."""
    if threading.current_thread() is threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGTERM)
    flag = getattr(handler, "__self__", None)
    deadline = time.monotonic() + 10
    while flag is not None and not flag.is_set and time.monotonic() < deadline:
        time.sleep(0.001)


def _act(actions: list[Action], arguments: tuple[Any, ...]) -> None:
    for kind, *details in actions:
        if kind == "half":
            path, content = arguments[0], arguments[1]
            half = content[: len(content) // 2]
            with Path(path).open("wb") as file:
                file.write(half.encode() if isinstance(half, str) else half)
        if kind in ("kill", "half"):
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == "kill_all":
            os.killpg(0, signal.SIGKILL)
        elif kind == "stop":
            os.kill(os.getpid(), signal.SIGTERM)
            _wait_until_told()
        elif kind == "raise":
            raise OSError(details[0], os.strerror(details[0]))
        elif kind == "memory":
            import torch

            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        elif kind == "note":
            with Path(details[0]).open("a") as file:
                file.write("\n")
        elif kind == "remove":
            Path(details[0]).unlink()
        elif kind == "rename":
            Path(details[0]).rename(details[1])
        elif kind == "write":
            path, text = details
            beside = Path(f"{path}.edited")
            beside.write_text(text, "utf-8")
            beside.rename(path)


def _damage(name: str) -> None:
    rename = os.rename

    def renamed(source: Any, target: Any, **named: Any) -> None:
        rename(source, target, **named)
        if (path := Path(target, name)).is_file():
            os.truncate(path, 1)

    os.rename = renamed


def _limit(file_size: int | None, user: int | None) -> None:
    if file_size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    if user is not None:
        Path.home().chmod(0o755)  # they may at least look whether there are settings for this machine
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


if __name__ == "__main__":
    _serve()
