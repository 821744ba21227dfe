"""Locks that the kernel frees when their holder dies: the only proof of death that can be trusted.

A lock is a file of its own, never a data file. Where its file system has no `flock`, the lock lies in the
machine's runtime folder under the name of the wanted file's device and inode.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from pathlib import Path

_NO_FLOCK = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class FileLock:
    """An exclusive lock on `path`, held from `acquire` until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it; whether it was taken. Never waits."""
        handle = _open(self.path)
        try:
            taken = _lock(handle)
        except OSError as error:
            if error.errno not in _NO_FLOCK:
                os.close(handle)
                raise
            stat = os.fstat(handle)
            os.close(handle)
            handle = _open(_runtime_folder() / f"vktrs-{stat.st_dev}-{stat.st_ino}.lock")
            taken = _lock(handle)
        if not taken:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(path: Path) -> bool:
    """Whether some process holds the lock at `path` right now."""
    if not path.exists():
        return False
    lock = FileLock(path)
    if lock.acquire():
        lock.release()
        return False
    return True


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _runtime_folder() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
