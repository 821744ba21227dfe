"""YouTube's XML captions: srv1 (`<text start= dur=>` in seconds), srv2 (`<text t= d=>`, each word an element that is
`append`ed to the row) and srv3 (`<p t= d=>`, whose words `<s t= ac=>` begin that much later), both in milliseconds.

Read by expat, piece by piece. A document type is refused before it is read: entities of its own could grow without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.parsers import expat

from vktrs.errors import InputError
from vktrs.media.site_captions.pieces import Event, Piece, Row, clean, likelihood, rows_of, seconds

_RIGHT = 'Right is YouTube\'s srv1, srv2 or srv3: <timedtext><body><p t="0" d="900"><s>la</s></p></body></timedtext>.'
_ROOTS = ("transcript", "timedtext")
_DEEPEST = 16
_ROW_BREAK = "br"


def read_timed_xml(text: str, path: Path) -> list[Row]:
    """The rows of an srv1, srv2 or srv3 file; `path` is for messages. InputError with the place of what is wrong."""
    reading = _Reading(path)
    try:
        reading.parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        why = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "it cannot be decoded"
        raise reading.wrong(f"this is no XML: {why}") from None
    return rows_of(reading.events)


class _Reading:
    """expat's handlers: `events` as far as the file is read."""

    def __init__(self, path: Path) -> None:
        self.events: list[Event] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 20
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._path = path
        self._depth = 0
        self._row: tuple[float, float | None] | None = None
        self._attributes: Mapping[str, str] = {}
        self._pieces: list[tuple[Piece, list[str]]] = []  # each with its text, as it comes

    def wrong(self, what: str) -> InputError:
        """The error for what stands where the parser is."""
        place = f"{self._path}:{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"
        return InputError(f"{place}: {what}.", _RIGHT)

    def _refuse(self, *_: object) -> None:
        raise self.wrong("captions have no document type")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name not in _ROOTS:
            raise self.wrong(f"<{name}> is not how captions begin")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.wrong(f"captions are not more than {_DEEPEST} elements deep")
        if name in ("p", "text"):
            self._open(attributes)
        elif self._row is not None:
            if name == _ROW_BREAK:
                self._take("\n")
            elif name == "s":
                start = self._row[0] + self._time(attributes, "t", 1000)
                self._pieces.append((Piece(round(start, 3), "", likelihood(attributes.get("ac"))), []))

    def _open(self, attributes: dict[str, str]) -> None:
        in_seconds = "start" in attributes
        names, unit = (("start", "dur"), 1.0) if in_seconds else (("t", "d"), 1000.0)
        start = self._time(attributes, names[0], unit)
        end = round(start + self._time(attributes, names[1], unit), 3) if names[1] in attributes else None
        self._row, self._attributes = (start, end), attributes
        self._pieces = [(Piece(start, "", likelihood(attributes.get("ac"))), [])]

    def _time(self, attributes: Mapping[str, str], name: str, unit: float) -> float:
        found = seconds(attributes.get(name, "0"), unit)
        if found is None:
            raise self.wrong(f'{name}="{attributes[name][:20]}" is no time')
        return found

    def _take(self, text: str) -> None:
        if self._row is not None:
            self._pieces[-1][1].append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "s" and self._row is not None:  # what stands between two words goes with the first
            self._pieces.append((Piece(self._pieces[-1][0].start, ""), []))
        if name not in ("p", "text") or self._row is None:
            return
        (start, end), self._row = self._row, None
        pieces = tuple(replace(each, text=clean("".join(texts))) for each, texts in self._pieces if texts)
        appends = self._attributes.get("a", self._attributes.get("append", "0")) == "1"
        # an srv1 file says nothing of windows, and its rows are shown until they scroll away
        rolls = "start" in self._attributes
        self.events.append(Event(Row(start, end, pieces, self._attributes.get("w", ""), rolls), appends))
