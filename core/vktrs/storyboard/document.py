"""storyboard.toml itself: its text and what it means, kept together; every edit touches only what it has to.

A `Document` is a value: `with_board` gives a new one whose text differs only where the boards do, and which has
been read back and compared before anybody may write it. Comments, blank lines, quoting, order, line ends, a BOM
and unknown keys stay. `edit_file` is how a file is changed: lock, newest text, small change, atomic replace.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vktrs.errors import InputError, StoryboardError
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.pieces import Piece, is_plain, split
from vktrs.storyboard.places import Places, line_and_column
from vktrs.storyboard.reading import Unknown, read_board, unknown_of_scene
from vktrs.storyboard.replacing import file_lock, replace_file
from vktrs.storyboard.rewriting import fresh_text, groups, rewritten, written_form
from vktrs.storyboard.schema import Unfit

_BOM = "\ufeff"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_COMMA = re.compile(r"^\s*([\w.-]+)\s*=\s*(\d+),(\d+)\s*(?:#.*)?$")
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_INLINE = "The scenes are written as one list, scenes = [{...}], in which no single scene can be changed without loss."


@dataclass(frozen=True)
class Document:
    """The text of a storyboard in pieces, and the `board` that it means."""

    path: Path
    pieces: tuple[Piece, ...]
    board: Storyboard
    unknown: tuple[Unknown, ...] = ()
    made_ids: frozenset[str] = frozenset()
    has_bom: bool = False
    refusal: str = ""
    """Why this text can be read but not edited; empty where it can."""

    @classmethod
    def parse(cls, text: str | bytes, path: Path, taken: Collection[str] = ()) -> Document:
        """The document that `text` is; StoryboardError with line and column where something in it is wrong.

        `path` is for messages only; `taken` are ids that a scene without one must not get.
        """
        whole = _decoded(text, path) if isinstance(text, bytes) else text
        body = whole.removeprefix(_BOM)
        data = _parsed(body, path)
        pieces = split(body)
        try:
            reading = read_board(data, taken)
        except Unfit as error:
            line, column = Places(pieces).find(error.scene, error.path)
            raise StoryboardError(path, line, column, error.found, error.right) from None
        inline = len(reading.board.scenes) != sum(piece.kind == "scene" for piece in pieces) or (
            "scenes" in data and not data["scenes"]
        )
        return cls(
            path=path,
            pieces=pieces,
            board=reading.board,
            unknown=reading.unknown,
            made_ids=frozenset() if inline else reading.made_ids,
            has_bom=body is not whole and whole.startswith(_BOM),
            refusal=_INLINE if inline else "",
        )

    @classmethod
    def fresh(cls, board: Storyboard, path: Path) -> Document:
        """A new file's document, with every setting written down."""
        return cls.parse(fresh_text(board), path).with_board(board)

    @cached_property
    def text(self) -> str:
        """The exact text of the file."""
        return (_BOM if self.has_bom else "") + "".join(piece.text for piece in self.pieces)

    @property
    def needs_ids(self) -> bool:
        """Whether scenes have ids that the text has not; the next `with_board` writes them."""
        return bool(self.made_ids)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What nothing reads, with its line: ``storyboard.toml:12: unknown key `consistancy` in [look]; ...``."""
        out = []
        numbers = {scene.id: number for number, scene in enumerate(self.board.scenes)}
        for unknown in self.unknown:
            scene = None if unknown.scene is None else numbers[unknown.scene]
            line, _ = self._places.find(scene, unknown.path)
            out.append((line or 0, f"{self.path.name}:{line}: {unknown.advice()}"))
        return tuple(text for _, text in sorted(out))

    @cached_property
    def annotated(self) -> frozenset[str]:
        """Ids of scenes whose text holds something of a person's that `board` does not show: comments, other keys."""
        marked = {unknown.scene for unknown in self.unknown if unknown.scene is not None}
        scene = -1
        for piece in self.pieces:
            scene += piece.kind == "scene"
            if piece.kind == "part" or (piece.kind == "scene" and not is_plain(piece.text)):
                marked.add(self.board.scenes[scene].id)
        return frozenset(marked)

    @cached_property
    def _places(self) -> Places:
        return Places(self.pieces)

    def position(self, scene_id: str | None, key: str = "") -> tuple[int, int]:
        """Line and column (from 1) of a scene's key, or its header where the key is not written.

        With None for the scene, `key` is a path such as "song.source". KeyError where there is no such scene.
        """
        index = None if scene_id is None else self.board.index(scene_id)
        line, column = self._places.find(index, tuple(key.split(".")) if key else ())
        return line or 1, column or 1

    @cached_property
    def scene_texts(self) -> Mapping[str, str]:
        """Each scene's text by its id, comments and unknown keys with it; empty where no scene can be edited."""
        if self.refusal:
            return {}
        texts = ("".join(self.pieces[place].text for place in group) for group in groups(self.pieces))
        return dict(zip((scene.id for scene in self.board.scenes), texts, strict=True))

    def with_board(self, board: Storyboard, returning: Mapping[str, str] = _NOTHING) -> Document:
        """The document that means `board`, its text changed only where the boards differ.

        A scene that differs from the file's, or is not in it, gets its text of `returning` (by id) where it has one
        there: so a deleted scene comes back with its comments and unknown keys. What such a text means is checked.
        InputError where the file is written in a way that allows no edit, or a value of `board` is not allowed.
        """
        board = written_form(board)
        if board == self.board and not self.made_ids:
            return self
        if self.refusal:
            raise InputError(
                f"{self.path.name} cannot be edited here. {self.refusal}", "Write each scene below [[scenes]]."
            )
        pieces = rewritten(self.pieces, self.board, board, self.made_ids, returning)
        kept = {scene.id for scene in board.scenes}
        back = kept.difference(scene.id for scene in self.board.scenes).intersection(returning)
        unknown = tuple(each for each in self.unknown if each.scene is None or each.scene in kept)
        for scene_id in sorted(back):
            unknown += unknown_of_scene(scene_id, tomllib.loads(returning[scene_id])["scenes"][0])
        return Document(self.path, pieces, board, unknown, frozenset(), self.has_bom)


