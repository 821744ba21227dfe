"""User text made fit for the cells of a terminal. Pure; it decides no colour and no layout."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

_LINE_ENDS = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
# Controls would move the terminal's cursor, and directional overrides would turn the rest of a row around.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text with line ends as `⏎` and controls as spaces."""
    return _UNSEEN.sub(" ", _LINE_ENDS.sub("⏎", text))


def some_lines(text: str) -> str:
    """The text with its lines kept and all other controls as spaces."""
    return "\n".join(_UNSEEN.sub(" ", line) for line in _LINE_ENDS.split(text))


def fitted(text: str, width: int) -> str:
    """The text on one line of at most `width` cells, its end cut off with `…` where it is too long."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + "…" if width > 0 else ""


def excerpt_around(text: str, at: int, width: int) -> str:
    """At most `width` cells of the text, with the character at `at` (from 0) among them; `…` where it is cut."""
    line = one_line(text)
    if cell_len(line) <= width or at < width // 2:
        return fitted(line, width)
    return fitted("…" + line[min(at, len(line)) - width // 3 :], width)
