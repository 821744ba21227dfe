"""How a project begins: the song and the lyrics are looked at and copied in, the storyboard is written last.

A folder without a storyboard is no project, so whatever stops a beginning half-way, the next one starts over. No file
of the user is overwritten.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from vktrs.errors import InputError, StoryboardError
from vktrs.project import STORYBOARD, Project
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import Captions, Pictures, Speech
from vktrs.storyboard.template import VIDEO, NewProject, new_storyboard

_TAKEN_NAMES = frozenset({STORYBOARD, VIDEO, "takes", ".vktrs"})
# a name that is no UTF-8 or holds a control character cannot stand in the storyboard; one with ~ means a home folder
_ODD_NAME = re.compile("[\ud800-\udfff\0-\x1f\x7f]|^~")


def new_project(
    folder: Path | str,
    song: Path | str,
    *,
    lyrics: Path | str | None = None,
    title: str | None = None,
    themes: Sequence[str] = (),
    speech: Speech = "auto",
    pictures: Pictures = "cppn",
    captions: Captions = "none",
    width: int = 512,
    height: int = 512,
    fps: int | str = 24,
) -> Project:
    """A new project in `folder` for `song`, a file or a URL; files are copied in unless they lie there already.

    `title` is the song's own by default, else the name of its file. `width` and `height` are even pixels, `fps` is
    1..120 or a fraction as "30000/1001". Raises InputError where a file cannot be used, a value is not allowed, or
    the folder is a project already; nothing is written then.
    """
    from vktrs.media.download import is_url

    project = Project(Path(folder))
    _check_free(project)
    here = {} if is_url(str(song)) else {"song": Path(song)}
    found = _title(here["song"]) if here else ""
    if lyrics is not None:
        here["lyrics"] = _lyrics(Path(lyrics))
    names = {role: _name_inside(project, role, path) for role, path in here.items()}
    settings = NewProject(
        source=names.get("song", str(song)),
        title=found if title is None else title,
        lyrics=names.get("lyrics"),
        themes=themes,
        speech=speech,
        pictures=pictures,
        captions=captions,
        width=width,
        height=height,
        fps=fps,
    )
    text = _checked(new_storyboard(settings))
    for role, path in here.items():
        copy_in(path, project, names[role])
    return Project.create(project.root, text)


def copy_in(file: Path, project: Project, name: str) -> None:
    """Copy a file of the user into the project; InputError where another one has that name there."""
    target = project.root / name
    if os.path.lexists(target):
        if not target.is_file() or not filecmp.cmp(file, target, shallow=False):
            raise InputError(f"{target} is there already and is another file.", "Rename one of them.")
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".vktrs-{os.getpid()}.part")
        try:
            shutil.copyfile(file, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{project.root} cannot be written: {error.strerror}.", "Choose another folder.") from None


def _check_free(project: Project) -> None:
    if os.path.lexists(project.storyboard_path):
        raise InputError(f"{project.root} is a project already.", "`vktrs run` goes on with it.")


def _title(song: Path) -> str:
    """The title that the song's tags or its name give; InputError where it cannot be listened to."""
    from vktrs.media.audio import probe

    return _sayable(probe(song).title or song.stem)


def _lyrics(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"the lyrics file {path} is not there.", "Give a file: .lrc, .srt, .vtt, .ass or .txt.")
    return path


def _name_inside(project: Project, role: str, path: Path) -> str:
    """How the storyboard calls a file: its place where it lies in the folder already, else its name."""
    whole, root = path.resolve(), project.root.resolve()
    inside = whole.relative_to(root).as_posix() if whole.is_relative_to(root) else ""
    if inside and inside != VIDEO and not _ODD_NAME.search(inside):
        return inside
    odd = path.name in _TAKEN_NAMES or _ODD_NAME.search(path.name)
    return f"{role}{_sayable(path.suffix)}" if odd else path.name


def _sayable(text: str) -> str:
    """The text without what no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _checked(text: str) -> str:
    """The same checks as for a storyboard that a person wrote; the place of a fault means nothing here."""
    try:
        Document.parse(text, Path(STORYBOARD))
    except StoryboardError as error:
        raise InputError(error.found, error.hint) from None
    return text
