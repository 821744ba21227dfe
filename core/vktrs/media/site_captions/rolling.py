"""WebVTT and SRT as sites make them of automatic captions: words with stamps, and rows that roll.

A cue shows the row before, which is sung already, above the new one, whose words have `<00:00:01.200>` stamps; between
two of them stands a cue of 10 ms in which nothing is new. So most rows come three times. A row is taken for the one
before only where the cue follows on one that ended with it, so that a line which is sung again stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from vktrs.errors import InputError
from vktrs.media.site_captions.pieces import Piece, Row, clean

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_STAMP = re.compile(rf"<{_TIME}>")
_NOTE = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)(?:[\s-]|$)")
_SHORT = 0.05  # seconds; in such a cue nobody sings
_MOST_ROWS = 32  # that a player shows at once; of more no two cues are compared
_FOLLOWS = 0.05  # seconds between two cues of which one goes on with the other


@dataclass(slots=True)
class _Cue:
    """What is shown from `start` to `end`: its rows that are not blank, with their marks."""

    start: float
    end: float
    rows: list[str] = field(default_factory=list)

    @property
    def plain(self) -> list[str]:
        """The rows as they are read."""
        return [" ".join(clean(_STAMP.sub("", row)).split()) for row in self.rows]

    @property
    def stamped(self) -> int:
        """The first row that has stamps; as many as there are rows where none has."""
        return next((i for i, row in enumerate(self.rows) if _STAMP.search(row)), len(self.rows))


def read_rolling(text: str, path: Path) -> list[Row] | None:
    """The rows of a file whose words have stamps or whose rows roll, each once; None for any other.

    `path` is for messages. Raises InputError with the line of a cue whose times cannot be read.
    """
    cues = [cue for cue in _cues(text, path) if cue.rows]
    rolls = any(_is_rolling(before, cue) for before, cue in pairwise(cues))
    if not rolls and all(cue.stamped == len(cue.rows) for cue in cues):
        return None
    rows = []
    for before, cue in zip([None, *cues], cues, strict=False):
        repeated = _repeated(before, cue) if rolls else 0
        if cue.rows[repeated:]:
            pieces = _pieces("\n".join(cue.rows[repeated:]), cue)
            rows.append(Row(cue.start, max(cue.end, cue.start), pieces, rolls=rolls))
    return sorted(rows, key=lambda row: row.start)


def _cues(text: str, path: Path) -> list[_Cue]:
    cues: list[_Cue] = []
    waiting: list[str] = []  # rows since the last blank line, of which the last may name the next cue
    headed = note = False  # whether they stand right below times; whether they are a comment
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if "-->" in line and not note:
            times = _TIMES.match(line)
            if not times:
                right = "Right is 00:01:02.500 --> 00:01:04.000."
                raise InputError(f"{path}:{number}: these are no times: {line.strip()[:60]}", right)
            if waiting and (not headed or waiting[-1].strip().isdigit()):
                waiting.pop()
            _give(waiting, cues, headed)
            cues.append(_Cue(_seconds(times.groups()[:4]), _seconds(times.groups()[4:])))
            waiting, headed = [], True
        elif not line:
            _give(waiting, cues, headed)
            waiting, headed, note = [], False, False
        elif not waiting and not headed and _NOTE.match(line):
            note = True
        elif not note:
            waiting.append(line)
    return cues


def _give(rows: Sequence[str], cues: Sequence[_Cue], headed: bool) -> None:
    """Rows to the last cue; below a blank line they are its own all the same, as a player takes them, but no number."""
    if cues and not (not headed and len(rows) == 1 and rows[0].strip().isdigit()):
        cues[-1].rows += [row for row in rows if clean(_STAMP.sub("", row)).strip()]


def _is_rolling(before: _Cue, cue: _Cue) -> bool:
    """Whether the cue shows the row before once more, and tells that it does."""
    if cue.end - cue.start <= _SHORT:
        return _overlap(before, cue, len(cue.rows)) == len(cue.rows)
    return cue.stamped < len(cue.rows) and _overlap(before, cue, cue.stamped) == cue.stamped > 0


def _overlap(before: _Cue, cue: _Cue, most: int) -> int:
    """How many of its first rows, `most` at most, are the last ones of the cue before, which it follows on."""
    if not -_FOLLOWS <= cue.start - before.end <= _FOLLOWS:
        return 0
    old, new = before.plain, cue.plain
    return next((n for n in range(min(len(old), most, _MOST_ROWS), 0, -1) if old[-n:] == new[:n]), 0)


def _repeated(before: _Cue | None, cue: _Cue) -> int:
    """How many of the first rows of a rolling cue were shown before. What has stamps is new."""
    if before is None:
        return 0
    plain = cue.plain
    # below a row that is shown once more stands a new one, even if it has the same words: they are sung again
    again = cue.end - cue.start > _SHORT and len(plain) > 1 and plain[-1] == plain[-2]
    return _overlap(before, cue, min(cue.stamped, len(plain) - again))


def _pieces(text: str, cue: _Cue) -> tuple[Piece, ...]:
    """What is shown, by its stamps; one that lies outside the cue is meant within it."""
    parts = _STAMP.split(text)  # text, four groups, text, ...
    pieces = [Piece(cue.start, clean(parts[0]))]
    for i in range(1, len(parts), 5):
        stamp = max(cue.start, min(_seconds(parts[i : i + 4]), cue.end))
        pieces.append(Piece(stamp, clean(parts[i + 4])))
    return tuple(piece for piece in pieces if piece.text)


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, whole, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + int(fraction.ljust(3, "0")) / 1000
