"""What an edit did to the text of a storyboard, and how it is taken back whatever others did since. Pure.

An edit is known by the pieces of the file that it changed (`Hunk`); which scenes, fields and settings that were
(`Change`) is read from them. Taking back puts back only what still is as the edit left it. Who did what, when, and in
which order edits are taken back is the business of `vktrs.editing`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard import edits
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import SCENE_FIELDS, Scene, Signal, Storyboard
from vktrs.storyboard.pieces import Piece, split
from vktrs.storyboard.reading import read_scene, read_settings
from vktrs.storyboard.rewriting import flat_settings
from vktrs.storyboard.schema import Unfit, check_board

Touch = tuple[str | None, str]
"""One thing that an edit touches: (scene id, field), (scene id, "") for a whole scene, (None, "look.seed")."""

Why = Literal["changed", "gone", "order"]


class Hunk(NamedTuple):
    """Pieces that were replaced; `at` is where they began, in characters of the text before (without a BOM)."""

    at: int
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Whole(NamedTuple):
    """A scene with its text: comments, other keys and all."""

    scene: Scene
    text: str


@dataclass(frozen=True)
class Change:
    """What an edit did: values before and after, and the scenes it touched as they were and as it left them."""

    fields: Mapping[Touch, tuple[object, object]] = field(default_factory=dict)
    before: Mapping[str, Whole] = field(default_factory=dict)
    after: Mapping[str, Whole] = field(default_factory=dict)

    @property
    def removed(self) -> tuple[str, ...]:
        """Ids of the scenes that it took away."""
        return tuple(scene_id for scene_id in self.before if scene_id not in self.after)

    @property
    def added(self) -> tuple[str, ...]:
        """Ids of the scenes that it made."""
        return tuple(scene_id for scene_id in self.after if scene_id not in self.before)

    @property
    def touches(self) -> frozenset[Touch]:
        """Everything that it changed."""
        return frozenset([*self.fields, *((scene_id, "") for scene_id in (*self.added, *self.removed))])


class Kept(NamedTuple):
    """What was not put back: it was changed since, it is gone, or the scenes would not be in order any more."""

    touch: Touch
    why: Why


class Reverted(NamedTuple):
    """The document with an edit taken back as far as that goes, and what was kept."""

    document: Document
    kept: tuple[Kept, ...] = ()


def hunks_between(before: Sequence[Piece], after: Sequence[Piece]) -> tuple[Hunk, ...]:
    """The pieces in which two states of a file differ."""
    offsets = [0]
    for piece in before:
        offsets.append(offsets[-1] + len(piece.text))
    first = next((index for index, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if first is None:
        first = min(len(before), len(after))
    pairs = enumerate(zip(reversed(before[first:]), reversed(after[first:]), strict=False))
    tail = next((index for index, (a, b) in pairs if a != b), min(len(before), len(after)) - first)
    old, new = before[first : len(before) - tail], after[first : len(after) - tail]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Hunk(offsets[first + i], tuple(old[i:j]), tuple(new[k:end]))
        for kind, i, j, k, end in matcher.get_opcodes()
        if kind != "equal"
    )


def applied(hunks: Sequence[Hunk], text: str, backwards: bool = False) -> str | None:
    """The text with the hunks carried out, or taken back; None where it is not the text that they were made for."""
    out: list[str] = []
    position = shift = 0
    for hunk in hunks:
        was, now = ("".join(piece.text for piece in side) for side in (hunk.before, hunk.after))
        if backwards:
            was, now, start = now, was, hunk.at + shift
            shift += len(was) - len(now)
        else:
            start = hunk.at
        if not text.startswith(was, start):
            return None
        out += [text[position:start], now]
        position = start + len(was)
    return "".join([*out, text[position:]])


def change_of(hunks: Sequence[Hunk]) -> Change:
    """What an edit of these hunks did; ValueError where they are no pieces of a storyboard."""
    was = [piece for hunk in hunks for piece in hunk.before]
    now = [piece for hunk in hunks for piece in hunk.after]
    try:
        before, after = _scenes(was), _scenes(now)
        settings = _settings(was), _settings(now)
    except (Unfit, LookupError) as error:
        raise ValueError(str(error)) from error
    fields: dict[Touch, tuple[object, object]] = {}
    for scene_id in after.keys() & before.keys():
        old, new = before[scene_id].scene, after[scene_id].scene
        both = ((name, getattr(old, name), getattr(new, name)) for name in SCENE_FIELDS)
        fields |= {(scene_id, name): (a, b) for name, a, b in both if a != b}
    for path in sorted({*settings[0], *settings[1]}):
        values = (settings[0].get(path), settings[1].get(path))
        if values[0] != values[1]:
            fields[(None, ".".join(path))] = values
    return Change(fields, before, after)


def _scenes(pieces: Sequence[Piece]) -> dict[str, Whole]:
    texts: list[str] = []
    for piece in pieces:
        if piece.kind == "scene":
            texts.append(piece.text)
        elif piece.kind == "part" and texts:  # it goes only where its scene goes
            texts[-1] += piece.text
    scenes = (Whole(read_scene(tomllib.loads(text)["scenes"][0], 0), text) for text in texts)
    return {whole.scene.id: whole for whole in scenes if whole.scene.id}


def _settings(pieces: Sequence[Piece]) -> Mapping[tuple[str, ...], object]:
    text = "\n".join(piece.text for piece in pieces if piece.kind == "other")
    return flat_settings(read_settings(tomllib.loads(text), []).board())


def value_of(board: Storyboard, touch: Touch) -> object:
    """What a board says there: a field's value, the scene itself, a setting; None where there is nothing."""
    scene_id, name = touch
    if scene_id is None:
        return flat_settings(board).get(tuple(name.split(".")))
    scene = next((scene for scene in board.scenes if scene.id == scene_id), None)
    return scene if scene is None or not name else getattr(scene, name)


