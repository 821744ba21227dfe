"""The pixels of a picture that is moved by a matrix, on the device: as `motion.warp` does it on the processor.

The middle of pixel (column i, row j) is at (i + 0.5, j + 0.5). Four pixels are looked up for each, since
torch's `grid_sample` knows no border that goes round: between the last column and the first it has no place.
"""

from __future__ import annotations

import math
from typing import Any

from vktrs.motion import Border
from vktrs.motion.affine import IDENTITY, Affine, inverse

_FARTHEST = 2.0**40  # beyond that there is no telling pixels apart


def warped(sheet: Any, affine: Affine, border: Border) -> Any:
    """The picture `(3, height, width)`, uint8, moved and rounded to whole levels; itself where nothing moves.

    A matrix that leaves no picture (a zoom of 0) gives its mean colour all over. Call it in torch's inference mode.
    """
    import torch

    if affine == IDENTITY:
        return sheet
    back = _way_back(affine)
    if back is None:
        mean = sheet.float().mean(dim=(1, 2), keepdim=True)
        return mean.round().to(torch.uint8).expand(sheet.shape).contiguous()
    height, width = sheet.shape[1:]
    a, b, c, d, e, f = back
    across = torch.arange(width, device=sheet.device) + 0.5
    down = (torch.arange(height, device=sheet.device) + 0.5)[:, None]
    left, right, x = _between(a * across + (b * down + _near(c, width, border)), width, border)
    above, below, y = _between(d * across + (e * down + _near(f, height, border)), height, border)
    flat = sheet.reshape(3, -1)

    def look_up(rows: Any, columns: Any) -> Any:
        return flat[:, rows * width + columns].float()

    upper = torch.lerp(look_up(above, left), look_up(above, right), x)
    lower = torch.lerp(look_up(below, left), look_up(below, right), x)
    return torch.lerp(upper, lower, y).round().to(torch.uint8)


def _way_back(affine: Affine) -> Affine | None:
    """The inverse; None where there is none that can be computed with."""
    try:
        back = inverse(affine)
    except (ZeroDivisionError, OverflowError):
        return None
    return back if all(math.isfinite(each) and abs(each) < _FARTHEST for each in back) else None


def _near(offset: float, length: int, border: Border) -> float:
    """The same place where pictures repeat, but so near that float32, all that some devices have, tells it exactly."""
    return offset if border == "replicate" else math.remainder(offset, 2 * length)


def _between(places: Any, length: int, border: Border) -> tuple[Any, Any, Any]:
    """Of places along one axis: the pixels before and after each, and how far it is from the one towards the other."""
    if border == "wrap":
        places = places - 0.5
        first = places.floor()
        before = first.long().remainder(length)
        return before, (before + 1).remainder(length), places - first
    if border == "reflect":
        places = length - (places.remainder(2 * length) - length).abs()
    places = (places - 0.5).clamp(0, length - 1)
    before = places.floor().long()
    return before, (before + 1).clamp(max=length - 1), places - before
