"""The narrow door to every picture engine: batches of requests in, pictures out as they are done.

A picture is a numpy array `(height, width, 3)`, uint8, sRGB. An engine is opened once a run and closed at its
end. The same request gives the same picture, made alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

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
class Keyframe:
    """The picture that variations start from; `request` is None where it is the user's own picture."""

    picture: Picture
    request: KeyframeRequest | None


class PictureEngine(Protocol):
    """Pictures may come in any order; a generator that is closed early stops the work after the current picture."""

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Picture]]:
        """One picture for each request."""
        ...

    def variations(
        self, keyframe: Keyframe, requests: Sequence[FrameRequest]
    ) -> Iterator[tuple[FrameRequest, Picture]]:
        """One picture for each request, all alike to the keyframe as its `consistency` says."""
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


OpenPictures = Callable[[], PictureEngine]
