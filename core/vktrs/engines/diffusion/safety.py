"""Which pictures are not to be shown: those that the checkpoint's safety checker flags, and those that show nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vktrs.picture import Picture


def is_blank(picture: Picture) -> bool:
    """Whether all of it is one colour: black is what overflowing numbers and safety checkers leave."""
    return bool((picture == picture[0, 0]).all())


class SafetyChecker:
    """The checkpoint's own, asked by us: called by the pipeline, it would paint what it flags black."""

    def __init__(self, pipeline: Any) -> None:
        self._checker = pipeline.safety_checker
        self._looker = pipeline.feature_extractor

    def flagged(self, pictures: Sequence[Picture]) -> list[bool]:
        """Which of them it flags; each is judged by itself. Call it where torch is in inference mode."""
        from PIL import Image

        if not pictures:
            return []
        seen = self._looker([Image.fromarray(each) for each in pictures], return_tensors="pt").pixel_values
        place = next(self._checker.parameters())
        blanks = np.zeros((len(pictures), 1, 1, 3))  # it paints flagged ones black: here, none of ours
        return [bool(each) for each in self._checker(images=blanks, clip_input=seen.to(place.device, place.dtype))[1]]
