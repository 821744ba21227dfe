"""How many pictures go through the model at once: as many as memory holds, fewer each time it did not.

Pure: what is free is asked, what happened is told, and nothing here touches a device.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_USED = 0.85  # of what is free: the rest is for what else the device is asked for meanwhile


class Batches:
    """What was learned of the memory, kept for the run. Sizes of pictures count by their pixels.

    `most(pixels)` is how many there may ever be at once, `free_bytes()` what is free (None: nobody can say), and
    `bytes_a_pixel` a first guess of what a picture takes, until one was measured.
    """

    def __init__(
        self, most: Callable[[int], int], free_bytes: Callable[[], int | None], bytes_a_pixel: float = 3000.0
    ) -> None:
        self._most = most
        self._free_bytes = free_bytes
        self._guess = bytes_a_pixel
        self._measured: dict[int, tuple[int, float]] = {}
        self._limits: dict[int, int] = {}

    def size(self, pixels: int, waiting: int) -> int:
        """How many of the `waiting` pictures to make next, at least 1; what is left over is shared out evenly."""
        fits = max(1, min(self._most(pixels), self._limit(pixels), self._room(pixels)))
        if waiting <= fits:
            return max(1, waiting)
        return math.ceil(waiting / math.ceil(waiting / fits))

    def worked(self, pixels: int, pictures: int, used_bytes: int | None) -> None:
        """So many at once took so many bytes (None: not measured); what most pictures took is believed."""
        if used_bytes and pictures >= self._measured.get(pixels, (0, 0.0))[0]:
            self._measured[pixels] = pictures, used_bytes / pictures

    def failed(self, pixels: int, pictures: int) -> int:
        """So many did not fit: how many may be tried from here on, half of them; 0 where it was a single one."""
        half = pictures // 2
        self._limits[pixels] = max(1, half)
        return half

    def start_anew(self) -> None:
        """Memory was freed for good: forget what did not fit, and what it took."""
        self._limits.clear()
        self._measured.clear()

    def _limit(self, pixels: int) -> int:
        """What did not fit at some size does not fit at a larger one."""
        return min((limit for size, limit in self._limits.items() if size <= pixels), default=self._most(pixels))

    def _room(self, pixels: int) -> int:
        free = self._free_bytes()
        if free is None:
            return self._most(pixels)
        each = self._measured.get(pixels, (0, self._guess * pixels))[1]
        return int(free * _USED / each)
