"""Pictures of one plan: what is asked of the engine, and every answer kept as soon as it comes.

Which scenes, and in which groups, is decided in `picturing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from vktrs.engines.registry import is_paid
from vktrs.errors import ArtifactDamaged, VktrsError
from vktrs.plan import Plan, ScenePlan
from vktrs.runs.counting import Counting
from vktrs.runs.engine_room import EngineRoom
from vktrs.runs.keeping import Keeping, load_take, take_elsewhere
from vktrs.runs.saving import Saver
from vktrs.runs.scope import Scope
from vktrs.stages import keyframes, motion, variations

if TYPE_CHECKING:
    from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, MotionRequest
    from vktrs.picture import Picture
    from vktrs.stages.motion import Chain


class Asking:
    """Once through the scenes of a plan: what is in hand, what is counted, and what two scenes have in common.

    A picture that was paid for is written before the next one is taken from the engine. A kill costs the one that is
    being written, and of several calls at a time those that have just been answered.
    """

    def __init__(self, scope: Scope, plan: Plan, room: EngineRoom, saver: Saver) -> None:
        self.counting = Counting(scope, plan)
        self._scope = scope
        self._plan = plan
        self._room = room
        self._saver = saver
        self._keeping = Keeping(room, saver, is_paid(plan.board.engines.pictures))
        self._drawn: dict[str, Picture] = {}
        self._scene_with = dict(plan.taken)
        self._kept: set[str] = set()

    def keyframes(self, group: Sequence[ScenePlan]) -> bool:
        """The missing keyframes of a group; False where the run should plan anew."""
        self._drawn = {}
        if not self._go_on():
            return False
        if not self._scope.wants("keyframes"):
            return True
        asked: dict[KeyframeRequest, list[ScenePlan]] = {}
        for each in group:
            if each.keyframe.made:
                continue
            picture = self._own_picture(each) if each.scene.picture else self._same_elsewhere(each)
            if picture is not None:
                self._keep_keyframe(each, picture)
            else:
                asked.setdefault(keyframes.request(each.resolved, self._plan.board.video), []).append(each)
        if not asked:
            return self._go_on()
        self._room.on_step = partial(self.counting.part, "keyframes", "")
        self.counting.begin("keyframes")

        def keep(request: KeyframeRequest, answer: Answer) -> None:
            for each in asked[request]:
                self._keep_keyframe(each, answer)

        self._keeping.take_all(self._room.keyframes(self._plan.board, list(asked)), keep)
        return self._go_on() and not self._room.wound_up

    def _own_picture(self, each: ScenePlan) -> Answer:
        from vktrs.media.frames import open_picture

        video = self._plan.board.video
        try:
            return open_picture(self._scope.project.resolve(str(each.scene.picture)), video.width, video.height)
        except VktrsError as error:
            return error

    def _same_elsewhere(self, each: ScenePlan) -> Picture | None:
        """The same take of another scene, whatever that asks for now: it is not made, or paid for, twice."""
        scene = self._scene_with.get(each.keyframe.key)
        if scene is not None:
            self._saver.drain()
        return take_elsewhere(self._scope.project.takes, scene, each.keyframe.key)

    def _keep_keyframe(self, each: ScenePlan, answer: Answer) -> None:
        scene, piece = each.scene.id, each.keyframe
        if isinstance(answer, VktrsError):
            self._scope.fail("keyframes", scene, piece.key, answer)
            return
        self._drawn[piece.key] = answer
        self._scene_with[piece.key] = scene
        save = partial(keyframes.save, self._scope.project.takes, scene, piece.key, piece.inputs, answer)
        self._save(save, "keyframes", each, piece.key, piece.key)

    def variations(self, each: ScenePlan) -> bool:
        """The missing variations of a scene, each kept at once; False where the run should plan anew."""
        if not self._scope.wants("variations") or not each.missing or self._scope.failed_pictures(each):
            return self._go_on()
        if each.pictures.fault is not None:
            self._scope.fail("variations", each.scene.id, each.pictures_key, each.pictures.fault)
            return self._go_on()
        video = self._plan.board.video
        missing = [k for k in each.missing if each.variation_keys[k - 1] not in self._kept]
        self.counting.there("variations", len(each.missing) - len(missing))
        if not missing:
            return self._go_on()
        self._room.on_step = partial(self.counting.part, "variations", f"scene {each.index + 1}")
        try:
            keyframe = self._load_keyframe(each)
        except ArtifactDamaged as damage:
            self._scope.repair(damage)
            return False
        self.counting.begin("variations")
        if each.pictures.moving is not None:
            return self._chain(each, keyframe, each.pictures.moving, missing)
        asked = [variations.request(each.resolved, video, each.pictures.consistency, k) for k in missing]
        self._keeping.take_all(
            self._room.variations(self._plan.board, keyframe, asked), partial(self._keep_variation, each)
        )
        return self._go_on() and not self._room.wound_up

    def _chain(self, each: ScenePlan, keyframe: Keyframe, moving: Chain, missing: Sequence[int]) -> bool:
        """The missing pictures of a moving scene, stretch by stretch, each from the last picture that is there."""
        asked = motion.requests(each.resolved, self._plan.board.video, moving)
        for first, last in _stretches(missing):
            self._saver.drain()  # the picture before may be on its way to the disk
            try:
                previous = self._picture_before(each, keyframe, first)
            except ArtifactDamaged as damage:
                self._scope.repair(damage)
                return False
            answers = self._room.motion(self._plan.board, keyframe, asked[:last], first, previous)
            self._keeping.take_all(answers, partial(self._keep_variation, each))
            if self._room.wound_up or self._scope.failed_pictures(each):
                break
        return self._go_on() and not self._room.wound_up

    def _picture_before(self, each: ScenePlan, keyframe: Keyframe, first: int) -> Picture:
        """Picture `first` - 1 of a moving scene, in the size of the video."""
        from vktrs.media.frames import load_png
        from vktrs.picture import filling

        video = self._plan.board.video
        if first == 1:
            return filling(keyframe.picture, video.width, video.height)
        return load_png(variations.path(self._scope.project.store, each.variation_keys[first - 2]))

    def _keep_variation(self, each: ScenePlan, request: FrameRequest | MotionRequest, answer: Answer) -> None:
        scene, key = each.scene.id, each.variation_keys[request.k - 1]
        if isinstance(answer, VktrsError):
            self._scope.fail("variations", scene, each.pictures_key, answer)
            return
        self._kept.add(key)
        store, ingredients = self._scope.project.store, each.variation_inputs
        save = partial(variations.save, store, key, ingredients, scene, request, answer)
        self._save(save, "variations", each, key, each.pictures_key)

    def _save(self, save: Callable[[], None], stage: str, each: ScenePlan, key: str, failing: str) -> None:
        """Have a picture written; `failing` is the fingerprint that its stage fails by."""
        made = partial(self.counting.one, stage, each, key)
        self._keeping.save(save, made, partial(self._scope.fail, stage, each.scene.id, failing))

    def _go_on(self) -> bool:
        """Whether the storyboard is still the one that was planned for; Stopped where the run is to end."""
        self._scope.check_stop()
        return not self._scope.changed()

    def _load_keyframe(self, each: ScenePlan) -> Keyframe:
        from vktrs.engines.pictures import Keyframe

        request = None if each.scene.picture else keyframes.request(each.resolved, self._plan.board.video)
        drawn = self._drawn.get(each.keyframe.key)
        if drawn is None:
            drawn = load_take(self._scope.project.takes, each.scene.id, each.keyframe.key)
        return Keyframe(drawn, request)


def _stretches(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers that follow one another."""
    out: list[tuple[int, int]] = []
    for number in numbers:
        if out and number == out[-1][1] + 1:
            out[-1] = out[-1][0], number
        else:
            out.append((number, number))
    return out
