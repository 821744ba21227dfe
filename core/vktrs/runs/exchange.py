"""Scenes from files of timed lines, and lyrics and pictures of a project as files for people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.lines import Line
from vktrs.plan import ScenePlan, plan_project
from vktrs.project import Project
from vktrs.runs.listening import bring_in
from vktrs.stages import keyframes, variations
from vktrs.storyboard.merge import Merge
from vktrs.storyboard.split import SplitOptions, propose_scenes

LYRICS = ("srt", "vtt", "lrc")
KINDS = (*LYRICS, "pictures", "sheet")
_SHEET_COLUMNS = 6
_SHEET_MARK = {"Software": "vktrs contact sheet"}


class Imported(NamedTuple):
    """What an import did, and how many lines it left out because they start after the song's end."""

    merge: Merge
    left_out: int


def import_lines(project: Project, file: Path) -> Imported:
    """Make scenes of the timed lines in `file`, one a line, and merge them into the storyboard as the user's own.

    InputError where the file has no times, or where the song's length is not known yet.
    """
    from vktrs.media.lyrics import read_lyrics

    duration = plan_project(project).duration
    if duration is None:
        raise UsageError("the length of the song is not known yet.", f"`vktrs run {project.root} --to song` finds out.")
    everything = read_lyrics(file, None)
    lines = read_lyrics(file, duration)
    if not lines:
        raise InputError(f"there are no lines in {file} before the end of the song.", "Is it for another song?")
    fresh = propose_scenes(lines, (), (), duration, SplitOptions(divide=False))
    return Imported(bring_in(project, fresh), len(everything) - len(lines))


def check_target(project: Project, target: Path, kind: str) -> None:
    """UsageError where lyrics of that kind would be written over something else, above all a file of the project."""
    board = project.document().board
    names = [board.song.source, board.song.lyrics, board.video.file, *(scene.picture for scene in board.scenes)]
    own = [project.storyboard_path, *(project.resolve(name) for name in names if name)]
    if target.exists() and any(path.exists() and path.samefile(target) for path in own):
        raise UsageError(f"{target} belongs to the project and is not overwritten.", "Give another name.")
    if target.suffix.lower() != f".{kind}":
        raise UsageError(f"{target} is no name for a .{kind} file.", f"Let it end in .{kind}.")


def lyrics(project: Project, kind: str) -> str:
    """The lyrics of the storyboard as the text of an .srt, .vtt or .lrc file."""
    from vktrs.media.lyrics import write_lyrics

    return write_lyrics(scene_lines(project), kind)


def scene_lines(project: Project) -> list[Line]:
    """The scenes that have text, as lines."""
    plan = plan_project(project)
    lines = []
    for each in plan.scenes:
        until = each.scene.end if each.scene.end is not None else each.end
        end = min(until, each.end) if until is not None and each.end is not None else until
        if each.scene.text.strip():
            start = each.scene.start
            lines.append(Line(start, max(start, end or start), each.scene.text, each.scene.words or ()))
    return lines


def pictures(project: Project, folder: Path) -> list[Path]:
    """Copy every picture of the storyboard to `folder` under names that sort: `007-k7f3-keyframe.png`."""
    copies = [
        (source, folder / f"{each.index + 1:03d}-{each.scene.id}-{name}.png")
        for each in plan_project(project).scenes
        for name, source in _pictures(project, each)
    ]
    if not copies:
        raise UsageError("there are no pictures yet.", f"`vktrs run {project.root}` makes them.")
    folder.mkdir(parents=True, exist_ok=True)
    for source, target in copies:
        shutil.copyfile(source, target)
    return [target for _, target in copies]


def _pictures(project: Project, each: ScenePlan) -> Iterator[tuple[str, Path]]:
    """Name and place of the pictures of a scene that are there."""
    if each.keyframe.made:
        yield "keyframe", keyframes.take_path(project.takes, each.scene.id, each.keyframe.key)
    for k, key in enumerate(each.variation_keys, start=1):
        path = variations.path(project.store, key)
        if k not in each.missing and path.exists():
            yield f"{k:02d}", path


def sheet(project: Project, target: Path) -> Path:
    """A contact sheet of all keyframes with the number and the lyric of each scene, as a PNG at `target`.

    InputError where a file of that name lies there that was not written here.
    """
    from vktrs.media.frames import contact_sheet, load_png, save_png

    cells = []
    for each in plan_project(project).scenes:
        path = keyframes.take_path(project.takes, each.scene.id, each.keyframe.key)
        if each.keyframe.made:
            try:
                cells.append((load_png(path), f"{each.index + 1} {each.scene.id} {each.scene.text}".strip()))
            except ArtifactDamaged:
                continue
    if not cells:
        raise UsageError("there are no pictures yet.", f"`vktrs run {project.root}` makes them.")
    if target.exists() and not _is_sheet(target):
        raise InputError(f"{target} is there and is no contact sheet of vktrs.", "Give another name with -o.")
    save_png(target, contact_sheet(cells, columns=min(_SHEET_COLUMNS, len(cells))), _SHEET_MARK)
    return target


def _is_sheet(path: Path) -> bool:
    from vktrs.media.frames import read_texts

    try:
        return _SHEET_MARK.items() <= read_texts(path).items()
    except ArtifactDamaged:
        return False
