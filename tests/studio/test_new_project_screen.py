"""The form of a new project: checked as the command line does, and nothing that was typed is ever lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from tests.real.projects import write_song
from tests.studio.driving import until
from vktrs.errors import InputError
from vktrs.project import Project
from vktrs.runs.doctor import Finding
from vktrs_tui.beginning import NewRequest, create, create_sample
from vktrs_tui.screens.new_project import NewProjectScreen, Typed, check
from vktrs_tui.widgets.option_row import OptionRow

RIGHT = Typed(source="song.wav", folder="clip")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_song(tmp_path / "song.wav", 0.5)
    (tmp_path / "words.lrc").write_text("[00:00.20]la\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "storyboard.toml").write_text("schema = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (replace(RIGHT, source=""), "source", "Name a file"),
        (replace(RIGHT, source="no.mp3"), "source", "no file"),
        (replace(RIGHT, source="old"), "source", "a folder"),
        (replace(RIGHT, folder="  "), "folder", "Name a folder"),
        (replace(RIGHT, folder="old"), "folder", "a project already"),
        (replace(RIGHT, folder="song.wav"), "folder", "a file"),
        (replace(RIGHT, lyrics="no.lrc"), "lyrics", "no file"),
        (replace(RIGHT, size="big"), "size", "no size of a video. Write two even numbers"),
        (replace(RIGHT, size="63x64"), "size", "even"),
        (replace(RIGHT, size="500x514", pictures="diffusers"), "size", "multiples of 8, not 500x514. 496x512 would do"),
        (replace(RIGHT, fps="0"), "fps", "1 to 120"),
        (replace(RIGHT, fps="1/0"), "fps", "1 to 120"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_and_of_no_other(base: Path, typed: Typed, field: str, words: str) -> None:
    request, wrong = check(typed, base)
    assert request is None
    assert list(wrong) == [field]
    assert words in wrong[field]
    assert "--" not in wrong[field]


def test_what_is_right_becomes_a_request(base: Path) -> None:
    typed = Typed(
        source=" ~/song.wav ",
        folder="~/clip",
        lyrics="words.lrc",
        themes="teal [ocean]\n\n  red, old  \n",
        size="64X32",
        fps="30000/1001",
        captions="line",
        speech="none",
    )
    request, wrong = check(typed, base)
    assert wrong == {}
    assert request == NewRequest(
        folder=base / "clip",
        source=str(base / "song.wav"),
        lyrics=base / "words.lrc",
        themes=("teal [ocean]", "red, old"),
        speech="none",
        pictures="cppn",
        captions="line",
        width=64,
        height=32,
        fps="30000/1001",
    )


def test_a_url_is_taken_as_it_stands(base: Path) -> None:
    request, _ = check(replace(RIGHT, source="https://example.org/~x/watch?v=1"), base)
    assert request is not None
    assert request.source == "https://example.org/~x/watch?v=1"


def test_a_project_is_made_in_another_process(base: Path) -> None:
    request, _ = check(replace(RIGHT, themes="teal [ocean]", size="64x32", fps="25"), base)
    assert request is not None
    board = Project.open(asyncio.run(create(request))).document().board
    assert board.song.source == "song.wav"
    assert board.look.themes == ("teal [ocean]",)
    assert (board.video.width, board.video.height, float(board.video.fps)) == (64, 32, 25.0)


def test_what_cannot_be_made_is_answered_by_the_sentence_of_the_library(base: Path) -> None:
    (base / "noise.mp3").write_text("no song at all")
    request, _ = check(replace(RIGHT, source="noise.mp3"), base)
    assert request is not None
    with pytest.raises(Exception, match=r"noise\.mp3"):
        asyncio.run(create(request))
    assert not (base / "clip" / "storyboard.toml").exists()


def test_a_file_whose_name_is_no_utf8_can_be_the_song(base: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.wav")
    (base / "song.wav").rename(base / odd)
    request, _ = check(replace(RIGHT, source=odd), base)
    assert request is not None
    assert Project.open(asyncio.run(create(request))).document().board.song.source == "song.wav"


def test_the_sample_song_becomes_a_project(base: Path) -> None:
    project = Project.open(asyncio.run(create_sample(base / "demo")))
    assert project.document().board.song.title == "Daisy Bell"
    assert project.resolve(project.document().board.song.source).is_file()


class Host(App[None]):
    """Holds the form and notes its answer."""

    def __init__(self, base: Path, *failures: InputError) -> None:
        super().__init__()
        self.base = base
        self.failures = list(failures)
        self.requests: list[NewRequest] = []
        self.answers: list[Path | None] = []

    def on_mount(self) -> None:
        self.push_screen(NewProjectScreen(self.create, self.examine, self.base), self.answers.append)

    async def create(self, request: NewRequest) -> Path:
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop(0)
        return request.folder

    async def examine(self) -> Sequence[Finding]:
        return (
            Finding("speech models", True, "[tiny] (whisper, 1 MB)"),
            Finding("picture models", True, "[a/b] in /c (1 GB)"),
        )

    def text(self, name: str) -> str:
        return str(self.screen.query_one(f"#{name}", Static).content)

    def line(self, name: str) -> Input:
        return self.screen.query_one(f"#{name}", Input)


def on_form(base: Path, body: Callable[[Host, Pilot[None]], Coroutine[Any, Any, None]], *failures: InputError) -> None:
    async def run() -> None:
        app = Host(base, *failures)
        async with app.run_test(size=(80, 24)) as pilot:
            await app.workers.wait_for_complete()
            await pilot.pause()
            await body(app, pilot)

    asyncio.run(run())


async def settle(app: App[None], pilot: Pilot[None]) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


def test_a_project_is_asked_for_by_keys_alone(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        async def complete(field: str, letters: str, whole: str, then: str) -> None:
            """Folders are listed in a thread, and a Tab is over once that is."""
            await pilot.press(*letters, "tab")
            await until(pilot, lambda: app.line(field).value == whole, whole)
            await pilot.press("tab")
            await until(pilot, lambda: app.focused is app.screen.query_one(f"#{then}"), f"Tab to {then}")

        await complete("source", "son", "song.wav", "folder")
        await until(pilot, lambda: app.line("folder").value == "song", "the folder follows the song")
        await pilot.press("tab")
        await until(pilot, lambda: app.focused is app.line("lyrics"), "Tab to lyrics")
        await complete("lyrics", "wor", "words.lrc", "themes")
        await pilot.press(*"teal", "enter", *"red", "tab", "tab", "tab", "right", "enter")
        await until(pilot, lambda: app.answers, "an answer")
        assert app.answers == [base / "song"]
        (request,) = app.requests
        assert request.themes == ("teal", "red")
        assert request.lyrics == base / "words.lrc"
        assert request.captions == "line"

    on_form(base, body)


def test_ctrl_j_makes_it_from_within_the_themes(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("source").value = "song.wav"
        app.screen.query_one("#themes", TextArea).focus()
        await pilot.press(*"teal", "ctrl+j")
        await settle(app, pilot)
        assert [request.themes for request in app.requests] == [("teal",)]

    on_form(base, body)


def test_the_folder_follows_the_song_until_a_person_names_one(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("source").value = "~/My Song.mp3"
        await pilot.pause()
        assert app.line("folder").value == "My Song"
        app.line("folder").value = "mine"
        await pilot.pause()
        app.line("source").value = "song.wav"
        await pilot.pause()
        assert app.line("folder").value == "mine"

    on_form(base, body)


def test_what_the_song_fills_in_is_gone_on_with_and_taken_out_by_keys(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press(*"song.wav")
        app.line("folder").focus()
        await pilot.press("underscore", "2")
        assert app.line("folder").value == "song_2"
        await pilot.press("ctrl+u", *"mine")
        assert app.line("folder").value == "mine"
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.answers == [base / "mine"]

    on_form(base, body)


def test_the_bottom_line_says_what_makes_the_project_where_enter_does_not(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        assert "Enter or Ctrl+J  make it" in app.text("keys")
        app.screen.query_one("#themes", TextArea).focus()
        await pilot.pause()
        assert "Enter  another line   Ctrl+J  make it" in app.text("keys")
        await pilot.press("tab")
        await pilot.pause()
        assert "Enter or Ctrl+J  make it" in app.text("keys")

    on_form(base, body)


def test_a_wrong_value_is_answered_beside_its_field_and_stays(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("source").value = "[/x].mp3"
        app.line("size").value = "big"
        app.line("size").focus()
        await pilot.press("enter")
        await settle(app, pilot)
        assert "[/x].mp3" in app.text("source-fault")
        assert "big is no size" in app.text("size-fault")
        assert app.focused is app.line("source")
        assert (app.line("source").value, app.line("size").value, app.requests) == ("[/x].mp3", "big", [])
        app.line("size").value = "64x64"
        await pilot.pause()
        assert app.text("size-fault") == ""

    on_form(base, body)


def test_what_the_library_refuses_is_said_and_nothing_is_lost(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("source").value = "song.wav"
        await pilot.press("enter")
        await settle(app, pilot)
        assert "no [song]" in app.text("wrong")
        assert app.answers == []
        assert app.line("source").value == "song.wav"
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.answers == [base / "song"]

    on_form(base, body, InputError("that is no [song]."))


def test_escape_leaves_without_a_project(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("source").value = "song.wav"
        await pilot.press("escape")
        assert app.answers == [None]
        assert app.requests == []

    on_form(base, body)


def test_engines_are_told_by_what_this_machine_has(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        assert "[tiny]" in app.text("speech-words")
        app.screen.query_one("#pictures", OptionRow).focus()
        await pilot.press("right")
        assert app.screen.query_one("#pictures", OptionRow).value == "diffusers"
        assert "[a/b]" in app.text("pictures-words")
        await pilot.press("right")
        assert "costs credits" in app.text("pictures-words")

    on_form(base, body)


def test_an_engine_that_cannot_make_the_size_says_so_when_it_is_chosen(base: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        app.line("size").value = "500x500"
        app.screen.query_one("#pictures", OptionRow).focus()
        assert app.text("size-fault") == ""
        await pilot.press("right")
        await pilot.pause()
        assert app.text("size-fault") == "! diffusers makes pictures in multiples of 8, not 500x500. 496x496 would do."
        await pilot.press("right")
        await pilot.pause()
        assert app.text("size-fault") == ""

    on_form(base, body)


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_every_field_can_be_reached_in_a_small_terminal(base: Path, size: tuple[int, int]) -> None:
    async def run() -> None:
        app = Host(base)
        async with app.run_test(size=size) as pilot:
            names = []
            for _ in range(9):
                await pilot.pause()
                focused = app.focused
                assert focused is not None
                assert app.screen.region.contains_region(focused.region)
                names.append(focused.id)
                await pilot.press("tab")
                await until(pilot, lambda focused=focused: app.focused is not focused, "Tab")  # type: ignore[misc]
            assert names == ["source", "folder", "lyrics", "themes", "size", "fps", "captions", "speech", "pictures"]

    asyncio.run(run())
