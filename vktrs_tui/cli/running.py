"""`vktrs run`, `follow` and `stop`: a run is another process; these only start it, watch it and ask it to end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import click

from vktrs.errors import UsageError, VktrsError
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs.stages import STAGES
from vktrs.storyboard.model import Pictures, Storyboard
from vktrs_tui.cli.speaking import quoted, remark, say_error, tell
from vktrs_tui.cli.watching import say_video, watch

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option(
    "--to", type=click.Choice(STAGES), default="video", metavar="STAGE", help=f"Stop after: {', '.join(STAGES)}."
)
@click.option("--scenes", metavar="LIST", help="Only these scenes: numbers, ranges and ids, as in 3,7-9,k7f3.")
@click.option("--partial", is_flag=True, help="Also write output.partial.mp4, with stand-ins for what is missing.")
@click.option(
    "--pictures",
    type=click.Choice(get_args(Pictures)),
    metavar="ENGINE",
    help="Another picture engine for this run, into output.ENGINE.mp4.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be made, and what is missing for it.")
@click.option("--detach", is_flag=True, help="Start the run and return; `vktrs follow` shows it.")
def run(
    folder: Path, to: str, scenes: str | None, partial: bool, pictures: str | None, dry_run: bool, detach: bool
) -> int:
    """Make what is missing or stale, up to the video. A broken run just goes on.

    The work is done by a process of its own: Ctrl-C once leaves it to itself, twice stops it.

    \b
    Example:  vktrs run my_video
              vktrs run my_video --scenes 3,7-9 --to variations
              vktrs run my_video --pictures cppn      (a quick animatic)
    """
    project = Project.open(folder)
    document = project.document()
    for warning in document.warnings:
        remark(f"vktrs: {warning}")
    chosen = parse_scenes(scenes, document.board) if scenes is not None else None
    request = RunRequest(to, chosen, partial, pictures)
    if dry_run:
        return _dry_run(project, request)
    fresh = _fresh_plan(project, request)
    if fresh:
        remark("Everything is fresh; there is nothing to do.")
        say_video(project, project.resolve(document.board.video.file), fresh)
        return 0
    started = control.start(project, request)
    if detach:
        tell(started.id)
        remark(f"The run goes on by itself; `vktrs follow {quoted(folder)}` shows it.")
        return 0
    return watch(project, started)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
def follow(folder: Path) -> int:
    """Attach to the run that is going on, or tell how the last one ended; ends with its exit code.

    \b
    Example:  vktrs follow my_video
    """
    project = Project.open(folder)
    found = control.last_run(project)
    if found is None:
        raise UsageError(f"there was no run in {folder} yet.", f"`vktrs run {quoted(folder)}` starts one.")
    return watch(project, found)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--now", is_flag=True, help="Do not wait for the picture in hand; it will be made again.")
def stop(folder: Path, now: bool) -> int:
    """Stop the run after the picture in hand. Nothing that is finished is lost.

    \b
    Example:  vktrs stop my_video
    """
    project = Project.open(folder)
    stopped = control.stop(project, now)
    if stopped is None:
        remark("No run is going on.")
        return 0
    while (alive := control.live_run(project)) is not None and alive.id == stopped.id:
        time.sleep(control.POLL_SECONDS)
    remark(f"Run {stopped.id} has stopped; `vktrs run {quoted(folder)}` goes on where it was.")
    return 0


def parse_scenes(text: str, board: Storyboard) -> tuple[str, ...]:
    """The ids of the scenes that `3,7-9,k7f3` names: numbers in the table from 1, ranges of them, ids."""
    ids = [scene.id for scene in board.scenes]
    if not ids:
        raise UsageError("there are no scenes yet.", "`vktrs run --to scenes` makes them.")
    parts = [part for part in (piece.strip() for piece in text.split(",")) if part]
    if not parts:
        raise UsageError("no scenes are named.", "Write numbers, ranges and ids, as in 3,7-9,k7f3.")
    return tuple(dict.fromkeys(each for part in parts for each in _named(part, ids)))


def _named(part: str, ids: list[str]) -> list[str]:
    if part in ids:
        return [part]
    low, dash, high = (piece.strip() for piece in part.partition("-"))
    if not (_is_number(low) and _is_number(high if dash else low)):
        raise UsageError(f"there is no scene {part}.", "`vktrs status` lists numbers and ids.")
    first, last = int(low), int(high if dash else low)
    if not 1 <= first <= last <= len(ids):
        raise UsageError(f"there is no scene {part}.", f"Scenes are numbered from 1 to {len(ids)}.")
    return ids[first - 1 : last]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _fresh_plan(project: Project, request: RunRequest) -> Plan | None:
    """The plan of a project in which nothing is left to do for that request; None where a run has to look at it."""
    if request != RunRequest() or control.live_run(project):
        return None
    plan = plan_project(project)
    done = [plan.song, plan.structure, plan.video]
    heard = plan.words is not None and plan.words.made and plan.proposal is not None and plan.proposal.made
    complete = all(piece is not None and piece.made for piece in done)
    return plan if complete and heard and all(each.complete for each in plan.scenes) else None


def _dry_run(project: Project, request: RunRequest) -> int:
    from vktrs.runs import preflight
    from vktrs.runs.scope import Scope

    def emit(event: str, **values: object) -> None:
        if event == "remark":
            remark(str(values["text"]))

    scope = Scope(project, request, emit, lambda: False)
    plan = scope.plan()
    chosen = scope.chosen(plan)
    pictures = sum(len(each.missing) for each in chosen)
    keyframes = sum(not each.keyframe.made for each in chosen)
    clips = sum(each.clip is None or not each.clip.made for each in chosen)
    for name, piece in (("song", plan.song), ("words", plan.words), ("structure", plan.structure)):
        if scope.wants(name) and (piece is None or not piece.made):
            tell(f"{name}: to be made")
    if not plan.scenes:
        tell("scenes: to be proposed from the words; their number is not known yet")
    counts = (("keyframes", keyframes), ("variations", pictures), ("clips", clips))
    for name, count in counts:
        if scope.wants(name) and count:
            tell(f"{name}: {count} to be made by {plan.board.engines.pictures if name != 'clips' else 'x264'}")
    if scope.wants("video") and (plan.video is None or not plan.video.made):
        tell(f"video: {plan.board.video.file}")
    if _fresh_plan(project, request):
        remark("Everything is fresh; there is nothing to do.")
    problems: list[VktrsError] = list(preflight.find(scope, plan))
    for problem in problems:
        say_error(problem.message, problem.hint)
    return max((problem.exit_code for problem in problems), default=0)
