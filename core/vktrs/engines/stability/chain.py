"""What each picture of a moving scene starts from: the one before, in the size of the video, moved and prepared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vktrs.engines.pictures import MotionRequest

if TYPE_CHECKING:
    from vktrs.picture import Picture


def preparing(
    keyframe: Picture, chain: Sequence[MotionRequest], least_strength: float
) -> Callable[[Picture, MotionRequest], Picture]:
    """What makes of picture k - 1 the start of picture k, whose request is given.

    No noise comes into what is not drawn again, as its strength is below `least_strength`.
    """
    from vktrs.motion.colour import colours
    from vktrs.motion.step import stepped
    from vktrs.picture import filling

    is_matched = any(each.color_coherence == "LAB" for each in chain)
    wanted = colours(filling(keyframe, chain[0].width, chain[0].height)) if is_matched else None

    def prepare(previous: Picture, request: MotionRequest) -> Picture:
        return stepped(
            filling(previous, request.width, request.height),
            request.warp,
            request.border,
            wanted if request.color_coherence == "LAB" else None,
            request.noise if request.strength >= least_strength else 0.0,
            request.seed,
        )

    return prepare
