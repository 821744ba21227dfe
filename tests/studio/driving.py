"""The studio driven as a person drives it: keys in, the screen and the file out, on real project folders."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from vktrs.project import Project
from vktrs.storyboard.model import Storyboard
from vktrs_tui.app import Studio
from vktrs_tui.workspace.screen import Workspace

PATIENCE = 30.0
"""Seconds after which a thing that should have happened is taken for one that does not."""


class Driven:
    """A studio under test."""

    def __init__(self, studio: Studio, pilot: Pilot[int], folder: Path) -> None:
        self.studio = studio
        self.pilot = pilot
        self.folder = folder

    @property
    def workspace(self) -> Workspace:
        screen = next(screen for screen in reversed(self.studio.screen_stack) if isinstance(screen, Workspace))
        assert isinstance(screen, Workspace)
        return screen

    @property
    def said(self) -> str:
        """The newest sentence."""
        return self.workspace.message_line.said

    def board(self) -> Storyboard:
        """What the file says now, read by somebody else."""
        return Project.open(self.folder).document().board

    def screen_text(self) -> str:
        """What is on the screen, its lines joined; by way of the picture that Textual exports."""
        lines: dict[float, list[tuple[float, str]]] = {}
        for x, y, text in _TEXT.findall(self.studio.export_screenshot()):
            lines.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
        return "\n".join("".join(text for _, text in sorted(line)) for _, line in sorted(lines.items()))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Letters, as keys."""
        await self.press(*(_NAMED.get(letter, letter) for letter in text))

    async def until(self, what: Callable[[], object], why: str = "") -> None:
        """Let the app work until something holds."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not what():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"{why or 'it'} did not happen; the studio says: {self.said!r}")
            await self.pilot.pause(0.02)


_TEXT = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
_NAMED = {" ": "space", ",": "comma", ".": "full_stop", "\n": "enter"}


def drive(
    folder: Path, play: Callable[[Driven], Awaitable[None]], size: tuple[int, int] = (120, 40), **options: object
) -> None:
    """Open the studio on a project and let `play` act; errors of the app are raised."""

    async def played() -> None:
        studio = Studio(folder, **options)  # type: ignore[arg-type]
        async with studio.run_test(size=size) as pilot:
            driven = Driven(studio, pilot, folder)
            await driven.until(lambda: driven.workspace.view.rows or driven.workspace.view.fault, "opening")
            await driven.until(lambda: driven.workspace.desk.status is not None or driven.workspace.view.fault)
            await pilot.pause()
            await play(driven)

    asyncio.run(played())
