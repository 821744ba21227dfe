"""The fonts that are shipped (DejaVu Sans), so that text looks the same on every machine; what they can draw.

Nothing here looks at the fonts of the machine.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

FOLDER = Path(__file__).parent
REGULAR = FOLDER / "DejaVuSans.ttf"
BOLD = FOLDER / "DejaVuSans-Bold.ttf"
FAMILY = "DejaVu Sans"

# The "hhea" table of both fonts: ascender 1901 and descender -483 of 2048 units an em. A size in an ASS file is
# ascender + descender, a size in Pillow is the em.
LINE_HEIGHT = (1901 + 483) / 2048


@functools.lru_cache(maxsize=64)
def font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """A shipped font at `size` pixels an em."""
    return opened(path, size)


def opened(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """Any font file at `size` pixels an em; OSError where it is none."""
    from PIL import ImageFont  # here, since a plan only asks for the digest

    return ImageFont.truetype(str(path), size)


@functools.cache
def font_digest(path: Path = BOLD) -> str:
    """SHA-256 (hex) of the font that captions are drawn with: a part of their fingerprint."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
