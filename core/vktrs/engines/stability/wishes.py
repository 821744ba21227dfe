"""Pictures that are wanted of a paid service, and which of them are asked for in one call. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vktrs.engines.pictures import FrameRequest, KeyframeRequest, MotionRequest
from vktrs.engines.stability.options import service_seed
from vktrs.engines.stability.way import Ask

if TYPE_CHECKING:
    from vktrs.picture import Picture

Request = TypeVar("Request", KeyframeRequest, FrameRequest, MotionRequest)


@dataclass(slots=True)
class Wish(Generic[Request]):
    """One picture that is still wanted, and the seed that it is asked for with now.

    `about` is everything else that the service's answer depends on, JSON-ready.
    """

    request: Request
    seed: int
    about: Mapping[str, Any]
    filtered: int = 0
    spoiled: int = 0


def ask_for(wishes: Sequence[Wish[Request]], start: Picture | None) -> Ask:
    """The call for pictures that differ in their seeds only."""
    first = wishes[0].request
    return Ask(
        prompt=first.prompt,
        negative_prompt=first.negative_prompt,
        seeds=tuple(dict.fromkeys(wish.seed for wish in wishes)),
        width=first.width,
        height=first.height,
        start=start,
        strength=_strength(first),
        cfg_scale=first.guidance_scale if isinstance(first, MotionRequest) else None,
    )


def _strength(request: KeyframeRequest | FrameRequest | MotionRequest) -> float | None:
    if isinstance(request, FrameRequest):
        return 1.0 - request.consistency
    return request.strength if isinstance(request, MotionRequest) else None


def calls_for(requests: Sequence[Request], samples: int) -> list[list[Request]]:
    """Requests one after another, `samples` in a call where they share everything but the seed."""
    calls: list[list[Request]] = []
    for request in requests:
        last = calls[-1] if calls else []
        seeds = {service_seed(each.seed) for each in last}
        if last and len(last) < samples and _alike(last[0], request) and service_seed(request.seed) not in seeds:
            last.append(request)
        else:
            calls.append([request])
    return calls


def _alike(one: Request, other: Request) -> bool:
    return _shared(one) == _shared(other)


def about(
    request: KeyframeRequest | FrameRequest | MotionRequest, options: Mapping[str, Any], start: str | None
) -> dict[str, Any]:
    """What the answer to a request depends on beside its seed; `start` is the digest of the picture it starts from."""
    consistency = request.consistency if isinstance(request, FrameRequest) else None
    told: dict[str, Any] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "consistency": consistency,
    }
    if isinstance(request, MotionRequest):
        told |= {"strength": request.strength, "guidance_scale": request.guidance_scale}
    return {"options": dict(options), "start": start, "width": request.width, "height": request.height, **told}


def _shared(request: KeyframeRequest | FrameRequest | MotionRequest) -> tuple[object, ...]:
    consistency = request.consistency if isinstance(request, FrameRequest) else None
    return request.prompt, request.negative_prompt, request.width, request.height, consistency
