"""A picture engine that does what a test wrote down, in the place of a real one, within a forked worker.

It keeps to the contract of `vktrs.engines.pictures` as an engine with batches and paid answers would, and notes in a
file whatever it is asked for and hands out, so that a test can count over several runs, killed ones too.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vktrs import errors
from vktrs.engines.pictures import Answer, Estimate, FrameRequest, Keyframe, KeyframeRequest, Workplace
from vktrs.errors import Halted, InputError, Stopped, VktrsError
from vktrs.picture import Picture

Request = KeyframeRequest | FrameRequest
Actions = list[list[Any]]


@dataclass(frozen=True)
class When:
    """What happens to the requests that it fits: those of variations (`k` counts) or keyframes, by a piece of the
    prompt. `before` it is handed out something is done (as `worker_forks` names it); the answer is an error (its class
    and its text), or that is raised instead of an answer."""

    prompt: str = ""
    k: int | None = None
    keyframe: bool = False
    before: Actions = field(default_factory=list)
    answer: tuple[str, str] | None = None
    raising: tuple[str, str] | None = None

    def fits(self, request: Request) -> bool:
        """Whether it is about that request."""
        k = request.k if isinstance(request, FrameRequest) else None
        return self.prompt in request.prompt and (k is None if self.keyframe else self.k in (None, k))


@dataclass(frozen=True)
class Script:
    """How the engine is: what it notes goes to `journal`. It has `in_hand` requests at once, each of so many `steps`
    and so many `credits`, and answers them last first where it is `backwards`, not at all where it is `silent`;
    `stops_at` a step there is a SIGTERM. Pictures are `size` whatever is asked for, and depend on the aspect then.
    Scenes settle within `settles` seconds."""

    journal: str
    at_once: int = 2
    paid: bool = False
    in_hand: int = 1
    steps: int = 0
    stops_at: int | None = None
    credits: float = 0.0
    backwards: bool = False
    silent: bool = False
    size: tuple[int, int] | None = None
    settles: float = 0.0
    problem: tuple[str, str] | None = None
    when: tuple[When, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `script_from_json` reads it back."""
        return asdict(self)


def script_from_json(value: Mapping[str, Any]) -> Script:
    """The script that `Script.as_json` wrote."""
    return Script(**{**value, "when": tuple(When(**each) for each in value["when"])})


