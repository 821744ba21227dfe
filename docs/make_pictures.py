"""Draws the README's pictures: the real studio on the sample project, made for the purpose in a temporary folder.

    python docs/make_pictures.py

It writes docs/pictures/*.svg. A terminal is not needed; ffmpeg is, and half a minute. What moves (the share of a run
that is done) differs a little from time to time, everything else is the same each time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from vktrs_tui.app import Studio
from vktrs_tui.cli import main as vktrs
from vktrs_tui.view import StageProgress
from vktrs_tui.workspace.screen import Workspace

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_projects" / "daisy_bell"
PATIENCE = 300.0
_SCENE = 3
"""From 1: the one under the cursor."""


async def finished(pilot: Pilot[int]) -> None:
    """The video is made, and one scene is looked at."""
    await _made(pilot)
    await pilot.press("g", *["j"] * (_SCENE - 1), "tab")
    await _drawn(pilot)


async def small(pilot: Pilot[int]) -> None:
    """The same project in the smallest usual terminal, with the picture brought in by its key."""
    await _made(pilot)
    await pilot.press("g", *["j"] * (_SCENE - 1), "f3")
    await _drawn(pilot)


async def making(pilot: Pilot[int]) -> None:
    """Other pictures for all scenes: a run is in the middle of them."""
    await _made(pilot)
    await pilot.press("ctrl+a", "r", "escape", "A")
    await _until(pilot, lambda: any(each.name == "variations" and each.done > 36 for each in _stages(pilot)))
    await pilot.press("g", *["j"] * (_SCENE - 1))
    await _drawn(pilot)


PICTURES: dict[str, tuple[tuple[int, int], Callable[[Pilot[int]], Awaitable[None]]]] = {
    "workspace": ((120, 40), finished),
    "small": ((80, 24), small),
    "making": ((120, 40), making),
}


def _workspace(pilot: Pilot[int]) -> Workspace:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, Workspace))


def _stages(pilot: Pilot[int]) -> tuple[StageProgress, ...]:
    run = _workspace(pilot).run_view
    return run.stages if run is not None and run.alive else ()


async def _until(pilot: Pilot[int], what: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE
    while not what():
        if asyncio.get_running_loop().time() > end:
            raise SystemExit("The studio did not come to what is to be drawn.")
        await pilot.pause(0.02)


async def _made(pilot: Pilot[int]) -> None:
    """The project is open and everything of it was looked at."""
    await _until(pilot, lambda: len(pilot.app.screen_stack) > 1 and _workspace(pilot).view.stages)
    await _until(pilot, lambda: _workspace(pilot).run_view is not None)


async def _drawn(pilot: Pilot[int]) -> None:
    """Pictures are read when their scene stays under the cursor."""
    await pilot.pause(1.5)


async def _draw(folder: Path) -> None:
    place = HERE / "pictures"
    place.mkdir(exist_ok=True)
    for name, (size, play) in PICTURES.items():
        app = Studio(folder, images="halfcell", theme="textual-dark")
        async with app.run_test(size=size) as pilot:
            await play(pilot)
            picture = app.export_screenshot(title=f"vktrs {folder.name}")
        (place / f"{name}.svg").write_text(picture, "utf-8")
        sys.stderr.write(f"{place / name}.svg {len(picture) // 1000} kB\n")


def main() -> None:
    """Make the video, then draw; the temporary folder is shown in the pictures, so its name is always the same."""
    place = Path(tempfile.gettempdir()) / "songs"
    place.mkdir()  # what is there already is somebody else's
    try:
        os.environ.update({"XDG_STATE_HOME": str(place / ".state"), "XDG_CONFIG_HOME": str(place / ".config")})
        shutil.copytree(SAMPLE, place / "daisy_bell")
        if vktrs(["run", str(place / "daisy_bell")]):
            raise SystemExit("The video could not be made.")
        asyncio.run(_draw(place / "daisy_bell"))
        vktrs(["stop", "--now", str(place / "daisy_bell")])
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
