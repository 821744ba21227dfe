"""The journal of edits: one JSON object a line, appended under a lock, and what can be undone and redone by whom.

    entry    id, author, time (seconds since 1970), label, does, of, before, after, hunks: written before the file is;
             with an accepted proposal also base: the one before and the one after
    done     id: the file was replaced
    void     id: it was not, and will not be
    adopts   ids of authors that are gone, whose entries now are `author`'s

An entry of which neither `done` nor `void` is told was begun by a process that was killed: it is `begun` here, and
whether it reached the file is for `vktrs.editing` to find out. It knows nothing of what an edit means.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from vktrs.errors import VktrsError
from vktrs.storyboard.pieces import Kind, Piece
from vktrs.storyboard.replacing import replace_file
from vktrs.storyboard.reverting import Hunk

Does = Literal["edit", "undo", "redo", "outside"]
Line = Mapping[str, Any]

KEPT_ENTRIES = 1000
LARGEST = 8 * 1024 * 1024
"""The file is cut back to the newest `KEPT_ENTRIES` once it holds twice as many, or to half of these bytes."""

_DOES: Mapping[str, Does] = {"edit": "edit", "undo": "undo", "redo": "redo", "outside": "outside"}
_LONG = 2048
_LETTERS: Mapping[Kind, str] = {"scene": "s", "part": "p", "other": "o"}
_KINDS: Mapping[str, Kind] = {letter: kind for kind, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One edit: who made it, when, what it is called; `of` is the entry that an undo or redo takes back.

    `before` and `after` are digests of the file's text, `packed` what was changed in it ("" where nothing was); `base`
    are the accepted proposals before and after, packed by `pack_text`, where the edit accepts one.
    """

    id: str
    author: str
    time: float
    label: str
    does: Does
    of: str | None
    before: str
    after: str
    packed: str
    base: tuple[str, str] | None = None

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """What was changed; ValueError where that is damaged."""
        return _unpacked(self.packed)

    @classmethod
    def of_line(cls, line: Line) -> Entry:
        """The entry that a line tells; ValueError where it is none."""
        values = [line.get(name) for name in ("entry", "author", "label", "does", "before", "after", "hunks")]
        of, seconds = line.get("of"), line.get("time")
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) < len(values) or not isinstance(seconds, (int, float)) or not isinstance(of, (str, type(None))):
            raise ValueError("not an entry")
        entry_id, author, label, does, before, after, packed = texts
        return cls(entry_id, author, float(seconds), label, _does(does), of, before, after, packed, _base(line))

    @property
    def line(self) -> Line:
        """The line that tells it; `entry` comes first."""
        told: dict[str, Any] = {
            "entry": self.id,
            "author": self.author,
            "time": self.time,
            "label": self.label,
            "does": self.does,
        }
        told |= {"of": self.of, "before": self.before, "after": self.after, "hunks": self.packed}
        return told if self.base is None else {**told, "base": list(self.base)}


def _does(word: str) -> Does:
    try:
        return _DOES[word]
    except KeyError:
        raise ValueError(f"an entry that does {word}") from None


def _base(line: Line) -> tuple[str, str] | None:
    found = line.get("base")
    if found is None:
        return None
    before, after = found
    if not isinstance(before, str) or not isinstance(after, str):
        raise ValueError("not two proposals")
    return before, after


def pack(hunks: Sequence[Hunk]) -> str:
    """Hunks as one text for an entry; a long one is compressed, since a shift of all scenes names every one."""
    if not hunks:
        return ""
    rows = [[hunk.at, *([[_LETTERS[kind], text] for kind, text in side] for side in hunk[1:])] for hunk in hunks]
    return pack_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))


def pack_text(text: str) -> str:
    """JSON text (a list or an object) for an entry; a long one is compressed."""
    return text if len(text) < _LONG else base64.b64encode(zlib.compress(text.encode(), 1)).decode()


def unpack_text(packed: str) -> str:
    """What `pack_text` packed; ValueError where it is damaged."""
    try:
        return packed if packed.startswith(("[", "{")) else zlib.decompress(base64.b64decode(packed)).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _unpacked(packed: str) -> tuple[Hunk, ...]:
    if not packed:
        return ()
    try:
        rows = json.loads(unpack_text(packed))
        return tuple(Hunk(int(at), _pieces(before), _pieces(after)) for at, before, after in rows)
    except (LookupError, TypeError) as error:
        raise ValueError(str(error)) from error


def _pieces(rows: Iterable[tuple[str, str]]) -> tuple[Piece, ...]:
    return tuple(Piece(_KINDS[letter], str(text)) for letter, text in rows)


