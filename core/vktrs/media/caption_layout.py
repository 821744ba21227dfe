"""Where a caption breaks into lines and how large it is, from the metrics of the shipped font.

Pure: nothing is drawn here. The line breaks are made here so that libass has nothing left to decide.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vktrs.media import fonts

_MISSING = "□"
_SHRINK = 0.92
_SMALLEST_EM = 7.0
# libass and Pillow may round the advance of each glyph differently
_SLACK = 0.97


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """How captions look. Sizes are parts of the picture's height, `side` of its width; colours 0xRRGGBB.

    `size` is the em of the font; a text that needs more than `lines` lines is drawn smaller, down to `readable`, and
    only then in more lines.
    """

    size: float = 0.055
    readable: float = 0.03
    lines: int = 4
    bottom: float = 0.06
    side: float = 0.05
    outline: float = 0.005
    colour: int = 0xFFFFFF
    outline_colour: int = 0x101010


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines as they will be drawn, and the em in pixels."""

    lines: tuple[str, ...]
    em: float


def missing_glyphs(text: str) -> set[str]:
    """The characters of `text` that the font cannot draw; □ stands for each of them in the picture."""
    return {char for line in tidy(text) for char in line if _glyphs_for(char) is None}


def lay_out(text: str, width: int, height: int, style: CaptionStyle) -> Layout:
    """Where `text` breaks and how large it is in a picture of `width` x `height` pixels.

    The largest size, from `style.size` down, at which it needs at most `style.lines` lines, and from `style.readable`
    down at most half of the picture; lines of about equal length. What fits at no size is cut with an ellipsis.
    """
    paragraphs = ["".join(_glyphs_for(char) or _MISSING for char in line) for line in tidy(text)]
    room = width * (1 - 2 * style.side) * _SLACK
    tallest = height * (1 - 2 * style.bottom)
    em = max(_SMALLEST_EM, height * style.size)
    while True:
        lines = _wrap(paragraphs, em, room)
        fitting = int(tallest / (em * fonts.LINE_HEIGHT))
        wanted = style.lines if em > height * style.readable else fitting // 2
        if len(lines) <= min(wanted, fitting):
            return Layout(tuple(_balanced(paragraphs, em, room, len(lines))), em)
        if em <= _SMALLEST_EM:
            return Layout(tuple(_elided(lines, em, room, max(1, fitting))), em)
        em = max(_SMALLEST_EM, em * _SHRINK)


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


@functools.lru_cache(maxsize=4096)
def _glyphs_for(char: str) -> str | None:
    """What is drawn for `char`: itself, its plain form (NFKC: a fullwidth or mathematical letter), or nothing.

    libass before 0.17.2 looks only at the font's table of the first 65,536 characters; so that no ffmpeg draws more
    than another, neither do we.
    """
    known = fonts.glyphs()
    for form in (char, unicodedata.normalize("NFKC", char)):
        if form and all(ord(part) in known and ord(part) < 0x10000 for part in form):
            return form
    return None


@functools.lru_cache(maxsize=4096)
def _width(text: str, em: float) -> float:
    # measured large and scaled: hinting must not make widths jump from size to size
    return fonts.font(fonts.BOLD, 100.0).getlength(text) * em / 100


def _wrap(paragraphs: Sequence[str], em: float, room: float) -> list[str]:
    """Greedy lines no wider than `room`; a longer word is broken."""
    lines: list[str] = []
    for paragraph in paragraphs:
        line = ""
        for word in _words(paragraph, em, room):
            longer = f"{line} {word}" if line else word
            if line and _width(longer, em) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _words(paragraph: str, em: float, room: float) -> Iterator[str]:
    for word in paragraph.split(" "):
        rest = word
        while len(rest) > 1 and _width(rest, em) > room:
            fits = max(1, _longest(rest, em, room))
            yield rest[:fits]
            rest = rest[fits:]
        if rest:
            yield rest


def _longest(text: str, em: float, room: float) -> int:
    """How many characters from the beginning fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle], em) <= room else (low, middle - 1)
    return low


def _balanced(paragraphs: Sequence[str], em: float, room: float, count: int) -> list[str]:
    """As many lines, in as little width as that allows, so that no word is left alone on the last."""
    if count == 1:
        return _wrap(paragraphs, em, room)
    low, high = room / 4, room
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_wrap(paragraphs, em, middle)) <= count else (middle, high)
    # never at the price of a word broken in two
    pieces = {piece for line in _wrap(paragraphs, em, high) for piece in line.split(" ")}
    whole = {piece for line in _wrap(paragraphs, em, room) for piece in line.split(" ")}
    return _wrap(paragraphs, em, high if pieces == whole else room)


def _elided(lines: Sequence[str], em: float, room: float, count: int) -> list[str]:
    *kept, last = lines[:count]
    return [*kept, last[: _longest(last, em, room - _width("…", em))] + "…"]
