"""`vktrs status`: what is fresh, stale and why, running and failed, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from vktrs.project import Project
from vktrs.runs.status import Status
from vktrs.timing import format_clock
from vktrs_tui.cli.speaking import one_line, tell
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
    out += ["", *(_stage_line(stage) for stage in told["stages"]), ""]
    if told["scenes"]:
        out.append("  #  id    start       frames  key var order clip  lyric")
    for scene in told["scenes"]:
        out += _scene_lines(scene)
    return out


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
