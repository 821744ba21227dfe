"""Asks for a folder, with completion. What makes a folder right is answered by the caller, before it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from vktrs.errors import VktrsError
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.path_input import PathInput


class OpenFolderScreen(Dialog[Path | None], TellsFailedWork):
    """Dismissed with what `take` made of the folder that was named; what it refuses is said and may be mended."""

    KEYS = "Tab or →  complete   Enter  take it   Esc  back"
    DEFAULT_CSS = """
    OpenFolderScreen #explanation { height: auto; color: $text-muted; }
    """

    def __init__(
        self, title: str, explanation: str, value: str, take: Callable[[Path], Awaitable[Path]], base: Path
    ) -> None:
        super().__init__()
        self._named = title
        self._explanation = explanation
        self._value = value
        self._take = take
        self._base = base

    def body(self) -> ComposeResult:
        """What is asked, and the line for the answer."""
        yield Static(self._explanation, id="explanation", markup=False)
        yield PathInput(self._value, base=self._base, suffixes=(), placeholder="a folder", id="folder")

    def on_mount(self) -> None:
        """What is asked for stands in the frame."""
        self.query_one("#frame").border_title = self._named

    @on(Input.Changed)
    def forget_what_was_wrong(self) -> None:
        """Another answer is another question."""
        self.say_wrong("")

    @on(Input.Submitted)
    @work(exclusive=True, exit_on_error=False)
    async def answer(self) -> None:
        """Give the folder to the caller, and leave where it is right."""
        path = self.query_one("#folder", PathInput).path
        if path is None:
            self.say_wrong("Name a folder.")
            return
        try:
            self.dismiss(await self._take(path))
        except VktrsError as error:
            self.say_wrong(str(error))
