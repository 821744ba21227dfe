"""One expression: its text, read by a small grammar, as a tree of arithmetic that `evaluator` computes.

Nothing is left to Python's own grammar that `grammar` has not let through: no text in quotes, no attribute, no list, no
lambda. Python's parser then makes the tree, and the tree is checked once more, node by node.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from vktrs.expressions.evaluator import OPERATORS, Evaluator
from vktrs.expressions.faults import ExpressionError, shown
from vktrs.expressions.grammar import checked_source
from vktrs.expressions.vocabulary import CONSTANTS, FUNCTIONS, is_signal_name, known

LONGEST = 1_000
"""Characters of one expression."""

MOST_NESTED = 100
"""How deep operations may stand in each other; a sum of a hundred terms is that deep."""


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression that was checked: its text, its tree, the names it uses, and where it begins in a longer text."""

    text: str
    tree: ast.expr
    uses: frozenset[str]
    at: int = 0

    def value(self, names: Mapping[str, float]) -> float:
        """Its value with these names, which have to hold all that it uses; ExpressionError where it has none."""
        return Evaluator(self.text, self.at).value(self.tree, names)

    def values(self, columns: Mapping[str, Sequence[float]]) -> Iterator[float]:
        """A value for each row of the columns: one for each used name (at least one), all of one length, of floats."""
        evaluator = Evaluator(self.text, self.at)
        for row in zip(*columns.values(), strict=True):
            yield evaluator.value(self.tree, dict(zip(columns, row, strict=True)))


def read_formula(text: str, names: AbstractSet[str], signals: AbstractSet[str] | None, at: int = 0) -> Formula:
    """The expression in `text`, over `names` and `signals` (None: any signal); ExpressionError where it is none.

    Positions in errors count from the start of a longer text in which this one begins behind `at` characters.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters", f"It may have {LONGEST}.", 1 + at + LONGEST)
    source = checked_source(text, at)
    reader = _Reader(at, names, signals)
    tree = reader.checked(_tree(source, at), 1)
    return Formula(text, tree, frozenset(reader.uses), at)


def _tree(source: str, at: int) -> ast.expr:
    # in brackets, so that white space before it means nothing; they make columns count from 1
    try:
        return ast.parse(f"({source})", mode="eval").body
    except SyntaxError as error:
        place = max((error.offset or 0) - 1, 1)
        raise ExpressionError("this is no expression", "Put brackets around its parts.", place + at) from None
    except (RecursionError, MemoryError):
        raise _too_deep(1 + at) from None


def _too_deep(position: int) -> ExpressionError:
    return ExpressionError(f"more than {MOST_NESTED} operations stand in each other", "Make it shorter.", position)


class _Reader:
    """Checks a tree, node by node: known names, known functions, floats; collects the names in `uses`."""

    def __init__(self, at: int, names: AbstractSet[str], signals: AbstractSet[str] | None) -> None:
        self.uses: set[str] = set()
        self._at = at
        self._names = names
        self._signals = signals

    def checked(self, node: ast.expr, depth: int) -> ast.expr:
        """The node with checked nodes in it, its columns counted from 0."""
        node.col_offset -= 1
        node.end_col_offset = (node.end_col_offset or 0) - 1
        if depth > MOST_NESTED:
            raise _too_deep(self._place(node))
        match node:
            case ast.Constant():
                node.value = self._number(node)
            case ast.Name():
                return self._named(node)
            case ast.Call(func=ast.Name() as function, keywords=[]):
                self._check_call(node, function.id)
                node.args = [self.checked(each, depth + 1) for each in node.args]
            case ast.BinOp():
                node.left, node.right = self.checked(node.left, depth + 1), self.checked(node.right, depth + 1)
            case ast.UnaryOp():
                node.operand = self.checked(node.operand, depth + 1)
            case ast.BoolOp():
                node.values = [self.checked(each, depth + 1) for each in node.values]
            case ast.Compare():
                node.left = self.checked(node.left, depth + 1)
                node.comparators = [self.checked(each, depth + 1) for each in node.comparators]
            case ast.IfExp():
                node.test, node.body = self.checked(node.test, depth + 1), self.checked(node.body, depth + 1)
                node.orelse = self.checked(node.orelse, depth + 1)
            case _:
                raise ExpressionError("this is no arithmetic", "", self._place(node))
        self._check_operators(node)
        return node

    def _check_operators(self, node: ast.expr) -> None:
        of_node = [node.op] if isinstance(node, (ast.BinOp, ast.UnaryOp)) else getattr(node, "ops", [])
        if not OPERATORS.issuperset(map(type, of_node)):
            raise ExpressionError("this operator is not known", "", self._place(node))

    def _number(self, node: ast.Constant) -> float:
        try:
            value = float(node.value)  # type: ignore[arg-type]  # the grammar lets nothing but numbers through
        except OverflowError:
            value = math.inf
        if math.isinf(value):
            raise ExpressionError("this number is too large", "", self._place(node))
        return value

    def _named(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in CONSTANTS:
            return ast.copy_location(ast.Constant(CONSTANTS[name]), node)
        if name in FUNCTIONS:
            right = f"Write `{FUNCTIONS[name].signature}`."
            raise ExpressionError(
                f"{shown(name)} is a function, and stands here without its values", right, self._place(node)
            )
        if name not in self._names and not self._is_signal(name):
            names = [*sorted(self._signals or ()), *self._names, *CONSTANTS]
            right = f"Known are {known(name, names)}."
            raise ExpressionError(f"{shown(name)} is not known here", right, self._place(node))
        self.uses.add(name)
        return node

    def _is_signal(self, name: str) -> bool:
        return is_signal_name(name) if self._signals is None else name in self._signals

    def _check_call(self, node: ast.Call, name: str) -> None:
        function = FUNCTIONS.get(name)
        if function is None:
            right = f"Known are {known(name, FUNCTIONS)}."
            raise ExpressionError(f"{shown(name)} is no function", right, self._place(node))
        if any(isinstance(each, ast.Starred) for each in node.args):
            raise ExpressionError("a `*` stands before a value", f"Write `{function.signature}`.", self._place(node))
        count = len(node.args)
        if count < function.least or (function.most is not None and count > function.most):
            found = f"{shown(name)} has {count} value{'s' * (count != 1)} in its brackets"
            raise ExpressionError(found, f"Write `{function.signature}`.", self._place(node))

    def _place(self, node: ast.expr) -> int:
        return 1 + self._at + node.col_offset
