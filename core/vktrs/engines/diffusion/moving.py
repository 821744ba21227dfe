"""What the next picture of a moving scene is drawn from: the one before, moved, coloured like the keyframe, with noise.

All of it happens on the device; call it where torch is in inference mode. A sheet is `(3, height, width)`, uint8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vktrs.engines.diffusion.colouring import Colours
from vktrs.engines.diffusion.warping import warped
from vktrs.engines.pictures import MotionRequest
from vktrs.picture import Picture, filling
from vktrs.storyboard.resolve import derived_seed


class Moving:
    """One chain: `sheet` is its last picture, None until the one that it begins with is on the device."""

    def __init__(self, keyframe: Picture, previous: Picture, upload: Callable[[Picture], Any]) -> None:
        self.sheet: Any | None = None
        self._keyframe = keyframe
        self._previous = previous
        self._upload = upload
        self._colours: Colours | None = None

    def moved(self, request: MotionRequest) -> Any:
        """The last picture, moved and coloured as the request says: a sheet of its own."""
        size = request.width, request.height
        if self.sheet is None:
            self.sheet = self._upload(filling(self._previous, *size))
        sheet = warped(self.sheet, request.warp, request.border)
        if request.color_coherence == "none":
            return sheet
        if self._colours is None:
            self._colours = Colours(self._upload(filling(self._keyframe, *size)))
        return self._colours.given_to(sheet)


def noisy(sheet: Any, noise: float, seed: int) -> Any:
    """The picture with normal noise, of so many times the range of a channel; numbers in 0..255, not rounded.

    Not with the seed itself: noise of the same numbers is laid over the latents.
    """
    import torch

    pixels = sheet.float()
    if noise <= 0:
        return pixels
    generator = torch.Generator("cpu").manual_seed(derived_seed(seed, "noise"))
    grain = torch.randn(pixels.shape, generator=generator).to(pixels.device)
    return (pixels + grain * (noise * 255)).clamp(0, 255)
