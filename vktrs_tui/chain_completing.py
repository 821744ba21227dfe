"""What may be typed next into a chain: the operations that fit there, and what an open bracket asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from vktrs.chains import OPERATIONS, ChainError, OperationKind, parse_chain, possible_after


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to go on: the text with it, how the operation is written, and what it does."""

    text: str
    signature: str
    description: str


def offers(text: str, at: int | None = None) -> tuple[Offer, ...]:
    """The operations that the word before `at` (a place in the text; None: its end) may become, in the table's order.

    Nothing where the word is one already, within brackets, or behind a step that is wrong.
    """
    before, after = (text, "") if at is None else (text[:at], text[at:])
    done, bar, step = before.rpartition("|")
    word = step.lstrip()
    if "(" in word or (word and (word != word.rstrip() or word in OPERATIONS)):
        return ()
    try:
        chain = parse_chain(done) if bar else ()
    except ChainError:
        return ()
    begun = before[: len(before) - len(word)]
    if bar and not step:
        begun += " "
    fitting = (kind for kind in possible_after(chain) if kind.name.startswith(word))
    return tuple(Offer(f"{begun}{_opened(kind)}{after}", kind.signature, kind.description) for kind in fitting)


def asked_for(text: str, at: int | None = None) -> str:
    """What the operation at `at` does, with its parameters and their ranges; empty where there is none."""
    before = text if at is None else text[:at]
    name, bracket, given = before.rpartition("|")[2].partition("(")
    kind = OPERATIONS.get(name.strip())
    if kind is None:
        return ""
    if not bracket or ")" in given or not kind.parameters:
        return f"{kind.signature}: {kind.description}"
    place = min(given.count(","), len(kind.parameters) - 1)
    parameter = kind.parameters[place]
    default = "" if parameter.default is None else f", else {parameter.default:g}"
    return f"{kind.signature}: {parameter.name} is {parameter.range_in_words}{default}."


def _opened(kind: OperationKind) -> str:
    """The operation as far as it can be written without a value: with a bracket where one has to be given."""
    needed = any(each.default is None for each in kind.parameters)
    return f"{kind.name}(" if needed else kind.name
