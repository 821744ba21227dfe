"""The difference between two boards, carried into the pieces of a file and read back before anybody may use it.

It knows which piece belongs to which scene and what a tidy new piece looks like. Where in a piece a value goes is
`writing`'s; files and locks are `document`'s and `replacing`'s.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from vktrs.errors import InputError, VktrsError
from vktrs.lines import Word
from vktrs.storyboard.model import SCENE_FIELDS, SCHEMA, Scene, Storyboard
from vktrs.storyboard.pieces import Path, Piece
from vktrs.storyboard.reading import read_scene, read_settings
from vktrs.storyboard.schema import SCENE_DEFAULTS, SETTINGS, SIGNAL_KEYS, Unfit, check_board, key_order
from vktrs.storyboard.writing import newline_of, scene_text, spelled, spelled_key, with_value


def written_form(board: Storyboard) -> Storyboard:
    """The board as a file can hold it: words of scenes carry no probability."""
    if all(scene.words is None for scene in board.scenes):
        return board
    return replace(board, scenes=tuple(map(_plain_words, board.scenes)))


def _plain_words(scene: Scene) -> Scene:
    if not scene.words:
        return scene
    return replace(scene, words=tuple(Word(word.start, word.end, word.text) for word in scene.words))


def fresh_text(board: Storyboard) -> str:
    """The head of a new file: every setting of `board` that has a value, and no scenes."""
    tables = [f"schema = {SCHEMA}\n"]
    for name in SETTINGS:
        settings = getattr(board, name)
        written = [(key, getattr(settings, key)) for key in key_order(name)]
        lines = [f"{key} = {spelled(value)}\n" for key, value in written if value is not None]
        tables.append(f"[{name}]\n" + "".join(lines))
    return "\n".join(tables)


def rewritten(
    pieces: Sequence[Piece],
    old: Storyboard,
    new: Storyboard,
    made_ids: Collection[str],
    returning: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Piece, ...]:
    """The pieces of `old` changed to mean `new`; ids of `made_ids` are written where the text has none.

    A scene that is new or changed gets its text of `returning`, where it has one there, instead of one made here.
    InputError where `new` holds what no file may hold; VktrsError where the result does not read back as `new`.
    """
    try:
        check_board(new)
    except Unfit as error:
        raise InputError(error.found, error.right) from None
    joined = _with_scenes(_Scenes(pieces, old, made_ids, returning), new)
    if flat_settings(old) != flat_settings(new):
        joined = _with_settings(joined, old, new)
    return tuple(joined)


class _Row(NamedTuple):
    """A piece on its way into the new file; `place` is where it stood, None where it is new there."""

    place: int | None
    piece: Piece


class _Scenes:
    """The scenes of the old text: which pieces each one has, and its new text."""

    def __init__(
        self, pieces: Sequence[Piece], old: Storyboard, made_ids: Collection[str], returning: Mapping[str, str]
    ) -> None:
        self.pieces = pieces
        self.newline = newline_of(pieces[0].text) if pieces else "\n"
        self.before = {scene.id: scene for scene in old.scenes}
        self.places = dict(zip(self.before, groups(pieces), strict=True))
        self.made_ids = made_ids
        self.returning = returning

    def text(self, scene_id: str) -> str:
        return "".join(self.pieces[place].text for place in self.places[scene_id])

    def is_same(self, scene: Scene) -> bool:
        before = self.before[scene.id]
        return (scene is before or scene == before) and scene.id not in self.made_ids

    def edited(self, scene: Scene, text: str) -> str:
        """`text`, which begins with the scene's own piece, changed to mean `scene`."""
        changes = _changes(self.before[scene.id], scene)
        if scene.id in self.made_ids:
            changes["id"] = scene.id
        for key, value in changes.items():
            texts = with_value([text], ("scenes", key), value, SCENE_FIELDS, self.newline)
            text = texts[0] if texts else text
        return text

    def new_piece(self, scene: Scene) -> Piece:
        text = self.returning.get(scene.id) or scene_text(scene, self.newline)
        _compare(_scene_of(text), scene, text)
        return Piece("scene", text)

    def head(self, scene: Scene) -> str:
        """The scene's own piece, changed; a text that returns stands for a scene of one piece only."""
        group = self.places[scene.id]
        if scene.id in self.returning and len(group) == 1:
            return self.returning[scene.id]
        return self.edited(scene, self.pieces[group[0]].text)


