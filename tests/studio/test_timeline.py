"""The timeline: what it shows of a song and its scenes, which part of it is in view, and how little it repaints."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from vktrs.form import Section
from vktrs_tui.song_view import SongView
from vktrs_tui.view import Mark, MarkState, SceneMarks, SceneRow, Shown
from vktrs_tui.widgets.timeline import Timeline
from vktrs_tui.widgets.timeline.lanes import EnergyCurve, SceneLane, columns
from vktrs_tui.widgets.timeline.scale import Scale, Window
from vktrs_tui.widgets.timeline.tile import TimelineTile

SONG = SongView(
    duration=60.0,
    energy=tuple(0.5 + 0.5 * math.sin(i / 40) for i in range(1200)),
    hop=0.05,
    beats=tuple(i * 0.5 for i in range(120)),
    tempo=120.0,
)
TEXTS = (
    "first",
    "[/x] [chorus] la",
    "愛 love 愛 love 愛 love",
    "שלום",
    "👩‍🚀 ☂️",
    "e\u0301" * 9,
    "a\nb\x1b[31m",
    "",
    "last",
)


def rows(
    texts: tuple[str, ...] = ("",) * 6, length: float = 10.0, states: dict[int, MarkState] | None = None
) -> tuple[SceneRow, ...]:
    """Scenes s1, s2, ... of `length` seconds each; `states` are those of the clips, by number."""
    marked = states or {}
    shown = Shown("", False)
    return tuple(
        SceneRow(
            id=f"s{number}",
            number=number,
            start=(number - 1) * length,
            length=length,
            text=text,
            prompt=shown,
            theme=shown,
            animation=shown,
            marks=SceneMarks(clip=Mark(marked.get(number, "fresh"))),
        )
        for number, text in enumerate(texts, start=1)
    )


class Room(App[None]):
    """A timeline over something else."""

    def __init__(self, compact: bool = False) -> None:
        super().__init__()
        self.compact_timeline = compact
        self.seeked: list[float] = []

    def compose(self) -> ComposeResult:
        yield Timeline(compact=self.compact_timeline)
        yield Static("below", markup=False)

    @property
    def timeline(self) -> Timeline:
        return self.query_one(Timeline)

    def on_timeline_seeked(self, message: Timeline.Seeked) -> None:
        self.seeked.append(message.seconds)

    def lines(self) -> list[str]:
        """The timeline's lines as they are on the screen."""
        tiles = list(self.query(TimelineTile))
        return ["".join(tile.render_line(y).text for tile in tiles) for y in range(self.timeline.size.height)]

    def style_of(self, line: int, column: int) -> str:
        style = self.timeline.screen.get_style_at(column, line)
        return str(style)


Body = Callable[[Room, Timeline, Pilot[None]], Awaitable[None]]


def in_room(body: Body, size: tuple[int, int] = (120, 20), compact: bool = False) -> None:
    async def run() -> None:
        app = Room(compact)
        async with app.run_test(size=size) as pilot:
            await body(app, app.timeline, pilot)

    asyncio.run(run())


@pytest.mark.parametrize(("width", "compact", "height"), [(80, True, 3), (120, False, 5), (200, False, 5)])
def test_every_line_is_as_wide_as_the_screen(width: int, compact: bool, height: int) -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(TEXTS, 60 / len(TEXTS)), excerpt=(5.0, 50.0))
        timeline.show_playhead(20.0)
        timeline.show_selection({"s2", "s3"})
        for _ in range(5):
            await pilot.pause()
            assert timeline.size.height == height
            assert [cell_len(line) for line in app.lines()] == [width] * height
            timeline.zoom_in()

    in_room(body, (width, 20), compact)


def test_scenes_stand_where_they_begin_with_their_numbers_and_marks() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(states={2: "stale", 3: "failed", 4: "missing", 5: "running"}))
        await pilot.pause()
        line = app.lines()[3]
        assert [line[start : start + 20].strip() for start in range(0, 120, 20)] == [
            *("│1", "│2~", "│3✗", "│4·", "│5►", "│6")
        ]

    in_room(body)


