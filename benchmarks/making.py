"""What both ways of making pictures by Stable Diffusion are asked for, and our way of answering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.gallery import diffusion_like, picture_of
from vktrs.engines import diffusion
from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, Workplace
from vktrs.picture import Picture

CONSISTENCY = 0.72  # a strength of 0.28
GUIDANCE = 7.5
_PROMPTS = ("a radio star, oil painting", "crimson lanterns over a quiet river", "teal harbour in the morning")
_NEGATIVE = "blurry, text"


@dataclass(frozen=True, slots=True)
class Work:
    """So many pictures of `size` x `size` pixels, of so many steps."""

    size: int
    count: int = 8
    steps: int = 50

    def keyframe_requests(self, scene: int) -> list[KeyframeRequest]:
        """Keyframes, each of words of its own, as a run asks for those of several scenes together."""
        numbers = range(self.count * scene, self.count * (scene + 1))
        return [KeyframeRequest(_prompt(number), _NEGATIVE, number, self.size, self.size) for number in numbers]

    def frame_requests(self, scene: int) -> list[FrameRequest]:
        """Variations, as a run asks for those of one scene."""
        words, size = _prompt(scene), self.size
        seeds = enumerate(range(100 * scene, 100 * scene + self.count), 1)
        return [FrameRequest(k, words, _NEGATIVE, seed, CONSISTENCY, size, size) for k, seed in seeds]

    def keyframe(self, scene: int) -> Keyframe:
        """A picture of the user's own."""
        (picture,) = diffusion_like(scene, 1, self.size)
        return Keyframe(picture, None)


def _prompt(number: int) -> str:
    return f"{_PROMPTS[number % len(_PROMPTS)]}, {number}"


class Way(Protocol):
    """A checkpoint in memory that answers requests with pictures."""

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> list[Picture]:
        """Pictures of words."""
        ...

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> list[Picture]:
        """Pictures like a keyframe."""
        ...

    def close(self) -> None:
        """Free the checkpoint."""
        ...


class OurPictures:
    """The picture engine as a run opens it, through the same door.

    `said` is what it remarked, `most_at_once` the most pictures that it had in hand together.
    """

    def __init__(self, checkpoint: Path, device: str, steps: int, *, compiled: bool) -> None:
        self.said: list[str] = []
        self.most_at_once = 0
        options = {
            "model": str(checkpoint),
            "steps": steps,
            "guidance_scale": GUIDANCE,
            "safety": "off",
            "compile": compiled,
        }
        workplace = Workplace(root=checkpoint.parent, device=device, remark=self.said.append, step=self._step)
        self._engine = diffusion.open_engine(options, workplace)

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> list[Picture]:
        """In the order of the requests; the error of the first that has one."""
        return _in_order(requests, dict(self._engine.keyframes(requests)))

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> list[Picture]:
        """In the order of the requests; the error of the first that has one."""
        return _in_order(requests, dict(self._engine.variations(keyframe, requests)))

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def _step(self, pictures: int, _done: int, _of: int) -> None:
        self.most_at_once = max(self.most_at_once, pictures)


def _in_order(requests: Sequence[object], answers: Mapping[Any, Answer]) -> list[Picture]:
    return [picture_of(answers[each]) for each in requests]
