"""Owns moving scenes whose keyframe this engine did not draw: the user's own picture, a take of another engine.

It is moved by all steps so far at once: sampled once, it stays as sharp as it is, and what `border` says of it is an
endless plane. It ripples and takes on tints as far as `strength` has walked. Where it is magnified many times, or seen
from far away, the picture as it was fades in again. As in motion.py, each picture is a job of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from PIL import Image

from vktrs.engines.cppn.latent import Vector, generator
from vktrs.engines.cppn.motion import Draw
from vktrs.engines.cppn.travel import Plane, View, magnified, to_pixels, views, walk
from vktrs.engines.cppn.warp import ENTRIES, rippled, tinted
from vktrs.engines.pictures import MotionRequest
from vktrs.motion.affine import IDENTITY, Affine, composed, inverse
from vktrs.motion.between import blended
from vktrs.motion.colour import Colours, colours
from vktrs.motion.step import prepared
from vktrs.motion.warp import warped
from vktrs.picture import Picture, filling

_RIPPLES = 0.6  # of the largest ripples and tints of a variation
_OCTAVES = 5  # after which the picture is seen again


def moved_scene(picture: Picture, chain: Sequence[MotionRequest]) -> Iterator[Draw]:
    """The jobs of a chain; a picture of another size is cropped to fill."""
    if not chain:
        return
    picture = filling(picture, chain[0].width, chain[0].height)
    name = hashlib.blake2b(picture.tobytes(), digest_size=16).hexdigest()
    start = generator(f"start {name}").standard_normal(ENTRIES)
    wanted = colours(picture)
    ways = zip(chain, views(chain, _plane(chain[0])), walk(start, name, chain), strict=True)
    for request, view, place in ways:
        yield partial(_moved, picture, wanted, request, view, place - start)


def _plane(request: MotionRequest) -> Plane:
    """How the picture repeats with its border; it does not where its edge is drawn out."""
    short = min(request.width, request.height)
    widths = {"wrap": 1.0, "reflect": 2.0, "replicate": math.inf}[request.border]
    return Plane(widths * 2 * request.width / short, widths * 2 * request.height / short, _OCTAVES)


def _moved(picture: Picture, wanted: Colours, request: MotionRequest, view: View, walked: Vector) -> Picture:
    numbers = _RIPPLES * np.tanh(walked)
    has_walked = bool(walked.any())
    if has_walked:
        picture = np.asarray(rippled(Image.fromarray(picture), numbers))
    moved = warped(picture, _forward(view.seen, request), request.border)
    if view.share > 0:
        nearer = _forward(magnified(view.seen, 2.0**_OCTAVES), request)
        moved = blended(moved, warped(picture, nearer, request.border), view.share)
    matched = request.color_coherence == "LAB"
    noise = request.noise if request.strength > 0 else 0.0
    drawn = prepared(moved, wanted if matched else None, noise, request.seed)
    return tinted(Image.fromarray(drawn), numbers[-4:]) if has_walked else drawn


def _forward(seen: Affine, request: MotionRequest) -> Affine:
    """From pixels of the plane to pixels of the picture that shows it."""
    pixels = to_pixels(request.width, request.height)
    if seen == IDENTITY:
        return seen
    return inverse(composed(composed(inverse(pixels), seen), pixels))