def read_document(path: Path, known: Document | None = None, taken: Collection[str] = ()) -> Document:
    """The document in the file `path`; `known` itself where the file still holds exactly its text.

    InputError where the file cannot be read, StoryboardError where it is wrong. Bytes are compared, and not the
    file's time and size: that costs a millisecond and cannot be fooled by two changes in one tick of the clock.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror}.", "A project is a folder with it.") from error
    if known is not None and known.path == path and data == known.text.encode():
        return known
    return Document.parse(data, path, taken)


def write_document(path: Path, document: Document, before: Document | None = None) -> bool:
    """Puts the document's text in the place of the file at once; a link is followed, the mode kept.

    False, and nothing is written, where the file does not hold the text of `before` any more.
    """
    return replace_file(path, document.text.encode(), before.text.encode() if before else None)


def edit_file(
    path: Path,
    lock_path: Path,
    change: Callable[[Document], Storyboard | Document],
    known: Document | None = None,
    taken: Collection[str] = (),
    timeout: float = 5.0,
) -> Document:
    """Applies `change` to the newest state of the file, under the lock, and returns the new document.

    `change` answers with the board that it wants, or with a document that it made of the one it was given.
    `known` spares reading anew where the file is as it was. Where an editor, which takes no lock, saves the file
    meanwhile, `change` is called again with what was saved. Nothing is written where nothing changed, or where
    `change` or a check raises. VktrsError after `timeout` seconds in which somebody else holds the lock.
    """
    with file_lock(lock_path, timeout):
        before = read_document(path, known, taken)
        while True:
            wanted = change(before)
            after = wanted if isinstance(wanted, Document) else before.with_board(wanted)
            if after.text == before.text or write_document(path, after, before):
                return after
            before = read_document(path, before, taken)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_BOM)
        line, column = line_and_column(before, len(before))
        found = f"The byte 0x{data[error.start]:02x} here is not UTF-8."
        raise StoryboardError(path, line, column, found, "Save the file as UTF-8.") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise StoryboardError(path, None, None, "Lists or tables are nested too deeply.", "") from None
    except ValueError as error:
        match = _PLACE.fullmatch(str(error))
        found = match[1] if match else str(error)
        line, column = line_and_column(text, len(text)) if match else (None, None)
        if match and match[2]:
            line, column = int(match[2]), int(match[3])
        right = "Mend it; until then the file stays untouched. (Texts stand in quotes, each key once, one on a line.)"
        lines = text.split("\n")
        if line and line <= len(lines) and (comma := _COMMA.match(lines[line - 1])):
            right = f"Numbers have a point: {comma[1]} = {comma[2]}.{comma[3]}"
        raise StoryboardError(path, line, column, f"This is not TOML: {found}.", right) from None
