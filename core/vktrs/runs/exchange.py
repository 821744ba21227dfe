"""Scenes from files of timed lines, and lyrics and pictures of a project as files for people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.inventory import font_path
from vktrs.lines import Line, Word
from vktrs.plan import Plan, ScenePlan, plan_project
from vktrs.project import Project
from vktrs.runs.listening import bring_in
from vktrs.stages import captions, keyframes, variations, words
from vktrs.storyboard.captions import by_middle, heard_in, shown_until, sung
from vktrs.storyboard.merge import Merge
from vktrs.storyboard.model import Scene
from vktrs.storyboard.replacing import replace_file
from vktrs.storyboard.split import SplitOptions, propose_scenes

LYRICS = ("srt", "vtt", "lrc", "ass", "txt")
KINDS = (*LYRICS, "pictures", "sheet", "deforum")
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


def write_lyrics(project: Project, kind: str, target: Path, overwrite: bool = False) -> None:
    """Put what is shown of the lyrics into a file, whole or not at all.

    UsageError, and nothing written, where it would take the place of a file of the project; and of any other that says
    something else, unless `overwrite` allows that.
    """
    check_target(project, target, kind)
    data = lyrics(project, kind).encode()
    if target.exists() and not overwrite and not (target.is_file() and target.read_bytes() == data):
        raise UsageError(f"{target} is there already.", "Give another name; --overwrite writes over it.")
    replace_file(target, data)


def check_target(project: Project, target: Path, kind: str) -> None:
    """UsageError where lyrics of that kind would be written over a file of the project, or under a wrong name."""
    board = project.document().board
    names = [board.song.source, board.song.lyrics, board.video.file, *(scene.picture for scene in board.scenes)]
    own = [project.storyboard_path, *(project.resolve(name) for name in names if name)]
    if target.exists() and any(path.exists() and path.samefile(target) for path in own):
        raise UsageError(f"{target} belongs to the project and is not overwritten.", "Give another name.")
    if target.suffix.lower() != f".{kind}":
        raise UsageError(f"{target} is no name for a .{kind} file.", f"Let it end in .{kind}.")


def lyrics(project: Project, kind: str) -> str:
    """What the storyboard shows of its lyrics as the text of an .srt, .vtt, .lrc, .ass or .txt file.

    Times are those of the video: an excerpt begins at 0.
    """
    from vktrs.media.lyrics import write_lyrics

    plan = plan_project(project)
    lines = scene_lines(project, plan, guessing=kind == "ass")
    if kind != "ass":
        return write_lyrics(lines, kind)
    from vktrs.media.karaoke import write_ass

    size = plan.board.video
    style = captions.style_of(plan.board.captions, "word", font_path(project, plan.board))
    return write_ass(lines, size.width * size.upscale, size.height * size.upscale, style)


def scene_lines(project: Project, plan: Plan, guessing: bool = False) -> list[Line]:
    """What is shown of the scenes as lines, in seconds from the start of the video, with words where times are known.

    `guessing`: words that nobody heard get even times.
    """
    heard: tuple[Word, ...] = ()
    if plan.words is not None and plan.words.made:
        with suppress(ArtifactDamaged):
            heard = by_middle(words.load(project.store, plan.words.key))
    found = ((each.scene, each.end, captions.line_of(each.scene, each.end, plan.shown)) for each in plan.scenes)
    return [
        replace(line, words=_words(scene, end, heard, plan.shown, guessing))
        for scene, end, line in found
        if line is not None
    ]


def _words(
    scene: Scene, end: float | None, heard: Sequence[Word], span: tuple[float, float], guessing: bool
) -> tuple[Word, ...]:
    """The words of a scene by the time of the video; none where an excerpt begins or ends between them."""
    until = shown_until(scene, end)
    if until is None or not (guessing or heard_in(scene, until, heard)):
        return ()
    low, high = span
    found = [word for _, word in sung(scene, until, heard)]
    if any(not low <= word.start < high for word in found):
        return ()
    return tuple(Word(word.start - low, min(word.end, high) - low, word.text) for word in found)


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
