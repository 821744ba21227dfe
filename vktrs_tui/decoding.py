"""Pictures read from files for the screen: small, off the UI thread, one at a time, the last few kept.

Pillow is imported in the thread, when the first picture is really shown. What a picture becomes on the screen is the
business of the function that is given.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from vktrs.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

KEPT = 48
"""How many pictures are kept: a long cycle or a few pages of takes; each some ten kilobytes as half cells."""

_FORMATS = ("PNG", "JPEG", "WEBP")  # never EPS, which Pillow reads by starting Ghostscript


class Unreadable(InputError):
    """A picture that cannot be shown: `reason` in words, its `path` apart."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be shown: {reason}.")
        self.path = path
        self.reason = reason


def opened(path: Path, fit: Callable[[int, int], tuple[int, int]]) -> tuple[Image, tuple[int, int]]:
    """The picture at `path` as RGB, and its own size; `fit` gives from that the pixels to scale it to.

    Raises Unreadable where it is gone, damaged, or no picture. Slow: for a thread.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=_FORMATS) as image:
            size = image.size
            wanted = fit(*size)
            image.draft("RGB", wanted)  # a JPEG is decoded at a fraction of its size
            return image.convert("RGB").resize(wanted, Image.Resampling.LANCZOS, reducing_gap=3.0), size
    except FileNotFoundError:
        raise Unreadable(path, "it is not there any more") from None
    # Pillow answers broken chunks with SyntaxError, broken sizes with ValueError
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unreadable(path, _short(error)) from error


def _short(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is no picture" if "cannot identify" in str(error) else str(error) or "it is damaged"


class Decoder(Generic[T]):
    """Gives what `draw(path, columns, rows)` makes of a picture for that much room, in cells.

    It is drawn in a thread, never two at a time, and drawn anew only when the file has changed.
    """

    def __init__(self, draw: Callable[[Path, int, int], T], kept: int = KEPT) -> None:
        self._draw = draw
        self._kept = kept
        self._turn = asyncio.Lock()
        self._drawn: OrderedDict[tuple[Path, int, int], tuple[tuple[int, int], T]] = OrderedDict()

    async def of(self, path: Path, columns: int, rows: int) -> T:
        """The picture drawn; raises Unreadable. A cancelled caller still keeps its turn until the thread is done."""
        turn = asyncio.ensure_future(self._in_turn(path, columns, rows))
        turn.add_done_callback(_heard)
        return await asyncio.shield(turn)

    async def _in_turn(self, path: Path, columns: int, rows: int) -> T:
        async with self._turn:
            return await asyncio.to_thread(self._one, path, columns, rows)

    def _one(self, path: Path, columns: int, rows: int) -> T:
        try:
            stat = path.stat()
        except OSError as error:
            reason = "it is not there any more" if isinstance(error, FileNotFoundError) else _short(error)
            raise Unreadable(path, reason) from None
        place, stamp = (path, columns, rows), (stat.st_mtime_ns, stat.st_size)
        known = self._drawn.get(place)
        if known is not None and known[0] == stamp:
            self._drawn.move_to_end(place)
            return known[1]
        drawn = self._draw(path, columns, rows)
        self._drawn[place] = stamp, drawn
        self._drawn.move_to_end(place)
        while len(self._drawn) > self._kept:
            self._drawn.popitem(last=False)
        return drawn


def _heard(turn: asyncio.Future[T]) -> None:
    """Where the caller is gone, nobody else takes note of what went wrong."""
    if not turn.cancelled():
        turn.exception()
