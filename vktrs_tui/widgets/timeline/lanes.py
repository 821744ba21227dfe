"""The lanes of the timeline as cells: energy, form, scenes, times. Pure; it knows neither colours nor the screen.

A cell is a character of one column with the names of its styles; of a wide character the second cell is empty. Blank
cells have the style of their lane, since every change of style costs bytes. Every lane is drawn in time proportional
to its width, however many scenes and beats the song has.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from rich.cells import cell_len, set_cell_size

from vktrs.form import Section
from vktrs.timing import format_clock
from vktrs_tui.view import SIGNS, MarkState, SceneRow
from vktrs_tui.widgets.timeline.scale import Scale

Cell = tuple[str, tuple[str, ...]]
Cells = list[Cell]

_WORST: tuple[MarkState, ...] = ("failed", "running", "stale", "missing")
"""The states that a scene is marked with, the worst first; fresh and unknown have no mark."""

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROOM_FOR_TEXT = 6  # columns; a lyric of less says nothing
_BEAT_COLUMNS = 3  # from one beat to the next at the least, or the lane is a fence
_LABEL_COLUMNS = 10
SECTION_COLOURS = 5
"""How many colours there are for the labels of sections, in the order in which they first appear; then from anew."""
_NOT_BEFORE = 1e-6  # seconds; 3 * 0.1 lies in the column that begins at 0.3, whatever floats say
_RIGHT_TO_LEFT = {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"}


class EnergyCurve:
    """The energy of a song, averaged over any stretch of it without looking at each value.

    Means never reach the loudest peak, so what only one value in fifty passes is drawn at full height.
    """

    def __init__(self, energy: Sequence[float], hop: float) -> None:
        self._loud = sorted(energy)[len(energy) * 49 // 50] if energy else 0.0
        self._sums = list(accumulate(energy, initial=0.0))
        self._hop = hop

    @property
    def duration(self) -> float:
        """Seconds that the curve covers; 0.0 where there is none."""
        return (len(self._sums) - 1) * self._hop

    def level(self, start: float, end: float) -> float | None:
        """How loud it is from `start` to `end` (seconds), in 0..1; None where the curve does not reach."""
        last = len(self._sums) - 1
        low = int(start / self._hop)
        if not last or low >= last or low < 0:
            return None
        high = min(max(int(end / self._hop), low + 1), last)
        mean = (self._sums[high] - self._sums[low]) / (high - low)
        return min(mean / self._loud, 1.0) if self._loud > 0 else 0.0


def energy_lane(curve: EnergyCurve, scale: Scale, line: int, lines: int) -> Cells:
    """One of the `lines` lines (0: the upmost) of a curve that stands on the lowest one."""
    out: Cells = []
    for column in range(scale.width):
        level = curve.level(scale.at(column), scale.at(column + 1))
        if level is None:
            out.append((" ", ()))
            continue
        eighths = max(round(level * 8 * lines), 1)
        filled = min(max(eighths - 8 * (lines - 1 - line), 0), 8)
        out.append((_BLOCKS[filled], ("timeline--energy",)))
    return out


def beats_fit(beats: Sequence[float], scale: Scale) -> bool:
    """Whether the beats in view stand far enough apart to be told from each other."""
    low, high = bisect_left(beats, scale.start), bisect_left(beats, scale.end)
    return 0 < (high - low) * _BEAT_COLUMNS <= scale.width


def beat_lane(beats: Sequence[float], downbeats: Sequence[float], scale: Scale) -> Cells:
    """A tick for every beat in view, a longer one for the first of a bar; nothing where they do not fit."""
    out: Cells = [(" ", ("timeline--beat",))] * scale.width
    if beats_fit(beats, scale):
        _tick(out, beats, scale, ("╵", ("timeline--beat",)))
    if beats_fit(downbeats, scale):
        _tick(out, downbeats, scale, ("┃", ("timeline--downbeat",)))
    return out


def with_sections(cells: Cells, sections: Sequence[Section], scale: Scale) -> Cells:
    """The lane with the sections in view under it: each label has a colour, and stands where its section begins.

    Sections that are alike have the same; where one begins out of view, its label stands at the left edge. What has no
    column of its own is left out.
    """
    out = list(cells)
    labels = list(dict.fromkeys(section.label for section in sections))
    for section in sections:
        left = max(scale.column(section.start + _NOT_BEFORE), 0)
        right = min(scale.column(section.end - _NOT_BEFORE) + 1, scale.width)
        style = f"timeline--section{labels.index(section.label) % SECTION_COLOURS}"
        for place in range(left, right):
            text, styles = out[place]
            out[place] = (text, (style, *(styles if text != " " else ())))
        shown = columns(section.label, 0, cell_len(section.label)) if keeps_columns(section.label) else []
        free = next((place for place in range(left, right - len(shown) + 1) if _is_free(cells, place, shown)), None)
        if free is not None:
            out[free : free + len(shown)] = [(text, (style, "timeline--label")) for text in shown]
    return out


def _is_free(cells: Cells, place: int, shown: Sequence[str]) -> bool:
    """Whether nothing but ticks would be covered."""
    return all(text in " ╵┃" for text, _ in cells[place : place + len(shown)])


def _tick(cells: Cells, times: Sequence[float], scale: Scale, mark: Cell) -> None:
    for time in times[bisect_left(times, scale.start) : bisect_left(times, scale.end)]:
        cells[min(scale.column(time), scale.width - 1)] = mark


@dataclass(frozen=True)
class SceneLane:
    """The scenes along the song, ready to be drawn often: starts, states before each, and places."""

    rows: tuple[SceneRow, ...] = ()
    starts: tuple[float, ...] = ()
    counts: tuple[tuple[MarkState, tuple[int, ...]], ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: tuple[SceneRow, ...]) -> SceneLane:
        """The lane of these rows, whose starts ascend."""
        states = [scene_state(row) for row in rows]
        counts = tuple((state, tuple(accumulate((each == state for each in states), initial=0))) for state in _WORST)
        places = {row.id: place for place, row in enumerate(rows)}
        return cls(rows, tuple(row.start for row in rows), counts, places)

    def state(self, low: int, high: int) -> MarkState:
        """The worst state of the scenes from `low` up to `high`."""
        return next((state for state, sums in self.counts if sums[high] > sums[low]), "fresh")

    def draw(self, scale: Scale, current: int | None, selected: Sequence[int], breaks: Collection[int] = ()) -> Cells:
        """The lane's cells; `current` is the place of the scene under the cursor, `selected` ascending places.

        No wide character reaches over the left side of a column of `breaks`.
        """
        out: Cells = [(" ", ())] * scale.width
        for left, right, low, high in self._areas(scale):
            state = self.state(low, high)
            marked = bisect_left(selected, high) > bisect_left(selected, low)
            here = current is not None and low <= current < high
            styles: tuple[str, ...] = ("timeline--scene", f"timeline--{state}")
            styles += ("timeline--selected",) * marked + ("timeline--current",) * here
            edge = self._edge(state, high - low, marked, right - left) if self.starts[high - 1] >= scale.start else ""
            shown = current if here and current is not None else high - 1
            label = self._label(shown, state, right - left - len(edge))
            out[left:right] = [(text, styles) for text in (*edge, *columns(label, left + len(edge), right, breaks))]
        return out

    @staticmethod
    def _edge(state: MarkState, count: int, marked: bool, room: int) -> str:
        """Where a scene begins; in a single column a mark says more, and many scenes are less of a fence."""
        if room == 1 and state in _WORST and state != "missing":
            return SIGNS[state]
        if marked:
            return "┃"
        return "│" if count == 1 else "┊"

    def _areas(self, scale: Scale) -> list[tuple[int, int, int, int]]:
        """First column and end of every stretch that can be told apart, and the places of what begins in it."""
        edges = [(column, low, high) for column in range(scale.width) for low, high in [self._beginning(scale, column)]]
        areas = [(column, low, high) for column, low, high in edges if high > low]
        before = bisect_left(self.starts, scale.start)
        if before and (not areas or areas[0][0] > 0):
            areas.insert(0, (0, before - 1, before))
        ends = [*(column for column, _, _ in areas), scale.width][1:]
        return [(column, end, low, high) for (column, low, high), end in zip(areas, ends, strict=True)]

    def _beginning(self, scale: Scale, column: int) -> tuple[int, int]:
        return bisect_left(self.starts, scale.at(column)), bisect_left(self.starts, scale.at(column + 1))

    def _label(self, index: int, state: MarkState, room: int) -> str:
        """As much of number, mark and lyric as there is room for; the mark alone where that is all."""
        row, symbol = self.rows[index], SIGNS[state] if state in _WORST else ""
        number = f"{row.number}{symbol}"
        if room < len(number):
            return str(row.number) if symbol == "" and room >= len(str(row.number)) else symbol[:room]
        left = room - len(number) - 2
        text = " ".join(row.text.split())
        if left < _ROOM_FOR_TEXT or not keeps_columns(text):
            return number
        return f"{number} {text if cell_len(text) <= left else set_cell_size(text, left - 1).rstrip() + '…'}"


def scene_state(row: SceneRow) -> MarkState:
    """The worst state of what is made of a scene."""
    found = {row.marks.keyframe.state, row.marks.variations.state, row.marks.clip.state}
    return next((state for state in _WORST if state in found), "fresh")


def keeps_columns(text: str) -> bool:
    """Whether all terminals give `text` the same columns: nothing unprintable, joined, or written from the right."""
    return all(
        unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT
        and unicodedata.category(letter) not in ("Cf", "Cc")
        and not "\ufe00" <= letter <= "\ufe0f"
        for letter in text
    )


def columns(text: str, left: int, right: int, breaks: Collection[int] = ()) -> list[str]:
    """One string for each column from `left` to `right`.

    A wide character is followed by an empty one, a combining one joins what it stands on.
    """
    out: list[str] = []
    for letter in text:
        cells = cell_len(letter)
        if cells == 2 and left + len(out) + 1 in breaks:
            out.append(" ")
        if left + len(out) + cells > right:
            break
        if cells:
            out += [letter, *[""] * (cells - 1)]
        elif out:
            out[-1 if out[-1] else -2] += letter
    return (out + [" "] * (right - left - len(out)))[: right - left]


def time_lane(scale: Scale, excerpt: tuple[float, float] | None, playhead: str) -> Cells:
    """Times at round seconds, the bounds of the excerpt before their seconds, and the playhead's time at the end."""
    width = scale.width
    out: Cells = [(" ", ("timeline--time",))] * width
    for mark, seconds in zip("[]", excerpt or (), strict=False):
        if 0 < (column := scale.column(seconds)) <= width:
            out[column - 1] = (mark, ("timeline--excerpt",))
    if playhead:
        out[max(width - len(playhead), 0) :] = [(letter, ("timeline--playhead",)) for letter in playhead[-width:]]
    step = scale.label_step(_LABEL_COLUMNS)
    count = int(scale.start // step)
    while (column := scale.column(count * step + _NOT_BEFORE)) < width:
        text = format_clock(count * step, 0 if step >= 1 else 1)
        place = slice(column, column + len(text))
        if 0 <= column <= width - len(text) and all(text == " " for text, _ in out[place]):
            out[place] = [(letter, ("timeline--time",)) for letter in text]
        count += 1
    return out