def test_times_are_written_at_their_columns() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        await pilot.pause()
        line = app.lines()[4]
        assert (line.index("0:10"), line.index("0:30")) == (20, 60)

    in_room(body)


def test_user_texts_stand_as_they_were_typed_and_those_that_break_columns_do_not() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(TEXTS, 60 / len(TEXTS)))
        await pilot.pause()
        line = app.lines()[3]
        assert "[/x] [chorus] la" in line.replace("│", "")
        assert "愛" in line
        assert not {"ש", "👩", "\n", "\x1b"} & set(line)
        assert [line.count(f"│{number}") for number in range(1, 10)] == [1] * 9

    in_room(body, (200, 20))


def test_only_beats_that_can_be_told_apart_are_shown() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        await pilot.pause()
        assert not any("╵" in line for line in app.lines())
        timeline.zoom_in()
        timeline.zoom_in()
        await pilot.pause()
        start, end = timeline.window
        assert app.lines()[2].count("╵") == sum(start <= beat < end for beat in SONG.beats)

    in_room(body)


def test_first_beats_of_bars_are_longer() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(replace(SONG, downbeats=(0.0, 2.0, 4.0)), rows())
        timeline.zoom_in()
        timeline.zoom_in()
        timeline.zoom_in()
        timeline.pan(-9)
        await pilot.pause()
        assert timeline.window == (0.0, 7.5)
        assert app.lines()[2].count("┃") == 3

    in_room(body)


FORM = replace(
    SONG,
    downbeats=tuple(float(second) for second in range(0, 60, 2)),
    sections=(
        Section(0, 8, "A"),
        Section(8, 24, "B"),
        Section(24, 40, "A"),
        Section(40, 40.2, "C"),
        Section(40.2, 60, "D"),
    ),
)


def test_sections_have_their_labels_and_what_is_alike_has_one_colour() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(FORM, rows())
        await pilot.pause()
        line = app.lines()[2]
        assert {letter: line.index(letter) for letter in "ABD"} == {"A": 0, "B": 16, "D": 80}
        assert line[48] == "A"
        assert line.count("┃") == 30 - 4  # a label stands in the place of the bar it begins with
        ground = {column: app.style_of(2, column).rpartition(" on ")[2] for column in (1, 10, 20, 50, 70, 100)}
        assert ground[1] == ground[10] == ground[50] == ground[70]
        assert len({ground[1], ground[20], ground[100]}) == 3

    in_room(body)


def test_a_section_that_begins_before_the_view_is_named_at_its_edge() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(FORM, rows())
        timeline.show_playhead(12.0)
        timeline.zoom_in()
        timeline.zoom_in()
        timeline.show_playhead(None)
        await pilot.pause()
        assert timeline.window == (4.5, 19.5)
        assert app.lines()[2][0] == "A"
        assert app.lines()[2].count("B") == 1
        assert app.lines()[2].count("╵") > 10

    in_room(body)


def test_in_three_lines_sections_stand_beside_the_times_and_cover_none() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(FORM, rows())
        await pilot.pause()
        line = app.lines()[2]
        assert "0:10" in line and "0:00" in line and "0:40" in line
        assert [letter for letter in line if letter in "ABCD"] == ["A", "B", "A", "D"]
        assert [cell_len(each) for each in app.lines()] == [120] * 3

    in_room(body, compact=True)


@pytest.mark.parametrize(
    ("song", "said"),
    [(SongView(), "The song has not been read yet."), (SongView(duration=9.0), "has not been measured yet")],
)
def test_a_song_that_is_not_known_is_said_in_words(song: SongView, said: str) -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(song, ())
        await pilot.pause()
        assert said in app.lines()[0]
        for action in (timeline.zoom_in, timeline.zoom_out, timeline.zoom_all):
            action()
        timeline.show_playhead(3.0)
        timeline.show_cursor("nobody")
        await pilot.pause()
        assert "▸0:03.0" in app.lines()[-1]

    in_room(body)


