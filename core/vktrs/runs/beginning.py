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

from vktrs.engines.registry import grid
from vktrs.errors import InputError, StoryboardError
from vktrs.media.lyrics import TIMED_SUFFIXES
from vktrs.media.plain_lyrics import check_lyrics
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

    check_size(pictures, width, height)
    project = Project(Path(folder))
    check_free(project)
    here = {} if is_url(str(song)) else {"song": Path(song)}
    found = title_of(here["song"]) if here else ""
    if lyrics is not None:
        here["lyrics"] = _lyrics(Path(lyrics))
    names = {role: name_inside(project, role, path) for role, path in here.items()}
    if speech == "captions" and "song" in here and not _has_times(lyrics):
        for path in _captions(here["song"]):
            here[path.name] = path
            names[path.name] = _name_beside(names["song"], here["song"], path)
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
    text = checked_text(new_storyboard(settings))
    for role, path in here.items():
        copy_in(path, project, names[role])
    return Project.create(project.root, text)


def check_size(pictures: str, width: int, height: int) -> None:
    """InputError where that picture engine cannot make pictures of such a size (pixels)."""
    step = grid(pictures)
    if width % step or height % step:
        right = "x".join(str(max(round(side / step), 2) * step) for side in (width, height))
        raise InputError(
            f"{pictures} makes pictures in multiples of {step}, not {width}x{height}.", f"{right} would do."
        )


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


def check_free(project: Project) -> None:
    if os.path.lexists(project.storyboard_path):
        raise InputError(f"{project.root} is a project already.", "`vktrs run` goes on with it.")


def title_of(song: Path) -> str:
    """The title that the song's tags or its name give; InputError where it cannot be listened to."""
    from vktrs.media.audio import probe

    return sayable(probe(song).title or song.stem)


def _lyrics(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"the lyrics file {path} is not there.", "Give a file: .lrc, .srt, .vtt, .ass or .txt.")
    check_lyrics(path)
    return path


def _has_times(lyrics: Path | str | None) -> bool:
    return lyrics is not None and Path(lyrics).suffix.lower() in TIMED_SUFFIXES


def _captions(song: Path) -> list[Path]:
    """The captions that lie beside a song by its name; InputError where there are none."""
    from vktrs.media.site_captions import tracks_beside

    found = [track.path for track in tracks_beside(song)]
    if not found:
        right = f"Put them there as {song.stem}.en.vtt, or give `--lyrics` with times."
        raise InputError(f"no captions lie beside {song}.", right)
    return found


def _name_beside(name: str, song: Path, captions: Path) -> str:
    """How captions are called in the project: as the song there, with what follows its name here."""
    called = Path(name)
    return called.with_name(called.stem + sayable(captions.name[len(song.stem) :])).as_posix()


def name_inside(project: Project, role: str, path: Path) -> str:
    """How the storyboard calls a file: its place where it lies in the folder already, else its name."""
    whole, root = path.resolve(), project.root.resolve()
    inside = whole.relative_to(root).as_posix() if whole.is_relative_to(root) else ""
    if inside and inside != VIDEO and not _ODD_NAME.search(inside):
        return inside
    odd = path.name in _TAKEN_NAMES or _ODD_NAME.search(path.name)
    return f"{role}{sayable(path.suffix)}" if odd else path.name


def sayable(text: str) -> str:
    """The text without what no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def checked_text(text: str) -> str:
    """The same checks as for a storyboard that a person wrote; the place of a fault means nothing here."""
    try:
        Document.parse(text, Path(STORYBOARD))
    except StoryboardError as error:
        raise InputError(error.found, error.hint) from None
    return text
