"""What the studio looks like: a dozen views and their colours, each compared with a picture that a person has seen.

After a wanted change: `pytest tests/studio/test_snapshots.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

import asyncio
import html
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.studio.driving import Driven
from tests.studio.frozen import ALL_FRESH, FRESH, MISSING, Frozen, steady
from vktrs.engines.speech_models import FoundModel
from vktrs.runs.doctor import Finding
from vktrs.runs.takes import Take
from vktrs.storyboard.problems import Problem
from vktrs_tui.app import Studio
from vktrs_tui.clock import PlayClock
from vktrs_tui.recent import GONE, ProjectSummary, Recent
from vktrs_tui.screens.doctor import DoctorScreen
from vktrs_tui.screens.hear_again import HearAgainScreen
from vktrs_tui.screens.heard import HeardScreen
from vktrs_tui.screens.projects import ProjectSources
from vktrs_tui.screens.proposals import ProposalsScreen, ProposedLine
from vktrs_tui.screens.takes import TakesScreen
from vktrs_tui.view import Failure, Mark, RunView, SceneMarks, SignalStep, SignalSteps, StageProgress, StageRow

Compare = Callable[..., bool]
NOW = 1_760_000_000.0
SIZES = [(80, 24), (120, 40), (200, 60)]
THEMES = ("textual-dark", "textual-light", "high-contrast")

GOING = RunView(
    "20260101-000000-abcd",
    alive=True,
    began=1.0,
    stages=(
        StageProgress("keyframes", "done", 15, 15),
        StageProgress("variations", "begun", 45, 105, 6.3, 9.5, "scene 7"),
        StageProgress("clips", "begun", 5, 15, 1.2, 8.3, "scene 6"),
    ),
    scene="c5ny",
    artifacts=62,
)
FAILED = RunView(
    "20260101-000000-abcd",
    alive=False,
    exit=1,
    failures=(Failure("keyframes", "t8ra", "the model answered with a black picture.", "Change its prompt or seed."),),
)
FINDINGS = (
    Finding("python", True, "3.12"),
    Finding("ffmpeg", True, "7.1, with libx264 and libass"),
    Finding("disk", True, "120 GB free"),
    Finding("picture engines", True, "cppn"),
    Finding("speech models", False, "none is on this machine", "`pip install vktrs-tui[offline]` brings a small one"),
    Finding("GPU", None, "no driver is loaded"),
)


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Frozen:
    return Frozen(tmp_path / "daisy_bell", monkeypatch)


def studio(folder: Path | None, theme: str = "textual-dark", **options: object) -> Studio:
    """The app on a home folder without anything in it."""
    return Studio(folder, theme=theme, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_finished_project(snap_compare: Compare, frozen: Frozen, width: int, height: int) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("j", "j")

    app = studio(frozen.folder, images="halfcell")
    assert snap_compare(app, terminal_size=(width, height), run_before=frozen.opened(act))


@pytest.mark.parametrize("theme", THEMES)
def test_a_run_that_goes_on(snap_compare: Compare, frozen: Frozen, theme: str) -> None:
    going = SceneMarks(FRESH, Mark("running", 0.4), MISSING)
    frozen.marks = {number: SceneMarks(FRESH, MISSING, MISSING) for number in range(6, 16)} | {7: going}
    frozen.marks[6] = SceneMarks(FRESH, FRESH, Mark("running"))
    frozen.stages = tuple(StageRow(row.name, "missing", 0, 1) if row.name == "video" else row for row in ALL_FRESH)
    frozen.run = GOING
    app = studio(frozen.folder, theme=theme)
    assert snap_compare(app, terminal_size=(120, 40), run_before=frozen.opened())


def _hurt(frozen: Frozen) -> None:
    """A scene that failed, one that is too short, one that changed."""
    frozen.marks = {
        3: SceneMarks(Mark("failed", None, "the model answered with a black picture"), MISSING, MISSING),
        5: SceneMarks(Mark("stale", None, "prompt changed"), Mark("stale", 0.0), Mark("stale")),
    }
    frozen.problems = {
        3: (Problem("failed", "keyframes: the model answered with a black picture.", "Change its prompt or seed."),),
        9: (Problem("short", "It lasts 0.21 s.", "Merge it with its neighbour."),),
    }
    frozen.stages = tuple(_unfinished.get(row.name, row) for row in ALL_FRESH)
    frozen.run = FAILED


_unfinished = {
    "keyframes": StageRow("keyframes", "failed", 13, 15, ("scene 3: the model answered with a black picture",)),
    "variations": StageRow("variations", "stale", 91, 105, ("scene 5: prompt changed",)),
    "clips": StageRow("clips", "stale", 13, 15, ("scene 5: prompt changed",)),
    "video": StageRow("video", "missing", 0, 1),
}


@pytest.mark.parametrize("size", SIZES[:2], ids=["80x24", "120x40"])
def test_a_scene_that_failed_and_problems(snap_compare: Compare, frozen: Frozen, size: tuple[int, int]) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("n")
        await driven.says("Scene 3:")

    _hurt(frozen)
    assert snap_compare(studio(frozen.folder), terminal_size=size, run_before=frozen.opened(act))


def test_without_colour_every_state_is_seen(
    snap_compare: Compare, frozen: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("n")
        await driven.says("Scene 3:")
        await driven.press("v", "j", "j")

    monkeypatch.setenv("NO_COLOR", "1")
    _hurt(frozen)
    assert snap_compare(studio(frozen.folder), terminal_size=(120, 40), run_before=frozen.opened(act))


def test_a_value_that_is_refused_in_its_cell(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("j", "j", "left", "left", "enter", *["backspace"] * 12)
        await driven.type("half past")
        await driven.press("enter")

    assert snap_compare(studio(frozen.folder), terminal_size=(80, 24), run_before=frozen.opened(act))


def test_a_selection_and_matches(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("slash")
        await driven.type("daisy")
        await driven.press("enter", "v", "j", "j")

    assert snap_compare(studio(frozen.folder), terminal_size=(120, 40), run_before=frozen.opened(act))


def test_a_file_that_cannot_be_read(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        path = frozen.folder / "storyboard.toml"
        path.write_text(path.read_text("utf-8").replace("start = 8.0", "start = eight"), "utf-8")
        await driven.until(lambda: driven.workspace.view.fault, "seeing the fault")

    assert snap_compare(studio(frozen.folder), terminal_size=(80, 24), run_before=frozen.opened(act))


def test_the_clock_plays_and_a_word_is_lit(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        workspace = driven.workspace
        workspace.clock = PlayClock(lambda: 0.0, 60.0)
        workspace.seek_to(29.5)
        await driven.press("space")
        workspace.ticker.pause()

    app = studio(frozen.folder, theme="textual-light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=frozen.opened(act))


def test_takes(snap_compare: Compare, frozen: Frozen) -> None:
    prompts = ("golden daisies on crimson velvet, close up", "golden daisies at night", "one daisy, macro")

    async def act(driven: Driven) -> None:
        paths = [Path(f"pictures/scene-{number:02}.png") for number in (3, 4, 5)]
        shown = [
            Take("t8ra", f"{place}", path, NOW, place == 1, prompt, seed=1892 + place, engine="cppn", size=(512, 512))
            for place, (path, prompt) in enumerate(zip(paths, prompts, strict=True))
        ]
        screen = TakesScreen(3, shown, "halfcell", when=lambda _: "1 Jan 12:00")
        await driven.studio.push_screen(screen)
        await driven.pilot.pause()
        await driven.until(lambda: screen._next_undrawn() is None and not screen._drawing, "drawing")

    app = studio(frozen.folder, images="halfcell")
    assert snap_compare(app, terminal_size=(120, 40), run_before=frozen.opened(act))


def test_find_and_replace_with_its_preview(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("R")
        await driven.type("daisy")
        await driven.press("tab")
        await driven.type("Poppy")

    assert snap_compare(studio(frozen.folder), terminal_size=(100, 30), run_before=frozen.opened(act))


def test_proposals(snap_compare: Compare, frozen: Frozen) -> None:
    lines = (
        ProposedLine("t8ra", 3, "set", "text", "Daisy, Daisy!", "Daisy, [Daisy]!"),
        ProposedLine("t8ra", 3, "set", "start", 8.0, 8.125),
        ProposedLine("h3pz", 8, "left out", "text", "Give me", "Gimme", "you changed it too"),
    )

    async def act(driven: Driven) -> None:
        await driven.studio.push_screen(ProposalsScreen(lines))

    assert snap_compare(studio(frozen.folder), terminal_size=(100, 30), run_before=frozen.opened(act))


def test_what_was_heard_again(snap_compare: Compare, frozen: Frozen) -> None:
    lines = (
        ProposedLine("t8ra", 3, "set", "text", "Lazy, lazy!", "Daisy, [Daisy]!"),
        ProposedLine("t8ra", 3, "set", "start", 8.0, 8.125),
        ProposedLine("h3pz", 8, "left out", "text", "Give me", "Gimme", "this is yours"),
    )

    async def act(driven: Driven) -> None:
        await driven.studio.push_screen(HeardScreen(lines, "0:08.0 to 0:32.0 by small."))

    assert snap_compare(studio(frozen.folder), terminal_size=(100, 30), run_before=frozen.opened(act))


def test_what_is_to_be_heard_again(snap_compare: Compare, frozen: Frozen) -> None:
    models = [FoundModel(name, Path(name), "faster-whisper", 9) for name in ("large-v3", "small", "tiny.en")]

    async def act(driven: Driven) -> None:
        await driven.studio.push_screen(HearAgainScreen(models, "tiny.en", "en", ("t8ra",), "scene 3"))

    assert snap_compare(studio(frozen.folder), terminal_size=(80, 24), run_before=frozen.opened(act))


def test_help(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("question_mark")

    assert snap_compare(studio(frozen.folder), terminal_size=(100, 40), run_before=frozen.opened(act))


def test_doctor(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.studio.push_screen(DoctorScreen(_examined))
        await driven.until(lambda: driven.studio.screen.query(".finding"))

    assert snap_compare(studio(frozen.folder), terminal_size=(100, 30), run_before=frozen.opened(act))


def test_a_terminal_that_is_too_small(snap_compare: Compare, frozen: Frozen) -> None:
    assert snap_compare(studio(frozen.folder), terminal_size=(28, 7), run_before=frozen.opened())


async def _examined() -> Sequence[Finding]:
    return FINDINGS


def _sources(home: Path) -> ProjectSources:
    """Three projects and a folder that is gone, below a home that is not shown."""
    told = {
        home / "songs" / "daisy_bell": {"title": "Daisy Bell", "length": 60.0, "scenes": 15, "done": 1.0},
        home / "songs" / "night_train": {
            "title": "Night Train",
            "length": 214.5,
            "scenes": 62,
            "done": 0.45,
            "running": "20260101-000000-abcd",
        },
        home / "songs" / "broken": {"fault": "storyboard.toml:3:1: a value is missing"},
        home / "old" / "demo": {"fault": GONE, "gone": True},
    }
    entries = [Recent(path, NOW - 100.0 * 60**place) for place, path in enumerate(told)]
    summaries = {path: ProjectSummary(path, **values) for path, values in told.items()}  # type: ignore[arg-type]
    return ProjectSources(
        recent=lambda: entries,
        summarise=summaries.__getitem__,
        examine=_examined,
        now=lambda: NOW,
        base=home,
        home=home,
    )


def _moving(frozen: Frozen) -> None:
    """Two signals, and scenes that move with time."""
    path = frozen.folder / "storyboard.toml"
    text = path.read_text("utf-8").replace("[look]", _SIGNALS + "[look]", 1)
    path.write_text(text.replace("[[scenes]]", _MOVES + "\n[[scenes]]", 1), "utf-8")


_SIGNALS = """\
[signals.pulse]
source = "drums"
chain = "bandpass(40, 120) | rms | sustain(0.3)"

