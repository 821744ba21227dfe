"""`vktrs hear` and `heard`: the song or a part of it heard again, and what of that enters the storyboard."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import click

from vktrs.editing import Editing
from vktrs.errors import UsageError
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs import control, heard_again
from vktrs.runs.control import HearWish, RunRequest
from vktrs.runs.heard_again import Hearing
from vktrs.storyboard.merge import Change, Conflict, Merge
from vktrs.storyboard.model import LOCAL_SPEECH, Storyboard
from vktrs.storyboard.stretches import scenes_between
from vktrs.timing import parse_clock
from vktrs_tui.cli.exchange import chosen_scenes
from vktrs_tui.cli.running import parse_scenes
from vktrs_tui.cli.speaking import one_line, quoted, remark, tell
from vktrs_tui.cli.watching import watch
from vktrs_tui.differences import in_words

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--model", metavar="NAME", help="A model by its name, a folder or a .pt file; else the storyboard's.")
@click.option("--speech", type=click.Choice(LOCAL_SPEECH), help="The engine; else the one that reads the model.")
@click.option("--language", metavar="CODE", help="As in en, de; auto lets the model guess. Else the storyboard's.")
@click.option("--scenes", metavar="LIST", help="Only these scenes: numbers, ranges and ids, as in 3,7-9,k7f3.")
@click.option("--from", "start", metavar="TIME", help="Only scenes from there on, as in 1:02.5 (those in part too).")
@click.option("--to", "end", metavar="TIME", help="Only scenes up to there.")
@click.option("--detach", is_flag=True, help="Start the run and return; `vktrs follow` shows it.")
def hear(
    folder: Path,
    model: str | None,
    speech: str | None,
    language: str | None,
    scenes: str | None,
    start: str | None,
    end: str | None,
    detach: bool,
) -> int:
    """Hear the song again, or a part of it, with another model or in another language.

    What is heard is a proposal: the storyboard stays as it is, and `vktrs heard` shows what would change and takes it.
    Nothing is heard twice: the same wish again costs nothing.

    \b
    Example:  vktrs hear my_video --model small --scenes 3,7-9
              vktrs hear my_video --from 1:02.5 --to 1:30 --language de
    """
    project = Project.open(folder)
    asked = _asked_scenes(project, scenes, start, end)
    wish = HearWish.typed(speech, model, language)
    run = control.start(project, RunRequest("words", asked, hear=wish))
    if detach:
        tell(run.id)
        remark(f"The run goes on by itself; `vktrs follow {quoted(folder)}` shows it.")
        return 0
    code = watch(project, run)
    if code == 0 and control.live_run(project) is None and (found := heard_again.found(project)) is not None:
        _show(project, found)
    return code


def _asked_scenes(project: Project, scenes: str | None, start: str | None, end: str | None) -> tuple[str, ...] | None:
    if scenes is None and start is None and end is None:
        return None
    if scenes is not None and (start is not None or end is not None):
        raise UsageError("--scenes and --from or --to are two wishes.", "Name the scenes, or the times.")
    board = project.document().board
    if scenes is not None:
        return parse_scenes(scenes, board)
    if not board.scenes:
        raise UsageError("there are no scenes yet.", "`vktrs run --to scenes` makes them.")
    first, last = _time("--from", start, 0.0), _time("--to", end, float("inf"))
    duration = plan_project(project).duration
    if last <= first or (duration is not None and first >= duration):
        raise UsageError("there is nothing between these times.", "Give them in order, within the song.")
    return scenes_between(board, first, last)


def _time(option: str, text: str | None, otherwise: float) -> float:
    try:
        return otherwise if text is None else parse_clock(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}.", "Seconds or minutes are right, as in 62.5 or 1:02.5.") from None


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--accept", "accepting", is_flag=True, help="Let the changes into the storyboard.")
@click.option("--only", metavar="IDS", help="Only those of these scenes: numbers, ranges and ids.")
@click.option("--over-mine", is_flag=True, help="With --accept --only: also in place of what you wrote there.")
@click.option("--drop", "dropping", is_flag=True, help="Decide against it: nothing waits any more.")
def heard(folder: Path, accepting: bool, only: str | None, over_mine: bool, dropping: bool) -> int:
    """Show, line by line, what `vktrs hear` would change in the storyboard, or let it in.

    What you wrote yourself stays, and is listed with what was heard there. What you take is yours: later proposals
    leave it alone, and the studio's undo takes it back.

    \b
    Example:  vktrs heard my_video
              vktrs heard my_video --accept --only 3,7-9
    """
    if dropping and (accepting or only or over_mine):
        raise UsageError("--drop takes nothing.", "Leave the rest out, or take first and drop then.")
    if over_mine and not (accepting and only):
        raise UsageError("--over-mine is for scenes that are named.", "Write --accept --only IDS --over-mine.")
    project = Project.open(folder)
    if dropping:
        remark("It is dropped." if heard_again.drop(project) else "Nothing that was heard again waits.")
        return 0
    found = heard_again.found(project)
    if found is None:
        remark("Nothing that was heard again waits; `vktrs hear` hears.")
        return 0
    chosen = chosen_scenes(only, found.merge, project.document().board) if only is not None else None
    if accepting:
        return _accept(project, found, chosen, over_mine)
    if chosen is not None:
        merge = heard_again.merged(project, project.document(), found.stretches, chosen)
        found = found._replace(merge=merge)
    _show(project, found, only)
    return 0


def _accept(project: Project, found: Hearing, chosen: Collection[str] | None, over_mine: bool) -> int:
    before, editing = project.document().board, Editing(project)
    try:
        over = (chosen or ()) if over_mine else ()
        _, merge = heard_again.take(editing, found.stretches, chosen, over)
    finally:
        editing.close()
    _tell_merge(before, merge)
    count = len({change.id for change in merge.changes})
    if count:
        remark(f"Taken for {count} scene{'' if count == 1 else 's'}. Next:  vktrs run {quoted(project.root)}")
    return 0


def _show(project: Project, found: Hearing, only: str | None = None) -> None:
    remark(f"Heard again: {heard_again.told(found.stretches)}.")
    _tell_merge(project.document().board, found.merge)
    if found.merge.changes:
        limit = f" --only {only}" if only else ""
        remark(f"`vktrs heard {quoted(project.root)} --accept{limit}` lets it in, --drop drops it.")


def _tell_merge(before: Storyboard, merge: Merge) -> None:
    """Scene by scene, the old line above the new one, and then what stays as the person wrote it."""
    numbers = {scene.id: number for number, scene in enumerate(before.scenes, start=1)}
    for scene_id in dict.fromkeys(change.id for change in merge.changes):
        number = f"scene {numbers[scene_id]}" if scene_id in numbers else "new scene"
        tell(f"{number} ({scene_id})")
        for change in merge.changes:
            if change.id == scene_id:
                for line in _lines(change):
                    tell(f"  {line}")
    for conflict in merge.conflicts:
        name = f"scene {numbers[conflict.id]} ({conflict.id})" if conflict.id in numbers else conflict.id
        tell(f"{name}: {_kept(conflict)} ({conflict.reason})")
    if not merge.changes:
        remark("No changes are proposed.")


def _kept(conflict: Conflict) -> str:
    if conflict.field == "add":
        return f"not added: {in_words(conflict.theirs, one_line)}"
    if conflict.field == "remove":
        return f"stays: {in_words(conflict.ours, one_line)}"
    label = "" if conflict.field == "text" else f"{conflict.field} "
    return f"{label}stays {in_words(conflict.ours, one_line)}; heard: {in_words(conflict.theirs, one_line)}"


def _lines(change: Change) -> Iterator[str]:
    if change.kind == "set" and change.field != "text":
        yield f"  {change.field} {in_words(change.before, one_line)} -> {in_words(change.after, one_line)}"
        return
    for sign, value in (("-", change.before), ("+", change.after)):
        if value is not None:
            yield f"{sign} {in_words(value, one_line)}"
