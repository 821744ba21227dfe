"""The pictures of a project of the old notebook: which one is whose keyframe, where all of them go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vktrs.errors import InputError
from vktrs.interop.notebook.ledger import SCENES, Ledger
from vktrs.interop.notebook.scenes import Draft
from vktrs.project import Project
from vktrs.runs.beginning import copy_in
from vktrs.runs.notebook_files import NotebookFolder

PICTURES = "pictures"
"""The folder of a project for pictures that were brought along; each notebook's have a folder in it."""


@dataclass
class NotebookPictures:
    """Names in the project by the numbers of the notebook's scenes, and every file with the name that it gets."""

    keyframes: dict[int, str] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)

    @property
    def others(self) -> list[str]:
        """Those that are no keyframes: a run makes variations of its own, so they are kept for people."""
        return sorted(set(self.files.values()) - set(self.keyframes.values()))

    def copy(self, project: Project) -> None:
        """Copy them all. InputError where another file has such a name."""
        for path, name in self.files.items():
            copy_in(path, project, name)


def find_pictures(
    project: Project, folder: NotebookFolder, drafts: Sequence[Draft], ledger: Ledger
) -> NotebookPictures:
    """All pictures that are there. A keyframe is the one that is written, else `N-anchor.png`, else the first one."""
    found = NotebookPictures()
    frames = folder.frames()
    for draft in drafts:
        path = (SCENES, draft.index, "frame0_fpath")
        picture = folder.find(draft.picture) if draft.picture else None
        if picture is None:
            picture = next(iter(frames.get(draft.index, ())), None)
            if draft.picture:
                ledger.leave(path, "the picture is not here" + (f"; {picture.name} is taken" if picture else ""))
        if picture is not None and _is_picture(picture, path, ledger):
            found.keyframes[draft.index] = found.files[picture] = _name(project, folder, picture)
    for mine in frames.values():
        for frame in mine:
            found.files.setdefault(frame, _name(project, folder, frame))
    return found


def _is_picture(picture: Path, path: tuple[str | int, ...], ledger: Ledger) -> bool:
    from vktrs.media.frames import open_picture

    try:
        open_picture(picture, 32, 32)
    except InputError as error:
        ledger.leave(path, error.message.rstrip("."))
        return False
    return True


def _name(project: Project, folder: NotebookFolder, picture: Path) -> str:
    """Its place where it lies in the project already, else its own name among the pictures that were brought."""
    whole, root = picture.resolve(), project.root.resolve()
    if whole.is_relative_to(root):
        return whole.relative_to(root).as_posix()
    return f"{PICTURES}/{folder.name}/{picture.name}"
