"""Edits that can be undone and done again: each is journalled, made in the file, and known by who made it.

An undo is itself an edit, and takes back only what still is as the edit left it. What an edit changes is decided by
`storyboard.edits`, what taking back means by `storyboard.reverting`; nothing here knows a screen.

**The order.** Under the journal's lock: the entry is appended, the file is replaced, `done` is appended. A process
killed before the file was replaced leaves an entry that never happened; one killed after it leaves an edit that can
be undone. Which of the two it was is found out by the next who takes the lock (`_settle`), from the file itself; had
the file been written first, an edit could be in it of which no undo knows. A torn entry is no entry: the file was
not yet touched when it was written. What belongs to an edit beside the file, the ids of scenes that it took away and
the proposal that it accepts, is written before `done`: so that, too, is made good by the next.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple

from vktrs.edit_journal import Does, EditJournal, Entry, pack, pack_text, unpack_text
from vktrs.errors import InputError, UsageError, VktrsError
from vktrs.locks import FileLock, is_held
from vktrs.project import PATIENCE, Project
from vktrs.storyboard.document import Document
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.merge import Proposed, base_from_json, base_to_json
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.replacing import file_lock
from vktrs.storyboard.reverting import (
    Change,
    Kept,
    Reverted,
    Touch,
    applied,
    change_of,
    hunks_between,
    is_in,
    revert,
    value_of,
)

OUTSIDE = "outside"
"""The author of changes that no studio made: an editor, git, a run that merged its first proposal."""

Expected = Mapping[tuple[str, str], object]
"""What a person saw: {(scene id, field): value}; with "" for the scene, the field is a setting such as "look.seed"."""

_BOM = "\ufeff"


class Applied(NamedTuple):
    """What an edit came to: the new document, what had to be adjusted, the id of a scene that was made.

    `entry_id` is None where nothing was changed.
    """

    document: Document
    adjusted: tuple[str, ...] = ()
    made: str | None = None
    entry_id: str | None = None


class Undone(NamedTuple):
    """The new document, what was taken back or done again, and in sentences what was left as it is, and why.

    `nothing` where not one field was put back; the edit is not tried again all the same.
    """

    document: Document
    label: str
    kept: tuple[str, ...] = ()
    nothing: bool = False


class FieldConflict(NamedTuple):
    """A field that was changed on both sides: what the person saw, what the file says now, what they want."""

    scene_id: str
    field: str
    seen: object
    now: object
    wanted: object


class EditConflict(InputError):
    """Somebody else changed what this edit changes; nothing was written. `fields` are the choices to be made."""

    def __init__(self, fields: tuple[FieldConflict, ...]) -> None:
        names = ", ".join(dict.fromkeys(each.field for each in fields))
        super().__init__(f"Changed by somebody else meanwhile: {names}.", "Choose which of the two should stay.")
        self.fields = fields


class Editing:
    """Edits by one author, who is alive until `close` or the end of the process; then the next one adopts them.

    Opening writes nothing where nobody's edits are to be adopted. All methods may be called from any one thread at
    a time; `can_undo` and `can_redo` from any. `patience` are the seconds for which an edit waits for each of its
    locks while another process writes.
    """

    def __init__(
        self,
        project: Project,
        author: str | None = None,
        clock: Callable[[], float] = time.time,
        patience: float = PATIENCE,
    ) -> None:
        self.project = project
        self.author = author or os.urandom(6).hex()
        self._clock = clock
        self._patience = patience
        self._journal = EditJournal(project.edits)
        self._alive = FileLock(self._lock_of(self.author))
        self._newest: Document | None = None
        self._seen: Document | None = None
        with contextlib.suppress(VktrsError, OSError):  # where nothing may be written, everything can be read
            self._open()

    @property
    def can_undo(self) -> str | None:
        """What `undo` would take back, by its label; None where there is nothing."""
        entry = self._journal.undoable(self.author)
        return entry.label if entry else None

    @property
    def can_redo(self) -> str | None:
        """What `redo` would do again, by its label; None where there is nothing."""
        entry = self._journal.redoable(self.author)
        return entry.label if entry else None

    @property
    def newest(self) -> Document:
        """The document that the edit which is being applied is given; else the one it was given last."""
        return self._newest or self.project.document()

    def apply(
        self,
        label: str,
        change: Callable[[Storyboard], Edited],
        expected: Expected | None = None,
        base: Callable[[], tuple[Proposed, ...]] | None = None,
    ) -> Applied:
        """Make an edit in the newest file, and journal it where it changes something.

        `change` may be called more than once; `base`, called after it, gives the proposal that is accepted with this
        edit: undone and done again together with it. EditConflict where a field of `expected` holds another value by
        now, unless it is the wanted one; VktrsError where nothing can be written. Raising, nothing was changed.
        """
        edited = Edited(Storyboard())
        accepted: tuple[Proposed, ...] = ()

        def make(document: Document) -> Document:
            nonlocal edited, accepted
            edited = change(document.board)
            accepted = base() if base else ()
            conflicts = tuple(_conflicts(document.board, edited.board, expected or {}))
            if conflicts:
                raise EditConflict(conflicts)
            return document.with_board(edited.board)

        with self._exclusive():
            bases = (lambda: _pair(self.project.base(), accepted)) if base else _no_base
            document, entry_id = self._write("edit", label, None, make, bases)
            if base and entry_id is None:  # all of it was in the file already: there is nothing to be undone
                self.project.accept_base(accepted, self._patience)
        return Applied(document, edited.adjusted, edited.made, entry_id)

    def undo(self) -> Undone:
        """Take back this author's last edit, as far as it still stands. UsageError where there is none."""
        return self._take_back("undo")

    def redo(self) -> Undone:
        """Do again what this author undid last, as far as that still stands. UsageError where there is nothing."""
        return self._take_back("redo")

    def notice(self, before: Document, after: Document) -> None:
        """Journal that the file was changed outside, as one entry; what studios journalled themselves is left out.

        It tells who changed what, and is undone by nobody. Where nothing can be written, nothing is.
        """
        with contextlib.suppress(VktrsError), self._exclusive():
            self._notice(before, after)

    def close(self) -> None:
        """Leave: the next one who opens the project can undo these edits."""
        if self._alive.handle is not None:
            with contextlib.suppress(OSError):
                self._alive.path.unlink()
            self._alive.release()
        self._journal.close()

    def _notice(self, before: Document, after: Document) -> None:
        self._seen = after
        was = self._known_since(before)
        entry = self._entry("outside", "changed outside", None, was, after)
        if entry.packed:
            self._journal.append(entry.line)
            self._finish(entry, was, after)

    def _look_outside(self) -> None:
        """Journal what others did to the file since it was last seen here, before it is mixed with an edit."""
        seen = self._seen or self.project.known
        newest = self.project.document()
        if seen is not None and seen.text != newest.text:
            self._notice(seen, newest)

    def _take_back(self, does: Literal["undo", "redo"]) -> Undone:
        with self._exclusive():
            stack = self._journal.undoable if does == "undo" else self._journal.redoable
            entry = stack(self.author)
            if entry is None:
                raise UsageError(f"There is nothing to {does}.")
            change = self._change_of(entry)
            reverted = Reverted(self.newest)

            def make(base: Document) -> Document:
                nonlocal reverted
                reverted = revert(base, change, _exact(base, entry))
                return reverted.document

            document, entry_id = self._write(does, entry.label, entry.id, make, lambda: self._base_back(entry))
            kept = tuple(self._sentence(each, entry, document, change) for each in reverted.kept)
        return Undone(document, entry.label, kept, nothing=entry_id is None)

    def _base_back(self, entry: Entry) -> tuple[str, str] | None:
        """The accepted proposals the other way round, where it still is the one that the entry left."""
        if entry.base is None or _base_of(entry.base[1]) != self.project.base():
            return None
        return entry.base[1], entry.base[0]

    def _change_of(self, entry: Entry) -> Change:
        try:
            return change_of(entry.hunks)
        except ValueError as error:
            self._journal.append({"void": entry.id})
            reason = f"`{entry.label}` cannot be taken back: its entry in {self.project.edits} is damaged."
            raise VktrsError(reason, "It was left out; the next one can be.") from error

    def _write(
        self,
        does: Does,
        label: str,
        of: str | None,
        make: Callable[[Document], Document],
        bases: Callable[[], tuple[str, str] | None],
    ) -> tuple[Document, str | None]:
        """Journal and write what `make` makes of the newest document, in which every scene has its id written.

        `bases` are the accepted proposals before and after, asked for when that was made.
        """
        begun: list[tuple[Entry, Document, Document]] = []

        def journalled(newest: Document) -> Document:
            self._drop(begun)  # an editor saved between reading and writing: this is another try
            self._newest = newest
            base = newest.with_board(newest.board)
            after = make(base)
            entry = self._entry(does, label, of, base, after)
            if entry.packed:
                entry = replace(entry, base=bases())
                self._journal.append(entry.line)
                begun.append((entry, base, after))
                return after
            if of is not None:  # nothing could be taken back, and it is not tried again
                self._journal.append(entry.line, {"done": entry.id})
            return newest

        self._sign_in()
        self._look_outside()
        try:
            document = self._seen = self.project.edit(journalled, self._patience)
        except VktrsError:
            with contextlib.suppress(VktrsError):
                self._drop(begun)
            raise
        if not begun:
            return document, None
        self._finish(*begun[-1])
        return document, begun[-1][0].id

    def _entry(self, does: Does, label: str, of: str | None, before: Document, after: Document) -> Entry:
        packed = pack(hunks_between(before.pieces, after.pieces))
        author = OUTSIDE if does == "outside" else self.author
        made = os.urandom(8).hex()
        return Entry(
            made, author, self._clock(), label, does, of, _digest(_body(before)), _digest(_body(after)), packed
        )

    def _finish(self, entry: Entry, before: Document, after: Document) -> None:
        """The file holds it. Where this cannot be told any more, the next who looks finds it out."""
        kept = {scene.id for scene in after.board.scenes}
        with contextlib.suppress(VktrsError, OSError):
            self._stands(entry, [scene.id for scene in before.board.scenes if scene.id not in kept])
            if self._journal.is_large():
                # the lock, or a run might sweep the new file away in the making
                with file_lock(self.project.edit_lock, self._patience):
                    self._journal.compact()

    def _stands(self, entry: Entry, removed: Sequence[str]) -> None:
        """The file holds the entry: what belongs to it beside the file is written, and that it is done."""
        self.project.remember_ids(removed, self._patience)
        if entry.base is not None and _base_of(entry.base[0]) == self.project.base():
            accepted = _base_of(entry.base[1])
            if accepted is not None:
                self.project.accept_base(accepted, self._patience)
        self._journal.append({"done": entry.id})

    def _drop(self, begun: list[tuple[Entry, Document, Document]]) -> None:
        while begun:
            self._journal.append({"void": begun.pop()[0].id})

    def _open(self) -> None:
        self._journal.refresh()
        strangers = [author for author in self._journal.authors if author != self.author]
        if self._journal.begun or strangers or self._lock_files():
            with self._exclusive():
                self._adopt()

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Nobody else edits in here; what others did is read, and what killed ones began is settled."""
        self.project.check_present()
        with file_lock(self.project.journal / "edits.lock", self._patience):
            self._journal.refresh()
            self._settle()
            yield

    def _settle(self) -> None:
        """Find out whether the entries of those who were killed in the middle reached the file."""
        if not self._journal.begun:
            return
        try:
            document = self.project.document()
            document = document.with_board(document.board)
        except InputError:  # it cannot be read now: another time
            return
        for entry in self._journal.begun:
            change = _reached(entry, document)
            if change is None:
                self._journal.append({"void": entry.id})
            else:
                self._stands(entry, change.removed)

    def _adopt(self) -> None:
        """Take over the edits of those who are gone, and remove their locks."""
        others = sorted(self._journal.authors - {self.author})
        gone = [author for author in others if not is_held(self._lock_of(author))]
        if gone:
            self._sign_in()
            self._journal.append({"adopts": gone, "author": self.author})
        for name in self._lock_files():
            path = self.project.editors / name
            if path != self._alive.path and not is_held(path):
                path.unlink(missing_ok=True)

    def _sign_in(self) -> None:
        """Be alive, for all to see; under the journal's lock, so that nobody takes the file for a dead one's."""
        if self._alive.handle is not None and not _is_file_of(self._alive.handle, self._alive.path):
            self._alive.release()  # .vktrs was deleted: nobody sees the lock that is held
        try:
            alive = self._alive.handle is not None or self._alive.acquire()
        except OSError as error:
            raise VktrsError(f"{self._alive.path} could not be locked: {error.strerror}.", "Is it writable?") from error
        if not alive:
            raise UsageError(f"Somebody else edits here as `{self.author}`.", "Leave the name out.")

    def _lock_of(self, author: str) -> Path:
        return self.project.editors / f"{author}.lock"

    def _lock_files(self) -> list[str]:
        try:
            return [name for name in os.listdir(self.project.editors) if name.endswith(".lock")]
        except FileNotFoundError:
            return []

    def _known_since(self, before: Document) -> Document:
        """The document that the journalled edits made of this one; itself where none were made to it."""
        text = _body(before)
        digest = _digest(text)
        entries = list(self._journal.entries)
        start = max((place for place, entry in enumerate(entries) if entry.before == digest), default=len(entries))
        for entry in entries[start:]:
            if entry.before == digest and entry.packed:
                made = applied(entry.hunks, text)
                if made is None:
                    break
                text, digest = made, entry.after
        return before if text == _body(before) else Document.parse(text, before.path)

    def _sentence(self, kept: Kept, entry: Entry, document: Document, change: Change) -> str:
        """Why something was not put back, for a person."""
        what = _name(kept.touch, document, change)
        if kept.why == "order":
            return f"{what} could not be put back among the scenes as they are now: left as it is."
        verb = "was deleted" if kept.why == "gone" else "was changed"
        return f"{what} {verb} since, {self._who(kept.touch, entry)}: left as it is."

    def _who(self, touch: Touch, entry: Entry) -> str:
        for each in reversed(list(self._journal.entries)):
            if each.id == entry.id:
                break
            if each.of != entry.id and _touches(each, touch):
                who = {OUTSIDE: "by an edit outside", self.author: "by a later edit here"}
                return f"{who.get(each.author, 'in another studio')} at {_time_of_day(each.time, self._clock())}"
        return "outside of vktrs"


def _conflicts(now: Storyboard, wanted: Storyboard, expected: Expected) -> Iterator[FieldConflict]:
    for (scene_id, field), seen in expected.items():
        touch = (scene_id or None, field)
        theirs, mine = value_of(now, touch), value_of(wanted, touch)
        if theirs not in (seen, mine):
            yield FieldConflict(scene_id, field, seen, theirs, mine)


def _reached(entry: Entry, document: Document) -> Change | None:
    """What an entry changed, if the document shows that it did; None where it was never written, or is damaged."""
    digest = _digest(_body(document))
    try:
        change = change_of(entry.hunks)
    except ValueError:
        return None
    reached = digest == entry.after if digest in (entry.before, entry.after) else is_in(document, change)
    return change if reached else None


def _exact(document: Document, entry: Entry) -> str | None:
    """The text from before the edit, to the byte, where the file is just as the edit left it."""
    text = _body(document)
    before = applied(entry.hunks, text, backwards=True) if _digest(text) == entry.after else None
    return before if before is not None and _digest(before) == entry.before else None


def _is_file_of(handle: int, path: Path) -> bool:
    """Whether the handle is open on the file that lies at `path` now."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _no_base() -> None:
    """An edit that accepts no proposal."""


