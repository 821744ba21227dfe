"""One value put into, replaced in or taken out of the text of a few pieces; every other byte stays as it is.

It works on text and paths of keys, and knows neither scenes nor files. Values are spelled by tomlkit; where they
go is decided here, by offsets, because tomlkit (0.15) appends a new key behind the comments at the end of a
piece, inserts blank lines before sub-tables, writes bare LF into CRLF files, and moves dotted keys together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from vktrs.errors import InputError
from vktrs.lines import Word
from vktrs.storyboard.arrays import remarks, with_elements
from vktrs.storyboard.model import SCENE_FIELDS, Scene
from vktrs.storyboard.pieces import Path, Statement, statements
from vktrs.storyboard.schema import SCENE_DEFAULTS


class _Spot(NamedTuple):
    piece: int
    statement: Statement


def spelled(value: object) -> str:
    """A value of the model as TOML, on one line."""
    import tomlkit

    return tomlkit.item(_plain(value)).as_string()


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    if isinstance(value, Word):
        return [value.start, value.end, value.text]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        import tomlkit

        table = tomlkit.inline_table()
        table.update({name: _plain(item) for name, item in value.items()})
        return table
    return value


def spelled_key(name: str) -> str:
    """A key, bare where it may be."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else spelled(name)


def scene_text(scene: Scene, newline: str) -> str:
    """A scene in the standard form: a header and the keys that are written, ended by `newline`."""
    written = [(name, getattr(scene, name)) for name in SCENE_FIELDS]
    lines = [f"{name} = {spelled(value)}" for name, value in written if value != SCENE_DEFAULTS.get(name)]
    return newline.join(["[[scenes]]", *lines, ""])


def newline_of(text: str) -> str:
    """How the first line of `text` ends; LF where it has no end."""
    end = text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def with_value(texts: Sequence[str], path: Path, value: object, order: Sequence[str], newline: str) -> list[str] | None:
    """The texts with `value` at `path`; None takes the key out.

    `order` are the keys of the table in the order for new ones. Returns None where no text has the table, so that
    a header has to be written first. InputError where the table is an inline table, which has no room to edit.
    """
    spots = [_Spot(index, each) for index, text in enumerate(texts) for each in statements(text)]
    for spot in spots:
        if spot.statement.kind == "pair" and spot.statement.path == path:
            return _put(texts, spot.piece, _changed(texts[spot.piece], spot.statement, value, newline))
        if spot.statement.kind == "pair" and path[: len(spot.statement.path)] == spot.statement.path:
            inline = ".".join(spot.statement.path)
            raise InputError(
                f"`{inline}` is written as an inline table, in which `{path[-1]}` cannot be changed without loss.",
                f"Write it as a table of its own, below a line [{inline}].",
            )
    if value is None:
        return list(texts)
    place = _header_place(spots, path, order) or _dotted_place(spots, path)
    if place is None:
        return None
    spot, names = place
    line = ".".join(spelled_key(name) for name in names) + f" = {spelled(value)}"
    return _put(texts, spot.piece, _inserted(texts[spot.piece], spot.statement, line, newline))


def _put(texts: Sequence[str], index: int, text: str) -> list[str]:
    return [*texts[:index], text, *texts[index + 1 :]]


def _header_place(spots: Sequence[_Spot], path: Path, order: Sequence[str]) -> tuple[_Spot, Path] | None:
    """Below the header of the table: behind the last key that comes before this one in `order`."""
    table, key = path[:-1], path[-1]
    anchor = None
    for spot in spots:
        here = spot.statement
        if here.table == table and (here.kind == "header" or (anchor and _comes_before(here.names[0], key, order))):
            anchor = spot
    return (anchor, (key,)) if anchor is not None else None


def _comes_before(name: str, key: str, order: Sequence[str]) -> bool:
    if key not in order:
        return True
    return name in order and order.index(name) < order.index(key)


def _dotted_place(spots: Sequence[_Spot], path: Path) -> tuple[_Spot, Path] | None:
    """Behind the last dotted key that makes the table, such as `look.seed = 3` at the root."""
    table = path[:-1]
    last = None
    for spot in spots:
        here = spot.statement
        if here.kind == "pair" and len(here.table) < len(table) and here.path[: len(table)] == table:
            last = spot
    return (last, path[len(last.statement.table) :]) if last is not None else None


def _changed(text: str, pair: Statement, value: object, newline: str) -> str:
    old = text[pair.value : pair.value_end]
    if isinstance(value, (list, tuple)) and old.startswith("[") and "\n" in old:
        array = with_elements(old, [_plain(item) for item in value], [spelled(item) for item in value], newline)
        return text[: pair.value] + array + text[pair.value_end :]
    if value is not None:
        return text[: pair.value] + _aligned(text, pair, spelled(value))
    line, rest = text[pair.start : pair.end], text[pair.value_end : pair.end]
    comments = [*remarks(old), *([rest[rest.index("#") :]] if "#" in rest else [])]
    if comments:  # what a person wrote in and beside the value outlives it
        behind = text[pair.end :] if "#" in rest else rest.lstrip(" \t") + text[pair.end :]
        return text[: pair.key] + (newline + text[pair.start : pair.key]).join(comments) + behind
    head = text[: pair.start]
    if not line.endswith("\n"):
        head = head.removesuffix("\n").removesuffix("\r")
    return head + text[pair.end :]


def _aligned(text: str, pair: Statement, spelling: str) -> str:
    """The new value and the text behind it; a comment that stood in a column of comments stays in its column."""
    rest = text[pair.value_end :]
    space = len(rest) - len(rest.lstrip(" "))
    old = text[pair.value : pair.value_end]
    if space > 1 and rest[space : space + 1] == "#" and "\n" not in old:
        return spelling + " " * max(1, space + len(old) - len(spelling)) + rest[space:]
    return spelling + rest


def _inserted(text: str, anchor: Statement, line: str, newline: str) -> str:
    indent = text[anchor.start : anchor.key]
    above = text[anchor.start : anchor.end]
    if not above.endswith("\n"):
        return text[: anchor.end] + newline + indent + line
    ending = "\r\n" if above.endswith("\r\n") else "\n"
    return text[: anchor.end] + indent + line + ending + text[anchor.end :]
