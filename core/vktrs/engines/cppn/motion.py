"""Owns moving scenes that this engine draws: each picture of a chain as a job, which any thread can do at any time.

Jobs are pure functions of the keyframe and of the requests up to theirs (see travel.py): no picture waits for the one
before. It is drawn again from where the view has come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from vktrs.engines.cppn.drawing import painted
from vktrs.engines.cppn.latent import COMPOSITION, Latent, generator, keyframe_latent
from vktrs.engines.cppn.network import draw_fields, faded, half_period
from vktrs.engines.cppn.travel import Plane, View, aside, in_view_of, magnified, of_level, views, walk
from vktrs.engines.pictures import KeyframeRequest, MotionRequest
from vktrs.picture import Picture

Draw = Callable[[], Picture]
"""Draws one picture, the same whenever and on whichever thread."""

_OCTAVES = 2  # between one level of the plane and the next
_JITTER = 0.05  # radians of latent space for a `noise` of 1


def drawn_scene(key: KeyframeRequest, chain: Sequence[MotionRequest]) -> Iterator[Draw]:
    """The jobs of a scene whose keyframe this engine drew for `key`."""
    latent, name = keyframe_latent(key.prompt, key.seed), f"{key.seed} {key.prompt}"
    if not chain:
        return
    repeats = 4 * half_period(chain[0].width, chain[0].height)
    plane = Plane(repeats, repeats, _OCTAVES)
    ways = zip(chain, views(chain, plane), walk(latent.composition, name, chain), strict=True)
    for request, view, walked in ways:
        here = Latent(latent.style, in_view_of(latent.composition, walked))
        yield partial(_draw_view, key, name, request, view, here)


def _draw_view(key: KeyframeRequest, name: str, request: MotionRequest, view: View, latent: Latent) -> Picture:
    composition = latent.composition
    if min(request.noise, request.strength) > 0:
        trembling = generator(f"noise {request.k} {request.seed}").standard_normal(COMPOSITION)
        composition = aside(composition, trembling, _JITTER * request.noise)
    size = request.width, request.height
    fields = draw_fields(Latent(latent.style, of_level(composition, name, view.level)), *size, view.seen)
    if view.share > 0:
        nearer = Latent(latent.style, of_level(composition, name, view.level + 1))
        other = draw_fields(nearer, *size, magnified(view.seen, 2.0**_OCTAVES))
        fields = faded(fields, other, view.share)
    return painted(fields, latent.style, key, *size)
