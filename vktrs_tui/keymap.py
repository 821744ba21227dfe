"""Keys of the user's own: `keys.toml` in the config folder, and presets after other timing editors.

    preset = "aegisub"        # or "gaupol"
    [keys]
    "scene.split" = "s,f6"    # an id, as the palette tells it, and its keys

What is wrong in the file is said and left out; everything else holds.
"""

from __future__ import annotations

import string
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from vktrs_tui.actions import PROJECT_LIST_KEYS, SCOPES, Action

KEYS = "keys.toml"
UNBOUND = "unbound"
"""The key of an action that has lost all of its own; no keyboard sends it."""

PRESETS: Mapping[str, Mapping[str, str]] = {
    "vktrs": {},
    "gaupol": {
        "time.start_earlier": "q",
        "time.start_later": "w",
        "time.end_earlier": "e",
        "time.end_later": "r",
        "play.row": "O",
        "play.offset": "ctrl+t",
        "stamp.start": "U",
        "stamp.end": "K",
        "edit.redo": "ctrl+y",
        "edit.seed": "f6",
        "edit.prompt": "f7",
        "view.watch": "W",
        "hear": "ctrl+w",
        "quit": "ctrl+q",
        "scene.merge": "M",
        "run.some": "ctrl+f",
        "scene.split": "S",
        "run.stop": "ctrl+k",
        "time.shift": "H",
        "time.two_points": "h",
    },
    "aegisub": {
        "play.toggle": "space,B",
        "time.snap_end": "ctrl+b",
        "play.row": "r,p",
        "edit.seed": "f6",
        "cursor.down": "x,j,down",
        "cursor.up": "z,k,up",
        "scene.delete": "delete",
        "stamp.untime": "f7",
        "time.lead_in": "c",
        "time.lead_out": "V",
        "select.invert": "ctrl+n",
        "play.back": "a,less_than_sign",
        "play.forward": "f,greater_than_sign",
        "stamp.start": "ctrl+t",
        "filter": "ctrl+f",
    },
}

_LABELS = {action.id: action.label for scope in SCOPES for action in scope}

MOST_TOLD = 3
"""So many mistakes are told in full; a line that speaks is three lines high at most."""


def _name_of(sign: str) -> str:
    """What Textual calls the key of a single character; empty for one that no key types."""
    if sign.isalnum():
        return sign
    name = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name) if sign.isprintable() else ""


