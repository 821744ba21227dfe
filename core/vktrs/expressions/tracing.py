"""Values of frames as a Deforum schedule: as few straight lines as a walk along the frames needs. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

_CLOSE = 1 - 1e-6  # of the tolerance is used up by a line, the rest is for the rounding of floats


def as_schedule(values: Sequence[float], tolerance: float) -> str:
    """A schedule such as `0: (1), 30: (1.02)` that comes within `tolerance` of each value (frame k's at index k).

    `values` are finite and at least one, `tolerance` is above 0; ValueError otherwise. Each line reaches as far as it
    can: a cone from its first point through all that lies between, narrowed frame by frame. Numbers are written without
    exponents, which Deforum would take for math, and rounded to a small part of the tolerance. Beyond some 1e13
    tolerances a float cannot tell that small part any more.
    """
    if not values or not all(map(math.isfinite, values)) or not 0 < tolerance < math.inf:
        raise ValueError("a schedule needs finite values, and a tolerance above 0")
    decimals = max(1 - math.floor(math.log10(tolerance)), 0)
    written = [_written(value, decimals) for value in values]
    points = [float(text) for text in written]
    corners = _corners(values, points, tolerance * _CLOSE)
    return ", ".join(f"{frame}: ({written[frame]})" for frame in corners)


def _written(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _corners(values: Sequence[float], points: Sequence[float], tolerance: float) -> Iterator[int]:
    """The frames in which one line ends and the next one begins; behind the last of them its value is held."""
    ends = _ends(values, points, tolerance)
    corner = 0
    yield corner
    while not ends[corner]:
        corner = _reach(corner, values, points, tolerance, ends)
        yield corner


def _ends(values: Sequence[float], points: Sequence[float], tolerance: float) -> list[bool]:
    """For each frame whether its point may be held until the last one."""
    ends = []
    low, high = math.inf, -math.inf
    for value, point in zip(reversed(values), reversed(points), strict=True):
        low, high = min(low, value), max(high, value)
        ends.append(high - tolerance <= point <= low + tolerance)
    ends[0] = True
    return ends[::-1]


def _reach(
    corner: int, values: Sequence[float], points: Sequence[float], tolerance: float, ends: Sequence[bool]
) -> int:
    """The furthest frame that a line from the corner may lead to, or one that may be the last of all."""
    start = points[corner]
    low, high = -math.inf, math.inf  # the slopes that pass by all values so far
    reached = corner + 1
    for frame in range(corner + 1, len(values)):
        run = frame - corner
        if low <= (points[frame] - start) / run <= high:
            reached = frame
            if ends[frame]:
                break
        low = max(low, (values[frame] - tolerance - start) / run)
        high = min(high, (values[frame] + tolerance - start) / run)
        if low > high:
            break
    return reached
