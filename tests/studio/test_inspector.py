"""What the inspector tells of a scene, and how a field is chosen in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.strip import Strip

from vktrs.lines import Word
from vktrs.runs.parameter_view import ParameterCurve, Parameters
from vktrs.storyboard.model import SCENE_FIELDS, Look, Scene, Signal, Storyboard
from vktrs.storyboard.problems import Problem
from vktrs.storyboard.resolve import resolve
from vktrs_tui.view import Failure, Mark, SceneMarks, View, make_rows
from vktrs_tui.widgets.inspector import Inspector
from vktrs_tui.widgets.inspector_details import FieldDetail, SceneDetails, details_of

LONG = "a prompt with [chorus] and [/x] in it, " * 6

BOARD = Storyboard(
    look=Look(themes=("neon", "rain"), assign_themes="rotate", order="ping-pong"),
    scenes=(
        Scene("aaaa", 0.0, text="first light"),
        Scene("bbbb", 4.0, end=6.5, text="[/x] 日本語", prompt=LONG, seed=7, theme=1, consistency=0.5, locked=True),
        Scene("cccc", 8.0, text="sung", words=(Word(8.0, 8.4, "sung"),)),
    ),
)
MARKS = {
    "bbbb": SceneMarks(
        Mark("fresh"), Mark("stale", 0.5, "consistency 0.72 -> 0.50"), Mark("failed", None, "no memory"), "/takes/b.png"
    )
}
PROBLEMS = {"bbbb": (Problem("long", "The prompt is too long.", "Shorten it."),)}
FAILURES = (Failure("clips", "bbbb", "no memory", "Close something."), Failure("clips", "aaaa", "not mine", ""))


def view() -> View:
    return View(BOARD, make_rows(BOARD, 12.0, MARKS, PROBLEMS), tuple(resolve(BOARD)), 12.0)


def details(scene_id: str) -> SceneDetails:
    found = details_of(view(), scene_id, FAILURES)
    assert found is not None
    return found


def field(scene_id: str, name: str) -> FieldDetail:
    return next(each for each in details(scene_id).fields if each.field == name)


class Shown(App[None]):
    """The inspector and what was chosen in it."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield Inspector()

    def on_inspector_field_chosen(self, event: Inspector.FieldChosen) -> None:
        self.chosen.append((event.scene_id, event.field))

    def text(self) -> str:
        inspector = self.query_one(Inspector)
        return "\n".join(inspector.render_line(y).text.rstrip() for y in range(inspector.size.height))


def test_every_field_tells_where_its_value_comes_from() -> None:
    origins = {each.field: each.origin for each in details("bbbb").fields}
    assert origins["prompt"] == origins["theme"] == origins["seed"] == origins["consistency"] == "own"
    assert origins["order"] == "look"
    assert origins["animation"] == "default"
    assert origins["caption"] == "derived"
    assert origins["section"] == "unset"
    derived = {each.field: each.origin for each in details("aaaa").fields}
    assert derived["prompt"] == derived["theme"] == derived["seed"] == "derived"


def shown_of(scene: Scene, **look: Any) -> dict[str, FieldDetail]:
    """The fields of one scene on a board of its own."""
    board = Storyboard(signals={"pulse": Signal()}, look=Look(**look), scenes=(scene,))
    found = details_of(View(board, make_rows(board, 4.0, {}, {}), tuple(resolve(board)), 4.0), scene.id)
    assert found is not None
    return {each.field: each for each in found.fields}


def test_every_field_of_a_scene_but_its_id_is_there_as_far_as_its_animation_reads_it() -> None:
    cycle, moving = shown_of(Scene("a", 0.0)), shown_of(Scene("a", 0.0, animation="img2img"))
    still = shown_of(Scene("a", 0.0, animation="static"))
    assert {*cycle, *moving} == set(SCENE_FIELDS) - {"id"}
    assert {"loop", "variations", "consistency"} <= cycle.keys()
    assert {"zoom", "cadence", "strength", "border"} <= moving.keys()
    assert not ({"zoom", "cadence"} & cycle.keys()) and not ({"loop", "variations"} & moving.keys())
    assert not ({"zoom", "loop", "order", "hold"} & still.keys())
    assert {"animation", "transition"} <= still.keys() & cycle.keys() & moving.keys()


def test_what_is_written_and_not_read_by_the_animation_is_shown_and_said() -> None:
    field = shown_of(Scene("a", 0.0, zoom="1 + pulse", loop="beat"))
    zoom = field["zoom"]
    assert (zoom.value, zoom.origin, zoom.note) == ("1 + pulse", "own", "not read by variations")
    assert field["loop"].note == ""
    assert shown_of(Scene("a", 0.0, animation="img2img", loop="beat"))["loop"].note == "not read by img2img"


def test_amounts_tell_where_they_come_from_and_what_holds_where_nothing_is_written() -> None:
    field = shown_of(Scene("a", 0.0, animation="img2img", zoom=1.02), angle="3 * pulse", consistency=0.6)
    assert (field["zoom"].value, field["zoom"].origin) == ("1.02", "own")
    assert (field["angle"].value, field["angle"].origin) == ("3 * pulse", "look")
    assert (field["noise"].value, field["noise"].origin) == ("0.02", "default")
    assert (field["strength"].value, field["strength"].note) == ("0.4", "from consistency")
    assert (field["consistency"].value, field["consistency"].origin) == ("0.6", "look")
    assert field["guidance_scale"].value == "the engine's own"
    assert field["transition"].value == "0 s"
    own = shown_of(Scene("a", 0.0, animation="img2img", strength="0.5 * pulse"))
    assert own["strength"].value == "0.5 * pulse"
    assert "consistency" not in own


