"""Curves as keyframed writes them: `curve: [[time, value, interpolation], ...]`, times in seconds of the song. Pure.

The notebook keeps a whole signal so, with a value each 23 ms; what is left of how it came about is its name. A curve
becomes a sound file whose samples are its values, which a signal takes for its source.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_SECONDS = 2 * 3600.0
"""No song is longer, and a file may come from a stranger: every second of a curve is written out."""

_KNOWN = ("previous", "linear", "next")


class NoCurve(ValueError):
    """Why something is no curve that can be read; a sentence without its end."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at times (seconds, increasing) and how it goes from each to the next; `highest` is the largest value."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    ways: tuple[str, ...]

    @property
    def highest(self) -> float:
        return max(self.values)

    def at(self, seconds: float) -> float:
        """The value at that time; held before the first and behind the last."""
        index = bisect_right(self.times, seconds) - 1
        if index < 0:
            return self.values[0]
        if index + 1 == len(self.times) or self.ways[index] == "previous":
            return self.values[index]
        if self.ways[index] == "next":
            return self.values[index] if seconds == self.times[index] else self.values[index + 1]
        share = (seconds - self.times[index]) / (self.times[index + 1] - self.times[index])
        return self.values[index] * (1 - share) + self.values[index + 1] * share


def read_curve(table: Mapping[str, Any]) -> tuple[Curve, str]:
    """The curve in `table`, and what of it is not as it was ("" for nothing). NoCurve where it is none."""
    if "curve" not in table:
        raise NoCurve("it is put together from other curves, which is not read")
    points = [_point(each) for each in _rows(table["curve"])]
    if not points:
        raise NoCurve("it has no values")
    times, values, ways = _ordered(points)
    if times[-1] > MOST_SECONDS or times[0] < 0:
        raise NoCurve("its times are no seconds of a song")
    if min(values) < 0:
        raise NoCurve("it has values below 0, and signals lie between 0 and 1")
    odd = sorted(set(ways) - set(_KNOWN))
    said = [f"between values it is straight, not {', '.join(odd)}"] if odd else []
    said += [f"it is not repeated ({key})" for key in ("loop", "bounce") if table.get(key)]
    return Curve(times, values, tuple(way if way in _KNOWN else "linear" for way in ways)), "; ".join(said)


def _rows(written: Any) -> Sequence[Any]:
    """Keyframes as a list; as a table they are `time: {value: ...}` or `time: value`."""
    if isinstance(written, Mapping):
        return [_row_of(time, value) for time, value in written.items()]
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return [(0.0, written)]
    if not isinstance(written, list):
        raise NoCurve("its keyframes are no list")
    return written


def _row_of(time: Any, value: Any) -> tuple[Any, ...]:
    try:
        seconds = float(time)
    except ValueError:
        raise NoCurve(f"{str(time)[:40]!r} is no time") from None
    if isinstance(value, Mapping):
        return seconds, value.get("value"), value.get("interpolation_method")
    return seconds, value


def _point(row: Any) -> tuple[float, float, str | None]:
    if isinstance(row, Mapping):
        row = (row.get("t"), row.get("value"), row.get("interpolation_method"))
    if not isinstance(row, (list, tuple)) or not 2 <= len(row) <= 4:
        raise NoCurve("a keyframe of it is no time with a value")
    time, value, way = row[0], row[1], row[2] if len(row) > 2 else None
    for number in (time, value):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise NoCurve("a keyframe of it is no time with a value")
    return float(time), float(value), str(way) if way is not None else None


def _ordered(
    points: Sequence[tuple[float, float, str | None]],
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Times, values and ways, the last of those that share a time; a way that is not written is that before it."""
    way = "previous"
    kept: dict[float, tuple[float, str]] = {}
    for time, value, own in points:
        way = own or way
        kept[time] = (value, way)
    times = sorted(kept)
    return tuple(times), tuple(kept[time][0] for time in times), tuple(kept[time][1] for time in times)
