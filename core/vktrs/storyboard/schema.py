"""What each key of storyboard.toml may hold: one table of types and ranges, for the file and for every edit.

A rule takes a value as TOML gives it (or as the model holds it) and returns the model's value, or raises
`Unfit`. What several values together must fulfil (order of the starts, differing ids) is in `check_board`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import get_args

from vktrs.chains import ChainError, parse_chain
from vktrs.expressions import ExpressionError, is_signal_name, parse
from vktrs.lines import Word
from vktrs.motion import Border, ColorCoherence
from vktrs.motion.parameters import PARAMETERS, values_of
from vktrs.storyboard.ids import is_id
from vktrs.storyboard.looping import parse_loop
from vktrs.storyboard.model import (
    Animation,
    AssignThemes,
    Captions,
    Engines,
    Lettering,
    Look,
    Order,
    Pictures,
    Position,
    Scene,
    Signal,
    Snap,
    Song,
    Speech,
    Split,
    SplitBy,
    Storyboard,
    Video,
)
from vktrs.timing import parse_fps

Rule = Callable[[object], object]

LONGEST = 1e6
"""Seconds; a time beyond it (eleven days) is a slip, and milliseconds stay exact below it."""

MANY = 1_000_000
"""The bound of counts that have no natural one."""

MOST_VARIATIONS = 999
"""How many variations a scene may have."""


_COLOR = re.compile("#[0-9a-fA-F]{6}")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # what argv and file names hold for bytes that are no UTF-8


class Unfit(ValueError):
    """A value cannot stand where it stands: what was `found`, what would be `right`, and where.

    `scene` is the scene's place in the table (from 0) or None; `path` are the keys that lead to the value.
    """

    def __init__(self, found: str, right: str, path: tuple[str, ...] = (), scene: int | None = None) -> None:
        super().__init__(f"{found} {right}")
        self.found = found
        self.right = right
        self.path = path
        self.scene = scene


class _Misfit(Exception):
    """Raised inside a rule; `checked` says the rest. What is wrong inside a text, and what is right, may be given."""


def shown(value: object) -> str:
    """A value as a person would write it into the file, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "a list of tables"
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # 0xfff... may have more digits than Python likes to spell
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def _number(low: float, high: float) -> Rule:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise _Misfit
        return float(value) + 0.0  # -0.0 becomes 0.0

    return read


def _integer(low: int, high: int, step: int = 1) -> Rule:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high or value % step:
            raise _Misfit
        return value

    return read


def _choice(*options: object) -> Rule:
    def read(value: object) -> object:
        if isinstance(value, (bool, float)) or value not in options:
            raise _Misfit
        return value

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or _HALF_CHARACTER.search(value):
        raise _Misfit
    return value


def _source(value: object) -> str:
    text = _text(value)
    if "\0" in text:
        raise _Misfit
    return text


def _name(value: object) -> str:
    text = _source(value)
    if not text.strip():
        raise _Misfit
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Misfit
    return value


def _scene_id(value: object) -> str:
    text = _text(value)
    if not is_id(text):
        raise _Misfit
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise _Misfit
    return tuple(_text(item) for item in value)


def _fps(value: object) -> Fraction:
    if isinstance(value, Fraction):
        value = str(value)
    if not isinstance(value, (int, float, str)):
        raise _Misfit
    try:
        return parse_fps(value)
    except ValueError:
        raise _Misfit from None


_seconds = _number(0, LONGEST)


def _excerpt(value: object) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise _Misfit
    start, end = (_number(0, LONGEST)(item) for item in value)
    if not (isinstance(start, float) and isinstance(end, float) and start < end):
        raise _Misfit
    return start, end


def _theme(value: object) -> int | str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _Misfit
    return value


def _words(value: object) -> tuple[Word, ...]:
    if not isinstance(value, (list, tuple)):
        raise _Misfit
    return tuple(_word(item) for item in value)


