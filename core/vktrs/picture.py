"""What a picture is, everywhere: an array `(height, width, 3)`, uint8, sRGB; and how one is fitted into a size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def filling(picture: Picture, width: int, height: int) -> Picture:
    """`picture` cropped around its centre and scaled (Lanczos) to fill `width` x `height` pixels; itself if it does."""
    if picture.shape[:2] == (height, width):
        return picture
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS))
