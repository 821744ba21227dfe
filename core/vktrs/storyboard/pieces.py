"""Where things stand in the text of a TOML document: statements with their offsets, and pieces scene by scene.

It assumes a document that tomllib accepts, and it changes nothing: meaning is `reading`'s, writing `writing`'s.

A scene's piece begins with the comment lines directly above its `[[scenes]]` and runs to the next header that
is not `scenes.*`. Comments that stand free after it (behind a blank line) are no part of it, so that removing
or inserting a scene does not carry off a heading. A `[scenes.camera]` that another table has torn off its scene
is a "part": it belongs to the scene above it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Literal, NamedTuple

Path = tuple[str, ...]
Kind = Literal["scene", "part", "other"]

_NAME = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_NAMES = re.compile(_NAME)
_KEY = re.compile(rf"{_NAME}(?:[ \t]*+\.[ \t]*+{_NAME})*+")
_INDENT = re.compile(r"[ \t]*+")
_LINE = re.compile(r"[^\n]*+(?:\n|\Z)")
_SCALAR = re.compile(r"[^#\n]*")
STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}|'
    r"'''(?:[^']|'{1,2}(?!'))*+'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*+"|'
    r"'[^'\n]*+'",
    re.DOTALL,
)
_INSIDE = re.compile(r"[^\"'#\[\]{}]++|#[^\n]*+")

# As many plain `key = value` lines as there are, at the speed of C: 1,000 scenes split in a few milliseconds.
_PLAIN_LINES = re.compile(
    r"""(?:[ \t]*+[A-Za-z0-9_-]++[ \t]*+=[ \t]*+"""
    r"""(?:"(?!"")(?:[^"\\\n]|\\.)*+"|'(?!'')[^'\n]*+'|[^"'\[{#\n]++)[ \t\r]*+(?:\#[^\n]*+)?\n)++"""
)


class Statement(NamedTuple):
    """One pair or header, all offsets into the text: its lines are `start:end`, its key (or header) begins at `key`.

    A pair's value is `value:value_end`; a header's is empty. `table` is the table it stands in (a header: that it
    opens), `names` the key as written within it.
    """

    kind: Literal["pair", "header", "comment", "blank"]
    table: Path
    names: Path
    start: int
    key: int
    value: int
    value_end: int
    end: int

    @property
    def path(self) -> Path:
        """The whole way from the root."""
        return self.table + self.names


class Piece(NamedTuple):
    """A stretch of the file; all pieces joined are the file."""

    kind: Kind
    text: str


def statements(text: str, table: Path = ()) -> Iterator[Statement]:
    """All pairs and headers of `text` in their order; `table` is where its first line stands."""
    position = 0
    while position < len(text):
        statement = _statement(text, position, table)
        if statement.kind == "header":
            table = statement.table
        if statement.kind in ("pair", "header"):
            yield statement
        position = statement.end


def is_plain(text: str) -> bool:
    """Whether a scene's piece is one table without any comment in it."""
    if "#" not in text and text.count("[") == 2:
        return True
    headers, position = 0, 0
    while position < len(text):
        each = _statement(text, position, ())
        headers += each.kind == "header"
        if each.kind == "comment" or headers > 1 or "#" in text[each.value_end : each.end]:
            return False
        position = each.end
    return True


def split(text: str) -> tuple[Piece, ...]:
    """The text cut into pieces (a BOM must be off already); joined, they are `text` again."""
    cuts: list[tuple[int, Kind]] = [(0, "other")]
    block: int | None = None  # where the comment lines directly above the next line begin
    loose: int | None = None  # where comments begin that stand behind a blank line
    blank = False
    position = 0
    while position < len(text):
        plain = _PLAIN_LINES.match(text, position)
        if plain:
            block, loose, blank, position = None, None, False, plain.end()
            continue
        statement = _statement(text, position, ())
        if statement.kind == "blank":
            block, blank = None, True
        elif statement.kind == "comment":
            block = position if block is None else block
            loose = position if blank and loose is None else loose
        else:
            if statement.kind == "header":
                _cut(cuts, statement, position if block is None else block, loose)
            block, loose, blank = None, None, False
        position = statement.end
    if loose is not None and cuts[-1][1] != "other":
        cuts.append((loose, "other"))
    ends = [start for start, _ in cuts[1:]] + [len(text)]
    pieces = (Piece(kind, text[start:end]) for (start, kind), end in zip(cuts, ends, strict=True))
    return tuple(piece for piece in pieces if piece.text)


def _cut(cuts: list[tuple[int, Kind]], header: Statement, begin: int, loose: int | None) -> None:
    kind = _kind(header)
    in_scene = cuts[-1][1] != "other"
    if kind == "part" and in_scene:
        return
    if in_scene and loose is not None and loose < begin:
        cuts.append((loose, "other"))
    cuts.append((begin, kind))


def _kind(header: Statement) -> Kind:
    if header.table[0] != "scenes":
        return "other"
    return "scene" if len(header.table) == 1 else "part"


def _statement(text: str, position: int, table: Path) -> Statement:
    indent = _INDENT.match(text, position)
    key = indent.end() if indent else position
    first = text[key : key + 1]
    if first in ("", "\n", "\r"):
        return Statement("blank", table, (), position, key, key, key, _line_end(text, key))
    if first == "#":
        return Statement("comment", table, (), position, key, key, key, _line_end(text, key))
    if first == "[":
        return _header(text, position, key)
    names, after = _names(text, key)
    value = _skip(text, text.index("=", after) + 1)
    end = value_end(text, value)
    return Statement("pair", table, names, position, key, value, end, _line_end(text, end))


def _header(text: str, position: int, key: int) -> Statement:
    inner = _skip(text, key + (2 if text.startswith("[[", key) else 1))
    table, after = _names(text, inner)
    return Statement("header", table, (), position, key, after, after, _line_end(text, after))


def _names(text: str, position: int) -> tuple[Path, int]:
    match = _KEY.match(text, position)
    if match is None:
        raise ValueError(f"no key at offset {position}")
    return tuple(_plain(part) for part in _NAMES.findall(match[0])), match.end()


def _plain(name: str) -> str:
    if name[0] == "'":
        return name[1:-1]
    if name[0] == '"':
        return str(tomllib.loads(f"name = {name}")["name"])
    return name


def value_end(text: str, position: int) -> int:
    """The offset behind the value of a pair that begins at `position`, white space after it left out."""
    string = STRING.match(text, position)
    if string:
        return string.end()
    if text[position] not in "[{":
        scalar = _SCALAR.match(text, position)
        return position + len(scalar[0].rstrip()) if scalar else position
    depth = 0
    while True:
        char = text[position]
        if char in "[{":
            depth, position = depth + 1, position + 1
        elif char in "]}":
            depth, position = depth - 1, position + 1
            if depth == 0:
                return position
        else:
            token = STRING.match(text, position) or _INSIDE.match(text, position)
            if token is None:
                raise ValueError(f"no value at offset {position}")
            position = token.end()


def _skip(text: str, position: int) -> int:
    match = _INDENT.match(text, position)
    return match.end() if match else position


def _line_end(text: str, position: int) -> int:
    match = _LINE.match(text, position)
    return match.end() if match else len(text)
