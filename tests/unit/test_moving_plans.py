"""Moving scenes, planned: which pictures there are, what a change makes stale, and from which picture on."""

from __future__ import annotations

from array import array
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_plan import DECODED, NOTHING, board, finished, lacking
from vktrs.inventory import Inventory
from vktrs.plan import ScenePlan, make_plan
from vktrs.stages import motion
from vktrs.stages.grounds import Ground
from vktrs.stages.signals import SignalCurve
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard.model import Engines, Look, Scene, Signal, Song, Storyboard, Video

FORM = StructureFacts(120.0, tuple(at / 2 for at in range(20)), (0.0, 2.0, 4.0, 6.0, 8.0), 10.0, (), 0.05)
HEARD = replace(DECODED, form=FORM)


def moving(*scenes: Scene, look: dict[str, Any] | None = None, **parts: Any) -> Storyboard:
    """Two scenes of five seconds that move, at 10 frames a second."""
    given = {"video": Video(fps=Fraction(10)), "look": Look(animation="img2img", **(look or {})), **parts}
    return board(*scenes, **given)


def first(storyboard: Storyboard, found: Inventory = HEARD) -> ScenePlan:
    return make_plan(storyboard, found).scenes[0]


def curve(*values: float) -> SignalCurve:
    """One value a second, from the start of the song."""
    return SignalCurve(array("f", values), 1.0, 0.0)


def with_signal(storyboard: Storyboard, name: str, heard: SignalCurve) -> Inventory:
    """What is there once that signal is made."""
    key = make_plan(storyboard, HEARD).signals[name].key
    return replace(HEARD, curves={key: heard}, made={**HEARD.made, "signals": frozenset([key])})


def kept(before: ScenePlan, after: ScenePlan) -> int:
    """How many pictures of the chain are the same from its start."""
    pairs = zip(before.variation_keys, after.variation_keys, strict=False)
    alike = [one == other for one, other in pairs]
    assert alike == sorted(alike, reverse=True)  # once one differs, all that come from it do
    return sum(alike)


@pytest.mark.parametrize(
    ("look", "made", "shown"),
    [
        ({}, 49, 50),
        ({"hold": 2}, 24, 25),
        ({"cadence": 4}, 13, 50),
        ({"cadence": 7}, 7, 50),
        ({"order": "ping-pong"}, 25, 26),
        ({"order": "tsp"}, 49, 50),
        ({"hold": 60}, 0, 1),
    ],
)
def test_a_scene_has_as_many_pictures_as_it_shows(look: dict[str, Any], made: int, shown: int) -> None:
    each = first(moving(look=look))
    assert each.pictures.moving is not None
    assert (len(each.variation_keys), each.pictures.moving.shown) == (made, shown)
    assert all(len(step.moves) == look.get("cadence", 1) for step in each.pictures.moving.steps)


def test_a_guidance_scale_counts_where_the_engine_reads_one_and_is_not_its_own() -> None:
    drawn = Engines(speech="none", pictures="diffusers", options={"diffusers": {"model": "x", "guidance_scale": 6}})
    plain = first(moving(engines=drawn))
    assert first(moving(look={"guidance_scale": 6}, engines=drawn)).variation_keys == plain.variation_keys
    assert kept(plain, first(moving(look={"guidance_scale": 5}, engines=drawn))) == 0
    assert kept(plain, first(moving(look={"guidance_scale": "6 + frame"}, engines=drawn))) == 0
    assert first(moving(look={"guidance_scale": 5})).variation_keys == first(moving()).variation_keys  # by cppn


def test_no_tour_reorders_a_chain() -> None:
    each = first(moving(look={"order": "tsp"}))
    assert each.order is not None and each.order.inputs["order"] == "as-made"


