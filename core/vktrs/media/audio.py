"""Sound: what a song file is, its samples at the rates the stages want, and the AAC that lies under the video.

Everything is decoded by the same decoder (PyAV), whichever ffmpeg is on PATH, so that a song has the same length on
every machine: its decoded samples, counted. Nothing here knows of words, scenes or video.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vktrs.errors import InputError
from vktrs.media.decoding import Mix, Samples, SongFile, SongInfo
from vktrs.media.ffmpeg import FfmpegFailed, as_file, run_ffmpeg

__all__ = ["Samples", "SongInfo", "Sound", "decode", "encode_aac", "listen", "probe"]

_AAC_RATES = (44100, 48000)
_AAC_FRAME = 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """What `encode_aac` wrote: `samples` per channel at `rate` Hz."""

    samples: int
    rate: int
    channels: int


def probe(path: Path) -> SongInfo:
    """What `path` holds. The whole of it is decoded (half a second for a song). InputError as `listen`."""
    return listen(path, ())[0]


def decode(path: Path, rate: int, mono: bool = True) -> Samples:
    """The song at `rate` Hz, float32 within about -1..1: `(n,)`, or `(n, 2)` without `mono`. InputError as `listen`."""
    with SongFile(path) as song:
        mix = Mix(rate, 1 if mono else 2)
        for frame in song.frames():
            mix.add(frame)
        return mix.end(song.info().length_at(rate))


def listen(path: Path, rates: Sequence[int]) -> tuple[SongInfo, list[Samples]]:
    """Decode once: what the song is, and mono float32 `(n,)` at each of `rates` (Hz), n = round(duration * rate).

    Mono is the mean of the channels. InputError, naming the file: missing, a folder, empty, not audio, no audio in
    it, cut short (its header promises over a second more than there is), or damaged.
    """
    with SongFile(path) as song:
        mixes = [Mix(rate, 1) for rate in rates]
        for frame in song.frames():
            for mix in mixes:
                mix.add(frame)
        info = song.info()
        return info, [mix.end(info.length_at(rate)) for mix, rate in zip(mixes, rates, strict=True)]


def encode_aac(
    path: Path,
    out: Path,
    *,
    start: float | None = None,
    end: float | None = None,
    bitrate: str = "192k",
    info: SongInfo | None = None,
) -> Sound:
    """Write the song, or `start`..`end` (seconds) of it, as AAC-LC into `out` (.m4a), exact to the sample.

    Native rate if 44.1 or 48 kHz, else 48 kHz; more than two channels become two. What any player decodes begins with
    the first sample and has round(seconds * rate) of them: the encoder's delay is filled up with silence to whole
    frames of 1024 *in front* and skipped by the edit list, since ffmpeg before 7 honours edit lists only at the front
    of a sound. `info` (of `probe`) saves a pass. InputError as `listen`, and for an excerpt outside the song.
    """
    info = info or probe(path)
    rate = info.rate if info.rate in _AAC_RATES else _AAC_RATES[-1]
    channels = min(info.channels, 2)
    whole = info.length_at(rate)
    first = round((start or 0.0) * rate)
    last = whole if end is None else min(whole, round(end * rate))
    if not 0 <= first < last:
        raise InputError(f"the excerpt {start}..{end} s lies outside {path.name} ({info.duration:.3f} s).")
    count = last - first
    padding = -count % _AAC_FRAME
    pieces = _packed(path, rate, channels, (first, last), padding)
    _run_aac(pieces, out, (rate, channels, padding), bitrate)
    return Sound(count, rate, channels)


def _run_aac(pieces: Iterator[bytes], out: Path, shape: tuple[int, int, int], bitrate: str) -> None:
    import ffmpeg

    rate, channels, padding = shape
    partial = out.with_name(f".{out.stem}.part.m4a")
    sound = ffmpeg.input("pipe:0", format="f32le", ar=rate, ac=channels).filter("asetpts", f"PTS-{padding}")
    # at rates like these ffmpeg's documentation calls this coder the better one, and it takes half the time
    coder = {"aac_coder": "fast"}
    options = {"c:a": "aac", **coder, "b:a": bitrate, "movie_timescale": rate, "movflags": "+faststart", "f": "ipod"}
    try:
        run_ffmpeg(ffmpeg.output(sound, as_file(partial), **options), stdin=pieces)
        partial.replace(out)
    except FfmpegFailed as error:
        raise FfmpegFailed(f"the sound could not be written to {out.name}: {error.message}") from error
    finally:
        partial.unlink(missing_ok=True)


def _packed(path: Path, rate: int, channels: int, span: tuple[int, int], padding: int) -> Iterator[bytes]:
    """Interleaved float32 of the samples `span` at `rate`, after `padding` samples of silence."""
    first, last = span
    yield bytes(4 * channels * padding)
    position = 0
    with SongFile(path) as song:
        mix = Mix(rate, channels)
        for piece in mix.pieces(song.frames()):
            part = piece[max(0, first - position) : max(0, last - position)]
            position += len(piece)
            if len(part):
                yield part.tobytes()
            if position >= last:
                return
    # a resampler may end a few samples before the rounded length
    yield bytes(4 * channels * (last - max(first, position)))
