"""One song file, opened: its frames as PyAV decodes them, what it holds, and frames brought to a rate.

A file that plainly holds less than it promises is refused here. It knows nothing of what the sound is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.errors import InputError
from vktrs.media.ffmpeg import as_file
from vktrs.media.truncation import cut_short, length_is_a_guess

Samples = NDArray[np.float32]

_LOST_SECONDS = 1.0
# the digest of such a file would not say when the song changes
_LISTS = frozenset({"concat", "hls", "applehttp", "dash"})
_MEND = "If it is meant to be like this, copy what there is: ffmpeg -i FILE -c:a flac song.flac"


@dataclass(frozen=True, slots=True)
class SongInfo:
    """What a song file holds: `samples` per channel as decoded, at `rate` Hz; tags are None where it has none."""

    samples: int
    rate: int
    channels: int
    codec: str
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    has_picture: bool = False

    @property
    def duration(self) -> float:
        """Seconds, exact to the sample."""
        return self.samples / self.rate

    def length_at(self, rate: int) -> int:
        """How many samples the song has at another rate (Hz)."""
        return round(self.samples * rate / self.rate)


class SongFile:
    """An open song file: gives its frames in order and counts what it gave."""

    def __init__(self, path: Path) -> None:
        import av

        _check_file(path)
        self._path = path
        self._samples = 0
        self._rate = 0
        self._channels = 0
        self._bad_packets = 0
        try:
            # only files: a playlist posing as a song must not make ffmpeg fetch things
            self._container: Any = av.open(as_file(path), options={"protocol_whitelist": "file,crypto,data"})
        except (av.FFmpegError, ValueError) as error:
            raise InputError(
                f"{path} is not a sound file that ffmpeg can read, or it was cut short.",
                "Give an mp3, m4a, ogg, opus, flac, wav or the like.",
            ) from error
        if self._container.format.name in _LISTS:
            self._container.close()
            raise InputError(f"{path} is a list of other files, not a sound file.", "Give the song's own file.")
        self._stream = self._container.streams.best("audio")
        if self._stream is None:
            self._container.close()
            raise InputError(f"{path} has no sound in it.", "Give a file with an audio stream.")

    def __enter__(self) -> SongFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def frames(self) -> Iterator[Any]:
        """Every decoded frame; InputError at the end if there is plainly less than the file promises."""
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                decoded = packet.decode()
            except av.FFmpegError:
                self._bad_packets += 1
                if self._bad_packets > 10_000:
                    break
                continue
            for frame in decoded:
                self._count(frame)
                yield frame
        self._check_whole()

    def _count(self, frame: Any) -> None:
        if not self._rate:
            self._rate, self._channels = frame.sample_rate, frame.layout.nb_channels
        # a file glued together from several rates is counted at the rate of its beginning
        self._samples += round(frame.samples * self._rate / frame.sample_rate)

    def _check_whole(self) -> None:
        if not self._samples:
            raise InputError(f"{self._path} holds no sound that can be decoded.", "Give a file that a player plays.")
        found = self._samples / self._rate
        promised = self._promised()
        reason = cut_short(self._path)
        if promised is not None and promised - found > _LOST_SECONDS:
            reason = f"it should last {promised:.1f} s, and {found:.1f} s of it can be decoded"
        if reason:
            raise InputError(f"{self._path} is cut short: {reason}.", f"Copy or download it again. {_MEND}")
        if self._bad_packets * 1152 / self._rate > _LOST_SECONDS:
            raise InputError(f"{self._path} is damaged: {self._bad_packets} pieces cannot be decoded.", _MEND)

    def _promised(self) -> float | None:
        """Seconds that the file's header states; None where it states nothing."""
        if length_is_a_guess(self._path, self._container.format.name):
            return None
        if self._stream.duration is not None:
            return float(self._stream.duration * self._stream.time_base)
        alone = len(self._container.streams) == 1
        return self._container.duration / 1e6 if alone and self._container.duration else None

    def info(self) -> SongInfo:
        """What was found; only after all frames were drawn."""
        tags = {key.lower(): value.strip() for key, value in self._tags().items() if value.strip()}
        videos = self._container.streams.video
        return SongInfo(
            samples=self._samples,
            rate=self._rate,
            channels=self._channels,
            codec=self._stream.codec_context.name,
            title=tags.get("title"),
            artist=tags.get("artist"),
            album=tags.get("album"),
            has_picture=any(stream.disposition & stream.disposition.attached_pic for stream in videos),
        )

    def _tags(self) -> dict[str, str]:
        # ogg and opus carry their tags on the stream, the others on the container
        return {**self._stream.metadata, **self._container.metadata}


class Mix:
    """Frames of any kind to float32 at one rate, in one or two channels: collected (`add`, `end`) or piece by piece."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._kept: list[Samples] = []
        self._kind: tuple[object, ...] | None = None
        self._resampler: Any = None

    def add(self, frame: Any) -> None:
        self._kept.extend(self._convert(frame))

    def pieces(self, frames: Iterator[Any]) -> Iterator[Samples]:
        """`(n, channels)` piece by piece."""
        for frame in frames:
            yield from self._convert(frame)
        yield from self._flush()

    def end(self, count: int) -> Samples:
        """All that was added, cut or filled up with silence to `count` samples."""
        self._kept.extend(self._flush())
        sound = np.zeros((count, self._channels), np.float32)
        position = 0
        for piece in self._kept:
            part = piece[: count - position]
            sound[position : position + len(part)] = part
            position += len(part)
        return sound[:, 0] if self._channels == 1 else sound

    def _convert(self, frame: Any) -> Iterator[Samples]:
        import av

        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            yield from self._flush()
            wide = frame.layout.nb_channels > 1
            # into whole numbers ffmpeg scales a sum of many channels so that it cannot clip, into floats it does not
            form = "s32" if frame.layout.nb_channels > 2 else "flt"
            layout = "stereo" if wide else "mono"
            self._resampler = av.AudioResampler(format=form, layout=layout, rate=self._rate)
            self._kind = kind
        frame.pts = None
        for out in self._resampler.resample(frame):
            yield self._shape(out)

    def _flush(self) -> Iterator[Samples]:
        if self._resampler is not None:
            for out in self._resampler.resample(None):
                yield self._shape(out)
            self._resampler = None

    def _shape(self, frame: Any) -> Samples:
        """One packed frame as `(n, channels)`."""
        raw = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
        sound = raw.astype(np.float32) / 2**31 if raw.dtype == np.int32 else raw
        if self._channels < sound.shape[1]:
            return np.asarray(sound.mean(axis=1, keepdims=True), dtype=np.float32)
        return np.ascontiguousarray(np.broadcast_to(sound, (len(sound), self._channels)), dtype=np.float32)


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder.", "Give the song's file.")
        if not path.exists():
            raise InputError(f"{path} does not exist.", "Give the path of a sound file, or a URL.")
        if not path.is_file():
            raise InputError(f"{path} is not a file.", "Give the path of a sound file.")
        if not path.stat().st_size:
            raise InputError(f"{path} is empty.", "Copy or download it again.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Give the path of a sound file.") from error
