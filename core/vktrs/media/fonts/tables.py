"""What is read of a TrueType or OpenType file without a library: which characters it has, and how tall its lines are.

Pure, on bytes. Names of tables and fields are those of the OpenType specification. ValueError where a file is none.
"""

from __future__ import annotations

from collections.abc import Iterator


def glyphs(data: bytes) -> frozenset[int]:
    """The code points that the font has glyphs for, by its "cmap" of format 12 or else 4."""
    cmap = _tables(data).get(b"cmap", 0)
    encodings = [cmap + _number(data, cmap + 8 + 8 * index, 4) for index in range(_number(data, cmap + 2, 2))]
    formats = {_number(data, at, 2): at for at in encodings}
    if 12 in formats:
        return frozenset(_groups(data, formats[12]))
    if 4 in formats:
        return frozenset(_segments(data, formats[4]))
    raise ValueError("no table of Unicode characters")


def _groups(data: bytes, table: int) -> Iterator[int]:
    for at in range(table + 16, table + 16 + 12 * _number(data, table + 12, 4), 12):
        yield from range(_number(data, at, 4), min(_number(data, at + 4, 4), 0x10FFFF) + 1)


def _segments(data: bytes, table: int) -> Iterator[int]:
    size = _number(data, table + 6, 2)
    ends, starts = table + 14, table + 16 + size
    deltas, offsets = starts + size, starts + 2 * size
    for step in range(0, size, 2):
        first, last = _number(data, starts + step, 2), _number(data, ends + step, 2)
        delta, offset = _number(data, deltas + step, 2), _number(data, offsets + step, 2)
        for code in range(first, min(last, 0xFFFE) + 1):
            # an offset counts from where it stands itself
            glyph = code if offset == 0 else _number(data, offsets + step + offset + 2 * (code - first), 2)
            if glyph and (glyph + delta) & 0xFFFF:
                yield code


def line_height(data: bytes) -> float:
    """Ascender and descender together, as parts of the em: those of "OS/2" that libass takes, else of "hhea"."""
    tables = _tables(data)
    em = _number(data, _at(tables, b"head") + 18, 2)
    tall = 0
    if b"OS/2" in tables:
        tall = _number(data, tables[b"OS/2"] + 74, 2) + _number(data, tables[b"OS/2"] + 76, 2)
    if not tall:
        hhea = _at(tables, b"hhea")
        tall = _signed(data, hhea + 4) - _signed(data, hhea + 6)
    if not em or tall <= 0:
        raise ValueError("no height of its letters")
    return tall / em


def _tables(data: bytes) -> dict[bytes, int]:
    """Where each table begins."""
    if data[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise ValueError("not a font")
    return {data[at : at + 4]: _number(data, at + 8, 4) for at in range(12, 12 + 16 * _number(data, 4, 2), 16)}


def _at(tables: dict[bytes, int], name: bytes) -> int:
    if name not in tables:
        raise ValueError(f"no table {name.decode()!r}")
    return tables[name]


def _number(data: bytes, at: int, size: int) -> int:
    piece = data[at : at + size]
    if len(piece) < size:
        raise ValueError("its end is missing")
    return int.from_bytes(piece, "big")


def _signed(data: bytes, at: int) -> int:
    number = _number(data, at, 2)
    return number - 0x10000 if number >= 0x8000 else number
