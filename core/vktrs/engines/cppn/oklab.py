"""Owns the conversions between sRGB and OKLab; knows nothing of palettes or words.

OKLab: Björn Ottosson, "A perceptual color space for image processing", 2020. Equal steps in it look equally large, and
a change of lightness keeps the hue. Hues are degrees 0..360, lightness 0..1, chroma 0 to about 0.32.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Lch = tuple[float, float, float]
"""Lightness, chroma, hue."""

_LMS_FROM_LAB = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_RGB_FROM_LMS = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_LAB_FROM_LMS = np.linalg.inv(_LMS_FROM_LAB)
_LMS_FROM_RGB = np.linalg.inv(_RGB_FROM_LMS)


def linear_from_srgb(srgb: Doubles) -> Doubles:
    """Linear light from sRGB, both 0..1 (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def srgb_from_linear(linear: Doubles) -> Doubles:
    """sRGB from linear light, both 0..1 (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)


def lab_from_linear(linear: Doubles) -> Doubles:
    """OKLab `(..., 3)` from linear-light sRGB `(..., 3)`."""
    lab: Doubles = np.einsum("ij,...j->...i", _LAB_FROM_LMS, np.cbrt(np.einsum("ij,...j->...i", _LMS_FROM_RGB, linear)))
    return lab


def linear_from_lab(lab: Doubles) -> Doubles:
    """Linear-light sRGB `(..., 3)` from OKLab `(..., 3)`; outside 0..1 where sRGB has no such colour."""
    linear: Doubles = np.einsum("ij,...j->...i", _RGB_FROM_LMS, np.einsum("ij,...j->...i", _LMS_FROM_LAB, lab) ** 3)
    return linear


def lch_from_hex(value: str) -> Lch:
    """The colour `#rrggbb`."""
    digits = re.fullmatch(r"#([0-9a-fA-F]{6})", value)
    if digits is None:
        raise ValueError(f"{value!r} is no #rrggbb")
    lightness, a, b = lab_from_linear(linear_from_srgb(np.array(list(bytes.fromhex(digits[1]))) / 255))
    return float(lightness), float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360)


def hue_gap(one: float, other: float) -> float:
    """The angle between two hues, 0..180 degrees."""
    return abs((one - other + 180) % 360 - 180)


def difference(one: Lch, other: Lch) -> float:
    """How different two colours look: the distance in OKLab; 0.02 is just noticed."""
    chords = one[1] ** 2 + other[1] ** 2 - 2 * one[1] * other[1] * np.cos(np.radians(one[2] - other[2]))
    return float(np.sqrt((one[0] - other[0]) ** 2 + max(chords, 0.0)))


def shown_chroma(lightness: Doubles, hue: Doubles) -> Doubles:
    """The largest chroma that sRGB can show at each lightness and hue (same shapes), found by bisection."""
    a, b = np.cos(np.radians(hue)), np.sin(np.radians(hue))
    low, high = np.zeros_like(lightness), np.full_like(lightness, 0.4)
    for _ in range(11):
        middle = (low + high) / 2
        linear = linear_from_lab(np.stack([lightness, middle * a, middle * b], axis=-1))
        shown = np.all((linear >= 0) & (linear <= 1), axis=-1)
        low, high = np.where(shown, middle, low), np.where(shown, high, middle)
    return low


def linear_from_lch(lch: Doubles) -> Doubles:
    """Linear-light sRGB `(..., 3)` of colours `(..., 3)`, with as much of their chroma as sRGB can show."""
    lightness, hue = lch[..., 0], lch[..., 2]
    chroma = np.minimum(lch[..., 1], shown_chroma(lightness, hue))
    radians = np.radians(hue)
    lab = np.stack([lightness, chroma * np.cos(radians), chroma * np.sin(radians)], axis=-1)
    return np.clip(linear_from_lab(lab), 0, 1)


def natural_colour(hue: float) -> Lch:
    """The most colourful colour of a hue that sRGB can show: yellows are light, blues are dark."""
    lightness = np.linspace(0.44, 0.92, 25)
    chroma = shown_chroma(lightness, np.full(25, hue))
    best = int(np.argmax(chroma))
    return float(lightness[best]), float(chroma[best]), hue % 360
