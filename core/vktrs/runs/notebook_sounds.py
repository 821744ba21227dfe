"""The song and the signals of a project of the old notebook, as files of a project here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from vktrs.errors import InputError
from vktrs.interop.notebook.curves import MOST_SECONDS, Curve
from vktrs.interop.notebook.ledger import Ledger
from vktrs.interop.notebook.params import Params
from vktrs.interop.notebook.project import NotebookProject
from vktrs.media.download import is_url
from vktrs.project import Project
from vktrs.runs.beginning import copy_in, name_inside, title_of
from vktrs.runs.notebook_files import NotebookFolder
from vktrs.storyboard.schema import shown


class Song(NamedTuple):
    """The song's file (None: a URL, or not here), how the storyboard calls it, and the title that it gives."""

    file: Path | None = None
    source: str = ""
    title: str = ""


def find_song(project: Project, folder: NotebookFolder, params: Params, ledger: Ledger, given: Path | None) -> Song:
    """The song that the user has given, else the notebook's file, else its URL. InputError where `given` is no song."""
    if given is not None:
        return Song(given, name_inside(project, "song", given), title_of(given))
    file = folder.find(params.audio) if params.audio else None
    path = ("params", "audio_fpath")
    if file is not None:
        try:
            return Song(file, name_inside(project, "song", file), title_of(file))
        except InputError as error:
            ledger.leave(path, error.message.rstrip("."))
    elif params.audio:
        ledger.leave(path, f"the file is not here ({shown(params.audio)})")
    return Song(None, params.url) if params.url and is_url(params.url) else Song()


def bring_signals(project: Project, folder: NotebookFolder, found: NotebookProject) -> None:
    """Write the curves and copy the sounds that signals listen to. InputError where another file has such a name."""
    end = max([found.params.duration or 0.0, *(each.start for each in found.drafts)])
    for each in found.signals:
        if each.curve is not None:
            _write(project, each.signal.source, each.curve, end)
        elif each.sound is not None:
            file = folder.find(each.sound)
            if file is None:
                why = f"its sound is not here: put {shown(each.sound)} at {each.signal.source}"
                found.ledger.leave(("signals", each.name), why)
            else:
                copy_in(file, project, each.signal.source)


def _write(project: Project, name: str, curve: Curve, end: float) -> None:
    """The curve as a sound until `end` seconds at least: its last value is held, as the notebook did."""
    from vktrs.media.curve_file import write_curve

    target = project.root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".vktrs-{os.getpid()}.flac")
    scale = 1 / curve.highest if curve.highest > 0 else 0.0
    try:
        write_curve(
            temporary,
            lambda seconds: curve.at(seconds) * scale,
            curve.times,
            min(max(end, curve.times[-1]), MOST_SECONDS),
        )
        copy_in(temporary, project, name)
    finally:
        temporary.unlink(missing_ok=True)
