"""Other pictures for a scene: new takes beside the chosen one, and another seed for one unwanted variation.

New takes are made by a run of their own, which makes nothing else and writes nothing into the storyboard. Their seeds
follow from the scene's own, so that the same wish gives the same pictures on every machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint
from vktrs.engines.registry import is_paid
from vktrs.errors import InputError, VktrsError
from vktrs.inventory import Inventory
from vktrs.plan import Plan, ScenePlan, make_plan
from vktrs.project import Project
from vktrs.runs import preflight
from vktrs.runs.control import RunRequest
from vktrs.runs.engine_room import EngineRoom
from vktrs.runs.keeping import Keeping, take_elsewhere
from vktrs.runs.saving import Saver
from vktrs.runs.scope import Scope
from vktrs.runs.settling import Settling
from vktrs.stages import keyframes, variations
from vktrs.stages.showing import key_with_seed
from vktrs.storyboard.edits import Edited, set_field
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.resolve import SEED_LIMIT, Resolved, derived_seed

if TYPE_CHECKING:
    from vktrs.engines.pictures import Answer, KeyframeRequest

MOST_TAKES = 16
"""New takes that may be asked for at once."""


@dataclass(frozen=True, slots=True)
class NewTake:
    """A take that is to be made: its fingerprint, what that is made of, and the scene's values with its seed."""

    key: str
    inputs: dict[str, Any]
    resolved: Resolved


def new_takes(plan: Plan, each: ScenePlan, there: Collection[str]) -> Iterator[NewTake]:
    """Takes of the scene's prompt with other seeds, in their order; those whose fingerprints are `there` left out."""
    engine = keyframes.engine_inputs(plan.board.engines, plan.board.video)
    number = 0
    while True:
        number += 1
        resolved = replace(each.resolved, seed=derived_seed(each.resolved.seed, "take", number))
        inputs = keyframes.inputs(resolved, plan.board.video, engine, None)
        key = fingerprint(inputs)
        if key not in there:
            yield NewTake(key, inputs, resolved)


class Rerolling:
    """The run that `RunRequest.reroll` asks for: so many new takes of one scene."""

    def __init__(self, scope: Scope, room: EngineRoom) -> None:
        assert scope.request.reroll is not None
        self._scope = scope
        self._room = room
        self._settling = Settling(scope)
        self._scene, self._count = scope.request.reroll
        self._answered = 0
        self._failed: set[str] = set()

    def run(self) -> None:
        """Make them; raises what concerns all of them, remembers in the scope what fails one only."""
        with closing(Saver()) as saver:
            while self._answered < self._count:
                self._scope.check_stop()
                self._step(saver)

    def _step(self, saver: Saver) -> None:
        """Ask for what is left; ends early when the storyboard changed, of which the next takes are then made."""
        plan = self._scope.plan()
        each = scene_plan(plan, self._scene)
        paid = is_paid(plan.board.engines.pictures)
        if paid and not self._settling.settled(plan, [each]):
            self._settling.pause()
            return
        keeping = Keeping(self._room, saver, paid)
        there = self._scope.look(plan.board).takes.get(self._scene, frozenset()) | self._failed
        asked: dict[KeyframeRequest, NewTake] = {}
        for take in new_takes(plan, each, there):
            if self._answered + len(asked) == self._count:
                break
            same = take_elsewhere(self._scope.project.takes, plan.taken.get(take.key), take.key)
            if same is not None:
                self._keep(keeping, each, take, same)
            else:
                asked.setdefault(keyframes.request(take.resolved, plan.board.video), take)
        self._room.on_step = partial(self._tell, each)
        self._scope.progress.begin(keyframes.STAGE, self._answered)

        def keep(request: KeyframeRequest, answer: Answer) -> None:
            self._keep(keeping, each, asked[request], answer)

        try:
            if asked:
                keeping.take_all(self._room.keyframes(plan.board, list(asked)), keep)
        finally:
            saver.drain()

    def _keep(self, keeping: Keeping, each: ScenePlan, take: NewTake, answer: Answer) -> None:
        self._answered += 1
        if isinstance(answer, VktrsError):
            self._failed.add(take.key)
            self._scope.fail(keyframes.STAGE, self._scene, take.key, answer)
            return
        save = partial(keyframes.save, self._scope.project.takes, self._scene, take.key, take.inputs, answer)
        kept = partial(self._kept, each, take.key, self._answered)
        keeping.save(save, kept, partial(self._scope.fail, keyframes.STAGE, self._scene, take.key))

    def _kept(self, each: ScenePlan, key: str, number: int) -> None:
        """On the saving thread: tell of a take that is written."""
        self._scope.made(keyframes.STAGE, key, self._scene)
        self._scope.progress.tell(keyframes.STAGE, number, self._count, f"scene {each.index + 1}")

    def _tell(self, each: ScenePlan, pictures: int, steps: int, of: int) -> None:
        """So many steps of so many pictures in hand are done."""
        what, part = f"scene {each.index + 1}, step {steps} of {of}", pictures * steps / of if of else 0.0
        self._scope.progress.tell(keyframes.STAGE, self._answered, self._count, what, part)


