"""A file put in place whole or not at all, and the lock under which that is done.

It knows bytes and paths only; what a lock is on this machine is known to `vktrs.locks`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from vktrs.errors import VktrsError
from vktrs.locks import FileLock

_POLL = 0.005


@contextlib.contextmanager
def file_lock(path: Path, timeout: float = 5.0) -> Iterator[None]:
    """Holds the lock file `path`, made with its folders where missing; VktrsError after `timeout` seconds."""
    lock = FileLock(path)
    deadline = time.monotonic() + timeout
    while not _acquired(lock):
        if time.monotonic() >= deadline:
            raise VktrsError(
                f"Another vktrs is writing ({path} is locked); nothing was changed.",
                "Try again; if it stays so, one of them is stopped or hanging.",
            )
        time.sleep(_POLL)
    try:
        yield
    finally:
        lock.release()


def _acquired(lock: FileLock) -> bool:
    try:
        return lock.acquire()
    except OSError as error:
        reason = f"{lock.path} could not be locked: {error.strerror}."
        raise VktrsError(reason, "Is the folder writable?") from error


def replace_file(path: Path, data: bytes, expected: bytes | None = None) -> bool:
    """Puts `data` in the place of `path` at once; a link is followed, the mode kept. VktrsError, file untouched.

    False, and the file untouched, where it does not hold `expected` (any more): an editor knows nothing of our lock.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else None
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "it is read-only")
        _write_whole(temporary, data, mode)
        if expected is not None and not _holds(target, expected):
            temporary.unlink()
            return False
        temporary.replace(target)
        return True
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        reason = error.strerror or str(error)
        raise VktrsError(f"{path} could not be written: {reason}.", "The file is as it was.") from error


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:  # taken away meanwhile; whoever reads it next says so
        return False


def _write_whole(path: Path, data: bytes, mode: int | None) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            os.fchmod(handle, mode)
        file.write(data)
        file.flush()
        os.fsync(handle)
