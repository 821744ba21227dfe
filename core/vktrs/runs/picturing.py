"""The stages of a run that are about one scene each: keyframe, variations, order, clip.

Pictures are made one after another by one engine; while it works on a scene, the order and the clip of the scene
before it are made on another thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged, VktrsError
from vktrs.plan import Plan, ScenePlan
from vktrs.runs.scope import Scope
from vktrs.stages import clips, keyframes, order, variations

if TYPE_CHECKING:
    from vktrs.engines.pictures import Keyframe, PictureEngine
    from vktrs.picture import Picture


class Picturing:
    """Makes what scenes lack; its engine is opened when the first picture is wanted and kept for the run."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._engine: PictureEngine | None = None
        self._opened: tuple[str, dict[str, Any]] | None = None
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clips")

    def step(self, plan: Plan) -> bool:
        """Go through the scenes once; ends early when the storyboard changed. Whether anything was done."""
        for each in plan.too_short():
            self._scope.remark(f"Scene {each.index + 1} is shorter than half a frame and is not shown.")
        wanted = [each for each in self._scope.chosen(plan) if self._lacks(each)]
        if not wanted:
            return False
        done = _Done(self._scope, plan)
        jobs: list[Future[None]] = []
        try:
            for each in wanted:
                if not self._pictures(plan, each, done):
                    break
                if self._scope.wants("order") and each.frames and not self._failed(each):
                    jobs.append(self._background.submit(self._order_and_clip, each, done))
        finally:
            _finish(jobs)
        return True

    def _lacks(self, each: ScenePlan) -> bool:
        """Whether something of this scene is missing that is in scope and has not failed already."""
        first = next(((stage, key) for stage, key in each.lacking if self._scope.wants(stage)), None)
        return first is not None and not self._scope.failed(first[0], each.scene.id, first[1])

    def _failed(self, each: ScenePlan) -> bool:
        """Whether pictures of this scene could not be made in this run."""
        return any(self._scope.failed(stage, each.scene.id, each.keyframe.key) for stage in ("keyframes", "variations"))

    def _pictures(self, plan: Plan, each: ScenePlan, done: _Done) -> bool:
        """Keyframe and variations of a scene; False where the storyboard changed meanwhile."""
        scene = each.scene.id
        self._scope.check_stop()
        if self._scope.changed():
            return False
        stage = "keyframes"
        try:
            if self._scope.wants(stage) and not each.keyframe.made:
                self._keyframe(plan, each)
                done.one(stage, each, each.keyframe.key)
            stage = "variations"
            if self._scope.wants(stage) and each.missing:
                return self._variations(plan, each, done)
        except ArtifactDamaged as damage:
            self._scope.repair(damage)
            return False
        except VktrsError as error:
            self._scope.fail(stage, scene, each.keyframe.key, error)
        return True

    def _keyframe(self, plan: Plan, each: ScenePlan) -> None:
        video = plan.board.video
        if each.scene.picture:
            from vktrs.media.frames import open_picture

            path = self._scope.project.resolve(each.scene.picture)
            picture: Picture = open_picture(path, video.width, video.height)
        else:
            request = keyframes.request(each.resolved, video)
            ((_, picture),) = self._open(plan).keyframes([request])
        keyframes.save(self._scope.project.takes, each.scene.id, each.keyframe.key, each.keyframe.inputs, picture)

    def _variations(self, plan: Plan, each: ScenePlan, done: _Done) -> bool:
        """The missing variations of a scene, each kept at once; False where the storyboard changed meanwhile."""
        asked = [variations.request(each.resolved, plan.board.video, k) for k in each.missing]
        made = self._open(plan).variations(self._load_keyframe(plan, each), asked)
        for request, picture in made:
            key = each.variation_keys[request.k - 1]
            variations.save(self._scope.project.store, key, each.variation_inputs, each.scene.id, request.k, picture)
            done.one("variations", each, key)
            self._scope.check_stop()
            if self._scope.changed():
                return False
        return True

    def _load_keyframe(self, plan: Plan, each: ScenePlan) -> Keyframe:
        from vktrs.engines.pictures import Keyframe

        request = None if each.scene.picture else keyframes.request(each.resolved, plan.board.video)
        return Keyframe(self._take(each), request)

    def _take(self, each: ScenePlan) -> Picture:
        from vktrs.media.frames import load_png

        return load_png(keyframes.take_path(self._scope.project.takes, each.scene.id, each.keyframe.key))

    def _order_and_clip(self, each: ScenePlan, done: _Done) -> None:
        """In the background: order the pictures of a scene and encode its clip."""
        assert each.order is not None and each.clip is not None
        if self._scope.should_stop() or self._scope.changed():
            return
        scene, store = each.scene.id, self._scope.project.store
        stage, key = "order", each.order.key
        try:
            if each.order.made and (each.clip.made or not self._scope.wants("clips")):
                return
            pictures = self._cycle(each)
            if not each.order.made:
                order.make(store, key, each.order.inputs, scene, pictures)
                done.one(stage, each, key)
            if self._scope.wants("clips") and not each.clip.made:
                stage, key = "clips", each.clip.key
                played = order.load(store, each.order.key, len(pictures))
                how = clips.make(store, key, each.clip.inputs, scene, [pictures[index] for index in played])
                if how != "cycle":
                    self._scope.remark(f"The clip of scene {each.index + 1} is a {how}.")
                done.one(stage, each, key)
        except ArtifactDamaged as damage:
            self._scope.repair(damage)
        except VktrsError as error:
            self._scope.fail(stage, scene, key, error)

    def _cycle(self, each: ScenePlan) -> list[Picture]:
        """Keyframe and variations in the order of their making; VktrsError where some could not be made."""
        from vktrs.media.frames import load_png

        store = self._scope.project.store
        missing = [key for key in each.variation_keys if not store.path("variations", key).exists()]
        take = keyframes.take_path(self._scope.project.takes, each.scene.id, each.keyframe.key)
        if missing or not take.exists():
            raise VktrsError(f"scene {each.index + 1} lacks pictures.")
        return [self._take(each), *(load_png(variations.path(store, key)) for key in each.variation_keys)]

    def _open(self, plan: Plan) -> PictureEngine:
        """The engine that the storyboard names; another one where that changed during the run."""
        name = plan.board.engines.pictures
        wanted = name, dict(plan.board.engines.options.get(name, {}))
        if self._engine is None or self._opened != wanted:
            from vktrs.engines.registry import open_pictures

            self._close_engine()
            self._engine, self._opened = open_pictures(*wanted), wanted
        return self._engine

    def _close_engine(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def close(self) -> None:
        """Wait for what is being written and free the engine."""
        self._background.shutdown(wait=True, cancel_futures=True)
        self._close_engine()


def _finish(jobs: Sequence[Future[None]]) -> None:
    """Wait for all of them, also where one failed; then raise what the first one raised."""
    wait(jobs)
    for job in jobs:
        job.result()


class _Done:
    """Counts what is there of each stage and tells it, artifact by artifact."""

    def __init__(self, scope: Scope, plan: Plan) -> None:
        chosen = scope.chosen(plan)
        self._scope = scope
        self._total = {
            "keyframes": len(chosen),
            "variations": sum(len(each.variation_keys) for each in chosen),
            "order": len(chosen),
            "clips": len(chosen),
        }
        self._done = {
            "keyframes": sum(each.keyframe.made for each in chosen),
            "variations": sum(len(each.variation_keys) - len(each.missing) for each in chosen),
            "order": sum(each.order is not None and each.order.made for each in chosen),
            "clips": sum(each.clip is not None and each.clip.made for each in chosen),
        }

    def one(self, stage: str, each: ScenePlan, key: str) -> None:
        """One more of a stage is there."""
        self._scope.made(stage, key, each.scene.id)
        self._done[stage] += 1
        self._scope.progress.tell(stage, self._done[stage], self._total[stage], f"scene {each.index + 1}")
