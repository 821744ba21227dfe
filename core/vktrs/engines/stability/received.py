"""A picture that came over a network, decoded with suspicion: it may be cut short, huge, or none at all."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from vktrs.picture import Picture

_MOST_PIXELS = 64 << 20


def decoded(data: bytes) -> Picture | None:
    """The picture `(height, width, 3)` of a whole PNG, JPEG or WebP; None where it is no such thing."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.load()
            return np.asarray(image.convert("RGB"))
    # Pillow answers broken chunks with SyntaxError, broken sizes with ValueError
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def is_blank(picture: Picture) -> bool:
    """Whether all of it is one colour, as what filters leave may be."""
    return bool((picture == picture[0, 0]).all())
