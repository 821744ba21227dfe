"""The one door to every format of captions: a file in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vktrs.errors import InputError
from vktrs.lines import Line
from vktrs.media.lyrics import TIMED_SUFFIXES, read_lyrics, read_text
from vktrs.media.plain_lyrics import MOST_WORDS
from vktrs.media.site_captions.formats import SUFFIXES
from vktrs.media.site_captions.joining import lines_of
from vktrs.media.site_captions.json3 import read_json3
from vktrs.media.site_captions.marks import is_sung, without_marks
from vktrs.media.site_captions.pieces import Row
from vktrs.media.site_captions.rolling import read_rolling
from vktrs.media.site_captions.timed_xml import read_timed_xml

_MOST_BYTES = 1 << 23
_ROLLING = (".vtt", ".srt")
_XML = (".srv1", ".srv2", ".srv3")


def read_captions(path: Path, duration: float | None) -> list[Line]:
    """What captions say is sung, sorted by start, without marks such as `[Music]`.

    Words have times where the file stamps them, and probabilities where it tells how sure the site's recogniser was.
    Lines that start after `duration` (seconds, None if not known) are left out, the others end by then. No lines are
    none sung. Raises InputError, with the place in the file, for what is no such file or more than a song's.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        right = f"Right is one of {', '.join(SUFFIXES)}."
        raise InputError(f"{path}: {suffix or 'a file without a suffix'} is no format of captions.", right)
    _check_size(path)
    rows = _rows(path, suffix)
    if rows is None:
        lines = [sung for line in read_lyrics(path, duration) for sung in _without_marks(line)]
        _check_count(path, sum(len(line.text.split()) for line in lines))
        return lines
    _check_count(path, sum(len(piece.text.split()) for row in rows for piece in row.pieces))
    return _within(lines_of(rows), duration)


def _rows(path: Path, suffix: str) -> list[Row] | None:
    """The rows of a site's own format; None for a file that `read_lyrics` reads."""
    if suffix in TIMED_SUFFIXES and suffix not in _ROLLING:
        return None
    text = read_text(path)
    if suffix in _ROLLING:
        return read_rolling(text, path)
    return read_timed_xml(text, path) if suffix in _XML else read_json3(text, path)


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror or error}.") from error
    if size > _MOST_BYTES:
        raise InputError(f"{path} has {size / 1e6:.0f} MB, more than captions have.", "Is it the right file?")


def _check_count(path: Path, words: int) -> None:
    if words > MOST_WORDS:
        raise InputError(f"{path}: these are {words} words, more than a song has.", "Is it the right file?")


def _without_marks(line: Line) -> list[Line]:
    """The line with what is sung of it, if anything is."""
    text = without_marks(line.text)
    words = tuple(word for word in line.words if is_sung(without_marks(word.text)))
    return [replace(line, text=text, words=words)] if text else []


def _within(lines: Sequence[Line], duration: float | None) -> list[Line]:
    """The lines by their starts, and nothing beyond the song."""
    ordered = sorted(lines, key=lambda line: line.start)
    if duration is None:
        return ordered
    kept = []
    for line in ordered:
        if line.start < duration:
            words = tuple(replace(word, end=min(word.end, duration)) for word in line.words if word.start < duration)
            kept.append(replace(line, end=min(line.end, duration), words=words))
    return kept
