"""What the tests of the diffusers engine stand on: a workplace that takes notes, requests, and looks at pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vktrs.engines.diffusion import open_engine
from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, PictureEngine, Workplace
from vktrs.errors import VktrsError
from vktrs.picture import Picture

SIDE = 64
SEEDS = range(40, 48)


@dataclass
class Desk:
    """A workplace that notes what it is told: `remarks` of the work, and apart from them those of `loading`."""

    batch: int | None = None
    remarks: list[str] = field(default_factory=list)
    loading: list[str] = field(default_factory=list)
    steps: list[tuple[int, int, int]] = field(default_factory=list)
    stop_at: int | None = None
    winding_up: Callable[[], bool] = bool

    def workplace(self) -> Workplace:
        return Workplace(
            device="cpu",
            batch=self.batch,
            is_stopped=lambda: self.stop_at is not None and len(self.steps) >= self.stop_at,
            is_winding_up=lambda: self.winding_up(),
            remark=lambda said: (self.loading if said.startswith("Loading ") else self.remarks).append(said),
            step=lambda *told: self.steps.append(told),
        )

    @property
    def batches(self) -> list[int]:
        """How many pictures each call began with."""
        return [pictures for pictures, step, _ in self.steps if step == 1]


def cuda_is_full() -> BaseException:
    """What torch raises where a GPU has no memory left."""
    import torch

    error: BaseException = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    return error


def wrap(patch: pytest.MonkeyPatch, kind: type, name: str, wrapper: Callable[..., Any]) -> None:
    """Have `wrapper(real, self, ...)` called in place of a method."""
    real = getattr(kind, name)
    patch.setattr(kind, name, lambda self, *given, **named: wrapper(real, self, *given, **named))


def turns_taken(patch: pytest.MonkeyPatch) -> list[str]:
    """The devices on which parts are told to take turns; there is no GPU here, so that nothing else comes of it."""
    import diffusers

    told: list[str] = []
    patch.setattr("vktrs.engines.diffusion.drawing.is_accelerator", lambda _: True)
    for kind in (diffusers.StableDiffusionPipeline, diffusers.StableDiffusionXLPipeline):
        patch.setattr(kind, "enable_model_cpu_offload", lambda _, device: told.append(device))
    return told


def opened(model: Path, desk: Desk | None = None, **options: Any) -> PictureEngine:
    """The engine with that model; options as in the storyboard."""
    return open_engine({"model": str(model), "steps": 4, **options}, (desk or Desk()).workplace())


def keyframe_requests(prompt: str = "a daisy", negative: str = "blurry") -> list[KeyframeRequest]:
    """Eight of them, with prompts and seeds of their own."""
    return [KeyframeRequest(f"{prompt} {seed}", negative, seed, SIDE, SIDE) for seed in SEEDS]


def frame_requests(consistency: float = 0.5, prompt: str = "a daisy") -> list[FrameRequest]:
    """Variations 1 to 8."""
    return [FrameRequest(k, prompt, "blurry", seed, consistency, SIDE, SIDE) for k, seed in enumerate(SEEDS, 1)]


def gradient() -> Keyframe:
    """A picture that no engine made."""
    across = np.tile(np.linspace(0, 255, SIDE, dtype=np.uint8), (SIDE, 1))
    return Keyframe(np.stack([across, across.T, across], 2), None)


def pictures(answers: Iterator[tuple[Any, Answer]]) -> dict[Any, Picture]:
    """The pictures by their requests; each is there once and is whole."""
    made = {}
    for request, answer in answers:
        assert not isinstance(answer, VktrsError), answer
        assert answer.dtype == np.uint8
        assert answer.shape == (request.height, request.width, 3)
        assert request not in made
        made[request] = answer
    return made


def apart(one: Picture, other: Picture) -> float:
    """The largest difference of two pictures, of 255."""
    return float(np.abs(one.astype(int) - other.astype(int)).max())


def mean_apart(made: Sequence[Picture]) -> float:
    """How far they are from their mean, of 255."""
    stack = np.stack(made).astype(float)
    return float(np.abs(stack - stack.mean(axis=0)).mean())
