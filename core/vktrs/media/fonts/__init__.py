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
    """The font at `size` pixels an em."""
    from PIL import ImageFont  # here, since a plan only asks for the digest

    return ImageFont.truetype(str(path), size)


@functools.cache
def font_digest(path: Path = BOLD) -> str:
    """SHA-256 (hex) of the font that captions are drawn with: a part of their fingerprint."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def glyphs(path: Path = BOLD) -> frozenset[int]:
    """The code points that the font has glyphs for: groups of its format 12 "cmap" (OpenType specification)."""
    data = path.read_bytes()

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], "big")

    tables = {data[at : at + 4]: number(at + 8, 4) for at in range(12, 12 + 16 * number(4, 2), 16)}
    cmap = tables[b"cmap"]
    encodings = [cmap + number(cmap + 8 + 8 * index, 4) for index in range(number(cmap + 2, 2))]
    table = next(at for at in encodings if number(at, 2) == 12)
    groups = range(table + 16, table + 16 + 12 * number(table + 12, 4), 12)
    return frozenset(code for at in groups for code in range(number(at, 4), number(at + 4, 4) + 1))
