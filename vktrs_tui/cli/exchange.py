"""`vktrs propose`, `import` and `export`: scenes and lyrics in and out of a storyboard."""

from __future__ import annotations

from pathlib import Path

import click

from vktrs.errors import UsageError
from vktrs.project import Project
from vktrs.runs import exchange
from vktrs.runs.listening import accept, proposed
from vktrs.runs.status import Status
from vktrs.stages import scenes
from vktrs.storyboard.merge import Merge
from vktrs_tui.cli.running import parse_scenes
from vktrs_tui.cli.speaking import quoted, remark, tell

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--accept", "accepting", is_flag=True, help="Let the changes into the storyboard.")
@click.option("--only", metavar="IDS", help="Only the changes of these scenes: numbers, ranges and ids.")
def propose(folder: Path, accepting: bool, only: str | None) -> int:
    """Show what the machine would change in the scenes, or let it in. What you changed yourself stays yours.

    \b
    Example:  vktrs propose my_video
              vktrs propose my_video --accept --only 3,k7f3
    """
    project = Project.open(folder)
    found = Status(project)
    piece = found.plan.proposal
    if piece is None or not piece.made:
        raise UsageError("there is no proposal for this song yet.", f"`vktrs run {folder} --to scenes` makes one.")
    chosen = _chosen(only, proposed(project, piece), found) if only is not None else None
    fresh = scenes.load(project.store, piece.key)
    merge = accept(project, fresh, chosen) if accepting else proposed(project, piece, chosen)
    show_merge(merge)
    if merge.changes and not accepting:
        limit = f" --only {only}" if only else ""
        remark(f"`vktrs propose {quoted(folder)} --accept{limit}` lets them in.")
    return 0


def _chosen(only: str, merge: Merge, found: Status) -> list[str]:
    """The scenes that `--only` names, those among them that are not in the storyboard yet."""
    proposed_ids = {change.id for change in merge.changes}
    parts = [part.strip() for part in only.split(",") if part.strip()]
    if not parts:
        raise UsageError("--only names no scene.", "Give numbers, ranges or ids, as in 3,7-9,k7f3.")
    new = [part for part in parts if part in proposed_ids]
    rest = ",".join(part for part in parts if part not in proposed_ids)
    return [*new, *(parse_scenes(rest, found.board) if rest else ())]


def show_merge(merge: Merge) -> None:
    """Changes and conflicts, a line each."""
    for change in merge.changes:
        tell(str(change))
    for conflict in merge.conflicts:
        tell(f"kept as you wrote it: {conflict}")
    if not merge.changes:
        remark("No changes are proposed.")


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
def import_(file: Path, folder: Path) -> int:
    """Bring timed lines (.srt, .vtt, .lrc, .ass) into the storyboard as scenes; what you changed stays.

    \b
    Example:  vktrs import lyrics.srt my_video
    """
    merge, left_out = exchange.import_lines(Project.open(folder), file)
    show_merge(merge)
    if left_out:
        remark(f"Lines that start after the end of the song, left out: {left_out}.")
    remark(f"Scenes on the storyboard: {len(merge.board.scenes)}.")
    return 0


@click.command()
@click.argument("kind", type=click.Choice(exchange.KINDS))
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="A file, or for pictures a folder."
)
def export(kind: str, folder: Path, output: Path | None) -> int:
    """Write the lyrics (srt, vtt, lrc), the pictures under names for people, or a contact sheet.

    \b
    Example:  vktrs export srt my_video            (to the terminal)
              vktrs export pictures my_video -o pictures
              vktrs export sheet my_video -o sheet.png
    """
    project = Project.open(folder)
    if kind in exchange.LYRICS:
        text = exchange.lyrics(project, kind)
        if output is None:
            click.echo(text, nl=False)
        else:
            exchange.check_target(project, output, kind)
            output.write_text(text, "utf-8")
        return 0
    if kind == "sheet":
        tell(str(exchange.sheet(project, output or folder / "sheet.png")))
        return 0
    written = exchange.pictures(project, output or folder / "pictures")
    for path in written:
        tell(str(path))
    return 0
