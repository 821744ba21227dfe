"""The screens about runs: what the log shows and how it follows, what a run is asked for, what the title says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from textual.app import App
from textual.containers import VerticalScroll
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.widgets import Static

from tests.studio.driving import until
from vktrs.engines.pictures import Estimate
from vktrs.runs.control import RunRequest
from vktrs.runs.estimate import Expected
from vktrs_tui.costs import cost, is_asked_for
from vktrs_tui.screens.log import LogScreen
from vktrs_tui.screens.run_options import RunOptionsScreen, told
from vktrs_tui.terminal_title import TerminalTitle, set_terminal_title, title_of
from vktrs_tui.view import Failure, RunView, StageProgress

RUN = RunView("20260101-000000-aaaa", alive=True, log="/p/.vktrs/runs/r/log.txt")
FAILED = replace(
    RUN,
    alive=False,
    exit=1,
    remarks=("[chorus] la", "[/x]"),
    failures=(Failure("keyframes", "bbbb", "refused [/b]", "Change the prompt."),),
)
NUMBERS = {"aaaa": 1, "bbbb": 2, "cccc": 3, "dddd": 4, "eeee": 5}


class Log:
    """A log that a test writes; counts how often it was read."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        self.read = 0

    async def tail(self, path: str) -> tuple[str, ...]:
        assert path == RUN.log
        self.read += 1
        return self.lines


def with_log(
    run: RunView | None, log: Log, do: Callable[[LogScreen, Pilot[None]], Awaitable[Any]], height: int = 24
) -> Any:
    async def act() -> Any:
        app: App[None] = App()
        async with app.run_test(size=(80, height)) as pilot:
            screen = LogScreen(run, log.tail)
            await app.push_screen(screen)
            await app.workers.wait_for_complete()
            await pilot.pause()
            return await do(screen, pilot)

    return asyncio.run(act())


async def text_of(screen: LogScreen, pilot: Pilot[None]) -> str:
    return screen.text


async def head_of(screen: LogScreen, pilot: Pilot[None]) -> str:
    return str(screen.query_one("#log-head", Static).content)


def scroll(screen: LogScreen) -> VerticalScroll:
    return screen.query_one(VerticalScroll)


def test_the_log_shows_remarks_failures_and_the_end_of_the_file_as_they_were_written() -> None:
    assert with_log(FAILED, Log("Traceback [1]", "last"), text_of).splitlines() == [
        "── log.txt ──",
        "Traceback [1]",
        "last",
        "── remarks ──",
        "[chorus] la",
        "[/x]",
        "── failures ──",
        "✗ scene bbbb, keyframes: refused [/b]",
        "  Change the prompt.",
    ]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (None, "There was no run yet."),
        (RUN, "going on"),
        (FAILED, "failed (exit code 1)"),
        (replace(RUN, alive=False, exit=130), "stopped"),
        (replace(RUN, alive=False, exit=0, video="output.mp4"), "done, output.mp4 written"),
        (replace(RUN, alive=False, died=True), "died without a word"),
    ],
)
def test_the_head_names_the_run_its_state_and_its_log(run: RunView | None, said: str) -> None:
    head = with_log(run, Log(), head_of)
    assert said in head
    assert run is None or (run.id in head and head.endswith(f"log: {run.log}"))


def test_a_run_that_said_nothing_says_so() -> None:
    assert with_log(RUN, Log(), text_of) == "It has said nothing yet."


def test_the_newest_line_stays_in_sight_unless_one_has_scrolled_up() -> None:
    async def follow(screen: LogScreen, pilot: Pilot[None]) -> None:
        async def say(count: int) -> None:
            screen.show(replace(RUN, remarks=tuple(f"remark {each}" for each in range(count))))
            await pilot.pause()
            await pilot.pause()

        await say(50)
        assert scroll(screen).scroll_offset.y == scroll(screen).max_scroll_y > 0
        await say(60)
        assert scroll(screen).scroll_offset.y == scroll(screen).max_scroll_y
        await pilot.press("k")
        above = scroll(screen).scroll_offset.y
        assert above == scroll(screen).max_scroll_y - 1
        await say(70)
        assert scroll(screen).scroll_offset.y == above
        await pilot.press("g")
        assert scroll(screen).scroll_offset.y == 0
        await pilot.press("G")
        await say(80)
        assert scroll(screen).scroll_offset.y == scroll(screen).max_scroll_y

    with_log(RUN, Log(), follow, height=12)


