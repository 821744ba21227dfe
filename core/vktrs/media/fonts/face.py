"""A font that captions are drawn with: the shipped one or a file of the user's, and what it measures and can draw."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.errors import InputError
from vktrs.media import fonts
from vktrs.media.fonts import tables

if TYPE_CHECKING:
    from PIL import ImageFont

_RIGHT = "Right is a .ttf or .otf file; the shipped font is used where `font` in [captions] is left out."
_BOXES = "□▯?*"


@dataclass(frozen=True, slots=True)
class Face:
    """A font file; `stamp` tells one state of the user's file from the next, so that nothing is remembered too long."""

    path: Path
    stamp: tuple[int, int] = (0, 0)

    @property
    def shipped(self) -> bool:
        """Whether it is the font that comes with vktrs."""
        return self == SHIPPED

    @property
    def family(self) -> str:
        """The name by which libass knows it."""
        return fonts.FAMILY if self.shipped else _sized(self, 20.0).getname()[0] or ""

    @property
    def line_height(self) -> float:
        """Ascender and descender together, as parts of the em; a size in an ASS file is that."""
        return fonts.LINE_HEIGHT if self.shipped else _line_height(self)

    @property
    def box(self) -> str:
        """What stands for a character that it lacks; empty where it has nothing for that either."""
        return next((sign for sign in _BOXES if ord(sign) in _glyphs(self)), "")

    @property
    def ellipsis(self) -> str:
        """What stands for a text that goes on."""
        return "…" if ord("…") in _glyphs(self) else "..."

    def width(self, text: str, em: float) -> float:
        """How wide a line is in pixels, at `em` pixels an em."""
        return _width(self, text) * em / 100

    def drawn(self, char: str) -> str | None:
        """What is drawn for `char`: itself, its plain form (NFKC: a fullwidth or mathematical letter), or nothing."""
        return _drawn(self, char)


SHIPPED = Face(fonts.BOLD)


def face_of(path: Path | None) -> Face:
    """The font in a file, None for the shipped one; InputError where the file is none that can be drawn with."""
    if path is None:
        return SHIPPED
    try:
        stat = path.stat()
        face = Face(path, (stat.st_mtime_ns, stat.st_size))
        if not (_glyphs(face) and _line_height(face) and face.family):
            raise ValueError("it has no letters or no name")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"the font {path} cannot be used: {reason}.", _RIGHT) from None
    return face


@functools.lru_cache(maxsize=64)
def _sized(face: Face, size: float) -> ImageFont.FreeTypeFont:
    return fonts.opened(face.path, size)


@functools.lru_cache(maxsize=4096)
def _width(face: Face, text: str) -> float:
    # measured large and scaled: hinting must not make widths jump from size to size
    return _sized(face, 100.0).getlength(text)


@functools.lru_cache(maxsize=8)
def _glyphs(face: Face) -> frozenset[int]:
    return tables.glyphs(face.path.read_bytes())


@functools.lru_cache(maxsize=8)
def _line_height(face: Face) -> float:
    return tables.line_height(face.path.read_bytes())


@functools.lru_cache(maxsize=4096)
def _drawn(face: Face, char: str) -> str | None:
    """libass before 0.17.2 looks only at the font's table of the first 65,536 characters.

    So that no ffmpeg draws more than another, neither do we.
    """
    known = _glyphs(face)
    for form in (char, unicodedata.normalize("NFKC", char)):
        if form and all(ord(part) in known and ord(part) < 0x10000 for part in form):
            return form
    return None
