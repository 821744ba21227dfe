"""What a run would take is what it will ask for: nothing that two scenes share is counted, or paid for, twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vktrs.inventory import Inventory
from vktrs.plan import make_plan
from vktrs.runs.control import RunRequest
from vktrs.runs.estimate import Expected, budget_line, expected, pictures_line
from vktrs.stages.song import SongFacts
from vktrs.storyboard.model import Engines, Look, Scene, Song, Storyboard

NOTHING = Inventory(
    song=None,
    url=None,
    lyrics=None,
    facts=None,
    made=dict.fromkeys(("song", "words", "structure", "scenes", "variations", "order", "clips"), frozenset()),
    takes={},
    pictures={},
    mark=None,
    font="",
)
ONE = Scene("aaaa", 0.0, prompt="castle", seed=5)


def counted(
    *scenes: Scene,
    found: Inventory = NOTHING,
    pictures: Any = "stability",
    engine: dict[str, Any] | None = None,
    **request: Any,
) -> Expected:
    engines = Engines(pictures=pictures, options={"stability": engine} if engine else {})
    board = Storyboard(scenes=scenes, song=Song("song.wav", "Song"), engines=engines, look=Look(variations=3))
    return expected(make_plan(board, found), RunRequest(**request))


def test_equal_scenes_are_counted_once() -> None:
    alone = counted(ONE)
    together = counted(ONE, replace(ONE, id="bbbb", start=1.0), replace(ONE, id="cccc", start=2.0))
    assert (alone.keyframes, alone.variations) == (1, 3)
    assert (together.keyframes, together.variations, together.credits) == (1, 3, alone.credits)
    more = counted(ONE, replace(ONE, id="bbbb", start=1.0, variations=5))
    assert (more.keyframes, more.variations) == (1, 5)
    other = counted(ONE, replace(ONE, id="bbbb", start=1.0, seed=6))
    assert (other.keyframes, other.variations) == (2, 6)


def test_no_budget_is_said_to_suffice_while_nobody_knows_where_a_last_scene_that_moves_ends() -> None:
    moving = Scene("bbbb", 1.0, prompt="castle", animation="img2img")
    found = counted(ONE, moving)
    assert (found.variations, found.open_end, found.credits) == (3, True, None)
    assert "those of the last scene are counted once the song is read" in pictures_line(found)
    assert budget_line(found, 1000) == "1000 credits; whether that suffices is not known yet"
    asked_before = counted(ONE, moving, scenes=("aaaa",))
    assert not asked_before.open_end and asked_before.credits is not None
    first = counted(replace(ONE, animation="img2img"), replace(moving, animation="static"))
    assert (first.variations, first.open_end, first.at_most) == (23, False, True)


def test_of_a_chain_only_what_is_drawn_anew_is_paid_for_and_each_picture_is_a_call_of_its_own() -> None:
    moving = Scene("bbbb", 0.0, prompt="castle", animation="img2img", strength="0.4 if frame % 4 == 0 else 0")
    long = replace(NOTHING, song="5" * 32, facts=SongFacts(1.0, 44100, 2, None, None))
    found = counted(moving, found=long)
    assert found.pictures is not None
    assert (found.variations, found.pictures.pictures, found.pictures.calls) == (23, 1 + 5, 1 + 5)
    still = counted(replace(moving, strength=None), found=long, engine={"api": "grpc"})
    assert still.pictures is not None
    assert (still.variations, still.pictures.calls) == (23, 1 + 23)
    free = counted(moving, found=long, pictures="cppn")
    assert free.pictures is not None and free.pictures.pictures == 24


def test_a_take_of_another_scene_costs_nothing() -> None:
    board = Storyboard(scenes=(ONE,), song=Song("song.wav", "Song"), engines=Engines(pictures="stability"))
    key = make_plan(board, NOTHING).scenes[0].keyframe.key
    found = replace(NOTHING, takes={"gone": frozenset([key])})
    assert counted(ONE, found=found, to="keyframes").keyframes == 0