def _with_scenes(scenes: _Scenes, new: Storyboard) -> list[Piece]:
    """Scene by scene: each keeps its place behind the scene before it; what is left over vanishes."""
    pieces = scenes.pieces
    stays: dict[int, Piece] = {}
    fresh: dict[int, list[Piece]] = {}  # new pieces behind the piece of that place; -1: before the first scene
    anchor = -1
    for scene in new.scenes:
        group = scenes.places.get(scene.id)
        if group is None:
            fresh.setdefault(anchor, []).append(scenes.new_piece(scene))
        elif group[0] < anchor:  # the order of the table has changed: the text moves as it is
            text = scenes.edited(scene, scenes.text(scene.id))
            _verify_scene(scenes.text(scene.id), text, scenes.before[scene.id], scene)
            fresh.setdefault(anchor, []).append(Piece("scene", text))
        else:
            stays.update((place, pieces[place]) for place in group)
            anchor = group[-1]
            if not scenes.is_same(scene):
                text = scenes.head(scene)
                whole = scenes.text(scene.id)
                behind = whole[len(pieces[group[0]].text) :]
                _verify_scene(whole, text + behind, scenes.before[scene.id], scene)
                stays[group[0]] = Piece("scene", text)
    return _spaced(list(_rows(pieces, stays, fresh)), pieces, scenes.newline)


def groups(pieces: Sequence[Piece]) -> list[list[int]]:
    """For each scene in order, the places of its own piece and of its parts."""
    groups: list[list[int]] = []
    for place, piece in enumerate(pieces):
        if piece.kind == "scene":
            groups.append([place])
        elif piece.kind == "part":
            groups[-1].append(place)
    return groups


def _rows(pieces: Sequence[Piece], stays: Mapping[int, Piece], fresh: Mapping[int, Sequence[Piece]]) -> Iterator[_Row]:
    first = next((place for place, piece in enumerate(pieces) if piece.kind == "scene"), len(pieces))
    for place in range(len(pieces) + 1):
        if place == first:
            yield from (_Row(None, piece) for piece in fresh.get(-1, ()))
        if place < len(pieces) and (pieces[place].kind == "other" or place in stays):
            yield _Row(place, stays.get(place, pieces[place]))
        yield from (_Row(None, piece) for piece in fresh.get(place, ()))


def _spaced(rows: Sequence[_Row], old: Sequence[Piece], newline: str) -> list[Piece]:
    """One blank line before and behind each new piece; the end of the file stays as it was."""
    out: list[Piece] = []
    for index, (place, piece) in enumerate(rows):
        text = piece.text if place is not None else piece.text.rstrip("\r\n") + newline
        following = rows[index + 1] if index + 1 < len(rows) else None
        if following is not None:
            text = text if text.endswith("\n") else text + newline
            if (place is None or following.place is None) and not text.endswith(("\n\n", "\n\r\n")):
                text += newline
        elif old and place != len(old) - 1:
            last = old[-1].text
            text = text.rstrip("\r\n") + last[len(last.rstrip("\r\n")) :]
        out.append(piece if text == piece.text else Piece(piece.kind, text))
    return out


def _changes(before: Scene, after: Scene) -> dict[str, object]:
    """The keys to write, and None for those to take out, which is how a default is written."""
    both = ((name, getattr(before, name), getattr(after, name)) for name in SCENE_FIELDS)
    return {name: None if value == SCENE_DEFAULTS.get(name) else value for name, was, value in both if was != value}


