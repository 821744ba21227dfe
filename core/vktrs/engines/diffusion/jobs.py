"""One picture to be made, with the seeds that were tried for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from vktrs.engines.diffusion.decoding import Decoded
from vktrs.engines.pictures import FrameRequest, KeyframeRequest, MotionRequest
from vktrs.errors import VktrsError
from vktrs.storyboard.resolve import derived_seed

Request = TypeVar("Request", KeyframeRequest, FrameRequest, MotionRequest)

FLAGGED: Final = "flagged"
BLANK: Final = "blank"
OVERFLOWED: Final = "overflowed"
CRAMPED: Final = "cramped"  # it overflowed, and memory was too small for float32
Refusal: TypeAlias = Literal["flagged", "blank", "overflowed", "cramped"]
Drawn: TypeAlias = Decoded | Refusal
"""What came of a job: a picture, or why there is none to be shown."""

RETRIES = 5
_SHOWN = 60  # characters of a prompt in a remark


@dataclass(frozen=True, slots=True)
class Job(Generic[Request]):
    """`seed` is what it is made with now; `refused` why each of the seeds before it gave nothing to show."""

    request: Request
    seed: int
    refused: tuple[Refusal, ...] = ()

    @property
    def pixels(self) -> int:
        """Of the picture."""
        return self.request.width * self.request.height

    def after(self, refusal: Refusal) -> Job[Request] | None:
        """The same with another seed; None where that would not help, or enough were tried.

        None of the seeds that come after the first: they are what somebody is given who wants another picture.
        """
        if refusal in (OVERFLOWED, CRAMPED) or len(self.refused) >= RETRIES:
            return None
        why = (*self.refused, refusal)
        return Job(self.request, _seed(self.request.seed, len(why)), why)

    def story(self) -> str:
        """How it came to its seed, as a remark."""
        seeds = _seeds(self.request.seed, len(self.refused))
        return f"{self._what()} was made with seed {self.seed}: {_why(self.refused)} (seed {seeds})."

    def failure(self, refusal: Refusal) -> VktrsError:
        """Why there is no picture, after the last seed."""
        if refusal == OVERFLOWED:
            return VktrsError(
                f"{self._what()} cannot be made: the model's numbers overflow.",
                "Choose another scheduler or a lower guidance_scale under [engines.diffusers], or another model.",
            )
        if refusal == CRAMPED:
            return VktrsError(
                f"{self._what()} cannot be made: the model's numbers overflow in half precision,"
                " and memory is too small to make it in float32.",
                'Free memory, write a smaller size under [video], or dtype = "bfloat16" under [engines.diffusers].',
            )
        why = (*self.refused, refusal)
        tried = f"{_why(why)} with each of the seeds {_seeds(self.request.seed, len(why))}"
        if FLAGGED in why:
            hint = 'Change the prompt, or write `safety = "off"` under [engines.diffusers].'
        else:
            hint = "Change the prompt or the seed, or choose another model."
        return VktrsError(f"{self._what()} cannot be shown: {tried}.", hint)

    def _what(self) -> str:
        prompt = " ".join(self.request.prompt.split())
        shown = prompt if len(prompt) <= _SHOWN else f"{prompt[: _SHOWN - 1]}…"
        return f"{_which(self.request)} of “{shown}”"


def _which(request: KeyframeRequest | FrameRequest | MotionRequest) -> str:
    if isinstance(request, KeyframeRequest):
        return "The keyframe"
    return f"{'Variation' if isinstance(request, FrameRequest) else 'Picture'} {request.k}"


def _seed(first: int, tried: int) -> int:
    """What a picture is made with after so many seeds gave nothing to show."""
    return derived_seed(first, "filtered", tried) if tried else first


def _seeds(first: int, count: int) -> str:
    return ", ".join(str(_seed(first, tried)) for tried in range(count))


def _why(refused: tuple[Refusal, ...]) -> str:
    """In words, what was wrong with the pictures before."""
    reasons = []
    if FLAGGED in refused:
        reasons.append(f"the model's safety checker flagged {_times(refused.count(FLAGGED))}")
    if BLANK in refused:
        reasons.append(f"{_times(refused.count(BLANK))} came out in a single colour")
    return " and ".join(reasons)


def _times(count: int) -> str:
    return "one picture" if count == 1 else f"{count} pictures"
