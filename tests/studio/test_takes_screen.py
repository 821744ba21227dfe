"""The takes of a scene side by side: what a card tells, how one moves, and what the screen answers with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from tests.studio.driving import until
from vktrs.runs.takes import Take
from vktrs_tui.decoding import Decoder
from vktrs_tui.halfcells import Halfcells, draw_halfcells
from vktrs_tui.images import ImagesMode
from vktrs_tui.screens.takes import Choose, Delete, Reroll, TakeAction, TakeCard, TakesScreen, facts
from vktrs_tui.widgets.failed_work import WorkFailed
from vktrs_tui.widgets.picture import HalfcellPicture

NOBODY = "nobody answered"


def when(seconds: float) -> str:
    return f"day {seconds:g}"


def make_takes(folder: Path, count: int = 5, current: int = 3) -> tuple[Take, ...]:
    out = []
    for number in range(1, count + 1):
        path = folder / f"{number}.png"
        Image.new("RGB", (32, 32), (number * 40 % 256, 80, 80)).save(path)
        out.append(
            Take(
                "aaaa",
                str(number),
                path,
                float(number),
                number == current,
                prompt=f"prompt [/x] number {number}",
                seed=1000 + number,
                engine="cppn",
                size=(32, 32),
            )
        )
    return tuple(out)


class Asking(App[None]):
    def __init__(
        self,
        takes: tuple[Take, ...],
        mode: ImagesMode = "halfcell",
        draw: Callable[[Path, int, int], Halfcells] = draw_halfcells,
    ) -> None:
        super().__init__()
        self.takes = takes
        self.mode: ImagesMode = mode
        self.draw = draw
        self.answer: TakeAction | str | None = NOBODY

    def on_mount(self) -> None:
        self.push_screen(TakesScreen(7, self.takes, self.mode, decoder=Decoder(self.draw), when=when), self.keep)

    def keep(self, answer: TakeAction | None) -> None:
        self.answer = answer

    def cards(self) -> list[str]:
        """The titles of the cards on the screen, from left to right."""
        return [str(card.border_title) for card in self.screen.query(TakeCard)]

    def chosen(self) -> str:
        (card,) = self.screen.query(".-chosen").results(TakeCard)
        return str(card.border_title)

    def state(self) -> str:
        return str(self.screen.query_one("#state", Static).content)

    async def settled(self, pilot: Pilot[None]) -> None:
        await pilot.pause()
        await self.workers.wait_for_complete()
        await pilot.pause()


def drive(app: Asking, steps: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (120, 40)) -> None:
    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await app.settled(pilot)
            await steps(pilot)

    asyncio.run(run())


def pressed(app: Asking, *keys: str, size: tuple[int, int] = (120, 40)) -> TakeAction | str | None:
    """What the screen answers after those keys."""

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await app.settled(pilot)

    drive(app, steps, size)
    return app.answer


@pytest.mark.parametrize(("size", "fit"), [((80, 24), 3), ((120, 40), 4), ((200, 60), 5)])
def test_as_many_takes_as_fit_stand_side_by_side_with_their_pictures(
    size: tuple[int, int], fit: int, tmp_path: Path
) -> None:
    app = Asking(make_takes(tmp_path))

    async def steps(pilot: Pilot[None]) -> None:
        assert len(app.cards()) == fit
        assert app.chosen() == "► take 3 ✓ current"
        for card in app.screen.query(TakeCard):
            drawn = card.query_one(HalfcellPicture).drawn
            assert drawn is not None and len(drawn.lines) >= 3 and drawn.columns <= card.room[0]
            prompt = card.query_one(".prompt", Static)
            assert "[/x]" in str(prompt.content) and prompt.region.height >= 1
            assert card.region.bottom <= app.screen.query_one("#state").region.y
        assert app.screen.query_one("#keys").region.bottom <= size[1]
        more = f", {5 - fit} more beside these" if fit < 5 else ""
        assert app.state() == f"3 of 5{more}"

    drive(app, steps, size)


def test_one_moves_with_arrows_and_letters_and_chooses(tmp_path: Path) -> None:
    takes = make_takes(tmp_path)
    app = Asking(takes)

    async def steps(pilot: Pilot[None]) -> None:
        for earlier, later in (("h", "l"), ("left", "right"), ("k", "j"), ("up", "down")):
            await pilot.press(earlier)
            assert app.chosen() == "► take 2"
            await pilot.press(later, later)
            assert app.chosen() == "► take 4"
            await pilot.press(earlier)
        for first, last in (("g", "G"), ("home", "end")):
            await pilot.press(first)
            assert app.chosen() == "► take 1"
            await pilot.press(last)
            assert app.chosen() == "► take 5"
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == Choose(takes[4])

    drive(app, steps)


def test_the_cards_follow_to_the_ends_and_stay_there(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path, 8, 1))

    async def steps(pilot: Pilot[None]) -> None:
        assert app.cards() == ["► take 1 ✓ current", "take 2", "take 3"]
        await pilot.press("h")
        assert app.chosen() == "► take 1 ✓ current"
        await pilot.press(*"lllllllll")
        await app.settled(pilot)
        assert app.cards() == ["take 6", "take 7", "► take 8"]
        cards = list(app.screen.query(TakeCard))
        assert [card.drawn_for and card.drawn_for[0].key for card in cards] == ["6", "7", "8"]
        await pilot.press("h", "h", "h")
        assert app.cards() == ["► take 5", "take 6", "take 7"]

    drive(app, steps, (80, 24))


def test_a_change_of_the_terminals_size_changes_how_many_there_are(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path, 8, 8))

    async def steps(pilot: Pilot[None]) -> None:
        assert len(app.cards()) == 4
        await pilot.resize_terminal(80, 24)
        await app.settled(pilot)
        assert app.cards() == ["take 6", "take 7", "► take 8 ✓ current"]
        await pilot.resize_terminal(200, 50)
        await app.settled(pilot)
        assert len(app.cards()) == 8

    drive(app, steps)


def test_choosing_the_current_take_is_no_change(tmp_path: Path) -> None:
    assert pressed(Asking(make_takes(tmp_path)), "enter") is None


def test_escape_leaves_without_change(tmp_path: Path) -> None:
    assert pressed(Asking(make_takes(tmp_path)), "l", "d", "escape") is None


@pytest.mark.parametrize(
    ("keys", "count"),
    [(["r"], 1), (["3", "r"], 3), (["1", "2", "r"], 12), (["9", "9", "r"], 16), (["0", "r"], 1), (["3", "l", "r"], 1)],
)
def test_more_takes_can_be_asked_for(keys: list[str], count: int, tmp_path: Path) -> None:
    assert pressed(Asking(make_takes(tmp_path)), *keys) == Reroll(count)


@pytest.mark.parametrize("key", ["d", "x", "delete"])
def test_a_take_is_deleted_by_a_second_press(key: str, tmp_path: Path) -> None:
    takes = make_takes(tmp_path)
    app = Asking(takes)

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l", key)
        assert app.answer == NOBODY
        assert app.state() == "Press d again to delete take 4 for good. Any other key keeps it."
        await pilot.press(key)
        await pilot.pause()
        assert app.answer == Delete(takes[3])

    drive(app, steps)


@pytest.mark.parametrize("between", ["o", "h", "z", "5"])
def test_any_other_key_keeps_the_take(between: str, tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path))

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l", "d", between, "d")
        await pilot.pause()
        assert app.answer == NOBODY
        assert app.state().startswith("Press d again")

    drive(app, steps)


def test_of_the_current_take_it_is_said_that_it_comes_back(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path))

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("d")
        assert "the next run makes it again" in app.state()

    drive(app, steps)


def test_the_whole_path_can_be_asked_for(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path))

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("o")
        assert app.state() == str(tmp_path / "3.png")

    drive(app, steps)


def test_a_damaged_take_is_shown_in_words_and_only_deleted(tmp_path: Path) -> None:
    whole, other = make_takes(tmp_path, 2, 1)
    other.path.write_bytes(b"")
    damaged = replace(other, damaged="it is no PNG", prompt="", seed=None, size=None)
    app = Asking((whole, damaged))

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l", "enter")
        assert app.answer == NOBODY
        assert "cannot be read (it is no PNG)" in app.state()
        await pilot.press("d", "d")
        await pilot.pause()
        assert app.answer == Delete(damaged)

    drive(app, steps)


def test_a_take_that_vanishes_meanwhile_leaves_its_words(tmp_path: Path) -> None:
    takes = make_takes(tmp_path)
    takes[0].path.unlink()
    app = Asking(takes)

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("g")
        await app.settled(pilot)
        (first, *_) = app.screen.query(TakeCard)
        assert first.query_one(HalfcellPicture).drawn is None
        assert "seed 1001" in str(first.query_one(".facts", Static).content)

    drive(app, steps)


def test_a_fault_of_ours_is_shown_and_told_and_the_takes_can_still_be_chosen(tmp_path: Path) -> None:
    def draw(path: Path, columns: int, rows: int) -> Halfcells:
        raise ZeroDivisionError("[/x]")

    takes = make_takes(tmp_path)
    app = Asking(takes, draw=draw)
    told: list[str] = []

    async def run() -> None:
        async with app.run_test(message_hook=lambda each: told.append(type(each).__name__)) as pilot:
            await until(pilot, lambda: "ZeroDivisionError: [/x]" in app.state(), "the fault is shown")
            await until(pilot, lambda: WorkFailed.__name__ in told, "the app is told")
            await pilot.press("l", "enter")
            await until(pilot, lambda: app.answer == Choose(takes[3]), "an answer")

    asyncio.run(run())


def test_a_scene_without_takes_offers_to_make_one(tmp_path: Path) -> None:
    app = Asking(())

    async def steps(pilot: Pilot[None]) -> None:
        assert "no take" in str(app.screen.query_one("#empty", Static).content)
        await pilot.press("l", "enter", "d", "o", "5")
        assert app.answer == NOBODY
        await pilot.press("r")
        await pilot.pause()
        assert app.answer == Reroll(1)

    drive(app, steps)


@pytest.mark.parametrize("mode", ["sixel", "kitty"])
def test_there_is_never_a_grid_of_sixels(mode: ImagesMode, tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path), mode)

    async def steps(pilot: Pilot[None]) -> None:
        assert all(card.query_one(HalfcellPicture).drawn is not None for card in app.screen.query(TakeCard))

    drive(app, steps)


def test_without_pictures_the_takes_are_told_in_words(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path), "none")

    async def steps(pilot: Pilot[None]) -> None:
        assert len(app.cards()) == 4
        assert not app.screen.query(HalfcellPicture)

    drive(app, steps)


def test_what_is_known_of_a_take_is_told_in_short_lines(tmp_path: Path) -> None:
    (take,) = make_takes(tmp_path, 1)
    assert facts(take, when) == ["day 1", "seed 1001", "cppn 32x32"]
    assert facts(replace(take, negative_prompt="blurry"), when)[-1] == "not: blurry"
    own = replace(take, seed=None, engine="", picture="ab" * 16)
    assert facts(own, when) == ["day 1", "from your own picture", "32x32"]
    assert facts(replace(take, damaged="cut short"), when) == ["day 1", "damaged: cut short"]


def test_the_keys_are_told_by_the_help_and_a_deletion_is_not_pending_after_it(tmp_path: Path) -> None:
    app = Asking(make_takes(tmp_path))
    helped: list[bool] = []
    app.action_show_help = lambda: helped.append(True)  # type: ignore[attr-defined]

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("d")
        assert "Press d again" in app.state()
        await pilot.press("question_mark")
        assert helped == [True]
        assert app.state().startswith("3 of 5")
        await pilot.press("d")
        assert app.answer == NOBODY
        assert "Press d again" in app.state()

    drive(app, steps)
