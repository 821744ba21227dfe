"""A caption as it lies over any picture: what libass draws, taken from how it draws it on black and on white.

Whatever it does to a colour is linear in that colour, so both tell what it adds and how much of the picture stays. One
drawing serves all pictures of a clip, and fades are only another strength of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vktrs.media.stacks import Stack
from vktrs.picture import Picture


@dataclass(frozen=True, slots=True)
class Overlay:
    """A rectangle from `top`, `left` on: `ink` (h, w, 3) uint8 is added, `cover` (h, w, 1) uint8 hides the picture."""

    top: int
    left: int
    ink: NDArray[np.uint8]
    cover: NDArray[np.uint8]

    def over(self, picture: Picture, strength: float = 1.0) -> Picture:
        """The picture with the caption over it; `strength` in 0..1. Where nothing is drawn no bit changes."""
        if not self.ink.size:
            return picture
        ink, cover = self.ink.astype(np.uint16), self.cover.astype(np.uint16)
        if strength < 1:
            ink, cover = (np.rint(each * strength).astype(np.uint16) for each in (ink, cover))
        made = picture.copy()
        height, width = ink.shape[:2]
        place = made[self.top : self.top + height, self.left : self.left + width]
        place[:] = np.minimum(ink + (place * (255 - cover) + 127) // 255, 255)
        return made

    def area(self, top: int) -> tuple[slice, slice]:
        """Where it lies in a drawing whose first row is row `top` of the picture."""
        height, width = self.ink.shape[:2]
        return slice(self.top - top, self.top - top + height), slice(self.left, self.left + width)

    def partly(self, other: Overlay, marks: NDArray[np.bool_]) -> Overlay:
        """This one with the ink of the other where `marks` (h, w) says so; both cover the same."""
        return replace(self, ink=np.where(marks[..., None], other.ink, self.ink))

    def over_all(self, pictures: Sequence[Picture], strength: float = 1.0) -> Sequence[Picture]:
        """The same for many, each when it is asked for."""
        return Stack(len(pictures), lambda index: self.over(pictures[index], strength))


def from_black_and_white(black: Picture, white: Picture, top: int) -> Overlay:
    """The overlay that was drawn on both: they differ by 255 where it left them alone. `top` is their first row."""
    cover = 255 - (white[..., :1].astype(np.int16) - black[..., :1])
    marks = (cover[..., 0] > 0) | black.any(axis=2)
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if not rows.size:
        return Overlay(0, 0, np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0, 1), np.uint8))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # copied, since a cut-out would keep the whole of it in memory
    kept = np.clip(cover[box], 0, 255).astype(np.uint8)
    return Overlay(top + int(rows[0]), int(columns[0]), black[box].copy(), kept)
