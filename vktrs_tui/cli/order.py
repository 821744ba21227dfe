"""`vktrs order`: the smoothest loop of any folder of pictures; no project is needed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from vktrs.errors import InputError, UsageError
from vktrs.timing import parse_fps
from vktrs_tui.cli.speaking import remark, tell
from vktrs_tui.video_format import parse_size

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_LONGEST = 36_000


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The loop, an .mp4.")
@click.option("--fps", default="12", metavar="N", help="Pictures a second.")
@click.option("--size", metavar="WxH", help="Pixels, even; as the first picture otherwise.")
@click.option("--seconds", type=float, help="How long the loop plays; once round otherwise.")
def order(folder: Path, output: Path | None, fps: str, size: str | None, seconds: float | None) -> int:
    """Put the pictures of FOLDER into the order of their smoothest closed loop: prints it, and makes a video of it.

    \b
    Example:  vktrs order holiday_photos -o loop.mp4 --fps 8 --seconds 30
    """
    from vktrs.loops import order_pictures, write_loop

    if output is not None and output.suffix.lower() != ".mp4":
        raise UsageError(f"{output} is no .mp4.", "The loop is written as an mp4.")
    if seconds is not None and not 0 < seconds <= _LONGEST:
        raise UsageError(f"--seconds {seconds:g} is no length of a loop.", f"Give a number up to {_LONGEST}.")
    try:
        rate: Fraction = parse_fps(fps)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--fps {fps} is no frame rate.", "Give a number from 1 to 120.") from None
    pixels = parse_size(size) if size is not None else None
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.name[0] != ".")
    if not paths:
        raise InputError(f"there are no pictures in {folder}.", f"They end in {', '.join(_SUFFIXES)}.")
    ordered = order_pictures(paths, size=pixels)
    for path in ordered.paths:
        tell(str(path))
    if output is not None:
        frames = write_loop(ordered, output, rate, seconds)
        remark(f"{output}: {frames} frames")
    return 0
