"""Scenes that are no cycle: more pictures than are kept, captions that change with every word, constant motion."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.assembly import compared
from benchmarks.cuts import Stretch, make_cut
from benchmarks.figures import Goal, Row, Scale
from benchmarks.gallery import SIZE, diffusion_like, save_all, wandering
from vktrs.media.captions import burn

_CPU, _BYTES = Goal(0.65), Goal(0.35)
_WORDS = ("Daisy", "Daisy", "give", "me", "your", "answer,", "do", "I'm", "half", "crazy")
_FRAMES_A_WORD = 12


def measure(scale: Scale) -> list[Row]:
    """A row for each kind."""
    scenes, size = (2, 128) if scale.quick else (2, SIZE)

    def captioned(scene: int, frames: int, folder: Path) -> Sequence[Stretch]:
        plain = list(diffusion_like(scene, 8, size))
        stretches = []
        for first in range(0, frames, _FRAMES_A_WORD):
            word = first // _FRAMES_A_WORD
            turn = first % len(plain)
            written = burn([*plain[turn:], *plain[:turn]], _WORDS[word % len(_WORDS)])
            paths = save_all(iter(written), folder / f"word-{word:02d}")
            stretches.append(Stretch(tuple(paths), min(_FRAMES_A_WORD, frames - first)))
        return stretches

    def long_cycle(scene: int, frames: int, folder: Path) -> Sequence[Stretch]:
        return [Stretch(tuple(save_all(diffusion_like(scene, 24, size), folder)), frames)]

    def motion(scene: int, frames: int, folder: Path) -> Sequence[Stretch]:
        return [Stretch(tuple(save_all(wandering(scene, frames, size), folder)), frames)]

    kinds = (
        ("Word captions: 8 pictures, another word every 12 frames", captioned, 8, _BYTES),
        ("Cycles of 24 pictures", long_cycle, 16, _BYTES),
        ("Every frame another picture (img2img motion)", motion, 8, None),
    )
    rows = []
    for title, fill, references, goal in kinds:
        with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
            cut = make_cut(Path(name) / "cut", scenes, fill, references, size)
            rows.append(compared("segments", title, cut, scale.rounds, _CPU, goal))
    return rows
