"""The door of this package: a value from storyboard.toml, read once, and computed for the frames of a scene. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vktrs.expressions.faults import ExpressionError, shown
from vktrs.expressions.formula import Formula, read_formula
from vktrs.expressions.schedule import Schedule, read_schedule
from vktrs.expressions.vocabulary import NAMES, known

_ANYTHING = (
    'It should be a number, an expression such as "1 + 0.03 * pulse", or a schedule such as "0: (1.0), 30: (1.02)".'
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parameter of motion that was read.

    `text` is what was written (a number as Python writes it); `uses` are the values of a frame that it depends on,
    signals and `NAMES`; `constant` is its value where it depends on none, else None. Equal where the text is.
    """

    text: str
    uses: frozenset[str] = field(compare=False)
    constant: float | None = field(compare=False)
    form: Formula | Schedule | None = field(compare=False, repr=False)  # how to compute it; None for a constant

    def evaluate(self, names: Mapping[str, float]) -> float:
        """Its value in one frame, whose names hold at least `uses`; ExpressionError where it has no finite one."""
        return evaluate_all(self, names, 1)[0]


def parse(value: float | int | str, names: Collection[str] | None = None) -> Expression:
    """What a parameter of motion holds; ExpressionError where it is neither number, expression nor schedule.

    `names` are those of the signals that there are; None: any name may be one. A text with a colon is a schedule.
    """
    if isinstance(value, str):
        return _read(value, None if names is None else frozenset(names))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError(f"{shown(str(value))} is no number", _ANYTHING)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError(
            "the number is not finite" if math.isnan(number) else "the number is too large", _ANYTHING
        )
    return Expression(str(value), frozenset(), number, None)


def _read(text: str, signals: frozenset[str] | None) -> Expression:
    if not text.strip():
        raise ExpressionError("the text is empty", _ANYTHING, 1)
    if ":" in text:
        schedule = read_schedule(text)
        return Expression(text, schedule.uses, schedule.constant, schedule)
    formula = read_formula(text, NAMES.keys(), signals)
    constant = None if formula.uses else formula.value({})
    return Expression(text, formula.uses, constant, formula)


def evaluate_all(expression: Expression, columns: Mapping[str, Sequence[float] | float], count: int) -> list[float]:
    """Its value in each of `count` frames: finite floats.

    `columns` hold what it uses (and may hold more): `count` values each, or one number for what is the same in all
    frames. `frame` and `frames` are 0, 1, ... and `count` where they are not given. ExpressionError, with the frame,
    where there is no finite value; without one where something that it uses is missing.
    """
    if expression.constant is not None or expression.form is None or count == 0:
        return [expression.constant or 0.0] * count
    given = {"frame": range(count), "frames": float(count), **columns}
    missing = expression.uses - given.keys()
    if missing:
        name = min(missing)
        raise ExpressionError(f"{shown(name)} is not known here", f"Known are {known(name, given)}.")
    filled = {name: _column(name, given[name], count) for name in expression.uses | {"frame", "frames"}}
    if isinstance(expression.form, Schedule):
        return list(expression.form.values([int(frame) for frame in filled["frame"]], int(filled["frames"][0])))
    return _computed(expression.form, filled)


def _column(name: str, values: Sequence[float] | float, count: int) -> Sequence[float]:
    """`count` floats, whatever kind of numbers they came as."""
    if not isinstance(values, Iterable):
        return [float(values)] * count
    column = [float(value) for value in values]
    if len(column) != count:
        raise ValueError(f"{name} has {len(column)} values for {count} frames")
    return column


def _computed(formula: Formula, columns: Mapping[str, Sequence[float]]) -> list[float]:
    values: list[float] = []
    try:
        values.extend(formula.values({name: columns[name] for name in formula.uses}))
    except ExpressionError as error:
        raise error.in_frame(int(columns["frame"][len(values)])) from None
    return values
