"""The narrow door to every picture engine: batches of requests in, pictures out as they are done.

A picture is a numpy array `(height, width, 3)`, uint8, sRGB. An engine is opened once a run, given its `Workplace`,
and closed at its end. The same request gives the same picture, made alone or in a batch.

A package of an engine has, beside `open_engine`, the light functions of `PictureKind`: they are asked while planning
and before a run, and import nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from vktrs.engines.purse import Purse
from vktrs.engines.refusals import Refusals
from vktrs.errors import VktrsError
from vktrs.motion import Border, ColorCoherence
from vktrs.motion.affine import Affine

if TYPE_CHECKING:  # numpy, which estimates need not load
    from vktrs.picture import Picture


@dataclass(frozen=True, slots=True)
class KeyframeRequest:
    """One keyframe: `seed` in 0..2^32-1, size in pixels (even)."""

    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """Variation number `k` (from 1) of a keyframe: `consistency` in 0..1, `seed` in 0..2^32-1."""

    k: int
    prompt: str
    negative_prompt: str
    seed: int
    consistency: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MotionRequest:
    """Picture number `k` (from 1) of a moving scene, made from picture k - 1; picture 0 is the keyframe.

    `warp` takes the pixels of picture k - 1 (in a picture of `width` x `height`) to their new places; what comes from
    beyond the edge is decided by `border`. `color_coherence`: whether colours are matched to the keyframe's. `noise`
    from 0: the standard deviation of what is added before it is drawn again, in shares of the range of a channel.
    `strength` in 0..1: how much is drawn anew, 0 leaves the warped picture as it is. `guidance_scale` None: the
    engine's own. `seed` in 0..2^32-1.
    """

    k: int
    prompt: str
    negative_prompt: str
    seed: int
    warp: Affine
    border: Border
    color_coherence: ColorCoherence
    noise: float
    strength: float
    guidance_scale: float | None
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Keyframe:
    """What variations and moving scenes start from; `request` is None where it is the user's own picture."""

    picture: Picture
    request: KeyframeRequest | None


Answer: TypeAlias = "Picture | VktrsError"
"""What comes of one request: a picture, or why there is none; the others of the same batch go on."""


def _never() -> bool:
    return False


def _ignore(*_told: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Workplace:
    """What an engine has around it. Nothing here changes what a picture looks like.

    `root` is the project's folder, from which relative names of models resolve; `device` such as "cuda:1" and `batch`
    (pictures at once, at most) are the user's wish, None for the engine's own choice.

    `is_stopped`: somebody asked the run to stop: the engine raises `Stopped` within a denoising step; what is paid for
    is still handed out before that. `is_winding_up`: nothing new is begun; what is in hand is handed out, and the
    generator ends. `step(pictures, done, of)` tells how far the pictures in hand are.
    """

    root: Path = field(default_factory=Path)
    device: str | None = None
    batch: int | None = None
    purse: Purse = field(default_factory=Purse)
    refusals: Refusals = field(default_factory=Refusals)
    is_stopped: Callable[[], bool] = _never
    is_winding_up: Callable[[], bool] = _never
    remark: Callable[[str], None] = _ignore
    step: Callable[[int, int, int], None] = _ignore


class PictureEngine(Protocol):
    """Answers may come in any order, each as soon as it is there.

    A generator ends early where the `Workplace` winds up, and then leaves requests unanswered. It raises only what
    concerns all requests of the call: `MissingError`, `Halted`, `Stopped`, or a VktrsError about the keyframe.
    """

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Answer]]:
        """One answer for each request. A service that has its own sizes may answer with another size than asked for."""
        ...

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> Iterator[tuple[FrameRequest, Answer]]:
        """One answer for each request, all alike to the keyframe as its `consistency` says."""
        ...

    def motion(
        self, keyframe: Keyframe, chain: Sequence[MotionRequest], first: int, previous: Picture
    ) -> Iterator[tuple[MotionRequest, Answer]]:
        """The pictures of a moving scene from number `first` on, in their order, each made from the one before.

        `chain` holds the requests of pictures 1, 2, ... without a gap; `previous` is picture `first` - 1 (the keyframe
        where `first` is 1). Ends after an answer that is no picture, for nothing can follow it.
        """
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """What making pictures takes: calls of the engine, and about how many credits; None where they cost nothing."""

    pictures: int
    calls: int
    credits: float | None = None


def free_of_charge(keyframes: int, variations: Sequence[int]) -> Estimate:
    """What so many keyframes and, for each scene, so many variations take where each is a call that costs nothing."""
    pictures = keyframes + sum(variations)
    return Estimate(pictures, pictures)


class PictureKind(Protocol):
    """What is known of an engine without opening it: the module-level names of its package.

    `options` is its table of the storyboard, as written. `AT_ONCE` is how many keyframes it likes to be asked for
    together, `PAID` whether its pictures cost money, `USES_DEVICE` whether the user's device changes anything. Pictures
    are a multiple of `GRID` pixels wide and high.
    """

    ENGINE_VERSION: int
    AT_ONCE: int
    PAID: bool
    USES_DEVICE: bool
    GRID: int

    def settled_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options that pictures depend on, with defaults, JSON-ready; InputError where one is wrong."""
        ...

    def keyframe_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of them that keyframes depend on: what only variations follow must not have keyframes made again."""
        ...

    def reads_negative_prompts(self, options: Mapping[str, Any], of_variations: bool) -> bool:
        """Whether keyframes, or variations, depend on the negative prompt: some models read none."""
        ...

    def size_inputs(self, options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
        """What of the size pictures depend on: `width` and `height`, or what the service is asked for instead."""
        ...

    def problems(self, options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
        """What would keep it from working here, as far as can be seen before it is opened; each with what to do."""
        ...

    def device_problems(self, device: str | None) -> list[VktrsError]:
        """What keeps it from drawing on that device of this machine, None for its own choice; quick, and light."""
        ...

    def estimate(
        self, options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
    ) -> Estimate:
        """What so many keyframes and, for each scene, so many variations take."""
        ...

    def open_engine(self, options: Mapping[str, Any], workplace: Workplace) -> PictureEngine:
        """Open it; MissingError or InputError where that cannot be."""
        ...
