"""The curve of a signal behind each operation of its chain, as `vktrs signals` tells it in another process.

The studio itself computes none: what does is numpy's, and is not imported here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from vktrs.errors import VktrsError
from vktrs_tui.view import SignalStep, SignalSteps

MOST_KEPT = 32
VKTRS = (sys.executable, "-P", "-m", "vktrs_tui")
_PATIENCE = 2.0  # seconds for a process to end by itself


class SignalSource(Protocol):
    """Who knows what a chain makes of a source."""

    async def steps(self, name: str, source: str, chain: str) -> SignalSteps:
        """The curves of a signal of the storyboard with that source and chain, saved or not; VktrsError where not."""
        ...


class SignalProcess:
    """Asks `vktrs signals`, and remembers what was asked last; a question that is cancelled ends its process."""

    def __init__(self, folder: Path, command: Sequence[str] = VKTRS) -> None:
        self._folder = folder
        self._command = tuple(command)
        self._known: OrderedDict[tuple[str, str], SignalSteps] = OrderedDict()

    async def steps(self, name: str, source: str, chain: str) -> SignalSteps:
        """The curves of a signal with that source and chain; VktrsError with what the process said."""
        if (known := self._known.get((source, chain))) is not None:
            self._known.move_to_end((source, chain))
            return known
        told = await self._asked(name, source, chain)
        try:
            found = steps_from_json(json.loads(told))
        except (ValueError, LookupError, TypeError) as error:
            raise VktrsError(f"The signal could not be computed: its curves cannot be read ({error}).") from None
        self._known[source, chain] = found
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return found

    async def _asked(self, name: str, source: str, chain: str) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                *(*self._command, "signals", str(self._folder), name, "--json"),
                *("--source", source, "--chain", chain),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except (OSError, ValueError) as error:
            raise VktrsError(f"The signal could not be computed: {error}.") from None
        try:
            told, complained = await process.communicate()
        finally:
            await _end(process)
        if process.returncode:
            raise VktrsError(said_by(complained) or f"The signal could not be computed (exit {process.returncode}).")
        return told


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing goes on that nobody waits for."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def said_by(complained: bytes) -> str:
    """The last error that a command of vktrs said, on one line: what is wrong, and what would be right."""
    lines = complained.decode("utf-8", "replace").splitlines()
    first = max((place for place, line in enumerate(lines) if line.startswith("vktrs: ")), default=None)
    told = lines[first:] if first is not None else lines[-1:]
    return " ".join(" ".join(told).removeprefix("vktrs: ").split())


def steps_from_json(value: Any) -> SignalSteps:
    """What `vktrs signals --json` tells; ValueError, TypeError or LookupError for anything else."""
    steps = tuple(
        SignalStep(
            str(each["operation"]),
            _positive(each["rate"]),
            _finite(each["offset"]),
            tuple(min(max(_finite(number), 0.0), 1.0) for number in each["values"]),
        )
        for each in value["steps"]
    )
    return SignalSteps(_finite(value["duration"]), steps)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number")
    return number


def _positive(value: Any) -> float:
    number = _finite(value)
    if number <= 0:
        raise ValueError(f"{value} is no rate")
    return number
