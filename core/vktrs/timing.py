"""Seconds, frames and how a person writes a time; the one rounding rule of the project.

Times are float seconds from the start of the song. Frame boundaries are rounded once, each from its own time
(cumulative rounding), with exact fractions: every cut lies within half a frame of its time, and the frames of
all scenes add up to the song's length whatever the scenes are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

_CLOCK = re.compile(r"^\s*(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)\s*$")

_Last = TypeVar("_Last", float, float | None)


class Starting(Protocol):
    """What starts at a time, in seconds."""

    @property
    def start(self) -> float: ...


def ends_of(following: Sequence[Starting], last: _Last) -> list[_Last]:
    """Where each of things that follow one another ends: where the next one starts, and the last one at `last`."""
    ends: list[_Last] = [each.start for each in following[1:]]
    if following:
        ends.append(last)
    return ends


def boundary(seconds: float, fps: Fraction) -> int:
    """The number of the first frame at or after a cut at `seconds`: nearest frame, halves up."""
    return math.floor(Fraction(seconds) * fps + Fraction(1, 2))


def boundaries(starts: Sequence[float], duration: float, fps: Fraction) -> list[int]:
    """First frame of each scene, and last of all the number of frames of the song: `len(starts) + 1` values."""
    return [boundary(start, fps) for start in (*starts, duration)]


def parse_fps(value: int | float | str) -> Fraction:
    """`24` or `"30000/1001"` as a fraction in 1..120; ValueError otherwise."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{value!r} is not a frame rate")
    try:
        fps = Fraction(value)
    except ZeroDivisionError:
        raise ValueError(f"{value!r} divides by nothing") from None
    if not 1 <= fps <= 120:
        raise ValueError(f"{value!r} is not between 1 and 120")
    return fps


def parse_clock(text: str) -> float:
    """`"12.5"`, `"1:02.250"` or `"1:00:00"` as seconds; ValueError otherwise.

    Behind a colon there are less than 60: `"90"` and `"75:30"` are times, `"1:75"` and `"1:75:30"` are none.
    """
    match = _CLOCK.match(text)
    if match:
        hours, minutes = (int(part) if part else None for part in match.groups()[:2])
        seconds = float(match[3])
        if (minutes is None or seconds < 60) and (hours is None or (minutes or 0) < 60):
            return (hours or 0) * 3600 + (minutes or 0) * 60 + seconds
    raise ValueError(f"{text!r} is not a time; write 12.5 or 1:02.250")


def format_clock(seconds: float, decimals: int = 3) -> str:
    """Seconds as `m:ss.mmm` (and `h:mm:ss.mmm` from an hour on); `parse_clock` reads it back."""
    unit = 10**decimals
    ticks = round(seconds * unit)
    whole, fraction = divmod(ticks, unit)
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"
    return f"{head}.{fraction:0{decimals}d}" if decimals else head
