"""Rows of captions become lines: pieces are put together to words, each with its time, and what is not sung goes.

A site tells when a word starts, not when it ends: it is taken to last until the next one starts, 2 s at most where the
rows roll. Rows that roll overlap as they are shown; sung, one ends where the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from vktrs.lines import Line, Word
from vktrs.media.site_captions.marks import is_sung, sung_part
from vktrs.media.site_captions.pieces import Piece, Row
from vktrs.storyboard.words import spread

_LONGEST = 2.0  # seconds of a word whose end nobody tells
_LAST_ROW = 5.0  # seconds of a row whose end nobody tells


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as it stands in its row: its piece, what of it is sung, and whether a blank stands before it."""

    piece: int
    text: str
    apart: bool


def lines_of(rows: Sequence[Row]) -> list[Line]:
    """The lines of rows that are in order of their starts; no word is lost and none comes twice.

    Where no row has more than one time, the lines have no words. A probability of 0 all through says nothing.
    """
    timed = any(len({piece.start for piece in row.pieces if piece.text.strip()}) > 1 for row in rows)
    known = any(piece.probability for row in rows for piece in row.pieces)
    return [line for row, end in _ended(rows) for line in _line(row, end, timed, known)]


def _ended(rows: Sequence[Row]) -> Iterator[tuple[Row, float]]:
    """Each row with when it ends: a rolling one where the next of its window starts."""
    following: dict[str, float] = {}
    ends: list[float] = []
    for row in reversed(rows):
        end = row.start + _LAST_ROW if row.end is None else row.end
        after = following.get(row.window)
        if row.rolls and after is not None and after > row.start:
            end = min(end, after)
        following[row.window] = row.start
        ends.append(max(end, row.start))
    return zip(rows, reversed(ends), strict=True)


def _line(row: Row, end: float, timed: bool, known: bool) -> Iterator[Line]:
    """The row as a line, its words with times where it is `timed`; nothing where nothing of it is sung."""
    tokens = _tokens(row.pieces)
    sung = [token for token in tokens if token.text]
    text = "".join(" " * (token.apart and number > 0) + token.text for number, token in enumerate(sung))
    if not is_sung(text):
        return
    if not timed:
        yield Line(row.start, end, text)
        return
    words = _words(row, tokens, end, known)
    sure = [word.probability for word in words if word.probability is not None]
    confidence = sum(sure) / len(sure) if sure else None
    last = max(word.end for word in words)
    yield Line(words[0].start, last if row.rolls else max(end, last), text, tuple(words), confidence)


def _tokens(pieces: Sequence[Piece]) -> list[_Token]:
    """The row cut at blanks, and between two pieces of a script that writes none; marks come back without text."""
    text = "".join(piece.text for piece in pieces)
    owner = [number for number, piece in enumerate(pieces) for _ in piece.text]
    joints = [i for i in range(1, len(text)) if owner[i] != owner[i - 1]]
    cuts = {i for i in joints if _unspaced(text[i]) and _unspaced(text[i - 1])}
    sung = sung_part(text)
    tokens: list[_Token] = []
    apart = True
    for blank, group in groupby(range(len(text)), key=lambda i: text[i].isspace()):
        run = [*group]
        if blank:
            apart = True
            continue
        edges = [run[0], *(i for i in run[1:] if i in cuts), run[-1] + 1]
        for left, right in pairwise(edges):
            kept = "".join(text[i] for i in range(left, right) if sung[i])
            tokens.append(_Token(owner[left], kept, apart))
            apart = apart and not kept
    return tokens


def _unspaced(letter: str) -> bool:
    """Whether it is of a script that puts no blanks between words: Han, Kana, Thai, Lao, Khmer, Burmese."""
    code = ord(letter)
    return (
        0x0E00 <= code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
        or 0x3000 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFF9F
        or 0x20000 <= code <= 0x3FFFF
    )


def _words(row: Row, tokens: Sequence[_Token], end: float, known: bool) -> list[Word]:
    """The sung tokens with their times, starts that do not decrease; those of one piece share its time."""
    starts = [piece.start for piece in row.pieces]
    placed: list[Word] = []
    after = 0  # the next piece that begins later
    for number, group in groupby(tokens, key=lambda token: token.piece):
        own = [*group]
        begin = max(starts[number], placed[-1].start if placed else 0.0)
        after = next((i for i in range(max(after, number + 1), len(starts)) if starts[i] > begin), len(starts))
        until = max(starts[after] if after < len(starts) else end, begin)
        if row.rolls:
            until = min(until, begin + _LONGEST * len(own))
        sure = row.pieces[number].probability if known else None
        placed += [replace(word, probability=sure) for word in spread([token.text for token in own], begin, until)]
    limits = [*(word.start for word in placed[1:]), max(end, placed[-1].start)]
    return [
        replace(word, end=max(word.start, min(word.end, limit)))
        for word, limit in zip(placed, limits, strict=True)
        if word.text
    ]
