"""Owns the palette: from the colours of a prompt, or a theme where it names none, to a table of colours.

It knows colours, not pictures: what lies where is the network's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.cppn.colour_words import named_colours, scenery_colours
from vktrs.engines.cppn.oklab import Doubles, Lch, difference, hue_gap, linear_from_lch, natural_colour

ZONES, SHADES = 96, 512
"""Rows (which colour) and columns (from its shadow to its light) of a palette's table."""

_STEPS = SHADES // 4  # of a ramp while it is being made
_HARMONIES = (
    (0, 32, -34), (0, 150, 25), (0, 28, 205), (0, 120, 240), (0, -38, 160), (0, 45, 75), (0, 180, 215),
)  # fmt: skip
_AVOIDED_ANGLE = 38.0
_LARGEST = 4


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in zones of given shares, each from its shadow to its light.

    `table`: `(3, ZONES * SHADES)` float32, linear-light sRGB in 0..1: red, green, blue, one zone after the other.
    """

    table: NDArray[np.float32]


@lru_cache(maxsize=64)
def palette_for(prompt: str, negative_prompt: str, theme_hue: float, harmony: int) -> Palette:
    """The palette of a prompt: the colours that it names, else its scenery's, else a harmony on `theme_hue` (degrees).

    What `negative_prompt` names is left out where the prompt does not insist on it.
    """
    named = named_colours(prompt)
    avoided = [colour for colour in named_colours(negative_prompt) if all(difference(colour, n) > 0.02 for n in named)]
    scenery = [colour for colour in scenery_colours(prompt) if not _is_near_any(colour, avoided)]
    if not named and not scenery:
        scenery = [_tamed(natural_colour(hue)) for hue in _harmony(theme_hue, harmony, avoided)]
    return _built(*_shares(named[:_LARGEST], scenery[:_LARGEST], avoided))


def _harmony(theme_hue: float, harmony: int, avoided: list[Lch]) -> list[float]:
    """Hues that go together, turned until none of them is to be avoided (or as few as can be)."""
    offsets = _HARMONIES[harmony % len(_HARMONIES)]
    turns = [theme_hue + step * 15.0 for step in range(24)]

    def clashes(turn: float) -> int:
        return sum(_is_near_any(natural_colour(turn + offset), avoided) for offset in offsets)

    best = min(turns, key=clashes) if avoided else theme_hue
    hues = [(best + offset) % 360 for offset in offsets]
    return [hue for hue in hues if not _is_near_any(natural_colour(hue), avoided)] or hues


def _tamed(colour: Lch) -> Lch:
    """A little less than the most that a screen can do, which looks like a warning sign."""
    lightness, chroma, hue = colour
    return lightness * 0.9, chroma * 0.86, hue


def _is_near_any(colour: Lch, others: list[Lch]) -> bool:
    """Whether a person would call the colour by the name of one of the others."""
    for other in others:
        if other[1] < 0.04:  # greys have no hue to speak of
            if difference(colour, other) < 0.15:
                return True
        elif colour[1] > 0.04 and hue_gap(colour[2], other[2]) < _AVOIDED_ANGLE:
            return True
    return False


def _shares(named: list[Lch], scenery: list[Lch], avoided: list[Lch]) -> tuple[tuple[Lch, ...], tuple[float, ...]]:
    """The colours of the zones and how much of the picture each takes (together 1)."""
    if not named:
        weights = [1.0, 0.62, 0.36, 0.3][: len(scenery)]
        colours = list(scenery)
    else:
        accents = [c for c in scenery if all(difference(c, n) > 0.08 for n in named)][: 2 if len(named) < 3 else 1]
        colours, weights = named + accents, [1.0] * len(named) + [0.24] * len(accents)
    if len(colours) == 1:  # one colour alone: its neighbours on the wheel keep it alive, and leave no doubt of it
        lightness, chroma, hue = colours[0]
        near = [(lightness, chroma, (hue + turn) % 360) for turn in (20, -22)]
        near = [colour for colour in near if not _is_near_any(colour, avoided)]
        colours, weights = colours + near, weights + [0.22] * len(near)
    total = sum(weights)
    return tuple(colours), tuple(weight / total for weight in weights)


@lru_cache(maxsize=32)
def _built(colours: tuple[Lch, ...], shares: tuple[float, ...]) -> Palette:
    """Zones beside each other with soft borders, each a ramp; see `Palette`."""
    order = _ring(colours)
    ramps = np.stack([_ramp(colours[index]) for index in order])
    radians = np.radians(ramps[..., 2])
    lab = np.stack([ramps[..., 0], ramps[..., 1] * np.cos(radians), ramps[..., 1] * np.sin(radians)], axis=-1)
    edges = np.cumsum([shares[index] for index in order])[:-1]
    place = (np.arange(ZONES) + 0.5) / ZONES
    mixed = np.repeat(lab[:1], ZONES, axis=0)
    for number, edge in enumerate(edges, start=1):
        width = 0.35 * min(shares[order[number - 1]], shares[order[number]])
        step = np.clip((place - edge) / width + 0.5, 0, 1)
        step = (step * step * (3 - 2 * step))[:, None, None]
        mixed = mixed * (1 - step) + lab[number] * step
    lch = np.stack(
        [mixed[..., 0], np.hypot(mixed[..., 1], mixed[..., 2]), np.degrees(np.arctan2(mixed[..., 2], mixed[..., 1]))],
        axis=-1,
    )
    table = _smooth(_between(linear_from_lch(lch)), 41).reshape(-1, 3)
    return Palette(np.ascontiguousarray(table.T).astype(np.float32))


def _ring(colours: tuple[Lch, ...]) -> list[int]:
    """An order in which neighbours are alike, so that the borders between zones do not turn grey."""
    left, order = list(range(1, len(colours))), [0]
    while left:
        nearest = min(left, key=lambda index: (hue_gap(colours[index][2], colours[order[-1]][2]), index))
        order.append(nearest)
        left.remove(nearest)
    return order


def _ramp(colour: Lch) -> Doubles:
    """From shadow (cooler) by the colour itself, which takes the middle, to its light (warmer): `(_STEPS, 3)` LCh."""
    lightness, chroma, hue = colour
    cool = 12 * np.sign((265 - hue + 180) % 360 - 180)
    warm = 14 * np.sign((95 - hue + 180) % 360 - 180)
    high = lightness + (0.97 - lightness) * 0.82
    rich = max(chroma, min(0.1, 2.2 * chroma))  # the shadow of cream is brown, not grey
    stops = np.array([0.0, 0.2, 0.42, 0.66, 0.86, 1.0])
    values = np.array(
        [
            (lightness * 0.2, rich * 0.55, hue + cool),
            (lightness * 0.52, rich * 0.9, hue + cool * 0.6),
            (lightness * 0.95, chroma * 1.05, hue),
            (lightness + (high - lightness) * 0.12, chroma * 1.08, hue),
            (lightness + (high - lightness) * 0.55, chroma * 0.85, hue + warm * 0.6),
            (high, chroma * 0.4, hue + warm),
        ]
    )
    place = (np.arange(_STEPS) + 0.5) / _STEPS
    return _smooth(np.stack([np.interp(place, stops, values[:, column]) for column in range(3)], axis=-1), 15)


def _between(coarse: Doubles) -> Doubles:
    """`(zones, _STEPS, 3)` as `(zones, SHADES, 3)`, by straight lines."""
    at = np.clip((np.arange(SHADES) + 0.5) * _STEPS / SHADES - 0.5, 0, _STEPS - 1.001)
    whole, part = at.astype(np.int64), (at % 1)[:, None]
    return coarse[:, whole] * (1 - part) + coarse[:, whole + 1] * part


def _smooth(values: Doubles, width: int) -> Doubles:
    """A running mean of odd `width` (Hann window) over the last axis but one; a corner would be seen as a band."""
    half = width // 2
    kernel = np.hanning(width + 2)[1:-1]
    padded = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(half, half), (0, 0)], mode="edge")
    length = values.shape[-2]
    total = sum(weight * padded[..., at : at + length, :] for at, weight in enumerate(kernel / kernel.sum()))
    return np.asarray(total)
