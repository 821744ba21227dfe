"""The smoothest loop of any pictures, without a project: the ordering and the coding of scenes, as two functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.artifacts import fingerprint
from vktrs.errors import InputError

if TYPE_CHECKING:
    from vktrs.picture import Picture

_FEWEST_PIXELS_A_SIDE = 16
_MOST_PIXELS_A_SIDE = 4096
_TURNED = range(5, 9)  # the EXIF orientations that swap width and height


_LOOP_KEY = fingerprint({"kind": "loop"})
"""The mark of a loop, by which it is known again as something that may be written anew."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Pictures in the order of their smoothest closed tour: `paths`, and as arrays `(height, width, 3)` of one size."""

    paths: tuple[Path, ...]
    pictures: tuple[Picture, ...]


def order_pictures(paths: Sequence[Path | str], size: tuple[int, int] | None = None) -> Loop:
    """The smoothest closed loop through picture files, starting with the first one given.

    All are cropped to fill `size` (width, height), by default that of the first, made even. Raises InputError for a
    file that is no picture.
    """
    from vktrs.engines.tour import closed_tour
    from vktrs.media.frames import open_picture

    files = [Path(path) for path in paths]
    if not files:
        raise InputError("there are no pictures to order.", "Give the paths of picture files.")
    width, height = size or _size_of(files[0])
    pictures = [open_picture(path, width, height) for path in files]
    tour = closed_tour(pictures)
    return Loop(tuple(files[index] for index in tour), tuple(pictures[index] for index in tour))


def write_loop(loop: Loop, output: Path | str, fps: Fraction | int = 12, seconds: float | None = None) -> int:
    """Write a loop as an mp4 that plays it once round or for `seconds`; how many frames it has.

    `fps` is 1..120. The file appears only when it is whole. Raises InputError where it cannot be written.
    """
    from vktrs.media.clip import CyclePart, encode_clip
    from vktrs.media.mark import MARK, read_mark
    from vktrs.media.x264 import EncoderSettings

    target, rate = Path(output), Fraction(fps)
    if target.is_dir() or not os.access(target.absolute().parent, os.W_OK):
        raise InputError(f"{target} cannot be written.", "Give the name of a file in a folder of yours.")
    if target.exists() and read_mark(target) != _LOOP_KEY:
        raise InputError(f"{target} is no loop that vktrs wrote, and is not overwritten.", "Give another name.")
    height, width = loop.pictures[0].shape[:2]
    frames = len(loop.pictures) if seconds is None else max(1, round(seconds * rate))
    references = min(16, len(loop.pictures))
    settings = EncoderSettings(width=width, height=height, fps=rate, references=references)
    temporary = target.with_name(f".vktrs-{os.getpid()}.mp4")
    mark = f"{MARK}{_LOOP_KEY}"
    try:
        report = encode_clip([CyclePart(loop.pictures, frames)], settings, temporary, title=target.stem, comment=mark)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return report.frames


def _size_of(path: Path) -> tuple[int, int]:
    from PIL import ExifTags, Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(ExifTags.Base.Orientation, 1) in _TURNED:
                width, height = height, width
    # Pillow answers broken files with SyntaxError and ValueError too
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise InputError(f"{path} is no picture.", "PNG, JPEG, WebP and the like are.") from None
    scale = min(1.0, _MOST_PIXELS_A_SIDE / max(width, height))
    sides = (max(_FEWEST_PIXELS_A_SIDE, int(side * scale) // 2 * 2) for side in (width, height))
    return next(sides), next(sides)
