"""Removing what no current scene uses: artifacts, old runs, and takes where that is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vktrs.artifacts import fingerprint
from vktrs.errors import UsageError
from vktrs.locks import FileLock
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.stages import keyframes, variations, video

_KEPT_RUNS = 3


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: paths within the project, and bytes in all."""

    names: tuple[str, ...]
    size: int


def clean(project: Project, takes: bool = False, dry_run: bool = False) -> Removed:
    """Remove what is not needed for the storyboard as it stands; UsageError while a run is going on."""
    lock = FileLock(project.run_lock)
    if not lock.acquire():
        raise UsageError("a run is going on in this project.", "Wait for it, or stop it with `vktrs stop`.")
    try:
        plan = plan_project(project)
        doomed = [*_artifacts(project, plan), *_runs(project), *(_takes(project, plan) if takes else ())]
        size = sum(_size(path) for path in doomed)
        if not dry_run:
            project.store.sweep()
            for path in doomed:
                _remove(project, path)
    finally:
        lock.release()
    return Removed(tuple(str(path.relative_to(project.root)) for path in doomed), size)


def _artifacts(project: Project, plan: Plan) -> Iterator[Path]:
    pieces = [plan.song, plan.words, plan.structure, plan.proposal, plan.video]
    pieces += [piece for each in plan.scenes for piece in (each.order, each.clip)]
    needed: dict[str, set[str]] = {}
    for piece in pieces:
        if piece is not None:
            needed.setdefault(piece.stage, set()).add(piece.key)
    if plan.song is not None and plan.span is not None:
        needed[video.AUDIO] = {fingerprint(video.audio_inputs(plan.song.key, plan.heard))}
    needed[variations.STAGE] = {key for each in plan.scenes for key in each.variation_keys}
    for stage, keys in needed.items():
        for key in sorted(project.store.keys(stage) - keys):
            yield project.store.path(stage, key)


def _runs(project: Project) -> list[Path]:
    return sorted(path for path in project.runs.glob("*") if path.is_dir())[:-_KEPT_RUNS]


def _takes(project: Project, plan: Plan) -> Iterator[Path]:
    used = {keyframes.take_path(project.takes, each.scene.id, each.keyframe.key).resolve() for each in plan.scenes}
    used |= {project.resolve(each.scene.picture).resolve() for each in plan.scenes if each.scene.picture}
    for path in sorted(project.takes.glob("*/*.png")):
        if path.resolve() not in used:
            yield path


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def _remove(project: Project, path: Path) -> None:
    if path.is_relative_to(project.store.root):
        project.store.discard(path.parent.name, path.name)
    elif path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
