"""Keys of the user's own: `keys.toml` in the config folder, and presets after other timing editors.

    preset = "aegisub"        # or "gaupol"
    [keys]
    "scene.split" = "s,f6"    # an id of the help's table, and its keys

What is wrong in the file is said and left out; everything else holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from vktrs_tui.actions import ACTIONS, Action

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

_NAMES = {
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    "+": "plus",
    "-": "minus",
    "=": "equals_sign",
    "/": "slash",
    "?": "question_mark",
    ":": "colon",
    ".": "full_stop",
    "'": "apostrophe",
    " ": "space",
    ",": "comma",
}
_SHOWN = {name: sign for sign, name in _NAMES.items() if sign not in " "} | {
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


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys of every action by its id (Textual's names, with commas), and what was wrong in the user's file."""

    keys: Mapping[str, str]
    faults: tuple[str, ...] = ()

    def shown(self, action_id: str) -> str:
        """The keys of an action as a person reads them: `j ↓`; empty where it has none."""
        return shown_keys(self.keys[action_id])


def shown_keys(keys: str) -> str:
    """Textual's key names as signs on a keyboard."""
    return "  ".join(_shown_key(key) for key in keys.split(",") if key != UNBOUND)


def _shown_key(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    if "+" in key:
        return "+".join(part.capitalize() if len(part) > 1 else part.upper() for part in key.split("+"))
    return key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key


def read_keymap(folder: Path | None = None) -> Keymap:
    """The keys as the user's `keys.toml` wants them; the table's own where there is none."""
    path = (folder or user_config_path("vktrs")) / KEYS
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return make_keymap({})
    except (OSError, ValueError) as error:
        return Keymap(make_keymap({}).keys, (f"{path} could not be read: {error}. The keys are the usual ones.",))
    faults: list[str] = []
    preset = data.get("preset", "vktrs")
    if not isinstance(preset, str) or preset not in PRESETS:
        faults.append(f"{path}: there is no preset {preset!r}; these are: {', '.join(PRESETS)}.")
        preset = "vktrs"
    wanted = dict(PRESETS[preset])
    own = data.get("keys", {})
    known = {action.id for action in ACTIONS}
    for action_id, keys in own.items() if isinstance(own, dict) else ():
        if action_id not in known:
            faults.append(f"{path}: there is no action {action_id!r}; `?` in the studio lists them.")
        elif not isinstance(keys, str):
            faults.append(f'{path}: {action_id} should be keys in quotes, as in "s,f6".')
        else:
            wanted[action_id] = keys
    made = make_keymap(wanted)
    return Keymap(made.keys, (*faults, *made.faults))


def make_keymap(wanted: Mapping[str, str], actions: Iterable[Action] = ACTIONS) -> Keymap:
    """Every action's keys: what is wanted wins over the table, and no key does two things."""
    table = {action.id: action.keys for action in actions}
    owner: dict[str, str] = {}
    faults = []
    keys: dict[str, list[str]] = {action_id: [] for action_id in table}
    for action_id in [*wanted, *(each for each in table if each not in wanted)]:
        for key in _keys_of(wanted.get(action_id, table[action_id])):
            if key not in owner:
                owner[key] = action_id
                keys[action_id].append(key)
            elif action_id in wanted and owner[key] in wanted:
                faults.append(
                    f"the key {_shown_key(key)} is given to {owner[key]} and to {action_id}; the first has it."
                )
    return Keymap({each: ",".join(found) or UNBOUND for each, found in keys.items()}, tuple(faults))


def _keys_of(text: str) -> list[str]:
    """`"s, ],f6"` as Textual's names."""
    if text == ",":
        return ["comma"]
    return [_NAMES.get(part, part) for part in (piece.strip() or piece for piece in text.split(",")) if part]
