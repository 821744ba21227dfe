"""Reads a chain, says what is wrong with one and where, and writes it in one way. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from vktrs.chains.operations import OPERATIONS, Domain, OperationKind, Parameter
from vktrs.errors import InputError

MOST_OPERATIONS = 32
"""Nobody needs more, and a file may come from a stranger."""

NARROWEST_BAND = 1.0
"""Hz; a filter that is narrower rings for longer than a song's beats."""

_STEP = re.compile(r"\s*(?P<name>[^\s(),]+)\s*(?:(?P<open>\()(?P<arguments>[^()]*)\)\s*)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a chain, its arguments complete; `position` is the character it begins at, from 1."""

    name: str
    arguments: tuple[float, ...] = ()
    position: int = field(default=1, compare=False)

    @property
    def kind(self) -> OperationKind:
        """Its row in the table of operations."""
        return OPERATIONS[self.name]


Chain = tuple[Operation, ...]


class ChainError(InputError):
    """A chain is wrong: what was `found` at `position` (a character of it, from 1), and what would be `right`."""

    def __init__(self, position: int, found: str, right: str) -> None:
        super().__init__(f"In the chain, character {position}: {found}", right)
        self.position = position
        self.found = found
        self.right = right


def parse_chain(text: str, most: int = MOST_OPERATIONS) -> Chain:
    """The operations of a chain, with defaults filled in and each allowed where it stands.

    An empty text is an empty chain: the envelope of its source. Raises ChainError for the first thing that is wrong,
    also where there are more than `most` operations.
    """
    if not text.strip():
        return ()
    steps = text.split("|")
    if len(steps) > most:
        place = sum(len(step) + 1 for step in steps[:most]) + 1
        raise ChainError(place, f"there are {len(steps)} operations.", f"{most} are the most.")
    chain: list[Operation] = []
    place = 1
    for step in steps:
        operation = _operation(step, place)
        _check_domain(operation, chain)
        chain.append(operation)
        place += len(step) + 1
    return tuple(chain)


def canonical(chain: Sequence[Operation]) -> str:
    """The chain as text, written in one way: defaults filled in, blanks and numbers alike; `parse_chain` reads it."""
    return " | ".join(
        f"{each.name}({', '.join(map(_number, each.arguments))})" if each.arguments else each.name for each in chain
    )


def possible_after(chain: Sequence[Operation]) -> tuple[OperationKind, ...]:
    """What may stand behind these operations."""
    given = _left_by(chain)
    return tuple(kind for kind in OPERATIONS.values() if given is Domain.SOUND or kind.takes is not Domain.SOUND)


def _number(value: float) -> str:
    return repr(value + 0.0).removesuffix(".0")  # + 0.0: minus zero is zero


def _left_by(chain: Sequence[Operation]) -> Domain:
    """What these operations leave of a sound."""
    made = (each.kind.leaves for each in reversed(chain))
    return next((domain for domain in made if domain is not Domain.EITHER), Domain.SOUND)


def _operation(step: str, place: int) -> Operation:
    """One step between two bars; `place` is the number of its first character."""
    start = place + len(step) - len(step.lstrip())
    if not step.strip():
        raise ChainError(start, "an operation is missing here.", "Between two bars, and at either end, stands one.")
    match = _STEP.match(step)
    kind = _kind(match["name"] if match else step.strip(), start)
    if match is None or match.end() < len(step):
        at = place + (match.end() if match else 0)
        raise ChainError(
            at, f"{step[at - place :].strip()[:40]!r} does not belong here.", f"Right is {kind.signature}."
        )
    given = [] if match["open"] is None else _arguments(match["arguments"], place + match.start("arguments"))
    return Operation(kind.name, _completed(kind, given, start), start)


def _kind(name: str, at: int) -> OperationKind:
    if name in OPERATIONS:
        return OPERATIONS[name]
    close = get_close_matches(name.lower(), OPERATIONS, n=3)
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    raise ChainError(at, f"there is no operation {name[:40]!r}.", f"{hint}There is {', '.join(OPERATIONS)}.")


def _arguments(text: str, place: int) -> list[tuple[float, int]]:
    """Numbers between commas, each with its position."""
    found: list[tuple[float, int]] = []
    if not text.strip():
        return found
    for part in text.split(","):
        at = place + len(part) - len(part.lstrip())
        if not _NUMBER.fullmatch(part.strip()):
            what = f"{part.strip()[:40]!r} is not a number." if part.strip() else "a number is missing."
            raise ChainError(at, what, "Right is a number such as 40 or 0.3.")
        found.append((float(part), at))
        place += len(part) + 1
    return found


def _completed(kind: OperationKind, given: list[tuple[float, int]], start: int) -> tuple[float, ...]:
    """The arguments with defaults for those that are left out, each within its range."""
    needed = sum(each.default is None for each in kind.parameters)
    if not needed <= len(given) <= len(kind.parameters):
        at = given[len(kind.parameters)][1] if len(given) > len(kind.parameters) else start
        raise ChainError(at, f"{kind.name} has {_counted(len(given))}.", f"Right is {kind.signature}.")
    for parameter, (value, at) in zip(kind.parameters, given, strict=False):
        _check_range(kind, parameter, value, at)
    values = [value + 0.0 for value, _ in given]
    values += [each.default for each in kind.parameters[len(given) :] if each.default is not None]
    _check_order(kind, given)
    return tuple(float(value) for value in values)


def _counted(count: int) -> str:
    return f"{count or 'no'} argument{'' if count == 1 else 's'}"


def _check_range(kind: OperationKind, parameter: Parameter, value: float, at: int) -> None:
    inside = parameter.lowest <= value <= parameter.highest
    if not inside or (parameter.whole and not value.is_integer()):
        found = f"{parameter.name} = {_number(value)} is not a value for {kind.name}."
        raise ChainError(at, found, f"Right is {parameter.range_in_words}.")


def _check_order(kind: OperationKind, given: list[tuple[float, int]]) -> None:
    """A band and a span of time have a lower end and a higher one."""
    if kind.name not in ("bandpass", "slice"):
        return
    (low, at), (high, _) = given
    names = [each.name for each in kind.parameters]
    least = NARROWEST_BAND if kind.name == "bandpass" else 0.0
    if high <= low:
        found = f"{kind.name} goes from {_number(low)} to {_number(high)}."
        raise ChainError(at, found, f"Right is {names[0]} below {names[1]}.")
    if high - low < least - 1e-9:
        found = f"the band from {_number(low)} to {_number(high)} Hz is too narrow."
        raise ChainError(at, found, f"Right is a band of {least:g} Hz at least.")


def _check_domain(operation: Operation, before: Sequence[Operation]) -> None:
    if operation.kind.takes is not Domain.SOUND or _left_by(before) is Domain.SOUND:
        return
    culprit = next(each for each in before if each.kind.leaves is Domain.CURVE)
    allowed = ", ".join(kind.name for kind in possible_after(before))
    found = f"{operation.name} works on sound, but {culprit.name} before it has left a curve."
    raise ChainError(operation.position, found, f"Put it before {culprit.name}; behind it may stand {allowed}.")