@pytest.mark.parametrize(
    "change",
    [
        {"zoom": 1.02},
        {"zoom": "1 + 0.001 * frame"},
        {"angle": 1},
        {"strength": 0.5},
        {"consistency": 0.5},
        {"noise": "0.1"},
        {"border": "wrap"},
        {"color_coherence": "none"},
        {"seed": 2},
        {"cadence": 2},
        {"themes": ("one",)},
    ],
)
def test_what_pictures_depend_on_makes_all_of_them_stale(change: dict[str, Any]) -> None:
    found = finished(moving(), HEARD)
    assert kept(first(moving()), first(moving(look=change))) == 0
    assert "variations" in lacking(make_plan(moving(look=change), found))["a"]


@pytest.mark.parametrize(
    "change", [{"zoom": "1.0"}, {"strength": "1 - 0.72"}, {"angle": "0 * t"}, {"zoom": "0: (1.0)"}, {"variations": 3}]
)
def test_another_way_to_say_the_same_makes_nothing_stale(change: dict[str, Any]) -> None:
    assert first(moving(look=change)).variation_keys == first(moving()).variation_keys


@given(st.integers(0, 60))
def test_a_value_that_changes_from_a_frame_on_keeps_the_pictures_before_it(frame: int) -> None:
    before = first(moving())
    after = first(moving(look={"zoom": f"1.0 if frame < {frame} else 1.05"}))
    assert kept(before, after) == min(max(frame - 1, 0), 49)


def test_a_longer_scene_goes_on_with_the_chain_it_has() -> None:
    scenes = Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two")
    longer = moving(scenes[0], replace(scenes[1], start=6.0), look={"zoom": "1 + 0.01 * sin(ts)"})
    short = moving(*scenes, look={"zoom": "1 + 0.01 * sin(ts)"})
    assert kept(first(short), first(longer)) == 49
    plan = make_plan(longer, finished(short, HEARD))
    assert plan.scenes[0].missing == tuple(range(50, 60))


def test_time_in_the_song_follows_the_scene_where_it_is_asked_for_and_not_else() -> None:
    scenes = Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two", prompt_lag=0)
    for zoom, alike in {"1 + 0.01 * ts": True, "1 + 0.01 * t": False, "1 + 0.01 * beat": False, "scene": True}.items():
        look = {"zoom": zoom}
        one = make_plan(moving(*scenes, look=look), HEARD).scenes[1]
        other = make_plan(moving(scenes[0], replace(scenes[1], start=5.3), look=look), HEARD).scenes[1]
        assert (one.variation_keys[:46] == other.variation_keys[:46]) is alike, zoom


def test_signals_that_are_not_made_are_waited_for_and_those_that_nobody_uses_are_not_made() -> None:
    signals = {"pulse": Signal(), "idle": Signal(chain="novelty")}
    storyboard = moving(look={"zoom": "1 + 0.1 * pulse"}, signals=signals)
    plan = make_plan(storyboard, HEARD)
    assert [*plan.signals] == ["pulse"] and not plan.signals["pulse"].made
    assert plan.scenes[0].pictures.waits and plan.scenes[0].clip is None and plan.video is None
    assert not plan.scenes[0].complete
    heard = with_signal(storyboard, "pulse", curve(0, 1, 0, 1, 0, 1))
    each = first(storyboard, heard)
    assert not each.pictures.waits and len(each.variation_keys) == 49 and each.clip is not None


def test_a_signal_that_changes_from_some_second_on_redoes_the_pictures_from_there_on() -> None:
    storyboard = moving(look={"zoom": "1 + 0.1 * pulse"}, signals={"pulse": Signal()})
    same, changed = curve(0, 0, 0, 0, 0, 0), curve(0, 0, 0, 1, 0, 0)
    before = first(storyboard, with_signal(storyboard, "pulse", same))
    after = first(storyboard, with_signal(storyboard, "pulse", changed))
    assert kept(before, after) == 20  # the curve rises from second 2 on, the first picture that it moves is the 21st


