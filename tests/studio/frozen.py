"""The sample project as it looks on every machine: its song is read, and the rest of what is shown is told here.

Energy, pictures, runs and clocks differ between machines in the last bit, by a name or by a second; here they stand
still. Storyboard, edits, problems and screens are real.
"""

from __future__ import annotations

import functools
import math
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.real.commands import vktrs
from tests.studio.driving import Driven
from vktrs.form import Section
from vktrs.runs.status import Status
from vktrs.stages import STAGES
from vktrs.storyboard.problems import Problem
from vktrs_tui.app import Studio
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.song_view import SongView
from vktrs_tui.view import Mark, RunView, SceneMarks, StageRow

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "daisy_bell"
FRESH, MISSING = Mark("fresh"), Mark("missing")
MADE = SceneMarks(FRESH, FRESH, FRESH)
ALL_FRESH = tuple(StageRow(name, "fresh", 1, 1) for name in STAGES)
DONE = RunView("20260101-000000-abcd", alive=False, exit=0, video="output.mp4")
COLOURS = ("#8c1c3c", "#1f7a6b", "#5b3a8c", "#c9a227", "#2d5da8")


@functools.cache
def _with_its_song() -> Path:
    import atexit

    place = Path(tempfile.mkdtemp(prefix="vktrs-frozen-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    shutil.copytree(SAMPLE, place / "daisy_bell")
    vktrs("run", place / "daisy_bell", "--to", "song")
    return place / "daisy_bell"


def song() -> SongView:
    """A minute of music in steps that no rounding moves: beats twice a second, a loud refrain in its second half."""
    hop = 0.25
    steps = (math.floor(4 + 3 * math.sin(n / 7) + (n % 3) + 6 * (n >= 96)) for n in range(240))
    beats = tuple(n / 2 for n in range(120))
    starts = (0.0, 12.0, 24.0, 36.0, 44.0, 52.0, 60.0)
    sections = tuple(Section(*each) for each in zip(starts, starts[1:], "ABCDEA", strict=False))
    return SongView(60.0, tuple(each / 16 + 0.03 for each in steps), hop, beats, beats[::4], 120.0, (), sections)


def pictures(folder: Path, count: int = 15) -> tuple[str, ...]:
    """A picture of two stripes for every scene, in a folder beside the project; their paths, from there."""
    place = folder.parent / "pictures"
    place.mkdir()
    for number in range(count):
        image = Image.new("RGB", (128, 128), COLOURS[number % 5])
        image.paste(COLOURS[(number + 2) % 5], (0, 64, 128, 128))
        image.save(place / f"scene-{number + 1:02}.png")
    return tuple(f"pictures/scene-{number + 1:02}.png" for number in range(count))


class Frozen:
    """A project whose state is told by the test: marks by the scene's number (from 1), stages, problems, a run."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        shutil.copytree(_with_its_song(), folder)
        self.folder = folder
        self.marks: dict[int, SceneMarks] = {}
        self.stages: tuple[StageRow, ...] = ALL_FRESH
        self.problems: dict[int, tuple[Problem, ...]] = {}
        self.run: RunView | None = DONE
        patch.chdir(folder.parent)  # pictures are shown by a path that says nothing of the machine
        self._pictures = pictures(folder)
        patch.setattr("vktrs_tui.desk.read_song_view", lambda *_: song())
        patch.setattr("vktrs_tui.desk.scene_marks", self._marks)
        patch.setattr("vktrs_tui.desk.stage_rows", lambda status: self.stages if status else ())
        patch.setattr("vktrs_tui.desk.problems_of", self._problems)
        patch.setattr("vktrs_tui.app.RunWatcher.watch", _nothing)
        patch.setattr("vktrs_tui.gpus.Gpus.read", lambda _: ())

    def _marks(self, status: Status) -> Mapping[str, SceneMarks]:
        marks = {}
        for number, scene in enumerate(status.board.scenes, start=1):
            told = self.marks.get(number, MADE)
            has = told.keyframe.state in ("fresh", "stale") and number <= len(self._pictures)
            picture = self._pictures[number - 1] if has else None
            marks[scene.id] = SceneMarks(told.keyframe, told.variations, told.clip, picture)
        return marks

    def _problems(self, status: Status, song: SongView) -> Mapping[str, tuple[Problem, ...]]:
        ids = [scene.id for scene in status.board.scenes]
        return {ids[number - 1]: found for number, found in self.problems.items()}

    def opened(self, act: Callable[[Driven], Awaitable[None]] | None = None) -> Callable[[Pilot[int]], Awaitable[None]]:
        """What is done before the picture is taken: the project is open, its run is told, then `act`."""

        async def before(pilot: Pilot[int]) -> None:
            studio = pilot.app
            assert isinstance(studio, Studio)
            driven = Driven(studio, pilot, self.folder)
            await driven.until(lambda: len(studio.screen_stack) > 1 and driven.workspace.view.stages, "opening")
            driven.workspace.post_message(RunAdvanced(self.run))
            await driven.until(lambda: driven.workspace.run_view == self.run)
            if act is not None:
                await act(driven)
            await drawn(driven)
            steady(studio)

        return before


async def drawn(driven: Driven) -> None:
    """The picture of the scene under the cursor is on the screen, where it is shown at all."""
    preview = driven.workspace.preview
    shown = preview.display and driven.workspace.query_one("#side").display
    await driven.pilot.pause()

    def rests() -> bool:  # there is no other way to know that it was read
        drawn = preview._path is None or (preview._looked is not None and not preview._following)
        return drawn and driven.workspace._resting is None  # the cursor was followed to where it stands

    if shown:
        await driven.until(rests, "drawing")
    await driven.pilot.pause()


def steady(studio: Studio) -> None:
    """No cursor blinks."""
    for field in studio.screen.query(Input):
        field.cursor_blink = False
    for area in studio.screen.query(TextArea):
        area.cursor_blink = False


async def _nothing(self: object) -> None:
    """No run is looked for."""
