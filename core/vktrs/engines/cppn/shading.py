"""Owns light and colour: from the fields of a network and a palette to the pixels of a picture.

Fields are computed on a coarse grid, for they are smooth; what has fine detail (strands, the borders of colours) is
drawn from them pixel by pixel. Everything is in linear light until the last step, where a fixed grain of less than one
level hides the steps of 8 bits. Single elements only, as in network.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from vktrs.engines.cppn.latent import LIGHT, Vector
from vktrs.engines.cppn.network import MARGIN, Fields, Numbers, Plane
from vktrs.engines.cppn.oklab import srgb_from_linear
from vktrs.engines.cppn.palette import SHADES, ZONES, Palette
from vktrs.picture import Picture

_CODES = 8192
_BAND = 1 << 15  # pixels at a time: the planes of one band stay in the processor's cache
_GRAIN_TILE = 256


@dataclass(frozen=True, slots=True)
class _Lamp:
    """Where the light comes from, how deep the relief is and how it shines; the same for all pictures of a theme."""

    toward: tuple[np.float32, np.float32, np.float32]
    relief: np.float32
    gloss: np.float32
    threads: np.float32
    thread_count: np.float32


def shade(fields: Fields, palette: Palette, style: Vector, width: int, height: int) -> Picture:
    """The picture `(height, width, 3)`, uint8 sRGB; `style` is a latent's."""
    lamp = _lamp(Numbers(style[LIGHT]))
    light, shine, fade = _lit(fields, lamp)
    planes = [_evened(fields.shade, 0.8), _evened(fields.zone, 1.0), light, shine, fields.height, fade]
    images = [Image.fromarray(plane) for plane in planes]
    picture = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        tone, zone, light, shine, place, fade = (_scaled(image, width, height, top, bottom) for image in images)
        thread = _threads(place, lamp) * fade
        tone += thread * np.float32(0.4)
        light *= (1 + np.float32(2.5) * thread) * _vignette(height, width, top, bottom)
        shine *= np.clip(tone, 0.1, 1)
        picture[top:bottom] = _coloured(tone, zone, light, shine, palette, grain(height, width)[top:bottom])
    return picture


def _lamp(numbers: Numbers) -> _Lamp:
    angle = numbers.normal(-2.2, 0.7)
    return _Lamp(
        (np.float32(np.cos(angle) * 0.62), np.float32(np.sin(angle) * 0.62), np.float32(0.785)),
        numbers.between(0.1, 0.26),
        numbers.between(0.08, 0.3),
        numbers.between(0.02, 0.06),
        numbers.between(20, 70),
    )


def _lit(fields: Fields, lamp: _Lamp) -> tuple[Plane, Plane, Plane]:
    """Lambert's diffuse light, about 1 where the relief is flat; Blinn's highlights, 0 there; the threads' strength.

    Threads are 0 where they would be too thin for the grid.
    """
    down, right = np.gradient(_softened(fields.height), np.float32(fields.cell))
    across, along = -lamp.relief * right, -lamp.relief * down
    up = 1 / np.sqrt(across * across + along * along + np.float32(1))
    x, y, z = lamp.toward
    diffuse = (across * x + along * y + z) * up
    halfway = z + np.float32(1)
    long = np.sqrt(x * x + y * y + halfway * halfway)
    facing = np.maximum((across * x + along * y + halfway) * up / long, 0)
    flat = (halfway / long) ** np.float32(20)
    shine = np.maximum(facing ** np.float32(20) - flat, 0) * (lamp.gloss / (1 - flat))
    light = np.float32(0.34) + np.float32(0.84) * np.maximum(_softened(diffuse), 0)
    turns = (lamp.thread_count * np.float32(fields.cell * 0.7)) ** 2 * (down * down + right * right)
    return light, _softened(shine), np.divide(lamp.threads, 1 + turns)


def _softened(plane: Plane) -> Plane:
    """Each cell with a share of its eight neighbours (1-2-1 both ways); the outermost cells are left as they are."""
    soft = plane.copy()
    soft[1:-1] = (plane[:-2] + plane[2:]) * np.float32(0.25) + plane[1:-1] * np.float32(0.5)
    result = soft.copy()
    result[:, 1:-1] = (soft[:, :-2] + soft[:, 2:]) * np.float32(0.25) + soft[:, 1:-1] * np.float32(0.5)
    return result


