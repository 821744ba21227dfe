"""The clips of a video side by side, with the song under them: packets are copied, nothing is coded again.

Every clip must carry the parameter sets that the settings give today: a stream that changes them midway decodes in
ffmpeg and fails in browsers and televisions. The only bytes that change are the idr_pic_id of a clip's first picture
where the clip before it ended with an IDR picture, so that the two differ (ITU-T H.264, 7.4.3).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from vktrs.errors import ArtifactDamaged
from vktrs.media import cycle, nal
from vktrs.media.mp4 import Sample, is_whole, open_clip, open_mp4, read_samples, read_sets, video_packet
from vktrs.media.subtitles import Subtitles, subtitle_track
from vktrs.media.x264 import EncoderSettings, video_sets

Progress = Callable[[int, int], None]
"""Called with how many clips are in the file, of how many."""


def join_clips(
    clips: Sequence[Path],
    audio: Path | None,
    out: Path,
    *,
    settings: EncoderSettings,
    title: str = "",
    comment: str = "",
    subtitles: Subtitles | None = None,
    on_progress: Progress | None = None,
) -> int:
    """Write `clips` one after another as one mp4 to exactly `out`; the number of frames comes back.

    `audio`: a file with one AAC track, whose packets and start (encoder delay) are carried over as they are. The mp4
    begins with its index, so that it plays while it loads. `title` and `comment` go into its metadata, `subtitles` into
    a track that players may show.
    ArtifactDamaged, naming the file, if a clip or the audio is not whole, or a clip was coded with other settings.
    """
    if not clips:
        raise ValueError("there is nothing to join")
    samples = _samples(clips, video_sets(settings), settings.fps, on_progress)
    metadata = {"title": title, "comment": comment}
    if audio is None:
        return _write(out, clips[0], samples, None, subtitles, settings.fps, metadata)
    with _open_audio(audio) as track:
        return _write(out, clips[0], samples, track, subtitles, settings.fps, metadata)


def _write(
    out: Path,
    first: Path,
    samples: Iterator[Sample],
    sound: Any | None,
    subtitles: Subtitles | None,
    fps: Fraction,
    metadata: dict[str, str],
) -> int:
    options = {"movflags": "+faststart"}
    if sound is not None:  # edit lists are written in this unit: without it, the song's start and end in milliseconds
        options["movie_timescale"] = str(sound.rate)
    with ExitStack() as open_:
        template = open_.enter_context(open_clip(first))
        container = open_.enter_context(open_mp4(out, fps, metadata, options))
        video = container.add_stream_from_template(template.streams.video[0], time_base=1 / fps)
        tracks: list[Iterator[Any]] = [
            (video_packet(sample, number, video, fps) for number, sample in enumerate(samples))
        ]
        if sound is not None:
            tracks.append(_audio_packets(sound, container.add_stream_from_template(sound)))
        if subtitles is not None:
            tracks.append(open_.enter_context(subtitle_track(container, subtitles)))
        frames = 0
        for packet in heapq.merge(*tracks, key=lambda packet: packet.dts * packet.time_base):
            frames += packet.stream is video
            container.mux(packet)
    return frames


def _samples(
    clips: Sequence[Path], sets: nal.ParameterSets, fps: Fraction, on_progress: Progress | None
) -> Iterator[Sample]:
    """All frames of all clips, neighbouring IDR pictures told apart."""
    before: int | None = None  # idr_pic_id of the frame before, if that is an IDR picture
    for number, path in enumerate(clips, start=1):
        with open_clip(path) as container:
            if read_sets(container, path) != sets:
                raise ArtifactDamaged(path, "it was coded with other settings than the video has")
            for sample in read_samples(container, path, fps):
                if sample.key:
                    sample, before = _told_apart(sample, before, sets, path)
                else:
                    before = None
                yield sample
        if on_progress:
            on_progress(number, len(clips))


def _told_apart(sample: Sample, before: int | None, sets: nal.ParameterSets, path: Path) -> tuple[Sample, int | None]:
    """The sample with an idr_pic_id other than `before`, and the one that it has."""
    try:
        own = cycle.idr_pic_id(sample.data, sets)
        if own is None or own != before:
            return sample, own
        return Sample(cycle.with_idr_pic_id(sample.data, 1 - own, sets), sample.key), 1 - own
    except (ValueError, EOFError) as error:
        raise ArtifactDamaged(path, f"its first picture can't be read ({error})") from error


@contextmanager
def _open_audio(path: Path) -> Iterator[Any]:
    """The one audio track of a file, as a PyAV stream."""
    import av

    try:
        if not is_whole(path):
            raise ArtifactDamaged(path, "its end is missing")
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise ArtifactDamaged(path, f"it can't be opened ({error})") from error
    with container:
        if len(container.streams.audio) != 1:
            raise ArtifactDamaged(path, "it has no audio track")
        yield container.streams.audio[0]


def _audio_packets(source: Any, target: Any) -> Iterator[Any]:
    for packet in source.container.demux(source):
        if packet.dts is not None:
            packet.stream = target
            yield packet
