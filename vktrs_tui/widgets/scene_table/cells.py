"""How a value looks in a cell: safe characters, straight widths, times, and the symbols of a terminal. Pure.

Whatever a person typed is shown as typed, and nothing of it reaches the terminal as a command. Widths are counted in
cells as terminals do; what they disagree about (joined emoji, variation selectors, flags, skin tones) is shown plainly.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from vktrs_tui.view import SIGNS, Mark

MOST_ACCENTS = 4
"""How many combining characters in a row are drawn; more of them would climb into other lines."""

_FLAGS = range(0x1F1E6, 0x1F200)
_SKINS = range(0x1F3FB, 0x1F400)
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_TYPED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "␤": "/"})


@dataclass(frozen=True, slots=True)
class Symbols:
    """What stands for what; each is one cell wide everywhere. `shares` are eight or more, from little to all."""

    ascii_only: bool = False
    in_range: str = "▌"
    marked: str = "●"
    playing: str = "►"
    locked: str = "L"
    problem: str = "!"
    failed: str = SIGNS["failed"]
    fresh: str = SIGNS["fresh"]
    stale: str = SIGNS["stale"]
    missing: str = SIGNS["missing"]
    running: str = SIGNS["running"]
    shares: str = "▁▂▃▄▅▆▇█"
    cropped: str = "…"
    unknown_length: str = "–"


UNICODE = Symbols()
ASCII = Symbols(
    ascii_only=True,
    in_range="|",
    marked="*",
    playing=">",
    failed="x",
    fresh="+",
    missing=".",
    running=">",
    shares="0123456789",
    cropped=">",
    unknown_length="-",
)

Part = tuple[str, str]
"""A stretch of text and the name of how it looks."""


def plain(text: str, *, ascii_only: bool = False) -> str:
    """The text as it may be drawn: one line, composed, without controls, and of undisputed width."""
    return "".join(shown for shown, _ in _glyphs(text, ascii_only))


def fit(parts: Iterable[Part], width: int, symbols: Symbols = UNICODE, align: str = "left") -> list[Part]:
    """The parts as exactly `width` cells, padded, or cut with a sign that something is missing."""
    drawn = [(_glyphs(text, symbols.ascii_only), look) for text, look in parts]
    total = sum(cells for glyphs, _ in drawn for _, cells in glyphs)
    if total > width:
        out, used = _cut(drawn, width - 1)
        out.append((symbols.cropped + " " * (width - used - 1), out[-1][1] if out else "plain"))
        return out if width > 0 else []
    out = [("".join(shown for shown, _ in glyphs), look) for glyphs, look in drawn if glyphs]
    before = {"left": 0, "right": width - total, "center": (width - total) // 2}[align]
    blanks = (" " * before, " " * (width - total - before))
    return [part for part in ((blanks[0], "plain"), *out, (blanks[1], "plain")) if part[0]]


def spanned(text: str, spans: Sequence[tuple[int, int]], look: str, special: str) -> list[Part]:
    """The text in parts: what lies in the spans (from, to; in characters, rising) looks `special`."""
    out = []
    at = 0
    for start, end in spans:
        begin, stop = max(at, start), min(len(text), end)
        if begin < stop:
            out += [(text[at:begin], look), (text[begin:stop], special)]
            at = stop
    return [part for part in (*out, (text[at:], look)) if part[0]]


def time_text(seconds: float, width: int = 9) -> str:
    """A time as m:ss.mmm, with fewer decimals where it would be wider than `width` cells."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    text = f"{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"
    return text if len(text) <= width else text[: max(width, text.index("."))].rstrip(".")


def length_text(seconds: float | None, symbols: Symbols = UNICODE) -> str:
    """A length as s.ss, or a dash where it is not known."""
    return symbols.unknown_length if seconds is None else f"{seconds:.2f}"


def mark_text(mark: Mark, width: int, symbols: Symbols = UNICODE) -> str:
    """The symbol of a mark; how far it is where it is running, in percent if `width` allows."""
    if mark.state == "unknown":
        return ""
    if mark.state != "running" or mark.share is None:
        return str(getattr(symbols, mark.state))
    share = min(max(mark.share, 0.0), 1.0)
    if width >= 3:
        return f"{min(99, int(share * 100))}%"
    return symbols.shares[min(int(share * len(symbols.shares)), len(symbols.shares) - 1)]


def _cut(drawn: Iterable[tuple[list[tuple[str, int]], str]], width: int) -> tuple[list[Part], int]:
    """As much of the glyphs as `width` cells hold, and how many cells that are."""
    out: list[Part] = []
    used = 0
    for glyphs, look in drawn:
        kept: list[str] = []
        for shown, cells in glyphs:
            if used + cells > width:
                return [*out, *([("".join(kept), look)] if kept else [])], used
            kept.append(shown)
            used += cells
        if kept:
            out.append(("".join(kept), look))
    return out, used


def _glyphs(text: str, ascii_only: bool) -> list[tuple[str, int]]:
    """What is drawn for each character that is drawn, with its cells."""
    if text.isascii() and text.isprintable():
        return [(character, 1) for character in text]
    show = _shown_in_ascii if ascii_only else _shown
    out = []
    accents = 0
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        shown, cells = show(character)
        accents = 0 if cells else accents + 1
        if shown and accents <= MOST_ACCENTS:
            out.append((shown, cells))
    return out


@lru_cache(maxsize=4096)
def _shown(character: str) -> tuple[str, int]:
    """What is drawn for a character, and its cells."""
    code = ord(character)
    kind = unicodedata.category(character)
    if character == "\t":
        return " ", 1
    if kind in ("Zl", "Zp") or character in "\n\x85":
        return "␤", 1
    if kind == "Cc":
        return (chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "�"), 1
    if kind in ("Cn", "Co", "Cs"):  # newer than this Python, private or half a character: its width is anyone's guess
        return "�", 1
    if code in _FLAGS:
        return chr(code - _FLAGS.start + ord("A")), 1
    if kind == "Cf" or code in _SKINS or any(code in selectors for selectors in _SELECTORS):
        return "", 0
    return character, cell_len(character)


@lru_cache(maxsize=4096)
def _shown_in_ascii(character: str) -> tuple[str, int]:
    """The same for a terminal that has nothing but ASCII: the letter without its accent, else question marks."""
    shown, cells = _shown(character)
    bare = unicodedata.normalize("NFKD", shown.translate(_TYPED)).encode("ascii", "ignore").decode()
    text = bare if bare.isprintable() and bare else "?" * cells
    return text, len(text)
