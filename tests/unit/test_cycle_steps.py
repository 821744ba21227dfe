"""The plan of a clip, held against the rules of H.264 as a decoder follows them.

`Decoder` below knows nothing of how the samples were made: it keeps reference pictures as clauses 8.2.4 and 8.2.5.3
say, and counts as 7.4.3 and 8.2.1.1 say.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.media import cycle, h264, nal

SPS = bytes.fromhex("6764001facb120400834d40404050000030001000003003c0f183226")
PPS = bytes.fromhex("68ee3cb0")
SETS = h264.rewritten_sets(nal.ParameterSets(SPS, PPS))
STREAM = h264.stream_fields(SETS)
REFERENCES = STREAM.sequence.references
MAX_FRAME_NUM = 1 << STREAM.sequence.log2_max_frame_num
SKIP = h264.Slice(False, True, 0, 1, 0, 0, 1, None, 0, -3, (0, 0, 0), b"skip\x80")


def coded_pictures(steps: Sequence[cycle.Step]) -> list[h264.Slice]:
    """What x264 would have made: each picture's data names it."""
    frame_num = 0
    out = []
    for step in steps:
        if step.new:
            frame_num = 0 if step.idr else (frame_num + 1) % MAX_FRAME_NUM
            kind, references = (2, 0) if step.idr else (0, 1)
            data = f"{step.coded}".encode() + b"\x80"
            out.append(h264.Slice(step.idr, True, kind, frame_num, 0, 0, references, None, 0, 1, (0, 0, 0), data))
    return out


class Decoder:
    """Shows each sample as the data of the coded picture that it stands for; asserts what a stream must keep to."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, bytes]] = []  # frame_num and picture, in order of decoding
        self._previous_reference = (0, 0)  # frame_num, picture order count
        self._last_count = -1
        self._last_idr: int | None = None

    def show(self, sample: bytes) -> bytes:
        (unit,) = nal.split_sample(sample)
        piece = h264.read_slice(unit, STREAM)
        if piece.idr:
            assert piece.idr_pic_id != self._last_idr  # 7.4.3
            self._kept.clear()
            self._previous_reference, self._last_count = (0, 0), -1
        else:
            assert piece.frame_num == (self._previous_reference[0] + 1) % MAX_FRAME_NUM  # 7.4.3, no gaps
        self._last_idr = piece.idr_pic_id if piece.idr else None
        count = self._count(piece)
        assert count > self._last_count
        self._last_count = count
        shown = piece.data if piece.reference else self._first_reference(piece)
        if piece.reference:
            self._kept = [*self._kept, (piece.frame_num, shown)][-REFERENCES:]  # 8.2.5.3
            self._previous_reference = (piece.frame_num, count)
        return shown

    def _count(self, piece: h264.Slice) -> int:
        """8.2.1.1, the part without fields."""
        if piece.idr:
            return 0
        whole = 1 << h264.LOG2_MAX_POC_LSB
        before = self._previous_reference[1]
        count = before - before % whole + piece.poc_lsb
        if count <= before - whole // 2:
            return count + whole
        return count - whole if count > before + whole // 2 else count

    def _first_reference(self, piece: h264.Slice) -> bytes:
        """8.2.4.1, 8.2.4.2.1, 8.2.4.3.1: the picture at index 0 of the list."""
        assert piece.data == SKIP.data
        by_number = {self._number(num, piece.frame_num): picture for num, picture in self._kept}
        assert len(by_number) == len(self._kept)
        if piece.first_reference is None:
            return by_number[max(by_number)]
        return by_number[piece.frame_num - piece.first_reference]

    def _number(self, frame_num: int, current: int) -> int:
        return frame_num - MAX_FRAME_NUM if frame_num > current else frame_num


def shown(names: Sequence[int], longest_group: int, reuse: bool = True) -> tuple[list[bytes], list[cycle.Step]]:
    store = cycle.PictureStore(REFERENCES, longest_group, reuse)
    steps = [store.show(name) for name in names]
    samples = cycle.access_units(steps, coded_pictures(steps), SKIP, SETS)
    decoder = Decoder()
    return [decoder.show(sample) for sample in samples], steps


def expected(names: Sequence[int], steps: Sequence[cycle.Step]) -> list[bytes]:
    """For each frame the data of the coded picture of the same name that its step points to."""
    name_of = {step.coded: name for name, step in zip(names, steps, strict=True) if step.new}
    assert [name_of[step.coded] for step in steps] == list(names)
    return [f"{step.coded}".encode() + b"\x80" for step in steps]


@given(st.lists(st.integers(0, 12), min_size=1, max_size=120), st.integers(2, 50), st.booleans())
def test_a_decoder_shows_the_right_pictures_in_any_order(names: list[int], longest_group: int, reuse: bool) -> None:
    pictures, steps = shown(names, longest_group, reuse)
    assert pictures == expected(names, steps)


@given(st.integers(1, REFERENCES), st.integers(1, 5), st.integers(1, 300))
def test_a_cycle_is_coded_once_however_long_its_pictures_are_held(length: int, hold: int, frames: int) -> None:
    names = [frame // hold % length for frame in range(frames)]
    pictures, steps = shown(names, longest_group=1000)
    assert pictures == expected(names, steps)
    assert sum(step.new for step in steps) == len(set(names))
    assert sum(step.idr for step in steps) == 1


def test_a_cycle_longer_than_the_store_is_coded_again_and_again_and_counted() -> None:
    store = cycle.PictureStore(REFERENCES, 1000)
    steps = [store.show(frame % (REFERENCES + 1)) for frame in range(27)]
    assert all(step.new for step in steps)
    assert store.recoded == 27 - (REFERENCES + 1)


def test_order_counts_reach_over_the_longest_group_at_the_highest_rate() -> None:
    names = [0] * 1200
    pictures, steps = shown(names, longest_group=1200)
    assert pictures == expected(names, steps)


def test_a_long_scene_has_a_key_frame_now_and_then() -> None:
    _, steps = shown([frame % 3 for frame in range(100)], longest_group=30)
    assert [number for number, step in enumerate(steps) if step.idr] == [0, 30, 60, 90]


def test_an_idr_picture_gets_another_id_and_stays_the_same_otherwise() -> None:
    store = cycle.PictureStore(REFERENCES, 10)
    steps = [store.show(0)]
    (sample,) = cycle.access_units(steps, coded_pictures(steps), SKIP, SETS)
    changed = cycle.with_idr_pic_id(sample, 1, SETS)
    assert (cycle.idr_pic_id(sample, SETS), cycle.idr_pic_id(changed, SETS)) == (0, 1)
    assert cycle.with_idr_pic_id(changed, 0, SETS) == sample


@pytest.mark.parametrize("wrong", ["fewer", "more", "kind"])
def test_coded_pictures_that_do_not_fit_the_plan_are_refused(wrong: str) -> None:
    store = cycle.PictureStore(REFERENCES, 10)
    steps = [store.show(name) for name in (0, 1, 0)]
    coded = coded_pictures(steps)
    given_pictures = {"fewer": coded[:1], "more": [*coded, coded[1]], "kind": [coded[0], coded[0]]}[wrong]
    with pytest.raises(ValueError):
        list(cycle.access_units(steps, given_pictures, SKIP, SETS))
