"""LRC, the karaoke players' format: `[mm:ss.xx]` before a line, `<mm:ss.xx>` before a word.

There is no standard. This reads what is met: several stamps before one line (a repeated chorus), `[offset:]`, word
stamps in `<>` or `[]`, one to three decimals after `.`, `:` or `,`, and empty lines that end the one before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vktrs.errors import InputError
from vktrs.lines import Line, Word
from vktrs.storyboard.words import cut_text, spread

LONGEST_GUESS = 10.0  # no line is sung longer; what follows a line without an end may be a solo

_TIME = r"(\d{1,3}):([0-5]?\d)(?:[.:,](\d{1,3}))?"
_LEADING = re.compile(rf"\s*\[{_TIME}\]")
_INNER = re.compile(rf"[<\[]{_TIME}[>\]]")
_TAG = re.compile(r"\s*\[([A-Za-z#][\w#]*):(.*)\]\s*$")
_MEANT_AS_STAMP = re.compile(r"\s*\[\s*[\d:.,-]+\s*\]|\s*\[\d+:")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One stamped line; `end` where the file tells it, `text` is empty where the line only ends the one before."""

    start: float
    end: float | None
    text: str
    words: tuple[Word, ...]


def read_lrc(text: str, path: Path) -> list[Line]:
    """The lines of an LRC text, sorted by start; where the end is not told it is the next start, within 10 s.

    The last line has no end of its own then: `end == start`. `path` is for messages. Raises InputError with the
    number of a line whose stamp cannot be read.
    """
    tags = read_tags(text)
    offset = _offset(tags.get("offset", "0"), path)
    entries = [
        _shifted(entry, -offset)  # a positive offset makes the lyrics appear sooner
        for number, line in enumerate(text.splitlines(), start=1)
        for entry in _entries(line, number, path)
    ]
    entries.sort(key=lambda entry: entry.start)
    lines = []
    for i, entry in enumerate(entries):
        if entry.text:
            after = next((each for each in entries[i + 1 :] if each.start > entry.start), None)
            lines.append(Line(entry.start, _end(entry, after), entry.text, entry.words))
    return lines


def read_tags(text: str) -> dict[str, str]:
    """What an LRC text says about the song: `ti` title, `ar` artist, `al` album, `offset` in milliseconds, ..."""
    found = (_TAG.match(line) for line in text.splitlines())
    return {match[1].lower(): match[2].strip() for match in found if match}


def write_lrc(lines: Sequence[Line]) -> str:
    """LRC text of lines in order, to a hundredth of a second; lines that overlap end where the next one starts."""
    out = []
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        out.append(f"[{_clock(line.start)}]{_stamped(line)}")
        told_by_next = after is not None and line.end > after.start - 0.005 and line.end - line.start < LONGEST_GUESS
        # without a stamp of its own, a line would end with its last word
        outlasts_words = bool(line.words) and line.end > line.words[-1].end + 0.005
        if line.end > line.start and (outlasts_words or not told_by_next):
            out.append(f"[{_clock(min(line.end, after.start) if after else line.end)}]")
    return "".join(f"{line}\n" for line in out)


def _stamped(line: Line) -> str:
    """The text with a stamp before each word, and one after it where the next does not start at once."""
    pieces = cut_text(line.text, line.words)
    if pieces is None:
        return line.text
    out = []
    for i, (word, piece) in enumerate(zip(line.words, pieces, strict=True)):
        end = _clock(word.end)
        follows = i + 1 < len(line.words) and _clock(line.words[i + 1].start) == end
        body = piece.rstrip()
        out.append(f"<{_clock(word.start)}>{body}{'' if follows else f'<{end}>'}{piece[len(body) :]}")
    return "".join(out)


def _entries(line: str, number: int, path: Path) -> list[_Entry]:
    """The stamped lines that one line of the file stands for: none, one, or several where it repeats."""
    starts, rest = [], line
    while match := _LEADING.match(rest):
        starts.append(_seconds(match))
        rest = rest[match.end() :]
    if not starts:
        if _MEANT_AS_STAMP.match(line):
            found = line.strip().split("]")[0] + "]"
            raise InputError(f"{path}:{number}: {found} is no time.", "Right is [mm:ss.xx], as in [01:02.50].")
        return []
    text, words, end = _words(rest, starts[0])
    first = _Entry(starts[0], end, text, words)
    return [replace(_shifted(first, start - starts[0]), start=start) for start in starts]


def _words(rest: str, start: float) -> tuple[str, tuple[Word, ...], float | None]:
    """Text, words and end of what stands after the line's stamps; no words and no end where there are no stamps."""
    stamps = list(_INNER.finditer(rest))
    text = " ".join(_INNER.sub("", rest).split())
    if not stamps:
        return text, (), None
    times = [start, *(_seconds(match) for match in stamps)]
    bodies = [rest[: stamps[0].start()]]
    for match, after in zip(stamps, [*stamps[1:], None], strict=True):
        bodies.append(rest[match.end() : after.start() if after else len(rest)])
    words: list[Word] = []
    for i, body in enumerate(bodies):
        if body.strip():
            until = times[i + 1] if i + 1 < len(times) else times[i]
            words.extend(spread(body.split(), times[i], max(until, times[i])))
    return text, tuple(words), times[-1] if not bodies[-1].strip() else None


def _end(entry: _Entry, after: _Entry | None) -> float:
    if entry.end is not None and (after is None or after.text):
        return max(entry.end, entry.start)
    if after is None:
        return entry.start
    return min(after.start, entry.start + LONGEST_GUESS) if after.text else after.start


def _shifted(entry: _Entry, by: float) -> _Entry:
    words = tuple(replace(word, start=max(word.start + by, 0.0), end=max(word.end + by, 0.0)) for word in entry.words)
    end = None if entry.end is None else max(entry.end + by, 0.0)
    return _Entry(max(entry.start + by, 0.0), end, entry.text, words)


def _offset(written: str, path: Path) -> float:
    try:
        return int(written.replace(" ", "") or 0) / 1000
    except ValueError as error:
        raise InputError(
            f"{path}: [offset:{written}] is no number.", "Right is milliseconds: [offset:+250]."
        ) from error


def _seconds(match: re.Match[str]) -> float:
    minutes, seconds, fraction = match.groups()
    whole = int(minutes) * 60 + int(seconds)
    return whole + int(fraction) / 10 ** len(fraction) if fraction else float(whole)


def _clock(seconds: float) -> str:
    ticks = round(max(seconds, 0.0) * 100)
    return f"{ticks // 6000:02d}:{ticks // 100 % 60:02d}.{ticks % 100:02d}"
