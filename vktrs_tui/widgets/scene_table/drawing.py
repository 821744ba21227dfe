"""How a row of the storyboard becomes cells: what stands in each column and what it is called. Pure; no colour here.

A look is the name of a component class without its prefix; which colours it has is the stylesheet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from vktrs_tui.view import Mark, SceneRow, Shown
from vktrs_tui.widgets.scene_table.cells import (
    Part,
    Symbols,
    fit,
    length_text,
    mark_text,
    spanned,
    time_text,
)
from vktrs_tui.widgets.scene_table.columns import BY_NAME, MARKS, PlacedColumn

Spans = tuple[tuple[int, int], ...]


class Run(NamedTuple):
    """Text that looks the same: `ground` names what it lies on, `look` what it is."""

    text: str
    ground: str
    look: str


Cell = tuple[Run, ...]
"""The blank cells before a column, and what stands in it."""

Line = tuple[Cell, ...]
"""One cell a column; where there are columns, they are together as wide as the table."""


@dataclass(frozen=True, slots=True)
class RowState:
    """All that a row's look depends on beside the row: `cursor` is the cursor's column where it stands on the row."""

    cursor: str | None = None
    in_range: bool = False
    marked: bool = False
    playing: bool = False
    word: tuple[int, int] | None = None
    matches: tuple[tuple[str, Spans], ...] = ()

    @property
    def selected(self) -> bool:
        """Whether the row is marked or within the range."""
        return self.in_range or self.marked

    def spans(self, column: str) -> Spans:
        """What a search has found in a column."""
        return next((spans for name, spans in self.matches if name == column), ())


def draw_row(row: SceneRow, state: RowState, columns: Sequence[PlacedColumn], width: int, symbols: Symbols) -> Line:
    """The cells of a row, together `width` wide."""
    ground = "selected" if state.selected else "row" if state.cursor else "plain"
    out = []
    at = 0
    for column in columns:
        parts = _parts(column.name, row, state, column.width, symbols)
        under = "plain" if ground == "row" and column.name in MARKS else ground
        own = "cursor" if column.name == state.cursor else under
        fitted = fit(parts, column.width, symbols, BY_NAME[column.name].align)
        gap = [Run(" " * (column.x - at), under, "plain")] if column.x > at else []
        out.append((*gap, *(Run(text, own, look) for text, look in fitted)))
        at = column.x + column.width
    if at < width:
        out.append((Run(" " * (width - at), "plain", "plain"),))
    return tuple(out)


def draw_header(columns: Sequence[PlacedColumn], cursor: str | None, width: int, symbols: Symbols) -> Line:
    """The line of the columns' titles, the one of the cursor's column brought out."""
    out = []
    at = 0
    for column in columns:
        about = BY_NAME[column.name]
        look = "header-cursor" if column.name == cursor else "header"
        fitted = fit([(about.title, look)], column.width, symbols, about.align)
        gap = [Run(" " * (column.x - at), "header", "header")] if column.x > at else []
        out.append((*gap, *(Run(text, "header", name if text.strip() else "header") for text, name in fitted)))
        at = column.x + column.width
    if at < width:
        out.append((Run(" " * (width - at), "header", "header"),))
    return tuple(out)


def draw_blank(width: int) -> Line:
    """A line with nothing on it."""
    return ((Run(" " * width, "plain", "plain"),),)


def draw_notice(text: str, width: int, symbols: Symbols) -> Line:
    """A line that says something in the middle of an empty table."""
    return (tuple(Run(each, "plain", look) for each, look in fit([(text, "notice")], width, symbols, "center")),)


def changed_cells(before: Line, now: Line) -> tuple[int, int] | None:
    """From which cell to which a line has to be painted again; None where it looks the same."""
    if len(before) != len(now):
        return 0, sum(cells_of(cell) for cell in now)
    first = last = None
    at = 0
    for old, new in zip(before, now, strict=True):
        end = at + cells_of(new)
        if old != new:
            first = at if first is None else first
            last = end - _same_blanks(old, new)
        at = end
    return None if first is None or last is None else (first, last)


def cells_of(cell: Cell) -> int:
    """The width of a cell that is drawn, in cells of the terminal."""
    return sum(cell_len(run.text) for run in cell)


def _same_blanks(old: Cell, new: Cell) -> int:
    """How many blanks both end with on the same ground."""
    if not old or not new or old[-1][1:] != new[-1][1:]:
        return 0
    return min(len(run.text) - len(run.text.rstrip(" ")) for run in (old[-1], new[-1]))


def _parts(name: str, row: SceneRow, state: RowState, width: int, symbols: Symbols) -> list[Part]:
    """What stands in a column, before it is made to fit."""
    match name:
        case "gutter":
            return _gutter(row, state, symbols)
        case "number":
            return [(str(row.number), "plain")]
        case "start":
            return [(time_text(row.start, width), "plain")]
        case "length":
            return [(length_text(row.length, symbols), "plain")]
        case "text":
            return _lyric(row, state)
        case "prompt" | "theme" | "animation":
            shown: Shown = getattr(row, name)
            return spanned(shown.text, state.spans(name), "written" if shown.written else "derived", "match")
        case _:
            mark: Mark = getattr(row.marks, name)
            return [(mark_text(mark, width, symbols), mark.state)]


def _gutter(row: SceneRow, state: RowState, symbols: Symbols) -> list[Part]:
    """Three signs: whether it is selected, whether it plays (or else is locked), and whether something is wrong."""
    chosen = symbols.in_range if state.in_range else symbols.marked if state.marked else " "
    playing = (symbols.playing, "playing") if state.playing else (symbols.locked if row.locked else " ", "derived")
    marks = (row.marks.keyframe, row.marks.variations, row.marks.clip)
    if any(mark.state == "failed" for mark in marks):
        trouble = (symbols.failed, "failed")
    else:
        trouble = (symbols.problem, "problem") if row.problems else (" ", "plain")
    return [(chosen, "sign"), playing, trouble]


def _lyric(row: SceneRow, state: RowState) -> list[Part]:
    """The lyric with what was found in it, else with the word that is being sung, brought out."""
    spans = state.spans("text")
    if state.word is not None and not spans:
        return spanned(row.text, (state.word,), "written", "word")
    return spanned(row.text, spans, "written", "match")
