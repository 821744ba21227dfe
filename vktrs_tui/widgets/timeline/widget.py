"""The timeline's widget: which part of the song is in view, what is marked in it, and what has to be painted again.

It is given what it shows and answers with `Seeked`. After every change it draws its few lines anew and has painted
again only the columns that differ, because over SSH every byte counts. What the lanes look like is the work of `lanes`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from vktrs.timing import format_clock
from vktrs_tui.song_view import SongView
from vktrs_tui.view import SceneRow
from vktrs_tui.widgets.timeline.lanes import (
    SECTION_COLOURS,
    Cells,
    EnergyCurve,
    SceneLane,
    beat_lane,
    beats_fit,
    columns,
    energy_lane,
    time_lane,
    with_sections,
)
from vktrs_tui.widgets.timeline.scale import Scale, Window
from vktrs_tui.widgets.timeline.tile import TimelineTile

_NOT_READ = "The song has not been read yet."
_NOT_MEASURED = "The song's energy has not been measured yet."
_LAST_SCENE = 4.0  # seconds; how long a last scene is drawn whose end is not known
_ZOOM = 2.0
_TILES = 12  # each costs its 40 bytes of colour a line when all is painted, and saves what is left of a change
_PLAYHEAD_LINES = 2  # every line of it costs a hundred bytes a step
_JUMP = 1.0  # seconds; the playhead was put elsewhere and did not run there


class Timeline(Widget):
    """The song across the screen, five lines high, three where it is `compact`."""

    DEFAULT_CSS = """
    Timeline {
        layout: horizontal;
        height: 5;
        width: 1fr;
        background: $surface;
        color: $foreground;
        & > .timeline--energy { color: $primary; }
        & > .timeline--outside { color: $text-disabled; text-style: dim; }
        & > .timeline--beat { color: $text-muted; }
        & > .timeline--downbeat { color: $foreground; text-style: bold; }
        & > .timeline--section0 { background: $primary-muted; color: $foreground; }
        & > .timeline--section1 { background: $success-muted; color: $foreground; }
        & > .timeline--section2 { background: $warning-muted; color: $foreground; }
        & > .timeline--section3 { background: $error-muted; color: $foreground; }
        & > .timeline--section4 { background: $secondary-muted; color: $foreground; }
        & > .timeline--label { color: $foreground; text-style: bold; }
        & > .timeline--scene { background: $panel; color: $foreground; }
        & > .timeline--fresh { color: $foreground; }
        & > .timeline--failed { color: $text-error; text-style: bold; }
        & > .timeline--running { color: $text-accent; }
        & > .timeline--stale { color: $text-warning; }
        & > .timeline--missing { color: $text-muted; }
        & > .timeline--selected { background: $primary-muted; text-style: underline; }
        & > .timeline--current { background: $background; color: $foreground; text-style: bold reverse; }
        & > .timeline--time { color: $text-muted; }
        & > .timeline--excerpt { color: $text-accent; text-style: bold; }
        & > .timeline--playhead { color: $text-accent; }
        & > .timeline--empty { color: $text-muted; }
    }
    Timeline.-compact { height: 3; }
    Timeline:ansi > .timeline--selected { background: $panel; }
    Timeline:ansi > .timeline--section0 { background: $surface; }
    Timeline:ansi > .timeline--section1 { background: $panel; }
    Timeline:ansi > .timeline--section2 { background: $surface; }
    Timeline:ansi > .timeline--section3 { background: $panel; }
    Timeline:ansi > .timeline--section4 { background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("timeline--energy", "timeline--outside", "timeline--beat", "timeline--downbeat", "timeline--scene"),
        *("timeline--fresh", "timeline--failed", "timeline--running", "timeline--stale", "timeline--missing"),
        *("timeline--selected", "timeline--current", "timeline--time", "timeline--excerpt", "timeline--playhead"),
        *("timeline--empty", "timeline--label"),
        *(f"timeline--section{number}" for number in range(SECTION_COLOURS)),
    }

    compact: var[bool] = var(False)

    @dataclass
    class Seeked(Message):
        """A place on the timeline was clicked: a second of the song."""

        seconds: float

    def __init__(self, *, compact: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._song = SongView()
        self._curve = EnergyCurve((), 1.0)
        self._scenes = SceneLane()
        self._excerpt: tuple[float, float] | None = None
        self._current: int | None = None
        self._current_id: str | None = None
        self._selected_ids: Collection[str] = ()
        self._selected: list[int] = []
        self._playhead: float | None = None
        self._window: Window | None = None  # None: all of the song
        self._lines: list[Cells] = []  # as they were drawn last
        self.set_reactive(Timeline.compact, compact)
        self.set_class(compact, "-compact")

    # What it shows

    def show(self, song: SongView, rows: tuple[SceneRow, ...], excerpt: tuple[float, float] | None = None) -> None:
        """Show a song and its scenes; what lies outside `excerpt` (seconds) is dim."""
        if song is not self._song:
            self._song, self._curve = song, EnergyCurve(song.energy, song.hop)
        if rows is not self._scenes.rows:
            self._scenes = SceneLane.of(rows)
        self._excerpt = excerpt
        self._find_places()
        if self._window is not None:
            self._window = self._window.within(self.total)
        self._redraw()

    def show_cursor(self, scene_id: str | None) -> None:
        """Highlight a scene, and bring its start into view."""
        if scene_id == self._current_id:
            return
        self._current_id = scene_id
        self._find_places()
        if self._current is not None:
            self._bring_into_view(self._scenes.starts[self._current])
        self._redraw()

    def show_selection(self, scene_ids: Collection[str]) -> None:
        """Mark these scenes as selected."""
        if scene_ids != self._selected_ids:
            self._selected_ids = scene_ids
            self._find_places()
            self._redraw()

    def show_playhead(self, seconds: float | None) -> None:
        """Put the playhead at a second of the song, and follow it where it leaves the view; None takes it away."""
        before, self._playhead = self._playhead, seconds
        if seconds is not None and (before is None or abs(seconds - before) > _JUMP or self._in_view(before)):
            self._bring_into_view(seconds)
        if seconds != before:
            self._redraw()

    # Which part of the song

    @property
    def total(self) -> float:
        """How many seconds there are to show: the song's, or as far as its energy and its scenes reach."""
        if self._song.duration is not None and self._song.duration > 0:
            return self._song.duration
        scenes = self._scenes.starts[-1] + _LAST_SCENE if self._scenes.starts else 0.0
        return max(self._curve.duration, scenes, _LAST_SCENE)

    @property
    def window(self) -> Window:
        """From which second of the song to which is in view."""
        return self._window or Window(0.0, self.total)

    def zoom_in(self) -> None:
        """Half as much of the song, around the playhead or else the current scene."""
        self._zoom(1 / _ZOOM)

    def zoom_out(self) -> None:
        """Twice as much of the song, around the playhead or else the current scene."""
        self._zoom(_ZOOM)

    def zoom_all(self) -> None:
        """All of the song."""
        self._window = None
        self._redraw()

    def pan(self, share: float) -> None:
        """Move the view by a share of what it shows: 0.5 is half of it to the right."""
        step = self.window.span * share
        self._set_window(Window(self.window.start + step, self.window.end + step).within(self.total))

    def _zoom(self, factor: float) -> None:
        self._set_window(self.window.zoomed(factor, self._centre(), self.total))

    def _centre(self) -> float:
        if self._playhead is not None:
            return self._playhead
        if self._current is not None:
            return self._scenes.starts[self._current]
        return sum(self.window) / 2

    def _set_window(self, window: Window) -> None:
        self._window = None if window.span >= self.total else window
        self._redraw()

    def _in_view(self, seconds: float) -> bool:
        start, end = self.window
        return start <= seconds < end

    def _bring_into_view(self, seconds: float) -> None:
        if self._window is not None:
            self._window = self._window.showing(min(seconds, self.total - 1e-6), self.total)

    # What has to be painted again

    @property
    def _scene_line(self) -> int:
        return 1 if self.compact else 3

    def _find_places(self) -> None:
        """The places of the current and the selected scenes in the rows that are shown now."""
        places = self._scenes.places
        self._selected = sorted(places[each] for each in self._selected_ids if each in places)
        self._current = None if self._current_id is None else places.get(self._current_id)

    def _redraw(self) -> None:
        """Draw all lines anew, and have painted again what differs from before."""
        before, self._lines = self._lines, self._drawn()
        for tile in self.query_children(TimelineTile):
            left, right = tile.span
            for y, line in enumerate(self._lines):
                if y >= len(before) or len(before[y]) != len(line):
                    tile.refresh()
                    break
                changed = [column for column in range(left, min(right, len(line))) if line[column] != before[y][column]]
                if changed:
                    after = range(changed[-1] + 1, min(right, len(line)))
                    last = next((column for column in after if line[column][0]), right)  # a wide character is whole
                    tile.refresh(Region(changed[0] - left, y, last - changed[0], 1))

    def watch_compact(self, compact: bool) -> None:
        """Three lines or five."""
        self.set_class(compact, "-compact")
        self._redraw()

    def on_resize(self) -> None:
        """As many columns as there are."""
        self._redraw()

    # Drawing

    def compose(self) -> ComposeResult:
        """Side by side, what is painted apart."""
        for _ in range(_TILES):
            yield TimelineTile(self._cells_of, self)

    def _cells_of(self, y: int, left: int, right: int) -> Cells:
        if not self._lines or len(self._lines[0]) != self.size.width:
            self._lines = self._drawn()
        return self._lines[y][left:right] if y < len(self._lines) else []

    def _drawn(self) -> list[Cells]:
        scale = Scale(*self.window, self.size.width)
        return [self._cells(y, scale) for y in range(self._scene_line + 2)] if scale.width else []

    def _cells(self, y: int, scale: Scale) -> Cells:
        if y < self._scene_line:
            cells = self._upper_line(y, scale)
            return self._with_playhead(cells, scale) if y >= self._scene_line - _PLAYHEAD_LINES else cells
        if y == self._scene_line:
            edges = {tile.span[0] for tile in self.query_children(TimelineTile)}
            return self._outside(self._scenes.draw(scale, self._current, self._selected, edges), scale)
        return self._time_line(scale)

    def _upper_line(self, y: int, scale: Scale) -> Cells:
        """Energy, with beats and sections below it where there are any to see; else it is so much higher."""
        if not self._curve.duration:
            message = _NOT_READ if self._song.duration is None else _NOT_MEASURED
            return [(text, ("timeline--empty",)) for text in columns(message if y == 0 else "", 0, scale.width)]
        lines = self._scene_line
        if lines > 1 and self._has_form(scale):
            lines -= 1
        if y == lines:
            ticks = self._outside(beat_lane(self._song.beats, self._song.downbeats, scale), scale)
            return with_sections(ticks, self._song.sections, scale)
        return self._outside(energy_lane(self._curve, scale, y, lines), scale)

    def _has_form(self, scale: Scale) -> bool:
        song = self._song
        return bool(song.sections) or beats_fit(song.beats, scale) or beats_fit(song.downbeats, scale)

    def _time_line(self, scale: Scale) -> Cells:
        cells = time_lane(scale, self._excerpt, self._playhead_label())
        if self.compact:
            beats = beat_lane(self._song.beats, self._song.downbeats, scale)
            cells = [beat if cell[0] == " " else cell for cell, beat in zip(cells, beats, strict=True)]
            cells = with_sections(cells, self._song.sections, scale)
        return cells

    def _playhead_label(self) -> str:
        return "" if self._playhead is None else f" ▸{format_clock(self._playhead, 1)}"

    def _with_playhead(self, cells: Cells, scale: Scale) -> Cells:
        if self._playhead is not None and 0 <= (column := scale.column(self._playhead)) < scale.width:
            cells[column] = ("┃", ("timeline--playhead",))
        return cells

    def _outside(self, cells: Cells, scale: Scale) -> Cells:
        """The same cells, dim where they are not part of the excerpt."""
        if self._excerpt is None:
            return cells
        low, high = (min(max(scale.column(seconds), 0), scale.width) for seconds in self._excerpt)
        return [
            cell if low <= column < high else (cell[0], (*cell[1], "timeline--outside"))
            for column, cell in enumerate(cells)
        ]

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Ask for the second that was clicked; on a scene's edge, for its start."""
        place = event.screen_offset - self.region.offset
        event.stop()
        self.post_message(self.Seeked(self._clicked(place.x, place.y)))

    def _clicked(self, x: int, y: int) -> float:
        scale, starts = Scale(*self.window, max(self.size.width, 1)), self._scenes.starts
        if y == self._scene_line:
            place = bisect_left(starts, scale.at(x + 1)) - 1
            if place >= bisect_right(starts, scale.at(x)) and place >= 0:
                return starts[place]
        return min(scale.at(x + 0.5), self.total)
