"""`vktrs run`, `follow` and `stop`: a run is another process; these only start it, watch it and ask it to end."""

from __future__ import annotations

import getpass
import os
import socket
import time
from pathlib import Path

import click

from vktrs.errors import UsageError, VktrsError
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import Run, RunRequest
from vktrs.runs.status import Status
from vktrs.stages import STAGES
from vktrs.storyboard.model import Storyboard
from vktrs.timing import format_clock
from vktrs_tui.cli import say_error
from vktrs_tui.cli.progress import ProgressLines

_SECOND_CHANCE = 2.0
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option(
    "--to", type=click.Choice(STAGES), default="video", metavar="STAGE", help=f"Stop after: {', '.join(STAGES)}."
)
@click.option("--scenes", metavar="LIST", help="Only these scenes: numbers, ranges and ids, as in 3,7-9,k7f3.")
@click.option("--partial", is_flag=True, help="Also write output.partial.mp4, with stand-ins for what is missing.")
@click.option("--pictures", metavar="ENGINE", help="Another picture engine for this run, into output.ENGINE.mp4.")
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
    board = project.document().board
    for warning in project.document().warnings:
        click.echo(f"vktrs: {warning}", err=True)
    request = RunRequest(to, parse_scenes(scenes, board) if scenes else None, partial, pictures)
    if dry_run:
        return _dry_run(project, request)
    if _nothing_to_do(project, request):
        click.echo("Everything is fresh; there is nothing to do.", err=True)
        return _say_video(project, project.resolve(board.video.file)) if to == "video" else 0
    started = control.start(project, request)
    if detach:
        click.echo(started.id)
        click.echo(f"The run goes on by itself; `vktrs follow {folder}` shows it.", err=True)
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
        raise UsageError(f"there was no run in {folder} yet.", "`vktrs run` starts one.")
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
        click.echo("No run is going on.", err=True)
        return 0
    while control.live_run(project) is not None:
        time.sleep(control.POLL_SECONDS)
    click.echo(f"Run {stopped.id} has stopped; `vktrs run {folder}` goes on where it was.", err=True)
    return 0


def parse_scenes(text: str, board: Storyboard) -> tuple[str, ...]:
    """The ids of the scenes that `3,7-9,k7f3` names: numbers in the table from 1, ranges of them, ids."""
    ids = [scene.id for scene in board.scenes]
    chosen: list[str] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        low, dash, high = part.partition("-")
        if part in ids:
            chosen.append(part)
        elif low.isdigit() and (high.isdigit() if dash else True):
            numbers = range(int(low), int(high or low) + 1)
            if not numbers or numbers[0] < 1 or numbers[-1] > len(ids):
                raise UsageError(f"there is no scene {part}.", f"Scenes are numbered from 1 to {len(ids)}.")
            chosen.extend(ids[number - 1] for number in numbers)
        else:
            raise UsageError(f"there is no scene {part}.", "`vktrs status` lists numbers and ids.")
    return tuple(dict.fromkeys(chosen))


def watch(project: Project, run: Run) -> int:
    """Show a run until it ends or is left; its exit code, 0 where it was left to itself."""
    lines = ProgressLines()
    code, video, stopping = 1, None, False
    events = control.follow(project, run)
    while True:
        try:
            event = next(events, None)
            if event is None:
                break
            lines.show(event)
            if event["event"] == "finished":
                code, video = event["exit"], event["video"]
            elif event["event"] == "failed" and event.get("exit"):
                code = event["exit"]
        except KeyboardInterrupt:
            lines.close()
            if stopping or not _asks_to_stop(project):
                return 0
            stopping = True
            control.stop(project)
            events = control.follow(project, run)
    lines.close()
    if run.process is not None:
        run.process.wait()
    if video and code == 0:
        return _say_video(project, Path(video))
    if video:
        _say_video(project, Path(video))
    if code == 130:
        click.echo(f"The run was stopped; `vktrs run {project.root}` goes on where it was.", err=True)
    return int(code)


def _asks_to_stop(project: Project) -> bool:
    """After a Ctrl-C: whether a second one comes at once."""
    hint = f"`vktrs follow {project.root}` comes back to it, `vktrs stop {project.root}` ends it."
    click.echo(f"\nLeft; the run goes on. {hint} Ctrl-C again within two seconds stops it.", err=True)
    try:
        time.sleep(_SECOND_CHANCE)
    except KeyboardInterrupt:
        click.echo("Stopping after the picture in hand.", err=True)
        return True
    return False


def _say_video(project: Project, video: Path) -> int:
    """The path to stdout; size and length, and how to fetch it under SSH, to stderr."""
    if not video.exists():
        return 0
    click.echo(str(video))
    duration = Status(project).plan.span
    length = f", {format_clock(duration[1] - duration[0])} long" if duration else ""
    click.echo(f"{video.stat().st_size / 1e6:.1f} MB{length}", err=True)
    connection = os.environ.get("SSH_CONNECTION", "").split()
    if connection:
        host = connection[2] if len(connection) > 2 else socket.gethostname()
        click.echo(f"fetch it:  scp {getpass.getuser()}@{host}:'{video}' .", err=True)
    return 0


def _nothing_to_do(project: Project, request: RunRequest) -> bool:
    if request.pictures or request.partial or control.live_run(project):
        return False
    status = Status(project)
    if request.scenes is not None or request.to != "video":
        return False
    plan = status.plan
    done = [plan.song, plan.structure, plan.video]
    heard = plan.words is not None and plan.words.made and plan.proposal is not None and plan.proposal.made
    complete = all(piece is not None and piece.made for piece in done)
    return complete and heard and all(each.complete for each in plan.scenes)


def _dry_run(project: Project, request: RunRequest) -> int:
    from vktrs.runs import preflight
    from vktrs.runs.scope import Scope

    remarks: list[str] = []

    def emit(event: str, **values: object) -> None:
        if event == "remark":
            remarks.append(str(values["text"]))

    scope = Scope(project, request, emit, lambda: False)
    plan = scope.plan()
    chosen = scope.chosen(plan)
    pictures = sum(len(each.missing) for each in chosen)
    keyframes = sum(not each.keyframe.made for each in chosen)
    clips = sum(each.clip is None or not each.clip.made for each in chosen)
    for name, piece in (("song", plan.song), ("words", plan.words), ("structure", plan.structure)):
        if scope.wants(name) and (piece is None or not piece.made):
            click.echo(f"{name}: to be made")
    if not plan.scenes:
        click.echo("scenes: to be proposed from the words; their number is not known yet")
    counts = (("keyframes", keyframes), ("variations", pictures), ("clips", clips))
    for name, count in counts:
        if scope.wants(name) and count:
            click.echo(f"{name}: {count} to be made by {plan.board.engines.pictures if name != 'clips' else 'x264'}")
    if scope.wants("video") and (plan.video is None or not plan.video.made):
        click.echo(f"video: {plan.board.video.file}")
    problems: list[VktrsError] = list(preflight.find(scope, plan))
    for problem in problems:
        say_error(problem.message, problem.hint)
    return max((problem.exit_code for problem in problems), default=0)