[signals.air]
source = "mix"
chain = "bandpass(2000, 8000) | rms"

"""
_MOVES = 'animation = "img2img"\nangle = "3 * sin(2 * ts)"\nzoom = "1.002 + 0.03 * pulse"'


class _Curves:
    """Waves that no machine draws otherwise."""

    async def steps(self, name: str, source: str, chain: str) -> SignalSteps:
        names = ["", *(each.strip() for each in chain.split("|"))]
        waves = ([abs(math.sin(n / (20 + 9 * k))) for n in range(600)] for k in range(len(names)))
        values = (tuple(round(each, 2) for each in wave) for wave in waves)
        both = zip(names, values, strict=True)
        return SignalSteps(60.0, tuple(SignalStep(name, 10.0, 0.0, own) for name, own in both))


async def _computed(driven: Driven) -> None:
    """The curves of what stands there are drawn; "computing" is not told any more."""

    def rests() -> bool:
        return all(each.is_finished for each in driven.studio.workers if each.group == "curves")

    await driven.until(lambda: rests() and "█" in driven.screen_text(), "drawing")


@pytest.mark.parametrize("size", SIZES[:2], ids=["80x24", "120x40"])
def test_signals(snap_compare: Compare, frozen: Frozen, size: tuple[int, int]) -> None:
    async def act(driven: Driven) -> None:
        driven.workspace.signal_source = _Curves()
        await driven.do("signals")
        await driven.press("enter", *["end", "space", "vertical_line", "space", "s"])
        await _computed(driven)

    _moving(frozen)
    assert snap_compare(studio(frozen.folder), terminal_size=size, run_before=frozen.opened(act))


def test_a_moving_scene_with_what_changes_in_it(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.press("j", "f2", "G")
        inspector = driven.workspace.inspector
        while inspector.field != "animation":
            await driven.press("k")

    _moving(frozen)
    assert snap_compare(studio(frozen.folder), terminal_size=(120, 44), run_before=frozen.opened(act))


def test_what_a_loop_would_be(snap_compare: Compare, frozen: Frozen) -> None:
    async def act(driven: Driven) -> None:
        await driven.do("edit.loop")
        await driven.press("right", "right", "right")
        await driven.shows("a round of")

    assert snap_compare(studio(frozen.folder), terminal_size=(80, 24), run_before=frozen.opened(act))


@pytest.mark.parametrize("size", SIZES[:2], ids=["80x24", "120x40"])
def test_projects(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await pilot.pause()
        await pilot.app.workers.wait_for_complete(list(pilot.app.screen.workers))
        await pilot.pause()

    assert snap_compare(studio(None, sources=_sources(tmp_path)), terminal_size=size, run_before=before)


def test_a_new_project(snap_compare: Compare, tmp_path: Path) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await pilot.press("n", *"https://example.org/watch?v=1")
        await pilot.press("tab", "tab", "tab", *"night, rain", "tab", *"x", "tab")
        await pilot.pause()
        steady(pilot.app)  # type: ignore[arg-type]

    assert snap_compare(studio(None, sources=_sources(tmp_path)), terminal_size=(100, 40), run_before=before)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_its_ground(frozen: Frozen, theme: str) -> None:
    """A contrast of 4.5 to 1 (WCAG 2, AA)."""
    pictures: list[str] = []

    async def act(driven: Driven) -> None:
        await driven.press("n")
        pictures.append(driven.studio.export_screenshot())
        await driven.press("v", "j", "j")
        pictures.append(driven.studio.export_screenshot())
        driven.workspace.signal_source = _Curves()
        await driven.do("signals")
        await driven.press("enter", "end", "space", "vertical_line", "space", "s")
        await _computed(driven)
        pictures.append(driven.studio.export_screenshot())
        await driven.press("z", "z")
        pictures.append(driven.studio.export_screenshot())

    async def played() -> None:
        app = studio(frozen.folder, theme=theme)
        async with app.run_test(size=(160, 50)) as pilot:
            await frozen.opened(act)(pilot)

    _hurt(frozen)
    _moving(frozen)
    asyncio.run(played())
    found = [text for picture in pictures for text in _texts(picture)]
    assert len(found) > 200
    weak = {(ratio, text) for text, ratio in found if ratio < 4.5}
    assert not weak, sorted(weak)


_CLASS = re.compile(r"\.(terminal-\d+-r\d+) \{ fill: (#[0-9a-f]{6})")
_GROUND = re.compile(r'<rect fill="(#[0-9a-f]{6})" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
_TEXT = re.compile(r'<text class="([^"]*)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
_LINE, _BASE = 24.4, 20.0
_DRAWN = set("╷▁▂▃▄▅▆▇█▌▍▎▏▊▋▐░─│┃║▔┌┐└┘╭╮╰╯ ")


def _texts(picture: str) -> list[tuple[str, float]]:
    """Every piece of text in an exported picture, with the contrast to what lies under it."""
    colours = dict(_CLASS.findall(picture))
    grounds = [
        (round(float(y) / _LINE), float(x), float(x) + float(width), fill)
        for fill, x, y, width in _GROUND.findall(picture)
    ]
    out = []
    for name, x, y, text in _TEXT.findall(picture):
        words = html.unescape(text).replace("\xa0", " ").strip()
        line = round((float(y) - _BASE) / _LINE)
        under = next((fill for row, left, right, fill in grounds if row == line and left - 0.1 <= float(x) < right), "")
        if words and under and name in colours and not set(words) <= _DRAWN:
            out.append((words, _contrast(colours[name], under)))
    return out


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return round((light + 0.05) / (dark + 0.05), 2)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
