"""YouTube's json3: `events` from `tStartMs` for `dDurationMs`, whose `segs` begin `tOffsetMs` later, each a word.

An event without `segs` defines a window; one with `aAppend` and a line break ends the row that its window, `wWinId`,
shows. `acAsrConf` is how sure the recogniser was, 0..255.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from vktrs.errors import InputError
from vktrs.media.site_captions.pieces import Event, Piece, Row, clean, likelihood, rows_of, seconds

_RIGHT = 'Right is YouTube\'s json3: {"events": [{"tStartMs": 0, "dDurationMs": 900, "segs": [{"utf8": "la"}]}]}.'


def read_json3(text: str, path: Path) -> list[Row]:
    """The rows of a json3 file; `path` is for messages. Raises InputError with the place of what is wrong."""
    try:
        told = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}.", _RIGHT) from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is no JSON that can be read.", _RIGHT) from None
    events = told.get("events") if isinstance(told, dict) else None
    if not isinstance(events, list):
        raise InputError(f"{path} holds no list of events.", _RIGHT)
    return rows_of(each for number, event in enumerate(events, 1) for each in _events(event, f"{path}: event {number}"))


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _events(event: Any, place: str) -> Iterator[Event]:
    """The event as one of ours; nothing for one that only defines a window."""
    if not isinstance(event, dict):
        raise InputError(f"{place} is no object.", _RIGHT)
    segments = event.get("segs")
    if segments is None:
        return
    if not isinstance(segments, list) or not all(isinstance(each, dict) for each in segments):
        raise InputError(f"{place}: its `segs` are no list of objects.", _RIGHT)
    start = _time(event.get("tStartMs", 0), "tStartMs", place)
    length = event.get("dDurationMs")
    end = None if length is None else round(start + _time(length, "dDurationMs", place), 3)
    pieces = tuple(_piece(segment, start, place) for segment in segments)
    window = event.get("wWinId")
    yield Event(Row(start, end, pieces, "" if window is None else str(window)), bool(event.get("aAppend")))


def _piece(segment: dict[str, Any], start: float, place: str) -> Piece:
    text = segment.get("utf8", "")
    if not isinstance(text, str):
        raise InputError(f"{place}: `utf8` is no text.", _RIGHT)
    offset = _time(segment.get("tOffsetMs", 0), "tOffsetMs", place)
    return Piece(round(start + offset, 3), clean(text), likelihood(segment.get("acAsrConf")))


def _time(value: object, name: str, place: str) -> float:
    found = seconds(value)
    if found is None:
        raise InputError(f"{place}: `{name}` is no number of milliseconds.", _RIGHT)
    return found
