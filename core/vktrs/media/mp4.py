"""H.264 samples into mp4 and out again, by PyAV: no picture is coded or decoded here.

It owns containers and timestamps: time base 1/fps, pts = dts = frame number, one sample a frame.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vktrs.errors import ArtifactDamaged
from vktrs.media import nal


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame of a video track: NAL units behind their lengths; `key` where decoding may start."""

    data: bytes
    key: bool


def write_clip(
    path: Path, samples: Iterable[Sample], sets: nal.ParameterSets, fps: Fraction, metadata: dict[str, str]
) -> None:
    """A video-only mp4 with these samples, written to exactly this path. At least one sample; the first is IDR."""
    import av

    remaining = iter(samples)
    first = next(remaining)
    # short start codes: of the long ones PyAV takes the first byte for the end of the parameter set before
    head = io.BytesIO(b"".join(b"\0\0\1" + unit for unit in (*sets.units(), *nal.split_sample(first.data))))
    with av.open(head, format="h264") as template, open_mp4(path, fps, metadata) as out:
        video = out.add_stream_from_template(template.streams.video[0], time_base=1 / fps)
        for number, sample in enumerate((first, *remaining)):
            # the template came from a byte stream, so the muxer expects start codes and makes lengths of them
            stream_piece = Sample(nal.annex_b(nal.split_sample(sample.data)), sample.key)
            out.mux(video_packet(stream_piece, number, video, fps))


@contextmanager
def open_mp4(
    path: Path, fps: Fraction, metadata: dict[str, str], options: dict[str, str] | None = None
) -> Iterator[Any]:
    """An mp4 being written, whatever the path ends in, whose video track ticks in 1/fps."""
    import av

    timescale = {"video_track_timescale": str(fps.numerator)}
    with av.open(str(path), "w", format="mp4", options=timescale | (options or {})) as out:
        out.metadata.update({key: value for key, value in metadata.items() if value})
        yield out


def video_packet(sample: Sample, number: int, stream: Any, fps: Fraction) -> Any:
    """A packet for frame `number`, which lasts one frame."""
    from av import Packet

    packet = Packet(sample.data)
    packet.stream, packet.time_base = stream, 1 / fps
    packet.pts = packet.dts = number
    packet.duration, packet.is_keyframe = 1, sample.key
    return packet


@contextmanager
def open_clip(path: Path) -> Iterator[Any]:
    """A clip being read, as a PyAV container; ArtifactDamaged if it is no whole mp4 with one video track."""
    import av

    try:
        if not is_whole(path):
            raise ArtifactDamaged(path, "its end is missing")
        container = av.open(str(path), format="mp4")
    except (av.FFmpegError, OSError) as error:
        raise ArtifactDamaged(path, f"it can't be opened ({error})") from error
    with container:
        if len(container.streams.video) != 1:
            raise ArtifactDamaged(path, "it has no video track")
        yield container


def read_sets(container: Any, path: Path) -> nal.ParameterSets:
    """The parameter sets of an open clip; ArtifactDamaged if they can't be read."""
    try:
        return nal.parameter_sets_of_avcc(bytes(container.streams.video[0].codec_context.extradata or b""))
    except (ValueError, IndexError) as error:
        raise ArtifactDamaged(path, f"its parameter sets can't be read ({error})") from error


def read_samples(container: Any, path: Path, fps: Fraction) -> Iterator[Sample]:
    """The frames of an open clip in order; ArtifactDamaged where one is missing, cut short or not in its place."""
    import av

    stream = container.streams.video[0]
    number = 0
    try:
        for packet in container.demux(stream):
            if packet.pts is None:
                continue  # the end
            if packet.pts * packet.time_base * fps != number or packet.is_corrupt:
                raise ArtifactDamaged(path, f"frame {number} is not whole")
            yield _checked(Sample(bytes(packet), packet.is_keyframe))
            number += 1
    except (av.FFmpegError, ValueError) as error:
        raise ArtifactDamaged(path, f"frame {number} can't be read ({error})") from error
    if number == 0 or number != stream.frames:
        raise ArtifactDamaged(path, f"it holds {number} frames, not {stream.frames}")


def _checked(sample: Sample) -> Sample:
    """The sample; ValueError if it is not one picture whose kind is as the container says."""
    kinds = [nal.nal_type(unit) for unit in nal.split_sample(sample.data)]
    if kinds != [nal.IDR_SLICE if sample.key else nal.SLICE]:
        raise ValueError(f"NAL units of the types {kinds}")
    return sample


def is_whole(path: Path) -> bool:
    """Whether the boxes of an mp4 (ISO/IEC 14496-12, 4.2) end where the file ends; players don't mind, we do."""
    end = path.stat().st_size
    position = 0
    with path.open("rb") as file:
        while end - position > 0:
            file.seek(position)
            head = file.read(16)
            size = int.from_bytes(head[:4], "big")
            if size == 1:  # the size does not fit in 32 bits and stands behind the type
                size = int.from_bytes(head[8:], "big")
            if size < 8:
                return False
            position += size
    return position == end > 0
