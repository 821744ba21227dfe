"""Lyrics without times, as they are passed around: lines, stanzas, labels (`[Chorus]`, `Verse 1:`), repeats (`(x2)`).

Labels and repeats are understood, and not sung:

- A line in square brackets is a label; so is `Verse 2:`, `(Chorus)`, or a bare `Chorus` where a stanza starts. What
  stands behind a label is sung.
- A label with no lines under it is the earlier part of that name once more: `[Chorus]` alone is the chorus again. Where
  there is none, as of a `[Guitar solo]`, it stands for nothing.
- `(x2)`, `[x2]`, `(2x)`, `x2` or `(repeat)` at the end of a line repeats that line; on a line of its own, the lines of
  the stanza above it; behind a label, the part that stands under it.

- A line of signs alone (`---`, `♪`) parts stanzas, as an empty one does.

Spelling, punctuation and line breaks stay the user's. When anything is sung is not this module's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vktrs.errors import InputError
from vktrs.media.lyrics import TIMED_SUFFIXES, read_lyrics, read_text

MOST_REPEATS = 20  # more is a slip of the pen
MOST_WORDS = 20_000  # more is a book; to lay words onto what was heard takes time as both multiplied

_PARTS = (
    r"(?:verse|(?:pre|post)?[-\s]?chorus|bridge|refrain|hook|intro|outro|interlude|instrumental|(?:\w+\s)?solo|"
    r"break(?:down)?|coda|drop|strophe|couplet|estribillo|estrofa|coro|ritornello|strofa|puente|pont)"
    r"(?:\s*#?(?:\d{1,2}|[ivx]{1,4}))?"
)
_TIMES = r"(?:[x×]\s*\d{1,2}|\d{1,2}\s*[x×]|repeat(?:\s*[x×]?\s*\d{1,2}\s*[x×]?)?)"
_REPEAT = re.compile(rf"\s*(?:[(\[]\s*{_TIMES}\s*[)\]]|(?<!\S)[x×]\d)\s*$", re.I)
_REPEAT_IN_LABEL = re.compile(rf"[\s,]*(?<!\w){_TIMES}\s*$", re.I)
_STAMP = re.compile(r"\s*\[\d{1,3}:\d{2}(?:[.:,]\d{1,3})?\]")
_BRACKETED = re.compile(r"\[([^\]]*)\]\s*:?\s*(.*)$")
_NAMED = re.compile(rf"\(?({_PARTS})\)?\s*:\s*(.*)$", re.I)
_ALONE = re.compile(rf"(\(?){_PARTS}\)?$", re.I)
_BARE = re.compile(rf"{_PARTS}$", re.I)
_PART = re.compile(rf"{_PARTS}(?!\w)", re.I)


@dataclass(frozen=True, slots=True)
class PlainLine:
    """One line to be sung, as the user wrote it; `stanza` counts from 0 and grows where a new one starts."""

    text: str
    stanza: int


@dataclass(slots=True)
class _Part:
    """What stands between two breaks: a label, if there is one, and its lines, sung `times` times."""

    name: str | None = None
    lines: list[str] = field(default_factory=list)
    times: int = 1


def read_plain(path: Path) -> list[PlainLine]:
    """The lines to be sung of a text file, in order, repeats written out.

    Raises InputError where there is none or more than a song has, or where the file has LRC stamps and the wrong name.
    """
    text = read_text(path)
    for number, row in enumerate(text.splitlines(), start=1):
        if _STAMP.match(row):
            raise InputError(f"{path}:{number}: this line has a time.", "Name the file .lrc, or take the times out.")
    lines = parse_plain(text)
    if not lines:
        raise InputError(f"{path}: there is nothing to sing in it.", "Right is a text file with one sung line a line.")
    words = sum(len(line.text.split()) for line in lines)
    if words > MOST_WORDS:
        raise InputError(f"{path}: these are {words} words, more than a song has.", "Is it the right file?")
    return lines


def check_lyrics(path: Path) -> None:
    """InputError where a file of lyrics, with times by its name or without, is none that can be used."""
    if path.suffix.lower() in TIMED_SUFFIXES:
        read_lyrics(path, None)
    else:
        read_plain(path)


def parse_plain(text: str) -> list[PlainLine]:
    """The lines to be sung of untimed lyrics, in order, repeats written out; see the module for what is understood."""
    return _written_out(_parts_of(text)[0])


def bare_labels(text: str) -> list[tuple[int, str]]:
    """What is taken for the name of a part though it is a bare word, and so might be sung: line number and word."""
    return _parts_of(text)[1]


def label_remark(path: Path) -> str | None:
    """What to tell of the bare words in a file that are taken for names of parts; None where there are none."""
    found: dict[str, list[int]] = {}
    for number, word in bare_labels(read_text(path)):
        found.setdefault(word, []).append(number)
    if not found:
        return None
    way_out = "A bracket or a colon makes it surely a name; what is sung needs a mark behind it, as in"
    if len(found) == 1:
        [(word, numbers)] = found.items()
        also = f" (as in {_lines(numbers[1:])})" if numbers[1:] else ""
        taken = f"`{word}` is taken for the name of a part, and not sung{also}"
        return f"{path.name}:{numbers[0]}: {taken}. {way_out} `{word}!`."
    each = ", ".join(f"`{word}` ({_lines(numbers)})" for word, numbers in found.items())
    return f"{path.name}: these are taken for names of parts, and not sung: {each}. {way_out} `{next(iter(found))}!`."


def _lines(numbers: Sequence[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _parts_of(text: str) -> tuple[list[_Part], list[tuple[int, str]]]:
    """The parts of a file, and the labels in it that are bare words."""
    parts, bare = [_Part()], []
    for number, row in enumerate(text.splitlines(), start=1):
        if (word := _take(" ".join(row.split()), parts)) is not None:
            bare.append((number, word))
    return parts, bare


def _take(row: str, parts: list[_Part]) -> str | None:
    """Put one row of the file where it belongs; `parts` is never empty. What was a label and is a bare word."""
    part = parts[-1]
    if not any(map(str.isalnum, row)):
        if part.lines or part.name:
            parts.append(_Part())
        return None
    bare, times = _without_repeat(row, _REPEAT)
    if not bare:
        target = part if part.lines or part.name else next((each for each in reversed(parts) if each.lines), part)
        target.times = times
    elif (label := _label(bare, starts=not part.lines)) is not None:
        name, rest = label
        name, inner = _without_repeat(name, _REPEAT_IN_LABEL)
        parts.append(_Part(_normal(name), times=inner if rest else max(inner, times)))
        if rest:
            parts[-1].lines += [rest] * times
        return bare if _BARE.match(bare) else None
    else:
        part.lines += [bare] * times
    return None


def _without_repeat(text: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    """The text without the repeat at its end, and how often it is sung."""
    match = pattern.search(text)
    if not match:
        return text, 1
    number = re.search(r"\d+", match[0])
    times = int(number[0]) if number else 2
    return text[: match.start()].rstrip(), min(max(times, 1), MOST_REPEATS)


def _label(row: str, *, starts: bool) -> tuple[str, str] | None:
    """Name and sung rest of a row that begins with a label; None where it is only sung. `starts`: a part does."""
    match = _BRACKETED.match(row)
    if match and (not match[2] or _PART.match(match[1])):
        return match[1], match[2]
    if match := _NAMED.match(row):
        return match[1], match[2]
    match = _ALONE.match(row)
    return (row.strip("()"), "") if match and (starts or match[1]) else None


def _normal(name: str) -> str:
    """What two labels of the same part share: `Chorus: All` and `CHORUS` are one."""
    return " ".join(re.sub(r"[^\w\s]", " ", name.partition(":")[0].casefold()).split()) or "?"


def _written_out(parts: Sequence[_Part]) -> list[PlainLine]:
    known: dict[str, list[str]] = {}
    lines: list[PlainLine] = []
    stanza, waiting = -1, None  # a label whose lines come after an empty row
    for part in parts:
        name = part.name or waiting
        waiting = None
        if part.lines and name:
            known.setdefault(name, part.lines)
        sung = part.lines or known.get(name or "") or known.get(_unnumbered(name or ""), [])
        if not sung:
            waiting = part.name
        for _ in range(part.times if sung else 0):
            stanza += 1
            lines += [PlainLine(text, stanza) for text in sung]
    return lines


def _unnumbered(name: str) -> str:
    return re.sub(r"\s*(?:\d+|\b[ivx]+)$", "", name)