def is_in(document: Document, change: Change) -> bool:
    """Whether a document looks as if the change had been made to it, and in no place as if it had not."""
    board, texts = document.board, document.scene_texts
    signs = [(scene_id in texts, scene_id not in texts) for scene_id in change.added]
    signs += [(scene_id not in texts, scene_id in texts) for scene_id in change.removed]
    for touch, (was, now) in change.fields.items():
        value = value_of(board, touch) if touch[0] is None or touch[0] in texts else was
        signs.append((value == now, value == was))
    return any(made for made, _ in signs) and not any(unmade for _, unmade in signs)


def revert(document: Document, change: Change, exact: str | None = None) -> Reverted:
    """The document with a change taken back wherever it still stands; valid whatever happened since.

    `exact` is the text (without a BOM) from before the change, where the file is just as the change left it: then
    the file is as it was, to the byte. Else a scene that is just as the change left it gets its old text back, and
    of all others only the values. InputError where the file allows no edit.
    """
    wanted, kept = _wanted(document, change)
    while True:
        board = _restored(document.board, change, wanted)
        try:
            check_board(board)
            break
        except Unfit as error:
            touch = _in_the_way(error, board, change, wanted)
            del wanted[touch]
            kept.append(Kept(touch, "order"))
    reverted = document.with_board(board, _returning(document, change))
    if exact is not None and not kept and exact != "".join(piece.text for piece in reverted.pieces):
        reverted = replace(reverted, pieces=split(exact))
    return Reverted(reverted, tuple(kept))