def test_values_are_those_that_hold() -> None:
    assert field("aaaa", "prompt").value == "first light, neon"
    assert field("bbbb", "theme").value == "1: neon"
    assert field("bbbb", "start").value == "0:04.000  for 0:04.000"
    assert field("aaaa", "variations").value == "7"
    assert field("cccc", "words").value == "sung 0:08.00"


def test_only_the_failures_of_the_scene_are_told() -> None:
    assert [each.error for each in details("bbbb").failures] == ["no memory"]


def test_a_scene_that_is_gone_has_no_details() -> None:
    assert details_of(view(), "zzzz") is None
    assert details_of(view(), None) is None


def test_reasons_problems_errors_and_user_text_are_shown_as_they_are() -> None:
    async def body() -> None:
        app = Shown()
        async with app.run_test(size=(60, 60)) as pilot:
            app.query_one(Inspector).show(details("bbbb"))
            await pilot.pause()
            text = app.text()
        for part in (
            "Scene 2  bbbb  locked",
            "✗ clips: no memory",
            "→ Close something.",
            "! The prompt is too long.",
            "→ Shorten it.",
            "~ variations  stale 50%: consistency 0.72 -> 0.50",
            "/takes/b.png",
            "● lyric       [/x] 日本語",
            "  order       ping-pong · from look",
        ):
            assert part in text
        assert " ".join(text.split()).count("[chorus] and [/x]") == 6

    asyncio.run(body())


def test_what_changes_within_a_moving_scene_is_drawn_below_its_field_or_said_to_be_unknown() -> None:
    curve = ParameterCurve("consistency", (1.0, 1.02, 1.04, 1.07), 1.0, 1.07)  # of a field that a cycle shows too
    moving = replace(details("aaaa"), parameters=Parameters((curve,)))
    waiting = replace(moving, parameters=Parameters(waits="A run has to make the beats."))

    async def body() -> None:
        app = Shown()
        async with app.run_test(size=(52, 60)) as pilot:
            inspector = app.query_one(Inspector)
            inspector.show(moving)
            await pilot.pause()
            lines = app.text().splitlines()
            at = next(place for place, line in enumerate(lines) if "consistency" in line) + 1
            width = inspector.scrollable_content_region.width
            assert lines[at].startswith("  1 ▁") and lines[at].endswith("█ 1.07")
            assert len(lines[at]) == width
            assert max(map(lines[at].count, "▁▃▅█")) - min(map(lines[at].count, "▁▃▅█")) <= 1
            inspector.show(waiting)
            await pilot.pause()
            assert "? A run has to make the beats." in app.text()
            inspector.show(details("aaaa"))
            await pilot.pause()
            assert "A run has to" not in app.text() and "█" not in app.text()

    asyncio.run(body())


def test_keys_walk_through_the_fields_and_enter_chooses_one() -> None:
    async def body() -> None:
        app = Shown()
        async with app.run_test(size=(40, 12)) as pilot:
            inspector = app.query_one(Inspector)
            inspector.show(details("bbbb"))
            inspector.focus()
            await pilot.press("j", "down", "k", "enter", "G", "enter")
            await pilot.pause()
            assert "fade in" in app.text()
            await pilot.press("g")
            await pilot.pause()
            assert "Scene 2" in app.text()
        assert app.chosen == [("bbbb", "end"), ("bbbb", "transition")]

    asyncio.run(body())


def test_the_cursor_stays_on_its_field_when_another_scene_is_shown() -> None:
    async def body() -> None:
        app = Shown()
        async with app.run_test(size=(40, 20)) as pilot:
            inspector = app.query_one(Inspector)
            inspector.show(details("bbbb"))
            inspector.focus()
            await pilot.press("j", "j")
            inspector.show(details("aaaa"))
            await pilot.pause()
            assert inspector.field == "text"
            inspector.show(None)
            await pilot.pause()
            assert inspector.field is None
            assert app.text().strip() == ""
            await pilot.press("j", "enter")
        assert app.chosen == []

    asyncio.run(body())


def test_it_repaints_only_when_the_details_change() -> None:
    class Counting(Inspector):
        painted = 0

        def render_line(self, y: int) -> Strip:
            self.painted += 1
            return super().render_line(y)

    async def body() -> None:
        class Painted(App[None]):
            def compose(self) -> ComposeResult:
                yield Counting()

        app = Painted()
        async with app.run_test(size=(40, 20)) as pilot:
            inspector = app.query_one(Counting)
            inspector.show(details("bbbb"))
            await pilot.pause()
            before = inspector.painted
            assert before > 0
            inspector.show(replace(details("bbbb")))
            await pilot.pause()
            assert inspector.painted == before
            inspector.show(details("aaaa"))
            await pilot.pause()
            assert inspector.painted > before

    asyncio.run(body())
