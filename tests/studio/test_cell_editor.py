"""The editor over a cell: what it commits, what it answers, and that nothing typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static, TextArea

from vktrs.errors import InputError
from vktrs_tui.widgets.cell_editor import CellEditor, placed
from vktrs_tui.widgets.find_bar import FindBar


class Table(Static, can_focus=True):
    """Stands for the table: it has the focus where the editor has not."""

    def __init__(self) -> None:
        super().__init__("\n".join(["." * 200] * 60), id="table")
        self.keys: list[str] = []

    def on_key(self, event: events.Key) -> None:
        self.keys.append(event.key)


class Owner(App[None]):
    """An editor, a find bar and what they said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Table()
        yield FindBar(id="find")
        yield CellEditor(id="editor")

    @property
    def editor(self) -> CellEditor:
        return self.query_one(CellEditor)

    def on_cell_editor_committed(self, event: CellEditor.Committed) -> None:
        self.said.append(event)

    def on_cell_editor_left(self, event: CellEditor.Left) -> None:
        self.said.append(event)

    def on_find_bar_changed(self, event: FindBar.Changed) -> None:
        self.said.append(event)

    def on_find_bar_accepted(self, event: FindBar.Accepted) -> None:
        self.said.append(event)

    def on_find_bar_left(self, event: FindBar.Left) -> None:
        self.said.append(event)

    def note(self) -> str:
        return str(self.query_one("#cell-note", Static).content)


Body = Callable[[Owner, Pilot[None]], Awaitable[None]]


def played(body: Body, size: tuple[int, int] = (80, 24)) -> Owner:
    async def play() -> Owner:
        app = Owner()
        async with app.run_test(size=size) as pilot:
            await body(app, pilot)
        return app

    return asyncio.run(play())


def opened(kind: Any, value: str, **more: Any) -> Callable[[Owner], None]:
    def act(app: Owner) -> None:
        app.editor.open("aaaa", more.pop("field", "text"), kind, value, **more)
        app.editor.place(Region(10, 5, 12, 1), app.size)

    return act


def refuse_all(text: str) -> object:
    raise InputError(f"{text} is no time.", "Write 12.5.")


@pytest.mark.parametrize(
    ("cell", "wanted", "screen", "right"),
    [
        (Region(4, 3, 8, 1), Size(24, 2), Size(80, 24), Region(4, 3, 24, 2)),
        (Region(70, 3, 8, 1), Size(24, 2), Size(80, 24), Region(56, 3, 24, 2)),
        (Region(4, 23, 8, 1), Size(24, 8), Size(80, 24), Region(4, 16, 24, 8)),
        (Region(30, 3, 8, 1), Size(60, 2), Size(40, 24), Region(0, 3, 40, 2)),
        (Region(-3, -2, 8, 1), Size(24, 2), Size(80, 24), Region(0, 0, 24, 2)),
    ],
)
def test_an_editor_stays_inside_the_screen(cell: Region, wanted: Size, screen: Size, right: Region) -> None:
    assert placed(cell, wanted, screen) == right


@pytest.mark.parametrize(("key", "then"), [("enter", "stay"), ("tab", "next"), ("shift+tab", "previous")])
def test_typing_replaces_the_value_and_a_key_commits_it(key: str, then: str) -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("time", "1.0", field="start")(app)
        await pilot.press("2", ".", "5", key)
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "start", "2.5", then, True)]


def test_enter_without_a_change_says_that_nothing_changed() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "as it is", check=refuse_all)(app)
        await pilot.press("enter")
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "text", "as it is", "stay", False)]


def test_escape_leaves_and_says_nothing_else() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "old")(app)
        await pilot.press("n", "e", "w", "escape")
        await pilot.pause()
        assert not app.editor.is_open
        assert not app.editor.display

    assert played(body).said == [CellEditor.Left("aaaa", "text")]


def test_a_wrong_value_is_answered_and_kept() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("time", "1.0", check=refuse_all)(app)
        await pilot.press("s", "o", "o", "n", "enter")
        await pilot.pause()
        assert app.editor.is_open
        assert app.editor.text == "soon"
        assert app.note() == "! soon is no time. Write 12.5."
        assert app.editor.has_class("-refused")
        await pilot.press("e")
        await pilot.pause()
        assert not app.editor.has_class("-refused")

    assert played(body).said == []


def test_a_refusal_from_outside_keeps_the_text_and_the_focus() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "old")(app)
        await pilot.press("n", "enter")
        await pilot.pause()
        app.editor.refuse("The file cannot be [read].", "Mend line 3.")
        await pilot.press("o")
        await pilot.pause()
        assert app.editor.text == "no"

    assert len(played(body).said) == 1


