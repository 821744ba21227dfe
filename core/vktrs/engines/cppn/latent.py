"""Owns how words and numbers become the vectors that a picture is drawn from.

The last clause of a prompt is its theme: it alone decides the style, so that pictures of one theme are related. All of
the prompt together with the seed decides the composition. Words are hashed by BLAKE2, and drawn by numpy's frozen
legacy generator (NEP 19), so that they mean the same in every process and numpy version.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

STYLE, COMPOSITION = 48, 192
"""Lengths of the two vectors; each entry is drawn from a unit normal distribution."""

PALETTE, FORM, LIGHT = slice(0, 8), slice(8, 40), slice(40, 48)
"""Which entries of a style choose its colours, its forms and its light."""

VIEW = slice(0, 4)
"""Which entries of a composition turn, scale and move all of it."""

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class Latent:
    """Where a picture is in latent space: `style` `(STYLE,)` of its theme, `composition` `(COMPOSITION,)` its own."""

    style: Vector
    composition: Vector


def keyframe_latent(prompt: str, seed: int) -> Latent:
    """The latent of a keyframe: a theme's pictures share `style` and lean the same way in `composition`."""
    clauses = [clause for clause in prompt.split(",") if _words(clause)]
    theme = clauses[-1] if clauses else ""
    composition = (
        0.45 * _of_text("composition", theme, COMPOSITION)
        + 0.55 * _of_text("composition", " ".join(clauses[:-1]), COMPOSITION)
        + math.sqrt(1 - 0.45**2 - 0.55**2) * generator(f"seed {seed}").standard_normal(COMPOSITION)
    )
    return Latent(_of_text("style", theme, STYLE), composition)


def variation_latent(key: Latent, prompt: str, seed: int, frame: int, frame_seed: int, consistency: float) -> Latent:
    """A turn away from `key`: none at consistency 1; at 0 nearly a right angle, which is another composition."""
    step = 1.0 - consistency
    if step <= 0:
        return key
    turn = 0.03 * step + 1.2 * step**4  # gentle at first: 0.016 at 0.72, where all stays in its place; 0.5 at 0.2
    direction = ring_direction(f"{seed} {prompt}", COMPOSITION, frame, frame_seed, step)
    return Latent(key.style, math.cos(turn) * key.composition + math.sin(turn) * direction)


def ring_direction(key: str, length: int, frame: int, frame_seed: int, step: float) -> Vector:
    """Where variation number `frame` lies from its keyframe: `(length,)`, entries of deviation about 1.

    The variations of one `key` lie on a ring in one plane, one by one at the golden angle: however many they are, the
    shortest tour goes round the ring, and looks like breathing rather than trembling. `frame_seed` moves each off its
    place, and out of the plane the more, the larger `step` is (0..1).
    """
    own = generator(f"frame {frame_seed}")
    angle = _GOLDEN_ANGLE * frame + 0.5 * own.uniform(-1, 1)
    size = 1 + 0.15 * own.uniform(-1, 1)
    east, north = generator(f"east {key}").standard_normal(length), generator(f"north {key}").standard_normal(length)
    aside = 0.9 * step
    in_plane = math.cos(angle) * east + math.sin(angle) * north
    direction: Vector = size * (math.sqrt(1 - aside * aside) * in_plane + aside * own.standard_normal(length))
    return direction


def generator(key: str) -> np.random.RandomState:
    """Random numbers that are the same for the same `key`, in every process and numpy version."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    return np.random.RandomState(np.frombuffer(digest, dtype="<u4").tolist())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


@lru_cache(maxsize=4096)
def _of_word(kind: str, word: str, length: int) -> Vector:
    return generator(f"{kind} {word}").standard_normal(length)


def _of_text(kind: str, text: str, length: int) -> Vector:
    """The words of a text together: texts that share words are near each other."""
    words: Sequence[str] = sorted(set(_words(text))) or [""]
    total = np.zeros(length)
    for word in words:
        total += _of_word(kind, word, length)
    return total / math.sqrt(len(words))
