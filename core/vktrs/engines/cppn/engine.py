"""Owns the engine: requests in, pictures out in order, drawn on a few threads (numpy frees them while it computes).

It keeps nothing between requests but the threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from PIL import Image

from vktrs.engines.cppn.latent import PALETTE, Latent, keyframe_latent, variation_latent
from vktrs.engines.cppn.network import Numbers, draw_fields
from vktrs.engines.cppn.palette import palette_for
from vktrs.engines.cppn.shading import shade
from vktrs.engines.cppn.warp import warped
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest
from vktrs.picture import Picture

Request = TypeVar("Request", KeyframeRequest, FrameRequest)

_LOOK = 128  # pixels of the shorter side at which two pictures are compared, if they are larger
_ALIKE = 12.0  # levels of mean difference below which they are the same picture


class CppnEngine:
    """A `PictureEngine`; sizes are even, 16 to 4096 pixels, of any shape."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or _available_cpus()
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="cppn")

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Picture]]:
        """One picture for each request, in their order."""
        return self._in_order(draw_keyframe, requests)

    def variations(
        self, keyframe: Keyframe, requests: Sequence[FrameRequest]
    ) -> Iterator[tuple[FrameRequest, Picture]]:
        """One picture for each request, in their order.

        What this engine drew is drawn again from a place nearby in its latent space; any other picture, the user's own
        or a take of another engine, is warped and tinted.
        """
        made_here = keyframe.request is not None and _shows(keyframe.picture, keyframe.request)
        draw = partial(_draw_variation, keyframe.request if made_here else None, keyframe.picture)
        return self._in_order(draw, requests)

    def close(self) -> None:
        """End the threads, after the pictures that they are drawing."""
        self._pool.shutdown(cancel_futures=True)

    def _in_order(
        self, draw: Callable[[Request], Picture], requests: Sequence[Request]
    ) -> Iterator[tuple[Request, Picture]]:
        """Draws ahead only as far as there are threads; whoever stops listening stops the work."""
        ahead: deque[tuple[Request, Future[Picture]]] = deque()
        try:
            for request in requests:
                ahead.append((request, self._pool.submit(draw, request)))
                if len(ahead) > self._workers:
                    first, drawing = ahead.popleft()
                    yield first, drawing.result()
            while ahead:
                first, drawing = ahead.popleft()
                yield first, drawing.result()
        finally:
            for _, drawing in ahead:
                drawing.cancel()


def draw_keyframe(request: KeyframeRequest) -> Picture:
    """The picture of a request, `(height, width, 3)` uint8; a pure function."""
    return _drawn(keyframe_latent(request.prompt, request.seed), request, request.width, request.height)


def _draw_variation(key: KeyframeRequest | None, picture: Picture, request: FrameRequest) -> Picture:
    if key is None:
        return warped(picture, request)
    latent = variation_latent(
        keyframe_latent(key.prompt, key.seed), key.prompt, key.seed, request.k, request.seed, request.consistency
    )
    return _drawn(latent, key, request.width, request.height)


def _drawn(latent: Latent, request: KeyframeRequest, width: int, height: int) -> Picture:
    numbers = Numbers(latent.style[PALETTE])
    hue, harmony = float(numbers.between(0, 360)), numbers.choice(7)
    palette = palette_for(request.prompt, request.negative_prompt, hue, harmony)
    return shade(draw_fields(latent, width, height), palette, latent.style, width, height)


def _shows(picture: Picture, request: KeyframeRequest) -> bool:
    """Whether the picture is what this engine draws for the request: it may be a take of another engine or version."""
    scale = min(1.0, _LOOK / min(request.width, request.height))
    width, height = round(request.width * scale), round(request.height * scale)
    again = draw_keyframe(replace(request, width=width, height=height))
    size = max(1, width // 2), max(1, height // 2)
    one, other = (
        np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BOX), np.float32) for each in (picture, again)
    )
    return bool(np.abs(one - other).mean() < _ALIKE)


def _available_cpus() -> int:
    """CPUs that this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
