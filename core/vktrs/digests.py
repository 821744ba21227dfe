"""Digests of the user's own files, remembered by size, time of change and inode, so that a file is read once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from vktrs.errors import VktrsError
from vktrs.storyboard.replacing import replace_file

_Entry = tuple[int, int, int, str]


class FileDigests:
    """The digests of files below or beside a folder; `memory` is the file that remembers them."""

    def __init__(self, memory: Path, root: Path) -> None:
        self._memory = memory
        self._root = root
        self._known: dict[str, _Entry] | None = None

    def of(self, path: Path) -> str:
        """The digest of a file's content, 32 hex digits; OSError where it cannot be read."""
        if path.exists() and not path.is_file():
            raise IsADirectoryError(f"{path} is no file")  # a device has no end
        stat = path.stat()
        name = os.path.relpath(path, self._root)
        mark = stat.st_size, stat.st_mtime_ns, stat.st_ino
        known = self._load()
        found = known.get(name)
        if found is not None and found[:3] == mark:
            return found[3]
        digest = blake2b(digest_size=16)
        for block in _blocks(path):
            digest.update(block)
        known[name] = (*mark, digest.hexdigest())
        self._save(known)
        return digest.hexdigest()

    def _load(self) -> dict[str, _Entry]:
        if self._known is None:
            try:
                stored = json.loads(self._memory.read_text("utf-8"))
                self._known = {str(name): _entry(values) for name, values in stored.items()}
            except (OSError, ValueError, TypeError, AttributeError):
                self._known = {}
        return self._known

    def _save(self, known: dict[str, _Entry]) -> None:
        # A folder that may only be read can still be looked at; the digest is then computed each time.
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._memory, json.dumps(known).encode())
        except (OSError, VktrsError):
            return


def _entry(values: list[int | str]) -> _Entry:
    size, changed, inode, digest = values
    return int(size), int(changed), int(inode), str(digest)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block
