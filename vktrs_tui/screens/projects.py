"""The first screen without a project: what was opened lately, how far it is, and the ways to another one.

It asks through callbacks: the list, what can be said of a project (slow, so one after the other in a thread), and the
making of new ones. It opens no project; `ProjectChosen` and `ProjectCreated` ask the app to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from vktrs.errors import InputError
from vktrs.project import STORYBOARD, Project
from vktrs.runs.doctor import Finding
from vktrs_tui.actions import PROJECTS, bindings
from vktrs_tui.beginning import NewRequest, create, create_sample
from vktrs_tui.keymap import Keymap, make_keymap
from vktrs_tui.machine import examine
from vktrs_tui.recent import ProjectSummary, Recent, forget, recent, summarise
from vktrs_tui.screens.doctor import DoctorScreen
from vktrs_tui.screens.new_project import NewProjectScreen
from vktrs_tui.screens.open_folder import OpenFolderScreen
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.key_line import KeyLine
from vktrs_tui.widgets.project_list import Offer, ProjectList

_OFFERS = (
    ("new", "+ New project from a song or a URL"),
    ("open", "… Open another folder"),
    ("sample", "♪ Try the sample song, Daisy Bell: no model, no GPU, no network"),
)
_EMPTY = (
    "No project was opened on this machine yet. A project is a folder with a song and a storyboard.\n"
    "Press {new} to make one from a song of yours, {sample} to try the sample song, {open} to open a folder that is "
    "there."
)
_SAMPLE_FOLDER = "vktrs_demo"


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """Where the screen has its facts from, and what makes projects; each can be replaced in a test."""

    recent: Callable[[], Sequence[Recent]] = recent
    summarise: Callable[[Path], ProjectSummary] = summarise
    forget: Callable[[Path], None] = forget
    examine: Callable[[], Awaitable[Sequence[Finding]]] = examine
    create: Callable[[NewRequest], Awaitable[Path]] = create
    create_sample: Callable[[Path], Awaitable[Path]] = create_sample
    now: Callable[[], float] = time.time
    base: Path = field(default_factory=Path.cwd)
    home: Path = field(default_factory=Path.home)


class ProjectsScreen(Screen[None], TellsFailedWork):
    """The list of projects; Enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(PROJECTS.actions))
    CSS = """
    ProjectsScreen {
        & #title { text-style: bold; color: $text-primary; padding: 0 2; height: 1; }
        & #empty { height: auto; padding: 1 2; display: none; }
        & #heading { height: 1; margin-top: 1; }
        & #said { height: auto; color: $text-muted; padding: 0 2; }
        &.-empty #empty { display: block; }
        &.-empty #heading { display: none; }
    }
    """

    class ProjectChosen(Message):
        """A project is to be opened."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class ProjectCreated(Message):
        """A project was made; it is to be opened and its first run started."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, sources: ProjectSources | None = None, keymap: Keymap | None = None) -> None:
        super().__init__()
        self._sources = sources or ProjectSources()
        self._keymap = keymap or make_keymap({})
        self._known: dict[Path, ProjectSummary] = {}

    def compose(self) -> ComposeResult:
        """A title, the list under its heading, a line for what was just done, the keys."""
        yield Static("vktrs   projects", id="title", markup=False)
        keys = {name: self._key(name) or "Enter below" for name, _ in _OFFERS}
        yield Static(_EMPTY.format(**keys), id="empty", markup=False)
        yield Static("", id="heading", markup=False)
        offers = [Offer(name, words, self._key(name) or "Enter") for name, words in _OFFERS]
        yield ProjectList(offers, self._sources.home, id="projects")
        yield Static("", id="said", markup=False)
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """The keys stand at the bottom, and above them what is to be said of the user's own."""
        shown = (each for each in PROJECTS.actions if each.footer)
        self.query_one(KeyLine).show(tuple((self._keymap.first(each.id), each.label) for each in shown))
        if self._keymap.faults:
            self.say_wrong(self._keymap.told)
        else:
            self.say(self._keymap.told)

    def _key(self, name: str) -> str:
        """The first key of an action of this screen; empty where it has none."""
        return self._keymap.first(f"projects.{name}")

    @property
    def projects(self) -> ProjectList:
        """The list."""
        return self.query_one("#projects", ProjectList)

    def on_screen_resume(self) -> None:
        """Whoever comes back sees how far things are now."""
        self.action_look_again()

    def on_resize(self) -> None:
        """The heading is as wide as the list."""
        self.call_after_refresh(self._show_heading)

    def _show_heading(self) -> None:
        self.query_one("#heading", Static).update(self.projects.heading())

    @work(exclusive=True, group="summaries", exit_on_error=False)
    async def action_look_again(self) -> None:
        """Show the list, then what can be said of each project, as it comes."""
        entries = await asyncio.to_thread(self._sources.recent)
        self._show(entries)
        for entry in entries:
            self._known[entry.path] = await asyncio.to_thread(self._sources.summarise, entry.path)
            self.projects.show_summary(self._known[entry.path])

    def _show(self, entries: Sequence[Recent]) -> None:
        self.set_class(not entries, "-empty")
        self.projects.show(entries, self._known, self._sources.now())
        self.call_after_refresh(self._show_heading)

    def say(self, text: str) -> None:
        """What was just done, in one line above the keys."""
        self.query_one("#said", Static).update(text)

    def say_wrong(self, text: str) -> None:
        """What went wrong, in the same place."""
        self.say(f"! {text}" if text else "")

    @on(ProjectList.OptionSelected)
    async def choose(self, event: ProjectList.OptionSelected) -> None:
        """Open the project at the cursor, or do what is offered there."""
        event.stop()
        path = self.projects.chosen
        if path is None:
            await self.run_action(event.option_id or "")
            return
        known = self._known.get(path)
        if known is not None and known.gone:
            self.say(f"{path} is not there any more; {self._key('forget') or 'Forget'} takes it off the list.")
        else:
            self.post_message(self.ProjectChosen(path))

    @work(exit_on_error=False)
    async def action_forget(self) -> None:
        """Take the project at the cursor off the list."""
        path = self.projects.chosen
        if path is None:
            return
        await asyncio.to_thread(self._sources.forget, path)
        self._known.pop(path, None)
        again = self._key("open") or "Open another folder"
        self.say(f"{path.name or path} is off this list; nothing on disk was removed. {again} opens it again.")
        self.action_look_again()

    def action_new(self) -> None:
        """Ask for a song and make a project of it."""
        sources = self._sources
        self.app.push_screen(NewProjectScreen(sources.create, sources.examine, sources.base), self._created)

    def action_open(self) -> None:
        """Ask for a folder and open it."""
        text = f"A folder with a {STORYBOARD} in it."
        screen = OpenFolderScreen("open a project", text, "", _is_project, self._sources.base)
        self.app.push_screen(screen, self._opened)

    def action_sample(self) -> None:
        """Ask where the sample song may lie, and make a project of it there."""
        text = "The sample song and its lyrics are copied into this folder, which is made."
        screen = OpenFolderScreen("try the sample song", text, _SAMPLE_FOLDER, self._create_sample, self._sources.base)
        self.app.push_screen(screen, self._created)

    async def _create_sample(self, path: Path) -> Path:
        if await asyncio.to_thread((path / STORYBOARD).exists):
            raise InputError(
                f"{path} is a project already.", "Name another folder, or leave with Esc and open that one."
            )
        return await self._sources.create_sample(path)

    def action_doctor(self) -> None:
        """What works on this machine."""
        self.app.push_screen(DoctorScreen(self._sources.examine))

    def _opened(self, path: Path | None) -> None:
        if path is not None:
            self.post_message(self.ProjectChosen(path))

    def _created(self, path: Path | None) -> None:
        if path is not None:
            self.post_message(self.ProjectCreated(path))


async def _is_project(path: Path) -> Path:
    """The folder of the project at `path`, which may be its storyboard; InputError where there is none."""
    folder = path.parent if path.name == STORYBOARD else path
    if not await asyncio.to_thread(folder.is_dir):
        raise InputError(f"there is no folder {folder}.")
    return (await asyncio.to_thread(Project.open, folder)).root
