"""A folder that an export fills: it remembers what it wrote, and touches nothing else without being told."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from vktrs.errors import InputError, UsageError

NOTE = ".vktrs-export.json"
"""Names and digests of the files that an export wrote, by which they are known again as its own.

While a file is being replaced, both that it had and that it gets stand there: a kill in between does no harm.
"""


class ExportFolder:
    """`begin` with all names, `put` each, `end`. Files are written under a temporary name and renamed when whole."""

    def __init__(self, folder: Path, overwrite: bool = False) -> None:
        self._folder = folder
        self._overwrite = overwrite
        self._before = self._read_note()
        self._written: dict[str, list[str]] = {}

    def begin(self, names: Sequence[str]) -> None:
        """UsageError, before anything is written, where a file there is not as an export wrote it."""
        if self._folder.exists() and not self._folder.is_dir():
            raise UsageError(f"{self._folder} is a file.", "Give the name of a folder.")
        there = sorted(os.listdir(self._folder)) if self._folder.is_dir() else []
        strange = [name for name in there if name != NOTE and not self._is_own(name)]
        in_the_way = [name for name in strange if name in names]
        if strange and not self._overwrite:
            what = "was changed since" if strange[0] in self._before else "did not come from an export"
            more = f", and {len(strange) - 1} more" if len(strange) > 1 else ""
            does = "replaces files of the same names" if in_the_way else "writes beside them"
            raise UsageError(
                f"{self._folder} holds {strange[0]}, which {what}{more}.", f"Give another folder; --overwrite {does}."
            )
        self._stale = [name for name in self._before if name not in names and self._is_own(name)]

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        """Have a file written by `write`, which is given the path for it."""
        target = self._folder / name
        temporary = target.with_name(f".vktrs-{os.getpid()}{target.suffix}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write(temporary)
            self._written[name] = [_digest(temporary)]
            self._note({**self._before, **self._written, name: [*self._before.get(name, ()), *self._written[name]]})
            temporary.replace(target)
        except (PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
            raise InputError(f"{target} cannot be written: {error.strerror}.", "Give another folder with -o.") from None
        finally:
            temporary.unlink(missing_ok=True)

    def end(self) -> None:
        """Remove what an earlier export wrote and this one did not; the user's files stay."""
        for name in self._stale:
            (self._folder / name).unlink(missing_ok=True)
        self._note(self._written)

    def _is_own(self, name: str) -> bool:
        try:
            return name in self._before and _digest(self._folder / name) in self._before[name]
        except OSError:
            return False

    def _read_note(self) -> dict[str, list[str]]:
        try:
            found = json.loads((self._folder / NOTE).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        names = found.items() if isinstance(found, dict) else ()
        return {name: list(each) for name, each in names if Path(name).name == name and isinstance(each, list)}

    def _note(self, files: dict[str, list[str]]) -> None:
        (self._folder / NOTE).write_text(json.dumps(files, ensure_ascii=False, indent=0), "utf-8")


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
