"""One scene's clip, from pictures to a verified file: the one door to coding.

`encode_clip` codes every picture once where that can be done (`cycle`), looks at what it wrote (`verify`), and
codes every frame as an ordinary segment if anything is wrong with it. Both kinds carry the same parameter sets, so
that `join` may put them side by side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from vktrs.errors import InputError, VktrsError
from vktrs.media import cycle, h264, x264
from vktrs.media.mp4 import Sample, write_clip
from vktrs.media.verify import ClipWrong, Plane, probe, verify_clip
from vktrs.media.x264 import EncoderSettings
from vktrs.picture import Picture

_NEAR = 3
LONGEST_GROUP_SECONDS = 10
"""Then a key frame is due: a player that seeks decodes from the last one on."""


@dataclass(frozen=True, slots=True)
class CyclePart:
    """A stretch of a clip that shows `pictures` over and over, each held for `hold` frames.

    `pictures`: each `(height, width, 3)` uint8 sRGB in the size of the settings; a sequence may load them when
    asked, and is asked for each one once (more often only if a cycle is too long to be coded once).
    `frames`: length of the part, at least 1. It starts with the first picture; `played` tells for each frame which
    picture it shows instead (then `hold` says nothing).
    """

    pictures: Sequence[Picture]
    frames: int
    hold: int = 1
    played: Sequence[int] | None = None

    def shows(self, frame: int) -> int:
        """The number of the picture that a frame of the part shows."""
        return frame // self.hold % len(self.pictures) if self.played is None else self.played[frame]

    def __post_init__(self) -> None:
        if not len(self.pictures) or self.frames < 1 or self.hold < 1:
            raise ValueError("a part needs a picture, a frame and a hold of at least 1")
        if self.played is not None and len(self.played) != self.frames:
            raise ValueError("a part that tells what it plays tells it for each frame")


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What was written. `kind`: "cycle" if each picture was coded once, else "segment" and `why_segment` says why.

    `coded` = frames that x264 coded, of `frames`; `file_size` in bytes; `parameter_sets` = SPS and PPS.
    """

    kind: Literal["cycle", "segment"]
    frames: int
    coded: int
    file_size: int
    parameter_sets: bytes
    why_segment: str = ""


@dataclass(frozen=True, slots=True)
class _Coding:
    """A clip as samples, and what its frames should look like."""

    samples: list[Sample]
    steps: list[cycle.Step]
    probes: list[Plane]
    recoded: int


def encode_clip(
    parts: Sequence[CyclePart], settings: EncoderSettings, path: Path, *, title: str = "", comment: str = ""
) -> ClipReport:
    """Write the parts one after another as one mp4 to exactly `path`, and look at every frame of it.

    Time base 1/fps, pts = frame number, BT.709 tv range, closed groups of at most 10 seconds, no audio.
    InputError if a picture has another size than the settings, MissingError without x264, VktrsError if even an
    ordinary segment does not come out right.
    """
    metadata = {"title": title, "comment": comment}
    try:
        return _write(parts, settings, path, metadata, reuse=True)
    except (h264.UnexpectedStream, ClipWrong) as wrong:
        why = f"the cycle came out wrong: {wrong}"
    try:
        return _write(parts, settings, path, metadata, reuse=False, why_segment=why)
    except (h264.UnexpectedStream, ClipWrong) as wrong:
        raise VktrsError(f"{path.name} could not be encoded: {wrong}", f"Before that, {why}.") from wrong


def _write(
    parts: Sequence[CyclePart],
    settings: EncoderSettings,
    path: Path,
    metadata: dict[str, str],
    reuse: bool,
    why_segment: str = "",
) -> ClipReport:
    coding = _code(parts, settings, reuse)
    sets = x264.video_sets(settings)
    write_clip(path, coding.samples, sets, settings.fps, metadata)
    verify_clip(path, coding.steps, coding.probes, settings.references)
    if coding.recoded and not why_segment:
        longest = max(len(part.pictures) for part in parts)
        why_segment = f"a cycle of {longest} pictures is longer than the {settings.references} that are kept"
    return ClipReport(
        kind="segment" if why_segment else "cycle",
        frames=len(coding.steps),
        coded=len(coding.probes),
        file_size=path.stat().st_size,
        parameter_sets=b"".join(sets.units()),
        why_segment=why_segment,
    )


def _code(parts: Sequence[CyclePart], settings: EncoderSettings, reuse: bool) -> _Coding:
    store = cycle.PictureStore(settings.references, int(LONGEST_GROUP_SECONDS * settings.fps), reuse)
    steps: list[cycle.Step] = []
    probes: list[Plane] = []

    def pictures() -> Iterator[x264.CodedPicture]:
        for picture, step in _shown(parts, settings, store, steps):
            frame = x264.to_yuv(picture)
            probes.append(probe(frame))
            yield x264.CodedPicture(frame, step.idr)

    coded = list(x264.encode(pictures(), settings, _searched(parts, settings, reuse)))
    units = cycle.access_units(steps, coded, x264.skip_model(settings), x264.video_sets(settings))
    samples = [Sample(unit, step.idr) for unit, step in zip(units, steps, strict=True)]
    return _Coding(samples, steps, probes, store.recoded)


def _searched(parts: Sequence[CyclePart], settings: EncoderSettings, reuse: bool) -> int:
    """How many coded pictures back x264 looks for each block.

    Through the whole cycle where another part shows the same pictures again, with or without a caption; else a few:
    looking further costs more time than it saves bytes. Where pictures do not repeat within reach, the one before.
    """
    longest = max(len(part.pictures) * (1 if reuse else part.hold) for part in parts)
    if longest > settings.references:
        return 1
    return min(longest, _NEAR) if reuse and len(parts) == 1 else longest


def _shown(
    parts: Sequence[CyclePart], settings: EncoderSettings, store: cycle.PictureStore, steps: list[cycle.Step]
) -> Iterator[tuple[Picture, cycle.Step]]:
    """Goes through all frames, notes a step for each, and gives the pictures that have to be coded."""
    for part in parts:
        names: dict[int, bytes] = {}
        for frame in range(part.frames):
            index = part.shows(frame)
            picture = None
            if index not in names:
                picture = _checked(part.pictures[index], settings)
                names[index] = hashlib.blake2b(np.ascontiguousarray(picture).data).digest()
            steps.append(step := store.show(names[index]))
            if step.new:
                yield part.pictures[index] if picture is None else picture, step


def _checked(picture: Picture, settings: EncoderSettings) -> Picture:
    if picture.shape != (settings.height, settings.width, 3) or picture.dtype != np.uint8:
        raise InputError(
            f"a picture of {picture.dtype} {picture.shape} does not fit a video of {settings.width}x{settings.height}",
            "It has to be (height, width, 3) of uint8.",
        )
    return picture
