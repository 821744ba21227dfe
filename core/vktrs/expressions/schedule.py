"""Deforum's schedules: `0: (1.0), 30: (1.02)`, keyframes with a value each, linear in between. Pure.

As in Deforum (`animation_key_frames.py` of its extension):

- a value that is a plain number is a point, and the frames between two points lie on the line between them;
- a value with math in it holds from its keyframe until the next one, computed for every frame, and so ends a line too;
- what stands last is held; brackets around a value and quotation marks may be there or not;
- `t` is the number of the frame, `max_f` that of the last frame, in keyframes (`max_f - 1: (2)`) and values.

Otherwise than there, nothing that was written is dropped: a keyframe behind the end of a scene is where its line leads
to, the first value holds before the first keyframe, and a keyframe that is written twice is an error. `s`, the seed,
and signals are not known in a schedule.
"""

from __future__ import annotations

import ast
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vktrs.expressions.faults import ExpressionError, shown
from vktrs.expressions.formula import Formula, read_formula
from vktrs.expressions.vocabulary import SCHEDULE_NAMES

LONGEST = 1_000_000
"""Characters of one schedule."""

_MARK = re.compile(r"[(),:]")
_NUMBER = r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_POINT = re.compile(rf"\s*(?:\(\s*{_NUMBER}\s*\)|{_NUMBER})\s*")
_FRAME = re.compile(r"[0-9]{1,9}")
_WRITE = 'Write a schedule as in "0: (1.0), 30: (1.02)".'

Keyframe = tuple[int | Formula, float | Formula]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Keyframes in the order in which they were written: the frame and its value."""

    keyframes: tuple[Keyframe, ...]

    @property
    def uses(self) -> frozenset[str]:
        """Of `frame` and `frames`, those that its values depend on."""
        formulas = (each for keyframe in self.keyframes for each in keyframe if isinstance(each, Formula))
        named = {SCHEDULE_NAMES[name] for each in formulas for name in each.uses}
        return frozenset(named if self.constant is not None else {*named, "frame"})

    @property
    def constant(self) -> float | None:
        """Its value where that is one number, whatever the frame."""
        values = {value for _, value in self.keyframes}
        only = values.pop()
        return None if values or isinstance(only, Formula) else only

    def values(self, frames: Sequence[int], count: int) -> Iterator[float]:
        """The value in each of these frames (from 0) of a scene that has `count` of them."""
        numbers, values = self._placed(count)
        for frame in frames:
            try:
                yield _value(numbers, values, frame, count)
            except ExpressionError as error:
                raise error.in_frame(frame) from None

    def _placed(self, count: int) -> tuple[list[int], list[float | Formula]]:
        """Keyframes in the order of their frames; of two that fall on one frame the one that was written last."""
        placed = {_number(frame, count): value for frame, value in self.keyframes}
        numbers = sorted(placed)
        return numbers, [placed[number] for number in numbers]


def _number(frame: int | Formula, count: int) -> int:
    return int(frame.value({"max_f": float(count - 1)})) if isinstance(frame, Formula) else frame


def _value(numbers: Sequence[int], values: Sequence[float | Formula], frame: int, count: int) -> float:
    index = max(bisect_right(numbers, frame) - 1, 0)
    value = values[index]
    if isinstance(value, Formula):
        return _at(value, max(frame, numbers[index]), count)
    if index + 1 == len(numbers) or frame <= numbers[index]:
        return value
    target = _at(values[index + 1], numbers[index + 1], count)
    if target == value:
        return value
    share = (frame - numbers[index]) / (numbers[index + 1] - numbers[index])
    return value * (1 - share) + target * share  # never beyond both, however large they are


def _at(value: float | Formula, frame: int, count: int) -> float:
    return value.value({"t": float(frame), "max_f": float(count - 1)}) if isinstance(value, Formula) else value


def read_schedule(text: str) -> Schedule:
    """The schedule in `text`; ExpressionError where it is none."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the schedule has {len(text)} characters", f"It may have {LONGEST}.", LONGEST + 1)
    plain = text.replace('"', " ").replace("'", " ")
    keyframes: list[Keyframe] = []
    seen: set[int] = set()
    for start, colon, end in _pieces(plain):
        frame = _read_frame(plain, start, colon)
        if isinstance(frame, int):
            if frame in seen:
                raise ExpressionError(
                    f"keyframe {frame} is written twice", "Leave one of them out.", _first(plain, start)
                )
            seen.add(frame)
        keyframes.append((frame, _read_value(plain, colon + 1, end)))
    return Schedule(tuple(keyframes))


def _pieces(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each keyframe starts, where its colon stands and where it ends; a comma at the very end is nothing."""
    start, colon, depth = 0, -1, 0
    for mark in _MARK.finditer(text):
        depth = max(depth + {"(": 1, ")": -1}.get(mark[0], 0), 0)
        if depth == 0 and mark[0] == ":":
            if colon >= 0:
                raise ExpressionError("a comma is missing before this colon", _WRITE, mark.start() + 1)
            colon = mark.start()
        elif depth == 0 and mark[0] == ",":
            yield _piece(text, start, colon, mark.start())
            start, colon = mark.end(), -1
    if start == 0 or text[start:].strip():
        yield _piece(text, start, colon, len(text))


def _piece(text: str, start: int, colon: int, end: int) -> tuple[int, int, int]:
    if colon < 0:
        written = text[start:end].strip()
        found = f"{shown(written)} has no keyframe and colon before it" if written else "a keyframe is missing"
        raise ExpressionError(found, _WRITE, _first(text, start))
    return start, colon, end


def _first(text: str, start: int) -> int:
    """The position of the first character from `start` on that is no space."""
    return 1 + len(text) - len(text[start:].lstrip()) if text[start:].strip() else 1 + start


def _read_frame(text: str, start: int, end: int) -> int | Formula:
    written = text[start:end].strip()
    if _FRAME.fullmatch(written):
        return int(written)
    formula = read_formula(text[start:end], {"max_f"}, frozenset(), start)
    if not formula.uses:
        right = "It is a whole number of at most nine digits, or made of max_f, as in `max_f - 1`."
        raise ExpressionError(f"{shown(written)} is no keyframe", right, _first(text, start))
    return formula


def _read_value(text: str, start: int, end: int) -> float | Formula:
    point = _POINT.fullmatch(text, start, end)
    if point and math.isfinite(float(point[1] or point[2])):  # most keyframes of a long schedule: no tree for these
        return float(point[1] or point[2])
    formula = read_formula(text[start:end], SCHEDULE_NAMES.keys(), frozenset(), start)
    number = _signed_number(formula.tree)
    return formula if number is None else number


def _signed_number(tree: ast.expr) -> float | None:
    """The number that a tree is, were it in brackets or behind a sign; None where something has to be computed."""
    match tree:
        case ast.Constant(value=float() as value):
            return value
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=ast.Constant(value=float() as value)):
            return -value if isinstance(sign, ast.USub) else value
    return None
