"""The smoothest loop of any pictures, without a project: the ordering and the coding of scenes, as two functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.errors import InputError

if TYPE_CHECKING:
    from vktrs.engines.pictures import Picture

_MOST_PIXELS_A_SIDE = 4096


@dataclass(frozen=True, slots=True)
class Loop:
    """Pictures in the order of their smoothest closed tour: `paths`, and as arrays `(height, width, 3)` of one size."""

    paths: tuple[Path, ...]
    pictures: tuple[Picture, ...]


def order_pictures(paths: Sequence[Path], size: tuple[int, int] | None = None) -> Loop:
    """The smoothest closed loop through picture files, starting with the first one given.

    All are cropped to fill `size` (width, height), by default that of the first, made even. Raises InputError for a
    file that is no picture.
    """
    from vktrs.engines.tour import closed_tour
    from vktrs.media.frames import open_picture

    if not paths:
        raise InputError("there are no pictures to order.")
    width, height = size or _size_of(paths[0])
    pictures = [open_picture(path, width, height) for path in paths]
    tour = closed_tour(pictures)
    return Loop(tuple(paths[index] for index in tour), tuple(pictures[index] for index in tour))


def write_loop(loop: Loop, output: Path, fps: Fraction, seconds: float | None = None) -> int:
    """Write a loop as an mp4 that plays it once round or for `seconds`; how many frames it has."""
    from vktrs.media.clip import CyclePart, encode_clip
    from vktrs.media.x264 import EncoderSettings

    height, width = loop.pictures[0].shape[:2]
    frames = len(loop.pictures) if seconds is None else max(1, round(seconds * fps))
    references = min(16, len(loop.pictures))
    settings = EncoderSettings(width=width, height=height, fps=fps, references=references)
    temporary = output.with_name(f".vktrs-{os.getpid()}-{output.stem}.mp4")
    try:
        report = encode_clip([CyclePart(loop.pictures, frames)], settings, temporary, title=output.stem)
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    return report.frames


def _size_of(path: Path) -> tuple[int, int]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            width, height = ImageOps.exif_transpose(image).size
    except (OSError, UnidentifiedImageError):
        raise InputError(f"{path} is no picture.", "PNG, JPEG, WebP and the like are.") from None
    scale = min(1.0, _MOST_PIXELS_A_SIDE / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
