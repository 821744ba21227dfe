"""Looking at a written clip: decoded whole, is every frame what it should be?

A frame that shows a coded picture again must equal that picture's own frame bit for bit. A coded picture must look
like what went into the encoder; that is compared on a grid of its luma, since only gross faults are sought.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.errors import ArtifactDamaged
from vktrs.media.cycle import Step
from vktrs.media.mp4 import open_clip

Plane = NDArray[np.uint8]

LEAST_PSNR = 15.0
"""dB; x264 at crf 25 stays above 25 even on pure noise, and pictures that have nothing in common lie under 12."""

_GRID = 64  # points along the shorter side of a probe, about


class ClipWrong(Exception):
    """A written clip does not show what it should."""


def probe(frame: Any) -> Plane:
    """A coarse grid of a yuv420p frame's luma, to recognise it by: a copy of about 64 points a side."""
    step = max(1, min(frame.width, frame.height) // _GRID)
    return _plane(frame, 0)[::step, ::step].copy()


def verify_clip(path: Path, steps: Sequence[Step], probes: Sequence[Plane], references: int) -> None:
    """ClipWrong where the clip at `path` is not these frames: count, key frames, exact repeats, likeness.

    `probes` = one for each coded picture, of what went into the encoder.
    """
    import av

    try:
        with open_clip(path) as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            stream.codec_context.options = {"err_detect": "explode"}
            number = _compare(container.decode(stream), steps, probes, references)
    except (av.FFmpegError, ArtifactDamaged) as error:
        raise ClipWrong(f"it does not decode: {error}") from error
    if number != len(steps):
        raise ClipWrong(f"{number} frames instead of {len(steps)}")


def _compare(frames: Any, steps: Sequence[Step], probes: Sequence[Plane], references: int) -> int:
    kept: dict[int, list[Plane]] = {}
    number = -1
    for number, frame in enumerate(frames):
        if number >= len(steps):
            raise ClipWrong(f"more frames than {len(steps)}")
        step = steps[number]
        planes = [_plane(frame, index) for index in range(3)]
        if frame.key_frame != step.idr:
            raise ClipWrong(f"frame {number} starts no group, or one that it should not")
        if not step.new:
            if not all(map(np.array_equal, planes, kept[step.coded])):
                raise ClipWrong(f"frame {number} is not the picture that it should show again")
            continue
        if (found := _psnr(probe(frame), probes[step.coded])) < LEAST_PSNR:
            raise ClipWrong(f"frame {number} does not look like its picture ({found:.1f} dB)")
        kept[step.coded] = planes
        kept.pop(step.coded - references, None)
    return number + 1


def _plane(frame: Any, index: int) -> Plane:
    """A view of one plane, `(height, width)`, without the bytes that only fill its rows up."""
    plane = frame.planes[index]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _psnr(one: Plane, other: Plane) -> float:
    error = np.mean((one.astype(np.float32) - other) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-3)))
