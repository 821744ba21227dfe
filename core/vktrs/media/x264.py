"""x264, through PyAV, set up so that everything it codes for one video fits together.

It owns the encoder's options and the conversion of pictures to its colours; it knows nothing of cycles or files.
What comes out was rewritten by `h264` (picture order count type 0), so that `skip_slice` pictures fit in between.
Same settings, same parameter sets, whatever the pictures: `stitchable`, explicit level, one thread, no B-pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from vktrs.errors import InputError, MissingError
from vktrs.media import h264, nal
from vktrs.media.levels import codec_level
from vktrs.picture import Picture

_BT709 = 1  # primaries, transfer, matrix: ITU-T H.273
_TV_RANGE = 1  # AVCOL_RANGE_MPEG
_HIGHEST_CRF = 51
_SMALL = 64
"""Of a picture below it, in width or height, x264's macroblock tree reads memory that nobody wrote: the same pictures
were not always coded the same (one time in 20 to 1,000, measured from 16 x 16 on). From 64 x 64 on that was never seen.
"""

_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameter sets apart from the pictures


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """All that shapes the stream: the same for every clip of a video, or they can't be joined.

    `width` and `height` in pixels of the coded picture (even), `references` = pictures that a decoder keeps, 1..16:
    the longest cycle that is coded once.
    """

    width: int
    height: int
    fps: Fraction
    references: int
    crf: float = 25
    preset: str = "veryfast"

    def __post_init__(self) -> None:
        if self.width < 16 or self.height < 16 or self.width % 2 or self.height % 2:
            raise InputError(f"{self.width}x{self.height} is no picture size", "Both must be even and at least 16.")
        if not 1 <= self.references <= 16:
            raise ValueError(f"{self.references} references; H.264 keeps 1 to 16")


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One picture for the encoder: yuv420p planes in a PyAV frame; `idr` starts a new closed group of pictures."""

    frame: Any
    idr: bool


def to_yuv(picture: Picture) -> Any:
    """A PyAV frame, yuv420p, BT.709 matrix, tv range."""
    from av import VideoFrame

    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace=_BT709, interpolation="BICUBIC")


def encode(pictures: Iterable[CodedPicture], settings: EncoderSettings, searched: int = 1) -> Iterator[h264.Slice]:
    """The coded pictures in order, one slice each; frame_num and poc_lsb as if nothing stood in between.

    `searched` = how many earlier pictures are searched for each block, 1..references. Pictures are taken from the
    iterable a few ahead of what comes out (x264's lookahead). UnexpectedStream where x264 wrote what `h264` can't read.
    """
    context = _open(settings, searched)
    fields = h264.stream_fields(_sets(context))
    for number, coded in enumerate(pictures):
        coded.frame.pts = number
        coded.frame.pict_type = _picture_type("I" if coded.idr else "NONE")
        yield from _slices(context.encode(coded.frame), fields)
    yield from _slices(context.encode(None), fields)


def video_sets(settings: EncoderSettings) -> nal.ParameterSets:
    """The parameter sets that all clips of a video with these settings carry, byte by byte."""
    return h264.rewritten_sets(_sets(_open(settings, searched=1)))


@lru_cache(maxsize=4)
def skip_model(settings: EncoderSettings) -> h264.Slice:
    """A P picture of this size in which every macroblock is skipped: the second of two flat grey ones.

    Coded as coarsely as can be: that changes nothing in a picture without coefficients, but at a high QP CABAC
    expects skipped macroblocks from the start (Table 9-13), which saves two or three bytes in each.
    """
    from av import VideoFrame

    coarse = replace(settings, crf=_HIGHEST_CRF)

    def grey(idr: bool) -> CodedPicture:
        frame = VideoFrame(settings.width, settings.height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        return CodedPicture(frame, idr)

    return list(encode([grey(True), grey(False)], coarse))[1]


def _open(settings: EncoderSettings, searched: int) -> Any:
    import av

    if "libx264" not in av.codecs_available:
        raise MissingError("PyAV has no libx264", "Install its wheel: pip install --only-binary av 'av>=14'")
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = settings.width, settings.height, "yuv420p"
    context.framerate, context.time_base = settings.fps, 1 / settings.fps
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _TV_RANGE
    context.thread_count = 1
    context.flags |= _GLOBAL_HEADER
    context.options = _options(settings, searched)
    context.open()
    return context


def _options(settings: EncoderSettings, searched: int) -> dict[str, str]:
    level = codec_level(settings.width, settings.height, settings.fps, settings.references)
    x264_params = {
        "level": level,
        "dpb-size": settings.references,
        "ref": searched,
        "keyint": "infinite",
        "stitchable": 1,
        "weightp": 0,
        "cabac": 1,
        "slices": 1,
        "threads": 1,
    }
    if min(settings.width, settings.height) < _SMALL:
        x264_params["mbtree"] = 0
    return {
        "preset": settings.preset,
        "crf": f"{settings.crf:g}",
        "bf": "0",
        "sc_threshold": "0",
        "forced-idr": "1",
        "x264-params": ":".join(f"{key}={value}" for key, value in x264_params.items()),
    }


def _sets(context: Any) -> nal.ParameterSets:
    return nal.parameter_sets(nal.split_annex_b(bytes(context.extradata)))


def _picture_type(name: str) -> Any:
    from av.video.frame import PictureType

    return PictureType[name]


def _slices(packets: Iterable[Any], fields: h264.StreamFields) -> Iterator[h264.Slice]:
    for packet in packets:
        units = [unit for unit in nal.split_annex_b(bytes(packet)) if nal.nal_type(unit) in (nal.SLICE, nal.IDR_SLICE)]
        if len(units) != 1:
            raise h264.UnexpectedStream(f"a picture of {len(units)} slices")
        yield h264.read_slice(units[0], fields)
