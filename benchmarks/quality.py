"""How much of the pictures is left in a video: SSIM and PSNR of every frame, and the bytes that it took.

Each video is compared with its pictures in the colours that it was coded in: the notebook's in the BT.601 that ffmpeg
takes where nobody says otherwise, ours in BT.709. Both conversions are the same filter with another matrix, so that
what is compared is what the encoder lost and not the choice of colours; and as the eye sees mostly luma, SSIM is given
for luma as well as for all planes (weighted by their samples, as ffmpeg does).

Frame k is compared with the picture that frame k should show: both streams are numbered anew and share a time base,
or ffmpeg would pair them by times that are not quite the same.
"""

from __future__ import annotations

import math
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vktrs.media.ffmpeg import which_ffmpeg

BT601 = 5
BT709 = 1
_SSIM = re.compile(r"Y:([\d.]+) .*All:([\d.]+)")
_MSE = re.compile(r"mse_avg:([\d.]+) mse_y:([\d.]+)")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Means over `frames` frames: SSIM of luma and of all planes (0..1), PSNR of all planes in dB."""

    frames: int
    luma: float
    ssim: float
    psnr: float


def compare(video: Path, shown: Sequence[Path], fps: Fraction, matrix: int) -> Likeness:
    """A video against the pictures that its frames show, `shown` being one path a frame.

    ValueError where the video has another number of frames.
    """
    folder = video.parent
    width, height = _size(shown[0])
    number = f"settb={1 / fps},setpts=N"
    graph = (
        f"[0:v]{number},split[a][b];[1:v]{number},split[c][d];"
        f"[a][c]ssim=stats_file=ssim.log[e];[b][d]psnr=stats_file=psnr.log[f]"
    )
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0"]
    sinks = [word for name in ("[e]", "[f]") for word in ("-map", name, "-vsync", "passthrough", "-f", "null", "-")]
    command = [str(which_ffmpeg()), "-v", "error", "-y", "-i", video.name, *raw, "-filter_complex", graph, *sinks]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=folder) as process:
        assert process.stdin is not None
        for planes in _converted(shown, matrix):
            process.stdin.write(planes)
        process.stdin.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    if (found := count_frames(video)) != len(shown):
        raise ValueError(f"{video.name} has {found} frames and not {len(shown)}")
    return _read_logs(folder)


def _read_logs(folder: Path) -> Likeness:
    ssim = [(float(luma), float(both)) for luma, both in _SSIM.findall((folder / "ssim.log").read_text())]
    errors = [float(mean) for mean, _ in _MSE.findall((folder / "psnr.log").read_text())]
    count = len(ssim)
    luma, both = (sum(each[index] for each in ssim) / count for index in (0, 1))
    return Likeness(count, luma, both, 10 * math.log10(255**2 / (sum(errors) / count)))


def video_bytes(path: Path) -> int:
    """The bytes of the video's packets: no sound, no container."""
    return sum(size for size in _packet_sizes(path))


def count_frames(path: Path) -> int:
    """How many pictures a video has."""
    return sum(1 for _ in _packet_sizes(path))


def _packet_sizes(path: Path) -> Iterator[int]:
    import av

    with av.open(str(path)) as container:
        yield from (packet.size for packet in container.demux(video=0) if packet.size)


def _converted(shown: Sequence[Path], matrix: int) -> Iterator[bytes]:
    """Every frame as yuv420p planes in tv range; a picture that comes again soon is converted once."""
    from functools import lru_cache

    @lru_cache(maxsize=64)
    def planes(path: Path) -> bytes:
        return bytes(_yuv(path, matrix).tobytes())

    for path in shown:
        yield planes(path)


def _yuv(path: Path, matrix: int) -> Any:
    import numpy as np
    from av import VideoFrame
    from PIL import Image

    frame = VideoFrame.from_ndarray(np.asarray(Image.open(path)), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace=matrix, interpolation="BICUBIC").to_ndarray()


def _size(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        return image.size
