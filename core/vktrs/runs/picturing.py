"""The stages of a run that are about one scene each: keyframe, variations, order, clip.

Pictures are made by one engine, group by group: the keyframes of a few scenes together, then the variations of each.
They are written on one thread (`saving`), and on another the order and the clip of the scenes before are made
(`clipping`), so that the engine waits for neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from vktrs.engines.registry import is_paid, keyframes_at_once
from vktrs.inventory import font_path
from vktrs.motion.parameters import PARAMETERS
from vktrs.plan import Plan, ScenePlan
from vktrs.runs.asking import Asking
from vktrs.runs.clipping import Clipping
from vktrs.runs.engine_room import EngineRoom
from vktrs.runs.saving import Saver
from vktrs.runs.scope import Scope
from vktrs.runs.settling import Settling, numbered

_PICTURES = ("keyframes", "variations")


class Picturing:
    """Makes what scenes lack; its engine is opened when the first picture is wanted and kept for the run."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.room = EngineRoom(scope)
        self._settling = Settling(scope)
        self._saver = Saver()
        self._clipping = Clipping(scope)

    def step(self, plan: Plan) -> bool:
        """Go through the scenes once; ends early when the storyboard changed. Whether anything was done."""
        self._tell_oddities(plan)
        chosen = {each.index for each in self._scope.chosen(plan)}
        wanted = [each for each in self._scope.pictured(plan) if self._lacks(each, each.index not in chosen)]
        if not wanted:
            return False
        if is_paid(plan.board.engines.pictures):
            settled = self._settling.settled(plan, wanted)
            unsettled = {each.index for each in wanted} - {each.index for each in settled}
            wanted = [each for each in settled if not _only_fades(each, unsettled)]
            if not wanted:
                self._settling.pause()
                return True
        asking = Asking(self._scope, plan, self.room, self._saver)
        try:
            self._go_through(plan, wanted, chosen, asking)
        finally:
            try:
                self._saver.drain()
            finally:
                self._clipping.finish()
        return True

    def _tell_oddities(self, plan: Plan) -> None:
        for each in plan.too_short():
            self._scope.remark(f"Scene {each.index + 1} is shorter than half a frame and is not shown.")
        off_beat = [each.index + 1 for each in plan.scenes if each.pictures.off_beat]
        if off_beat:
            self._scope.remark(f"No beat was found in the song, so nothing loops on it: {numbered(off_beat)}.")
        for name, about in PARAMETERS.items():
            cut = [each.index + 1 for each in plan.scenes if each.pictures.moving and name in each.pictures.moving.cut]
            if cut:
                said = f"`{name}` goes beyond {about.low:g} to {about.high:g} and is cut there"
                self._scope.remark(f"{said}: {numbered(cut)}.")

    def _go_through(self, plan: Plan, wanted: Sequence[ScenePlan], chosen: Collection[int], asking: Asking) -> None:
        self._tell_beside([each for each in wanted if each.index not in chosen])
        font = font_path(self._scope.project, plan.board)
        for group in _groups(wanted, keyframes_at_once(plan.board.engines.pictures)):
            if not asking.keyframes(group):
                return
            for each in group:
                if not asking.variations(each):
                    return
                clipped = each.index in chosen and each.order is not None and each.clip is not None
                if self._scope.wants("order") and clipped and not self._scope.failed_pictures(each):
                    self._clipping.begin(each, asking.counting, self._saver.pending, font)

    def _tell_beside(self, beside: Sequence[ScenePlan]) -> None:
        if beside:
            named = numbered([each.index + 1 for each in beside])
            self._scope.remark(f"The clips fade in from {named}, whose pictures are made, too.")

    def _lacks(self, each: ScenePlan, pictures_only: bool = False) -> bool:
        """Whether something of this scene is missing that is in scope and has not failed already."""
        pictures_only = pictures_only or each.clip is None
        lacking = [piece for piece in each.lacking if not pictures_only or piece[0] in _PICTURES]
        first = next(((stage, key) for stage, key in lacking if self._scope.wants(stage)), None)
        return first is not None and not self._scope.failed(first[0], each.scene.id, first[1])

    def close(self) -> None:
        """Wait for what is being written and free the engine."""
        self._saver.close()
        self._clipping.close()
        self.room.close()


def _only_fades(each: ScenePlan, unsettled: Collection[int]) -> bool:
    """Whether all that a scene lacks is its clip, which fades in from a scene that is not ready."""
    only = [stage for stage, _ in each.lacking] == ["clips"]
    return only and each.before is not None and each.before.index in unsettled


def _groups(wanted: Sequence[ScenePlan], most: int) -> Iterator[list[ScenePlan]]:
    """Scenes one after another, so that no group lacks more than `most` keyframes."""
    group: list[ScenePlan] = []
    lacking = 0
    for each in wanted:
        if lacking == most:
            yield group
            group, lacking = [], 0
        group.append(each)
        lacking += not each.keyframe.made
    if group:
        yield group
