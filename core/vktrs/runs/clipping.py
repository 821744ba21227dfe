"""The order and the clip of one scene after another, made in the background while the engine makes pictures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.errors import ArtifactDamaged, VktrsError
from vktrs.plan import Piece, ScenePlan
from vktrs.runs.counting import Counting
from vktrs.runs.scope import Scope
from vktrs.stages import clips, keyframes, motion, order, variations

if TYPE_CHECKING:
    from vktrs.picture import Picture


class Clipping:
    """One thread that makes orders and clips. What concerns all scenes comes out of `finish`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clips")
        self._jobs: list[Future[None]] = []

    def begin(self, each: ScenePlan, counting: Counting, saving: Sequence[Future[None]], font: Path | None) -> None:
        """Have the order and the clip of a scene made, once all of `saving` is written.

        `font` is the user's file that captions are drawn with; None for the shipped one.
        """
        self._jobs.append(self._pool.submit(self._make, each, counting, saving, font))

    def finish(self) -> None:
        """Wait for all of them, also where one failed; then raise what the first one raised."""
        jobs, self._jobs = self._jobs, []
        wait(jobs)
        for job in jobs:
            job.result()

    def close(self) -> None:
        """Wait for what is being made, and end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _make(self, each: ScenePlan, counting: Counting, saving: Sequence[Future[None]], font: Path | None) -> None:
        assert each.order is not None and each.clip is not None
        wait(saving)
        if any(picture.exception() for picture in saving):
            return  # a picture could not be written: whoever had it written raises that
        if self._scope.should_stop() or self._scope.changed() or self._scope.failed_pictures(each):
            return
        stage, key = "order", each.order.key
        lacks_order = self._lacks(each.order, counting)
        lacks_clip = self._scope.wants("clips") and self._lacks(each.clip, counting)
        if not (lacks_order or lacks_clip):
            return
        try:
            pictures = self._cycle(each)
            if lacks_order:
                order.make(self._scope.project.store, key, each.order.inputs, each.scene.id, pictures)
                counting.one(stage, each, key)
            stage, key = "clips", each.clip.key
            if lacks_clip and self._can_fade(each) and self._has_font(each.clip, font):
                self._clip(each, each.order, each.clip, pictures, font)
                counting.one(stage, each, key)
        except ArtifactDamaged as damage:
            self._scope.repair(damage)
        except VktrsError as error:
            self._scope.fail(stage, each.scene.id, key, error)

    def _can_fade(self, each: ScenePlan) -> bool:
        """Whether the pictures that it fades in from are there; VktrsError where they could not be made."""
        if each.before is None:
            return True
        if self._scope.failed_pictures(each.before):
            said = f"scene {each.index + 1} fades in from scene {each.before.index + 1}"
            raise VktrsError(f"{said}, whose pictures could not be made.", "Mend that scene, and run again.")
        return all(path.exists() for path in self._paths(each.before))  # else the next plan makes them

    def _lacks(self, piece: Piece, counting: Counting) -> bool:
        """Whether that piece is not there; a scene before may have made the same one meanwhile."""
        if piece.made:
            return False
        if self._scope.project.store.path(piece.stage, piece.key).exists():
            counting.there(piece.stage)
            return False
        return True

    def _has_font(self, clip: Piece, font: Path | None) -> bool:
        """Whether the font is the one that was planned for: else the next plan asks for another clip.

        InputError where it is no font any more.
        """
        caption = clip.inputs["caption"]
        if caption is None or font is None:
            return True
        from vktrs.media.captions import face_of

        return bool(face_of(font) and caption["font"] == self._scope.project.digest(font))

    def _clip(
        self, each: ScenePlan, ordering: Piece, clip: Piece, pictures: Sequence[Picture], font: Path | None
    ) -> None:
        from vktrs.media.stacks import reordered

        store = self._scope.project.store
        played = order.load(store, ordering.key, len(pictures))
        before = self._before(each)
        how = clips.make(store, clip.key, clip.inputs, each.scene.id, reordered(pictures, played), before, font)
        if how != "cycle":
            self._scope.remark(f"The clip of scene {each.index + 1} is a {how}.")

    def _before(self, each: ScenePlan) -> Sequence[Picture]:
        """The pictures of the scene that this one fades in from, in playing order; none where it does not."""
        from vktrs.media.stacks import reordered

        if each.before is None:
            return ()
        assert each.before.order is not None
        pictures, ordering = self._cycle(each.before), each.before.order
        store = self._scope.project.store
        if not store.path(ordering.stage, ordering.key).exists():
            order.make(store, ordering.key, ordering.inputs, each.before.scene.id, pictures)
        return reordered(pictures, order.load(store, ordering.key, len(pictures)))

    def _cycle(self, each: ScenePlan) -> Sequence[Picture]:
        """Keyframe and all other pictures in the order of their making, in the video's size.

        Some engines have sizes of their own: what they made is kept as it is, and fitted here. Those of a moving scene
        are opened when they are asked for.
        """
        from vktrs.media.frames import load_png
        from vktrs.media.stacks import Stack
        from vktrs.picture import filling

        paths, size = self._paths(each), _size(each)
        stack = Stack(len(paths), lambda index: filling(load_png(paths[index]), *size))
        chain = each.pictures.moving
        return [*stack] if chain is None else motion.with_between(stack, each.resolved.border, size, chain)

    def _paths(self, each: ScenePlan) -> list[Path]:
        """Where keyframe and all other pictures of a scene lie, or will."""
        project = self._scope.project
        take = keyframes.take_path(project.takes, each.scene.id, each.keyframe.key)
        return [take, *(variations.path(project.store, key) for key in each.variation_keys)]


def _size(each: ScenePlan) -> tuple[int, int]:
    assert each.clip is not None
    return each.clip.inputs["width"], each.clip.inputs["height"]
