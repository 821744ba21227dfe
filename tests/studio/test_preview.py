"""The preview shows the picture of the scene that stays chosen, plays its cycle, and says what it cannot show."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.studio.driving import until
from vktrs_tui.decoding import Decoder
from vktrs_tui.halfcells import Halfcells, draw_halfcells
from vktrs_tui.images import ImagesMode
from vktrs_tui.widgets.failed_work import WorkFailed
from vktrs_tui.widgets.picture import HalfcellPicture
from vktrs_tui.widgets.preview import DEBOUNCE_SECONDS, HALFCELL_SECONDS, Preview

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class Shown(App[None]):
    CSS = "Preview { width: 30; height: 16; }"

    def __init__(
        self,
        mode: ImagesMode = "halfcell",
        draw: Callable[[Path, int, int], Halfcells] = draw_halfcells,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ):
        super().__init__()
        self.preview = Preview(mode, decoder=Decoder(draw), pause=pause)

    def compose(self) -> ComposeResult:
        yield self.preview

    def said(self) -> str:
        widget = self.query_one("#said", Static)
        return str(widget.content) if widget.display else ""

    def path(self) -> str:
        return str(self.query_one("#path", Static).content)

    def colour(self) -> tuple[int, int, int] | None:
        """The colour in the middle of the shown picture."""
        picture = self.query_one(HalfcellPicture)
        drawn = picture.drawn
        if drawn is None or not picture.display:
            return None
        style = next(iter(drawn.lines[len(drawn.lines) // 2])).style
        assert style is not None and style.bgcolor is not None
        triplet = style.bgcolor.triplet
        assert triplet is not None
        return (triplet.red, triplet.green, triplet.blue)

    async def settled(self, pilot: Pilot[None]) -> None:
        """Until everything that was asked for is read and painted."""
        await pilot.pause()
        await self.workers.wait_for_complete()
        await pilot.pause()


def drive(app: Shown, steps: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> None:
    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await steps(pilot)

    asyncio.run(run())


def plain(folder: Path, name: str, colour: tuple[int, int, int], size: tuple[int, int] = (32, 32)) -> Path:
    path = folder / f"{name}.png"
    Image.new("RGB", size, colour).save(path)
    return path


class Recorder:
    """Draws like the product and remembers what; tells when so many were drawn."""

    def __init__(self, enough: int = 10**6) -> None:
        self.drawn: list[str] = []
        self.enough = enough
        self.reached = threading.Event()

    def __call__(self, path: Path, columns: int, rows: int) -> Halfcells:
        self.drawn.append(path.stem)
        result = draw_halfcells(path, columns, rows)
        if len(self.drawn) >= self.enough:
            self.reached.set()
        return result


def test_the_keyframe_fills_the_pane_and_keeps_its_shape(tmp_path: Path) -> None:
    app = Shown()

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(plain(tmp_path, "wide", RED, (64, 32)))
        await app.settled(pilot)
        drawn = app.query_one(HalfcellPicture).drawn
        assert drawn is not None and (drawn.columns, len(drawn.lines)) == (30, 8)
        assert app.colour() == RED
        assert app.said() == ""
        assert app.path().endswith("wide.png") and len(app.path()) <= 30
        # the shape of the terminal changes, that of the picture does not
        app.preview.styles.width = 12
        await app.settled(pilot)
        drawn = app.query_one(HalfcellPicture).drawn
        assert drawn is not None and (drawn.columns, len(drawn.lines)) == (12, 3)

    drive(app, steps)


def test_what_is_painted_are_the_halves_of_the_cells(tmp_path: Path) -> None:
    app = Shown()
    image = Image.new("RGB", (30, 30), RED)
    image.paste(BLUE, (0, 0, 30, 1))
    image.save(tmp_path / "p.png")

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(tmp_path / "p.png")
        await app.settled(pilot)
        picture = app.query_one(HalfcellPicture)
        lines = [picture.render_line(y) for y in range(picture.size.height)]
        assert [line.cell_length for line in lines] == [30] * 15
        assert lines[0].text == "▀" * 30 and lines[1].text == " " * 30

    drive(app, steps)


def test_shown_before_it_is_mounted_it_is_there_after(tmp_path: Path) -> None:
    app = Shown()
    app.preview.show(plain(tmp_path, "a", GREEN))
    app.preview.play()

    async def steps(pilot: Pilot[None]) -> None:
        await app.settled(pilot)
        assert app.colour() == GREEN
        assert app.preview.playing and app.path().startswith("► no cycle yet")

    drive(app, steps)


def test_without_a_picture_it_says_the_given_sentence_as_typed() -> None:
    app = Shown()

    async def steps(pilot: Pilot[None]) -> None:
        await app.settled(pilot)
        assert app.said() == "No picture yet."
        app.preview.show(None, caption="Scene 3 [/x] [b]has[/b] none: `M` makes it.")
        await app.settled(pilot)
        assert app.said() == "Scene 3 [/x] [b]has[/b] none: `M` makes it."
        assert app.path() == ""

    drive(app, steps)


def test_a_picture_that_is_damaged_or_gone_is_said_and_the_next_one_shown(tmp_path: Path) -> None:
    app = Shown()
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all")

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(bad)
        await app.settled(pilot)
        assert "cannot be shown: it is no picture" in app.said()
        assert app.path().endswith("bad.png")
        app.preview.show(tmp_path / "gone.png")
        await app.settled(pilot)
        assert "not there any more" in app.said()
        app.preview.show(plain(tmp_path, "good", BLUE))
        await app.settled(pilot)
        assert (app.said(), app.colour()) == ("", BLUE)
        # and one that is made anew under its name is seen when it is shown again
        plain(tmp_path, "bad", GREEN)
        app.preview.show(bad)
        await app.settled(pilot)
        assert (app.said(), app.colour()) == ("", GREEN)

    drive(app, steps)


def test_a_fault_of_ours_is_shown_and_told_and_the_next_picture_is_shown(tmp_path: Path) -> None:
    def draw(path: Path, columns: int, rows: int) -> Halfcells:
        if path.stem == "odd":
            raise ZeroDivisionError("[/x]")
        return draw_halfcells(path, columns, rows)

    app = Shown(draw=draw)
    told: list[BaseException] = []

    async def run() -> None:
        def note(message: object) -> None:
            if isinstance(message, WorkFailed):
                told.append(message.error)

        async with app.run_test(message_hook=note) as pilot:
            app.preview.show(plain(tmp_path, "odd", RED))
            await until(pilot, lambda: "ZeroDivisionError: [/x]" in app.said(), "the fault is shown")
            await until(pilot, lambda: told, "the app is told")
            app.preview.show(plain(tmp_path, "good", BLUE))
            await until(pilot, lambda: (app.said(), app.colour()) == ("", BLUE), "the next picture")

    asyncio.run(run())
    assert {type(each) for each in told} == {ZeroDivisionError}


def test_the_same_picture_is_not_read_again_until_its_file_changes(tmp_path: Path) -> None:
    recorder = Recorder()
    app = Shown(draw=recorder)
    path = plain(tmp_path, "a", RED)

    async def steps(pilot: Pilot[None]) -> None:
        for _ in range(3):
            app.preview.show(path)
            await app.settled(pilot)
        assert recorder.drawn == ["a"]
        plain(tmp_path, "a", BLUE, (64, 64))
        app.preview.show(path)
        await app.settled(pilot)
        assert recorder.drawn == ["a", "a"] and app.colour() == BLUE

    drive(app, steps)


def test_of_scenes_that_pass_by_only_the_last_is_read(tmp_path: Path) -> None:
    recorder = Recorder()
    rested = asyncio.Event()

    async def pause(seconds: float) -> None:
        assert seconds == DEBOUNCE_SECONDS
        await rested.wait()

    app = Shown(draw=recorder, pause=pause)
    paths = [plain(tmp_path, str(number), GREEN) for number in range(20)]

    async def steps(pilot: Pilot[None]) -> None:
        for path in paths:
            app.preview.show(path)
            await pilot.pause()
        assert recorder.drawn == []
        rested.set()
        await app.settled(pilot)
        assert recorder.drawn == ["19"]
        assert app.path().endswith("19.png")

    drive(app, steps)


def test_a_slow_picture_that_is_not_wanted_any_more_is_not_shown(tmp_path: Path) -> None:
    slow, quick = plain(tmp_path, "slow", RED), plain(tmp_path, "quick", BLUE)
    begun, go_on = threading.Event(), threading.Event()

    def draw(path: Path, columns: int, rows: int) -> Halfcells:
        if path == slow:
            begun.set()
            assert go_on.wait(10)
        return draw_halfcells(path, columns, rows)

    app = Shown(draw=draw)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(slow)
        await pilot.pause()
        assert await asyncio.to_thread(begun.wait, 10)
        app.preview.show(quick)
        go_on.set()
        await app.settled(pilot)
        assert app.colour() == BLUE

    drive(app, steps)


def test_the_cycle_is_played_in_its_order_and_pausing_shows_the_keyframe(tmp_path: Path) -> None:
    recorder = Recorder(enough=3)
    app = Shown(draw=recorder)
    key, second, third = (plain(tmp_path, name, colour) for name, colour in zip("kcb", (RED, GREEN, BLUE), strict=True))

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(key, (key, second, third))
        await app.settled(pilot)
        assert recorder.drawn == ["k"] and not app.path().startswith("►")
        assert app.preview.play()
        assert app.path().startswith("► 1/3 ")
        assert await asyncio.to_thread(recorder.reached.wait, 10)
        assert recorder.drawn[:3] == ["k", "c", "b"]
        app.preview.pause()
        await app.settled(pilot)
        assert app.colour() == RED and not app.path().startswith("►") and not app.preview.playing
        assert sorted(recorder.drawn) == ["b", "c", "k"]  # once round: the second time costs nothing

    drive(app, steps)


def test_a_scene_without_a_cycle_cannot_be_played_but_the_next_one_is(tmp_path: Path) -> None:
    recorder = Recorder(enough=2)
    app = Shown(draw=recorder)
    key, other = plain(tmp_path, "a", RED), plain(tmp_path, "b", GREEN)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(key)
        assert not app.preview.play()
        app.preview.show(key, (key, other))
        assert await asyncio.to_thread(recorder.reached.wait, 10)
        assert recorder.drawn == ["a", "b"]
        app.preview.pause()

    drive(app, steps)


def test_a_picture_missing_in_a_playing_cycle_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    recorder = Recorder(enough=2)
    app = Shown(draw=recorder)
    key, other = plain(tmp_path, "a", RED), plain(tmp_path, "b", GREEN)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(key, (key, tmp_path / "gone.png", other))
        app.preview.play()
        assert await asyncio.to_thread(recorder.reached.wait, 10)
        app.preview.pause()
        await app.settled(pilot)
        assert (app.said(), app.colour()) == ("", RED)

    drive(app, steps)


def test_nothing_is_played_behind_another_screen(tmp_path: Path) -> None:
    app = Shown()
    key, other = plain(tmp_path, "a", RED), plain(tmp_path, "b", GREEN)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(key, (key, other))
        await app.settled(pilot)
        app.push_screen(ModalScreen())
        await pilot.pause()
        turns = asyncio.Semaphore(0)
        app.preview.play()
        app.set_interval(HALFCELL_SECONDS, turns.release)
        for _ in range(3):
            await turns.acquire()
        assert app.path().startswith("► 1/2")
        app.preview.pause()

    drive(app, steps)


def test_only_the_lines_that_differ_are_painted_again(tmp_path: Path) -> None:
    app = Shown()
    one = plain(tmp_path, "a", RED, (30, 30))
    image = Image.new("RGB", (30, 30), RED)
    image.paste(BLUE, (0, 4, 30, 6))
    image.save(tmp_path / "b.png")
    painted: list[int] = []

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(one)
        await app.settled(pilot)
        picture = app.query_one(HalfcellPicture)
        render_line = picture.render_line
        picture.render_line = lambda y: (painted.append(y), render_line(y))[1]  # type: ignore[method-assign,func-returns-value]
        app.preview.show(tmp_path / "b.png")
        await app.settled(pilot)
        assert painted == [2]

    drive(app, steps)


def test_without_pictures_it_tells_in_words(tmp_path: Path) -> None:
    app = Shown("none")

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(plain(tmp_path, "a", RED, (64, 48)))
        await app.settled(pilot)
        assert "64x48 pixels" in app.said()
        assert app.path().endswith("a.png")
        assert not app.query(HalfcellPicture)
        (tmp_path / "a.png").unlink()
        app.preview.show(tmp_path / "a.png")
        await app.settled(pilot)
        assert "gone or damaged" in app.said()

    drive(app, steps)


@pytest.mark.parametrize("mode", ["sixel", "kitty"])
def test_graphics_are_given_the_scaled_picture_and_a_broken_one_is_said(mode: ImagesMode, tmp_path: Path) -> None:
    app = Shown(mode)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.show(plain(tmp_path, "a", RED, (2000, 1000)))
        await app.settled(pilot)
        shown = app.query_one("#picture")
        image = getattr(shown, "image", None)
        assert isinstance(image, Image.Image) and image.size == (300, 160)
        assert shown.display and app.said() == ""
        app.preview.show(tmp_path / "gone.png")
        await app.settled(pilot)
        assert "not there any more" in app.said() and not shown.display

    drive(app, steps)


def test_a_hidden_preview_reads_nothing_until_it_is_seen(tmp_path: Path) -> None:
    recorder = Recorder()
    app = Shown(draw=recorder)

    async def steps(pilot: Pilot[None]) -> None:
        app.preview.display = False
        await pilot.pause()
        app.preview.show(plain(tmp_path, "a", RED))
        await app.settled(pilot)
        before = list(recorder.drawn)
        app.preview.display = True
        await app.settled(pilot)
        assert (before, recorder.drawn) == ([], ["a"])

    drive(app, steps)


def test_the_tooltip_has_the_whole_path(tmp_path: Path) -> None:
    app = Shown()
    folder = tmp_path / ("[b]" + "x" * 60)
    folder.mkdir()

    async def steps(pilot: Pilot[None]) -> None:
        path = plain(folder, "a", RED)
        app.preview.show(path)
        await app.settled(pilot)
        assert app.query_one("#path").tooltip == Content(str(path))
        assert "…" in app.path() and len(app.path()) == 30

    drive(app, steps)
