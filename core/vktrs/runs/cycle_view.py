"""The pictures of a scene as it plays them, as paths: for whoever shows a cycle. No picture is opened here."""

from __future__ import annotations

from pathlib import Path

from vktrs.errors import ArtifactDamaged
from vktrs.plan import ScenePlan
from vktrs.project import Project
from vktrs.stages import keyframes, order, variations


def cycle_paths(project: Project, scene: ScenePlan) -> tuple[Path, ...]:
    """Keyframe and variations, those that were there when the plan was made; once round.

    In playing order where that has been found, else in the order of their making.
    """
    made = [keyframes.take_path(project.takes, scene.scene.id, scene.keyframe.key)]
    made += [variations.path(project.store, key) for key in scene.variation_keys]
    lacking = {0} if not scene.keyframe.made else set()
    lacking |= set(scene.missing)
    return tuple(made[place] for place in _playing(project, scene, len(made)) if place not in lacking)


def _playing(project: Project, scene: ScenePlan, count: int) -> list[int]:
    if scene.pictures.moving is not None:  # a chain has no tour, and what is drawn between its pictures is no file
        back = range(count - 2, 0, -1) if scene.resolved.order == "ping-pong" else ()
        return [*range(count), *back]
    if scene.order is not None and scene.order.made:
        try:
            return order.load(project.store, scene.order.key, count)
        except ArtifactDamaged:
            pass  # the next run finds it and makes it again
    return list(range(count))
