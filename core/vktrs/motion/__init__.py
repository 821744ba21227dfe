"""How one picture of a moving scene becomes the next: matrices, warped pixels, matched colours, pictures in between.

A moving scene (`animation = "img2img"`) is a chain: each picture is the one before it, warped, coloured like the
keyframe, given noise, and redrawn by the picture engine. This package knows what is the same for every engine; it
draws nothing, and knows no storyboard. `affine` is pure and light; `warp` and `colour` work on pixels, `step` is what
leads from one picture to the next, and `between` makes the pictures between two.
"""

from __future__ import annotations

from typing import Literal

Border = Literal["replicate", "reflect", "wrap"]
"""What is seen beyond the edge of a picture that was moved: its edge drawn out, its mirror image, or itself again."""

ColorCoherence = Literal["none", "LAB"]
"""Whether each picture takes its colours from the keyframe: the distribution of every channel of CIE LAB."""
