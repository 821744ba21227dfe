"""The dialogs: what each is dismissed with, that Esc changes nothing, and that a mistake is answered in place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from vktrs.engines.speech_models import FoundModel
from vktrs.errors import InputError
from vktrs.lines import Word
from vktrs.runs.control import HearWish
from vktrs.storyboard.merge import Change, Conflict
from vktrs.storyboard.model import Scene
from vktrs.storyboard.replacing_text import Replacement
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.screens.find_replace import FindReplaceScreen, ReplaceOptions
from vktrs_tui.screens.hear_again import HearAgainScreen
from vktrs_tui.screens.heard import Decided, HeardScreen
from vktrs_tui.screens.help import HelpScreen, found, in_two
from vktrs_tui.screens.proposals import ProposalsScreen, proposed_lines
from vktrs_tui.screens.set_field import SetFieldScreen
from vktrs_tui.screens.shift import Request, ShiftRequest, ShiftScreen, TransformRequest
from vktrs_tui.screens.split_at_word import SplitAtWordScreen, first_cut
from vktrs_tui.widgets.check_list import CheckList
from vktrs_tui.widgets.option_row import OptionRow

NOT_YET = "not dismissed"
_NAMES = {".": "full_stop"}
TEXTS = ("love [/x] and love", "no such word", "Lovely 日本語")

GROUPS = (
    ("Move", (("j", "Down", "To the next scene"), ("k", "Up", "To the scene before"))),
    ("Edit [/x]", (("s", "Split", "Cut the scene in two"),)),
)

CHANGES = (
    Change("bbbb", "set", "text", "old [x]", "new [/x]"),
    Change("dddd", "remove", None, Scene("dddd", 12.0, text="gone"), None),
    Change("bbbb", "set", "start", 4.0, 4.25),
    Change("eeee", "add", None, None, Scene("eeee", 16.0, text="a new line")),
)
CONFLICTS = (Conflict("cccc", "text", "mine", "theirs", "you changed it too"),)
TOLD = (Conflict("ffff", "add", None, Scene("ffff", 18.0, text="once more"), "you took that line out"),)
WORDS = tuple(Word(start, end, text) for start, end, text in ((0, 0.4, "one"), (0.5, 0.9, "two"), (2.0, 2.4, "[/x]")))


class Empty(App[None]):
    """Nothing but what is pushed on it."""

    answer: Any = NOT_YET

    def take(self, answer: Any) -> None:
        self.answer = answer


def preview(options: ReplaceOptions) -> tuple[Replacement, ...]:
    try:
        pattern = re.compile(
            options.pattern if options.regex else re.escape(options.pattern), 0 if options.case else re.IGNORECASE
        )
    except re.error as error:
        raise InputError(f"Not an expression: {error}.") from None
    found = ((number, text, pattern.sub(options.replacement, text)) for number, text in enumerate(TEXTS, 1))
    return tuple(Replacement(f"s{n}", n, "text", text, after) for n, text, after in found if text != after)


def seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{text} is no time.", "Write 0.25.") from None


def sentence(request: Request) -> str:
    return f"it would be {request}"


def only_small(field: str, text: str) -> object:
    if text != "7":
        raise InputError(f"{field} cannot be {text}.", "Write 7.")
    return 7


def find_replace() -> FindReplaceScreen:
    return FindReplaceScreen(preview)


def shift(points: bool = False) -> ShiftScreen:
    return ShiftScreen(seconds, seconds, sentence, selected=2, points=points, times=("1", "2") if points else ("", ""))


def set_field() -> SetFieldScreen:
    return SetFieldScreen((("seed", "seed", ()), ("order", "order", ("tsp", "as-made"))), "2 scenes", only_small)


def proposals() -> ProposalsScreen:
    return ProposalsScreen(proposed_lines(CHANGES, CONFLICTS, {"bbbb": 2, "cccc": 3, "dddd": 4}))


def heard() -> HeardScreen:
    lines = proposed_lines(CHANGES, (*CONFLICTS, *TOLD), {"bbbb": 2, "cccc": 3, "dddd": 4})
    return HeardScreen(lines, "0:04.0 to 0:20.0 by small [/x].")


def hear_again() -> HearAgainScreen:
    models = [
        FoundModel(name, Path(name), "faster-whisper", 9) for name in ("large-v3", "a/small", "base", "tiny", "no")
    ]
    return HearAgainScreen(models, "auto", "en", ("bbbb", "cccc"), "2 scenes [/x]")


def conflict() -> ConflictScreen:
    return ConflictScreen("lyric of scene [3]", "was [/x]", None, "mine " * 90)


def split() -> SplitAtWordScreen:
    return SplitAtWordScreen(3, WORDS, 1.5)


def help_screen() -> HelpScreen:
    return HelpScreen(GROUPS)


EVERY: tuple[Callable[[], Screen[Any]], ...] = (
    find_replace,
    shift,
    lambda: shift(points=True),
    set_field,
    proposals,
    heard,
    hear_again,
    conflict,
    split,
    help_screen,
)


async def nothing(app: Empty, pilot: Pilot[None]) -> None:
    """No more than the keys."""


def answered(
    screen: Screen[Any],
    *keys: str,
    after: Callable[[Empty, Pilot[None]], Awaitable[None]] = nothing,
    size: tuple[int, int] = (80, 24),
) -> Any:
    """What the screen is dismissed with after those keys; `NOT_YET` where it stays."""

    async def play() -> Any:
        app = Empty()
        async with app.run_test(size=size) as pilot:
            app.push_screen(screen, app.take)
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
            await after(app, pilot)
            return app.answer

    return asyncio.run(play())


def drawn(app: App[None], selector: str) -> str:
    widget = app.screen.query_one(selector)
    return "\n".join("".join(segment.text for segment in line) for line in widget.render_lines(widget.size.region))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_every_dialog_shows_its_keys_on_one_line_at_its_bottom_and_escape_leaves_it(size: tuple[int, int]) -> None:
    async def body() -> None:
        app = Empty()
        async with app.run_test(size=size) as pilot:
            for make in EVERY:
                app.answer = NOT_YET
                app.push_screen(make(), app.take)
                await pilot.pause()
                await pilot.pause()
                keys, frame = app.screen.query_one("#keys", Static), app.screen.query_one("#frame")
                assert "Esc" in str(keys.content)
                assert keys.size.height == 1, app.screen
                assert keys.region.bottom == frame.region.bottom - 1
                assert frame.region.bottom <= size[1]
                await pilot.press("escape")
                await pilot.pause()
                assert app.answer is None

    asyncio.run(body())


def test_replacing_gives_what_was_found() -> None:
    taken = answered(find_replace(), *"love", "tab", *"hate", "enter")
    assert [(each.scene_id, each.after) for each in taken] == [("s1", "hate [/x] and hate"), ("s3", "hately 日本語")]


def test_a_line_that_is_switched_off_is_not_replaced() -> None:
    taken = answered(find_replace(), *"love", "tab", "tab", "tab", "tab", "space", "enter")
    assert [each.scene_id for each in taken] == ["s3"]


def test_the_preview_shows_text_as_it_is_and_counts_what_is_taken() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        assert "[x] #1 lyric: love [/x] and love →  [/x] and" in drawn(app, "#lines")
        assert str(app.screen.query_one("#count", Static).content) == "2 of 2 will change"
        assert "- love [/x] and love" in str(app.screen.query_one("#whole", Static).content)
        await pilot.press("tab", "tab", "tab", "tab", "n")
        await pilot.pause()
        assert str(app.screen.query_one("#count", Static).content) == "0 of 2 will change"
        await pilot.press("enter")
        await pilot.pause()
        assert "nothing would change" in str(app.screen.query_one("#wrong", Static).content)

    assert answered(find_replace(), *"love", after=look) == NOT_YET


def test_case_and_expressions_are_asked_for_and_a_wrong_pattern_is_answered() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        screen = app.screen
        assert isinstance(screen, FindReplaceScreen)
        screen.query_one("#how", OptionRow).choose("case")
        screen.query_one("#fields", OptionRow).choose("prompt")
        assert screen.options() == ReplaceOptions("(", "", ("text",), case=True)
        screen.query_one("#how", OptionRow).choose("regex")
        await pilot.pause()
        assert "Not an expression" in str(screen.query_one("#wrong", Static).content)
        assert screen.query_one(CheckList).taken == ()

    answered(find_replace(), "(", after=look)


def test_a_shift_is_asked_for_with_its_scope() -> None:
    assert answered(shift(), *"0.25", "enter") == ShiftRequest("selection", 0.25)
    assert answered(shift(), *"-0.5", "shift+tab", "right", "right", "enter") == ShiftRequest("all", -0.5)


def test_two_points_are_asked_for() -> None:
    asked = answered(shift(points=True), *"1.5", "tab", "tab", *"2.5", "enter")
    assert asked == TransformRequest("selection", (1.0, 1.5), (2.0, 2.5))


def test_a_shift_says_what_it_would_do_and_answers_a_wrong_amount() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        assert "it would be" in str(app.screen.query_one("#preview", Static).content)
        await pilot.press("x", "enter")
        await pilot.pause()
        assert "1x is no time. Write 0.25." in str(app.screen.query_one("#wrong", Static).content)
        assert str(app.screen.query_one("#preview", Static).content) == ""
        assert app.screen.query_one("#amount", Input).value == "1x"

    assert answered(shift(), "1", after=look) == NOT_YET


def test_a_field_is_narrowed_down_and_given_a_value() -> None:
    assert answered(set_field(), *"see", "enter", "7", "enter") == ("seed", "7")


def test_a_wrong_value_of_a_field_is_answered_and_escape_goes_back_to_the_fields() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        assert "order cannot be as-made" in str(app.screen.query_one("#wrong", Static).content)
        assert app.screen.query_one(Input).value == "as-made"
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer == NOT_YET
        await pilot.press("enter", "7", "enter")
        await pilot.pause()

    assert answered(set_field(), "down", "enter", "down", "down", "enter", after=look) == ("seed", "7")


def test_proposed_lines_of_a_scene_stand_together() -> None:
    lines = proposed_lines(CHANGES, CONFLICTS, {"bbbb": 2})
    assert [(line.scene_id, line.kind) for line in lines] == [
        ("bbbb", "set"),
        ("bbbb", "set"),
        ("dddd", "remove"),
        ("eeee", "add"),
        ("cccc", "left out"),
    ]


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (("enter",), ("bbbb", "dddd", "eeee")),
        (("space", "enter"), ("dddd", "eeee")),
        (("j", "space", "enter"), ("dddd", "eeee")),
        (("n", "G", "k", "space", "enter"), ("eeee",)),
        (("n", "a", "enter"), ("bbbb", "dddd", "eeee")),
        (("n", "enter"), NOT_YET),
        (("n", "G", "space", "enter"), NOT_YET),
    ],
)
def test_proposals_are_taken_scene_by_scene(keys: tuple[str, ...], taken: object) -> None:
    assert answered(proposals(), *keys) == taken


@pytest.mark.parametrize(
    ("keys", "decided"),
    [
        (("enter",), Decided(("bbbb", "dddd", "eeee"))),
        (("space", "enter"), Decided(("dddd", "eeee"))),
        (("G", "k", "space", "enter"), Decided(("bbbb", "dddd", "eeee", "cccc"), ("cccc",))),
        (("n", "G", "k", "space", "a", "enter"), Decided(("bbbb", "dddd", "eeee", "cccc"), ("cccc",))),
        (("n", "G", "space", "enter"), NOT_YET),
        (("x",), Decided(dropped=True)),
    ],
)
def test_what_was_heard_again_is_taken_given_up_or_dropped(keys: tuple[str, ...], decided: object) -> None:
    assert answered(heard(), *keys) == decided


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (("enter",), (("bbbb", "cccc"), HearWish())),
        (("right", "enter"), (None, HearWish())),
        (("down", "right", "enter"), (("bbbb", "cccc"), HearWish("faster-whisper", "large-v3"))),
        (("down", "right", "down", *"x.y", "down", *"de", "enter"), (("bbbb", "cccc"), HearWish(None, "x.y", "de"))),
    ],
)
def test_what_is_to_be_heard_again_is_a_request(keys: tuple[str, ...], asked: object) -> None:
    request = answered(hear_again(), *(_NAMES.get(key, key) for key in keys))
    assert (request.scenes, request.hear, request.to) == (*asked, "words")  # type: ignore[misc]


def test_proposals_are_told_in_plain_lines() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        lines = [line.rstrip() for line in drawn(app, "#lines").splitlines()[:5]]
        assert lines == [
            "[x] #2 lyric: “old [x]” → “new [/x]”",
            "    #2 starts: 0:04.000 → 0:04.250",
            "[x] #4 - 0:12.000 “gone”",
            "[x] new + 0:16.000 “a new line”",
            " !  #3 lyric: “mine” → “theirs”  (left out: you changed it too)",
        ]

    answered(proposals(), after=look)


@pytest.mark.parametrize(
    ("keys", "whose"),
    [(("m",), "mine"), (("t",), "theirs"), (("enter",), "mine"), (("right", "enter"), "theirs")],
)
def test_a_conflict_is_settled(keys: tuple[str, ...], whose: str) -> None:
    assert answered(conflict(), *keys) == whose


@pytest.mark.parametrize(
    ("keys", "cut"),
    [
        (("enter",), 2),
        (("left", "enter"), 1),
        (("h", "h", "h", "enter"), 1),
        (("h", "l", "l", "l", "enter"), 2),
        (("p",), 1.5),
    ],
)
def test_a_scene_is_cut_before_a_word_or_at_the_playhead(keys: tuple[str, ...], cut: float) -> None:
    answer = answered(split(), *keys)
    assert answer == cut
    assert type(answer) is type(cut)


def test_the_first_cut_is_at_the_playhead_or_behind_the_longest_pause() -> None:
    assert first_cut(WORDS) == 2
    assert first_cut(WORDS, 0.1) == 1
    assert first_cut(WORDS[:1]) == 1


def test_help_is_searched_by_every_word() -> None:
    assert found(GROUPS, "SCENE next") == (("Move", (GROUPS[0][1][0],)),)
    assert found(GROUPS, "") == GROUPS
    assert found(GROUPS, "zzz") == ()


def test_help_fills_two_columns_in_order() -> None:
    assert in_two(GROUPS) == ((GROUPS[0],), (GROUPS[1],))
    assert in_two(GROUPS[:1]) == (GROUPS[:1], ())
    assert in_two(()) == ((), ())


def test_the_search_of_the_help_is_left_before_the_help_is() -> None:
    async def look(app: Empty, pilot: Pilot[None]) -> None:
        column = app.screen.query("#columns > Static").first(Static)
        assert "Cut the scene in two" in str(column.content)
        assert "next scene" not in str(column.content)
        await pilot.press("enter", "j", "escape")
        await pilot.pause()
        assert app.answer == NOT_YET
        assert "next scene" in str(column.content)

    assert answered(help_screen(), "slash", *"cut", after=look) == NOT_YET
