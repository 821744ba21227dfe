"""`vktrs run`, `follow` and `stop`: a run is another process; these only start it, watch it and ask it to end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import click

from vktrs.errors import UsageError
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs.stages import STAGES
from vktrs.storyboard.model import Pictures, Storyboard
from vktrs_tui.cli.dry_run import fresh_plan, tell_dry_run
from vktrs_tui.cli.speaking import quoted, remark, tell
from vktrs_tui.cli.watching import say_video, watch, what_goes_on

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
@click.option("--device", metavar="NAME", help="Where diffusers makes its pictures: cuda:1, cpu, mps.")
@click.option("--budget", type=float, metavar="N", help="End before more than N credits are spent (paid engines).")
@click.option("--dry-run", is_flag=True, help="Only say what would be made, what it takes, and what is missing for it.")
@click.option("--detach", is_flag=True, help="Start the run and return; `vktrs follow` shows it.")
def run(
    folder: Path,
    to: str,
    scenes: str | None,
    partial: bool,
    pictures: str | None,
    device: str | None,
    budget: float | None,
    dry_run: bool,
    detach: bool,
) -> int:
    """Make what is missing or stale, up to the video. A broken run just goes on.

    The work is done by a process of its own: Ctrl-C once leaves it to itself, twice stops it.

    \b
    Example:  vktrs run my_video
              vktrs run my_video --scenes 3,7-9 --to variations
              vktrs run my_video --pictures cppn      (a quick animatic)
              vktrs run my_video --dry-run --budget 50
    """
    project = Project.open(folder)
    document = project.document()
    for warning in document.warnings:
        remark(f"vktrs: {warning}")
    chosen = parse_scenes(scenes, document.board) if scenes is not None else None
    request = RunRequest(to, chosen, partial, pictures, device, budget)
    if dry_run:
        return tell_dry_run(project, request)
    fresh = fresh_plan(project, request)
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
    remark(f"Run {stopped.id} has stopped; {what_goes_on(folder, stopped)}")
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
