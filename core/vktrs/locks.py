"""Locks that the kernel frees when their holder dies: the only proof of death that can be trusted.

A lock is a file of its own, never a data file. Where its file system has no `flock`, the lock lies in the
machine's runtime folder under the name of the wanted file's device and inode.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_NO_FLOCK = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_PAUSE = 0.01
PATIENCE = 0.3
"""Seconds to try for a lock of which others ask whether it is held: each hinders it for an instant."""


class FileLock:
    """An exclusive lock on `path`, held from `acquire` until `release` or the end of the process.

    A process that was started with the `handle` of a lock that its starter held holds it from its first moment.
    """

    def __init__(self, path: Path, handle: int | None = None) -> None:
        self.path = path
        self._handle = handle
        if handle is not None:
            os.set_inheritable(handle, False)

    @property
    def handle(self) -> int | None:
        """What a child has to inherit to hold the lock after this process; None while it is not held."""
        return self._handle

    def acquire(self, patience: float = 0.0, pause: Callable[[float], None] = time.sleep) -> bool:
        """Take the lock if nobody has it; whether it is held now.

        Whoever asks `is_held` hinders this for an instant, which `patience` (seconds) outlasts.
        """
        tries = 1 + round(patience / _PAUSE)
        while self._handle is None and tries:
            self._handle = _take(self.path, fcntl.LOCK_EX)
            tries -= 1
            if self._handle is None and tries:
                pause(_PAUSE)
        return self._handle is not None

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(path: Path) -> bool:
    """Whether some process holds the lock at `path` right now."""
    try:
        handle = _take(path, fcntl.LOCK_SH)  # shared: those who ask do not take each other for a holder
    except FileNotFoundError:
        return False
    if handle is not None:
        os.close(handle)
    return handle is None


def _take(path: Path, kind: int) -> int | None:
    """A handle that holds the lock, in the runtime folder where the file's own system has none; None if it is taken."""
    handle = _open(path, kind)
    stat = os.fstat(handle)
    try:
        return _locked(handle, kind)
    except OSError as error:
        if error.errno not in _NO_FLOCK:
            raise
    return _locked(_open(_runtime_folder() / f"vktrs-{stat.st_dev}-{stat.st_ino}.lock", kind), kind)


def _open(path: Path, kind: int) -> int:
    """Opened and made where it is missing; by those who only ask, neither made nor opened for writing."""
    if kind == fcntl.LOCK_SH:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _locked(handle: int, kind: int) -> int | None:
    """The handle once it holds the lock; closed, and None or an OSError, where it does not."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        os.close(handle)
        raise
    return handle


def _runtime_folder() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
