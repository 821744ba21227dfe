"""What this machine can do, asked of `vktrs doctor` in another process, and what that means for a new project."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from vktrs.engines.diffusion.options import DEFAULT_MODEL
from vktrs.errors import VktrsError
from vktrs.runs.doctor import Finding

_SPEECH_WORDS = {
    "auto": "takes the best that is here",
    "captions": "the words of the song's own captions; for a URL, or captions beside the file",
    "api": "a service to which the song is sent, OpenAI's or one like it",
    "none": "nobody listens; give lyrics with times, or write the scenes",
}
_PICTURE_WORDS = {
    "cppn": "abstract pictures; needs no model and no GPU",
    "diffusers": "Stable Diffusion on this machine",
    "stability": "by Stability AI's services; costs credits",
}


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
    if name == "api":
        key = known.get("OPENAI_API_KEY")
        return f"{what}; {key.found}" if key is not None else what
    if name in ("none", "captions") or models is None:
        return what
    if engine is not None and not engine.works:
        return _missing(engine)
    if not models.works:
        return f"no model here yet: {models.mend}"
    return f"{what + ': ' if what else 'models here: '}{models.found}"


def picture_words(name: str, findings: Sequence[Finding]) -> str:
    """What a picture engine means on this machine, in a few words."""
    known: Mapping[str, Finding] = {each.name: each for each in findings}
    what, engine = _PICTURE_WORDS.get(name, ""), known.get(name)
    if engine is not None and not engine.works:
        return _missing(engine)
    told = {"diffusers": _diffusion_words, "stability": _service_words}.get(name)
    return "; ".join(part for part in (what, *(told(known) if told is not None else ())) if part)


def _diffusion_words(known: Mapping[str, Finding]) -> Iterator[str]:
    """Where it would draw, and which model it would fetch."""
    torch, gpu, models = (known.get(name) for name in ("torch", "GPU", "picture models"))
    if torch is not None and not torch.works:
        yield _missing(torch)
    elif gpu is not None:
        yield f"on {gpu.found}" if gpu.works else "no NVIDIA GPU is here, and on a CPU a picture takes minutes"
    if models is not None:
        names = models.found.partition(" in ")[0] if models.works else ""
        here = f"; here are {names}" if names else ""
        if DEFAULT_MODEL not in names.split(", "):
            yield f"the first run fetches {DEFAULT_MODEL}, some gigabytes{here}"
        else:
            yield "its model is here"


def _service_words(known: Mapping[str, Finding]) -> Iterator[str]:
    """Whether there is a key; what it is, nobody is told."""
    key = known.get("STABILITY_KEY")
    if key is not None:
        yield "the key is set" if key.works else "no key is set: `export STABILITY_KEY=...` before vktrs is started"


def _missing(engine: Finding) -> str:
    return f"{engine.found}; {engine.mend}" if engine.mend else engine.found
