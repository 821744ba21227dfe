"""The storyboard table in a running app: the cursor, the selection, the mouse, and how little is painted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from vktrs.storyboard.problems import Problem
from vktrs_tui.view import Mark, SceneMarks, SceneRow, Shown
from vktrs_tui.widgets.scene_table import SceneTable

FRESH = SceneMarks(Mark("fresh"), Mark("fresh"), Mark("fresh"))
ODD = (
    "[chorus] la",
    "[/x] broken",
    "夜の街を歩く、きみと二人で",
    "👩\u200d👩\u200d👧 ❤\ufe0f 👍🏽 🇩🇪",
    "שלום עולם \u202eabc",
    "e\u0301a\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
    "\x1b[31mred\x1b]0;title\x07",
    "two\nlines",
    "ｈａｌｆ ﾊﾝｶｸ",
    "ไทย กำ",  # pyte stops drawing at most other Asian vowel signs, so they are not among these
)


def make_row(at: int, text: str | None = None, **changes: object) -> SceneRow:
    row = SceneRow(
        id=f"s{at:04d}",
        number=at + 1,
        start=at * 2.5,
        length=2.5,
        text=f"lyric {at} a" if text is None else text,
        prompt=Shown(f"prompt {at}", at % 5 == 0),
        theme=Shown("zombie wedding", False),
        animation=Shown("variations", False),
        marks=FRESH,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def make_rows(count: int) -> tuple[SceneRow, ...]:
    return tuple(make_row(at) for at in range(count))


def changed(rows: tuple[SceneRow, ...], at: int, **changes: object) -> tuple[SceneRow, ...]:
    return (*rows[:at], replace(rows[at], **changes), *rows[at + 1 :])  # type: ignore[arg-type]


class Watched(SceneTable):
    """Says which regions it asked to have painted, and which lines were."""

    def __init__(self, ascii_only: bool = False) -> None:
        self.asked: list[Region] = []
        self.lines: list[int] = []
        super().__init__(ascii_only=ascii_only)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Watched:
        self.asked += regions or ([Region(0, 0, 999, 999)] if repaint else [])
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def render_line(self, y: int):  # type: ignore[no-untyped-def]
        self.lines.append(y)
        return super().render_line(y)


class TableApp(App[None]):
    def __init__(self, rows: tuple[SceneRow, ...], ascii_only: bool = False) -> None:
        super().__init__()
        self.rows = rows
        self.table = Watched(ascii_only)
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(self.rows)
        self.table.focus()

    def on_scene_table_cursor_moved(self, event: SceneTable.CursorMoved) -> None:
        self.told.append(event)

    def on_scene_table_cell_chosen(self, event: SceneTable.CellChosen) -> None:
        self.told.append(event)

    def on_scene_table_selection_changed(self, event: SceneTable.SelectionChanged) -> None:
        self.told.append(event)

    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return [strip.text for strip in (self.table.render_line(y) for y in range(self.table.size.height))]


Body = Callable[[TableApp, Pilot[None]], Awaitable[None]]


def run(body: Body, rows: tuple[SceneRow, ...], size: tuple[int, int] = (80, 24), ascii_only: bool = False) -> None:
    async def main() -> None:
        app = TableApp(rows, ascii_only)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            app.told.clear()
            await body(app, pilot)

    asyncio.run(main())


@contextmanager
def painting(table: Watched) -> Iterator[Watched]:
    table.asked.clear()
    table.lines.clear()
    yield table


def test_the_cursor_stays_on_its_scene_and_its_line_when_scenes_come_before_it() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.move_to("s0030", "prompt")
        await pilot.pause()
        region = table.cell_region("s0030", "prompt")
        table.show(tuple(make_row(at) for at in (100, 101, 102)) + app.rows)
        await pilot.pause()
        assert (table.cursor_id, table.cursor_column) == ("s0030", "prompt")
        assert region is not None
        assert table.cell_region("s0030", "prompt") == region

    run(body, make_rows(60))


def test_the_cursor_goes_to_the_next_scene_when_its_own_is_gone() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.move_to("s0004")
        app.table.show(app.rows[:4] + app.rows[5:])
        assert app.table.cursor_id == "s0005"
        app.table.show(app.rows[:3])
        assert app.table.cursor_id == "s0002"
        await pilot.pause()
        assert app.told[-1] == SceneTable.CursorMoved("s0002", "text")
        app.table.show(())
        assert (app.table.cursor_id, app.table.target) == (None, ())

    run(body, make_rows(10))


def test_a_changed_scene_is_painted_and_no_other() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        with painting(app.table) as table:
            marks = replace(FRESH, keyframe=Mark("stale"))
            table.show(changed(app.rows, 7, marks=marks))
            await pilot.pause()
        where = table.cell_region("s0007", "keyframe")
        assert where is not None
        assert set(table.lines) == {8}
        assert len(table.asked) == 1
        assert where in table.asked[0]
        assert table.asked[0].height == 1
        assert "~ ✓ ✓" in app.lines()[8]

    run(body, make_rows(60))


def test_a_change_out_of_sight_paints_nothing() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        with painting(app.table) as table:
            table.show(changed(app.rows, 50, text="another"))
            table.show(tuple(replace(row) for row in table.rows))
            await pilot.pause()
        assert (table.asked, table.lines) == ([], [])

    run(body, make_rows(60))


def test_moving_the_cursor_paints_two_lines() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        with painting(app.table) as table:
            table.move_by(1)
            await pilot.pause()
        assert set(table.lines) == {1, 2}
        assert app.told == [SceneTable.CursorMoved("s0001", "text")]

    run(body, make_rows(60))


def test_the_cursor_is_kept_in_view_with_some_lines_around_it() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        for _ in range(30):
            table.move_by(1)
        await pilot.pause()
        assert table.cell_region("s0032", "text") is not None
        assert table.cell_region("s0033", "text") is None
        table.last()
        assert (table.cursor_id, table.scroll_offset.y) == ("s0059", 60 - 23)
        table.page(-1)
        assert table.cursor_id == "s0037"
        table.first()
        assert (table.cursor_id, table.scroll_offset.y) == ("s0000", 0)
        assert not table.move_by(-1)
        table.bring_into_view("s0040")
        assert table.cell_region("s0040", "text") is not None
        assert table.cursor_id == "s0000"

    run(body, make_rows(60))


def test_the_header_stays_while_the_rows_scroll() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.last()
        await pilot.pause()
        lines = app.lines()
        assert "lyric" in lines[0]
        assert "lyric 59" in lines[-1]
        assert "lyric 37" in lines[1]

    run(body, make_rows(60))


def test_columns_are_walked_and_wrap_into_the_next_row_when_asked() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.move_to("s0000", "clip")
        assert not table.move_column(1)
        assert table.move_column(1, wrap=True)
        assert (table.cursor_id, table.cursor_column) == ("s0001", "start")
        assert table.move_column(-1, wrap=True)
        assert (table.cursor_id, table.cursor_column) == ("s0000", "clip")
        table.move_to("s0002", "clip")
        assert not table.move_column(1, wrap=True), "there is no next row"

    run(body, make_rows(3))


def test_a_range_follows_the_cursor_and_joins_the_marks() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        assert table.target == ("s0000",)
        table.toggle_mark("s0008")
        table.move_by(3)
        table.start_range()
        table.move_by(2)
        assert table.selected == ("s0003", "s0004", "s0005", "s0008")
        table.move_by(-3)
        assert table.selected == ("s0002", "s0003", "s0008") == table.target
        await pilot.pause()
        assert [line[0] for line in app.lines()[3:10]] == ["▌", "▌", " ", " ", " ", " ", "●"]
        table.end_range()
        assert table.selected == ("s0008",)
        await pilot.pause()
        assert app.told[-1] == SceneTable.SelectionChanged(("s0008",))

    run(body, make_rows(10))


def test_marks_are_kept_cleared_inverted_and_set_for_all() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.start_range()
        table.move_by(1)
        table.end_range(keep=True)
        assert table.selected == ("s0000", "s0001")
        assert not table.range_on
        table.invert()
        assert table.selected == ("s0002", "s0003")
        table.show(app.rows[:3])
        assert table.selected == ("s0002",)
        table.select_all()
        assert table.selected == ("s0000", "s0001", "s0002")
        table.clear_marks()
        assert table.selected == ()

    run(body, make_rows(4))


def test_a_filter_keeps_numbers_and_leaves_hidden_scenes_alone() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.select_all()
        table.move_to("s0002")
        table.show_only(["s0001", "s0004"])
        await pilot.pause()
        assert [line.split()[1:3] for line in app.lines()[1:3]] == [["2", "0:02.500"], ["5", "0:10.000"]]
        assert (table.cursor_id, table.selected) == ("s0004", ("s0001", "s0004"))
        assert not table.move_to("s0003")
        table.show_only(None)
        assert (table.cursor_id, len(table.selected)) == ("s0004", 6)

    run(body, make_rows(6))


def test_the_playhead_paints_only_the_scenes_it_leaves_and_enters() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.show_playhead("s0005", (0, 5))
        await pilot.pause()
        assert "►" in app.lines()[6]
        with painting(table):
            table.show_playhead("s0006", (0, 5))
            await pilot.pause()
        assert set(table.lines) == {6, 7}
        with painting(table):
            table.show_playhead("s0006", (6, 7))
            await pilot.pause()
        assert set(table.lines) == {7}
        assert table.playing_id == "s0006"

    run(body, make_rows(20))


def test_what_a_search_found_is_lit_and_let_go() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        with painting(table):
            table.highlight({("s0003", "prompt"): [(0, 6)], ("s0003", "text"): [(0, 5)], ("s0050", "text"): [(0, 5)]})
            await pilot.pause()
        assert set(table.lines) == {4}
        lit = [segment.text for segment in table.render_line(4) if segment.style and segment.style.underline]
        assert lit == ["lyric", "prompt"]
        table.highlight({})
        assert not any(segment.style and segment.style.underline for segment in table.render_line(4))

    run(body, make_rows(60))


def test_a_click_moves_the_cursor_and_a_second_one_chooses_the_cell() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        region = table.cell_region("s0003", "prompt")
        assert region is not None
        await pilot.click(offset=(region.x + 1, region.y))
        assert app.told == [SceneTable.CursorMoved("s0003", "prompt")]
        await pilot.click(offset=(region.x + 2, region.y))
        assert app.told[1:] == [SceneTable.CellChosen("s0003", "prompt")]
        await pilot.click(offset=(region.x, 0))
        await pilot.click(offset=(region.x, 20))
        assert len(app.told) == 2, "neither the header nor what is below the rows is a cell"

    run(body, make_rows(6))


def test_a_narrower_terminal_hides_columns_and_keeps_the_cursor_in_view() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.move_to("s0015", "theme")
        await pilot.resize_terminal(50, 10)
        await pilot.pause()
        assert table.cursor_column == "text"
        assert table.cell_region("s0015", "text") is not None
        assert table.cell_region("s0015", "theme") is None
        assert "prompt" not in app.lines()[0]
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        assert table.cursor_column == "theme"
        assert app.told[-1] == SceneTable.CursorMoved("s0015", "theme")

    run(body, make_rows(40), size=(120, 30))


def test_lyrics_that_look_like_markup_are_shown_as_typed() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        lines = app.lines()
        assert "[chorus] la" in lines[1]
        assert "[/x] broken" in lines[2]
        assert "\x1b" not in "".join(lines)

    run(body, tuple(make_row(at, text) for at, text in enumerate(ODD)))


@pytest.mark.parametrize(("width", "ascii_only"), [(80, False), (120, False), (50, False), (80, True)])
def test_columns_are_straight_in_a_terminal_whatever_is_sung(width: int, ascii_only: bool) -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        screen = pyte.Screen(width, 24)
        stream = pyte.Stream(screen)
        console = Console(color_system="truecolor", force_terminal=True)
        for y in range(24):
            strip = app.table.render_line(y)
            assert strip.cell_length == cell_len(strip.text) == width - 1
            stream.feed(f"\x1b[{y + 1};1H" + strip.render(console))
        for column, sign in (("start", "0:"), ("keyframe", "+" if ascii_only else "✓")):
            for at in range(len(ODD)):
                region = app.table.cell_region(f"s{at:04d}", column)
                assert region is not None
                shown = "".join(screen.buffer[region.y][x].data for x in range(region.x, region.right))
                assert shown.startswith(sign), (at, screen.display[region.y])

    rows = tuple(make_row(at, text, prompt=Shown(text * 9, True)) for at, text in enumerate(ODD))
    run(body, rows, size=(width, 24), ascii_only=ascii_only)


def test_problems_failures_and_locks_have_their_signs() -> None:
    problem = (Problem("short", "It is short"),)
    rows = (
        make_row(0, problems=problem),
        make_row(1, problems=problem, marks=replace(FRESH, clip=Mark("failed"))),
        make_row(2, locked=True),
    )

    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        assert [line[:3] for line in app.lines()[1:4]] == ["  !", "  ✗", " L "]

    run(body, rows)


def test_an_empty_table_says_why() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        table = app.table
        table.show_empty("No scenes yet: [words] are being heard.")
        await pilot.pause()
        assert [line.strip() for line in app.lines() if line.strip()] == ["No scenes yet: [words] are being heard."]
        assert not table.move_by(1)
        assert not table.move_column(1)
        table.show(make_rows(2))
        await pilot.pause()
        assert (table.cursor_id, "lyric 1" in app.lines()[2]) == ("s0000", True)
        table.show_only([])
        await pilot.pause()
        assert "".join(app.lines()).split() == ["No", "scene", "matches."]

    run(body, ())


def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        cursor = [segment for segment in app.table.render_line(1) if segment.style and segment.style.reverse]
        assert [segment.text.strip() for segment in cursor] == ["lyric 0 a"]
        derived = [
            segment.text.strip() for segment in app.table.render_line(2) if segment.style and segment.style.italic
        ]
        assert derived == ["prompt 1"]

    run(body, make_rows(3))


def test_a_theme_change_repaints_in_its_colours() -> None:
    async def body(app: TableApp, pilot: Pilot[None]) -> None:
        before = app.table.render_line(1)
        app.theme = "textual-light"
        await pilot.pause()
        after = app.table.render_line(1)
        assert before.text == after.text
        assert before != after

    run(body, make_rows(3))
