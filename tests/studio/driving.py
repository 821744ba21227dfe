"""The studio driven as a person drives it: keys in, the screen and the file out, on real project folders."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.screen import Screen

from vktrs.errors import InputError
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs.storyboard.model import Storyboard
from vktrs_tui.app import Studio
from vktrs_tui.workspace.screen import Workspace

PATIENCE = 30.0
"""Seconds after which a thing that should have happened is taken for one that does not."""


async def until(
    pilot: Pilot[Any], what: Callable[[], object], why: str = "it", said: Callable[[], object] = lambda: ""
) -> None:
    """Let the app work until something holds; `said` tells of the app where it never does."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not what():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{why} did not happen; the app says: {said()!r}")
        await pilot.pause(0.02)


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

    async def hit(self, *keys: str) -> None:
        """The same keys, faster than the studio answers; it has taken them all once this is over."""
        for key in keys:
            character = key if len(key) == 1 else key_to_character(key)
            self.studio.post_message(Key(key, character))
        while self.studio.message_queue_size or not self.studio.typing_ahead.idle:
            await asyncio.sleep(0.001)
        await self.pilot.pause(0)

    async def type(self, text: str) -> None:
        """Letters, as keys."""
        for letter in text:
            send = self.press if letter.isascii() else self.hit  # Pilot knows no key for an emoji
            await send(_NAMED.get(letter, letter))

    async def do(self, *action_ids: str, times: int = 1) -> None:
        """Press the key of each of these actions of the table, so many times."""
        for action_id in action_ids:
            await self.press(*[self.studio.keymap.keys[action_id].split(",")[0]] * times)

    async def go(self, number: int, column: str | None = None) -> None:
        """To a scene by its number, and a column by its name, with the keys that move."""
        await self.do("cursor.first")
        if number > 1:
            await self.do("cursor.down", times=number - 1)
        if column is not None:
            await self.do("cursor.left", times=12)
            while self.workspace.table.cursor_column != column:
                before = self.workspace.table.cursor_column
                await self.do("cursor.right")
                assert self.workspace.table.cursor_column != before, f"there is no column {column}"

    async def says(self, *parts: str) -> None:
        """Wait until the newest sentence has all of these in it."""
        await self.until(lambda: all(part in self.said for part in parts), f"saying {parts}")

    async def shows(self, *parts: str) -> None:
        """Wait until all of these stand on the screen, which follows what the studio knows a message later."""
        await self.until(lambda: all(part in self.screen_text() for part in parts), f"showing {parts}")

    async def writes(self, what: Callable[[Storyboard], object], why: str = "writing that") -> None:
        """Wait until the file says so, read by somebody else."""
        await self.until(lambda: what(self.board()), why)

    async def asks(self, screen: type[Screen[Any]]) -> Screen[Any]:
        """Wait until that screen is in front."""
        await self.until(lambda: isinstance(self.studio.screen, screen), f"{screen.__name__}")
        await self.pilot.pause()
        return self.studio.screen

    async def until(self, what: Callable[[], object], why: str = "it") -> None:
        """Let the studio work until something holds."""
        await until(self.pilot, what, why, lambda: self.said)


def runs_asked_for(patch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What runs are asked for from here on; none is started."""
    requests: list[RunRequest] = []

    def start(_: object, request: RunRequest) -> control.Run:
        requests.append(request)
        raise InputError("Nothing is made here.", "")

    patch.setattr(control, "start", start)
    return requests


_TEXT = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
_NAMED = {" ": "space", ",": "comma", ".": "full_stop", "\n": "enter"}


def drive(
    folder: Path,
    play: Callable[[Driven], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    empty: bool = False,
    **options: object,
) -> None:
    """Open the studio on a project (`empty`: without scenes) and let `play` act; errors of the app are raised."""

    async def played() -> None:
        studio = Studio(folder, **options)  # type: ignore[arg-type]
        async with studio.run_test(size=size) as pilot:
            driven = Driven(studio, pilot, folder)
            await driven.until(lambda: driven.workspace.view.rows or driven.workspace.view.fault or empty, "opening")
            await driven.until(lambda: driven.workspace.desk.status is not None or driven.workspace.view.fault)
            await pilot.pause()
            await play(driven)

    asyncio.run(played())
