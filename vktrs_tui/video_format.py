"""Size and frame rate of a video as people type them, for the command line and for the studio."""

from __future__ import annotations

import re

from vktrs.errors import UsageError
from vktrs.timing import parse_fps

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_LEAST, _MOST = 16, 4096


def parse_size(text: str, named: str = "--size ") -> tuple[int, int]:
    """Width and height of `512x512`; UsageError where that is none that a video can have.

    `named` is what stands before the text in the error: the option that it was given to.
    """
    match = _SIZE.fullmatch(text.lower())
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if any(side % 2 or not _LEAST <= side <= _MOST for side in sides):
        right = f"Write two even numbers from {_LEAST} to {_MOST}, as in 512x512."
        raise UsageError(f"{named}{text} is no size of a video.", right)
    return sides


def parse_frame_rate(text: str, named: str = "--fps ") -> int | str:
    """`24` as a number, `30000/1001` as it stands in a storyboard; UsageError outside 1..120. For `named` see above."""
    try:
        rate = parse_fps(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{named}{text} is no frame rate.", "Give a number from 1 to 120, or 30000/1001.") from None
    return rate.numerator if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"