def _wanted(document: Document, change: Change) -> tuple[dict[Touch, object], list[Kept]]:
    """What can be put back, with its value (whole scenes: None), and what others have changed."""
    scenes = {scene.id: scene for scene in document.board.scenes}
    settings = flat_settings(document.board)
    wanted: dict[Touch, object] = {(name, ""): None for name in change.removed if name not in scenes}
    kept: dict[Touch, Kept] = {}
    for scene_id in change.added:
        if scene_id in scenes:
            same = document.scene_texts.get(scene_id, "").rstrip() == change.after[scene_id].text.rstrip()
            if same:
                wanted[(scene_id, "")] = None
            else:
                kept[(scene_id, "")] = Kept((scene_id, ""), "changed")
    for touch, (was, now) in change.fields.items():
        here, name = touch
        if here is not None and here not in scenes:
            kept[(here, "")] = Kept((here, ""), "gone")
            continue
        value = settings.get(tuple(name.split("."))) if here is None else getattr(scenes[here], name)
        if value == now:
            wanted[touch] = was
        elif value != was:
            kept[touch] = Kept(touch, "changed")
    return wanted, list(kept.values())


def _restored(board: Storyboard, change: Change, wanted: Mapping[Touch, object]) -> Storyboard:
    """The board with all that is wanted, be it valid or not; who returns stands where its start belongs."""
    changes: dict[str, dict[str, Any]] = {}
    for (scene_id, name), value in wanted.items():
        if scene_id is None:
            board = _with_setting(board, name, value)
        elif name:
            changes.setdefault(scene_id, {})[name] = value
    scenes = [
        replace(scene, **changes[scene.id]) if scene.id in changes else scene
        for scene in board.scenes
        if (scene.id, "") not in wanted
    ]
    for scene_id in change.removed:
        if (scene_id, "") in wanted:
            back = change.before[scene_id].scene
            place = next((index for index, scene in enumerate(scenes) if scene.start > back.start), len(scenes))
            scenes.insert(place, back)
    return replace(board, scenes=tuple(scenes))


def _with_setting(board: Storyboard, path: str, value: object) -> Storyboard:
    table, _, key = path.partition(".")
    if table == "signals":
        name, _, part = key.partition(".")
        return _with_signal(board, name, part, value)
    if "." in key:
        return edits.set_setting(board, path, value).board
    changes: Mapping[str, Any] = {table: replace(getattr(board, table), **{key: value})}
    return replace(board, **changes)


def _with_signal(board: Storyboard, name: str, key: str, value: object) -> Storyboard:
    """The same of a signal, which is there as long as one of its keys is; None takes it out."""
    signals = dict(board.signals)
    if value is None:
        signals.pop(name, None)
    else:
        changes: Mapping[str, Any] = {key: value}
        signals[name] = replace(signals.get(name, Signal()), **changes)
    return replace(board, signals=signals)


def _in_the_way(error: Unfit, board: Storyboard, change: Change, wanted: Mapping[Touch, object]) -> Touch:
    """What must not be put back, since the board would be invalid with it; something always is in the way."""
    return next(touch for touch in _suspects(error, board, change, wanted) if touch in wanted)


def _suspects(error: Unfit, board: Storyboard, change: Change, wanted: Mapping[Touch, object]) -> Iterator[Touch]:
    key = error.path[-1] if error.path else ""
    here = board.scenes[error.scene].id if error.scene is not None else None
    yield (here, key)
    if here is not None:
        yield from ((here, "start"), (here, ""))
    if key == "theme":
        yield (None, "look.themes")
    if key in PARAMETERS:  # its expression may name a signal that would be gone
        yield from (touch for touch in wanted if touch[0] is None and touch[1].startswith("signals."))
    if error.scene:
        above = board.scenes[error.scene - 1].id
        yield from ((above, "start"), (above, ""))
    yield from ((scene_id, "") for scene_id in change.added)
    yield from (touch for touch in wanted if touch[1] in ("start", ""))
    yield from wanted


def _returning(document: Document, change: Change) -> dict[str, str]:
    """The texts that scenes get back as they were; the blank lines behind each are today's."""
    texts = {scene_id: change.before[scene_id].text for scene_id in change.removed}
    for scene_id, now in document.scene_texts.items():
        before, after = change.before.get(scene_id), change.after.get(scene_id)
        if before and after and now.rstrip("\r\n") == after.text.rstrip("\r\n"):
            texts[scene_id] = before.text.rstrip("\r\n") + now[len(now.rstrip("\r\n")) :]
    return texts
