"""`vktrs takes` and `reroll`: the keyframes that were made for a scene, one of them chosen again, and others made."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from vktrs.errors import InputError, UsageError
from vktrs.inventory import look
from vktrs.plan import Plan, plan_project
from vktrs.project import STORYBOARD, Project
from vktrs.runs import control, rerolling
from vktrs.runs import takes as library
from vktrs.runs.control import RunRequest
from vktrs.runs.takes import Take
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs_tui.cli.edits import edit
from vktrs_tui.cli.running import parse_scenes
from vktrs_tui.cli.speaking import one_line, quoted, remark, tell
from vktrs_tui.cli.watching import watch

_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _SceneTakes:
    """The takes of one scene, the oldest first: take number 1 is the first of them."""

    id: str
    number: int
    text: str
    takes: tuple[Take, ...]

    @property
    def newest_first(self) -> Iterator[tuple[int, Take]]:
        """Each with its number, as they are listed."""
        return reversed(list(enumerate(self.takes, start=1)))


@click.command()
@click.argument("scene", metavar="[SCENE]", required=False)
@click.argument("folder", metavar="[DIR]", type=_FOLDER, required=False)
@click.option("--use", "chosen", type=click.IntRange(min=1), metavar="N", help="Choose take N of that scene again.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs; its shape is in the README.")
def takes(scene: str | None, folder: Path | None, chosen: int | None, as_json: bool) -> int:
    """List the keyframes that were made for a scene, or for all of them: the newest first, the current one marked.

    Numbers count from the oldest, so that they stay what they are when others are made.

    \b
    Example:  vktrs takes 3 my_video
              vktrs takes 3 my_video --use 2
    """
    project, scene = _project_and_scene(scene, folder)
    if chosen is not None and as_json:
        raise UsageError("--use lists nothing.", "Leave --json out, or ask for the list after it.")
    if chosen is not None:
        if scene is None:
            raise UsageError("whose take?", "Name the scene: `vktrs takes 3 --use 2`.")
        return _use(project, _one_scene(project, scene), chosen)
    found = list(_listed(project, scene))
    if as_json:
        tell(json.dumps([_as_json(each) for each in found], indent=1))
    else:
        _tell_takes(project, found)
    return 0


@click.command()
@click.argument("scene", metavar="SCENE")
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--count", type=click.IntRange(1, rerolling.MOST_TAKES), metavar="N", help="How many new keyframes.")
@click.option("--frame", type=int, metavar="K", help="Instead, make variation K (from 1) anew, with the next seed.")
@click.option("--device", metavar="NAME", help="Where diffusers makes its pictures: cuda:1, cpu, mps.")
@click.option("--budget", type=float, metavar="N", help="End before more than N credits are spent (paid engines).")
def reroll(
    scene: str, folder: Path, count: int | None, frame: int | None, device: str | None, budget: float | None
) -> int:
    """Make other keyframes for a scene, with new seeds, and leave the chosen one; `vktrs takes` chooses among them.

    With --frame, one unwanted variation is replaced: its new seed is written into the storyboard.

    \b
    Example:  vktrs reroll 3 my_video --count 4
              vktrs reroll 3 my_video --frame 2
    """
    if frame is not None and count is not None:
        raise UsageError("--frame and --count are two wishes.", "Ask for one of them at a time.")
    project = Project.open(folder)
    scene_id = _one_scene(project, scene)
    if frame is not None:
        return _reroll_frame(project, scene_id, frame, RunRequest("clips", (scene_id,), device=device, budget=budget))
    wish = scene_id, count or 1
    request = RunRequest("keyframes", (scene_id,), device=device, budget=budget, reroll=wish)
    before = set(library.takes(project, scene_id))
    code = watch(project, control.start(project, request))
    _tell_new(project, scene_id, before)
    return code


def _reroll_frame(project: Project, scene_id: str, frame: int, request: RunRequest) -> int:
    if (going := control.live_run(project)) is not None:
        raise UsageError(f"run {going.id} is going on.", "Wait for it, or stop it with `vktrs stop`.")
    number = project.document().board.index(scene_id) + 1

    def change(board: Storyboard) -> Edited:
        return rerolling.reseed_edit(board, look(project, board), scene_id, frame)

    rerolling.check_reseed(project, request, frame)
    remark(*edit(project, f"give variation {frame} of scene {number} another seed", change).adjusted)
    return watch(project, control.start(project, request))


def _use(project: Project, scene_id: str, number: int) -> int:
    plan = plan_project(project)
    found = next(each for each in _listed(project, scene_id, plan))
    if number > len(found.takes):
        hint = _which(project, found)
        raise UsageError(f"scene {found.number} has no take {number}.", f"{hint[0].upper()}{hint[1:]}")
    take = found.takes[number - 1]
    fields: dict[str, object] = {}

    def change(board: Storyboard) -> Edited:
        fields.update(library.choice(board, take).fields)
        return library.choose_edit(board, take)

    applied = edit(project, f"choose a take for scene {found.number}", change)
    for said in applied.adjusted:
        remark(said)
    if applied.entry_id is None:
        remark(f"Take {number} is the current one of scene {found.number} already.")
    else:
        written = "; ".join(
            f"{name} taken out" if value is None else f"{name} {value}" for name, value in fields.items()
        )
        remark(f"Scene {found.number} has take {number} again: {one_line(written)}.")
        remark(f"Next:  vktrs run {quoted(project.root)}")
    tell(str(take.path))
    return 0


def _project_and_scene(scene: str | None, folder: Path | None) -> tuple[Project, str | None]:
    """The project, and the scene as it was named; one argument alone may be either."""
    if scene is not None and folder is None and _is_project(Path(scene)) and not _is_scene_here(scene):
        return Project.open(Path(scene)), None
    return Project.open(folder or Path()), scene


def _is_project(folder: Path) -> bool:
    return (folder / STORYBOARD).is_file()


def _is_scene_here(name: str) -> bool:
    if not _is_project(Path()):
        return False
    try:
        return bool(parse_scenes(name, Project.open(Path()).document().board))
    except (UsageError, InputError):
        return False


def _one_scene(project: Project, name: str) -> str:
    """The id of the scene that is named; UsageError where it is none, or more than one."""
    ids = parse_scenes(name, project.document().board)
    if len(ids) > 1:
        raise UsageError(f"{name} are {len(ids)} scenes.", "Name one of them, by its number or id.")
    return ids[0]


def _listed(project: Project, scenes: str | None, plan: Plan | None = None) -> Iterator[_SceneTakes]:
    """The takes of those scenes, also where there are none; of all scenes that have some for None."""
    plan = plan or plan_project(project)
    named = None if scenes is None else parse_scenes(scenes, plan.board)
    for number, scene in enumerate(plan.board.scenes, start=1):
        if named is None or scene.id in named:
            found = library.takes(project, scene.id, plan)
            if found or named is not None:
                yield _SceneTakes(scene.id, number, scene.text, found)


def _tell_new(project: Project, scene_id: str, before: Collection[Take]) -> None:
    """The list, where takes were added; a run that was left to itself may add more."""
    (found,) = _listed(project, scene_id)
    old = {take.key for take in before}
    new = sum(take.key not in old for take in found.takes)
    if new and control.live_run(project) is None:
        _tell_takes(project, [found])
        command = f"`vktrs takes {found.number} {quoted(project.root)} --use N`"
        remark(f"{new} new take{'' if new == 1 else 's'} of scene {found.number}; {command} chooses one.")


def _tell_takes(project: Project, found: Sequence[_SceneTakes]) -> None:
    if not found:
        remark("No takes yet; `vktrs run` makes them.")
    for each in found:
        if each.takes:
            tell(f"scene {each.number} ({each.id}){': ' if each.text else ''}{one_line(each.text)}")
        else:
            remark(f"Scene {each.number}: {_which(project, each)}")
        for number, take in each.newest_first:
            for line in _lines(project, number, take):
                tell(line)


def _lines(project: Project, number: int, take: Take) -> Iterator[str]:
    made = "your own picture" if take.picture is not None else f"seed {take.seed}" if take.seed is not None else ""
    size = f"{take.size[0]}x{take.size[1]}" if take.size else ""
    facts = (_when(take), made, take.engine, size, f"damaged: {take.damaged}" if take.damaged else "")
    yield f"{'*' if take.current else ' '}{number:>3}  {'  '.join(fact for fact in facts if fact)}"
    if take.prompt:
        yield f"      {one_line(take.prompt)}"
    if take.negative_prompt:
        yield f"      not: {one_line(take.negative_prompt)}"
    yield f"      {take.path.relative_to(project.root)}"


def _when(take: Take) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(take.made))


def _which(project: Project, found: _SceneTakes) -> str:
    where = f"{found.number} {quoted(project.root)}"
    if not found.takes:
        return f"there are no takes yet; `vktrs reroll {where}` makes one."
    return f"its takes are numbered from 1 to {len(found.takes)}; `vktrs takes {where}` lists them."


def _as_json(each: _SceneTakes) -> dict[str, Any]:
    """A scene's takes in the documented shape of `vktrs takes --json`."""
    rows = [
        {
            "number": number,
            "current": take.current,
            "prompt": take.prompt,
            "negative_prompt": take.negative_prompt,
            "seed": take.seed,
            "engine": take.engine,
            "picture": take.picture,
            "made": take.made,
            "size": take.size,
            "path": str(take.path),
            "damaged": take.damaged,
        }
        for number, take in each.newest_first
    ]
    return {"id": each.id, "index": each.number, "takes": rows}
