"""The grammar of expressions: which characters and words there are, and which may follow which. Pure text.

Python's parser reads what passes; its own errors differ from version to version, so nearly all mistakes are found here.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field

from vktrs.expressions.faults import ExpressionError, shown

MOST_BRACKETS = 50
"""How many brackets may be open at once."""

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>(),])"
)
_GLUED = re.compile(r"[A-Za-z0-9_.]+")
_BETWEEN = frozenset({"if", "else", "and", "or"})
_BEFORE = frozenset({"+", "-", "not"})
_BEFORE_NOT = frozenset({"", "(", ",", "not", *_BETWEEN})
_INSTEAD = {
    "^": "Write `**` for a power.",
    "&": "Write `and`.",
    "|": "Write `or`.",
    "!": "Write `not`, or `!=`.",
    "=": "Write `==` to compare.",
    "[": "Write round brackets.",
    "{": "Write round brackets.",
    '"': "Leave the quotation marks out.",
    "'": "Leave the quotation marks out.",
    ":": 'A schedule is written as in "0: (1.0), 30: (1.02)".',
}
_TERNARY = "Write `a if condition else b`."
_MAY_STAND = "There may be numbers, names, functions, + - * / // % **, comparisons, and, or, not, if and else."


@dataclass
class _Bracket:
    """An open one, its position, and that of an `if` in it that has no `else` yet; the whole text stands in one too."""

    of_function: bool = False
    position: int = 0
    begun_if: int = 0


@dataclass
class _Reading:
    """How far a text is read: whether a value has to come next, the open brackets, and what stood last."""

    at: int
    wants_value: bool = True
    open: list[_Bracket] = field(default_factory=lambda: [_Bracket()])
    last: tuple[str, str] = ("", "")

    def take(self, kind: str, text: str, place: int) -> None:
        """One token; ExpressionError where it may not stand."""
        position = 1 + self.at + place
        if kind == "name" and keyword.iskeyword(text) and text not in _BETWEEN | _BEFORE:
            raise ExpressionError(f"{shown(text)} cannot stand in an expression", _MAY_STAND, position)
        if text == "(":
            self._open(position)
        elif text == "not" or (text in _BEFORE and self.wants_value):
            self._sign(text, position)
        elif kind in ("number", "name") and text not in _BETWEEN:
            self._value(text, position)
        elif self.wants_value and not (text == ")" and self.last[1] == "(" and self.open[-1].of_function):
            raise ExpressionError(f"a value is missing before {shown(text)}", "", position)
        elif text == ")":
            self._close(position)
        else:
            self._between(text, position)
        self.last = (kind, text)

    def _sign(self, text: str, position: int) -> None:
        if not self.wants_value:
            raise ExpressionError("an operator is missing before `not`", "Write `and not`, or `!=`.", position)
        if text == "not" and self.last[1] not in _BEFORE_NOT:
            raise ExpressionError("`not` stands behind an operator", "Put brackets around it.", position)

    def _value(self, text: str, position: int) -> None:
        if not self.wants_value:
            raise ExpressionError(f"an operator is missing before {shown(text)}", "Write `2 * t`, not `2 t`.", position)
        self.wants_value = False

    def _open(self, position: int) -> None:
        of_function = not self.wants_value and self.last[0] == "name"
        if not (of_function or self.wants_value):
            raise ExpressionError("an operator is missing before `(`", "Write `2 * (t + 1)`.", position)
        if len(self.open) > MOST_BRACKETS:
            raise ExpressionError(f"more than {MOST_BRACKETS} brackets are open", "Make it shorter.", position)
        self.open.append(_Bracket(of_function, position))
        self.wants_value = True

    def _close(self, position: int) -> None:
        if len(self.open) == 1:
            raise ExpressionError("`)` closes nothing", "", position)
        self._end_if()
        self.open.pop()
        self.wants_value = False

    def _between(self, text: str, position: int) -> None:
        inner = self.open[-1]
        if text == "," and not inner.of_function:
            raise ExpressionError("a comma stands outside of a function", "Write a point in 1.5.", position)
        if text == "else" and not inner.begun_if:
            raise ExpressionError("`else` has no `if` before it", _TERNARY, position)
        if text in ("if", ","):
            self._end_if()
        if text in ("if", "else"):
            inner.begun_if = position if text == "if" else 0
        self.wants_value = True

    def _end_if(self) -> None:
        if self.open[-1].begun_if:
            raise ExpressionError("this `if` has no `else`", _TERNARY, self.open[-1].begun_if)

    def end(self, length: int) -> None:
        """The end of the text; ExpressionError where something is still to come."""
        if self.wants_value:
            raise ExpressionError("the text ends where a value is expected", "", 1 + self.at + length)
        if len(self.open) > 1:
            raise ExpressionError("this bracket is never closed", "Write a `)`.", self.open[-1].position)
        self._end_if()


def checked_source(text: str, at: int = 0) -> str:
    """`text` in one line, character for character, fit for Python's parser; ExpressionError where it is no expression.

    Positions in errors are `at` characters further than in `text`.
    """
    reading = _Reading(at)
    source = []
    place = 0
    while place < len(text):
        kind, token = _token(text, place, at)
        if kind != "space":
            reading.take(kind, token, place)
        source.append(_plain(kind, token))
        place += len(token)
    reading.end(len(text.rstrip()))
    return "".join(source)


def _token(text: str, place: int, at: int) -> tuple[str, str]:
    match = _TOKEN.match(text, place)
    if match is None or match.lastgroup is None:
        right = _INSTEAD.get(text[place], _MAY_STAND)
        raise ExpressionError(f"{shown(text[place])} cannot stand in an expression", right, 1 + at + place)
    if match.lastgroup == "number":
        glued = _GLUED.match(text, match.end())
        if glued:
            right = "Write `2 * t`, and numbers as 1.5 or 2e-3."
            raise ExpressionError(f"{shown(match[0] + glued[0])} is no number", right, 1 + at + place)
    return match.lastgroup, match[0]


def _plain(kind: str, token: str) -> str:
    """White space as spaces, and numbers without the zeros in front that Python takes for a slip."""
    if kind == "space":
        return " " * len(token)
    if kind == "number" and token.isdigit():
        return (token.lstrip("0") or "0").rjust(len(token))
    return token
