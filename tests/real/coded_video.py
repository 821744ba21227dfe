"""What the clip and join tests share: pictures that can't be mistaken for one another, and whole decodes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.media.clip import CyclePart
from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.media.x264 import to_yuv
from vktrs.picture import Picture

Planes = NDArray[np.uint8]


def distinct_pictures(count: int, width: int, height: int, seed: int = 0) -> list[Picture]:
    """Patches of random colours, 8 pixels a side: any two are far apart, and x264 has something to code."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (count, -(-height // 8), -(-width // 8), 3), dtype=np.uint8)
    return [np.repeat(np.repeat(patch, 8, 0), 8, 1)[:height, :width] for patch in patches]


def planes_of(frame: Any) -> Planes:
    """All bytes of a yuv420p frame in a row, as ffmpeg's rawvideo has them."""
    return np.concatenate([np.frombuffer(bytes_of(plane), np.uint8) for plane in frame.planes])


def bytes_of(plane: Any) -> bytes:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width].tobytes()


def decode(path: Path) -> list[Planes]:
    """All frames by PyAV."""
    import av

    with av.open(str(path), format="mp4") as container:
        return [planes_of(frame) for frame in container.decode(video=0)]


def decode_by_program(path: Path, program: Path | str | None = None) -> tuple[bytes, str]:
    """All frames by the ffmpeg program as raw bytes, and what it complained about."""
    command = [str(program or which_ffmpeg()), "-nostdin", "-v", "warning", "-i", str(path), "-map", "0:v"]
    done = subprocess.run([*command, "-f", "rawvideo", "-"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return done.stdout, done.stderr.decode()


def wanted(parts: Sequence[CyclePart]) -> list[Picture]:
    """The picture of each frame, written down the plainest way."""
    return [part.pictures[frame // part.hold % len(part.pictures)] for part in parts for frame in range(part.frames)]


def assert_shows(frames: Sequence[Planes], pictures: Sequence[Picture]) -> None:
    """Each frame looks like its own picture, and less like any other."""
    assert len(frames) == len(pictures)
    names = {picture.tobytes(): picture for picture in pictures}
    sources = {name: planes_of(to_yuv(picture)).astype(np.int16) for name, picture in names.items()}
    seen: dict[tuple[bytes, bytes], bool] = {}
    for frame, picture in zip(frames, pictures, strict=True):
        key = (frame.tobytes(), picture.tobytes())
        if key not in seen:
            distance = {name: float(np.mean((source - frame) ** 2)) for name, source in sources.items()}
            seen[key] = min(distance, key=lambda name: distance[name]) == key[1]
        assert seen[key]
