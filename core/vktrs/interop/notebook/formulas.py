"""Expressions of the notebook, which it gave to Python's eval, as expressions here: `noise_reactive[t] * np.sin(t)`.

Python's parser reads them, nothing runs them. What they could name there and has no counterpart here is refused. A
`Line` is an expression between two ends, as a mapping asks for it, kept apart so that turning it around stays readable.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from vktrs.expressions import CONSTANTS, FUNCTIONS, ExpressionError, parse

LONGEST = 2000
"""Characters of one expression."""

_FRAME = {"t": "t", "frame_id": "frame", "scene_id": "(scene - 1)", "theme_id": "(theme - 1)"}
_RENAMED = {
    "maximum": "max",
    "minimum": "min",
    "power": "pow",
    "absolute": "abs",
    "fabs": "abs",
    "clip": "clamp",
    "around": "round",
    "amax": "max",
    "amin": "min",
}
_MODULES = ("np", "numpy", "math")


class NoFormula(ValueError):
    """Why an expression is not taken over; a sentence without its end."""


@dataclass(frozen=True, slots=True)
class Line:
    """`base + slope * text`; `text` is an expression of this program, or "" where the value is `base`."""

    text: str
    base: float = 0.0
    slope: float = 1.0

    def scaled(self, factor: float, added: float) -> Line:
        """`added + factor *` this."""
        return replace(self, base=added + factor * self.base, slope=factor * self.slope)

    def written(self) -> float | str:
        """As a storyboard has it: a number, or an expression."""
        base, slope = (float(f"{value:.12g}") + 0.0 for value in (self.base, self.slope))
        if not self.text or slope == 0:
            return base
        if (base, slope) == (0, 1):
            return self.text
        whole = self.text if self.text.isidentifier() else f"({self.text})"
        term = whole if abs(slope) == 1 else f"{_number(abs(slope))} * {whole}"
        if base == 0:
            return f"-{term}" if slope < 0 else term
        return f"{_number(base)} {'-' if slope < 0 else '+'} {term}"


def _number(value: float) -> str:
    """Without the last digits, which sums of decimal fractions leave behind."""
    return f"{value:.12g}"


def mapped(text: str, low: float, high: float, inverted: bool, signals: Mapping[str, Line]) -> Line:
    """The value that a mapping gives: the expression stretched from 0..1 to `low`..`high`, turned around before.

    `signals` are the signals of the notebook by their names there, and what each of them is here. NoFormula where the
    expression has no counterpart.
    """
    line = translated(text, signals)
    if inverted:
        line = line.scaled(-1.0, 1.0)
    return line.scaled(high - low, low)


def translated(text: str, signals: Mapping[str, Line]) -> Line:
    """The expression `text` as one of this program."""
    if len(text) > LONGEST:
        raise NoFormula(f"the expression has {len(text)} characters, {LONGEST} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser's advice on how to write Python is for whoever wrote it
            tree = ast.parse(text.strip(), mode="eval").body
        new = ast.fix_missing_locations(_Translation(signals).visit(tree))
        if isinstance(new, ast.Constant):
            return Line("", float(str(new.value)))
        if isinstance(new, ast.Name) and isinstance(tree, ast.Subscript):
            return Line(new.id)
        written = ast.unparse(new)
        parse(written, _named(signals))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = str(error) if isinstance(error, NoFormula) else "it is no expression"
        raise NoFormula(why) from None
    except ExpressionError as error:
        raise NoFormula(error.message.rstrip(".")) from None
    return Line(written)


def _named(signals: Mapping[str, Line]) -> Collection[str]:
    return {line.text for line in signals.values()}


class _Translation(ast.NodeTransformer):
    """Names, indices and modules of the notebook replaced; whatever is not known is refused."""

    def __init__(self, signals: Mapping[str, Line]) -> None:
        self.signals = signals

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name not in self.signals:
            raise NoFormula(f"{ast.unparse(node.value)[:60]} is no signal of the project")
        if not (isinstance(node.slice, ast.Name) and node.slice.id == "t"):
            raise NoFormula(
                f"{ast.unparse(node)[:60]} asks for another time than t; a signal with shift(seconds) does that"
            )
        return _tree(self.signals[name])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in _FRAME:
            return ast.parse(_FRAME[node.id], mode="eval").body
        if node.id in self.signals:
            raise NoFormula(f"the signal {node.id} stands without its time, [t]")
        return _constant(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in _MODULES:
            return _constant(node.attr)
        raise NoFormula(f"{ast.unparse(node)[:60]} is not known here")

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        name = ""
        if isinstance(function, ast.Name):
            name = function.id
        elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            name = function.attr if function.value.id in _MODULES else ""
        name = _RENAMED.get(name, name)
        if name not in FUNCTIONS or node.keywords:
            raise NoFormula(f"the function {ast.unparse(function)[:60]} is not known here")
        return ast.Call(ast.Name(name), [self.visit(each) for each in node.args], [])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise NoFormula(f"{ast.unparse(node)[:60]} is no number")
        return node


def _constant(name: str) -> ast.expr:
    if name in CONSTANTS:
        return ast.Name(name)
    if name == "inf" or name not in dir(math):
        raise NoFormula(f"{name[:60]} is not known here")
    raise NoFormula(f"{name[:60]} stands without its values")


def _tree(line: Line) -> ast.expr:
    return ast.parse(str(line.written()), mode="eval").body
