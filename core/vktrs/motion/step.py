"""What is done to the picture before, so that the next can be drawn from it: the same for every engine."""

from __future__ import annotations

from vktrs.motion import Border
from vktrs.motion.affine import Affine
from vktrs.motion.colour import Colours, matched, noisy
from vktrs.motion.warp import warped
from vktrs.picture import Picture


def stepped(
    previous: Picture, affine: Affine, border: Border, keyframe: Colours | None, noise: float, seed: int
) -> Picture:
    """`previous` moved, then given the colours of the keyframe (None: its own), then noise, drawn from `seed`."""
    return prepared(warped(previous, affine, border), keyframe, noise, seed)


def prepared(moved: Picture, keyframe: Colours | None, noise: float, seed: int) -> Picture:
    """The same for a picture that is moved already.

    Noise comes last: were it there before the colours are matched, it would be part of what is matched.
    """
    return noisy(moved if keyframe is None else matched(moved, keyframe), seed, noise)
