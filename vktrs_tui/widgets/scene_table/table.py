"""`SceneTable`: the storyboard on the screen, a virtual table with a cell cursor that paints only what has changed.

It shows frozen rows and tells of what the user did with the mouse. It reads and edits nothing, and binds no key:
whoever owns it calls `move_by`, `toggle_mark` and the like. Every change ends in `repaint`, so that no
change has to know what it touches.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region, Size
from textual.message import Message

from vktrs_tui.view import SceneRow
from vktrs_tui.widgets.scene_table.canvas import Drawn
from vktrs_tui.widgets.scene_table.cells import ASCII, UNICODE
from vktrs_tui.widgets.scene_table.columns import COLUMNS
from vktrs_tui.widgets.scene_table.drawing import RowState, Spans
from vktrs_tui.widgets.scene_table.listing import Highlights, Listing, Selection
from vktrs_tui.widgets.scene_table.painting import HEADER, PaintedLines
from vktrs_tui.widgets.scene_table.styles import COMPONENTS, CSS

NO_MATCH = "No scene matches."
"""What the table says where there are scenes and `show_only` hides them all."""

CONTEXT = 2
"""How many lines beyond the cursor stay in view where there are any."""


class SceneTable(PaintedLines, can_focus=True, inherit_bindings=False):
    """The storyboard as a table of scenes; the cursor is a cell, named by its scene's id and its column's name."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = COMPONENTS
    DEFAULT_CSS = CSS

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another cell; `scene_id` is None where the table has become empty."""

        scene_id: str | None
        column: str

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor came to rest is of interest."""
            return isinstance(message, SceneTable.CursorMoved)

    @dataclass
    class CellChosen(Message):
        """The cell under the cursor was clicked."""

        scene_id: str
        column: str

    @dataclass
    class SelectionChanged(Message):
        """Other scenes are selected than before, in the order of the table."""

        ids: tuple[str, ...]

        def can_replace(self, message: Message) -> bool:
            """Only what is selected in the end is of interest."""
            return isinstance(message, SceneTable.SelectionChanged)

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(ASCII if ascii_only else UNICODE, name=name, id=id, classes=classes)
        self._listing = Listing()
        self._selection = Selection()
        self._selected: tuple[str, ...] = ()
        self._range = (0, 0)
        self._highlights = Highlights()
        self._cursor: str | None = None
        self._column = "text"
        self._notice = ""

    # What is shown

    @property
    def rows(self) -> tuple[SceneRow, ...]:
        """The rows that are shown, without those that `show_only` hides."""
        return self._listing.shown

    @property
    def filter_ids(self) -> frozenset[str] | None:
        """The ids to which the table is narrowed; None where it shows all."""
        return self._listing.only

    def show(self, rows: tuple[SceneRow, ...]) -> None:
        """Shows these rows; the cursor stays on its scene, and its scene on its line of the screen."""
        if rows is not self._listing.rows:
            self._list(Listing(rows, self._listing.only))

    def show_only(self, ids: Iterable[str] | None) -> None:
        """Narrows the table to these scenes, or shows all of them again; numbers stay those of the storyboard."""
        only = None if ids is None else frozenset(ids)
        if only != self._listing.only:
            self._list(Listing(self._listing.rows, only))

    def show_empty(self, text: str) -> None:
        """What the table says while there is no row to show."""
        self._notice = text
        self.repaint()

    def show_playhead(self, scene_id: str | None, word_span: tuple[int, int] | None = None) -> None:
        """Marks the scene that plays, and lights the characters of its lyric that are being sung."""
        self._highlights = Highlights(scene_id, word_span, self._highlights.matches)
        self.repaint()

    @property
    def playing_id(self) -> str | None:
        """The scene under the playhead."""
        return self._highlights.playing

    def highlight(self, pattern_spans: Mapping[tuple[str, str], Sequence[tuple[int, int]]]) -> None:
        """Brings out what a search has found: by (scene id, column) the spans of characters, from and to."""
        found: dict[str, tuple[tuple[str, Spans], ...]] = {}
        for (scene_id, column), spans in pattern_spans.items():
            found[scene_id] = (*found.get(scene_id, ()), (column, tuple(sorted((a, b) for a, b in spans))))
        self._highlights = Highlights(self._highlights.playing, self._highlights.word, found)
        self.repaint()

    def _list(self, listing: Listing) -> None:
        """Puts another list of rows in the place of the one that is shown."""
        before, self._listing = self._listing, listing
        old, column = self._cursor, self.cursor_column
        line = before.places.get(old, 0) - self.scroll_offset.y if old is not None else 0
        self._cursor = listing.nearest(old, before)
        self._selection = self._selection.kept(listing, before)
        size = Size(0, len(listing.shown) + HEADER)
        if size != self.virtual_size:
            self.virtual_size = size
        if self._cursor is not None:
            self._scroll_top(listing.places[self._cursor] - line)
            self._scroll_to_row(listing.places[self._cursor])
        self._changed()
        if self._cursor != old:
            self.post_message(self.CursorMoved(self._cursor, column))

    # The cursor

    @property
    def cursor_id(self) -> str | None:
        """The scene on which the cursor stands; None in an empty table."""
        return self._cursor

    @property
    def cursor_column(self) -> str:
        """The column in which the cursor stands: the one it was put in, or the nearest before it that is shown."""
        stops = self.canvas.stops
        if not stops or self._column in stops:
            return self._column
        order = [column.name for column in COLUMNS]
        before = [name for name in stops if order.index(name) < order.index(self._column)]
        return before[-1] if before else stops[0]

    def move_to(self, scene_id: str, column: str | None = None) -> bool:
        """Puts the cursor on a scene, and in a column; False where the scene is not shown."""
        if scene_id not in self._listing.places:
            return False
        self._move(scene_id, column or self._column)
        return True

    def move_by(self, lines: int) -> bool:
        """Moves the cursor down by so many lines, up if negative, to the edge at most; False where it stays."""
        if self._cursor is None:
            return False
        place = self._listing.places[self._cursor] + lines
        target = self._listing.shown[min(max(place, 0), len(self._listing.shown) - 1)].id
        moved = target != self._cursor
        self._move(target, self._column)
        return moved

    def move_column(self, columns: int, *, wrap: bool = False) -> bool:
        """Moves the cursor by so many columns; with `wrap` on into the next or previous row. False where it stays."""
        stops = self.canvas.stops
        if self._cursor is None or not stops:
            return False
        rows, at = divmod(stops.index(self.cursor_column) + columns, len(stops))
        place = self._listing.places[self._cursor] + rows
        if rows and not (wrap and 0 <= place < len(self._listing.shown)):
            return False
        self._move(self._listing.shown[place].id, stops[at])
        return True

    def page(self, pages: int) -> bool:
        """Moves by so many screenfuls, one line less each; the cursor keeps its line of the screen where it can."""
        step = max(1, self._visible - 1) * pages
        if self._cursor is not None:
            self._scroll_top(self.scroll_offset.y + step)
        return self.move_by(step)

    def first(self) -> bool:
        """Moves to the first row."""
        return self.move_by(-len(self._listing.shown))

    def last(self) -> bool:
        """Moves to the last row."""
        return self.move_by(len(self._listing.shown))

    def bring_into_view(self, scene_id: str) -> None:
        """Scrolls as little as needed for a scene to be seen; the cursor stays where it is."""
        if scene_id in self._listing.places:
            self._scroll_to_row(self._listing.places[scene_id])

    def _move(self, scene_id: str, column: str) -> None:
        before = (self._cursor, self.cursor_column)
        self._cursor, self._column = scene_id, column
        self._scroll_to_row(self._listing.places[scene_id])
        self._changed()
        if before != (self._cursor, self.cursor_column):
            self.post_message(self.CursorMoved(self._cursor, self.cursor_column))

    # The selection

    @property
    def selected(self) -> tuple[str, ...]:
        """The marked scenes and those of the range, in the order of the table; never one that is hidden."""
        return self._selected

    @property
    def target(self) -> tuple[str, ...]:
        """What a command works on: the selected scenes, else the one under the cursor."""
        return self._selected or (() if self._cursor is None else (self._cursor,))

    @property
    def range_on(self) -> bool:
        """Whether moving the cursor extends a range."""
        return self._selection.anchor is not None

    def start_range(self) -> None:
        """Begins a range at the cursor."""
        self._select(Selection(self._selection.marks, self._cursor))

    def end_range(self, *, keep: bool = False) -> None:
        """Ends the range; with `keep` its scenes are marked."""
        first, last = self._range
        kept = frozenset(row.id for row in self._listing.shown[first:last]) if keep else frozenset()
        self._select(Selection(self._selection.marks | kept))

    def toggle_mark(self, scene_id: str) -> None:
        """Marks a scene, or takes its mark away."""
        if scene_id in self._listing.places:
            self._select(self._selection.toggled(scene_id))

    def clear_marks(self) -> None:
        """Takes all marks away and ends the range."""
        self._select(Selection())

    def select_all(self) -> None:
        """Marks every scene that is shown."""
        self._select(Selection(self._selection.marks | self._listing.places.keys()))

    def invert(self) -> None:
        """Marks the shown scenes that are not selected, and no others of them; the range ends."""
        shown = frozenset(self._listing.places)
        self._select(Selection((self._selection.marks - shown) | (shown - frozenset(self._selected))))

    def _select(self, selection: Selection) -> None:
        self._selection = selection
        self._changed()

    def _changed(self) -> None:
        """Works out what is selected now, and paints."""
        self._range = self._selection.range(self._listing, self._cursor)
        selected = self._selection.ids(self._listing, self._cursor)
        if selected != self._selected:
            self._selected = selected
            self.post_message(self.SelectionChanged(selected))
        self.repaint()

    # Places on the screen

    def cell_region(self, scene_id: str, column: str) -> Region | None:
        """Where a cell is on the screen, without the blanks before it; None where it cannot be seen."""
        place = self._listing.places.get(scene_id)
        placed = next((each for each in self.canvas.columns if each.name == column), None)
        if place is None or placed is None:
            return None
        y = place - self.scroll_offset.y + HEADER
        if not HEADER <= y < self.size.height:
            return None
        content = self.content_region
        return Region(content.x + placed.x, content.y + y, placed.width, 1)

    @property
    def _visible(self) -> int:
        """How many rows the table has room for."""
        return max(0, self.size.height - HEADER)

    def _scroll_top(self, top: int) -> None:
        """Scrolls so that this row is the first one, as far as that can be."""
        self.scroll_to(y=min(max(top, 0), max(0, len(self._listing.shown) - self._visible)), animate=False)

    def _scroll_to_row(self, place: int) -> None:
        """Scrolls as little as needed for a row, and some beyond it, to be seen."""
        if not self._visible:
            return
        context = min(CONTEXT, (self._visible - 1) // 4)
        top = self.scroll_offset.y
        wanted = max(min(top, place - context), place + context - self._visible + 1)
        if wanted != top:
            self._scroll_top(wanted)

    def on_resize(self) -> None:
        """Lays the columns out anew and keeps the cursor in view."""
        before = self.cursor_column
        self.lay_out()
        if self._cursor is not None:
            self._scroll_to_row(self._listing.places[self._cursor])
            if before != self.cursor_column:
                self.post_message(self.CursorMoved(self._cursor, self.cursor_column))
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor where the mouse was clicked, or chooses the cell if it stood there."""
        offset = event.get_content_offset(self)
        place = -1 if offset is None else offset.y - HEADER + self.scroll_offset.y
        if offset is None or offset.y < HEADER or not 0 <= place < len(self._listing.shown):
            return
        event.stop()
        under = [each.name for each in self.canvas.columns if each.x <= offset.x and each.name in self.canvas.stops]
        scene_id, column = self._listing.shown[place].id, under[-1] if under else self.cursor_column
        if under and (scene_id, column) == (self._cursor, self.cursor_column):
            self.post_message(self.CellChosen(scene_id, column))
        else:
            self._move(scene_id, column)

    # Drawing

    def drawn_at(self, y: int) -> Drawn:
        """What a line of the widget looks like now."""
        shown = self._listing.shown
        if not shown:
            return self._drawn_empty(y)
        if y < HEADER:
            return self.canvas.header(self.cursor_column)
        place = y - HEADER + self.scroll_offset.y
        return self.canvas.row(shown[place], self._state(place)) if place < len(shown) else self.canvas.blank()

    def _drawn_empty(self, y: int) -> Drawn:
        notice = NO_MATCH if self._listing.rows else self._notice
        lines = textwrap.wrap(notice, max(1, min(60, self.canvas.width - 4)))
        at = y - (self.size.height - len(lines)) // 2
        return self.canvas.notice(lines[at]) if 0 <= at < len(lines) else self.canvas.blank()

    def _state(self, place: int) -> RowState:
        scene_id = self._listing.shown[place].id
        playing = scene_id == self._highlights.playing
        return RowState(
            cursor=self.cursor_column if scene_id == self._cursor else None,
            in_range=self._range[0] <= place < self._range[1],
            marked=scene_id in self._selection.marks,
            playing=playing,
            word=self._highlights.word if playing else None,
            matches=self._highlights.matches.get(scene_id, ()),
        )
