"""Where a caption breaks into lines and how large it is, from the metrics of its font.

Pure: nothing is drawn here. The line breaks are made here so that libass has nothing left to decide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vktrs.media.fonts.face import SHIPPED, Face
from vktrs.storyboard.model import Position

_SHRINK = 0.92
_SMALLEST_EM = 7.0
# libass and Pillow may round the advance of each glyph differently
_SLACK = 0.97


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """How captions look. Sizes are parts of the picture's height, `side` of its width; colours 0xRRGGBB.

    `size` is the em of the font; a text that needs more than `lines` lines is drawn smaller, down to `readable`, and
    only then in more lines. `bottom` is kept free above and below, `side` left and right. `highlight` is the colour of
    words that were sung.
    """

    size: float = 0.055
    readable: float = 0.03
    lines: int = 4
    bottom: float = 0.06
    side: float = 0.05
    outline: float = 0.005
    colour: int = 0xFFFFFF
    outline_colour: int = 0x101010
    highlight: int = 0xFFD24A
    shadow: float = 0.0
    position: Position = "bottom"
    face: Face = SHIPPED


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines as they will be drawn, and the em in pixels."""

    lines: tuple[str, ...]
    em: float


class _Type(NamedTuple):
    """A font at one size."""

    face: Face
    em: float

    def width(self, text: str) -> float:
        return self.face.width(text, self.em)


def missing_glyphs(text: str, face: Face = SHIPPED) -> set[str]:
    """The characters of `text` that the font cannot draw; □ stands for each of them in the picture."""
    return {char for line in tidy(text) for char in line if face.drawn(char) is None}


def lay_out(text: str, width: int, height: int, style: CaptionStyle) -> Layout:
    """Where `text` breaks and how large it is in a picture of `width` x `height` pixels.

    The largest size, from `style.size` down, at which it needs at most `style.lines` lines, and from `style.readable`
    down at most half of the picture; lines of about equal length. What fits at no size is cut with an ellipsis.
    """
    face = style.face
    paragraphs = _drawn(text, face)
    room = width * (1 - 2 * style.side) * _SLACK
    tallest = height * (1 - 2 * style.bottom)
    em = max(_SMALLEST_EM, height * style.size)
    while True:
        kind = _Type(face, em)
        lines = _wrap(paragraphs, kind, room)
        fitting = int(tallest / (em * face.line_height))
        wanted = style.lines if em > height * style.readable else fitting // 2
        if len(lines) <= min(wanted, fitting):
            return Layout(tuple(_balanced(paragraphs, kind, room, len(lines))), em)
        if em <= _SMALLEST_EM:
            return Layout(tuple(_elided(lines, kind, room, max(1, fitting))), em)
        em = max(_SMALLEST_EM, em * _SHRINK)


def signs(text: str, face: Face) -> int:
    """How many signs are drawn for `text`, white space left out: so pieces of a text are found in its layout."""
    return sum(not sign.isspace() for line in _drawn(text, face) for sign in line)


def _drawn(text: str, face: Face) -> list[str]:
    """The lines of a text as they are drawn; empty ones left out."""
    box = face.box
    lines = ("".join(form if (form := face.drawn(char)) is not None else box for char in line) for line in tidy(text))
    return [line for line in lines if line.strip()]


def tidy(text: str) -> list[str]:
    """The lines of `text` without what is invisible: controls, variation selectors, marks of direction."""
    composed = unicodedata.normalize("NFC", text)
    lines = [" ".join(line.split(" ")) for line in composed.expandtabs(4).splitlines()]
    return [kept for line in lines if (kept := "".join(filter(_is_visible, line)).strip())]


def _is_visible(char: str) -> bool:
    if 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF:
        return False
    # the zero-width (non-)joiner shapes Persian and Arabic; other format characters could turn the line around
    return unicodedata.category(char) not in ("Cc", "Cf") or char in "\u200c\u200d"


def _wrap(paragraphs: Sequence[str], kind: _Type, room: float) -> list[str]:
    """Greedy lines no wider than `room`; a longer word is broken."""
    lines: list[str] = []
    for paragraph in paragraphs:
        line = ""
        for word in _words(paragraph, kind, room):
            longer = f"{line} {word}" if line else word
            if line and kind.width(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _words(paragraph: str, kind: _Type, room: float) -> Iterator[str]:
    for word in paragraph.split(" "):
        rest = word
        while len(rest) > 1 and kind.width(rest) > room:
            fits = max(1, _longest(rest, kind, room))
            yield rest[:fits]
            rest = rest[fits:]
        if rest:
            yield rest


def _longest(text: str, kind: _Type, room: float) -> int:
    """How many characters from the beginning fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if kind.width(text[:middle]) <= room else (low, middle - 1)
    return low


def _balanced(paragraphs: Sequence[str], kind: _Type, room: float, count: int) -> list[str]:
    """As many lines, in as little width as that allows, so that no word is left alone on the last."""
    if count == 1:
        return _wrap(paragraphs, kind, room)
    low, high = room / 4, room
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_wrap(paragraphs, kind, middle)) <= count else (middle, high)
    # never at the price of a word broken in two
    pieces = {piece for line in _wrap(paragraphs, kind, high) for piece in line.split(" ")}
    whole = {piece for line in _wrap(paragraphs, kind, room) for piece in line.split(" ")}
    return _wrap(paragraphs, kind, high if pieces == whole else room)


def _elided(lines: Sequence[str], kind: _Type, room: float, count: int) -> list[str]:
    *kept, last = lines[:count]
    dots = kind.face.ellipsis
    return [*kept, last[: _longest(last, kind, room - kind.width(dots))] + dots]