def test_keys_pressed_while_a_commit_is_under_way_find_the_next_cell() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "old")(app)
        await pilot.press("a", "tab", "b", "c", "enter")
        await pilot.pause()
        assert len(app.said) == 1
        assert app.editor.text == "a"
        opened("line", "second", field="theme")(app)
        await pilot.pause()
        await pilot.pause()
        assert app.said[1:] == [CellEditor.Committed("aaaa", "theme", "bc", "stay", True)]

    played(body)


def test_keys_pressed_while_a_commit_is_under_way_go_to_the_table_once_it_is_closed() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "old")(app)
        await pilot.press("a", "enter", "j", "j")
        app.editor.close()
        app.query_one(Table).focus()
        await pilot.pause()
        await pilot.pause()
        assert app.query_one(Table).keys == ["j", "j"]

    played(body)


def test_several_lines_are_written_with_ctrl_j_and_committed_with_enter() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("text", "old")(app)
        await pilot.press("a", "ctrl+j", "[", "/", "]", "enter")
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "text", "a\n[/]", "stay", True)]


def test_an_editor_of_several_lines_grows_to_six() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("text", "one")(app)
        await pilot.pause()
        area = app.query_one("#cell-text", TextArea)
        assert area.size.height == 1
        await pilot.press("end", *["ctrl+j"] * 3)
        await pilot.pause()
        assert area.size.height == 4
        await pilot.press(*["ctrl+j"] * 9)
        await pilot.pause()
        assert area.size.height == 6
        assert app.editor.region.bottom <= 24

    played(body)


def test_a_value_with_line_ends_keeps_them() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "one\ntwo")(app)
        await pilot.press("enter")
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "text", "one\ntwo", "stay", False)]


@pytest.mark.parametrize(("kind", "right"), [("line", "one two three"), ("text", "one\ntwo\n\tthree")])
def test_a_paste_of_lines_is_one_line_where_one_line_is_edited(kind: str, right: str) -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened(kind, "old")(app)
        await pilot.pause()
        app.post_message(events.Paste("one\ntwo\n\tthree"))
        await pilot.pause()
        assert app.editor.text == right

    played(body)


def test_choices_are_narrowed_walked_and_completed() -> None:
    animations = ("static", "variations", "img2img")

    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("choice", "variations", choices=animations)(app)
        await pilot.pause()
        choices = app.query_one("#cell-choices", OptionList)
        assert choices.option_count == 3
        await pilot.press("down")
        assert app.editor.text == "img2img"
        await pilot.press("down")
        assert app.editor.text == "static"
        await pilot.press("ctrl+u", "i", "m")
        await pilot.pause()
        assert choices.option_count == 1
        await pilot.press("enter")
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "text", "img2img", "stay", True)]


def test_what_begins_like_a_choice_stays_as_typed_where_any_text_is_right() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "", choices=("zombie wedding",))(app)
        await pilot.press("z", "o", "enter")
        await pilot.pause()

    assert played(body).said == [CellEditor.Committed("aaaa", "text", "zo", "stay", True)]


def test_an_editor_lies_on_its_cell() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("time", "1:02.250")(app)
        await pilot.pause()
        line = app.query_one("#cell-line", Input).region
        assert (line.x, line.y, line.height) == (10, 5, 1)
        assert line.width >= 24

    played(body)


def test_the_find_bar_says_each_change_and_closes_itself() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        bar = app.query_one(FindBar)
        bar.open()
        await pilot.press("[", "a", "ctrl+f")
        await pilot.pause()
        assert bar.display
        await pilot.press("enter")
        await pilot.pause()
        assert not bar.display
        bar.open("a")
        await pilot.press("escape")
        await pilot.pause()
        assert not bar.display

    changed, accepted = FindBar.Changed, FindBar.Accepted
    said = played(body).said
    assert said[:4] == [changed("[", False), changed("[a", False), changed("[a", True), accepted("[a", True)]
    assert [type(each) for each in said[4:]] == [FindBar.Left]


def test_escape_gets_out_even_where_no_answer_ever_comes() -> None:
    async def body(app: Owner, pilot: Pilot[None]) -> None:
        opened("line", "old")(app)
        await pilot.press("a", "enter", "b", "escape")
        await pilot.pause()
        assert not app.editor.is_open
        assert not app.editor.refuse("Too late.")

    assert [type(each) for each in played(body).said] == [CellEditor.Committed, CellEditor.Left]
