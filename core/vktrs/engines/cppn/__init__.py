"""The embedded picture engine: abstract pictures from a small random network, with no weights and no GPU.

A compositional pattern-producing network (Stanley, "Compositional pattern producing networks: a novel abstraction of
development", 2007) maps the place of a pixel to its colour. Here prompt and seed choose the network, the colour words
of the prompt its palette, and a variation is a small step in its latent space.

    words and numbers -> latent.py -> coordinates.py, network.py -> shading.py (with palette.py) -> a picture

`engine.py` is the door. This package opens no file and keeps no state: the same request is the same picture, bit
for bit, alone or in a batch, in any process of one machine. Importing it is light, so that a plan may read the
version without loading numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vktrs.engines.pictures import PictureEngine

ENGINE_VERSION = 1
"""Part of every fingerprint of this engine's pictures; raised whenever the same request gives another picture."""


def open_cppn(workers: int | None = None) -> PictureEngine:
    """The engine, drawing on `workers` threads (default: one for each CPU that this process may use)."""
    from vktrs.engines.cppn.engine import CppnEngine

    return CppnEngine(workers)
