"""Loops and fades in a plan: which pictures a scene shows, when each is on, and what a change makes stale."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_plan import DECODED, board, finished, lacking
from vktrs.plan import Plan, make_plan
from vktrs.reasons import explain
from vktrs.stages.clips import played
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard.model import Look, Scene, Storyboard, Video

EVEN = StructureFacts(120.0, tuple(0.5 * n for n in range(20)), (), 10.0, (), 0.05)
BEATLESS = replace(EVEN, tempo=None, beats=())
FORMED = replace(DECODED, form=EVEN)


def looped(loop: float | str = "beat", **look: Any) -> Storyboard:
    return board(look=Look(loop=loop, **look))


def shown(plan: Plan, scene: int = 0) -> list[int]:
    """For each frame of a scene, the place of its picture in the order."""
    each = plan.scenes[scene]
    assert each.clip is not None
    pictures = len(each.variation_keys) + 1
    count = max(2 * (pictures - 1), 1) if each.resolved.order == "ping-pong" else pictures
    return list(played(each.clip.inputs, count, each.clip.inputs["frames"]))


@pytest.mark.parametrize(
    ("look", "pictures", "first_round"),
    [
        ({}, 6, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        ({"hold": 3}, 4, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        ({"hold": 100}, 1, [0] * 12),
        ({"variations": 1}, 2, [0] * 6 + [1] * 6),
        ({"variations": 0}, 1, [0] * 12),
        ({"variations": 30}, 12, list(range(12))),
        ({"order": "ping-pong"}, 7, list(range(12))),
        ({"order": "ping-pong", "hold": 2}, 4, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        ({"order": "ping-pong", "variations": 1}, 2, [0] * 6 + [1] * 6),
        ({"animation": "static"}, 1, [0] * 12),
    ],
)
def test_the_number_of_pictures_and_how_long_each_stays_follow_from_the_beat(
    look: dict[str, Any], pictures: int, first_round: list[int]
) -> None:
    plan = make_plan(looped(**look), FORMED)
    assert len(plan.scenes[0].variation_keys) == pictures - 1
    assert shown(plan) == first_round * 10


@pytest.mark.parametrize(
    ("start", "end", "loop", "variations", "frames"),
    [
        (0.0, 1.0, "2 bars", 1, [0] * 12 + [1] * 12),  # a round is 8 pictures for 12 frames each: it shows 0 and 1
        (1.0, 1.75, "2 bars", 1, [0] * 12 + [1] * 6),
        (3.5, 5.0, "2 bars", 2, [2] * 12 + [0] * 12 + [1] * 12),
        (1.0, 1.25, "2 bars", 0, [0] * 6),
        (0.0, 0.125, "beat", 1, [0, 0, 1]),
    ],
)
def test_a_scene_shorter_than_a_round_has_no_picture_that_it_does_not_show(
    start: float, end: float, loop: str, variations: int, frames: list[int]
) -> None:
    scenes = [Scene("a", 0.0), Scene("b", start), Scene("c", end)][0 if start else 1 :]
    plan = make_plan(board(*scenes, look=Look(loop=loop)), FORMED)
    scene = 1 if start else 0
    assert len(plan.scenes[scene].variation_keys) == variations
    assert shown(plan, scene) == frames


@given(
    start=st.floats(0.1, 9.0),
    length=st.floats(0.05, 5.0),
    loop=st.sampled_from(["beat", "2 beats", "bar", "4 bars", 0.3, 3.0]),
    hold=st.integers(1, 30),
    order=st.sampled_from(["tsp", "as-made", "ping-pong"]),
    variations=st.integers(0, 12),
    fps=st.sampled_from([Fraction(12), Fraction(24), Fraction(30000, 1001)]),
)
def test_every_picture_of_a_looped_scene_is_shown(
    start: float, length: float, loop: Any, hold: int, order: Any, variations: int, fps: Fraction
) -> None:
    scenes = [Scene("a", 0.0), Scene("b", start), Scene("c", start + length)]
    look = Look(loop=loop, hold=hold, order=order, variations=variations)
    plan = make_plan(board(*scenes, look=look, video=Video(fps=fps)), FORMED)
    if not plan.scenes[1].frames:
        return
    pictures = len(plan.scenes[1].variation_keys) + 1
    assert pictures <= variations + 1
    once = list(range(pictures))
    in_order = once + once[-2:0:-1] if order == "ping-pong" else once
    assert {in_order[place] for place in shown(plan, 1)} == set(once)


def test_a_scene_says_otherwise_than_the_look() -> None:
    scenes = (Scene("a", 0.0, loop="none"), Scene("b", 5.0))
    plan = make_plan(board(*scenes, look=Look(loop="bar")), FORMED)
    assert [each.pictures.loop is None for each in plan.scenes] == [True, False]
    assert shown(plan)[:10] == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]


@pytest.mark.parametrize(
    ("scene", "written"),
    [
        ({}, {"loop": "none"}),
        ({"loop": "beat"}, {"loop": "1 beat"}),
        ({}, {"transition": 0.0}),
        ({}, {"transition": 0.01}),
    ],
)
def test_what_is_shown_the_same_makes_nothing_stale(scene: dict[str, Any], written: dict[str, Any]) -> None:
    before = board(Scene("a", 0.0, **scene), Scene("b", 5.0, **scene))
    after = board(Scene("a", 0.0, **written), Scene("b", 5.0, **written))
    assert lacking(make_plan(after, finished(before, FORMED))) == {"a": [], "b": []}


@pytest.mark.parametrize(
    ("before", "after", "stale", "reason"),
    [
        (Look(), Look(loop="bar"), ["clips"], "its pictures loop now"),
        (Look(loop="bar"), Look(), ["clips"], "its pictures loop no longer"),
        (Look(loop="bar"), Look(hold=2), ["clips"], "its pictures loop no longer"),
        (Look(loop="bar"), Look(loop="2 bars"), ["clips"], "its rounds begin at other frames"),
        (Look(loop="bar"), Look(loop="bar", hold=3), [], ""),
        (Look(loop="bar"), Look(loop="beat"), ["order", "clips"], "its pictures changed"),
        (Look(loop="beat"), Look(loop="bar"), ["variations", "order", "clips"], "its pictures changed"),
        (Look(loop="bar"), Look(loop="bar", consistency=0.5), ["variations", "order", "clips"], "its pictures changed"),
    ],
)
def test_another_loop_makes_again_what_it_must(before: Look, after: Look, stale: list[str], reason: str) -> None:
    found = finished(board(look=before), FORMED)
    then, now = make_plan(board(look=before), found), make_plan(board(look=after), found)
    assert lacking(now) == {"a": stale, "b": stale}
    piece, old = (
        (now.scenes[0].order, then.scenes[0].order) if "order" in stale else (now.scenes[0].clip, then.scenes[0].clip)
    )
    assert piece is not None and old is not None
    assert explain(piece.inputs, old.inputs) == ([reason] if reason else ["removed"])


def test_other_beats_make_clips_stale_and_no_picture() -> None:
    found = finished(looped("bar"), FORMED)
    later = replace(EVEN, beats=tuple(beat + 0.1 for beat in EVEN.beats))
    assert lacking(make_plan(looped("bar"), replace(found, form=later))) == {"a": ["clips"], "b": ["clips"]}
    assert lacking(make_plan(board(), replace(finished(board(), FORMED), form=later))) == {"a": [], "b": []}


def test_a_loop_on_the_beat_waits_for_the_beats_and_one_in_seconds_does_not() -> None:
    waiting = make_plan(looped("beat"), DECODED).scenes[0]
    assert waiting.pictures.waits and waiting.order is None and waiting.clip is None
    assert (waiting.variation_keys, waiting.pictures.at_most) == ((), 7)
    assert not waiting.complete
    assert make_plan(looped(0.5), DECODED).scenes[0].clip is not None
    assert make_plan(looped("beat", animation="static"), DECODED).scenes[0].clip is not None


def test_without_a_beat_a_cycle_is_as_plain_as_without_a_loop() -> None:
    beatless = replace(DECODED, form=BEATLESS)
    plain, asked = make_plan(board(), beatless), make_plan(looped("beat"), beatless)
    assert [each.clip for each in plain.scenes] == [each.clip for each in asked.scenes]
    assert [each.pictures.off_beat for each in asked.scenes] == [True, True]
    assert [each.pictures.off_beat for each in plain.scenes] == [False, False]
    assert not make_plan(looped(0.5), beatless).scenes[0].pictures.off_beat


def test_in_an_excerpt_rounds_begin_on_the_same_beats_of_the_song() -> None:
    plan = make_plan(replace(looped("beat"), song=replace(board().song, excerpt=(2.25, 4.0))), FORMED)
    assert plan.scenes[0].first == 54
    assert shown(plan)[:12] == [3, 3, 4, 4, 5, 5, 0, 0, 1, 1, 2, 2]


def test_what_goes_beyond_its_range_is_known_by_its_name() -> None:
    look = Look(animation="img2img", zoom="1 - ts", angle="ts", strength="0.5 + 0.1 * ts", noise="3")
    chain = make_plan(board(look=look), FORMED).scenes[0].pictures.moving
    assert chain is not None and chain.cut == ("noise", "zoom")


# --- fades


def faded(*, seconds: float = 0.5, first: dict[str, Any] | None = None, **second: Any) -> Storyboard:
    return board(
        Scene("a", 0.0, text="one", **(first or {})), Scene("b", 5.0, text="two", transition=seconds, **second)
    )


def fade(plan: Plan, scene: int = 1) -> dict[str, Any] | None:
    clip = plan.scenes[scene].clip
    assert clip is not None
    found: dict[str, Any] | None = clip.inputs.get("transition")
    return found


def test_a_scene_fades_in_from_the_one_before_and_the_first_from_none() -> None:
    plan = make_plan(board(look=Look(transition=0.5)), FORMED)
    assert fade(plan, 0) is None and plan.scenes[0].before is None
    told = fade(plan, 1)
    assert told is not None and (told["length"], told["frames"]) == (12, 120)
    assert plan.scenes[1].before == plan.scenes[0]


def test_a_fade_is_no_longer_than_its_scene() -> None:
    told = fade(make_plan(faded(seconds=60.0), FORMED))
    assert told is not None and told["length"] == 120


def test_a_scene_without_frames_is_passed_over() -> None:
    scenes = (Scene("a", 0.0), Scene("b", 5.0), Scene("c", 5.001, transition=1.0))
    plan = make_plan(board(*scenes), FORMED)
    assert plan.scenes[1].frames == 0
    assert plan.scenes[2].before == plan.scenes[0]


def test_the_first_scene_of_an_excerpt_fades_in_from_none() -> None:
    part = replace(faded(), song=replace(board().song, excerpt=(6.0, 8.0)))
    assert fade(make_plan(part, FORMED)) is None


@pytest.mark.parametrize(
    ("before", "after", "stale", "reason"),
    [
        (faded(seconds=0.0), faded(), {"a": [], "b": ["clips"]}, "it fades in now"),
        (faded(), faded(seconds=0.0), {"a": [], "b": ["clips"]}, "it fades in no longer"),
        (faded(), faded(seconds=1.0), {"a": [], "b": ["clips"]}, "the fade is 24 frames long instead of 12"),
        (faded(), faded(first={"seed": 7}),
         {"a": ["keyframes", "variations", "order", "clips"], "b": ["clips"]}, "the scene it fades in from changed"),
        (faded(), faded(first={"hold": 2}), {"a": ["clips"], "b": ["clips"]}, "the scene it fades in from changed"),
        (faded(), faded(first={"loop": "beat"}), {"a": ["order", "clips"], "b": ["clips"]},
         "the scene it fades in from changed"),
        (faded(), faded(first={"caption": "another"}), {"a": [], "b": []}, "removed"),
        (faded(), faded(first={"transition": 3.0}), {"a": [], "b": []}, "removed"),
    ],
)  # fmt: skip
def test_what_a_fade_makes_stale(
    before: Storyboard, after: Storyboard, stale: dict[str, list[str]], reason: str
) -> None:
    found = finished(before, FORMED)
    then, now = make_plan(before, found), make_plan(after, found)
    assert lacking(now) == stale
    piece, old = now.scenes[1].clip, then.scenes[1].clip
    assert piece is not None and old is not None
    assert explain(piece.inputs, old.inputs) == [reason]


def test_what_chosen_scenes_fade_in_from_is_needed_until_their_clips_are_made() -> None:
    plan = make_plan(faded(), FORMED)
    assert [each.index for each in plan.faded_from(["b"])] == [0]
    assert plan.faded_from(["a"]) == []
    assert plan.faded_from(None) == []
    assert make_plan(faded(), finished(faded(), FORMED)).faded_from(["b"]) == []


def test_a_thousand_scenes_that_fade_are_planned_compared_and_told() -> None:
    scenes = [Scene(f"s{number}", number * 0.01, transition=1.0) for number in range(1000)]
    plan = make_plan(board(*scenes, video=Video(fps=Fraction(120))), FORMED)
    assert plan == make_plan(board(*scenes, video=Video(fps=Fraction(120))), FORMED)
    assert len(repr(plan)) > 1000


@pytest.mark.parametrize("frames", [1, 2, 3, 8, 9, 10, 11, 12])
@pytest.mark.parametrize("hold", [1, 2, 3])
@pytest.mark.parametrize("order", ["tsp", "ping-pong"])
def test_of_a_chain_that_is_faded_from_the_picture_of_its_last_frame_stays(order: Any, hold: int, frames: int) -> None:
    fps, start = Fraction(10), frames / 10
    look = Look(animation="img2img", order=order, hold=hold, transition=0.3)
    written = board(Scene("a", 0.0), Scene("b", start), look=look, video=Video(fps=fps))
    before, after = make_plan(written, FORMED).scenes
    assert before.clip is not None and after.clip is not None and before.frames == frames
    there = len(before.variation_keys) + 1
    count = max(2 * (there - 1), 1) if order == "ping-pong" else there
    last = played(before.clip.inputs, count, frames)[-1]
    assert list(played(after.clip.inputs["transition"], count, frames + 3)[frames:]) == [last] * 3