def test_the_log_file_is_read_again_when_the_run_ends() -> None:
    log = Log("first")

    async def end(screen: LogScreen, pilot: Pilot[None]) -> str:
        log.lines = ("first", "last words")
        screen.show(replace(RUN, alive=False, died=True))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        return screen.text

    assert "last words" in with_log(RUN, log, end)
    assert log.read == 2


def test_a_fault_of_ours_is_shown_until_the_log_can_be_read_again() -> None:
    class Odd(Log):
        odd = False

        async def tail(self, path: str) -> tuple[str, ...]:
            if self.odd:
                raise ZeroDivisionError("[/x]")
            return await super().tail(path)

    log = Odd("first")

    async def fail(screen: LogScreen, pilot: Pilot[None]) -> str:
        head = screen.query_one("#log-head", Static)
        log.odd = True
        screen.show(replace(RUN, alive=False, died=True))
        await until(pilot, lambda: "ZeroDivisionError: [/x]" in str(head.content), "the fault is shown")
        log.odd = False
        screen.show(replace(RUN, id="20260101-000001-bbbb"))
        await until(pilot, lambda: "ZeroDivisionError" not in str(head.content), "the fault is forgotten")
        return screen.text

    assert "first" in with_log(RUN, log, fail)


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+l"])
def test_the_log_closes(key: str) -> None:
    async def close(screen: LogScreen, pilot: Pilot[None]) -> bool:
        await pilot.press(key)
        await pilot.pause()
        return pilot.app.screen is not screen

    assert with_log(RUN, Log(), close)


def answer(
    *keys: str,
    current: str | None = "cccc",
    selection: tuple[str, ...] = (),
    size: tuple[int, int] = (80, 24),
    engine: str = "cppn",
    gpus: int = 0,
) -> RunRequest | None:
    """What the screen answers after these keys."""
    answers: list[RunRequest | None] = []

    async def act() -> None:
        app: App[None] = App()
        async with app.run_test(size=size) as pilot:
            screen = RunOptionsScreen(current, selection, NUMBERS, engine=engine, gpus=gpus)
            await app.push_screen(screen, answers.append)
            await pilot.press(*keys)
            await pilot.pause()

    asyncio.run(act())
    (only,) = answers
    return only


def test_enter_at_once_makes_everything() -> None:
    assert answer("enter") == RunRequest()


@pytest.mark.parametrize("key", ["escape", "q"])
def test_leaving_starts_nothing(key: str) -> None:
    assert answer("l", "j", "h", key) is None


def test_this_scene_alone_can_be_made() -> None:
    assert answer("l", "enter") == RunRequest(scenes=("cccc",))


def test_a_selection_is_what_is_meant_and_all_is_a_key_away() -> None:
    chosen = ("aaaa", "bbbb", "dddd")
    assert answer("enter", selection=chosen) == RunRequest(scenes=chosen)
    assert answer("left", "enter", selection=chosen) == RunRequest()
    assert answer("right", "enter", selection=chosen) == RunRequest(scenes=("cccc",))


@pytest.mark.parametrize(
    ("keys", "stage"),
    [(("h",), "clips"), (("left", "h"), "order"), (("home",), "song"), (("home", "h"), "song"), (("l",), "video")],
)
def test_stages_are_stepped_through(keys: tuple[str, ...], stage: str) -> None:
    assert answer("down", *keys, "enter") == RunRequest(to=stage)


def test_an_animatic_with_stand_ins_can_be_asked_for() -> None:
    assert answer("j", "j", "l", "j", "space", "enter") == RunRequest(pictures="cppn", partial=True)


def test_without_scenes_there_is_only_all() -> None:
    assert answer("l", "l", "enter", current=None) == RunRequest()


def test_a_small_terminal_is_enough() -> None:
    assert answer("j", "j", "l", "enter", size=(40, 8)) == RunRequest(pictures="cppn")


