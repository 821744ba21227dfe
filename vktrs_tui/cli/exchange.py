"""`vktrs propose`, `import` and `export`: scenes and lyrics in and out of a storyboard."""

from __future__ import annotations

from pathlib import Path

import click

from vktrs.errors import UsageError
from vktrs.project import Project
from vktrs.runs import exchange, heard_again
from vktrs.runs.listening import accept, proposed
from vktrs.runs.notebook_files import is_notebook
from vktrs.runs.status import Status
from vktrs.stages import scenes
from vktrs.storyboard.merge import Merge
from vktrs.storyboard.model import Storyboard
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
    chosen = chosen_scenes(only, proposed(project, piece), found.board) if only is not None else None
    fresh = scenes.load(project.store, piece.key)
    merge = accept(project, fresh, chosen) if accepting else proposed(project, piece, chosen)
    show_merge(merge)
    if merge.changes and not accepting:
        limit = f" --only {only}" if only else ""
        remark(f"`vktrs propose {quoted(folder)} --accept{limit}` lets them in.")
    if (hearing := heard_again.found(project)) is not None:
        remark(heard_again.summary(hearing))
    return 0


def chosen_scenes(only: str, merge: Merge, board: Storyboard) -> list[str]:
    """The scenes that `--only` names, those among them that are not in the storyboard yet."""
    proposed_ids = {change.id for change in merge.changes}
    parts = [part.strip() for part in only.split(",") if part.strip()]
    if not parts:
        raise UsageError("--only names no scene.", "Give numbers, ranges or ids, as in 3,7-9,k7f3.")
    new = [part for part in parts if part in proposed_ids]
    rest = ",".join(part for part in parts if part not in proposed_ids)
    return [*new, *(parse_scenes(rest, board) if rest else ())]


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
@click.option(
    "--song",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The song of a storyboard.yaml, where it is not beside it any more.",
)
def import_(file: Path, folder: Path, song: Path | None) -> int:
    """Bring scenes into the storyboard; what you changed stays.

    Timed lines (.srt, .vtt, .lrc, .ass) become scenes, one a line. A project of the old notebook (its storyboard.yaml)
    comes with texts, themes, prompts, modes, signals and pictures, into a new project where DIR is none yet; whatever
    has no meaning here is listed.

    \b
    Example:  vktrs import lyrics.srt my_video
              vktrs import old_project/storyboard.yaml my_video
    """
    if is_notebook(file):
        return _import_notebook(file, folder, song)
    if song is not None:
        raise UsageError("--song goes with a storyboard.yaml.", "`vktrs new DIR SONG` begins a project.")
    merge, left_out = exchange.import_lines(Project.open(folder), file)
    show_merge(merge)
    if left_out:
        remark(f"Lines that start after the end of the song, left out: {left_out}.")
    remark(f"Scenes on the storyboard: {len(merge.board.scenes)}.")
    return 0


def _import_notebook(file: Path, folder: Path, song: Path | None) -> int:
    from vktrs.runs.notebook_import import import_notebook

    brought = import_notebook(file, folder, song)
    if brought.merge is None:
        tell(str(brought.project.storyboard_path))
    else:
        show_merge(brought.merge)
    for heading, lines in (("Arrived as something else:", brought.changed), ("Left behind:", brought.left)):
        if lines:
            remark(heading)
        for line in lines:
            remark(f"  {line}")
    for line in brought.said:
        remark(line)
    remark(f"Scenes on the storyboard: {len(brought.project.document().board.scenes)}.")
    remark(f"Next:  vktrs run {quoted(folder)}")
    return 0


@click.command()
@click.argument("kind", type=click.Choice(exchange.KINDS))
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A file, or for pictures and deforum a folder.",
)
@click.option("--full", is_flag=True, help="For deforum: write all settings that it has, not only those that matter.")
@click.option("--overwrite", is_flag=True, help="Lyrics: over a file; deforum: into a folder with others' files.")
def export(kind: str, folder: Path, output: Path | None, full: bool, overwrite: bool) -> int:
    """Write the lyrics (srt, vtt, lrc, ass, txt), pictures under names for people, a contact sheet, Deforum settings.

    \b
    Example:  vktrs export srt my_video            (to the terminal)
              vktrs export pictures my_video -o pictures
              vktrs export sheet my_video -o sheet.png
              vktrs export deforum my_video -o deforum
    """
    if full and kind != "deforum":
        raise UsageError("--full goes with `vktrs export deforum`.", "Leave it out.")
    if overwrite and kind not in ("deforum", *exchange.LYRICS):
        raise UsageError(f"--overwrite means nothing to `vktrs export {kind}`.", "Leave it out.")
    project = Project.open(folder)
    if kind == "deforum":
        return _export_deforum(project, output or folder / "deforum", full, overwrite)
    if kind in exchange.LYRICS:
        if output is None:
            click.echo(exchange.lyrics(project, kind), nl=False)
        else:
            exchange.write_lyrics(project, kind, output, overwrite)
        return 0
    if kind == "sheet":
        tell(str(exchange.sheet(project, output or folder / "sheet.png")))
        return 0
    written = exchange.pictures(project, output or folder / "pictures")
    for path in written:
        tell(str(path))
    return 0


def _export_deforum(project: Project, folder: Path, full: bool, overwrite: bool) -> int:
    from vktrs.runs.deforum_export import export_deforum

    exported = export_deforum(project, folder, full, overwrite)
    for path in exported.written:
        tell(str(path))
    for each in exported.remarks:
        remark(each)
    return 0
