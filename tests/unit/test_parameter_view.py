"""What changes within a moving scene is told from the plan alone, or why it cannot be told yet."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_plan import DECODED, NOTHING
from vktrs.inventory import Inventory
from vktrs.plan import make_plan
from vktrs.runs.parameter_view import MOST_VALUES, ParameterCurve, Parameters, parameters_of
from vktrs.stages.signals import SignalCurve
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard.model import Look, Scene, Signal, Song, Storyboard

READY = replace(DECODED, made={**DECODED.made, "signals": frozenset()})
FORM = StructureFacts(120.0, tuple(n / 2 for n in range(20)), (0.0, 2.0), 10.0, (0.5,) * 200, 0.05)


def told(found: Inventory = READY, made: bool = False, **fields: Any) -> Parameters | None:
    """The parameters of the second scene, from 5 s to 10 s; with `made` the signal rises over the song from 0 to 1."""
    moving = Scene("b", 5.0, **{"animation": "img2img", **fields})
    board = Storyboard(
        song=Song("song.wav"), signals={"rise": Signal()}, look=Look(noise=0.0), scenes=(Scene("a", 0.0), moving)
    )
    if made:
        piece = make_plan(board, found).signals["rise"]
        curve = SignalCurve(array("f", [0.0, 1.0]), 0.1, 0.0)
        found = replace(found, made={**found.made, "signals": frozenset([piece.key])}, curves={piece.key: curve})
    plan = make_plan(board, found)
    return parameters_of(plan, found, plan.scenes[1])


def curve(found: Parameters | None, name: str) -> ParameterCurve:
    assert found is not None
    return next(each for each in found.curves if each.name == name)


def test_what_is_constant_is_not_told() -> None:
    assert told() == Parameters()
    assert told(zoom=1.05, angle="2 * 3") == Parameters()


def test_a_scene_that_does_not_move_has_none() -> None:
    assert told(animation="variations", zoom="1 + 0.1 * ts") is None


def test_an_expression_over_time_is_told_over_the_whole_scene() -> None:
    found = curve(told(zoom="1 + 0.1 * ts"), "zoom")
    assert len(found.values) == MOST_VALUES
    assert (found.low, found.values[0]) == (1.0, 1.0)
    assert found.high == found.values[-1] == pytest.approx(1 + 0.1 * 119 / 24)


def test_a_signal_is_told_where_the_scene_lies_in_the_song() -> None:
    found = curve(told(made=True, angle="10 * rise"), "angle")
    assert (found.low, found.high) == (pytest.approx(5.0, abs=0.01), pytest.approx(10.0, abs=0.05))


def test_strength_that_follows_from_consistency_is_told_as_strength() -> None:
    found = told(made=True, consistency="1 - 0.5 * rise")
    assert found is not None
    assert [each.name for each in found.curves] == ["strength"]


@pytest.mark.parametrize(
    ("found", "fields", "said"),
    [
        (READY, {"zoom": "1 + rise"}, "make the signal rise before zoom can be drawn."),
        (READY, {"zoom": "1 + beat"}, "make the beats of the song before zoom can be drawn."),
        (READY, {"zoom": "1 + beat * rise"}, "the signal rise and the beats of the song before zoom"),
        (NOTHING, {"zoom": "1 + ts"}, "the length of the song"),
        (READY, {"zoom": "1 / ts"}, "frame 0"),
    ],
)
def test_what_cannot_be_told_yet_says_why(found: Inventory, fields: dict[str, Any], said: str) -> None:
    told_now = told(replace(found, made={**found.made, "signals": frozenset()}), **fields)
    assert told_now is not None
    assert said in told_now.waits
    assert not told_now.curves


def test_what_waits_for_nothing_is_told_beside_what_does() -> None:
    found = told(zoom="1 + rise", angle="ts")
    assert found is not None
    assert [each.name for each in found.curves] == ["angle"]
    assert "before zoom can be drawn" in found.waits
    both = told(consistency="1 - rise", angle="ts")
    assert both is not None
    assert [each.name for each in both.curves] == ["angle"]
    assert "before consistency can be drawn" in both.waits


def test_beats_are_told_once_they_are_known() -> None:
    found = curve(told(replace(READY, form=FORM), zoom="1 + 0.5 * beat"), "zoom")
    assert found.low == pytest.approx(1.0, abs=0.05)
    assert found.high > 1.4
