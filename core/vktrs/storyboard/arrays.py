"""An array that a person has laid out over several lines, changed element by element: comments and layout stay.

It works on the text of one array that tomllib accepts, from its `[` to its `]`, and knows nothing of keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

from vktrs.storyboard.pieces import STRING, value_end

_GAP = re.compile(r"(?:[\s,]|#[^\n]*+)*+")
_SCALAR = re.compile(r"[^,\]#\n]+")
_TO_COMMA = re.compile(r"(?:\s|#[^\n]*+)*+,")
_LINE_REST = re.compile(r"[ \t]*+(?:#[^\n]*+)?\r?\n")
_REMARK = re.compile(rf"(?P<remark>#[^\r\n]*+)|{STRING.pattern}", re.DOTALL)

Span = tuple[int, int]


def remarks(text: str) -> list[str]:
    """The comments in the text of a value."""
    return [match["remark"] for match in _REMARK.finditer(text) if match["remark"]]


def with_elements(text: str, values: Sequence[object], spellings: Sequence[str], newline: str) -> str:
    """The array with these values, spelled so; elements that stay keep their text, and comments their lines."""
    old = tomllib.loads(f"array = {text}")["array"]
    spans = _elements(text)
    first = _common(old, values)
    last = _common(old[first:][::-1], values[first:][::-1])
    stop, end = len(old) - last, len(values) - last
    both = min(stop, end)
    for index in reversed(range(both, stop)):
        text = _without(text, spans[index])
    if both < end:
        before = spans[both - 1] if both else None
        text = _with(text, before, spans, spellings[both:end], newline)
    for index in reversed(range(first, both)):
        text = text[: spans[index][0]] + spellings[index] + text[spans[index][1] :]
    return text


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many values both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (mine, new) in pairs if mine != new), min(len(one), len(other)))


def _elements(text: str) -> list[Span]:
    spans: list[Span] = []
    position = _past(_GAP, text, 1)
    while text[position] != "]":
        scalar = None if text[position] in "\"'[{" else _SCALAR.match(text, position)
        end = position + len(scalar[0].rstrip()) if scalar else value_end(text, position)
        spans.append((position, end))
        position = _past(_GAP, text, end)
    return spans


def _past(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _without(text: str, span: Span) -> str:
    """The element and the comma behind it taken out, and their line where nothing else stood on it."""
    start, end = span
    comma = _past(_TO_COMMA, text, end)
    text = text[:start] + (text[end : comma - 1] if comma > end else "") + text[max(comma, end) :]
    begin = text.rfind("\n", 0, start) + 1
    rest = text.find("\n", start) + 1
    return text[:begin] + text[rest:] if begin and rest and not text[begin:rest].strip() else text


def _with(text: str, before: Span | None, spans: Sequence[Span], spellings: Sequence[str], newline: str) -> str:
    """New elements behind `before`, each on a line of its own where that one ends its line."""
    if before is None:
        place = spans[0][0] if spans else len(text) - 1
        return text[:place] + "".join(f"{each},{newline}{_indent(text, place)}" for each in spellings) + text[place:]
    comma = _past(_TO_COMMA, text, before[1])
    if comma == before[1]:
        text = f"{text[:comma]},{text[comma:]}"
        comma += 1
    place = _past(_LINE_REST, text, comma)
    if place == comma:
        added = "".join(f" {each}," for each in spellings)
        return text[:place] + (added.removesuffix(",") if text[place] == "]" else added) + text[place:]
    return text[:place] + "".join(f"{_indent(text, before[0])}{each},{newline}" for each in spellings) + text[place:]


def _indent(text: str, place: int) -> str:
    """The white space before what stands at `place`, where it is the first on its line."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line if "\n" in text[:place] and not line.strip() else "  "
