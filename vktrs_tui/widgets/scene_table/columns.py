"""Which columns the storyboard table has, and which of them stand where at a given width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; widths in cells.

    A `greedy` column takes its weight's share of what is left, up to `ideal` while others want more; the others have
    their `least` width, and their `ideal` one in a roomy table. `shown_from` is the width of the table from which on
    the column is shown: the one that can be spared first has the greatest. `gap` are the blank cells before it.
    """

    name: str
    title: str
    least: int
    ideal: int
    shown_from: int
    greedy: int = 0
    align: Align = "left"
    gap: int = 1
    cursor: bool = True
    """Whether the cursor may stand in it."""


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column that is shown: its first cell, from 0 at the table's left edge, and its width in cells."""

    name: str
    x: int
    width: int


COLUMNS = (
    Column("gutter", "", 3, 3, 0, gap=0, cursor=False),
    Column("number", "#", 4, 4, 30, align="right", gap=0, cursor=False),
    Column("start", "start", 8, 9, 26, align="right"),
    Column("length", "length", 6, 6, 46, align="right"),
    Column("text", "lyric", 12, 56, 0, greedy=4, gap=2),
    Column("prompt", "prompt", 12, 90, 60, greedy=5, gap=2),
    Column("theme", "theme", 14, 24, 100, greedy=1, gap=2),
    Column("animation", "animation", 10, 10, 112, gap=2),
    Column("keyframe", "K", 1, 3, 34, align="center", gap=2),
    Column("variations", "V", 1, 3, 40, align="center"),
    Column("clip", "C", 1, 3, 38, align="center"),
)
BY_NAME = {column.name: column for column in COLUMNS}
MARKS = frozenset({"keyframe", "variations", "clip"})
"""The columns that show what is made; the light of the cursor's row ends before them."""

ROOMY = 140
"""The width from which on columns that are not greedy have their ideal width."""

MARGIN_FROM = 60
"""The width from which on one cell is left free at the right, between the last mark and the scroll bar."""


@lru_cache(maxsize=64)
def layout(width: int) -> tuple[PlacedColumn, ...]:
    """The columns shown in a table of `width` cells, from left to right; they never reach beyond it."""
    shown = [column for column in COLUMNS if width >= column.shown_from]
    widths = {column.name: column.ideal if width >= ROOMY and not column.greedy else column.least for column in shown}
    left = width - (width >= MARGIN_FROM) - sum(widths.values()) - sum(column.gap for column in shown)
    _share(widths, [column for column in shown if column.greedy], left)
    placed = []
    x = 0
    for column in shown:
        x += column.gap
        own = max(0, min(widths[column.name], width - x))
        if own:
            placed.append(PlacedColumn(column.name, x, own))
        x += own
    return tuple(placed)


def _share(widths: dict[str, int], greedy: Sequence[Column], left: int) -> None:
    """Adds `left` cells to the greedy columns by weight; what all of them have no wish for, the heaviest takes."""
    hungry = list(greedy)
    while left > 0 and hungry:
        weights = sum(column.greedy for column in hungry)
        portions = {column.name: max(1, left * column.greedy // weights) for column in hungry}
        for column in hungry:
            more = min(portions[column.name], column.ideal - widths[column.name], left)
            widths[column.name] += more
            left -= more
        hungry = [column for column in hungry if widths[column.name] < column.ideal]
    if left > 0 and greedy:
        widths[max(greedy, key=lambda column: column.greedy).name] += left


def cursor_columns(placed: Sequence[PlacedColumn]) -> tuple[str, ...]:
    """The names of the shown columns in which the cursor may stand, from left to right."""
    return tuple(each.name for each in placed if BY_NAME[each.name].cursor)
