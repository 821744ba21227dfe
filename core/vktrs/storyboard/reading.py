"""From the tables that tomllib gives to the values of the model, with everything checked on the way.

It knows nothing of text and positions: what does not fit raises `Unfit` with the scene and the keys that lead to
it, and `document` finds the line. Unknown keys are listed, never an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from vktrs.storyboard.ids import new_id, scene_hint
from vktrs.storyboard.model import SCHEMA, Engines, Lettering, Look, Scene, Signal, Song, Split, Storyboard, Video
from vktrs.storyboard.schema import (
    ENGINE_TABLES,
    PICTURE_KEYS,
    PLANNED_SCENE_KEYS,
    SCHEMA_RULES,
    SETTINGS,
    SIGNAL_KEYS,
    Unfit,
    check_board,
    checked,
    shown,
)

Table = Mapping[str, Any]


class Unknown(NamedTuple):
    """A key that nothing reads: the id of its scene (None elsewhere) and the keys that lead to it."""

    scene: str | None
    path: tuple[str, ...]

    def advice(self) -> str:
        """`unknown key ... in [look]; did you mean ...?`"""
        table = "[[scenes]]" if self.scene is not None else f"[{'.'.join(self.path[:-1])}]"
        where = f" in {table}" if self.scene is not None or len(self.path) > 1 else ""
        return f"unknown key `{self.path[-1]}`{where}" + self._meant()

    def _meant(self) -> str:
        name = self.path[-1]
        if name in ENGINE_TABLES:
            return f"; did you mean [engines.{name}]?"
        tables = [f"[engines.{engine}]" for engine, keys in PICTURE_KEYS.items() if name in keys]
        if tables:
            return f"; did you mean it in {' or '.join(tables)}?"
        close = get_close_matches(name, self._known(), 1)
        return f"; did you mean `{close[0]}`?" if close else ""

    def _known(self) -> Collection[str]:
        if self.scene is not None:
            return SCHEMA_RULES["scenes"]
        if len(self.path) == 1:
            return _TABLES
        return (*SCHEMA_RULES[self.path[0]], *(ENGINE_TABLES if self.path[0] == "engines" else ()))


class Reading(NamedTuple):
    """What a file says: the values, the keys that nothing reads, and the ids that were made up for this reading."""

    board: Storyboard
    unknown: tuple[Unknown, ...]
    made_ids: frozenset[str]


class Settings(NamedTuple):
    """All that a file says beside its scenes."""

    song: Song
    video: Video
    captions: Lettering
    engines: Engines
    split: Split
    signals: Mapping[str, Signal]
    look: Look

    def board(self, scenes: tuple[Scene, ...] = (), schema: int = SCHEMA) -> Storyboard:
        """The storyboard of these settings."""
        return Storyboard(**self._asdict(), scenes=scenes, schema=schema)


_TABLES = ("schema", *SETTINGS, "signals", "scenes")


def read_board(data: Table, taken: Collection[str] = ()) -> Reading:
    """The storyboard that the parsed file `data` holds; Unfit where a value is wrong.

    Scenes without an id get one from their start and text, none of `taken`.
    """
    schema = _schema(data.get("schema", SCHEMA))
    unknown = [Unknown(None, (key,)) for key in data if key not in _TABLES]
    settings = read_settings(data, unknown)
    tables = data.get("scenes", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Unfit(f"`scenes` is {shown(tables)}.", "Each scene begins with a line [[scenes]].", ("scenes",))
    drafts = [read_scene(table, index) for index, table in enumerate(tables)]
    scenes, made_ids = _with_ids(drafts, taken)
    for scene, table in zip(scenes, tables, strict=True):
        unknown += unknown_of_scene(scene.id, table)
    board = settings.board(scenes, schema)
    check_board(board)
    return Reading(board, tuple(unknown), made_ids)


_SCENE_KEYS = frozenset(SCHEMA_RULES["scenes"]) | PLANNED_SCENE_KEYS


def unknown_of_scene(scene_id: str, table: Table) -> tuple[Unknown, ...]:
    """The keys of one scene's table that nothing reads."""
    if _SCENE_KEYS.issuperset(table):
        return ()
    return tuple(Unknown(scene_id, (key,)) for key in table if key not in _SCENE_KEYS)


