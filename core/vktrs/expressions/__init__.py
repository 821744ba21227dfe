"""What a parameter of motion may be: a number, an expression over named values, or a Deforum schedule. Pure.

    zoom = 1.02
    zoom = "1.002 + 0.03 * pulse"
    zoom = "0: (1.0), 30: (1.02)"

A text comes from a file that a stranger may have written. So it is read by a grammar that knows numbers, names,
operators and listed functions and nothing else (`grammar`, `formula`), and computed by simpleeval with no more than
that in it (`evaluator`): all values are floats, so that no power takes long, and what has no finite value is an error
that names the frame. `expression` is the door; `schedule` reads Deforum's notation and `tracing` writes it;
`vocabulary` says what may be named.

This package opens no file, keeps no state and knows no storyboard; importing it is light.
"""

from vktrs.expressions.expression import Expression, evaluate_all, parse
from vktrs.expressions.faults import ExpressionError
from vktrs.expressions.tracing import as_schedule
from vktrs.expressions.vocabulary import CONSTANTS, FUNCTIONS, NAMES, RESERVED, Function, is_signal_name

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "NAMES",
    "RESERVED",
    "Expression",
    "ExpressionError",
    "Function",
    "as_schedule",
    "evaluate_all",
    "is_signal_name",
    "parse",
]
