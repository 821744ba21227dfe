"""The files that a project of the notebook names: where they lie now, and how they come into a project here.

What such a project says was written by others, perhaps on another machine. So a file is taken only from the project's
own folder and from those that belong to it, whatever path is written, and a picture only where it is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vktrs.errors import InputError
from vktrs.interop.notebook.params import base_name
from vktrs.interop.notebook.yaml_text import LARGEST, read_yaml

CONFIG = "config.yaml"
_SHARED = "shared_assets"
_FRAME = re.compile(r"(\d{1,6})-[^/]*\.(?:png|jpg|jpeg|webp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NotebookFolder:
    """A project folder of the notebook: `home` is that of storyboard.yaml, `roots` all in which its files may lie."""

    home: Path
    roots: tuple[Path, ...]
    config: Mapping[str, Any]

    @property
    def name(self) -> str:
        """A name for a folder of its pictures."""
        return re.sub(r"[^A-Za-z0-9_-]+", "-", self.home.name).strip("-")[:60] or "notebook"

    def find(self, written: str) -> Path | None:
        """The file that is meant by a path, by its last parts where it is of another machine; None where it is gone."""
        parts = [part for part in re.split(r"[/\\]+", written) if part not in ("", ".", "..")]
        tails = [Path(*parts[-count:]) for count in range(len(parts), 0, -1)]
        names = [*tails, Path("frames", base_name(written)), Path(_SHARED, base_name(written))] if parts else []
        for name in names:
            for root in self.roots:
                if _is_inside(root / name, root):
                    return root / name
        return None

    def frames(self) -> dict[int, list[Path]]:
        """The pictures of each scene by its number there (from 0): the keyframe, `N-anchor.png`, first."""
        found: dict[int, list[Path]] = {}
        folders = [self.home / "frames"]
        written = self.config.get("output_dir")
        if isinstance(written, str) and "$" not in written:
            folders += [root / base_name(written) for root in self.roots]
        for folder in dict.fromkeys(folders):
            for path in sorted(folder.glob("*")) if folder.is_dir() else ():
                match = _FRAME.fullmatch(path.name)
                if match and _is_inside(path, folder):
                    found.setdefault(int(match[1]), []).append(path)
        for paths in found.values():
            paths.sort(key=lambda path: ("anchor" not in path.name, path.name))
        return found


def _is_inside(path: Path, root: Path) -> bool:
    """Whether there is a file that lies below `root`, links followed."""
    try:
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False


def is_notebook(file: Path) -> bool:
    """Whether a file is to be read as a project of the notebook."""
    return file.suffix.lower() in (".yaml", ".yml")


def read_tree(file: Path) -> Any:
    """What a YAML file holds. InputError where it cannot be read or is refused."""
    try:
        if file.stat().st_size > LARGEST:
            read_yaml(b" " * (LARGEST + 1), file.name)  # says so without reading it
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file} could not be read: {error.strerror}.", "Give the notebook's storyboard.yaml."
        ) from None
    return read_yaml(data, file.name)


def open_folder(file: Path) -> NotebookFolder:
    """The folder of the project whose `storyboard.yaml` is `file`, with what its `config.yaml` says, if it has one."""
    home = file.absolute().parent
    roots, config = [home], {}
    for folder in (home, home.parent):
        if not (folder / CONFIG).is_file():
            continue
        found = read_tree(folder / CONFIG)
        if isinstance(found, dict) and (folder == home or found.get("active_project") == home.name):
            config = found
            roots.append(folder)
            break
    if (home.parent / _SHARED).is_dir():
        roots.append(home.parent / _SHARED)
    return NotebookFolder(home, tuple(dict.fromkeys(roots)), config)