@pytest.mark.parametrize("count", [1, 5000])
def test_any_number_of_scenes_is_drawn_also_without_a_known_length(count: int) -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SongView(), rows(("la",) * count, 0.01))
        timeline.show_cursor(f"s{count}")
        await pilot.pause()
        assert cell_len(app.lines()[3]) == 120
        timeline.zoom_in()
        timeline.zoom_in()
        await pilot.pause()
        start, end = timeline.window
        assert start <= (count - 1) * 0.01 < end

    in_room(body)


def test_a_failed_scene_is_seen_among_thousands() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(("",) * 5000, 0.012, {2500: "failed"}))
        await pilot.pause()
        assert app.lines()[3].index("✗") == 59
        assert app.lines()[3].count("✗") == 1

    in_room(body)


def test_a_line_of_thousands_of_scenes_costs_no_more_than_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[int, int]] = []
    state = SceneLane.state

    def counted(lane: SceneLane, low: int, high: int) -> MarkState:
        looked.append((low, high))
        return state(lane, low, high)

    monkeypatch.setattr(SceneLane, "state", counted)

    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        for count in (100, 5000):
            looked.clear()
            timeline.show(SONG, rows(("",) * count, 60 / count))
            timeline.show_playhead(1.0)
            assert 0 < len(looked) <= 2 * timeline.size.width
            await pilot.pause()

    in_room(body)


def test_zooming_goes_around_the_scene_or_the_playhead_and_back_to_all() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        assert timeline.window == (0.0, 60.0)
        timeline.show_cursor("s3")
        timeline.zoom_in()
        assert timeline.window == (5.0, 35.0)
        timeline.show_playhead(32.0)
        timeline.zoom_in()
        assert timeline.window == (24.5, 39.5)
        timeline.zoom_out()
        assert timeline.window == (17.0, 47.0)
        timeline.zoom_all()
        assert timeline.window == (0.0, 60.0)
        for _ in range(20):
            timeline.zoom_in()
        assert timeline.window == (31.0, 33.0)

    in_room(body)


def test_the_view_follows_the_cursor_and_the_playhead_that_runs_out_of_it() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        timeline.show_cursor("s1")
        timeline.zoom_in()
        timeline.zoom_in()
        assert timeline.window == (0.0, 15.0)
        timeline.show_cursor("s5")
        start, end = timeline.window
        assert start < 40.0 < end
        timeline.show_playhead(10.0)
        assert timeline.window[0] < 10.0 < timeline.window[1]
        for tick in range(100):
            timeline.show_playhead(10.0 + tick / 5)
            assert timeline.window[0] <= 10.0 + tick / 5 < timeline.window[1]

    in_room(body)


def test_a_playhead_that_runs_on_elsewhere_does_not_pull_the_view_from_the_cursor() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        timeline.show_playhead(1.0)
        timeline.zoom_in()
        timeline.zoom_in()
        timeline.show_cursor("s6")
        seen = timeline.window
        timeline.show_playhead(1.2)
        assert timeline.window == seen

    in_room(body)


def test_clicks_ask_for_a_second_and_on_an_edge_for_the_scenes_start() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(length=10.3))
        await pilot.pause()
        await pilot.click(Timeline, offset=(60, 0))
        await pilot.click(Timeline, offset=(20, 3))  # scene 2 begins in this column
        await pilot.click(Timeline, offset=(25, 3))
        assert app.seeked == [30.25, 10.3, 12.75]

    in_room(body)


