"""What an expression may name: values of a frame, constants and functions; and what a signal may be called."""

from __future__ import annotations

import difflib
import keyword
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

NAMES: Mapping[str, str] = {
    "t": "seconds in the song",
    "ts": "seconds in the scene",
    "frame": "the frame in the scene, from 0",
    "frames": "how many frames the scene has",
    "scene": "the number of the scene, from 1",
    "theme": "the number of the theme, from 1; 0 where there is none",
    "beat": "how far the current beat is, from 0 to 1; 0 where there are none",
    "bar": "how far the current bar is, from 0 to 1; 0 where there are none",
    "fps": "frames per second",
    "tempo": "beats per minute; 0 where there are none",
}
"""The values that every frame has, whatever the signals, and what each of them is."""

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "tau": math.tau, "e": math.e}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of floats that gives a float: how it is written, and how many values it takes (`most` None: any)."""

    signature: str
    call: Callable[..., float]
    least: int = 1
    most: int | None = 1


def _clamp(x: float, low: float, high: float) -> float:
    return max(low, min(high, x))


def _lerp(a: float, b: float, x: float) -> float:
    return a + (b - a) * x


def _smoothstep(a: float, b: float, x: float) -> float:
    share = _clamp((x - a) / (b - a), 0.0, 1.0) if a != b else float(x >= a)
    return share * share * (3 - 2 * share)


def _round(x: float, digits: float = 0.0) -> float:
    return round(x, int(_clamp(digits, -300, 300)))


def _where(condition: float, a: float, b: float) -> float:
    return a if condition else b


def _of_one(*calls: Callable[[float], float]) -> Iterable[Function]:
    return (Function(f"{call.__name__}(x)", call) for call in calls)


_FUNCTIONS = (
    *_of_one(math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh),
    *_of_one(math.exp, math.log10, math.sqrt),
    Function("atan2(y, x)", math.atan2, 2, 2),
    Function("log(x, base)", math.log, 1, 2),
    Function("abs(x)", math.fabs),
    Function("floor(x)", lambda x: float(math.floor(x))),
    Function("ceil(x)", lambda x: float(math.ceil(x))),
    Function("round(x, digits)", _round, 1, 2),
    Function("min(a, b, ...)", min, 2, None),
    Function("max(a, b, ...)", max, 2, None),
    Function("pow(x, y)", math.pow, 2, 2),
    Function("hypot(x, y)", math.hypot, 2, 2),
    Function("clamp(x, low, high)", _clamp, 3, 3),
    Function("lerp(a, b, x)", _lerp, 3, 3),
    Function("smoothstep(a, b, x)", _smoothstep, 3, 3),
    # as numexpr calls them, for schedules that were written for Deforum
    Function("arcsin(x)", math.asin),
    Function("arccos(x)", math.acos),
    Function("arctan(x)", math.atan),
    Function("arctan2(y, x)", math.atan2, 2, 2),
    Function("where(condition, a, b)", _where, 3, 3),
)
FUNCTIONS: Mapping[str, Function] = {each.signature.partition("(")[0]: each for each in _FUNCTIONS}
"""All functions, by their names."""

SCHEDULE_NAMES: Mapping[str, str] = {"t": "frame", "max_f": "frames"}
"""What Deforum's schedules may name, and the value of a frame that each of them is made of."""

RESERVED = frozenset({*NAMES, *CONSTANTS, *FUNCTIONS, *SCHEDULE_NAMES, "s", *keyword.kwlist})
"""Names that no signal may take: they mean something here, in Deforum or in Python already."""

_SIGNAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def is_signal_name(text: str) -> bool:
    """Whether a signal may be called so: a letter, then letters, digits and _ (all ASCII), and not reserved."""
    return _SIGNAL_NAME.fullmatch(text) is not None and text not in RESERVED


def known(wanted: str, names: Iterable[str]) -> str:
    """All these names in a row, those that are most like the one that was wanted first."""
    every = list(names)
    near = difflib.get_close_matches(wanted.lower()[:80], {name.lower() for name in every}, 3)
    first = sorted((name for name in every if name.lower() in near), key=lambda name: near.index(name.lower()))
    return ", ".join([*first, *(name for name in every if name.lower() not in near)])
