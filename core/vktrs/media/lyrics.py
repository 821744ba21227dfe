"""Timed lyrics as files: .lrc (own parser, as no library knows word stamps), .srt, .vtt and .ass (pysubs2).

It turns files into lines and lines into text. Lyrics that have no times are `plain_lyrics`' work.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vktrs.errors import InputError
from vktrs.lines import Line
from vktrs.media.lrc import LONGEST_GUESS, read_lrc, write_lrc

WRITABLE = ("srt", "vtt", "lrc", "txt")
TIMED_SUFFIXES = (".lrc", ".srt", ".vtt", ".ass", ".ssa")
LAST_LINE_LASTS = 5.0

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>")
_ASS_BLOCK = re.compile(r"\{[^{}]*\}")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # only with a backslash: in SRT a brace may be the singer's own
_ARROW = re.compile(r"\s*(?:\d+:)?\d+:\d+[.,]\d+\s*-->\s*(?:\d+:)?\d+:\d+[.,]\d+")
_BLANKS = re.compile(r"\s+")
_FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ssa": "ssa"}


def read_lyrics(path: Path, duration: float | None) -> list[Line]:
    """The timed lines of a .lrc, .srt, .vtt or .ass file, sorted by start, without markup.

    Words have times only where an LRC file stamps them. A line whose end the file does not tell lasts until the
    next one starts, the last for 5 s or until `duration` (seconds, None if not known). Lines that start after
    `duration` are left out. Raises InputError, with the line of the file where there is one.
    """
    suffix = path.suffix.lower()
    if suffix not in TIMED_SUFFIXES:
        raise InputError(f"{path}: {suffix or 'a file without a suffix'} holds no times.", _right_kinds())
    text = read_text(path)
    lines = read_lrc(text, path) if suffix == ".lrc" else _read_subtitles(text, path)
    if not lines:
        raise InputError(f"{path}: no timed line was found in it.", _right_kinds())
    return _within(sorted(lines, key=lambda line: line.start), duration)


def write_lyrics(lines: Sequence[Line], kind: str) -> str:
    """The lines as the text of a file of `kind` "srt", "vtt" or "lrc", which `read_lyrics` reads back, or "txt".

    SRT and WebVTT keep milliseconds; LRC keeps hundredths, words where their times are known, and an empty stamp
    where a line ends before the next one starts; a plain text has no times. Lines without text are left out.
    Raises ValueError for another kind.
    """
    if kind not in WRITABLE:
        raise ValueError(f"{kind!r} is not one of {', '.join(WRITABLE)}")
    spoken = [replace(line, text=_BLANKS.sub(" ", line.text).strip()) for line in lines if line.text.strip()]
    if kind == "lrc":
        return write_lrc(spoken)
    if kind == "txt":
        return "".join(f"{line.text}\n" for line in spoken)
    blocks = []
    for number, line in enumerate(spoken, start=1):
        start, end = (_stamp(time, "," if kind == "srt" else ".") for time in (line.start, max(line.end, line.start)))
        text = html.escape(line.text, quote=False) if kind == "vtt" else line.text
        blocks.append(f"{number}\n{start} --> {end}\n{text}\n")
    return ("WEBVTT\n\n" if kind == "vtt" else "") + "\n".join(blocks)


def read_text(path: Path) -> str:
    """A text file as people's editors leave them: UTF-8, UTF-16 with a mark, else Latin-1; any line ends."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror or error}.") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise InputError(f"{path} is not a text file.", _right_kinds())
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _right_kinds() -> str:
    return "Right is a text file with times: .lrc, .srt, .vtt or .ass; or a .txt with the words alone."


def _within(lines: Sequence[Line], duration: float | None) -> list[Line]:
    """Ends where none is known (`end == start`), and nothing beyond the song."""
    limit = math.inf if duration is None else duration
    found = []
    for i, line in enumerate(lines):
        if line.start >= limit:
            break
        end = line.end
        if end <= line.start:
            after = next(
                (each.start for each in lines[i + 1 :] if each.start > line.start), line.start + LAST_LINE_LASTS
            )
            end = min(after, line.start + LONGEST_GUESS)
        words = tuple(
            replace(word, end=max(word.start, min(word.end if word.end > word.start else end, limit)))
            for word in line.words
            if word.start < limit
        )
        found.append(replace(line, end=min(end, limit), words=words))
    return found


def _read_subtitles(text: str, path: Path) -> list[Line]:
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    suffix = path.suffix.lower()
    _check_arrows(text, path)
    try:
        events = pysubs2.SSAFile.from_string(text, format_=_FORMATS[suffix])
    except (Pysubs2Error, ValueError) as error:
        raise InputError(f"{path} is not a {suffix} file: {error}.", _right_kinds()) from error
    lines = []
    for event in events:
        if not event.is_comment and (said := _spoken(event, suffix)):
            lines.append(Line(max(event.start, 0) / 1000, max(event.end, event.start, 0) / 1000, said))
    return lines


def _check_arrows(text: str, path: Path) -> None:
    """pysubs2 takes a line whose times it cannot read for text; here it is an error with its place."""
    if path.suffix.lower() not in (".srt", ".vtt"):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if "-->" in line and not _ARROW.match(line):
            right = "Right is 00:01:02,500 --> 00:01:04,000."
            raise InputError(f"{path}:{number}: these are no times: {line.strip()[:60]}", right)


def _spoken(event: Any, suffix: str) -> str:
    """What is to be read of a subtitle: no override blocks, no tags, one line."""
    if suffix in (".ass", ".ssa"):
        if event.is_drawing:
            return ""
        text = _ASS_BLOCK.sub("", event.text).replace("\\h", " ")
    else:
        text = _TAG.sub("", _OVERRIDE.sub("", event.text))
        text = html.unescape(text) if suffix == ".vtt" else text
    return _BLANKS.sub(" ", text.replace("\\N", " ").replace("\\n", " ")).strip()


def _stamp(seconds: float, point: str) -> str:
    ticks = round(max(seconds, 0.0) * 1000)
    minutes, rest = divmod(ticks, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
