"""Owns the variations of a picture that no network drew: its own pixels, warped and tinted.

The warp is a smooth field of displacements on a mesh, sampled bicubically by Pillow; beyond its edges the picture is
mirrored. Like the variations of drawn pictures, these lie on a ring around the picture.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from PIL import Image, ImageOps

from vktrs.engines.cppn.latent import Vector, ring_direction
from vktrs.engines.cppn.shading import grain
from vktrs.engines.pictures import FrameRequest
from vktrs.picture import Picture

_WAVES = 5
ENTRIES = 4 * _WAVES + 7
_CELLS = 28  # of the mesh along the shorter side


def warped(picture: Picture, request: FrameRequest) -> Picture:
    """The picture, moved and tinted the more, the smaller `consistency` is; cropped to fill where its size differs.

    At consistency 1 it is the picture itself, at 0.72 no part of it moves further than a few hundredths of its side.
    """
    image = Image.fromarray(picture)
    if image.size != (request.width, request.height):
        image = ImageOps.fit(image, (request.width, request.height), Image.Resampling.LANCZOS)
    step = 1.0 - request.consistency
    if step <= 0:
        return np.array(image)
    key = hashlib.blake2b(picture.tobytes(), digest_size=16).hexdigest()
    numbers = np.tanh(ring_direction(key, ENTRIES, request.k, request.seed, step) / 1.6) * 1.6 * _strength(step)
    return tinted(rippled(image, numbers), numbers[-4:])


def _strength(step: float) -> float:
    """Gentle at first, as for drawn pictures: 0.14 at consistency 0.72, 0.77 at 0.2."""
    return 1.1 * math.pow(step, 1.6)


def rippled(image: Image.Image, numbers: Vector) -> Image.Image:
    """Each corner of a mesh takes its pixels from a place nearby; between the corners the places are interpolated."""
    width, height = image.size
    short = min(width, height)
    border = short // 2
    columns, rows = (max(2, round(_CELLS * side / short)) for side in (width, height))
    x, y = np.meshgrid(np.linspace(0, width, columns + 1).round(), np.linspace(0, height, rows + 1).round())
    across, along = _source((2 * x - width) / short, (2 * y - height) / short, numbers)
    reach = border - 2
    across = np.clip(x + across * short / 2, -reach, width + reach) + border
    along = np.clip(y + along * short / 2, -reach, height + reach) + border
    corners = np.stack([across, along], axis=-1)
    mesh = []
    for row in range(rows):
        for column in range(columns):
            box = (int(x[row, column]), int(y[row, column]), int(x[row, column + 1]), int(y[row + 1, column]))
            around = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
            mesh.append((box, tuple(float(v) for corner in around for v in corners[corner])))
    padding = ((border, border), (border, border), (0, 0))
    mirrored = Image.fromarray(np.pad(np.asarray(image), padding, mode="symmetric"))
    return mirrored.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _source(x: Vector, y: Vector, numbers: Vector) -> tuple[Vector, Vector]:
    """How far from each place its pixels are fetched; lengths are such that the shorter side is 2."""
    turn, nearer = 0.11 * numbers[-7], 0.06 * numbers[-6] + 0.03 * abs(numbers[-5])
    across, along = np.zeros_like(x), np.zeros_like(y)
    for wave in range(_WAVES):
        amount, phase, lean, other = numbers[4 * wave : 4 * wave + 4]
        often = 1.3 + 0.75 * wave
        size = 0.11 / (1 + 0.6 * wave)
        angle = 2.4 * wave
        ripple = often * (math.cos(angle) * x + math.sin(angle) * y)
        across += size * (amount * np.sin(ripple) + phase * np.cos(ripple))
        along += size * (lean * np.sin(ripple) + other * np.cos(ripple))
    at_edge = np.maximum(np.abs(x) / x.max(), np.abs(y) / y.max()) ** 4
    inside = 1 - 0.8 * at_edge  # so that little of the mirrored border is seen
    return across * inside - turn * y - nearer * x, along * inside + turn * x - nearer * y


def tinted(image: Image.Image, numbers: Vector) -> Picture:
    """Slightly more or less of each primary, and of all light."""
    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    gains = 1 + 0.1 * (numbers[:3] - numbers[:3].mean()) + 0.07 * numbers[3]
    pixels = pixels * gains.astype(np.float32) + grain(height, width)[..., None]
    tinted: Picture = np.clip(pixels, 0, 255).astype(np.uint8)
    return tinted