class ScriptedKind:
    """A `PictureKind` by a script."""

    ENGINE_VERSION = 1
    USES_DEVICE = False
    GRID = 1

    def __init__(self, script: Script, act: Callable[[Actions], None]) -> None:
        self._script = script
        self._act = act
        self.AT_ONCE = script.at_once
        self.PAID = script.paid

    def settled_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Only `steps` is known; `compile` changes no picture."""
        if unknown := set(options) - {"steps", "compile"}:
            raise InputError(f"`{unknown.pop()}` is not known.", "Known are `steps` and `compile`.")
        return {"steps": options.get("steps", 30)}

    def keyframe_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The same."""
        return self.settled_options(options)

    def reads_negative_prompts(self, options: Mapping[str, Any], of_variations: bool) -> bool:
        """It does."""
        return True

    def size_inputs(self, options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
        """Its own size depends on the aspect only."""
        return {"aspect": round(width / height, 3)} if self._script.size else {"width": width, "height": height}

    def problems(self, options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
        """The one of the script, and unknown options."""
        try:
            self.settled_options(options)
        except InputError as error:
            return [error]
        return [_failure(*self._script.problem)] if self._script.problem else []

    def device_problems(self, device: str | None) -> list[VktrsError]:
        """It draws anywhere."""
        del device
        return []

    def estimate(
        self, options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
    ) -> Estimate:
        """One call a picture."""
        pictures = keyframes + sum(variations)
        return Estimate(pictures, pictures, pictures * self._script.credits if self.PAID else None)

    def open_engine(self, options: Mapping[str, Any], workplace: Workplace) -> ScriptedEngine:
        """The engine."""
        return ScriptedEngine(self._script, self._act, options, workplace)


class ScriptedEngine:
    """A `PictureEngine` by a script."""

    def __init__(
        self, script: Script, act: Callable[[Actions], None], options: Mapping[str, Any], workplace: Workplace
    ) -> None:
        self._script, self._act, self._place = script, act, workplace
        self._note("opened", options=dict(options))

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Answer]]:
        """By the script."""
        self._note("asked", prompts=[each.prompt for each in requests])
        return self._answers(requests)

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> Iterator[tuple[FrameRequest, Answer]]:
        """By the script; the shape of the keyframe is noted."""
        self._note("asked", ks=[each.k for each in requests], keyframe=list(keyframe.picture.shape))
        return self._answers(requests)

    def close(self) -> None:
        """Noted."""
        self._note("closed")

    def _answers(self, requests: Sequence[Any]) -> Iterator[tuple[Any, Answer]]:
        waiting, ending = list(requests), None
        while waiting:
            hand: list[Any] = []
            while waiting and len(hand) < self._script.in_hand and not self._place.is_winding_up():
                try:
                    self._place.purse.take(self._script.credits)
                    self._place.purse.settle(self._script.credits, self._script.credits)
                except Halted as spent:
                    waiting, ending = [], spent
                    break
                hand.append(waiting.pop(0))
                self._note("begun", **_named(hand[-1]))
            if not hand:
                break
            self._walk(len(hand))
            for request in reversed(hand) if self._script.backwards else hand:
                yield from self._handed(request)
        if ending is not None:
            raise ending
        if self._place.is_stopped():
            raise Stopped

    def _walk(self, pictures: int) -> None:
        for step in range(1, self._script.steps + 1):
            if step == self._script.stops_at:
                self._act([["stop"]])
            if self._place.is_stopped() and not self._script.paid:
                raise Stopped
            self._place.step(pictures, step, self._script.steps)

    def _handed(self, request: Request) -> Iterator[tuple[Request, Answer]]:
        told = next((each for each in self._script.when if each.fits(request)), When())
        self._act(told.before)
        if told.raising:
            raise _error(*told.raising)
        if self._script.silent:
            return
        self._note("handed", **_named(request))
        yield request, _failure(*told.answer) if told.answer else _picture(request, self._script.size)

    def _note(self, what: str, **values: Any) -> None:
        handle = os.open(self._script.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(handle, json.dumps({"what": what, **values}).encode() + b"\n")
        os.close(handle)


def notes(journal: Path, what: str) -> list[dict[str, Any]]:
    """What the engine noted of one kind, over all runs with that journal."""
    if not journal.exists():
        return []
    every = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return [each for each in every if each["what"] == what]


def named(journal: Path, what: str) -> list[tuple[str, int]]:
    """Prompt and number (0: the keyframe) of the requests that were begun, or handed out."""
    return [(each["prompt"], each["k"]) for each in notes(journal, what)]


def install(name: str, script: Mapping[str, Any], act: Callable[[Actions], None]) -> None:
    """Put the scripted engine into the place of the one of that name, in this process; all progress is told then."""
    from vktrs.engines import registry
    from vktrs.runs import progress, settling

    written = script_from_json(script)
    vars(registry)["_KINDS"][name] = ScriptedKind(written, act)
    vars(registry)["PICTURE_VERSIONS"][name] = ScriptedKind.ENGINE_VERSION
    vars(settling)["SECONDS"] = written.settles
    vars(progress)["SECONDS_BETWEEN"] = 0.0


def _named(request: Request) -> dict[str, Any]:
    return {"prompt": request.prompt, "k": request.k if isinstance(request, FrameRequest) else 0}


def _failure(kind: str, text: str) -> VktrsError:
    found: type[VktrsError] = getattr(errors, kind)
    return found(text, "Do something.")


def _error(kind: str, text: str) -> Exception:
    """The same, or a fault of the engine's own."""
    return _failure(kind, text) if hasattr(errors, kind) else RuntimeError(text)


def _picture(request: Request, size: tuple[int, int] | None) -> Picture:
    """A colour from the prompt with a bar that moves with the number, so that no two pictures are the same."""
    import numpy as np

    width, height = size or (request.width, request.height)
    colour = zlib.crc32(request.prompt.encode())
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = [colour & 255, colour >> 8 & 255, colour >> 16 & 255]
    bar = (request.k if isinstance(request, FrameRequest) else 0) * width // 8
    picture[:, bar : bar + max(1, width // 8)] = 255
    return picture