TO_BUDGET = ("down",) * 4


def test_a_budget_is_asked_for_where_pictures_cost_credits() -> None:
    assert answer(*TO_BUDGET, *"12.5", "enter", engine="stability") == RunRequest(budget=12.5)
    assert answer(*TO_BUDGET, "enter", engine="stability") == RunRequest()
    assert answer(*TO_BUDGET, *"12", "enter", engine="cppn") == RunRequest()


def test_the_letters_that_walk_through_the_rows_walk_through_the_budget_too() -> None:
    assert answer(*"jjjj", *"12", *"k", "space", "enter", engine="stability") == RunRequest(budget=12, partial=True)
    assert answer(*"jjjj", *"12", "q", engine="stability") is None


def test_an_animatic_has_no_budget_and_no_gpu() -> None:
    keys = ("up", *"12", "down", "down", "down", "right", "enter")
    assert answer(*keys, engine="stability") == RunRequest(pictures="cppn")
    keys = (*TO_BUDGET, "right", "up", "up", "right", "enter")
    assert answer(*keys, engine="diffusers", gpus=2) == RunRequest(pictures="cppn")


def test_a_gpu_is_chosen_where_there_are_several_and_they_make_the_pictures() -> None:
    assert answer(*TO_BUDGET, "right", "right", "enter", engine="diffusers", gpus=2) == RunRequest(device="cuda:1")
    assert answer(*TO_BUDGET, "enter", engine="diffusers", gpus=2) == RunRequest()


@pytest.mark.parametrize(("engine", "gpus"), [("diffusers", 1), ("diffusers", 0), ("cppn", 2), ("stability", 2)])
def test_no_gpu_is_asked_for_where_that_makes_no_difference(engine: str, gpus: int) -> None:
    async def act() -> bool:
        app: App[None] = App()
        async with app.run_test(size=(80, 24)):
            await app.push_screen(RunOptionsScreen(engine=engine, gpus=gpus))
            return bool(app.screen.query("#run-device"))

    assert not asyncio.run(act())


STABILITY = Expected("stability", 12, 0, 84, 12, Estimate(96, 96, 624.0))


def with_costs(found: Expected, do: Callable[[RunOptionsScreen, Pilot[None]], Awaitable[None]]) -> list[RunRequest]:
    """What was worked out while somebody did that."""
    asked: list[RunRequest] = []

    async def expected(request: RunRequest) -> Expected:
        asked.append(request)
        return found

    async def act() -> None:
        app: App[None] = App()
        async with app.run_test(size=(80, 24)) as pilot:
            screen = RunOptionsScreen("cccc", (), NUMBERS, engine=found.engine, expected=expected)
            await app.push_screen(screen)
            await app.workers.wait_for_complete()
            await pilot.pause()
            await do(screen, pilot)

    asyncio.run(act())
    return asked


def shown(screen: RunOptionsScreen, name: str) -> str:
    return str(screen.query_one(f"#run-{name}", Static).content)


def test_what_it_takes_is_told_and_whether_the_budget_suffices() -> None:
    async def type_budget(screen: RunOptionsScreen, pilot: Pilot[None]) -> None:
        assert shown(screen, "cost") == "96 pictures by stability, about 624 credits."
        assert screen.told_cost
        await pilot.press(*TO_BUDGET, *"50")
        assert "The budget is 50 credits, which does not suffice" in shown(screen, "cost")
        await pilot.press(*"000", "minus", "enter")
        assert "50000- is no number of credits. Write one such as 50." in shown(screen, "wrong")
        assert pilot.app.screen is screen, "a budget that is none starts nothing"
        await pilot.press("backspace")
        assert shown(screen, "wrong") == ""
        assert "The budget is 50000 credits, which suffices." in shown(screen, "cost")
        await pilot.press("home", "minus", "enter")
        assert "the budget is -50000 credits, which buys nothing" in shown(screen, "wrong")

    assert with_costs(STABILITY, type_budget) == [RunRequest()]