def _word(value: object) -> Word:
    if isinstance(value, Word):
        value = (value.start, value.end, value.text)
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise _Misfit
    start, end, text = _seconds(value[0]), _seconds(value[1]), _text(value[2])
    if not (isinstance(start, float) and isinstance(end, float) and start <= end):
        raise _Misfit
    return Word(start, end, text)


_variation = _integer(1, MOST_VARIATIONS)
_seed = _integer(0, 2**32 - 1)


def _frame_seeds(value: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, (list, tuple)):
        raise _Misfit
    pairs = tuple(_frame_seed(item) for item in value)
    if len({number for number, _ in pairs}) < len(pairs):
        raise _Misfit
    return pairs


def _frame_seed(value: object) -> tuple[int, int]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise _Misfit
    number, seed = _variation(value[0]), _seed(value[1])
    assert isinstance(number, int)
    assert isinstance(seed, int)
    return number, seed


def _amount(low: float, high: float) -> Rule:
    """A number in that range, or a text that gives one for each frame; which names it may use is `check_board`'s."""
    number = _number(low, high)

    def read(value: object) -> object:
        if not isinstance(value, str):
            return number(value)
        try:
            parse(_text(value))
        except ExpressionError as error:
            raise _Misfit(error.message, error.right) from None
        return value

    return read


def _loop(value: object) -> object:
    if isinstance(value, str):
        if value != "none" and parse_loop(value) is None:
            raise _Misfit
        return value
    return _number(0.01, LONGEST)(value)


def _color(value: object) -> str:
    text = _text(value)
    if not _COLOR.fullmatch(text):
        raise _Misfit
    return text.lower()


def _font(value: object) -> str:
    name = _name(value)
    if not name.lower().endswith((".ttf", ".otf")):
        raise _Misfit
    return name


def _chain(value: object) -> str:
    text = _text(value)
    try:
        parse_chain(text)
    except ChainError as error:
        raise _Misfit(error.message, error.right) from None
    return text


def _one_of(kind: object) -> tuple[str, Rule]:
    options = get_args(kind)
    return "one of " + ", ".join(f'"{option}"' for option in options), _choice(*options)


_TEXT = ("a text in quotes", _text)
_FILE = ("the name of a file, in quotes", _name)
_TIME = ("a time in seconds, from 0 to 1000000", _seconds)
_SIZE = ("an even number of pixels from 16 to 4096", _integer(16, 4096, 2))
_COLOR_RULE = ('a colour such as "#ffd24a"', _color)
_THICK = ("a part of the picture's height, from 0 to 0.05", _number(0, 0.05))
_FADE = ("a time in seconds, from 0 to 60", _number(0, 60))
_LAG = ("a whole number from 0 to 1000000", _integer(0, MANY))


def _amount_of(name: str) -> tuple[str, Rule]:
    about = PARAMETERS[name]
    right = f'{about.unit} from {about.low:g} to {about.high:g}, an expression ("1 + 0.1 * t"), or a Deforum schedule'
    return right, _amount(about.low, about.high)


_OVERRIDES: dict[str, tuple[str, Rule]] = {
    "prompt_lag": _LAG,
    "negative_prompt": _TEXT,
    "animation": _one_of(Animation),
    "order": _one_of(Order),
    "variations": ("a whole number from 0 to 999", _integer(0, MOST_VARIATIONS)),
    "hold": ("a number of frames from 1 to 1000000", _integer(1, MANY)),
    "seed": ("a whole number from 0 to 4294967295", _seed),
    "loop": ('seconds, or "beat", "2 beats", "bar", "4 bars", "none"', _loop),
    "transition": _FADE,
    **{name: _amount_of(name) for name in PARAMETERS},
    "border": _one_of(Border),
    "color_coherence": _one_of(ColorCoherence),
    "cadence": ("a number of pictures from 1 to 100", _integer(1, 100)),
}