def _verify_scene(old_text: str, text: str, before: Scene, after: Scene) -> None:
    """The new text reads as `after`, and every key that was not to change is spelled as it was."""
    _compare(_scene_of(text), after, text)
    touched = {"id", *_changes(before, after)}
    was, now = ({key: value for key, value in _table(each).items() if key not in touched} for each in (old_text, text))
    _compare(now, was, text)


def _table(text: str) -> dict[str, Any]:
    """The one scene in `text`; floats as they are spelled, so that nan equals itself."""
    try:
        table = tomllib.loads(text, parse_float=str)["scenes"][0]
    except (ValueError, LookupError) as error:
        raise _spoilt(text) from error
    return dict(table)


def _scene_of(text: str) -> Scene:
    try:
        return read_scene(tomllib.loads(text)["scenes"][0], 0)
    except Unfit as error:
        raise InputError(error.found, error.right) from None
    except (ValueError, LookupError) as error:
        raise _spoilt(text) from error


def _compare(found: object, wanted: object, text: str) -> None:
    if found != wanted:
        raise _spoilt(text)


def _spoilt(text: str) -> VktrsError:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return VktrsError(
        f"The storyboard could not be changed safely near `{first}`, so it was left as it is.",
        "This is a fault of vktrs; change the line in an editor, and please report it with the file.",
    )


def _with_settings(pieces: Sequence[Piece], old: Storyboard, new: Storyboard) -> list[Piece]:
    """The pieces beside the scenes with every setting that differs written, added or taken out."""
    places = [place for place, piece in enumerate(pieces) if piece.kind == "other"]
    texts = [pieces[place].text for place in places]
    added: list[str] = []  # tables that the file has not had yet
    before, after = flat_settings(old), flat_settings(new)
    newline = newline_of(pieces[0].text) if pieces else "\n"
    for path in dict.fromkeys((*after, *before)):
        value = after.get(path)
        if before.get(path) == value:
            continue
        order = key_order(path[0]) if len(path) == 2 else SIGNAL_KEYS if path[0] == "signals" else ()
        every = with_value([*texts, *added], path, value, order, newline)
        if every is None:
            header = ".".join(spelled_key(name) for name in path[:-1])
            added.append(f"[{header}]{newline}{spelled_key(path[-1])} = {spelled(value)}{newline}")
        else:
            texts, added = every[: len(texts)], every[len(texts) :]
    _verify_settings([*texts, *added], new)
    stays = {place: Piece("other", text) for place, text in zip(places, texts, strict=True)}
    stays |= {place: piece for place, piece in enumerate(pieces) if piece.kind != "other"}
    fresh = {-1: [Piece("other", text) for text in added]}
    return _spaced(list(_rows(pieces, stays, fresh)), pieces, newline)


def flat_settings(board: Storyboard) -> dict[Path, object]:
    """All settings by their path; None and empty tables of options are not there."""
    flat: dict[Path, object] = {}
    for name in SETTINGS:
        settings = getattr(board, name)
        flat |= {(name, key): getattr(settings, key) for key in key_order(name)}
    _flatten(("engines",), board.engines.options, flat)
    for name, signal in board.signals.items():
        flat |= {("signals", name, key): getattr(signal, key) for key in SIGNAL_KEYS}
    return {path: value for path, value in flat.items() if value is not None}


def _flatten(path: Path, table: Mapping[str, Any], flat: dict[Path, object]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _flatten((*path, key), value, flat)
        else:
            flat[(*path, key)] = value


def _verify_settings(texts: Sequence[str], wanted: Storyboard) -> None:
    text = "".join(text if text.endswith("\n") else text + "\n" for text in texts)
    try:
        found = read_settings(tomllib.loads(text), [])
    except Unfit as error:
        raise InputError(error.found, error.right) from None
    except ValueError as error:
        raise _spoilt(text) from error
    _compare(flat_settings(found.board()), flat_settings(wanted), text)