@dataclass
class _Told:
    """What the lines read so far come to."""

    entries: dict[str, Entry] = field(default_factory=dict)
    begun: dict[str, Entry] = field(default_factory=dict)
    undo: dict[str, list[Entry]] = field(default_factory=dict)
    redo: dict[str, list[Entry]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        if "entry" in line:
            entry = Entry.of_line(line)
            self.entries[entry.id] = self.begun[entry.id] = entry
            self.order[entry.id] = len(self.order)
        elif "done" in line:
            self._done(self.begun.pop(str(line["done"]), None))
        elif "void" in line:
            self._void(str(line["void"]))
        elif "adopts" in line:
            self._adopt(str(line["author"]), [str(author) for author in line["adopts"]])

    def _done(self, entry: Entry | None) -> None:
        if entry is None or entry.does == "outside":
            return
        undo, redo = (stacks.setdefault(entry.author, []) for stacks in (self.undo, self.redo))
        if entry.does == "edit":
            redo.clear()
            undo.append(entry)
            return
        source, goal = (undo, redo) if entry.does == "undo" else (redo, undo)
        source[:] = [each for each in source if each.id != entry.of]
        if entry.packed:
            goal.append(entry)

    def _void(self, entry_id: str) -> None:
        self.begun.pop(entry_id, None)
        self.entries.pop(entry_id, None)
        for stack in (*self.undo.values(), *self.redo.values()):
            stack[:] = [each for each in stack if each.id != entry_id]

    def _adopt(self, author: str, gone: Sequence[str]) -> None:
        for stacks in (self.undo, self.redo):
            every = [entry for name in dict.fromkeys((author, *gone)) for entry in stacks.pop(name, [])]
            stacks[author] = sorted(every, key=lambda entry: self.order[entry.id])


class EditJournal:
    """The file `path`, read as far as it goes; all that writes is for whoever holds the journal's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = _Told()
        self._handle: int | None = None  # kept open, so that no other file can get the inode that is compared
        self._offset = 0

    @property
    def entries(self) -> Iterable[Entry]:
        """Every entry that is known and not void, in the order in which they were made."""
        return self._told.entries.values()

    @property
    def begun(self) -> tuple[Entry, ...]:
        """Entries of which it is not told whether they reached the file."""
        return tuple(self._told.begun.values())

    @property
    def authors(self) -> frozenset[str]:
        """Who has something to undo or to redo."""
        every = (*self._told.undo.items(), *self._told.redo.items())
        return frozenset(author for author, stack in every if stack)

    def undoable(self, author: str) -> Entry | None:
        """The entry that an undo by this author takes back."""
        stack = self._told.undo.get(author)
        return stack[-1] if stack else None

    def redoable(self, author: str) -> Entry | None:
        """The entry that a redo by this author takes back: an undo."""
        stack = self._told.redo.get(author)
        return stack[-1] if stack else None

    def refresh(self) -> None:
        """Read what was appended since; VktrsError where the file cannot be read."""
        try:
            told = self._told if self._reopened() is False else _Told()
            for line in self._new_lines():
                with contextlib.suppress(ValueError, TypeError, LookupError):  # torn, or of a later version
                    told.take(json.loads(line))
            self._told = told
        except OSError as error:
            raise VktrsError(f"{self._path} could not be read: {error.strerror}.", "Who owns it?") from error

    def _reopened(self) -> bool:
        """Whether reading begins anew: the file is another one than before."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            had = self._handle is not None
            self.close()
            return had
        if self._handle is not None:
            known = os.fstat(self._handle)
            if (known.st_dev, known.st_ino) == (found.st_dev, found.st_ino) and found.st_size >= self._offset:
                return False
        self.close()
        self._handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return True

    def _new_lines(self) -> Iterator[bytes]:
        if self._handle is None:
            return
        size = os.fstat(self._handle).st_size - self._offset
        whole, newline, _ = os.pread(self._handle, size, self._offset).rpartition(b"\n") if size else (b"", b"", b"")
        self._offset += len(whole) + len(newline)
        yield from whole.split(b"\n")

    def append(self, *lines: Line) -> None:
        """Append lines in one write, and take note of them. VktrsError where they are not wholly in the file."""
        data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                _write(handle, data)
            finally:
                os.close(handle)
        except OSError as error:
            reason = error.strerror or str(error)
            raise VktrsError(f"{self._path} could not be written: {reason}.", "Without it no edit is made.") from error
        self.refresh()

    def is_large(self) -> bool:
        """Whether it is time to compact."""
        return self._offset > LARGEST or len(self._told.entries) > 2 * KEPT_ENTRIES

    def compact(self) -> None:
        """Keep the newest lines, word for word; older entries are forgotten. The file is replaced at once."""
        lines = self._path.read_bytes().splitlines(keepends=True)
        start, entries, size = len(lines), 0, 0
        for index in range(len(lines) - 1, -1, -1):
            size += len(lines[index])
            if entries and (entries >= KEPT_ENTRIES or size > LARGEST // 2):
                break
            if lines[index].startswith(b'{"entry"'):
                start, entries = index, entries + 1
        replace_file(self._path, b"".join(lines[start:]))
        self.refresh()

    def close(self) -> None:
        """Give the file back; it is opened again when it is read again."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._offset = None, 0


def _write(handle: int, data: bytes) -> None:
    """One write; the torn line of a killed writer is ended first, so that these are readable."""
    size = os.fstat(handle).st_size
    torn = bool(size) and os.pread(handle, 1, size - 1) != b"\n"
    data = b"\n" + data if torn else data
    if os.write(handle, data) < len(data):
        raise OSError("only a part of a line fitted on the disk")
