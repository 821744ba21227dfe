"""What a person types into a cell, and the value that it means; and a value as the text that an editor starts with.

Ranges and types are the schema's: one table of rules for the file and for the studio. A text that means nothing raises
InputError with what would be right; it never changes anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from vktrs.errors import InputError
from vktrs.expressions import ExpressionError, parse
from vktrs.motion import Border, ColorCoherence
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.model import Animation, Order, Scene, Storyboard
from vktrs.storyboard.schema import LONGEST, SCENE_DEFAULTS, Unfit, checked, shown
from vktrs.storyboard.snapping import beats_away, frame_time, nearest_beat
from vktrs.timing import boundary, format_clock, parse_clock

Kind = Literal["time", "line", "text", "choice", "number", "amount", "path"]
"""How a field is edited; an amount is a number or a text that stands for one: an expression, a schedule, a beat."""

NOTHING = '""'
"""Typed (and shown) for a text that is written, and empty: no caption here, whatever is inherited."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a scene that can be edited; with `inherits`, leaving it empty lets what holds without it hold."""

    name: str
    kind: Kind
    label: str
    inherits: bool


FIELDS: tuple[Field, ...] = (
    Field("start", "time", "start", False),
    Field("end", "time", "end of the line", True),
    Field("text", "text", "lyric", False),
    Field("prompt", "text", "prompt", True),
    Field("theme", "choice", "theme", True),
    Field("animation", "choice", "animation", True),
    Field("variations", "number", "variations", True),
    Field("consistency", "amount", "consistency", True),
    Field("order", "choice", "order", True),
    Field("hold", "number", "hold", True),
    Field("loop", "amount", "loop", True),
    Field("transition", "number", "fade in", True),
    Field("cadence", "number", "cadence", True),
    Field("strength", "amount", "strength", True),
    Field("zoom", "amount", "zoom", True),
    Field("angle", "amount", "angle", True),
    Field("translation_x", "amount", "move x", True),
    Field("translation_y", "amount", "move y", True),
    Field("transform_center_x", "amount", "centre x", True),
    Field("transform_center_y", "amount", "centre y", True),
    Field("noise", "amount", "noise", True),
    Field("guidance_scale", "amount", "guidance", True),
    Field("border", "choice", "border", True),
    Field("color_coherence", "choice", "colours", True),
    Field("seed", "number", "seed", True),
    Field("prompt_lag", "number", "prompt lag", True),
    Field("negative_prompt", "text", "negative prompt", True),
    Field("caption", "line", "caption", True),
    Field("section", "choice", "section", True),
    Field("picture", "path", "picture", True),
    Field("locked", "choice", "locked", False),
)
"""Every field that can be edited, in the order of an inspector."""

_FIELDS: Mapping[str, Field] = {field.name: field for field in FIELDS}
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "animation": get_args(Animation),
    "order": get_args(Order),
    "border": get_args(Border),
    "color_coherence": get_args(ColorCoherence),
}
LOOPS = ("none", "beat", "2 beats", "bar", "2 bars", "4 bars")
"""What a cycle may last, as it is offered; seconds and other counts may be typed."""
_SHARES = ("consistency", "strength", "noise")
"""Amounts that may be typed as so many percent."""
_YES = ("yes", "true", "on", "1")
_NO = ("no", "false", "off", "0")

_TIME_HINT = "Write 12.5 or 1:02.250; +0.1 or -2f or +1b from where it was; 120f, beat, or now."
_UNIT = re.compile(r"(?P<sign>[+-])?\s*(?P<amount>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>ms|f|frames?|b|beats?)")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_LOOP = re.compile(r"(?:(\d{1,2}) ?)?(beat|bar)s?")
_THEME = re.compile(r"([0-9]+)(?:\s+(.*))?", re.DOTALL)


def parse_time(
    text: str,
    *,
    current: float | None,
    fps: Fraction,
    beats: Sequence[float] = (),
    playhead: float | None = None,
) -> float:
    """The time in seconds that `text` means for a cell that holds `current`.

    `12.5`, `1:02.250`, `90s`, `500ms` and `120f` (a frame, from 0) say when. `+0.1`, `-2f` and `+1b` (beats) count from
    where it was; `beat` is the beat nearest to that, `now` or `.` the playhead. A comma is as good as a point.
    """
    typed = " ".join(text.lower().replace("−", "-").replace(",", ".").split())
    try:
        seconds = _time(typed, current, fps, beats, playhead)
    except (ValueError, OverflowError):
        raise InputError(f"{shown(text)} is no time.", _TIME_HINT) from None
    if seconds < 0:
        raise InputError(f"{shown(text)} would be before the song begins.", "Write a time from 0 on.")
    if not seconds <= LONGEST:
        raise InputError(f"{shown(text)} is no time in a song: it is days away.", _TIME_HINT)
    return round(seconds, 6)


