"""Removing what no current scene uses: artifacts, old runs, and takes where that is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vktrs.artifacts import fingerprint
from vktrs.engines.registry import check_options
from vktrs.errors import UsageError
from vktrs.inventory import Inventory, look
from vktrs.locks import PATIENCE, FileLock
from vktrs.plan import Plan, ScenePlan, all_signals, make_plan
from vktrs.project import Project
from vktrs.stages import keyframes, rehearing, signals, stems, variations, video, words
from vktrs.stages.showing import MOVING
from vktrs.storyboard.model import Storyboard

_KEPT_RUNS = 3


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: paths within the project, and bytes in all."""

    names: tuple[str, ...]
    size: int


def clean(project: Project, takes: bool = False, dry_run: bool = False) -> Removed:
    """Remove what is not needed for the storyboard as it stands; UsageError while a run is going on.

    Pictures may have cost money, and so they stay while what the storyboard means is not certain: InputError where an
    option of the engine is wrong; those of a scene stay while the user's own picture for it is away, and words
    while the lyrics are. Variations that an excerpt or a change of length does not show stay, too; of a scene that
    moves, those that an excerpt does not.
    """
    lock = FileLock(project.run_lock)
    if not lock.acquire(patience=PATIENCE):
        raise UsageError("a run is going on in this project.", "Wait for it, or stop it with `vktrs stop`.")
    try:
        board = project.document().board
        found = look(project, board)
        plan = make_plan(board, found)
        engines = board.engines
        check_options(engines.pictures, engines.options.get(engines.pictures, {}))
        kept = {key for each in (plan, _whole(board, found)) for key in _shown(project, each)}
        doomed = [*_artifacts(project, plan, found, kept), *_runs(project), *(_takes(project, plan) if takes else ())]
        size = sum(_size(path) for path in doomed)
        if not dry_run:
            project.store.sweep()
            for path in doomed:
                _remove(project, path)
    finally:
        lock.release()
    return Removed(tuple(str(path.relative_to(project.root)) for path in doomed), size)


def _whole(board: Storyboard, found: Inventory) -> Plan:
    """The plan of the same storyboard without its excerpt: what that does not show now may be wanted again."""
    return make_plan(replace(board, song=replace(board.song, excerpt=None)), found)


def _shown(project: Project, plan: Plan) -> Iterator[str]:
    return (key for each in plan.scenes for key in _variations(project, each))


def _artifacts(project: Project, plan: Plan, found: Inventory, pictures: Collection[str]) -> Iterator[Path]:
    pieces = [plan.song, plan.words, *plan.hearings, plan.structure, plan.proposal, plan.video]
    pieces += [piece for each in plan.scenes for piece in (each.order, each.clip)]
    needed: dict[str, set[str]] = {}
    for piece in pieces:
        if piece is not None:
            needed.setdefault(piece.stage, set()).add(piece.key)
    if plan.song is not None and plan.span is not None:
        needed[video.AUDIO] = {fingerprint(video.audio_inputs(plan.song.key, plan.heard))}
    if plan.song is not None:
        needed[signals.STAGE] = {each.key for each in all_signals(plan.board, found, plan.song).values()}
        needed[stems.STAGE] = {fingerprint(stems.inputs(plan.song.key))}
    if plan.board.song.lyrics and found.lyrics is None:  # they are away: what was laid is wanted when they are back
        needed[words.STAGE] = set(project.store.keys(words.STAGE))
    needed[rehearing.STAGE] = set()  # what waits to be decided on lies in the journal
    needed[variations.STAGE] = {*pictures, *_undecided(project, plan)}
    for stage, keys in needed.items():
        for key in sorted(project.store.keys(stage) - keys):
            yield project.store.path(stage, key)


def _undecided(project: Project, plan: Plan) -> Iterator[str]:
    """All pictures of scenes of which it cannot be told now which they show; a chain hangs on its keyframe."""
    scenes = {
        each.scene.id
        for each in plan.scenes
        if each.pictures.waits or each.pictures.fault or (each.resolved.animation == MOVING and _is_away(project, each))
    }
    if scenes:
        for key in project.store.keys(variations.STAGE):
            if project.store.scene(variations.STAGE, key) in scenes:
                yield key


def _variations(project: Project, each: ScenePlan) -> Iterator[str]:
    """All variations that the scene can show at any length; while its own picture is away, those of all its takes.

    Of a scene that moves, the pictures of its chain.
    """
    yield from each.variation_keys
    if each.resolved.animation == MOVING:
        return
    how_many = variations.most(each.resolved)
    keyframe_keys = _take_keys(project, each) if _is_away(project, each) else [each.keyframe.key]
    for key in keyframe_keys:
        ingredients = {**each.variation_inputs, "keyframe": key}
        yield from variations.keys(ingredients, how_many, dict(each.resolved.frame_seeds))


def _is_away(project: Project, each: ScenePlan) -> bool:
    return each.scene.picture is not None and not project.resolve(each.scene.picture).is_file()


def _take_keys(project: Project, each: ScenePlan) -> list[str]:
    return [path.stem for path in (project.takes / each.scene.id).glob("[!.]*.png")]


def _runs(project: Project) -> list[Path]:
    return sorted(path for path in project.runs.glob("*") if path.is_dir())[:-_KEPT_RUNS]


def _takes(project: Project, plan: Plan) -> Iterator[Path]:
    used = {keyframes.take_path(project.takes, each.scene.id, each.keyframe.key).resolve() for each in plan.scenes}
    used |= {project.resolve(each.scene.picture).resolve() for each in plan.scenes if each.scene.picture}
    undecided = {each.scene.id for each in plan.scenes if _is_away(project, each)}
    for path in sorted(project.takes.glob("*/*.png")):
        if path.resolve() not in used and path.parent.name not in undecided:
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
