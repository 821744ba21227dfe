"""A lock is held by one process at a time, and dies with it."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vktrs.locks import FileLock, is_held

HOLD = """
import sys
from pathlib import Path
from vktrs.locks import FileLock
print(FileLock(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""
KEEP = """
import sys
from pathlib import Path
from vktrs.locks import FileLock
lock = FileLock(Path(sys.argv[1]), int(sys.argv[2]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def holder(code: str, *arguments: object, handle: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[] if handle is None else [handle],
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "run.lock"


def test_one_holds_it_and_nobody_else(path: Path) -> None:
    one, other = FileLock(path), FileLock(path)
    assert not is_held(path)
    assert one.acquire() and is_held(path)
    assert not other.acquire()
    one.release()
    assert not is_held(path)
    assert other.acquire()
    one.release()
    assert is_held(path)


def test_it_is_free_once_its_holder_was_killed(path: Path) -> None:
    process = holder(HOLD, path)
    assert first_line(process) == "True"
    assert is_held(path) and not FileLock(path).acquire()
    process.kill()
    process.communicate()
    assert not is_held(path)


def test_a_child_that_inherits_it_holds_it_after_its_starter_let_go(path: Path) -> None:
    lock = FileLock(path)
    assert lock.acquire() and lock.handle is not None
    process = holder(KEEP, path, lock.handle, handle=lock.handle)
    lock.release()
    assert is_held(path)
    assert first_line(process) == "True"
    assert is_held(path) and not FileLock(path).acquire()
    process.kill()
    process.communicate()
    assert not is_held(path)


def test_no_other_child_inherits_it(path: Path) -> None:
    lock = FileLock(path)
    assert lock.acquire()
    process = subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        close_fds=False,
    )
    assert first_line(process) == "up"
    lock.release()
    assert not is_held(path)
    process.communicate("\n")


def test_asking_writes_nothing(path: Path, tmp_path: Path) -> None:
    assert not is_held(path)
    assert list(tmp_path.iterdir()) == []


def test_those_who_ask_do_not_take_each_other_for_a_holder(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not is_held(path)


def test_patience_outlasts_somebody_who_asks(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        lock = FileLock(path)
        assert not lock.acquire()
        waited: list[float] = []

        def pause(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                fcntl.flock(asking, fcntl.LOCK_UN)

        assert lock.acquire(patience=0.1, pause=pause)
    assert len(waited) == 3


def test_patience_ends(path: Path) -> None:
    one, waited = FileLock(path), []
    assert one.acquire()
    assert not FileLock(path).acquire(patience=0.1, pause=waited.append)
    assert sum(waited) == pytest.approx(0.1)


@pytest.fixture
def no_flock_here(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system without flock where the lock is to lie; a runtime folder where there is one."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    flock = fcntl.flock

    def refusing(handle: int, operation: int) -> None:
        if os.fstat(handle).st_ino == (path.stat().st_ino if path.exists() else None):
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", refusing)
    yield runtime


def test_without_flock_it_lies_in_the_runtime_folder(path: Path, no_flock_here: Path) -> None:
    lock = FileLock(path)
    assert not is_held(path)
    assert lock.acquire() and is_held(path)
    assert len(list(no_flock_here.iterdir())) == 1
    assert not FileLock(path).acquire()
    lock.release()
    assert not is_held(path)


def test_an_error_of_the_system_is_no_answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(handle: int, operation: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", failing)
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(OSError, match="Input/output"):
        FileLock(path).acquire()
    assert len(os.listdir("/dev/fd")) == before