def test_the_current_scene_and_the_excerpt_are_seen_without_colours() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows(), excerpt=(10.0, 50.0))
        timeline.show_cursor("s2")
        timeline.show_selection({"s3"})
        await pilot.pause()
        assert "reverse" in app.style_of(3, 25)
        assert "reverse" not in app.style_of(3, 45)
        assert app.lines()[3][40] == "┃"
        assert "underline" in app.style_of(3, 45)
        assert (app.lines()[4][19], app.lines()[4][99]) == ("[", "]")
        assert app.style_of(1, 5) != app.style_of(1, 50)

    in_room(body)


def test_scenes_that_went_away_or_moved_leave_no_cursor_behind() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        timeline.show_cursor("s6")
        timeline.show_selection({"s5", "s6"})
        timeline.show(SONG, rows()[:2])
        await pilot.pause()
        assert not any("reverse" in app.style_of(3, column) for column in range(120))
        timeline.show(SONG, rows())
        await pilot.pause()
        assert "reverse" in app.style_of(3, 105)

    in_room(body)


def test_a_tick_repaints_the_columns_that_the_playhead_touches_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[tuple[int, int]] = []

    def watch(self: TimelineTile, y: int) -> Strip:
        painted.append((self.span[0], y))
        return drawn(self, y)

    drawn = TimelineTile.render_line

    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        timeline.show_playhead(11.0)
        await pilot.pause()
        monkeypatch.setattr(TimelineTile, "render_line", watch)
        timeline.show_playhead(11.1)
        await pilot.pause()
        assert set(painted) == {(110, 4)}
        painted.clear()
        timeline.show_playhead(11.6)
        await pilot.pause()
        assert set(painted) == {(20, 1), (20, 2), (110, 4)}
        painted.clear()
        timeline.show(SONG, rows(states={3: "failed"}))
        await pilot.pause()
        assert {y for _, y in painted} == {3}

    in_room(body)


def test_it_fits_a_terminal_that_changes_its_size() -> None:
    async def body(app: Room, timeline: Timeline, pilot: Pilot[None]) -> None:
        timeline.show(SONG, rows())
        timeline.show_playhead(59.9)
        for width, compact in ((80, True), (200, False), (11, True), (5, False)):
            timeline.compact = compact
            await pilot.resize_terminal(width, 20)
            await pilot.pause()
            assert [cell_len(line) for line in app.lines()] == [width] * (3 if compact else 5)

    in_room(body)


def test_the_mean_of_a_curve_is_the_same_however_it_is_cut() -> None:
    curve = EnergyCurve([0.2] * 100 + [0.8] * 100, 0.05)
    assert curve.level(0.0, 5.0) == pytest.approx(0.25)
    assert curve.level(5.0, 10.0) == pytest.approx(1.0)
    assert curve.level(0.0, 10.0) == pytest.approx(0.625)
    assert curve.level(1.01, 1.02) == pytest.approx(0.25)
    assert curve.level(10.0, 11.0) is None
    assert EnergyCurve([0.0] * 9, 0.05).level(0.0, 0.3) == 0.0


def test_a_wide_character_does_not_reach_over_a_break() -> None:
    assert columns("a愛b", 3, 9, breaks={5}) == ["a", " ", "愛", "", "b", " "]
    assert columns("a愛b", 3, 5) == ["a", " "]
    assert columns("e\u0301x愛\u0301", 0, 5) == ["e\u0301", "x", "愛\u0301", "", " "]


@pytest.mark.parametrize("seconds", [0.0, 0.3, 7.49, 29.999])
def test_a_second_lies_in_the_column_that_begins_before_it(seconds: float) -> None:
    scale = Scale(0.0, 30.0, 120)
    column = scale.column(seconds)
    assert scale.at(column) <= seconds < scale.at(column + 1)


def test_a_window_never_leaves_the_song() -> None:
    for window in (Window(-5, 5), Window(55, 65), Window(-5, 500), Window(3, 3.1)):
        inside = window.within(60.0)
        assert 0 <= inside.start < inside.end <= 60.0
        assert inside.span >= 2.0 or inside.span == 60.0
