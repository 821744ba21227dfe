"""The old notebook's way of doing the same work, written anew from its description.

The video: ffmpeg's concat demuxer reads a list with one entry a frame, every picture decoded and coded each time that
it is shown. The order: scipy's cosine distances of the raveled pictures and exact dynamic programming of python-tsp.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.picture import Picture


def encode_video(frames: Sequence[Path], fps: Fraction, sound: Path, out: Path) -> None:
    """Write the pictures as frames with the sound under them; CalledProcessError where ffmpeg fails."""
    listed = out.with_suffix(".txt")
    listed.write_text("".join(f"file '{path}'\nduration {float(1 / fps)}\n" for path in frames))
    inputs = ["-f", "concat", "-safe", "0", "-i", str(listed), "-i", str(sound)]
    coding = ["-crf", "25", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-shortest", "-r", str(fps)]
    command = [str(which_ffmpeg()), "-nostdin", "-v", "error", "-y", *inputs, *coding, str(out)]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)


def order_pictures(pictures: Sequence[Picture]) -> list[int]:
    """The shortest closed tour, by an amount of work that doubles with every picture."""
    import numpy as np
    from python_tsp.exact import solve_tsp_dynamic_programming
    from scipy.spatial.distance import pdist, squareform

    raveled = np.stack([picture.ravel() for picture in pictures])
    tour, _ = solve_tsp_dynamic_programming(squareform(pdist(raveled, "cosine")))
    return [int(index) for index in tour]