SCHEMA_RULES: Mapping[str, Mapping[str, tuple[str, Rule]]] = {
    "song": {
        "source": ("the name of a file, or a URL, in quotes", _source),
        "title": _TEXT,
        "lyrics": _FILE,
        "language": ('a language such as "en"', _name),
        "excerpt": ("two times in seconds, the first before the second: [0.0, 42.0]", _excerpt),
    },
    "video": {
        "width": _SIZE,
        "height": _SIZE,
        "fps": ('a whole number from 1 to 120, or a fraction such as "30000/1001"', _fps),
        "upscale": ("1 or 2", _choice(1, 2)),
        "captions": _one_of(Captions),
        "file": _FILE,
    },
    "captions": {
        "font": ("the name of a .ttf or .otf file, in quotes", _font),
        "size": ("a part of the picture's height, from 0.01 to 0.5", _number(0.01, 0.5)),
        "color": _COLOR_RULE,
        "highlight_color": _COLOR_RULE,
        "outline": _THICK,
        "outline_color": _COLOR_RULE,
        "shadow": _THICK,
        "position": _one_of(Position),
        "fade_in": _FADE,
        "fade_out": _FADE,
    },
    "engines": {"speech": _one_of(Speech), "pictures": _one_of(Pictures)},
    "split": {
        "snap": _one_of(Snap),
        "snap_earlier_only": ("true or false", _flag),
        "by": _one_of(SplitBy),
        "pause": ("a time in seconds, from 0.05 to 60", _number(0.05, 60)),
        "words": ("a whole number from 1 to 1000", _integer(1, 1000)),
        "seconds": ("a time in seconds, from 1 to 600", _number(1, 600)),
    },
    "signals": {
        "source": ("mix, vocals, drums, bass, other, harmonic, percussive, or a file, in quotes", _name),
        "chain": ('operations with | between them: "bandpass(40, 120) | rms | sustain(0.3)"', _chain),
    },
    "look": {
        "themes": ('a list of texts: ["zombie wedding", "neon city"]', _texts),
        "assign_themes": _one_of(AssignThemes),
        **_OVERRIDES,
    },
    "scenes": {
        "id": ("letters, digits, - and _ (at most 40, a letter among them), which name this scene for ever", _scene_id),
        "start": _TIME,
        "end": _TIME,
        "text": _TEXT,
        "section": _TEXT,
        "prompt": _TEXT,
        "theme": ("the number of a theme, counted from 1, or a text of its own", _theme),
        "caption": _TEXT,
        "picture": _FILE,
        "locked": ("true or false", _flag),
        "words": ('a list of words with their times: [[0.10, 0.42, "Dai-"], ...]', _words),
        **_OVERRIDES,
        "frame_seeds": ("pairs of a variation's number (from 1, each once) and its seed: [[3, 4012]]", _frame_seeds),
    },
}
"""For each table and key: what would be right, in words, and the rule that reads it."""

PLANNED_SCENE_KEYS = frozenset({"camera"})
"""Keys that the format names and that a later version reads: kept, and not warned about."""

ENGINE_TABLES = ("faster-whisper", "whisper", "captions", "api", "cppn", "diffusers", "stability")
"""The tables `[engines.<name>]` that some engine reads; the engine itself knows its keys."""

SETTINGS: Mapping[str, type[Song | Video | Lettering | Engines | Split | Look]] = {
    "song": Song,
    "video": Video,
    "captions": Lettering,
    "engines": Engines,
    "split": Split,
    "look": Look,
}
"""The tables beside the scenes, in the order in which they are written; `[signals.NAME]` come as many as there are."""

SIGNAL_KEYS: tuple[str, ...] = tuple(each.name for each in fields(Signal))


SCENE_DEFAULTS: Mapping[str, object] = {
    each.name: each.default for each in fields(Scene) if each.default is not MISSING
}
"""What a key of a scene means where it is not written; `id` and `start` have no default."""


