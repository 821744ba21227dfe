"""Tiny projects that a run finishes in a fraction of a second, and what tests look at in them.

Five seconds of clicks and tones, 48 x 32 pixels, 12 frames a second, cycles of four pictures.
"""

from __future__ import annotations

import hashlib
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.real.worker_forks import Forks

SECONDS = 5.0
RATE = 22050
FPS = 12
FRAMES = int(SECONDS * FPS)

SETTINGS = """\
schema = 1

[song]
source = "song.wav"
title = "Clicks"{lyrics}

[video]
width = 48
height = 32
fps = 12

[engines]
speech = "none"

[look]
themes = ["crimson lanterns", "teal harbour"]
assign_themes = "rotate"
variations = 3
hold = 2
"""

SCENES = """
[[scenes]]
id = "aaaa"
start = 0.0
text = "first light"

# the second one
[[scenes]]
id = "bbbb"
start = 1.0
text = "second street"

[[scenes]]
id = "cccc"
start = 2.0

[[scenes]]
id = "dddd"
start = 3.0
text = "third hill"

[[scenes]]
id = "eeee"
start = 4.0
text = "last song"
"""
"""Five scenes of a second; the third has no text."""

LYRICS = """\
[00:00.20]first light over the water
[00:01.50]second street in the rain
[00:02.80]third hill and nobody there
[00:04.00]
"""


def write_song(path: Path, seconds: float = SECONDS) -> None:
    """Clicks twice a second over a falling tone, as 16-bit mono."""
    time = np.arange(int(seconds * RATE)) / RATE
    sound = 0.2 * np.sin(2 * np.pi * (440 - 20 * time) * time) + 0.7 * (time % 0.5 < 0.004)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def silent_project(folder: Path, scenes: str = SCENES) -> Path:
    """Scenes written by hand under a song in which nobody sings; the folder."""
    folder.mkdir(parents=True)
    write_song(folder / "song.wav")
    (folder / "storyboard.toml").write_text(SETTINGS.format(lyrics="") + scenes, "utf-8")
    return folder


def sung_project(folder: Path) -> Path:
    """A storyboard without scenes and lyrics with times, from which the first run makes them; the folder."""
    folder.mkdir(parents=True)
    write_song(folder / "song.wav")
    (folder / "lyrics.lrc").write_text(LYRICS, "utf-8")
    (folder / "storyboard.toml").write_text(SETTINGS.format(lyrics='\nlyrics = "lyrics.lrc"'), "utf-8")
    return folder


def proposed_project(folder: Path, forks: Forks) -> Path:
    """The same with the scenes that its first run proposed and accepted."""
    sung_project(folder)
    assert forks.run(folder, to="scenes").code == 0
    return folder


def change(folder: Path, old: str, new: str, count: int = 1) -> None:
    """Edit the storyboard as a person does."""
    path = folder / "storyboard.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8")


def frames(video: Path) -> list[str]:
    """A digest of every decoded frame."""
    import av

    with av.open(str(video)) as container:
        return [
            hashlib.md5(frame.to_ndarray(format="yuv420p").tobytes()).hexdigest() for frame in container.decode(video=0)
        ]


def sound_seconds(video: Path) -> float:
    """How long the sound of a video plays, decoded."""
    import av

    with av.open(str(video)) as container:
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream)) / stream.rate


def whole_artifacts(folder: Path) -> dict[str, tuple[int, int]]:
    """Every artifact and take that is there under its final name, with inode and time: made again, these change."""
    kept = [*(folder / ".vktrs" / "cache").glob("*/[!.]*"), *(folder / "takes").glob("*/[!.]*")]
    return {str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in kept}


def leftovers(folder: Path) -> list[str]:
    """Temporary files and folders that a finished run should not leave behind."""
    allowed = {".vktrs"}
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if (path.name.startswith(".") and path.name not in allowed) or path.suffix in (".part", ".tmp", ".edited")
    ]
