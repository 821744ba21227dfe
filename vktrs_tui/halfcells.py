"""A picture as coloured half cells: every cell shows two pixels, one above the other, by the colours of one `▀`.

It works in every terminal that has colours, also inside tmux, and it costs the fewest bytes. Nothing of Textual's state
is touched: it is drawn in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from vktrs_tui.decoding import opened

_CELL_SHAPE = 2  # a cell is about twice as high as wide
_STEP_BITS = 3  # neighbours that differ by less than the eye sees in a cell become one: fewer bytes


@dataclass(frozen=True, slots=True)
class Halfcells:
    """A drawn picture: its lines, all `columns` cells wide, and the size of the file's own picture in pixels."""

    lines: tuple[Strip, ...]
    columns: int
    size: tuple[int, int]


def fitted(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """How many cells (columns, rows) a picture of `width` x `height` pixels fills in that room, keeping its shape."""
    columns, rows = max(columns, 1), max(rows, 1)
    share = min(columns / width, rows * _CELL_SHAPE / height)
    return max(1, min(columns, round(width * share))), max(1, min(rows, round(height * share / _CELL_SHAPE)))


def draw_halfcells(path: Path, columns: int, rows: int) -> Halfcells:
    """The picture at `path`, as large as fits into that many cells; raises Unreadable. Slow: for a thread."""

    def pixels(width: int, height: int) -> tuple[int, int]:
        across, down = fitted(width, height, columns, rows)
        return across, 2 * down

    image, size = opened(path, pixels)
    across, down = image.size
    data = image.point(_STEPS * 3).tobytes()
    lines = (_line(data[y * 3 * across : (y + 2) * 3 * across], across) for y in range(0, down, 2))
    return Halfcells(tuple(lines), across, size)


def _line(data: bytes, across: int) -> Strip:
    upper, lower = memoryview(data)[: 3 * across], memoryview(data)[3 * across :]
    pairs = ((*upper[at : at + 3], *lower[at : at + 3]) for at in range(0, 3 * across, 3))
    return Strip(list(_segments(pairs)), across)


def _segments(pairs: Iterator[tuple[int, ...]]) -> Iterator[Segment]:
    for pair, alike in groupby(pairs):
        plain = pair[:3] == pair[3:]
        # a blank needs one colour only
        yield Segment((" " if plain else "▀") * sum(1 for _ in alike), _style(*pair, plain))


@lru_cache(maxsize=8192)
def _style(red: int, green: int, blue: int, red2: int, green2: int, blue2: int, plain: bool) -> Style:
    lower = Color.from_rgb(red2, green2, blue2)
    return Style(bgcolor=lower) if plain else Style(color=Color.from_rgb(red, green, blue), bgcolor=lower)


def _stepped(value: int) -> int:
    """The nearest of the evenly spaced steps that reach from black to white."""
    most = (1 << (8 - _STEP_BITS)) - 1
    return round(round(value * most / 255) * 255 / most)


_STEPS = [_stepped(value) for value in range(256)]
