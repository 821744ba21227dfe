"""Owns the engine: requests in, pictures out in order, drawn on a few threads (numpy frees them while it computes).

It keeps nothing between requests but the threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np
from PIL import Image

from vktrs.engines.cppn.drawing import drawn
from vktrs.engines.cppn.latent import keyframe_latent, variation_latent
from vktrs.engines.cppn.motion import Draw, drawn_scene
from vktrs.engines.cppn.moving import moved_scene
from vktrs.engines.cppn.warp import warped
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest, MotionRequest
from vktrs.picture import Picture

Request = TypeVar("Request", KeyframeRequest, FrameRequest, tuple[MotionRequest, Draw])

_LOOK = 128  # pixels of the shorter side at which two pictures are compared, if they are larger
_ALIKE = 12.0  # levels of mean difference below which they are the same picture


class CppnEngine:
    """A `PictureEngine`; sizes are even, 16 to 4096 pixels, of any shape."""

    def __init__(self, workers: int | None = None, is_winding_up: Callable[[], bool] = bool) -> None:
        self._is_winding_up = is_winding_up
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
        draw = partial(_draw_variation, _own_request(keyframe), keyframe.picture)
        return self._in_order(draw, requests)

    def motion(
        self, keyframe: Keyframe, chain: Sequence[MotionRequest], first: int, previous: Picture
    ) -> Iterator[tuple[MotionRequest, Picture]]:
        """The pictures from number `first` on, in their order; each a pure function of the keyframe and the chain.

        `previous` is not needed: what this engine drew is an endless plane, looked at from elsewhere, so `border`,
        `color_coherence` and `guidance_scale` mean nothing to it. Any other picture is moved as it is.
        """
        del previous
        own = _own_request(keyframe)
        jobs = moved_scene(keyframe.picture, chain) if own is None else drawn_scene(own, chain)
        numbered = islice(zip(chain, jobs, strict=True), first - 1, None)
        for (request, _), picture in self._in_order(_done, numbered):
            yield request, picture

    def close(self) -> None:
        """End the threads, after the pictures that they are drawing."""
        self._pool.shutdown(cancel_futures=True)

    def _in_order(
        self, draw: Callable[[Request], Picture], requests: Iterable[Request]
    ) -> Iterator[tuple[Request, Picture]]:
        """Draws ahead only as far as there are threads; whoever stops listening, or winds up, stops the work."""
        ahead: deque[tuple[Request, Future[Picture]]] = deque()
        try:
            for request in requests:
                if self._is_winding_up():
                    break
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
    return drawn(keyframe_latent(request.prompt, request.seed), request, request.width, request.height)


def _own_request(keyframe: Keyframe) -> KeyframeRequest | None:
    """What the keyframe was drawn for, if this engine drew it."""
    request = keyframe.request
    return request if request is not None and _shows(keyframe.picture, request) else None


def _done(job: tuple[MotionRequest, Draw]) -> Picture:
    return job[1]()


def _draw_variation(key: KeyframeRequest | None, picture: Picture, request: FrameRequest) -> Picture:
    if key is None:
        return warped(picture, request)
    latent = variation_latent(
        keyframe_latent(key.prompt, key.seed), key.prompt, key.seed, request.k, request.seed, request.consistency
    )
    return drawn(latent, key, request.width, request.height)


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
