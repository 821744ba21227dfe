"""How a video moves, read back from its frames."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Brightness = NDArray[np.float32]


def brightness(video: Path) -> list[Brightness]:
    """All frames of a video, `(height, width)`, in 0..255."""
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="gray").astype(np.float32) for frame in container.decode(video=0)]


def growth(before: Brightness, after: Brightness) -> float:
    """By how much the second picture is the first one seen from nearer: least squares over the optical flow.

    Brightness stays where it goes (Horn and Schunck, "Determining Optical Flow", 1981), and what only grows flows
    away from the centre: after - before = -growth * (position . gradient).
    """
    down, right = np.gradient((before + after) / 2)
    height, width = before.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    flow = (x - (width - 1) / 2) * right + (y - (height - 1) / 2) * down
    inside = (slice(4, -4), slice(4, -4))
    return float(-np.sum((after - before)[inside] * flow[inside]) / np.sum(flow[inside] ** 2))


def growths(video: Path) -> list[float]:
    """The growth from each frame of a video to the next."""
    return [growth(one, other) for one, other in itertools.pairwise(brightness(video))]
