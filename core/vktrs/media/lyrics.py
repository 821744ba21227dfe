"""Timed lyrics as files: .lrc (own parser, as no library knows word stamps), .srt, .vtt and .ass (pysubs2).

It turns files into lines and lines into text. Aligning lyrics that have no times is not its work; `read_plain`
only reads them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from vktrs.errors import InputError
from vktrs.lines import Line
from vktrs.media.lrc import read_lrc, write_lrc

LyricsKind = Literal["srt", "vtt", "lrc"]

TIMED_SUFFIXES = (".lrc", ".srt", ".vtt", ".ass", ".ssa")
LAST_LINE_LASTS = 5.0

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>")
_ASS_OVERRIDE = re.compile(r"\{[^{}]*\}")
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


def read_plain(path: Path) -> list[str]:
    """The texts of a lyrics file without times: its lines, without blank ones and without `[Chorus]` headings."""
    lines = (_BLANKS.sub(" ", line).strip() for line in read_text(path).splitlines())
    return [line for line in lines if line and not re.fullmatch(r"\[[^\]]*\]", line)]


def write_lyrics(lines: Sequence[Line], kind: LyricsKind) -> str:
    """The lines as the text of a file; `read_lyrics` reads them back to the precision of the format.

    SRT and WebVTT keep milliseconds; LRC keeps hundredths, words where their times are known, and an empty stamp
    where a line ends before the next one starts. Lines without text are left out.
    """
    spoken = [replace(line, text=_BLANKS.sub(" ", line.text).strip()) for line in lines if line.text.strip()]
    if kind == "lrc":
        return write_lrc(spoken)
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


def _read_subtitles(text: str, path: Path) -> list[Line]:
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    try:
        events = pysubs2.SSAFile.from_string(text, format_=_FORMATS[path.suffix.lower()])
    except (Pysubs2Error, ValueError) as error:
        raise InputError(f"{path} is not a {path.suffix} file: {error}.", _right_kinds()) from error
    lines = []
    for event in events:
        if not event.is_comment and (said := _spoken(event, path.suffix.lower())):
            lines.append(Line(max(event.start, 0) / 1000, max(event.end, event.start, 0) / 1000, said))
    return lines


def _spoken(event: Any, suffix: str) -> str:
    """What is to be read of a subtitle: no override blocks, no tags, one line."""
    if suffix in (".ass", ".ssa"):
        if event.is_drawing:
            return ""
        text = _ASS_OVERRIDE.sub("", event.text).replace("\\h", " ")
    else:
        text = html.unescape(_TAG.sub("", _ASS_OVERRIDE.sub("", event.text)))
    return _BLANKS.sub(" ", text.replace("\\N", " ").replace("\\n", " ")).strip()
