"""The keys that make sense now, in one line: as many as there is room for."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static


class KeyLine(Static):
    """Pairs of key and word, the most important first; a click does nothing that a key does not."""

    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 1; background: $panel; color: $text-muted; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._shown = ""

    def show(self, pairs: tuple[tuple[str, str], ...]) -> None:
        """Keys with their words, in order of importance; the last one always has its place, one without a key none."""
        pairs = tuple(pair for pair in pairs if pair[0])
        if pairs != self._pairs:
            self._pairs = pairs
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        room = self.size.width - 2
        if room <= 0 or not self._pairs:
            return
        *first, last = self._pairs
        room -= _width(last)
        text = Text()
        for pair in first:
            if _width(pair) > room:
                break
            room -= _width(pair)
            _add(text, pair)
        _add(text, last)
        if text.markup != self._shown:
            self._shown = text.markup
            self.update(text, layout=False)


def _width(pair: tuple[str, str]) -> int:
    return cell_len(pair[0]) + cell_len(pair[1]) + 3


def _add(text: Text, pair: tuple[str, str]) -> None:
    text.append(pair[0], "bold")
    text.append(f" {pair[1]}  ")
