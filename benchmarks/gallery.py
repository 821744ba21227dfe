"""Pictures to measure with, made here and the same every time: like those of a diffusion model, and by `cppn`.

The diffusion-like ones are sums of 1/f noise with soft edges and colours, and finer noise for their detail. A variation
is the same picture with its shapes moved by a few pixels, by a warp of its own, and a part of its detail drawn anew,
as img2img at a low strength does. A PNG of 512 x 512 comes to about 350 kB at the usual compression.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from vktrs.engines.cppn import open_cppn
from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest
from vktrs.errors import VktrsError
from vktrs.media.frames import save_png
from vktrs.picture import Picture

Field = NDArray[np.float32]

SIZE = 512
_MOVED = 3.0  # pixels of a variation's warp, standard deviation
_DRAWN_ANEW = 0.6  # share of the detail's amplitude that a variation does not have from its keyframe
_PROMPTS = ("crimson lanterns over a quiet river", "teal harbour in the morning", "golden fields and a violet sky")


def diffusion_like(scene: int, count: int, size: int = SIZE) -> Iterator[Picture]:
    """A keyframe and `count - 1` variations of it, `(size, size, 3)` uint8."""
    rng = default_rng([scene, 0])
    key, detail = _shapes(rng, size), _detail(rng, size)
    yield _picture(key, detail, rng)
    for k in range(1, count):
        rng = default_rng([scene, k])
        yield _picture(*_varied(key, detail, rng), rng)


def wandering(scene: int, count: int, size: int = SIZE) -> Iterator[Picture]:
    """`count` pictures in which every one is the one before it, moved on: as img2img of img2img goes."""
    rng = default_rng([scene, 0])
    shapes, detail = _shapes(rng, size), _detail(rng, size)
    for _ in range(count):
        yield _picture(shapes, detail, rng)
        shapes, detail = _varied(shapes, detail, rng)


def by_cppn(scene: int, count: int, size: int = SIZE) -> Iterator[Picture]:
    """A keyframe and `count - 1` variations at consistency 0.72 by the embedded engine."""
    prompt = f"{_PROMPTS[scene % len(_PROMPTS)]} {scene}"
    engine = open_cppn()
    try:
        ((request, answer),) = engine.keyframes([KeyframeRequest(prompt, "", scene, size, size)])
        key = picture_of(answer)
        yield key
        wanted = [FrameRequest(k, prompt, "", 1000 * scene + k, 0.72, size, size) for k in range(1, count)]
        for _, answer in engine.variations(Keyframe(key, request), wanted):
            yield picture_of(answer)
    finally:
        engine.close()


def picture_of(answer: Answer) -> Picture:
    """The picture; where the engine answered with an error, that error is raised."""
    if isinstance(answer, VktrsError):
        raise answer
    return answer


def save_all(pictures: Iterator[Picture], folder: Path) -> list[Path]:
    """The pictures as PNG files, as vktrs saves them; their paths in order."""
    folder.mkdir(parents=True)
    paths = []
    for number, picture in enumerate(pictures):
        paths.append(folder / f"{number:04d}.png")
        save_png(paths[-1], picture)
    return paths


def _shapes(rng: Generator, size: int) -> Field:
    edges = np.tanh(6 * (_noise(rng, size, 2.2) + 0.5)) + np.tanh(6 * (_noise(rng, size, 2.2) - 0.4))
    clouds = 20 * _noise(rng, size, 2.0)
    channels = [
        rng.uniform(60, 190) + rng.uniform(-25, 25) * edges + clouds + 18 * _noise(rng, size, 2.2) for _ in range(3)
    ]
    return np.stack(channels, axis=-1).astype(np.float32)


def _detail(rng: Generator, size: int) -> Field:
    return (12 * _noise(rng, size, 1.3)).astype(np.float32)


def _varied(shapes: Field, detail: Field, rng: Generator) -> tuple[Field, Field]:
    from scipy.ndimage import map_coordinates

    size = len(detail)
    down, right = np.mgrid[:size, :size].astype(np.float32)
    places = [down + _MOVED * _noise(rng, size, 3.0), right + _MOVED * _noise(rng, size, 3.0)]
    channels = [map_coordinates(shapes[..., each], places, order=1, mode="mirror") for each in range(3)]
    # cubic, or the detail would fade from variation to variation
    moved = map_coordinates(detail, places, order=3, mode="mirror")
    kept = float(np.sqrt(1 - _DRAWN_ANEW**2))
    return np.stack(channels, axis=-1), kept * moved + _DRAWN_ANEW * _detail(rng, size)


def _picture(shapes: Field, detail: Field, rng: Generator) -> Picture:
    grain = 0.8 * rng.standard_normal(shapes.shape, dtype=np.float32)
    return (shapes + detail[..., None] + grain).round().clip(0, 255).astype(np.uint8)


def _noise(rng: Generator, size: int, exponent: float) -> Field:
    """Noise whose amplitude falls as 1/f^exponent: mean 0, deviation 1, `(size, size)`."""
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    field = np.fft.irfft2(spectrum * _falling(size, exponent), s=(size, size))
    return np.asarray((field - field.mean()) / field.std(), np.float32)


@lru_cache(maxsize=8)
def _falling(size: int, exponent: float) -> NDArray[np.float64]:
    frequency = np.hypot(np.fft.rfftfreq(size)[None, :], np.fft.fftfreq(size)[:, None])
    frequency[0, 0] = 1.0
    falling: NDArray[np.float64] = frequency**-exponent
    return falling
