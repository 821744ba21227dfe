"""Two who change one storyboard at the same time lose nothing, and a lock that stays held is said plainly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from vktrs.errors import VktrsError
from vktrs.storyboard import edits
from vktrs.storyboard.document import Document, edit_file, read_document
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.replacing import file_lock

TEXT = '# mine\n[[scenes]]\nid = "first"\nstart = 0.0\n'
EDITS = 25

WRITER = """
import sys
from pathlib import Path
from vktrs.storyboard import edits
from vktrs.storyboard.document import edit_file
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
known = None
for number in range(count):
    known = edit_file(
        folder / "storyboard.toml",
        folder / ".vktrs" / "edit.lock",
        lambda document: edits.insert(document.board, 1.0 + number, f"{name} {number}").board,
        known,
        timeout=60,
    )
"""

HOLDER = """
import sys
from pathlib import Path
from vktrs.storyboard.replacing import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def program(source: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", source, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def texts(path: Path) -> set[str]:
    return {scene.text for scene in read_document(path).board.scenes} - {""}


def test_two_processes_lose_none_of_their_edits(tmp_path: Path) -> None:
    path = tmp_path / "storyboard.toml"
    path.write_text(TEXT)
    writers = [program(WRITER, str(tmp_path), name, str(EDITS)) for name in ("ann", "bob")]
    assert [said(writer) for writer in writers] == ["ready", "ready"]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    assert texts(path) == {f"{name} {number}" for name in ("ann", "bob") for number in range(EDITS)}
    assert path.read_text().startswith(TEXT)
    assert [each.name for each in tmp_path.glob(".storyboard*")] == []


def test_two_threads_lose_none_of_their_edits(tmp_path: Path) -> None:
    path, lock = tmp_path / "storyboard.toml", tmp_path / "edit.lock"
    path.write_text(TEXT)
    together = Barrier(2)

    def write(name: str) -> None:
        together.wait()
        for number in range(EDITS):

            def change(document: Document, number: int = number) -> Storyboard:
                return edits.insert(document.board, 1.0 + number, f"{name} {number}").board

            edit_file(path, lock, change, timeout=60)

    threads = [Thread(target=write, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts(path) == {f"{name} {number}" for name in ("ann", "bob") for number in range(EDITS)}


def test_a_lock_that_stays_held_is_said_plainly_and_dies_with_its_holder(tmp_path: Path) -> None:
    path, lock = tmp_path / "storyboard.toml", tmp_path / "edit.lock"
    path.write_text(TEXT)
    holder = program(HOLDER, str(lock))
    assert said(holder) == "held"

    def change(document: Document) -> Storyboard:
        return edits.insert(document.board, 2.0, "new").board

    with pytest.raises(VktrsError, match="is locked"):
        edit_file(path, lock, change, timeout=0.05)
    assert path.read_text() == TEXT
    holder.kill()
    holder.communicate()
    edit_file(path, lock, change)
    assert texts(path) == {"new"}


def test_the_lock_is_given_back_when_an_edit_fails(tmp_path: Path) -> None:
    lock = tmp_path / "edit.lock"
    with pytest.raises(RuntimeError), file_lock(lock):
        raise RuntimeError
    with file_lock(lock, timeout=0):
        pass