def _evened(plane: Plane, amount: float) -> Plane:
    """The plane in 0..1, with its histogram made even by `amount` 0..1: every colour gets its share of the picture."""
    counts, edges = np.histogram(np.clip(plane[::3, ::3], -3.5, 3.5), bins=256, range=(-3.5, 3.5))
    window = np.hanning(43)[1:-1]
    smooth = np.convolve(np.pad(counts.astype(np.float64), 20), window, mode="valid")
    density = amount * smooth / smooth.sum() + (1 - amount) / len(smooth)
    evened: Plane = np.interp(plane, edges, np.concatenate([[0.0], np.cumsum(density)])).astype(np.float32)
    return evened


def _scaled(coarse: Image.Image, width: int, height: int, top: int, bottom: int) -> Plane:
    """Rows `top` to `bottom` of a plane at the size of the picture; bicubic, so that its slopes stay smooth."""
    rows = (coarse.height - 2 * MARGIN) / height
    box = (MARGIN, MARGIN + top * rows, coarse.width - MARGIN, MARGIN + bottom * rows)
    return np.array(coarse.resize((width, bottom - top), Image.Resampling.BICUBIC, box=box))


def _threads(place: Plane, lamp: _Lamp) -> Plane:
    """Fine threads along the contours of `place`, as of silk or brushed paint."""
    table = _thread_table()
    along = place * lamp.thread_count + np.float32(4096)
    whole = along.astype(np.int32)
    along -= whole
    whole &= len(table) - 1
    value = table[whole]
    whole += 1
    whole &= len(table) - 1
    value += (table[whole] - value) * along
    return value


def _coloured(tone: Plane, zone: Plane, light: Plane, shine: Plane, palette: Palette, noise: Plane) -> Picture:
    """Looks the colours up, between the two nearest zones, lights and encodes them."""
    row = np.clip(zone, 0, 1) * np.float32(ZONES - 1.001)
    first = row.astype(np.int32)
    row -= first
    first *= SHADES
    first += np.clip(tone * np.float32(SHADES - 1) + noise, 0, SHADES - 1).astype(np.int32)
    second = first + np.int32(SHADES)
    picture = np.empty((*tone.shape, 3), np.uint8)
    codes = _codes()
    light = light + shine
    shine = shine * np.float32(0.25)
    for channel in range(3):
        table = palette.table[channel]
        value = table[first]
        value += (table[second] - value) * row
        value *= light
        value += shine
        np.clip(value, 0, 1, out=value)
        np.sqrt(value, out=value)
        value *= np.float32(_CODES - 1)
        level = codes[value.astype(np.int32)]
        level += noise
        picture[..., channel] = level
    return picture


@lru_cache(maxsize=1)
def _thread_table() -> Plane:
    """1024 values of smooth noise that closes on itself, deviation about 1."""
    noise = np.random.RandomState(1).standard_normal(1024)
    window = np.hanning(7)[1:-1]
    smooth = np.convolve(np.concatenate([noise[-2:], noise, noise[:2]]), window, mode="valid")
    return np.asarray(smooth / smooth.std(), np.float32)


@lru_cache(maxsize=2)
def grain(height: int, width: int) -> Plane:
    """Noise in 0..1, always the same, which decides between two levels: what is still stays still in a video."""
    tile = np.random.RandomState(2).random_sample((_GRAIN_TILE, _GRAIN_TILE)).astype(np.float32)
    return np.tile(tile, (-(-height // _GRAIN_TILE), -(-width // _GRAIN_TILE)))[:height, :width]


def _vignette(height: int, width: int, top: int, bottom: int) -> Plane:
    """A little darker towards the corners."""
    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = (np.arange(top, bottom) + 0.5) / height * 2 - 1
    across, along = (0.2 * x * x).astype(np.float32), (1.06 - 0.2 * y * y).astype(np.float32)
    return np.asarray(along[:, None] - across[None, :])


@lru_cache(maxsize=1)
def _codes() -> Plane:
    """8-bit sRGB, not yet rounded, by the square root of linear light (which spaces the entries evenly to the eye)."""
    linear = (np.arange(_CODES) / (_CODES - 1)) ** 2
    return (srgb_from_linear(linear) * 254.999).astype(np.float32)