def test_an_expression_without_a_value_is_a_fault_of_its_scene_alone() -> None:
    scenes = Scene("a", 0.0, text="one", zoom="1 / (frame - 7)"), Scene("b", 5.0, text="two")
    plan = make_plan(moving(*scenes), HEARD)
    fault = plan.scenes[0].pictures.fault
    assert fault is not None and "`zoom`" in fault.message and "frame 7" in fault.message
    assert plan.scenes[0].missing == (1,) and plan.scenes[1].pictures.fault is None


def test_values_beyond_their_range_are_cut_to_it() -> None:
    each = first(moving(look={"strength": "3 * ts", "zoom": "0 - 5"}))
    assert each.pictures.moving is not None
    assert each.pictures.moving.steps[-1].strength == 1.0
    assert each.pictures.moving.steps[0].moves[0].zoom == 0.01


def test_a_seed_of_its_own_for_one_picture_redoes_what_follows_it() -> None:
    scenes = Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two")
    reseeded = moving(replace(scenes[0], frame_seeds=((30, 4),)), scenes[1])
    assert kept(first(moving(*scenes)), first(reseeded)) == 29


def test_what_the_engine_is_asked_for_is_the_chain_from_its_start() -> None:
    storyboard = moving(look={"zoom": 1.1, "cadence": 2, "translation_x": "frame"})
    each = first(storyboard)
    assert each.pictures.moving is not None
    asked = motion.requests(each.resolved, storyboard.video, each.pictures.moving)
    assert [request.k for request in asked] == [*range(1, 26)]
    a, b, c, d, e, f = asked[0].warp  # frames 1 and 2: moved by 1, scaled, moved by 2, scaled, around the middle
    assert (a, b, d, e) == pytest.approx((1.21, 0.0, 0.0, 1.21))
    assert c == pytest.approx(256 + 1.21 * (1 - 256) + 1.1 * 2)
    assert f == pytest.approx(256 - 1.21 * 256)


def test_consistency_may_be_an_expression_that_holds_at_the_start_of_a_cycle() -> None:
    scenes = Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two")
    written = board(*scenes, look=Look(consistency="0.5 + 0.02 * t"))
    plan = make_plan(written, HEARD)
    assert [each.pictures.consistency for each in plan.scenes] == pytest.approx([0.5, 0.6])
    plain = make_plan(board(*scenes, look=Look(consistency=0.5)), HEARD)
    assert plan.scenes[0].variation_keys == plain.scenes[0].variation_keys


def test_while_there_is_no_song_a_cycle_that_follows_a_signal_waits_for_it() -> None:
    written = board(look=Look(consistency="0.5 + 0.1 * pulse"), signals={"pulse": Signal()})
    for found in (NOTHING, HEARD):
        plan = make_plan(written, found)
        assert [each.pictures.waits for each in plan.scenes] == [True, True]


def test_an_excerpt_shows_the_part_of_a_chain_that_begins_in_it() -> None:
    storyboard = moving(song=Song("song.wav", "Song", excerpt=(1.0, 3.0)))
    plan = make_plan(storyboard, HEARD)
    assert [len(each.variation_keys) for each in plan.scenes] == [19, 0]
    assert plan.scenes[1].frames == 0 and plan.scenes[1].complete


def test_chains_of_the_same_numbers_are_the_same_whatever_gave_them() -> None:
    one, same, other = (
        motion.chain_of(each.resolved, Ground(1, 0, 0, 50, Fraction(10)), 50)
        for zoom in ("1 + 0.02", "1.02", "1.03")
        for each in [first(moving(look={"zoom": zoom}))]
    )
    assert one == same != other
    assert hash(one) == hash(same)
    ingredients = {"seed": 1}
    assert motion.keys(ingredients, one, {}) == motion.keys(ingredients, same, {})
    assert not set(motion.keys(ingredients, one, {})) & set(motion.keys(ingredients, other, {}))
    assert motion.keys(ingredients, one, {3: 7})[:2] == motion.keys(ingredients, one, {})[:2]
