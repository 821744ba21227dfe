"""`vktrs status`: what is fresh, stale and why, running and failed, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from textwrap import shorten
from typing import Any

import click

from vktrs.project import Project
from vktrs.runs import heard_again
from vktrs.runs.status import Status
from vktrs.timing import format_clock
from vktrs_tui.cli.speaking import one_line, tell
from vktrs_tui.desk import problems_of
from vktrs_tui.song_view import read_song_view
from vktrs_tui.view import SIGNS

_FOLDER = click.Path(file_okay=False, path_type=Path)
_MOST_REASONS = 3
_PLAIN_REASONS = ("", "not made yet")


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--json", "as_json", is_flag=True, help="The same for programs; its shape is in the README.")
def status(folder: Path, as_json: bool) -> int:
    """Say what is fresh, what is stale and why, what is missing, running or failed.

    \b
    Example:  vktrs status my_video
              vktrs status my_video --json | jq '.stages[].state'
    """
    found = Status(Project.open(folder))
    if as_json:
        tell(json.dumps(found.as_json(), indent=1))
    else:
        tell("\n".join(_lines(found)))
    return 0


def _lines(found: Status) -> list[str]:
    told = found.as_json()
    length = format_clock(told["duration"]) if told["duration"] is not None else "length not known yet"
    frames = f", {told['frames']} frames" if told["frames"] is not None else ""
    count = len(told["scenes"])
    out = [f"{told['project']}: {length}{frames}, {count} scene{'' if count == 1 else 's'}"]
    if found.run:
        out.append(f"run {found.run.id} is going on; `vktrs follow` shows it")
    if (hearing := heard_again.found(found.project)) is not None:
        out.append(heard_again.summary(hearing))
    out += ["", *(_stage_line(stage) for stage in told["stages"]), ""]
    if looks := [*_lyrics_lines(found), *_left_out_lines(told["left_out"]), *_problem_lines(found)]:
        out += [*looks, ""]
    if told["scenes"]:
        out.append("  #  id    start       frames  key var order clip  lyric")
    for scene in told["scenes"]:
        out += _scene_lines(scene)
    return out


def _lyrics_lines(found: Status) -> list[str]:
    """That the lyrics are not what is on the storyboard: the run that said so may be long ago."""
    if not found.lyrics_unused:
        return []
    return [f"{one_line(found.board.song.lyrics or '')} does not seem to belong to this song: the words are as heard"]


def _left_out_lines(left_out: list[dict[str, Any]]) -> list[str]:
    """What was heard and is believed by nobody: all of it, since only here it can be read."""
    if not left_out:
        return []
    head = f"left out as invented: {len(left_out)} line{'' if len(left_out) == 1 else 's'}"
    return [head, *(one_line(_left_out_line(each)) for each in left_out)]


def _left_out_line(each: dict[str, Any]) -> str:
    return f"  {format_clock(each['start'], 1):>7}  {shorten(each['text'], 60, placeholder=' ...')}  ({each['why']})"


def _problem_lines(found: Status) -> list[str]:
    """How many scenes should be looked at, and why."""
    own = problems_of(found, read_song_view(found.project, found.plan)).values()
    if not own:
        return []
    kinds = Counter(problem.kind for problems in own for problem in problems)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return [f"{len(own)} scene{'' if len(own) == 1 else 's'} to look at: {told}; `n` in the studio walks them"]


def _stage_line(stage: dict[str, Any]) -> str:
    # that something was never made is said by its sign; what is worth words is what changed and what failed
    reasons = [reason for reason in stage["reasons"] if not reason.endswith("not made yet")]
    more = f" (and {len(reasons) - _MOST_REASONS} more)" if len(reasons) > _MOST_REASONS else ""
    told = "; ".join(reasons[:_MOST_REASONS]) + more
    share = f"{stage['done']}/{stage['total']}"
    return f"{SIGNS[stage['state']]} {stage['name']:<11}{stage['state']:<8} {share:>9}  {one_line(told)}".rstrip()


def _scene_lines(scene: dict[str, Any]) -> list[str]:
    variations = scene["variations"]
    frames = "?" if scene["frames"] is None else scene["frames"]
    share = f"{variations['done']}/{variations['total']}"
    marks = (
        f"{SIGNS[scene['keyframe']['state']]:<3}{SIGNS[variations['state']]}{share:<4}"
        f" {SIGNS[scene['order']['state']]:<4}{SIGNS[scene['clip']['state']]:<4}"
    )
    place = f"{scene['index']:>3}  {scene['id']:<5} {format_clock(scene['start']):<11} {frames:>6}"
    line = f"{place}  {marks} {one_line(scene['text'])}"
    reasons = (scene[part]["reason"] for part in ("keyframe", "variations", "order", "clip"))
    reason = next((each for each in reasons if each not in _PLAIN_REASONS), None)
    return [line.rstrip()] + ([f"       {one_line(reason)}"] if reason else [])