def test_what_it_takes_is_worked_out_anew_for_every_choice() -> None:
    async def choose(screen: RunOptionsScreen, pilot: Pilot[None]) -> None:
        await pilot.press("right", "down", "home")
        await pilot.app.workers.wait_for_complete()

    assert with_costs(STABILITY, choose) == [
        RunRequest(),
        RunRequest(scenes=("cccc",)),
        RunRequest(to="song", scenes=("cccc",)),
    ]


@pytest.mark.parametrize(
    ("found", "words", "asks"),
    [
        (STABILITY, "96 pictures by stability, about 624 credits.", True),
        (replace(STABILITY, pictures=Estimate(1, 1, 3.5)), "1 picture by stability, about 3.5 credits.", True),
        (replace(STABILITY, at_most=True), "At most 96 pictures by stability, about 624 credits.", True),
        (replace(STABILITY, engine="diffusers", pictures=Estimate(96, 96)), "96 pictures by diffusers.", True),
        (replace(STABILITY, pictures=Estimate(0, 0, 0.0)), "", False),
        (replace(STABILITY, scenes_known=False), "How many pictures that takes is not known", True),
        (replace(STABILITY, pictures=None), "an option of stability is wrong", False),
    ],
)
def test_what_a_run_takes_in_words(found: Expected, words: str, asks: bool) -> None:
    assert words in cost(found)
    assert bool(words) == bool(cost(found))
    assert is_asked_for(found) == asks


def test_the_options_name_scenes_by_their_numbers() -> None:
    async def act() -> str:
        app: App[None] = App()
        async with app.run_test(size=(80, 24)) as pilot:
            await app.push_screen(RunOptionsScreen("eeee", ("dddd", "aaaa", "bbbb"), NUMBERS))
            await pilot.pause()
            return app.screen.query_one("#run-scenes").render_line(0).text.rstrip()

    assert asyncio.run(act()) == "( ) all  (•) selection (1-2, 4)  ( ) this one (5)"


def test_what_a_run_will_do_is_told_in_words() -> None:
    assert "every scene" in told(RunRequest())
    assert "3 scenes, up to clips" in told(RunRequest(to="clips", scenes=("a", "b", "c")))
    assert "no pictures" in told(RunRequest(to="words"))
    assert "output.cppn.mp4" in told(RunRequest(pictures="cppn"))
    assert "output.partial.mp4" in told(RunRequest(partial=True))


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (None, "vktrs: daisy_bell"),
        (RUN, "vktrs: daisy_bell runs"),
        (replace(RUN, stages=(StageProgress("keyframes", "begun", 42.9, 100),)), "vktrs: daisy_bell 42 %"),
        (replace(RUN, alive=False, exit=0), "vktrs: daisy_bell done"),
        (FAILED, "vktrs: daisy_bell failed"),
        (replace(RUN, alive=False, exit=130), "vktrs: daisy_bell stopped"),
        (replace(RUN, alive=False, died=True), "vktrs: daisy_bell died"),
    ],
)
def test_the_title_tells_how_the_run_stands(run: RunView | None, said: str) -> None:
    assert title_of("daisy_bell", run) == said


def test_a_title_cannot_give_the_terminal_orders() -> None:
    written: list[str] = []
    set_terminal_title("a\x1b]0;b\x07c\x9dd\n\u202ee\ud800日", written.append)
    assert written == ["\x1b]2;a]0;bcde日\x07"]


class Recorder(HeadlessDriver):
    """A driver without a terminal that keeps what is written to it."""

    written: ClassVar[list[str]] = []

    def write(self, data: str) -> None:
        self.written.append(data)


def test_the_title_is_written_through_the_driver_and_given_back() -> None:
    async def act() -> None:
        title = TerminalTitle()
        title.show("too early")
        driver = title.driver_class(Recorder)(App())
        driver.start_application_mode()
        title.show("vktrs: a 1 %")
        title.show("vktrs: a 1 %")
        title.show("vktrs: a done")
        driver.stop_application_mode()
        title.show("too late")

    asyncio.run(act())
    assert Recorder.written == ["\x1b[22;2t", "\x1b]2;vktrs: a 1 %\x07", "\x1b]2;vktrs: a done\x07", "\x1b[23;2t"]
