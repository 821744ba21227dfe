"""What a run would take, told before it begins: pictures by stage, calls of the engine, about how many credits.

Pure: it counts what a plan lacks in the scope of a request, and asks the engine's package what that costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vktrs.engines import registry
from vktrs.errors import InputError
from vktrs.plan import Plan, ScenePlan
from vktrs.runs.control import RunRequest
from vktrs.stages import STAGES
from vktrs.stages.showing import MOVING

if TYPE_CHECKING:
    from vktrs.engines.pictures import Estimate


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run has to make.

    `keyframes` and `variations` are asked of `engine`, `own` keyframes are the user's pictures. `pictures` is the
    engine's word on it; None where its options are wrong. It is all that can be said while there are no scenes
    (`scenes_known`), and the most there can be while the length of the song, its beats or its signals are not known
    (`at_most`). The pictures of a last scene that moves are not among them while nobody knows where the song ends
    (`open_end`).
    """

    engine: str
    keyframes: int
    own: int
    variations: int
    clips: int
    pictures: Estimate | None
    scenes_known: bool = True
    at_most: bool = False
    open_end: bool = False
    for_keyframes: float = 0.0
    """How many of the credits the keyframes cost."""

    @property
    def credits(self) -> float | None:
        """About how many credits; None where pictures cost none, or where that cannot be said."""
        known = self.scenes_known and not self.open_end
        return self.pictures.credits if self.pictures and known else None


def expected(plan: Plan, request: RunRequest) -> Expected:
    """What a run of this plan has to make, in the stages and scenes that are asked for."""
    wanted = [stage for stage in STAGES if STAGES.index(stage) <= STAGES.index(request.to)]
    chosen = plan.chosen(request.scenes)
    pictured = [*chosen, *(plan.faded_from(request.scenes) if "clips" in wanted else ())]
    drawn = [each for each in pictured if not each.keyframe.made and "keyframes" in wanted]
    keyframes = len({each.keyframe.key for each in drawn if not each.scene.picture} - plan.taken.keys())
    lacking = list(_lacking(pictured)) if "variations" in wanted else []
    waiting = any(each.pictures.waits for each in pictured)
    endless = [each for each in pictured if each.end is None and each.resolved.animation == MOVING]
    clips = sum(_lacks_clip(each) for each in chosen if "clips" in wanted)
    if request.reroll is not None:
        drawn, keyframes, lacking, clips = [], request.reroll[1], [], 0
    cycles = [count for each, numbers in lacking for count in _together(plan, each, numbers)]
    told, alone = _estimate(plan, keyframes, cycles), _estimate(plan, keyframes, [])
    return Expected(
        engine=plan.board.engines.pictures,
        keyframes=keyframes,
        own=sum(bool(each.scene.picture) for each in drawn),
        variations=sum(len(numbers) for _, numbers in lacking),
        clips=clips,
        pictures=told,
        for_keyframes=(alone.credits or 0.0) if alone else 0.0,
        scenes_known=bool(plan.scenes) or "keyframes" not in wanted,
        open_end=bool(endless) and "variations" in wanted and request.reroll is None,
        at_most=(plan.frames is None or waiting) and bool(lacking),
    )


def _lacking(chosen: Iterable[ScenePlan]) -> Iterator[tuple[ScenePlan, Sequence[int]]]:
    """The variations that each scene lacks and no scene before it asks for, too; none where they cannot be made."""
    asked: set[str] = set()
    for each in chosen:
        if each.pictures.fault is not None:
            continue
        if each.pictures.waits and each.pictures.at_most:
            yield each, range(1, each.pictures.at_most + 1)
        new = [k for k in each.missing if each.variation_keys[k - 1] not in asked]
        asked |= {each.variation_keys[k - 1] for k in new}
        if new:
            yield each, new


def _together(plan: Plan, each: ScenePlan, numbers: Sequence[int]) -> list[int]:
    """How many of these variations are asked for at a time; those of a chain one by one, and of a service that is paid
    only what is drawn anew."""
    if each.resolved.animation != MOVING:
        return [len(numbers)]
    chain = each.pictures.moving
    if chain is None or not registry.is_paid(plan.board.engines.pictures):
        return [1] * len(numbers)
    return [1 for k in numbers if chain.steps[k - 1].strength > 0]


def _lacks_clip(each: ScenePlan) -> bool:
    return each.pictures.fault is None and (each.clip is None or not each.clip.made)


def _estimate(plan: Plan, keyframes: int, cycles: list[int]) -> Estimate | None:
    name, video = plan.board.engines.pictures, plan.board.video
    options = plan.board.engines.options.get(name, {})
    try:
        return registry.estimate(name, options, video.width, video.height, keyframes, cycles)
    except InputError:
        return None


def pictures_line(found: Expected) -> str:
    """How many pictures, and where they cost credits, in how many calls and about how many; empty where none is asked
    of an engine."""
    told = found.pictures
    if not found.scenes_known or told is None or not told.pictures:
        return ""
    most = "at most " if found.at_most and not found.open_end else ""
    rest = "; those of the last scene are counted once the song is read" if found.open_end else ""
    pictures = _many(told.pictures, "picture")
    if told.credits is None:
        return f"{most}{pictures} by {found.engine}{rest}"
    cost = f"about {_credits(told.credits)}"
    if found.keyframes and found.variations:
        cost += f" ({found.for_keyframes:.10g} for keyframes, {told.credits - found.for_keyframes:.10g} for variations)"
    return f"{most}{pictures} in {_many(told.calls, 'call')} of {found.engine}, {cost}{rest}"


def remarks(found: Expected, request: RunRequest) -> Iterator[str]:
    """What somebody who asked for this should hear before it begins: a wish without effect, a budget too small."""
    paid = registry.is_paid(found.engine)
    users = registry.with_device()
    if request.device is not None and found.engine not in users:
        only = " and ".join(users)
        yield f"`--device {request.device}` changes nothing here: only {only} uses it, not {found.engine}."
    if paid and not found.scenes_known:
        yield "Credits are known once there are scenes; `vktrs run DIR --to scenes` costs none."
    if request.budget is None:
        return
    if not paid:
        yield f"`--budget` changes nothing here: pictures by {found.engine} cost no credits."
    elif not found.scenes_known:
        yield f"The run ends when the budget of {request.budget:g} is used up."
    elif not suffices(found, request.budget):
        needed = f"About {_credits(found.credits or 0)} are needed and the budget is {request.budget:g}."
        rest = "the other takes are not made" if request.reroll is not None else "the next run makes the rest"
        yield f"{needed} The run ends when that is used up, and {rest}."


def budget_line(found: Expected, budget: float) -> str:
    """Whether a budget of so many credits suffices; empty where pictures cost none."""
    if not registry.is_paid(found.engine):
        return ""
    said = _credits(budget)
    if found.credits is None:
        return f"{said}; whether that suffices is not known yet"
    if suffices(found, budget):
        return f"{said}, which suffices"
    return f"{said}, which does not suffice; the run would end when that is used up"


def suffices(found: Expected, budget: float) -> bool:
    """Whether a run is not known to cost more than that."""
    return found.credits is None or found.credits <= budget + 1e-9


def _credits(credits: float) -> str:
    return _many(round(credits, 1), "credit")


def _many(count: float, name: str) -> str:
    return f"{count:.10g} {name}{'' if count == 1 else 's'}"
