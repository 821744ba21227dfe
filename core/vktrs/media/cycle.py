"""Which frames of a clip are coded, and which only show a coded picture again.

A scene shows few pictures over and over. Each is coded once, by x264, as the first reference picture or a P picture
after it; every other frame is a written picture of some 20 bytes in which all macroblocks are skipped
(`h264.skip_slice`), an exact copy of the coded one. The rules of ITU-T H.264 that make this hold:

- Coded pictures are reference pictures and are marked by the sliding window (8.2.5.3): the decoder keeps the last
  max_num_ref_frames of them, in the order of coding. `PictureStore` is the same list.
- Frames that show again are no reference pictures: they are kept out of that list, need no room in it (C.4.5.2) and
  don't count in frame_num (7.4.3: it is one more than that of the last reference picture). So nothing that follows
  depends on them, a picture may be held for any number of frames, and the order of showing is free.
- Such a frame finds its picture with one reference list modification (7.3.3.1, 8.2.4.3.1): the difference of picture
  numbers is the distance in the list, 1 for the picture coded last.
- Picture order count type 0 (8.2.1.1) with two counts a frame: output order is decoding order, and no picture waits
  (VUI num_reorder_frames is 0 without B-pictures).
- Two IDR pictures that follow one another must have different idr_pic_id (7.4.3). Within a clip none do, as a group
  is longer than one frame; where two clips meet, `join` sees to it.

More pictures than the store holds make no cycle: a picture that fell out is coded again, and the clip becomes an
ordinary segment. This module is pure: it does not see pictures, only their names.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vktrs.media import h264, nal


@dataclass(frozen=True, slots=True)
class Step:
    """One frame: `coded` = number of the coded picture that it shows, from 0.

    `new`: this frame is that coded picture itself; `idr`: and it starts a closed group. `distance`: else, how many
    coded pictures back, from 1. `frame_num`, `in_group`: coded pictures and frames since the IDR picture.
    """

    coded: int
    new: bool
    idr: bool
    distance: int
    frame_num: int
    in_group: int


class PictureStore:
    """What a decoder keeps: asked frame by frame, it says whether a picture must be coded or is still there.

    `references` = pictures kept, 1..16; a new group starts after `longest_group` frames, for the sake of seeking;
    with `reuse` off every frame is coded.
    """

    def __init__(self, references: int, longest_group: int, reuse: bool = True) -> None:
        if longest_group < 2:
            raise ValueError("a group of one picture would put two IDR pictures side by side within a clip")
        self._kept: deque[tuple[Hashable, int]] = deque(maxlen=references)  # the newest first
        self._longest_group = longest_group
        self._reuse = reuse
        self._coded = 0
        self._coded_in_group = 0
        self._in_group = 0
        self.recoded = 0
        """How often a picture was coded again within one group because it had fallen out."""
        self._seen: set[Hashable] = set()

    def show(self, picture: Hashable) -> Step:
        """The next frame shows this picture."""
        if self._coded == 0 or self._in_group == self._longest_group:
            self._start_group()
        found = self._find(picture) if self._reuse else None
        step = self._code(picture) if found is None else self._repeat(*found)
        self._in_group += 1
        return step

    def _start_group(self) -> None:
        self._kept.clear()
        self._seen.clear()
        self._coded_in_group = self._in_group = 0

    def _find(self, picture: Hashable) -> tuple[int, int] | None:
        for distance, (kept, coded) in enumerate(self._kept, start=1):
            if kept == picture:
                return distance, coded
        return None

    def _code(self, picture: Hashable) -> Step:
        step = Step(self._coded, True, self._coded_in_group == 0, 0, self._coded_in_group, self._in_group)
        self._kept.appendleft((picture, self._coded))
        self.recoded += picture in self._seen
        self._seen.add(picture)
        self._coded += 1
        self._coded_in_group += 1
        return step

    def _repeat(self, distance: int, coded: int) -> Step:
        return Step(coded, False, False, distance, self._coded_in_group, self._in_group)


def access_units(
    steps: Sequence[Step], coded: Iterable[h264.Slice], skip: h264.Slice, sets: nal.ParameterSets
) -> Iterator[bytes]:
    """One mp4 sample a frame: the coded pictures with their counts set right, and skip pictures between them.

    `coded` holds one slice for each step that is new, in order; `skip` is `x264.skip_model`. ValueError if
    there are more or fewer; `h264.UnexpectedStream` if x264 started a group where none was asked for.
    """
    stream = h264.stream_fields(sets)
    pieces = iter(coded)
    for step in steps:
        if step.new:
            piece = next(pieces, None)
            if piece is None:
                raise ValueError("fewer coded pictures than frames that show them")
            _check(piece, step, stream)
            piece = replace(piece, poc_lsb=2 * step.in_group, idr_pic_id=0)
        else:
            piece = h264.skip_slice(skip, step.frame_num, 2 * step.in_group, step.distance)
        yield nal.sample([h264.write_slice(piece, stream)])
    if next(pieces, None) is not None:
        raise ValueError("more coded pictures than frames that show them")


def _check(piece: h264.Slice, step: Step, stream: h264.StreamFields) -> None:
    frame_num = step.frame_num % (1 << stream.sequence.log2_max_frame_num)
    if (piece.idr, piece.reference, piece.frame_num) != (step.idr, True, frame_num):
        raise h264.UnexpectedStream("x264 chose another kind of picture than it was asked for")


def with_idr_pic_id(sample: bytes, idr_pic_id: int, sets: nal.ParameterSets) -> bytes:
    """An mp4 sample whose IDR picture carries this idr_pic_id; nothing else of it changes."""
    stream = h264.stream_fields(sets)
    return nal.sample(
        h264.write_slice(replace(h264.read_slice(unit, stream), idr_pic_id=idr_pic_id), stream)
        if nal.nal_type(unit) == nal.IDR_SLICE
        else unit
        for unit in nal.split_sample(sample)
    )


def idr_pic_id(sample: bytes, sets: nal.ParameterSets) -> int | None:
    """The idr_pic_id of an mp4 sample's IDR picture; None if it holds none."""
    for unit in nal.split_sample(sample):
        if nal.nal_type(unit) == nal.IDR_SLICE:
            return h264.read_slice(unit, h264.stream_fields(sets)).idr_pic_id
    return None
