"""A project folder: where everything in it lies, and how it is opened and created.

It knows paths, locks and digests of the user's files; what a storyboard means or whether something is stale is
none of its business.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from vktrs.artifacts import Store
from vktrs.digests import FileDigests
from vktrs.errors import InputError, VktrsError
from vktrs.storyboard.document import Document, edit_file, read_document
from vktrs.storyboard.merge import Proposed, base_from_json, base_to_json
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.replacing import file_lock, replace_file

STORYBOARD = "storyboard.toml"
PATIENCE = 5.0
"""Seconds to wait while another vktrs writes."""
_RANDOM = "[0-9a-f]" * 8


class Project:
    """One project folder. Opening it reads nothing but the names; everything else is read when asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.storyboard_path = self.root / STORYBOARD
        self.takes = self.root / "takes"
        self.machine = self.root / ".vktrs"
        self.journal = self.machine / "journal"
        self.edits = self.journal / "edits.jsonl"
        self.editors = self.journal / "editors"
        self.runs = self.machine / "runs"
        self.run_lock = self.machine / "run.lock"
        self.edit_lock = self.machine / "edit.lock"
        self.store = Store(self.machine / "cache")
        self.written: int | None = None
        """When this process changed the storyboard last, as the file has it in nanoseconds; None where it never did."""
        self._known: Document | None = None
        self._digests = FileDigests(self.machine / "cache" / "digests.json", self.root)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in `folder`; InputError where there is none."""
        project = cls(folder)
        if not project.storyboard_path.is_file():
            raise InputError(
                f"{folder} is not a project: there is no {STORYBOARD} in it.", "`vktrs new DIR SONG` makes one."
            )
        return project

    @classmethod
    def create(cls, folder: Path, storyboard: str) -> Project:
        """A new project with this text as its storyboard; InputError where there is one already."""
        project = cls(folder)
        try:
            project.root.mkdir(parents=True, exist_ok=True)
            with project.storyboard_path.open("x", encoding="utf-8") as file:
                file.write(storyboard)
        except FileExistsError:
            raise InputError(f"{folder} is a project already.", "`vktrs run` goes on with it.") from None
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {error.strerror}.", "Choose another folder.") from None
        return project

    def document(self) -> Document:
        """The storyboard as it is on disk now; parsed again only when the file has changed."""
        self._known = read_document(self.storyboard_path, known=self._known, taken=self._seen_ids())
        return self._known

    @property
    def known(self) -> Document | None:
        """The storyboard as it was last read or written here; None before the first time."""
        return self._known

    def check_present(self) -> None:
        """InputError where there is no storyboard (any more): asked before anything is made in the folder."""
        if not os.path.lexists(self.storyboard_path):
            reason = f"{self.storyboard_path} is not there (any more); nothing was written."
            raise InputError(reason, "Was the folder renamed or removed? Open it where it is now.")

    def edit(self, change: Callable[[Document], Storyboard | Document], timeout: float = PATIENCE) -> Document:
        """Apply a change to the newest storyboard under the edit lock and replace the file atomically.

        `change` answers with the board that it wants, or with a document that it made of the one it was given.
        VktrsError after `timeout` seconds in which somebody else holds the lock.
        """
        self.check_present()
        before = self.edited()
        self._known = edit_file(
            self.storyboard_path, self.edit_lock, change, known=self._known, taken=self._seen_ids(), timeout=timeout
        )
        after = self.edited()
        self.written = after if after != before else self.written
        return self._known

    def edited(self) -> int | None:
        """When anybody changed the storyboard last, as the file has it in nanoseconds; None where it is not there."""
        try:
            return self.storyboard_path.stat().st_mtime_ns
        except OSError:
            return None

    def resolve(self, name: str) -> Path:
        """A path as written in the storyboard, taken from the project folder."""
        try:
            return self.root / Path(name).expanduser()
        except RuntimeError:  # ~name of nobody here: a file that is called so
            return self.root / name

    def digest(self, path: Path) -> str:
        """The digest of one of the user's files; OSError where it cannot be read."""
        return self._digests.of(path)

    def known_ids(self) -> set[str]:
        """Every scene id that was ever used here, so that none is used again."""
        ids = {scene.id for scene in self.document().board.scenes}
        ids.update(scene.id for scene in self.base())
        ids.update(self._seen_ids())
        if self.takes.is_dir():
            ids.update(os.listdir(self.takes))
        return ids

    def remember_ids(self, ids: Iterable[str], timeout: float = PATIENCE) -> None:
        """Remember ids that scenes have or had, for the day when they are gone from the file."""
        known = self._seen_ids()
        every = known.union(ids)
        if every != known:
            self._keep("ids.json", json.dumps(sorted(every)), timeout)

    def base(self) -> tuple[Proposed, ...]:
        """The last accepted proposal; empty before the first, and where the journal is gone or unreadable."""
        try:
            return base_from_json((self.journal / "base.json").read_text("utf-8"))
        except (OSError, ValueError):
            return ()

    def accept_base(self, base: tuple[Proposed, ...], timeout: float = PATIENCE) -> None:
        """Remember an accepted proposal; VktrsError where it cannot be written."""
        self._keep("base.json", base_to_json(base), timeout)

    def kept(self, name: str) -> str | None:
        """The text of a file of the journal; None where there is none, or it cannot be read."""
        try:
            return (self.journal / name).read_text("utf-8")
        except (OSError, ValueError):
            return None

    def keep(self, name: str, text: str, timeout: float = PATIENCE) -> None:
        """Write a file of the journal (NAME.json) as a whole; VktrsError where it cannot be written."""
        self._keep(name, text, timeout)

    def rewrite(self, name: str, change: Callable[[str | None], str | None], timeout: float = PATIENCE) -> None:
        """Put what `change` makes of the text of a file of the journal in its place; None leaves it as it is.

        Nobody else writes meanwhile, so that nothing that comes at the same time is lost; VktrsError as for `keep`.
        """
        self._make_journal()
        with file_lock(self.edit_lock, timeout):
            text = change(self.kept(name))
            if text is not None:
                replace_file(self.journal / name, text.encode())

    def sweep(self) -> None:
        """Remove what killed processes left half written; only for whoever holds the run lock."""
        self.store.sweep()
        storyboard = Path(os.path.realpath(self.storyboard_path))
        half_written = [(storyboard.parent, f".{glob.escape(storyboard.name)}.{_RANDOM}.tmp")]
        half_written += [(folder, f".*.json*.{_RANDOM}.tmp") for folder in (self.journal, self.store.root)]
        half_written += [(self.takes, "*/.*.part")]
        with file_lock(self.edit_lock):
            for folder, pattern in half_written:
                for path in folder.glob(pattern):
                    path.unlink(missing_ok=True)

    def _keep(self, name: str, text: str, timeout: float) -> None:
        """Write a file of the journal; under the lock, or it might be swept away in the making."""
        self._make_journal()
        with file_lock(self.edit_lock, timeout):
            replace_file(self.journal / name, text.encode())

    def _make_journal(self) -> None:
        try:
            self.machine.mkdir(exist_ok=True)  # not its parents: a project that was moved leaves no ghost behind
            self.journal.mkdir(exist_ok=True)
        except OSError as error:
            reason = f"{self.journal} cannot be written: {error.strerror or error}."
            raise VktrsError(reason, "It should be a folder that is yours to write.") from error

    def _seen_ids(self) -> set[str]:
        try:
            return {str(each) for each in json.loads((self.journal / "ids.json").read_text("utf-8"))}
        except (OSError, ValueError, TypeError):
            return set()