def read_settings(data: Table, unknown: list[Unknown]) -> Settings:
    """The tables beside the scenes; keys that nothing reads are added to `unknown`."""
    values: dict[str, dict[str, Any]] = {}
    for name in SETTINGS:
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise Unfit(f"`{name}` is {shown(table)}.", f"It should be a table, below a line [{name}].", (name,))
        known = {key: value for key, value in table.items() if key in SCHEMA_RULES[name]}
        values[name] = {key: checked(name, key, value) for key, value in known.items()}
        rest = {key: value for key, value in table.items() if key not in known}
        if name == "engines":
            values[name]["options"] = {key: value for key, value in rest.items() if isinstance(value, dict)}
            rest = {
                key: value for key, value in rest.items() if key not in ENGINE_TABLES or not isinstance(value, dict)
            }
        unknown += [Unknown(None, (name, key)) for key in rest]
    made = {name: kind(**values[name]) for name, kind in SETTINGS.items()}
    return Settings(**made, signals=_read_signals(data.get("signals", {}), unknown))  # type: ignore[arg-type]  # by name


def _read_signals(tables: object, unknown: list[Unknown]) -> dict[str, Signal]:
    """The signals by their names; a table without any key is none."""
    if not isinstance(tables, dict):
        right = "Each signal has a table of its own, below a line [signals.NAME]."
        raise Unfit(f"`signals` is {shown(tables)}.", right, ("signals",))
    signals = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            right = f"It should be a table, below a line [signals.{name}]."
            raise Unfit(f"`{name}` is {shown(table)}.", right, ("signals", name))
        known = {key: value for key, value in table.items() if key in SIGNAL_KEYS}
        unknown += [Unknown(None, ("signals", name, key)) for key in table if key not in known]
        if known:
            signals[name] = _read_signal(name, known)
    return signals


def _read_signal(name: str, table: Table) -> Signal:
    try:
        return Signal(**{key: checked("signals", key, value) for key, value in table.items()})  # type: ignore[arg-type]
    except Unfit as error:
        raise Unfit(error.found, error.right, ("signals", name, error.path[-1])) from None


def read_scene(table: Table, index: int) -> Scene:
    """One scene, `index` from 0; its id is "" where none is written. Unfit where a value is wrong."""
    values: dict[str, Any] = {}
    rules = SCHEMA_RULES["scenes"]
    try:
        for key, value in table.items():
            if key in rules:
                values[key] = checked("scenes", key, value)
    except Unfit as error:
        raise Unfit(error.found, error.right, error.path, index) from None
    if "start" not in values:
        raise Unfit(f"Scene {index + 1} has no `start`.", "Write when it starts, in seconds: start = 4.12", (), index)
    return Scene(**{"id": "", **values})


def _schema(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Unfit(f"`schema` is {shown(value)}.", f"Write schema = {SCHEMA}.", ("schema",))
    if value > SCHEMA:
        found = f"`schema` is {shown(value)}: a newer vktrs wrote this file, and this one reads up to {SCHEMA}."
        raise Unfit(found, "Install a newer vktrs.", ("schema",))
    return value


def _with_ids(drafts: list[Scene], taken: Collection[str]) -> tuple[tuple[Scene, ...], frozenset[str]]:
    if all(draft.id for draft in drafts):
        return tuple(drafts), frozenset()
    used = {draft.id for draft in drafts} | set(taken)
    made = set()
    scenes = []
    for draft in drafts:
        if not draft.id:
            draft = replace(draft, id=new_id(scene_hint(draft.start, draft.text), used))
            used.add(draft.id)
            made.add(draft.id)
        scenes.append(draft)
    return tuple(scenes), frozenset(made)
