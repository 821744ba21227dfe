"""How the parameters of a moving scene change over it, as far as that can be told without a run. Light.

`parameters_of` is given what a plan was made of, and answers with what there is to draw, or why there is nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vktrs.errors import InputError
from vktrs.inventory import Inventory
from vktrs.plan import Plan, ScenePlan, heard_of, theme_number
from vktrs.stages.grounds import MUSICAL, Ground, names_used, narrowed, values
from vktrs.stages.showing import MOVING, Place, ground_of
from vktrs.storyboard.resolve import Amounts

MOST_VALUES = 120
"""More than a pane of the studio has columns, and few enough to be worked out for every scene."""


@dataclass(frozen=True, slots=True)
class ParameterCurve:
    """One parameter over a scene, at frames evenly apart from its first to its last one, with its range there."""

    name: str
    values: tuple[float, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """What changes within a scene; `waits` says in a sentence why some of it, or all, cannot be told yet."""

    curves: tuple[ParameterCurve, ...] = ()
    waits: str = ""


def parameters_of(plan: Plan, found: Inventory, scene: ScenePlan) -> Parameters | None:
    """The parameters of a scene that are no constants; None where it does not move."""
    resolved = scene.resolved
    if resolved.animation != MOVING:
        return None
    if not any(isinstance(value, str) for _, value in resolved.amounts):
        return Parameters()
    if scene.frames is None:
        return Parameters(waits="What changes cannot be told before the length of the song is known.")
    if scene.frames == 0:
        return Parameters()
    heard = heard_of(found, plan.signals)
    lacking = heard.keys.keys() - heard.curves.keys()
    if heard.form is None:
        lacking |= MUSICAL
    blocked = {name: sorted(names_used(((name, value),)) & lacking) for name, value in resolved.amounts}
    amounts = tuple((name, None if blocked[name] else value) for name, value in resolved.amounts)
    used = names_used(amounts)
    place = Place(scene.index + 1, theme_number(plan.board, resolved), scene.first, scene.frames, plan.board.video.fps)
    ground = narrowed(ground_of(place, heard, used & heard.keys.keys()), used)
    try:
        return Parameters(_curves(amounts, ground, scene.frames), _waiting(blocked))
    except InputError as error:
        return Parameters(waits=str(error))


def _waiting(blocked: Mapping[str, Sequence[str]]) -> str:
    """Which parameters wait for what; empty where none does."""
    waits = [name for name, lacks in blocked.items() if lacks]
    if not waits:
        return ""
    lacks = sorted({each for own in blocked.values() for each in own})
    signals = [name for name in lacks if name not in MUSICAL]
    told = [f"the signal{'s' * (len(signals) > 1)} {', '.join(signals)}"] if signals else []
    told += ["the beats of the song"] if len(signals) < len(lacks) else []
    return f"A run has to make {' and '.join(told)} before {', '.join(waits)} can be drawn."


@lru_cache(maxsize=4096)
def _curves(amounts: Amounts, ground: Ground, frames: int) -> tuple[ParameterCurve, ...]:
    """Every parameter that changes."""
    count = min(frames, MOST_VALUES)
    asked = [place * (frames - 1) // max(count - 1, 1) for place in range(count)]
    found = values(amounts, ground, asked)
    changing = {name: each for name, each in found.items() if each and max(each) - min(each) > 1e-9}
    changing.pop("consistency", None)  # what it does in a moving scene, `strength` tells
    return tuple(ParameterCurve(name, tuple(each), min(each), max(each)) for name, each in changing.items())