def scene_plan(plan: Plan, scene_id: str) -> ScenePlan:
    """What the plan says of that scene; InputError where there is none of that id."""
    found = next((each for each in plan.scenes if each.scene.id == scene_id), None)
    if found is None:
        raise InputError(f"There is no scene `{scene_id}`.", "It may have been deleted meanwhile.")
    return found


def reseed_edit(board: Storyboard, found: Inventory, scene_id: str, k: int) -> Edited:
    """The storyboard in which variation `k` (from 1) of the scene has the next seed; those that were tried are skipped.

    `found` is what lies on disk for this board. InputError where the scene shows no variation of that number.
    """
    each = scene_plan(make_plan(board, found), scene_id)
    check_variation(each, k)
    seed = variations.seed(each.resolved, k)
    tried = found.made[variations.STAGE]
    while True:
        seed = (seed + 1) % SEED_LIMIT
        if key_with_seed(each.resolved, each.pictures, k, seed) not in tried:
            break
    seeds = dict(each.scene.frame_seeds or ()) | {k: seed}
    said = f"Variation {k} of scene {each.index + 1} has the seed {seed} now."
    return Edited(set_field(board, scene_id, "frame_seeds", list(seeds.items())).board, (said,))


def check_reseed(project: Project, request: RunRequest, k: int) -> None:
    """Raise what would keep a run of that request from making variation `k` of its one scene with another seed.

    Asked before that seed is written: one that comes to nothing would cost the picture before it and its clip.
    """
    scope = Scope(project, request, _unheard, lambda: False)
    board = project.document().board
    (scene_id,) = request.scenes or ()
    changed = reseed_edit(board, scope.look(board), scene_id, k).board
    preflight.check(scope, make_plan(changed, scope.look(changed)))


def _unheard(event: str, **values: Any) -> None:
    """Remarks are made by the run itself."""


def check_variation(each: ScenePlan, k: int) -> None:
    """InputError where the scene does not show a variation of that number, or that cannot be told or made now."""
    shown, number = len(each.variation_keys), each.index + 1
    if each.pictures.fault is not None:
        raise InputError(f"scene {number}: {each.pictures.fault.message}", each.pictures.fault.hint)
    if each.pictures.waits:
        unknown = f"which pictures scene {number} shows is not known yet."
        raise InputError(unknown, "`vktrs run --to signals` finds out.")
    if 1 <= k <= shown:
        return
    if shown:
        right = f"Choose one from 1 to {shown}." if shown > 1 else "It has one: write 1."
        raise InputError(f"scene {number} shows no variation {k}.", f"{right} The keyframe is another take.")
    right = f"`vktrs reroll {number}` makes another keyframe."
    raise InputError(f"scene {number} shows no variations, only its keyframe.", right)