def parse_field(field: str, text: str, board: Storyboard | None = None) -> object:
    """The value that `text` means in a field of a scene: what `edits.set_field` takes, None where it is taken out.

    `board` gives the themes to choose from. Choices may be shortened as long as one is meant. Two quotes alone are
    the empty text. Times here are plain; those that count from something are `parse_time`'s.
    """
    about = _FIELDS.get(field)
    if about is None:
        raise InputError(f"`{field}` cannot be edited here.", f"These can: {', '.join(_FIELDS)}.")
    if field == "text":
        return _fit(field, text)
    if not text.strip():
        if field in ("start", "locked"):
            raise InputError(f"`{field}` cannot be empty.", _TIME_HINT if field == "start" else "Write yes or no.")
        return None
    if about.kind == "time":
        return parse_time(text, current=None, fps=(board or Storyboard()).video.fps)
    if field == "theme":
        return _theme(text, (board or Storyboard()).look.themes)
    if field == "locked":
        return _named(field, text, (*_YES, *_NO)) in _YES
    if about.kind == "choice" and field in _OPTIONS:
        return _named(field, text, _OPTIONS[field])
    if field in PARAMETERS:
        return _amount(field, text, board)
    if field == "loop":
        return _loop(text)
    if about.kind == "number":
        return _number(field, text)
    if about.kind in ("path", "choice"):
        return _fit(field, text.strip())
    return _fit(field, "" if text.strip() == NOTHING else text)


def choices(field: str, board: Storyboard) -> tuple[str, ...]:
    """What can be typed into a field with a list of its own, for completing it; nothing for others."""
    if field == "theme":
        return tuple(f"{number} {theme}" for number, theme in enumerate(board.look.themes, start=1))
    if field == "section":
        return tuple(sorted({scene.section for scene in board.scenes if scene.section}))
    if field == "picture":
        return tuple(dict.fromkeys(scene.picture for scene in board.scenes if scene.picture))
    if field == "locked":
        return ("yes", "no")
    if field == "loop":
        return LOOPS
    return _OPTIONS.get(field, ())


def shown_value(field: str, scene: Scene) -> str:
    """The text that an editor of the field starts with: what is written in the scene, empty where nothing is."""
    value = getattr(scene, field)
    if value is None:
        return ""
    if field in ("start", "end"):
        return exact_clock(value)
    if field == "locked":
        return "yes" if value else "no"
    if field == "theme" and isinstance(value, str):
        plain = value and value.strip() == value and value[0] != '"' and not _THEME.fullmatch(value)
        return value if plain else f'"{value}"'
    if value == "" and SCENE_DEFAULTS[field] is None:
        return NOTHING
    if field in PARAMETERS and isinstance(value, str):
        return f'"{value}"' if _is_number(field, value) or value.strip()[:1] == '"' else value
    return str(value)


def exact_clock(seconds: float) -> str:
    """A time as `m:ss.mmm`, with more digits (up to six) where it has them."""
    decimals = next((digits for digits in range(3, 6) if abs(round(seconds, digits) - seconds) < 1e-9), 6)
    return format_clock(seconds, decimals)


def _time(typed: str, current: float | None, fps: Fraction, beats: Sequence[float], playhead: float | None) -> float:
    if typed in ("now", "."):
        if playhead is None:
            raise InputError("There is no playhead here.", _TIME_HINT)
        return round(playhead, 3)
    if typed in ("beat", "b"):
        beat = nearest_beat(_from(current if current is not None else playhead), beats)
        if beat is None:
            raise InputError("The beats of the song are not known.", "Run to the stage structure, or write a time.")
        return beat
    if match := _UNIT.fullmatch(typed):
        return _counted(match, current, fps, beats)
    if typed[:1] in ("+", "-"):
        by = parse_clock(typed[1:].removesuffix("s"))
        return round(_from(current) + (-by if typed[0] == "-" else by), 6)
    return parse_clock(typed.removesuffix("s"))


