"""How the studio makes a project: in a process of its own, because looking into a song imports a decoder.

`create` and `create_sample` ask it; run as a program this module is that process, which reads one order as JSON from
stdin and answers with one JSON object on stdout. What a project is made of is known to `vktrs.runs.beginning`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from vktrs.errors import VktrsError
from vktrs.storyboard.model import Captions, Pictures, Speech

SPEECH: tuple[Speech, ...] = get_args(Speech)
CAPTIONS: tuple[Captions, ...] = get_args(Captions)
PICTURES: tuple[Pictures, ...] = get_args(Pictures)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a new project is made from: `source` is a file or a URL, sizes are even pixels, `fps` as in a storyboard."""

    folder: Path
    source: str
    lyrics: Path | None = None
    themes: tuple[str, ...] = ()
    speech: Speech = "auto"
    pictures: Pictures = "cppn"
    captions: Captions = "none"
    width: int = 512
    height: int = 512
    fps: int | str = 24


async def create(request: NewRequest) -> Path:
    """Make the project; its folder, absolute. VktrsError where it cannot be made; cancelled, it leaves no project."""
    return await _ask({"new": {**asdict(request), "folder": str(request.folder), "lyrics": _text(request.lyrics)}})


async def create_sample(folder: Path) -> Path:
    """Make a project of the sample song in `folder`, or go on with the one there; its folder, absolute."""
    return await _ask({"sample": str(folder)})


async def _ask(order: dict[str, Any]) -> Path:
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __name__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise VktrsError(f"the project could not be made: {error.strerror or error}.") from None
    try:
        told, complained = await process.communicate(json.dumps(order).encode())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # unlike SIGTERM it lets Python take its temporary file away
            await process.wait()
    try:
        answer = json.loads(told)
    except ValueError:
        last = complained.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise VktrsError(f"the project could not be made: {last or 'no reason is known'}") from None
    if "error" in answer:
        raise VktrsError(answer["error"], answer["hint"])
    return Path(answer["folder"])


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def main() -> int:
    """Do what stdin orders and answer on stdout."""
    order = json.loads(sys.stdin.read())
    try:
        answer = {"folder": str(_make(order))}
    except VktrsError as error:
        answer = {"error": error.message, "hint": error.hint}
    except OSError as error:
        from vktrs.runs.worker import system_error

        told = system_error(error)
        answer = {"error": told.message, "hint": told.hint}
    sys.stdout.write(json.dumps(answer))
    return 0


def _make(order: dict[str, Any]) -> Path:
    if "sample" in order:
        from vktrs_tui.cli.demo import copy_sample

        return copy_sample(Path(order["sample"])).root
    from vktrs.runs.beginning import new_project

    values = order["new"]
    return new_project(values.pop("folder"), values.pop("source"), **values).root


if __name__ == "__main__":
    sys.exit(main())