def _pair(before: tuple[Proposed, ...], after: tuple[Proposed, ...]) -> tuple[str, str] | None:
    return None if before == after else (pack_text(base_to_json(before)), pack_text(base_to_json(after)))


def _base_of(packed: str) -> tuple[Proposed, ...] | None:
    """The proposal that was packed; None where it is damaged."""
    try:
        return base_from_json(unpack_text(packed))
    except ValueError:
        return None


def _body(document: Document) -> str:
    return document.text.removeprefix(_BOM)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _touches(entry: Entry, touch: Touch) -> bool:
    scene_id, field = touch
    try:
        hunks = entry.hunks
        if scene_id and not any(scene_id in text for hunk in hunks for side in hunk[1:] for _, text in side):
            return False  # spares reading the pieces
        touched = change_of(hunks).touches
    except ValueError:
        return False
    return any(each[0] == scene_id and (not field or each[1] in (field, "")) for each in touched)


def _name(touch: Touch, document: Document, change: Change) -> str:
    scene_id, field = touch
    if scene_id is None:
        return f"`{field}`"
    numbers = {scene.id: number for number, scene in enumerate(document.board.scenes, start=1)}
    known = change.before.get(scene_id) or change.after.get(scene_id)
    text = known.scene.text if known else ""
    scene = f"Scene {numbers[scene_id]}" if scene_id in numbers else f"The scene `{text or scene_id}`"
    return f"{scene}'s {field}" if field else scene


def _time_of_day(seconds: float, now: float) -> str:
    then, today = time.localtime(seconds), time.localtime(now)
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)