def key_order(table: str) -> tuple[str, ...]:
    """The keys of one of `SETTINGS`, in the order in which they are written."""
    return tuple(each.name for each in fields(SETTINGS[table]) if each.name != "options")


def checked(table: str, key: str, value: object) -> object:
    """The model's value for `value` at `key` of `table`; Unfit where the table of rules says no."""
    right, rule = SCHEMA_RULES[table][key]
    try:
        return rule(value)
    except _Misfit as misfit:
        found, right = f"`{key}` is {shown(value)}.", f"It should be {right}."
        if misfit.args:
            found, right = f"{found[:-1]}: {misfit.args[0]}", misfit.args[1] or right
        raise Unfit(found, right, (key,) if table == "scenes" else (table, key)) from None


def check_board(board: Storyboard) -> None:
    """Unfit where a rule over several values is broken: starts in order from 0, ids differ, themes exist."""
    before = -1.0
    seen: dict[str, int] = {}
    for name in board.signals:
        if not is_signal_name(name):
            right = (
                "Letters, digits and _ name a signal; names of functions, and t, frame, beat and the like, are taken."
            )
            raise Unfit(f"`{name}` cannot be the name of a signal.", right, ("signals", name))
    _check_names(board, board.look, None)
    for index, scene in enumerate(board.scenes):
        if index == 0 and scene.start != 0:
            raise Unfit(
                f"The first scene starts at {scene.start}.",
                "The first scene always starts with the song: write start = 0.0.",
                ("start",),
                index,
            )
        if scene.id in seen:
            raise Unfit(
                f'`id` is "{scene.id}", as in scene {seen[scene.id] + 1}.',
                "Every scene needs an id of its own; leave the line out, and one is made.",
                ("id",),
                index,
            )
        if not scene.start > before:
            raise Unfit(
                f"Scene {index + 1} starts at {scene.start}, but scene {index} before it starts at {before}.",
                "Each scene has to start after the one above it.",
                ("start",),
                index,
            )
        if scene.end is not None and scene.end < scene.start:
            raise Unfit(
                f"`end` is {scene.end}, before the scene's start of {scene.start}.",
                "A line stops being sung after it starts; leave `end` out where that is not known.",
                ("end",),
                index,
            )
        _check_theme(board.look.themes, scene.theme, index)
        _check_names(board, scene, index)
        seen[scene.id] = index
        before = scene.start


def _check_names(board: Storyboard, values: Look | Scene, index: int | None) -> None:
    """Unfit where a text that gives numbers uses a name that is neither a signal nor known."""
    for name, value in zip(PARAMETERS, values_of(values), strict=True):
        if not isinstance(value, str):
            continue
        try:
            parse(value, frozenset(board.signals))
        except ExpressionError as error:
            path = ("look", name) if index is None else (name,)
            raise Unfit(f"`{name}` is {shown(value)}: {error.message}", error.right, path, index) from None


def _check_theme(themes: tuple[str, ...], theme: int | str | None, index: int) -> None:
    if isinstance(theme, int) and theme > len(themes):
        count = len(themes)
        have = f"there are {count}" if count > 1 else "there is 1" if count else "there are none"
        right = f"Write a number from 1 to {count}, or the theme itself in quotes."
        if not count:
            right = "Write the theme itself in quotes, or list it in themes under [look]."
        raise Unfit(f"`theme` is {shown(theme)}, but {have} in [look].", right, ("theme",), index)


def is_time(value: object) -> bool:
    """Whether `value` is a finite number (no bool), as every time in seconds has to be."""
    return not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value)


PICTURE_KEYS: Mapping[str, tuple[str, ...]] = {
    "diffusers": (
        *("model", "revision", "variant", "config", "loras", "scheduler", "steps", "guidance_scale", "safety"),
        *("dtype", "compile"),
    ),
    "stability": ("api", "model", "variation_model", "style_preset", "cfg_scale", "steps", "at_once"),
}
"""What these engines read in their own tables: whoever writes it elsewhere is told where it belongs."""
