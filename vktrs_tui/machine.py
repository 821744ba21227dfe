"""What this machine can do, asked of `vktrs doctor` in another process, and what that means for a new project."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence

from vktrs.errors import VktrsError
from vktrs.runs.doctor import Finding

_SPEECH_WORDS = {
    "auto": "takes the best that is here",
    "none": "nobody listens; give lyrics with times, or write the scenes",
}
_PICTURE_WORDS = {"cppn": "abstract pictures; needs no model and no GPU"}


async def examine() -> tuple[Finding, ...]:
    """Everything that vktrs needs or can use on this machine; VktrsError where that cannot be told."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "vktrs_tui", "doctor", "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise VktrsError(f"the machine could not be examined: {error.strerror or error}.") from None
    try:
        told, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return tuple(Finding(**each) for each in json.loads(told))
    except (ValueError, TypeError):
        last = complained.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise VktrsError(f"the machine could not be examined: {last or 'no reason is known'}") from None


def speech_words(name: str, findings: Sequence[Finding]) -> str:
    """What a speech engine means on this machine, in a few words; before there are findings, only what it is."""
    known = {each.name: each for each in findings}
    what = _SPEECH_WORDS.get(name, "")
    engine, models = known.get(name), known.get("speech models")
    if name == "none" or models is None:
        return what
    if engine is not None and not engine.works:
        return _missing(engine)
    if not models.works:
        return f"no model here yet: {models.mend}"
    return f"{what + ': ' if what else 'models here: '}{models.found}"


def picture_words(name: str, findings: Sequence[Finding]) -> str:
    """What a picture engine means on this machine, in a few words."""
    known: Mapping[str, Finding] = {each.name: each for each in findings}
    engines = known.get("picture engines")
    if engines is not None and name not in engines.found.split(", "):
        return "not part of this version of vktrs; its pictures cannot be made here"
    return _PICTURE_WORDS.get(name, "")


def _missing(engine: Finding) -> str:
    return f"{engine.found}; {engine.mend}" if engine.mend else engine.found
