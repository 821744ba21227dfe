"""Curves as characters: eighths of blocks, one column beside the other. Pure; it knows no colour and no screen."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"


def spark(values: Sequence[float], width: int) -> str:
    """A curve in one line of `width` columns, its lowest value an eighth high and its highest a whole; empty for none.

    Of several values in a column the one that is farthest from the mean is drawn, so that no peak is lost.
    """
    if not values or width < 1:
        return ""
    low, high = min(values), max(values)
    span = high - low
    shown = resampled(values, width)
    return "".join(_BLOCKS[1 + round((each - low) / span * 7)] if span > 0 else _BLOCKS[1] for each in shown)


def resampled(values: Sequence[float], width: int) -> list[float]:
    """One value for each of `width` columns: of several the one that is farthest from the mean of all."""
    count, mean = len(values), sum(values) / len(values)
    out = []
    for column in range(width):
        first, last = column * count // width, max(-(-(column + 1) * count // width), column * count // width + 1)
        out.append(max(values[first:last], key=lambda value: abs(value - mean)))
    return out


def columns_of(values: Sequence[float], height: int) -> list[str]:
    """A curve in 0..1 as `height` lines, the upmost first, with a column for each value; above 0 something is seen."""
    filled = [max(round(min(max(value, 0.0), 1.0) * 8 * height), int(value > 0.004)) for value in values]
    return [
        "".join(_BLOCKS[min(max(eighths - 8 * (height - 1 - line), 0), 8)] for eighths in filled)
        for line in range(height)
    ]
