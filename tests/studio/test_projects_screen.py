"""The list of projects: what it shows, what its keys do, and what it never does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.real.projects import silent_project
from tests.studio.driving import until
from vktrs.runs.doctor import Finding
from vktrs_tui.actions import PROJECTS, Action
from vktrs_tui.app import Studio
from vktrs_tui.beginning import NewRequest
from vktrs_tui.keymap import KEYS, Keymap, make_keymap, read_keymap
from vktrs_tui.recent import GONE, ProjectSummary, Recent
from vktrs_tui.screens.doctor import DoctorScreen
from vktrs_tui.screens.help import HelpScreen
from vktrs_tui.screens.new_project import NewProjectScreen
from vktrs_tui.screens.open_folder import OpenFolderScreen
from vktrs_tui.screens.projects import ProjectSources, ProjectsScreen
from vktrs_tui.widgets.key_line import KeyLine
from vktrs_tui.widgets.project_list import ProjectList, how_long_ago

NOW = 1_000_000.0
HOME = Path("/home/ada")
DAISY, WIDE, BROKEN, GONE_ONE = (HOME / name for name in ("daisy", "wide", "broken", "gone"))
TITLE = "[chorus] 歌の名前 🎵 e\u0301le\u0301phant [/x] שלום\nand more words than any column holds"
SUMMARIES = {
    DAISY: ProjectSummary(DAISY, "Daisy Bell", 42.0, 13, 0.5, "20260101-000000-abcd"),
    WIDE: ProjectSummary(WIDE, TITLE, None, 0),
    BROKEN: ProjectSummary(BROKEN, fault="storyboard.toml:3:1: [what] is this?"),
    GONE_ONE: ProjectSummary(GONE_ONE, fault=GONE, gone=True),
}
ENTRIES = [Recent(path, NOW - 100.0 * 60**n) for n, path in enumerate(SUMMARIES)]


class Host(App[None]):
    """Holds the screen and notes what it asks for."""

    def __init__(self, entries: Sequence[Recent], base: Path = HOME) -> None:
        super().__init__()
        self.entries = list(entries)
        self.asked: list[tuple[str, Path]] = []
        self.forgotten: list[Path] = []
        self.left = False
        self.sources = ProjectSources(
            recent=lambda: self.entries,
            summarise=SUMMARIES.__getitem__,
            forget=self.forget,
            examine=self.examine,
            create=self.create,
            create_sample=self.create_sample,
            now=lambda: NOW,
            base=base,
            home=HOME,
        )

    def on_mount(self) -> None:
        self.push_screen(ProjectsScreen(self.sources))

    def forget(self, path: Path) -> None:
        self.forgotten.append(path)
        self.entries = [each for each in self.entries if each.path != path]

    async def examine(self) -> Sequence[Finding]:
        return ()

    async def create(self, request: NewRequest) -> Path:
        return request.folder

    async def create_sample(self, folder: Path) -> Path:
        return folder

    def on_projects_screen_project_chosen(self, message: ProjectsScreen.ProjectChosen) -> None:
        self.asked.append(("open", message.path))

    def on_projects_screen_project_created(self, message: ProjectsScreen.ProjectCreated) -> None:
        self.asked.append(("created", message.path))

    def action_leave_studio(self) -> None:
        self.left = True

    @property
    def projects(self) -> ProjectList:
        return self.screen.query_one(ProjectList)

    def lines(self, path: Path) -> list[str]:
        prompt = self.projects.get_option(str(path)).prompt
        assert isinstance(prompt, Content)
        return prompt.plain.split("\n")

    def said(self) -> str:
        return str(self.screen.query_one("#said", Static).content)

    def wrong(self) -> str:
        """What a dialog refuses."""
        return str(self.screen.query_one("#wrong", Static).content)


async def settle(app: Host, pilot: Pilot[None]) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


def on_list(
    body: Callable[[Host, Pilot[None]], Coroutine[Any, Any, None]],
    entries: Sequence[Recent] = tuple(ENTRIES),
    base: Path = HOME,
    size: tuple[int, int] = (80, 24),
) -> None:
    async def run() -> None:
        app = Host(entries, base)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await settle(app, pilot)
            await body(app, pilot)

    asyncio.run(run())


def test_a_project_is_shown_with_all_that_matters() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        first, second = app.lines(DAISY)
        for words in ("Daisy Bell", "0:42", "13", "█████░░░░░", "50 %", "1 min ago"):
            assert words in first
        assert "~/daisy" in second
        assert "► running" in second
        assert "running" not in app.lines(WIDE)[1]

    on_list(body)


def test_user_text_is_no_markup_and_keeps_the_columns_straight() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        first, _ = app.lines(WIDE)
        assert first.strip().startswith("[chorus] 歌の")
        width = cell_len(first)
        assert cell_len(app.lines(DAISY)[0]) == cell_len(app.lines(BROKEN)[0]) == width
        assert width <= app.projects.size.width
        assert "[what] is this?" in app.lines(BROKEN)[1]

    on_list(body)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
def test_the_lines_fit_and_the_heading_stands_above_them(size: tuple[int, int]) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        heading = str(app.screen.query_one("#heading", Static).content)
        first = app.lines(DAISY)[0]
        assert cell_len(heading) == cell_len(first) <= size[0]
        assert heading.index("Opened") == first.index("1 min ago")

    on_list(body, size=size)


def test_the_columns_follow_a_resize() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        before = cell_len(app.lines(DAISY)[0])
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert cell_len(app.lines(DAISY)[0]) == before + 40

    on_list(body)


def test_what_is_known_fills_in_as_it_comes() -> None:
    async def run() -> None:
        app = Host(ENTRIES)
        known = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(path: Path) -> ProjectSummary:
            if path == WIDE:
                asyncio.run_coroutine_threadsafe(known.wait(), loop).result()
            return SUMMARIES[path]

        app.sources = ProjectSources(recent=lambda: ENTRIES, summarise=slow, now=lambda: NOW, base=HOME, home=HOME)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.projects.chosen == DAISY, "the list")
            await until(pilot, lambda: "Daisy Bell" in app.lines(DAISY)[0], "the first summary")
            assert "…" in app.lines(WIDE)[0]
            await pilot.press("j")
            assert app.projects.chosen == WIDE
            known.set()
            await settle(app, pilot)
            assert "[chorus]" in app.lines(WIDE)[0]
            assert app.projects.chosen == WIDE

    asyncio.run(run())


def test_enter_asks_for_the_project_at_the_cursor() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("enter", "j", "enter", "down", "enter")
        assert app.asked == [("open", DAISY), ("open", WIDE), ("open", BROKEN)]

    on_list(body)


def test_what_is_gone_is_not_opened_but_said() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        assert GONE in app.lines(GONE_ONE)[1]
        await pilot.press("j", "j", "j", "enter")
        assert app.asked == []
        assert "x takes it off" in app.said()

    on_list(body)


def test_x_takes_off_the_list_and_says_that_nothing_is_removed() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("j", "x")
        left = [str(path) for path in (DAISY, BROKEN, GONE_ONE)]
        await until(pilot, lambda: [option.id for option in app.projects.options if option.id][:3] == left, "the list")
        assert app.forgotten == [WIDE]
        assert "nothing on disk was removed" in app.said()
        await pilot.press("G", "x")
        assert app.forgotten == [WIDE]

    on_list(body)


def test_without_projects_it_says_in_words_what_to_do() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        empty = app.screen.query_one("#empty", Static)
        assert empty.display
        assert "Press n" in str(empty.content)
        assert app.projects.highlighted_option is not None
        assert app.projects.highlighted_option.id == "new"
        await pilot.press("enter")
        assert isinstance(app.screen, NewProjectScreen)

    on_list(body, entries=[])


def test_a_new_project_is_asked_for_and_then_told(tmp_path: Path) -> None:
    (tmp_path / "song.wav").touch()

    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("n", *"song.wav", "enter")
        await settle(app, pilot)
        assert app.asked == [("created", tmp_path / "song")]

    on_list(body, base=tmp_path)


def test_another_folder_is_opened_when_it_is_a_project(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    (tmp_path / "plain").mkdir()

    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("o", *"pl", "tab")
        await until(pilot, lambda: app.screen.query_one(Input).value == "plain/", "the completion")
        await pilot.press("enter")
        await until(pilot, lambda: "is not a project" in app.wrong(), "the refusal")
        assert isinstance(app.screen, OpenFolderScreen)
        assert app.screen.query_one(Input).value == "plain/"
        app.screen.query_one(Input).value = "cl"
        await pilot.pause()
        await pilot.press("end", "tab")
        await until(pilot, lambda: app.screen.query_one(Input).value == "clip/", "the completion")
        await pilot.press("enter")
        await until(pilot, lambda: app.asked, "an answer")
        assert app.asked == [("open", clip)]

    on_list(body, base=tmp_path)


def test_a_folder_that_is_not_there_or_not_named_is_answered(tmp_path: Path) -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("o", "enter")
        await settle(app, pilot)
        wrong = app.screen.query_one("#wrong", Static)
        assert "Name a folder" in str(wrong.content)
        await pilot.press(*"no", "enter")
        await settle(app, pilot)
        assert "there is no folder" in str(wrong.content)
        await pilot.press("escape")
        assert isinstance(app.screen, ProjectsScreen)
        assert app.asked == []

    on_list(body, base=tmp_path)


def test_the_sample_song_is_made_where_a_person_says(tmp_path: Path) -> None:
    silent_project(tmp_path / "mine")

    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        app.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await settle(app, pilot)
        assert "is a project already" in str(app.screen.query_one("#wrong", Static).content)
        app.screen.query_one(Input).value = "demo"
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.asked == [("created", tmp_path / "demo")]

    on_list(body, base=tmp_path)


@pytest.mark.parametrize("action", PROJECTS.actions, ids=lambda action: action.id)
def test_every_key_reaches_its_action_also_a_persons_own(action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    name = action.name.removeprefix("app.")
    owner: type = Studio if name != action.name else ProjectsScreen
    monkeypatch.setattr(owner, f"action_{name}", lambda _: reached.append(name))

    async def run(keymap: Keymap) -> None:
        studio = Studio(sources=Host([]).sources, keymap=keymap)
        async with studio.run_test() as pilot:
            await pilot.pause()
            for key in keymap.keys[action.id].split(","):
                if key != "ctrl+q":  # Textual's own as well, and that one is first: it leaves, too
                    reached.clear()
                    await pilot.press(key)
                    await pilot.pause()
                    assert reached[-1:] == [name], key

    asyncio.run(run(make_keymap({})))
    asyncio.run(run(make_keymap({action.id: "n" if name != "new" else "o"})))


def test_the_bottom_line_and_the_words_tell_the_keys_a_person_has_given() -> None:
    async def run() -> None:
        keymap = make_keymap({"projects.new": "A", "projects.forget": ""})
        studio = Studio(sources=Host([]).sources, keymap=keymap)
        async with studio.run_test() as pilot:
            await pilot.pause()
            screen = studio.screen
            projects = screen.query_one(ProjectList)
            await until(pilot, lambda: "new" in [each.id for each in projects.options], "what is offered")
            line = str(screen.query_one(KeyLine).content)
            assert "A New" in line
            assert "Forget" not in line
            assert line.strip().endswith("q Leave")
            assert "Press A to make one" in str(screen.query_one("#empty", Static).content)
            offer = projects.get_option("new").prompt
            assert isinstance(offer, Content) and "(A)" in offer.plain

    asyncio.run(run())


def test_what_is_wrong_with_the_keys_is_told_there(tmp_path: Path) -> None:
    (tmp_path / KEYS).write_text('[keys]\n"projects.now" = "a"\n', "utf-8")

    async def run() -> None:
        studio = Studio(sources=Host([]).sources, keymap=read_keymap(tmp_path))
        async with studio.run_test() as pilot:
            await pilot.pause()
            said = str(studio.screen.query_one("#said", Static).content)
            assert said.startswith("! ")
            assert "no action 'projects.now'" in said

    asyncio.run(run())


def test_the_help_tells_the_keys_of_this_screen_and_no_others() -> None:
    async def run() -> None:
        studio = Studio(sources=Host(ENTRIES).sources, keymap=make_keymap({"projects.sample": "S"}))
        async with studio.run_test(size=(80, 30)) as pilot:
            await pilot.press("question_mark")
            await pilot.pause()
            assert isinstance(studio.screen, HelpScreen)
            text = "\n".join(str(each.content) for each in studio.screen.query("#columns > Static").results(Static))
            for action in PROJECTS.actions:
                line = next(each for each in text.splitlines() if action.help[:30] in each)
                assert line.startswith(studio.keymap.shown(action.id))
            assert "Enter             Open the project" in text
            assert "To the next problem" not in text
            await pilot.press("question_mark")
            assert isinstance(studio.screen, ProjectsScreen)

    asyncio.run(run())


def test_the_doctor_and_the_way_out_are_one_key_away() -> None:
    async def body(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("d")
        assert isinstance(app.screen, DoctorScreen)
        await pilot.press("escape", "q")
        assert app.left

    on_list(body)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5.0, "just now"),
        (59.0, "just now"),
        (60.0, "1 min ago"),
        (3599.0, "59 min ago"),
        (7200.0, "2 h ago"),
        (86400.0, "yesterday"),
        (3 * 86400.0, "3 days ago"),
        (15 * 86400.0, "2 weeks ago"),
        (90 * 86400.0, "3 months ago"),
        (900 * 86400.0, "2 years ago"),
    ],
)
def test_when_is_said_as_a_person_says_it(seconds: float, words: str) -> None:
    assert how_long_ago(seconds) == words
    assert cell_len(words) <= 13


def test_a_fault_of_ours_is_shown_and_told_and_ends_nothing() -> None:
    async def run() -> None:
        app = Host(ENTRIES)
        told: list[str] = []

        def broken(path: Path) -> ProjectSummary:
            raise ZeroDivisionError(f"[/x] {path.name}")

        app.sources = replace(app.sources, summarise=broken)
        async with app.run_test(size=(80, 24), message_hook=lambda each: told.append(type(each).__name__)) as pilot:
            while "ZeroDivisionError: [/x] daisy" not in app.said():
                await pilot.pause()
            await pilot.press("j", "enter")
            assert app.asked == [("open", WIDE)]
        assert "WorkFailed" in told

    asyncio.run(run())
