"""A song's worth of scenes to assemble, and both ways of making a video of it.

Both ways read the same PNG files from disk, put the same pictures at the same frames and the same song under them.
"""

from __future__ import annotations

import math
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks import notebook, quality
from vktrs.media.audio import encode_aac
from vktrs.media.clip import CyclePart, encode_clip
from vktrs.media.frames import load_png
from vktrs.media.join import join_clips
from vktrs.media.x264 import EncoderSettings
from vktrs.stages.clips import CRF, PRESET
from vktrs.timing import boundaries

FPS = Fraction(30)
_RATE = 44_100
_LENGTHS = (3.1, 4.2, 2.4, 5.0, 2.8, 3.5)  # seconds of scenes in turn; their mean is 3.5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pictures shown in turn for a number of frames."""

    pictures: tuple[Path, ...]
    frames: int

    def shown(self) -> list[Path]:
        """The picture of every frame."""
        return [self.pictures[frame % len(self.pictures)] for frame in range(self.frames)]


@dataclass(frozen=True, slots=True)
class Cut:
    """Scenes, each of one or more stretches, under a song; `references` as vktrs would choose for the project."""

    folder: Path
    scenes: tuple[tuple[Stretch, ...], ...]
    song: Path
    references: int
    size: int

    def shown(self) -> list[Path]:
        """The picture of every frame of the video."""
        return [path for scene in self.scenes for stretch in scene for path in stretch.shown()]

    @property
    def settings(self) -> EncoderSettings:
        """What every clip of the cut is coded with."""
        return EncoderSettings(self.size, self.size, FPS, self.references, CRF, PRESET)

    @property
    def seconds(self) -> float:
        """The length of the video."""
        return float(len(self.shown()) / FPS)

    # The two ways -----------------------------------------------------------------------------------------------

    def by_notebook(self) -> Path:
        """The whole video as the notebook makes it."""
        out = self.folder / "notebook.mp4"
        notebook.encode_video(self.shown(), FPS, self.song, out)
        return out

    def by_vktrs(self) -> Path:
        """The whole video: every clip, looked at frame by frame, the song as AAC, and the join."""
        for number in range(len(self.scenes)):
            self.encode_scene(number)
        self.encode_sound()
        return self.join()

    def encode_sound(self) -> None:
        """The song as AAC."""
        encode_aac(self.song, self.folder / "song.m4a")

    def encode_scene(self, number: int) -> None:
        """One clip, from its PNG files to a verified mp4."""
        loaded: dict[Path, object] = {}

        def load(path: Path) -> object:
            if path not in loaded:
                loaded[path] = load_png(path, self.size, self.size)
            return loaded[path]

        parts = [
            CyclePart([load(path) for path in stretch.pictures], stretch.frames)  # type: ignore[misc]
            for stretch in self.scenes[number]
        ]
        encode_clip(parts, self.settings, self._clip(number))

    def join(self) -> Path:
        """The clips that are there and the song as one video."""
        out = self.folder / "vktrs.mp4"
        clips = [self._clip(number) for number in range(len(self.scenes))]
        join_clips(clips, self.folder / "song.m4a", out, settings=self.settings)
        return out

    def _clip(self, number: int) -> Path:
        return self.folder / f"clip-{number:03d}.mp4"

    # How they compare -------------------------------------------------------------------------------------------

    def likeness(self) -> tuple[quality.Likeness, quality.Likeness]:
        """The notebook's video and ours against the pictures, each in its own colours."""
        shown = self.shown()
        theirs = quality.compare(self.folder / "notebook.mp4", shown, FPS, quality.BT601)
        return theirs, quality.compare(self.folder / "vktrs.mp4", shown, FPS, quality.BT709)

    def sizes(self) -> tuple[int, int]:
        """Video bytes of the notebook's file and of ours."""
        names = ("notebook.mp4", "vktrs.mp4")
        theirs, ours = (quality.video_bytes(self.folder / name) for name in names)
        return theirs, ours


def make_cut(
    folder: Path, scenes: int, fill: Callable[[int, int, Path], Sequence[Stretch]], references: int, size: int
) -> Cut:
    """A cut of so many scenes; `fill(scene, frames, folder)` makes the pictures of one and says how they are shown."""
    starts = [sum(_LENGTHS[each % len(_LENGTHS)] for each in range(scene)) for scene in range(scenes + 1)]
    cuts = boundaries(starts[:-1], starts[-1], FPS)
    filled = tuple(
        tuple(fill(number, cuts[number + 1] - cuts[number], folder / f"scene-{number:03d}")) for number in range(scenes)
    )
    folder.mkdir(parents=True, exist_ok=True)
    song = folder / "song.wav"
    write_song(song, cuts[-1] / FPS)
    return Cut(folder, filled, song, references, size)


def part_of(cut: Cut, scenes: int, folder: Path) -> Cut:
    """The first scenes of a cut, with the song cut to them."""
    folder.mkdir(parents=True)
    song = folder / "song.wav"
    kept = cut.scenes[:scenes]
    write_song(song, Fraction(sum(stretch.frames for scene in kept for stretch in scene)) / FPS)
    return Cut(folder, kept, song, cut.references, cut.size)


def write_song(path: Path, seconds: Fraction | float) -> None:
    """Chords that change every two seconds with a little noise, stereo, 16 bit."""
    time = np.arange(math.floor(seconds * _RATE)) / _RATE
    root = 220.0 * 2.0 ** ((np.floor(time / 2.0) * 5 % 12) / 12)
    phase = 2 * np.pi * np.cumsum(root) / _RATE
    tone = sum(np.sin(phase * overtone) / overtone for overtone in (1.0, 1.25, 1.5, 2.0))
    noise = np.random.default_rng(0).standard_normal((2, len(time)))
    sound = 0.15 * np.stack([tone, np.roll(tone, 400)]) + 0.02 * noise
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((sound.T * 32767).clip(-32768, 32767).astype("<i2").tobytes())