_SIGNS = {_name_of(sign): sign for sign in string.punctuation}
_ENGRAVED = {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "backspace": "Backspace",
    "delete": "Del",
}
_READ = {shown.casefold(): name for name, shown in _ENGRAVED.items()}
_NAMED = {each.value for each in Keys if each.value[0] != "<" and "ctrl+shift+" not in each.value} | set(_SIGNS)
_SENT_AS = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+h": "Backspace", "ctrl+[": "Esc"}
_ALWAYS = {"ctrl+p": ("palette", "opens the palette"), "ctrl+q": ("quit", "leaves the studio")}
"""Keys that the framework takes before any screen: the action that may have each, and what it does."""
_OF_THE_LIST = {key for keys, _, _ in PROJECT_LIST_KEYS for key in keys.split(",")}


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys of every action by its id (Textual's names, with commas), and what is to be said of the user's file.

    `faults` are mistakes in `file`; `notes` are what follows from it and may have been meant.
    """

    keys: Mapping[str, str]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: str = ""

    def shown(self, action_id: str) -> str:
        """The keys of an action as a person reads them: `j ↓`; empty where it has none."""
        return shown_keys(self.keys[action_id])

    def first(self, action_id: str) -> str:
        """The first of them, for a place with room for one; empty where there is none."""
        return self.shown(action_id).split("  ")[0]

    def named(self, action_id: str) -> str:
        """An action within a sentence: by its first key, or as the palette calls it where it has none."""
        return self.first(action_id) or f"“{_LABELS[action_id]}” in the palette"

    @property
    def told(self) -> str:
        """All that is to be said, the mistakes first; empty where there is nothing."""
        said = (*self.faults, *self.notes)
        if not said:
            return ""
        more = len(said) - MOST_TOLD
        rest = f" And {more} more in {KEYS}." if more > 0 else ""
        return f"{self.file or KEYS}: {' '.join(said[:MOST_TOLD])}{rest}"


def shown_keys(keys: str) -> str:
    """Textual's key names as signs on a keyboard."""
    return "  ".join(_shown_key(key) for key in keys.split(",") if key != UNBOUND)


def _shown_key(key: str) -> str:
    if key in _ENGRAVED:
        return _ENGRAVED[key]
    if "+" in key:
        return "+".join(part.capitalize() if len(part) > 1 else part.upper() for part in key.split("+"))
    if key in _NAMED:
        return _SIGNS.get(key) or (key.upper() if key[1:].isdigit() else key.capitalize())
    return key_to_character(key) or key


def read_keymap(folder: Path | None = None) -> Keymap:
    """The keys as the user's `keys.toml` wants them; the table's own where there is none."""
    path = (folder or user_config_path("vktrs")) / KEYS
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return make_keymap({})
    except (OSError, ValueError) as error:
        fault = f"it could not be read: {error}. The keys are the usual ones."
        return Keymap(make_keymap({}).keys, (fault,), file=str(path))
    faults = [f"{name!r} is neither `preset` nor `[keys]`." for name in data if name not in ("preset", "keys")]
    preset = data.get("preset", "vktrs")
    if not isinstance(preset, str) or preset not in PRESETS:
        faults.append(f"there is no preset {preset!r}; these are: {', '.join(PRESETS)}.")
        preset = "vktrs"
    own = data.get("keys", {})
    if not isinstance(own, dict):
        faults.append("`keys` should be a table: a line `[keys]`, and below it an id and its keys.")
        own = {}
    wanted, wrong = _checked(own)
    made = make_keymap(wanted, preset)
    return Keymap(made.keys, (*faults, *wrong, *made.faults), made.notes, str(path))


def _checked(own: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    """What can be had of the wishes in the file, and what is wrong with the others."""
    known = {action.id for actions in SCOPES for action in actions}
    wanted: dict[str, str] = {}
    faults: list[str] = []
    for action_id, keys in own.items():
        if action_id not in known:
            faults.append(f"there is no action {action_id!r}; `:` in the studio tells every id.")
        elif not isinstance(keys, str):
            faults.append(f'{action_id} should be keys in quotes, as in "s,f6".')
        else:
            found = _keys_of(keys)
            wrong = [fault for key in found if (fault := _fault_of(key, action_id))]
            faults += [f"{action_id}: {fault}" for fault in wrong]
            good = [key for key in found if not _fault_of(key, action_id)]
            if good or not wrong:
                wanted[action_id] = ",".join(good)
    return wanted, faults


def _fault_of(key: str, action_id: str) -> str:
    """Why a key cannot be had for an action, as a sentence; empty where it can."""
    *modifiers, last = key.split("+")
    if {"ctrl", "shift"} <= set(modifiers):
        return f"most terminals cannot send {key}."
    if key in _SENT_AS:
        return f"the terminal sends {key} as {_SENT_AS[key]}."
    if key in _ALWAYS and action_id.rpartition(".")[2] != _ALWAYS[key][0]:
        return f"{key} always {_ALWAYS[key][1]}."
    if action_id.startswith("projects.") and key in _OF_THE_LIST:
        return f"{_shown_key(key)} moves in the list of projects."
    if modifiers == ["shift"] and len(last) == 1:
        return f'there is no key {key!r}; write "{last.upper()}".'
    letter = len(last) == 1 and last.isascii() and last.isalnum()
    modified = modifiers in (["ctrl"], ["alt"]) and letter
    modified = modified or (modifiers in (["ctrl"], ["alt"], ["shift"]) and last in _NAMED - set(_SIGNS))
    if key in _NAMED or len(key) == 1 or modified or _name_of_sign(key):
        return ""
    return f'there is no key {key!r}; keys are "s", "S", "f6", "ctrl+t", "pageup", "[" and such.'


def _name_of_sign(key: str) -> bool:
    """Whether this is Textual's name of a sign beyond ASCII, as `section_sign`."""
    sign = key_to_character(key)
    return sign is not None and _name_of(sign) == key


def make_keymap(wanted: Mapping[str, str], preset: str = "vktrs") -> Keymap:
    """Every action's keys: what is wanted wins over the preset and that over the table; no key does two things."""
    keys: dict[str, str] = {}
    faults: list[str] = []
    notes: list[str] = []
    for actions in SCOPES:
        _share_out(actions, wanted, PRESETS[preset], keys, faults, notes)
    return Keymap(keys, tuple(faults), tuple(notes))


def _share_out(
    actions: Sequence[Action],
    wanted: Mapping[str, str],
    preset: Mapping[str, str],
    keys: dict[str, str],
    faults: list[str],
    notes: list[str],
) -> None:
    """Give the actions of one screen their keys, and say who went without."""
    ids = [action.id for action in actions]
    usual = {action.id: preset.get(action.id, action.keys) for action in actions}
    first, second = [each for each in wanted if each in usual], [each for each in preset if each in usual]
    owner: dict[str, str] = {}
    for action_id in dict.fromkeys((*first, *second, *ids)):
        found = dict.fromkeys(_keys_of(wanted.get(action_id, usual[action_id])))
        own = [key for key in found if owner.setdefault(key, action_id) == action_id]
        keys[action_id] = ",".join(own) or UNBOUND
        if action_id in wanted:
            faults += [
                f"the key {_shown_key(key)} is given to {owner[key]} and to {action_id}; the first has it."
                for key in found
                if owner[key] != action_id
            ]
    for action_id in ids:
        lost = [key for key in _keys_of(usual[action_id]) if keys[action_id] == UNBOUND and action_id not in wanted]
        if lost:
            takers = ", ".join(dict.fromkeys(f"{_shown_key(key)} is {owner[key]}'s" for key in lost))
            notes.append(f"{action_id} has no key any more: {takers} now.")


def _keys_of(text: str) -> list[str]:
    """`"s, ],f6"` as Textual's names."""
    if text in (",", " "):
        return [_name_of(text)]
    parts = (piece.strip() for piece in text.split(","))
    return [name for part in parts if part and (name := _key_named(part)) != UNBOUND]


def _key_named(part: str) -> str:
    """A key by Textual's name, from a sign, that name, or what is engraved on it, in any case."""
    small = part.casefold()
    if small in _READ:
        return _READ[small]
    if len(part) == 1:
        return _name_of(part) or part
    return small
