"""An autoencoder that works tile by tile, in ever smaller ones, where one picture does not fit into memory at once.

Tiles overlap and are blended, so that no seams are seen; still a picture is a little different from a whole one, so
none are used before memory ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from vktrs.engines.diffusion.memory import give_back, is_out_of_memory

_SMALLEST = 16  # latents, 128 pixels

T = TypeVar("T")


class Tiles:
    """For one direction of the autoencoder; what was learned is kept. `remark` is told once, `what` it is about."""

    def __init__(self, vae: Any, scale: int, device: str, remark: Callable[[str], None], what: str) -> None:
        """`scale`: pixels of a picture along one side of a latent."""
        self._vae = vae
        self._scale = scale
        self._device = device
        self._remark = remark
        self._what = what
        self._side: int | None = None

    def fit(self, work: Callable[[], T], longest: int) -> T:
        """What `work` gives for one picture, `longest` latents wide or high; raises what it raises in the end."""
        while True:
            try:
                with self._set():
                    return work()
            except (RuntimeError, MemoryError) as error:
                if not (is_out_of_memory(error) and self._shrink(longest)):
                    raise
            give_back(self._device)

    def _shrink(self, longest: int) -> bool:
        side = min(longest, self._side or longest) // 8 * 4  # of half; a quarter, which overlaps, is to be whole
        if side < _SMALLEST or not hasattr(self._vae, "tile_latent_min_size"):
            return False
        if self._side is None:
            self._remark(
                f"Memory is too small to {self._what} a whole picture: that is done tile by tile from here on."
            )
        self._side = side
        return True

    @contextmanager
    def _set(self) -> Iterator[None]:
        if self._side is None:
            yield
            return
        self._vae.tile_latent_min_size = self._side
        self._vae.tile_sample_min_size = self._side * self._scale
        self._vae.enable_tiling()
        try:
            yield
        finally:
            self._vae.disable_tiling()
