"""The studio: its screens, themes and keys, the run that is watched, and the one door for errors.

It knows which project is open and that a run may be going on; what is shown of them is the screens' work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_state_path
from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Event, Key
from textual.screen import Screen
from textual.worker import Worker

from vktrs.errors import VktrsError
from vktrs.project import Project
from vktrs.runs.control import Run
from vktrs_tui.actions import GROUPS, PROJECT_LIST_KEYS, PROJECTS
from vktrs_tui.commands import StudioCommands
from vktrs_tui.gpus import GpuLine, Gpus
from vktrs_tui.images import ImagesMode
from vktrs_tui.keymap import Keymap, read_keymap, shown_keys
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.recent import remember
from vktrs_tui.run_watcher import RunWatcher
from vktrs_tui.screens.help import Groups, HelpScreen, entries_of
from vktrs_tui.screens.log import LogScreen
from vktrs_tui.screens.projects import ProjectSources, ProjectsScreen
from vktrs_tui.screens.signals import SignalsScreen
from vktrs_tui.screens.takes import TakesScreen
from vktrs_tui.settings import Settings
from vktrs_tui.terminal_title import TerminalTitle, title_of
from vktrs_tui.themes import THEMES
from vktrs_tui.typing_ahead import TypingAhead
from vktrs_tui.view import RunView
from vktrs_tui.widgets.failed_work import WorkFailed
from vktrs_tui.workspace.screen import Workspace

GPU_SECONDS = 2.0
_log = logging.getLogger("vktrs_tui")


class Studio(App[int]):
    """The app. `folder` is a project to open, None for the list of projects; `images` how pictures are drawn.

    `theme` is one of Textual's or "high-contrast"; InvalidThemeError for another one. The rest is for tests.
    """

    TITLE = "vktrs"
    COMMANDS = App.COMMANDS | {StudioCommands}

    def __init__(
        self,
        folder: Path | None = None,
        images: ImagesMode = "none",
        theme: str | None = None,
        keymap: Keymap | None = None,
        settings: Settings | None = None,
        sources: ProjectSources | None = None,
    ) -> None:
        self._title = TerminalTitle()
        super().__init__()
        self.animation_level = "none"
        self.folder = folder
        self.images: ImagesMode = images
        self.keymap = read_keymap() if keymap is None else keymap
        self.settings = Settings() if settings is None else settings
        self.gpu_lines: tuple[GpuLine, ...] = ()
        self.project: Project | None = None
        self._sources = sources
        self._gpus = Gpus()
        self.typing_ahead = TypingAhead(self, super().on_event)
        self._watching: Worker[None] | None = None
        self._watcher: RunWatcher | None = None
        for each in THEMES:
            self.register_theme(each)
        self.stylesheet.set_variables(self.get_css_variables())  # one of them may be the theme that holds already
        if theme is not None:
            self.theme = theme

    def get_driver_class(self) -> type[Driver]:
        """The usual driver, which also tells the terminal its title."""
        return self._title.driver_class(super().get_driver_class())

    async def on_event(self, event: Event) -> None:
        """What happens; keys wait for one another."""
        if isinstance(event, Key) and not event.is_forwarded:
            if self.typing_ahead.take(event):
                self.attend(self.typing_ahead.work())
            return
        await super().on_event(event)

    async def on_mount(self) -> None:
        self.set_keymap(dict(self.keymap.keys))
        if self.folder is None:
            await self.push_screen(ProjectsScreen(self._sources, self.keymap))
        else:
            await self.open_project(self.folder)
        self.set_interval(GPU_SECONDS, lambda: self.at_the_door(self._read_gpus()))
        self.app_resume_signal.subscribe(self, self._resumed)

    def _resumed(self, _: App[Any]) -> None:
        """Back from the user's editor: the terminal has its own title again."""
        for screen in self.screen_stack:
            if isinstance(screen, Workspace):
                self.show_title(screen.run_view)

    async def open_project(self, folder: Path, make: bool = False) -> None:
        """Show the project in `folder`, in the place of another; with `make` its run is started."""
        project = Project.open(folder)
        if self._watching is not None:
            self._watching.cancel()
        if isinstance(self.screen, Workspace):
            await self.pop_screen()
        self.project = project
        remember(project.root)
        workspace = Workspace(project)
        await self.push_screen(workspace)
        self._watcher = RunWatcher(project, self._run_told)
        self._watching = self.attend(self._watcher.watch())
        if make:
            workspace.action_make_all()

    @on(ProjectsScreen.ProjectChosen)
    async def open_chosen(self, event: ProjectsScreen.ProjectChosen) -> None:
        """A project of the list."""
        await self.at_the_door(self.open_project(event.path))

    @on(ProjectsScreen.ProjectCreated)
    async def open_created(self, event: ProjectsScreen.ProjectCreated) -> None:
        """A new project; its first run starts at once."""
        await self.at_the_door(self.open_project(event.path, make=True))

    @on(WorkFailed)
    def log_failed_work(self, event: WorkFailed) -> None:
        """A screen has shown an error of its own; a fault of ours goes to the log too."""
        if not isinstance(event.error, VktrsError | OSError):
            log_fault(event.error)

    async def show_projects(self) -> None:
        """The list of projects, in the place of the one that is open."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if isinstance(self.screen, Workspace):
            await self.pop_screen()
        self.project = None
        self._title.show("vktrs")
        if not isinstance(self.screen, ProjectsScreen):
            await self.push_screen(ProjectsScreen(self._sources, self.keymap))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What of Textual's own the palette offers: the colours. All else is the table's, under its own name."""
        del screen
        yield SystemCommand("Colours", "Choose a theme for the studio itself", self.action_change_theme)

    def action_show_help(self) -> None:
        """Every key of the screen in front."""
        self.push_screen(HelpScreen(self._help_groups()))

    def _help_groups(self) -> Groups:
        if isinstance(self.screen, TakesScreen):
            return (("Takes", entries_of(self.screen.BINDINGS)),)
        if isinstance(self.screen, SignalsScreen):
            return (("Signals", entries_of(each for each in self.screen.BINDINGS if _is_told(each))),)
        shown = self.keymap.shown
        on_projects = isinstance(self.screen, ProjectsScreen)
        groups: Groups = tuple(
            (group.title, tuple((shown(each.id), each.label, each.help) for each in group.actions))
            for group in ((PROJECTS,) if on_projects else GROUPS)
        )
        moves = tuple((shown_keys(keys), label, sentence) for keys, label, sentence in PROJECT_LIST_KEYS)
        return (*groups, ("In the list", moves)) if on_projects else groups

    def action_leave_studio(self) -> None:
        """Leave; a run goes on."""
        self.exit(0)

    def started(self, run: Run) -> None:
        """Look at a run that was started here, and wait for its process: it would stay a zombie when it has ended."""
        if self._watcher is not None:
            self._watcher.look_soon()
        process = run.process
        if process is not None:
            self.attend(_ended(process.poll, asyncio.sleep))

    def _run_told(self, run: RunView | None) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Workspace):
                screen.post_message(RunAdvanced(run))
            elif isinstance(screen, LogScreen) and run is not None:
                screen.show(run)

    def show_title(self, run: RunView | None) -> None:
        """The title of the terminal tells how the run goes."""
        if self.project is not None:
            self._title.show(title_of(self.project.root.name, run))

    async def _read_gpus(self) -> None:
        lines = await asyncio.to_thread(self._gpus.read)
        if lines != self.gpu_lines:
            self.gpu_lines = lines
            for screen in self.screen_stack:
                if isinstance(screen, Workspace):
                    screen.show_run()

    def attend(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Do something beside everything else; whatever goes wrong with it comes through the door."""
        return self.run_worker(self.at_the_door(work), exit_on_error=False)

    async def at_the_door(self, work: Awaitable[Any]) -> None:
        """Wait for some work; what goes wrong with it is shown, and a fault of ours is logged."""
        try:
            await work
        except Exception as error:  # noqa: BLE001  the door: every failed worker is shown
            self.show_failure(error)

    async def run_action(
        self,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """An action, with its errors shown and not raised."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001  the same door: every failed action is shown
            self.show_failure(error)
            return True

    def show_failure(self, error: Exception) -> None:
        """Say what went wrong; a fault of ours goes to the log with its traceback."""
        if isinstance(error, VktrsError):
            text = f"{error.message} {error.hint}".strip()
        elif isinstance(error, OSError):
            text = f"{error.filename or 'A file'}: {error.strerror or error}."
        else:
            where = log_fault(error)
            text = (
                f"A fault of vktrs ({type(error).__name__}: {error}); nothing was lost. Please report it, with {where}."
            )
        screen = self.screen
        if isinstance(screen, Workspace):
            screen.message_line.fail(text)
        else:
            self.notify(text, severity="error", markup=False, timeout=10)


def log_fault(error: BaseException | str) -> Path:
    """Write a fault of ours with its traceback, or what is known of it, into the user's state folder; the file."""
    path = user_state_path("vktrs") / "studio.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        return path
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _log.addHandler(handler)
    try:
        if isinstance(error, str):
            _log.error("a fault that ended the studio\n%s", error)
        else:
            _log.error("a fault of the studio", exc_info=error)
    finally:
        _log.removeHandler(handler)
        handler.close()
    return path


def _is_told(binding: BindingType) -> bool:
    return isinstance(binding, Binding) and binding.show


async def _ended(poll: Callable[[], int | None], pause: Callable[[float], Awaitable[None]]) -> None:
    while poll() is None:
        await pause(1.0)
