"""What every format is first read as: pieces of text with times, in rows as they were shown."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,31});")
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e]")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LONGEST = 360_000.0  # seconds; a hundred hours


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with its blanks, sung from `start` (seconds) on; `probability` in 0..1 where the file tells it."""

    start: float
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What was shown together, from `start` to `end` (seconds, None where that is not told).

    Rows of one window that `rolls` are shown until they scroll away, which is long after they were sung.
    """

    start: float
    end: float | None
    pieces: tuple[Piece, ...]
    window: str = ""
    rolls: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A row as a site's player is told it; one that `appends` goes on with the row that its window shows."""

    row: Row
    appends: bool = False


def rows_of(events: Iterable[Event]) -> list[Row]:
    """Whole rows, by their start. An appended line break ends its window's row.

    A window rolls where something is appended in it, or where its words have times of their own.
    """
    rows: list[tuple[Row, list[Piece]]] = []
    open_rows: dict[str, int] = {}
    rolling = set()
    for event in events:
        row = event.row
        text = "".join(piece.text for piece in row.pieces)
        if event.appends or len({piece.start for piece in row.pieces if piece.text.strip()}) > 1:
            rolling.add(row.window)
        if "\n" in text[: len(text) - len(text.lstrip())]:
            open_rows.pop(row.window, None)
        if not text.strip():
            continue
        place = open_rows.get(row.window) if event.appends else None
        if place is None:
            open_rows[row.window] = len(rows)
            rows.append((row, [*row.pieces]))
        else:
            before, pieces = rows[place]
            end = None if row.end is None or before.end is None else max(before.end, row.end)
            pieces += row.pieces
            rows[place] = replace(before, end=end), pieces
    whole = (replace(row, pieces=tuple(pieces), rolls=row.rolls or row.window in rolling) for row, pieces in rows)
    return sorted(whole, key=lambda row: row.start)


def clean(text: str) -> str:
    """The text without tags, entities that were left in it, and signs that nobody sees and no file may hold."""
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), _TAG.sub("", text))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub(" ", _UNSEEN.sub("", text.replace("\r", "\n")))


def seconds(value: object, unit: float = 1000.0) -> float | None:
    """A time of a file, a number or a text that is one, in seconds; None where it is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        time = float(value) / unit
    except (ValueError, OverflowError):
        return None
    return time if math.isfinite(time) and 0 <= time <= _LONGEST else None


def likelihood(value: object) -> float | None:
    """How sure the site's recogniser was, 0..255 in its files, as 0..1; None where that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        sure = float(value) / 255
    except (ValueError, OverflowError):
        return None
    return min(max(sure, 0.0), 1.0) if math.isfinite(sure) else None
