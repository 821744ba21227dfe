"""From a latent to the pixels of a picture: fields, a palette, light."""

from __future__ import annotations

from vktrs.engines.cppn.latent import PALETTE, Latent, Vector
from vktrs.engines.cppn.network import Fields, Numbers, draw_fields
from vktrs.engines.cppn.palette import palette_for
from vktrs.engines.cppn.shading import shade
from vktrs.engines.pictures import KeyframeRequest
from vktrs.picture import Picture


def drawn(latent: Latent, request: KeyframeRequest, width: int, height: int) -> Picture:
    """The picture of a latent, `(height, width, 3)` uint8; the colours are those of the request's words."""
    return painted(draw_fields(latent, width, height), latent.style, request, width, height)


def painted(fields: Fields, style: Vector, request: KeyframeRequest, width: int, height: int) -> Picture:
    """The picture of fields that were drawn for that size."""
    numbers = Numbers(style[PALETTE])
    hue, harmony = float(numbers.between(0, 360)), numbers.choice(7)
    palette = palette_for(request.prompt, request.negative_prompt, hue, harmony)
    return shade(fields, palette, style, width, height)