def _counted(match: re.Match[str], current: float | None, fps: Fraction, beats: Sequence[float]) -> float:
    """The time that a number of milliseconds, frames or beats stands for: from where it was, where it has a sign."""
    amount = float(match["amount"]) * (-1 if match["sign"] == "-" else 1)
    unit = match["unit"][0]
    if unit == "m":
        return round((_from(current) if match["sign"] else 0.0) + amount / 1000, 6)
    if unit == "b":
        if not match["sign"]:
            raise InputError(
                f"{shown(match[0])} does not say from where.", "Write +1b or -1b, or beat for the nearest."
            )
        return beats_away(_from(current), amount, beats)
    if not amount.is_integer():
        raise InputError(f"{shown(match[0])} is not a whole number of frames.", "Write +2f, -2f, or 120f.")
    first = boundary(_from(current), fps) if match["sign"] else 0
    return frame_time(first + int(amount), fps)


def _from(current: float | None) -> float:
    if current is None:
        raise InputError("There is no time here to count from.", "Write a time such as 12.5 or 1:02.250.")
    return current


def _theme(text: str, themes: Sequence[str]) -> object:
    """The number of a listed theme, also with its text as in `choices`; else a theme of its own, in quotes whatever."""
    typed = text.strip()
    if len(typed) >= 2 and typed[0] == typed[-1] == '"':
        return _fit("theme", typed[1:-1])
    match = _THEME.fullmatch(typed)
    if match is None or (match[2] and f"{int(match[1][:9])} {match[2]}" not in _listed(themes)):
        return _fit("theme", typed)
    number = int(match[1][:9])
    if not 1 <= number <= len(themes):
        there = f"There are {len(themes)}: {', '.join(_listed(themes))}." if themes else "There are none in [look]."
        raise InputError(f"There is no theme {number}.", f'{there} A theme of its own may stand in quotes: "{typed}".')
    return number


def _listed(themes: Sequence[str]) -> list[str]:
    return [f"{number} {theme}" for number, theme in enumerate(themes, start=1)]


def _named(field: str, text: str, options: Sequence[str]) -> str:
    """The one of the options that is meant: it itself, or the only one that begins so."""
    typed = text.strip().casefold()
    meant = [option for option in options if option.casefold() == typed] or [
        option for option in options if option.casefold().startswith(typed)
    ]
    if len(meant) == 1:
        return meant[0]
    asked = meant or (("yes", "no") if field == "locked" else _OPTIONS[field])
    raise InputError(f"`{field}` cannot be {shown(text.strip())}.", f"Choose one of {', '.join(asked)}.")


def _number(field: str, text: str) -> object:
    """A whole number, or for a time in seconds any."""
    typed = text.strip().replace("−", "-")
    if field == "transition":
        number = _float(typed.removesuffix("s"))
        return _fit(field, typed if number is None else number)
    return _fit(field, int(typed) if _WHOLE.fullmatch(typed) and len(typed) < 20 else typed)


def _amount(field: str, text: str, board: Storyboard | None) -> object:
    """A number, or a text that gives one for each frame, kept as it was typed; quotes around it are none of it."""
    typed = text.strip()
    if len(typed) >= 2 and typed[0] == typed[-1] == '"':
        text = typed[1:-1]
    elif _is_number(field, text):
        return _fit(field, _number_of(field, text))
    if board is not None:
        try:
            parse(text, frozenset(board.signals))
        except ExpressionError as error:
            where = f", character {error.position}" if error.position is not None else ""
            raise InputError(f"`{field}`{where}: {error.found}.", error.right) from None
    return _fit(field, text)


def _is_number(field: str, text: str) -> bool:
    return _number_of(field, text) is not None


def _number_of(field: str, text: str) -> float | None:
    typed = text.strip().replace("−", "-")
    if typed.endswith("%") and field in _SHARES:
        share = _float(typed[:-1])
        return None if share is None else round(share / 100, 9)
    return _float(typed)


def _loop(text: str) -> object:
    """Seconds, or a count of beats or bars, as the file has them: `1 bar` is `bar`, `2 bar` is `2 bars`."""
    typed = " ".join(text.casefold().split())
    number = _float(typed.removesuffix("seconds").removesuffix("s") if typed[:1].isdigit() else typed)
    if number is not None:
        return _fit("loop", number)
    match = _LOOP.fullmatch(typed)
    if match is None:
        return _fit("loop", typed)
    count = int(match[1] or 1)
    return _fit("loop", match[2] if count == 1 else f"{count} {match[2]}s")


def _float(typed: str) -> float | None:
    try:
        return float(typed.strip().replace(",", "."))
    except ValueError:
        return None


def _fit(field: str, value: object) -> object:
    try:
        return checked("scenes", field, value)
    except Unfit as error:
        raise InputError(error.found, error.right) from None
