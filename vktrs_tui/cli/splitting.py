"""`vktrs split`: how the song would be cut into scenes, before anybody decides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from vktrs.errors import InputError, UsageError
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs import splitting
from vktrs.runs.listening import changes_told
from vktrs.runs.splitting import Heard
from vktrs.storyboard.grouping import MEASURES
from vktrs.storyboard.model import Split, SplitBy
from vktrs.storyboard.split import ProposedScene, SplitOptions
from vktrs.timing import ends_of, format_clock
from vktrs_tui.cli.edits import edit
from vktrs_tui.cli.speaking import quoted, remark, tell

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--by", type=click.Choice(get_args(SplitBy)), help="What becomes a scene; as the storyboard has it.")
@click.option("--pause", type=float, metavar="SECONDS", help="By pauses of at least so many seconds between words.")
@click.option("--words", type=int, metavar="N", help="By words: at most so many in a scene.")
@click.option("--seconds", type=float, metavar="SECONDS", help="By seconds: scenes of about so many.")
@click.option("--write", is_flag=True, help="Write it into [split]; the new scenes are a proposal.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs; its shape is in the README.")
def split(
    folder: Path,
    by: SplitBy | None,
    pause: float | None,
    words: int | None,
    seconds: float | None,
    write: bool,
    as_json: bool,
) -> int:
    """Show how many scenes would come, and which, if the song was cut anew; nothing is changed without --write.

    \b
    Example:  vktrs split my_video --by pause --pause 0.6
              vktrs split my_video --by words --words 8 --write
    """
    project = Project.open(folder)
    plan = plan_project(project)
    wanted = _wanted(plan.board.split, by, {"pause": pause, "words": words, "seconds": seconds})
    found = splitting.heard(project, plan)
    options = splitting.options_of(plan.board, wanted)
    scenes = found.scenes(options)
    if as_json:
        tell(json.dumps(_as_json(wanted, found, options, scenes), indent=1, ensure_ascii=False))
    else:
        for line in (*_scene_lines(scenes, found.duration), *_pause_lines(wanted, found, options)):
            tell(line)
    if said := found.remark(options):
        remark(said)
    if write:
        _write(project, folder, wanted)
    return 0


def _wanted(split: Split, by: SplitBy | None, numbers: dict[str, float | int | None]) -> Split:
    """What is asked for, on top of what the storyboard says; a number alone says what is cut by."""
    given = {name: value for name, value in numbers.items() if value is not None}
    chosen: str = by or (next(iter(given)) if len(given) == 1 else split.by)
    idle = [f"--{name}" for name in given if name != chosen]
    if idle:
        ways = " or ".join(f"--by {name[2:]}" for name in idle)
        changes_nothing = "changes nothing" if len(idle) == 1 else "change nothing"
        told = f"{' and '.join(idle)} {changes_nothing} with --by {chosen}."
        raise UsageError(told, f"Leave {'it' if len(idle) == 1 else 'them'} out, or ask {ways}.")
    changes: dict[str, Any] = {"by": chosen, **given}
    try:
        return splitting.checked(replace(split, **changes))
    except InputError as error:
        raise UsageError(error.message, error.hint) from None


def _as_json(split: Split, found: Heard, options: SplitOptions, scenes: Sequence[ProposedScene]) -> dict[str, Any]:
    return {
        "by": split.by,
        "measure": options.measure,
        "scenes": [
            {
                "start": scene.start,
                "end": scene.end,
                "length": round(end - scene.start, 3),
                "text": scene.text,
                "section": scene.section,
            }
            for scene, end in zip(scenes, ends_of(scenes, found.duration), strict=True)
        ],
        "by_pauses": [{"pause": pause, "scenes": count} for pause, count in found.by_pauses(options)],
    }


def _scene_lines(scenes: Sequence[ProposedScene], duration: float) -> Iterator[str]:
    sung = sum(bool(scene.text) for scene in scenes)
    lengths = [end - scene.start for scene, end in zip(scenes, ends_of(scenes, duration), strict=True)]
    counted = f"{len(scenes)} scene{'' if len(scenes) == 1 else 's'}, {sung} of them with words"
    yield f"{counted}; {min(lengths):.1f} to {max(lengths):.1f} s long" if lengths else counted
    yield ""
    yield f"{'':>4} {'starts':>10} {'seconds':>8}  text"
    for number, (scene, length) in enumerate(zip(scenes, lengths, strict=True), start=1):
        text = scene.text or "(music)"
        yield f"{number:>4} {format_clock(scene.start):>10} {length:>8.2f}  {text}"


def _pause_lines(split: Split, found: Heard, options: SplitOptions) -> Iterator[str]:
    if split.by != "pause":
        return
    yield ""
    yield f"{'pause':>6} {'scenes':>7}"
    pauses = sorted({*splitting.PAUSES, split.pause})
    for pause, count in found.by_pauses(options, pauses):
        yield f"{pause:>6g} {count:>7}{'  (this)' if pause == split.pause else ''}"


def _write(project: Project, folder: Path, wanted: Split) -> None:
    label = f"cut scenes by {wanted.by}"
    if edit(project, label, lambda board: splitting.written(board, wanted)).entry_id is None:
        remark("[split] says so already.")
    else:
        number = f", {wanted.by} = {getattr(wanted, wanted.by):g}" if wanted.by in MEASURES else ""
        remark(f'[split] now has by = "{wanted.by}"{number}; the studio\'s undo takes it back.')
    count = splitting.propose(project)
    if count is None:
        remark(f"`vktrs run {quoted(folder)} --to scenes` makes scenes of it.")
    elif count:
        shows = f"`vktrs propose {quoted(folder)}` shows {'it' if count == 1 else 'them'}"
        remark(f"{changes_told(count)}; {shows}.")
    else:
        remark("The scenes are cut so already.")
