"""Bits, NAL units and headers of H.264: what is written is read back, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.media import h264, nal
from vktrs.media.bits import BitReader, BitWriter

# what x264 wrote for 512x512, 30 frames a second, level 3.1, dpb-size 8, and one or eight searched references
SPS = bytes.fromhex("6764001facb120400834d40404050000030001000003003c0f183226")
PPS_ONE = bytes.fromhex("68ee3cb0")
PPS_EIGHT = bytes.fromhex("68e888f2c0")

numbers = st.lists(st.tuples(st.sampled_from(["u", "ue", "se"]), st.integers(0, 40_000)), max_size=30)


@given(numbers)
def test_numbers_are_read_as_they_were_written(values: list[tuple[str, int]]) -> None:
    out = BitWriter()
    for kind, value in values:
        {"u": lambda v: out.u(16, v), "ue": out.ue, "se": lambda v: out.se(v - 20_000)}[kind](value)
    bits = BitReader(out.to_bytes(fill=1))
    for kind, value in values:
        read = {"u": lambda: bits.u(16), "ue": bits.ue, "se": lambda: bits.se() + 20_000}[kind]()
        assert read == value
    assert bits.left < 8


@pytest.mark.parametrize(("value", "code"), [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000")])
def test_unsigned_exp_golomb_codes_are_those_of_table_9_2(value: int, code: str) -> None:
    out = BitWriter()
    out.ue(value)
    assert out.to_bytes(fill=0) == int(code.ljust(8, "0"), 2).to_bytes(1, "big")


@pytest.mark.parametrize(("code", "value"), [(0, 0), (1, 1), (2, -1), (3, 2), (4, -2)])
def test_signed_exp_golomb_codes_are_those_of_table_9_3(code: int, value: int) -> None:
    out = BitWriter()
    out.ue(code)
    assert BitReader(out.to_bytes(fill=0)).se() == value


def test_a_value_too_large_for_its_field_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        BitWriter().u(4, 16)


def test_reading_past_the_end_is_an_end_of_file() -> None:
    with pytest.raises(EOFError):
        BitReader(b"\0\0").ue()


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]), max_size=60).map(lambda body: bytes([*body, 128])))
def test_no_start_code_is_left_in_a_payload_and_it_comes_back_whole(payload: bytes) -> None:
    escaped = nal.escape(payload)
    assert not any(code in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert nal.unescape(escaped) == payload


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_units_come_back_from_a_byte_stream_and_from_a_sample(bodies: list[bytes]) -> None:
    units = [b"\x41" + nal.escape(body + b"\x80") for body in bodies]
    assert nal.split_annex_b(nal.annex_b(units)) == units
    assert nal.split_sample(nal.sample(units)) == units


@pytest.mark.parametrize("broken", [b"\0\0\0\5\x41", b"\0\0\0\0", b"\0\0\0\1\x41\0"])
def test_a_sample_whose_lengths_do_not_add_up_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="do not add up"):
        nal.split_sample(broken)


def test_parameter_sets_are_understood() -> None:
    fields = h264.stream_fields(nal.ParameterSets(SPS, PPS_EIGHT))
    assert fields.sequence == h264.SequenceFields(31, 4, None, 8)
    assert fields.picture == h264.PictureFields(8, deblocking_control=True)


def test_rewritten_sets_have_order_counts_and_one_reference_and_are_otherwise_the_same() -> None:
    written = h264.rewritten_sets(nal.ParameterSets(SPS, PPS_EIGHT))
    fields = h264.stream_fields(written)
    assert fields.sequence == h264.SequenceFields(31, 4, h264.LOG2_MAX_POC_LSB, 8)
    assert written.pps == PPS_ONE
    tail = "".join(f"{byte:08b}" for byte in nal.unescape(SPS)).rstrip("0")[-150:]
    assert "".join(f"{byte:08b}" for byte in nal.unescape(written.sps)).rstrip("0").endswith(tail)


def test_rewriting_twice_changes_nothing() -> None:
    once = h264.rewritten_sets(nal.ParameterSets(SPS, PPS_ONE))
    assert h264.rewritten_sets(once) == once


@pytest.mark.parametrize(
    ("sps", "pps"),
    [
        (SPS, bytes([0x68, 0xCE, 0x3C, 0x80])),  # CAVLC
        (bytes([0x67, 100, 0, 31, 0xFF, 0xFF, 0xFF, 0xFF]), PPS_ONE),  # not 4:2:0
        (PPS_ONE, SPS),
    ],
)
def test_streams_of_another_kind_are_refused(sps: bytes, pps: bytes) -> None:
    with pytest.raises(h264.UnexpectedStream):
        h264.stream_fields(nal.ParameterSets(sps, pps))


REWRITTEN = h264.stream_fields(h264.rewritten_sets(nal.ParameterSets(SPS, PPS_ONE)))


@st.composite
def slices(draw: st.DrawFn) -> h264.Slice:
    idr = draw(st.booleans())
    predicted = not idr and draw(st.booleans())
    disable = draw(st.integers(0, 2))
    return h264.Slice(
        idr=idr,
        reference=idr or draw(st.booleans()),
        slice_type=0 if predicted else 2,
        frame_num=0 if idr else draw(st.integers(0, 15)),
        idr_pic_id=draw(st.integers(0, 1)) if idr else 0,
        poc_lsb=0 if idr else draw(st.integers(0, 65_535)),
        references=draw(st.integers(1, 16)) if predicted else 0,
        first_reference=draw(st.none() | st.integers(1, 16)) if predicted else None,
        cabac_init_idc=draw(st.integers(0, 2)) if predicted else 0,
        qp_delta=draw(st.integers(-26, 25)),
        deblocking=(1, 0, 0) if disable == 1 else (disable, draw(st.integers(-6, 6)), draw(st.integers(-6, 6))),
        data=draw(st.binary(max_size=30)) + b"\x80",
    )


@given(slices())
def test_a_slice_is_read_as_it_was_written(piece: h264.Slice) -> None:
    assert h264.read_slice(h264.write_slice(piece, REWRITTEN), REWRITTEN) == piece


@given(slices())
def test_coded_data_is_carried_over_between_streams_untouched(piece: h264.Slice) -> None:
    source = h264.stream_fields(nal.ParameterSets(SPS, PPS_EIGHT))
    carried = h264.read_slice(h264.write_slice(piece, source), source)
    assert carried == replace(piece, poc_lsb=0)  # a stream of type 2 has no such field
    assert h264.read_slice(h264.write_slice(carried, REWRITTEN), REWRITTEN) == carried


def test_a_second_slice_of_a_picture_is_refused() -> None:
    unit = bytes([0x41, 0b01000000, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])  # first_mb_in_slice = 1
    with pytest.raises(h264.UnexpectedStream):
        h264.read_slice(unit, REWRITTEN)
