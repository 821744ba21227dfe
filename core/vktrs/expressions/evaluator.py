"""simpleeval with nothing in it but arithmetic on floats: no attribute, no text, no list, no call but the listed ones.

What is computed was checked by `formula` before; this is the second wall, and it is made of another stone.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from simpleeval import SimpleEval

from vktrs.expressions.faults import ExpressionError, shown
from vktrs.expressions.vocabulary import FUNCTIONS


def _truth(compare: Callable[[Any, Any], bool]) -> Callable[[float, float], float]:
    """A comparison whose answer is a float too: sums of bools would be whole numbers, which may grow for ever."""
    return lambda a, b: float(compare(a, b))


_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,  # knows no complex numbers, and says when it overflows
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: lambda a: float(not a),
    ast.Lt: _truth(operator.lt),
    ast.LtE: _truth(operator.le),
    ast.Gt: _truth(operator.gt),
    ast.GtE: _truth(operator.ge),
    ast.Eq: _truth(operator.eq),
    ast.NotEq: _truth(operator.ne),
}
OPERATORS = frozenset(_OPERATORS)
"""What may stand between values, and before one."""

_CALLS = {name: function.call for name, function in FUNCTIONS.items()}
_COMPUTING = (ast.BinOp, ast.Call)
_NODES = (ast.Constant, ast.Name, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, *_COMPUTING)


class Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """Computes checked expressions, with the values of `names`, all of them floats. Not for two threads at once.

    ExpressionError, with the position in `text`, for what has no value.
    """

    nodes: dict[type[ast.AST], Callable[[Any], float]]

    def __init__(self, text: str, at: int) -> None:
        """`text` is what positions are shown from; a column of the tree is `at` characters further in all of it."""
        super().__init__(operators=_OPERATORS, functions=_CALLS, names={})
        self._text = text
        self._at = at
        self.nodes = {kind: self.nodes[kind] for kind in _NODES}
        self.nodes |= {kind: self._placed(self.nodes[kind]) for kind in _COMPUTING}

    def value(self, tree: ast.expr, names: Mapping[str, float]) -> float:
        """The value of a checked tree; a finite float."""
        self.names = names
        value = float(self.eval(self._text, tree))
        if not math.isfinite(value):
            raise ExpressionError(f"the value is {value}", "It has to be finite.")
        return value

    def _placed(self, compute: Callable[[Any], float]) -> Callable[[Any], float]:
        def placed(node: Any) -> float:
            try:
                return compute(node)
            except (ArithmeticError, ValueError) as error:
                piece = shown(self._text[node.col_offset : node.end_col_offset])
                raise ExpressionError(f"{piece} {_why(error)}", "", 1 + self._at + node.col_offset) from None

        return placed


def _why(error: ArithmeticError | ValueError) -> str:
    if isinstance(error, ZeroDivisionError):
        return "divides by zero"
    return "is too large" if isinstance(error, OverflowError) else "has no value, not among real numbers"
