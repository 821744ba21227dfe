"""Where in a storyboard's text a value stands: line and column for messages, counted from 1.

Made only when something has to be said; each piece of the text is taken apart once, however much is asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from vktrs.storyboard.pieces import Piece, statements

KeyPath = tuple[str, ...]
Place = tuple[int, int]


def line_and_column(text: str, offset: int) -> Place:
    """Of the character at `offset`."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


class Places:
    """The places of everything in these pieces; scenes are counted from 0, None is outside of them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def find(self, scene: int | None, path: KeyPath) -> tuple[int | None, int | None]:
        """Line and column of the value at `path`, or of what comes nearest to it; (None, None) where nothing does."""
        wanted = path if scene is None else ("scenes", *path)
        # "scenes" may be written as something else than a list of scenes, and then stands where scenes do
        rooms = [self._known[scene]] if scene is not None or path[:1] != ("scenes",) else list(self._known.values())
        for met in range(len(wanted), 0, -1):  # a value that is not written is looked for where its table is
            found = [room[wanted[:met]] for room in rooms if wanted[:met] in room]
            if found:
                return self._place(min(found))
        return self.find(None, ("scenes",)) if scene is not None else (None, None)

    @cached_property
    def _known(self) -> dict[int | None, dict[KeyPath, int]]:
        known: dict[int | None, dict[KeyPath, int]] = defaultdict(dict)
        offset, count = 0, -1
        for piece in self._pieces:
            count += piece.kind == "scene"
            of_piece = known[None if piece.kind == "other" else count]
            for each in statements(piece.text):
                of_piece.setdefault(each.path, offset + (each.value if each.kind == "pair" else each.key))
            offset += len(piece.text)
        return known

    @cached_property
    def _line_starts(self) -> list[int]:
        text = "".join(piece.text for piece in self._pieces)
        return [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]

    def _place(self, offset: int) -> Place:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1
