"""`vktrs suggest` and `vktrs snap`: tempo, frames and pictures that fit, and scenes that start on the music."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import click

from vktrs.errors import UsageError
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.stages import structure
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard import suggesting
from vktrs.storyboard.bars import bar_lines
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Look, Storyboard
from vktrs.storyboard.snapping import snap_starts
from vktrs.storyboard.suggesting import Rate, Round
from vktrs.timing import format_clock
from vktrs_tui.cli.edits import edit
from vktrs_tui.cli.running import parse_scenes
from vktrs_tui.cli.speaking import quoted, remark, tell

_FOLDER = click.Path(file_okay=False, path_type=Path)
_NO_BEAT = "No steady beat was found in the song, so nothing can sit on it."


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--json", "as_json", is_flag=True, help="The same for programs; its shape is in the README.")
def suggest(folder: Path, as_json: bool) -> int:
    """Say which numbers of pictures and which frames a second fit the tempo of the song; nothing is changed.

    \b
    Example:  vktrs suggest my_video
    """
    plan, form = _form(folder)
    board = plan.board
    tempo = form.tempo
    bar = suggesting.beats_a_bar(form.beats, form.downbeats)
    rounds = suggesting.rounds(tempo, board.video.fps, board.look, bar) if tempo else []
    rates = suggesting.rates(tempo, board.video.fps) if tempo else []
    if as_json:
        tell(json.dumps(_as_json(board, form, rounds, rates), indent=1))
    elif tempo is None:
        tell(f"{_NO_BEAT} A loop can be told in seconds: `loop = 0.5` in [look].")
    else:
        rate = _number(board.video.fps)
        tell(f"{tempo:g} beats a minute ({len(form.beats)} found), {bar} a bar; {rate} frames a second")
        for line in (*_round_lines(rounds, board.look), *_rate_lines(rates, board.video.fps), *_present(board)):
            tell(line)
    return 0


def _form(folder: Path) -> tuple[Plan, StructureFacts]:
    """The plan, and what is known of the song; UsageError where it was not analysed yet."""
    project = Project.open(folder)
    plan = plan_project(project)
    if plan.structure is None or not plan.structure.made:
        raise UsageError(
            "the beats of the song are not known yet.", f"`vktrs run {quoted(folder)} --to structure` finds them."
        )
    return plan, structure.facts(project.store, plan.structure.key)


def _as_json(board: Storyboard, form: StructureFacts, rounds: list[Round], rates: list[Rate]) -> dict[str, Any]:
    return {
        "tempo": form.tempo,
        "beats": len(form.beats),
        "fps": str(board.video.fps),
        "loop": board.look.loop,
        "rounds": [asdict(each) for each in rounds],
        "rates": [{**asdict(each), "fps": str(each.fps), "fits": each.fits} for each in rates],
    }


def _number(value: Fraction | float) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _round_lines(rounds: list[Round], look: Look) -> Iterator[str]:
    yield ""
    yield f"{'loop':<10}{'seconds':>8}{'frames':>9}   {'with [look] as it is':<38}pictures x frames that fill it evenly"
    for each in rounds:
        even = ", ".join(suggesting.told_fits(each.even)) or "none"
        name = f'"{each.loop}"'
        yield f"{name:<10}{each.seconds:>8.3f}{_number(each.frames):>9}   {_shown(each):<38}{even}"
    most = f'hold = {look.hold}, order = "{look.order}" and at most {look.variations} variations'
    yield f"With {most}; pictures count the keyframe."


def _shown(each: Round) -> str:
    low, high = each.held
    held = "1 frame" if high == 1 else f"{low} frames" if low == high else f"{low} or {high} frames"
    return f"{each.pictures} picture{'' if each.pictures == 1 else 's'}, each for {held}"


def _rate_lines(rates: list[Rate], fps: Fraction) -> Iterator[str]:
    yield ""
    yield f"{'fps':<8}{'frames a beat':>14}{'ms a beat':>12}{'ms a minute':>13}"
    for each in rates:
        said = ", ".join(word for word, holds in (("fits", each.fits), ("this video", each.fps == fps)) if holds)
        line = f"{_number(each.fps):<8}{each.frames:>14}{each.a_beat:>+12.2f}{each.a_minute:>+13.1f}  {said}"
        yield line.rstrip()
    yield "Loops begin on the beats at any rate; at one that fits, nearly all rounds are equally long."


def _present(board: Storyboard) -> Iterator[str]:
    """What loops now, and how it would be changed."""
    own = [number for number, scene in enumerate(board.scenes, start=1) if scene.loop is not None]
    yield ""
    said = f"[look] has loop = {json.dumps(board.look.loop)}"
    if own:
        said += f"; {len(own)} scene{' has one of its' if len(own) == 1 else 's have one of their'} own"
    yield f"{said}."
    if board.look.loop == "none" and not own:
        yield 'Write `loop = "beat"` into [look], or into a scene, and its pictures begin anew on each beat.'


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option(
    "--to", "mark", type=click.Choice(("beat", "bar")), default="beat", help="Onto beats, or where bars begin."
)
@click.option("--earlier-only", is_flag=True, help="Never later than a scene starts now.")
@click.option("--scenes", metavar="LIST", help="Only these scenes: numbers, ranges and ids, as in 3,7-9,k7f3.")
@click.option("--dry-run", is_flag=True, help="Only say what would be moved.")
def snap(folder: Path, mark: Literal["beat", "bar"], earlier_only: bool, scenes: str | None, dry_run: bool) -> int:
    """Move the starts of scenes onto the nearest beat or bar. Locked scenes stay, unless they are named.

    The studio's undo takes it back.

    \b
    Example:  vktrs snap my_video --to bar --dry-run
    """
    plan, form = _form(folder)
    marks = bar_lines(form.beats, form.downbeats) if mark == "bar" else form.beats
    if not marks:
        remark(_NO_BEAT)
        return 0
    chosen = parse_scenes(scenes, plan.board) if scenes is not None else None

    def change(board: Storyboard) -> Edited:
        ids = [scene.id for scene in board.scenes if (not scene.locked if chosen is None else scene.id in chosen)]
        return snap_starts(board, ids, marks, earlier_only, duration=plan.duration, mark=mark)

    before, edited = plan.board, change(plan.board)
    if not dry_run:
        project = Project.open(folder)
        before = project.document().board
        applied = edit(project, f"snap scenes to the {mark}", change)
        edited = Edited(applied.document.board, applied.adjusted)
    for line in _moves(before, edited.board):
        tell(line)
    for text in edited.adjusted:
        remark(text)
    if before.scenes == edited.board.scenes:
        remark("No start is moved.")
    return 0


def _moves(before: Storyboard, after: Storyboard) -> Iterator[str]:
    """Which starts differ."""
    starts = {scene.id: scene.start for scene in before.scenes}
    for number, scene in enumerate(after.scenes, start=1):
        was = starts.get(scene.id, scene.start)
        if was != scene.start:
            yield f"scene {number}: {format_clock(was)} -> {format_clock(scene.start)}"
