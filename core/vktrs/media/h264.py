"""The headers of H.264 that a cycle needs, read and written: parameter sets and slices (ITU-T H.264, clause 7.3).

Only the part of the standard is known that x264 uses here: progressive 4:2:0, one CABAC slice a picture, no
B-pictures, no weighted prediction. Anything else is refused with `UnexpectedStream`; nothing is guessed. The module
works on bytes and knows neither PyAV nor files.

**Why streams are rewritten.** Without B-pictures x264 writes picture order count type 2, in which no two
non-reference pictures may follow one another (clause 7.4.2.1.1). The pictures that `cycle` adds are just that. So
the SPS is given type 0, and every slice header its own pic_order_cnt_lsb. The PPS is given one active reference by
default, and every slice that searched more says so itself: then the parameter sets of a video do not depend on how
far back an encoder was allowed to look. Slice data is byte-aligned under CABAC and is carried over untouched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vktrs.media.bits import BitReader, BitWriter
from vktrs.media.nal import IDR_SLICE, PPS, SLICE, SPS, ParameterSets, escape, nal_type, unescape

LOG2_MAX_POC_LSB = 16
"""Width of pic_order_cnt_lsb, the widest there is: 16,383 frames may follow a reference picture (clause 8.2.1.1)."""

_HIGH_PROFILES = frozenset({100, 110, 122, 244})
_P, _I = 0, 2
_LONGEST_HEADER = 64  # bytes; a slice header here is under 20


class UnexpectedStream(ValueError):
    """A stream uses a part of H.264 that this module does not know, or is broken."""


@dataclass(frozen=True, slots=True)
class SequenceFields:
    """What slice headers need of an SPS (clause 7.3.2.1.1), and how far the picture store reaches."""

    level_idc: int
    log2_max_frame_num: int
    log2_max_poc_lsb: int | None
    """None: picture order count type 2."""
    references: int
    """max_num_ref_frames"""


@dataclass(frozen=True, slots=True)
class PictureFields:
    """What slice headers need of a PPS (clause 7.3.2.2)."""

    default_references: int
    deblocking_control: bool


@dataclass(frozen=True, slots=True)
class StreamFields:
    """Both parameter sets as slice headers need them."""

    sequence: SequenceFields
    picture: PictureFields


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice, which here is a whole picture: the fields of its header (clause 7.3.3) and its CABAC data.

    `poc_lsb` counts two a frame, as x264 does. `references` is num_ref_idx_l0_active_minus1 + 1, and
    `first_reference` = n puts the n-th last coded reference picture at index 0 (None: order as it is by default).
    `deblocking` is (disable_deblocking_filter_idc, slice_alpha_c0_offset_div2, slice_beta_offset_div2).
    """

    idr: bool
    reference: bool
    slice_type: int
    frame_num: int
    idr_pic_id: int
    poc_lsb: int
    references: int
    first_reference: int | None
    cabac_init_idc: int
    qp_delta: int
    deblocking: tuple[int, int, int]
    data: bytes


def stream_fields(sets: ParameterSets) -> StreamFields:
    """What the headers of a stream's slices depend on; UnexpectedStream where it is of another kind."""
    return StreamFields(_read_sps(sets.sps)[0], _read_pps(sets.pps)[0])


def rewritten_sets(sets: ParameterSets) -> ParameterSets:
    """The parameter sets for `write_slice`: picture order count type 0, and one active reference by default."""
    return ParameterSets(_rewrite_sps(sets.sps), _rewrite_pps(sets.pps))


def _unit_bits(unit: bytes, expected: int) -> BitReader:
    if nal_type(unit) != expected:
        raise UnexpectedStream(f"NAL unit of type {nal_type(unit)}, not {expected}")
    return BitReader(unescape(unit)[1:])


def _read_sps(unit: bytes) -> tuple[SequenceFields, tuple[int, int]]:
    """The fields, and the bit range of pic_order_cnt_type with what belongs to it, counted after the first byte."""
    bits = _unit_bits(unit, SPS)
    profile = bits.u(8)
    bits.u(8)
    level = bits.u(8)
    bits.ue()
    if profile in _HIGH_PROFILES:
        chroma, luma_depth, chroma_depth = bits.ue(), bits.ue(), bits.ue()
        _expect((chroma, luma_depth, chroma_depth) == (1, 0, 0), "8-bit 4:2:0")
        _expect(not bits.flag(), "no transform bypass")
        _expect(not bits.flag(), "no scaling matrix")
    log2_max_frame_num = bits.ue() + 4
    start = bits.position
    poc_type = bits.ue()
    _expect(poc_type in (0, 2), "picture order count type 0 or 2")
    log2_max_poc_lsb = bits.ue() + 4 if poc_type == 0 else None
    end = bits.position
    references = bits.ue()
    _expect(not bits.flag(), "no gaps in frame_num")
    bits.ue()
    bits.ue()
    _expect(bits.flag(), "progressive pictures")
    return SequenceFields(level, log2_max_frame_num, log2_max_poc_lsb, references), (start, end)


def _read_pps(unit: bytes) -> tuple[PictureFields, tuple[int, int]]:
    """The fields, and the bit range of num_ref_idx_l0_default_active_minus1, counted after the first byte."""
    bits = _unit_bits(unit, PPS)
    bits.ue()
    bits.ue()
    _expect(bits.flag(), "CABAC")
    _expect(not bits.flag(), "no bottom field order")
    _expect(bits.ue() == 0, "no slice groups")
    start = bits.position
    default_references = bits.ue() + 1
    end = bits.position
    bits.ue()
    _expect(not bits.flag(), "no weighted prediction")
    bits.u(2)
    for _ in range(3):
        bits.se()
    deblocking_control = bits.flag()
    bits.flag()
    _expect(not bits.flag(), "no redundant pictures")
    return PictureFields(default_references, deblocking_control), (start, end)


def _rewrite_sps(unit: bytes) -> bytes:
    middle = BitWriter()
    middle.ue(0)
    middle.ue(LOG2_MAX_POC_LSB - 4)
    return _with_bits_replaced(unit, _read_sps(unit)[1], middle)


def _rewrite_pps(unit: bytes) -> bytes:
    middle = BitWriter()
    middle.ue(0)
    return _with_bits_replaced(unit, _read_pps(unit)[1], middle)


def _with_bits_replaced(unit: bytes, bit_range: tuple[int, int], middle: BitWriter) -> bytes:
    """The unit with a range of bits exchanged, and its trailing bits (clause 7.3.2.11) aligned anew."""
    body = unescape(unit)[1:]
    value = int.from_bytes(body, "big")
    size = 8 * len(body) - ((value & -value).bit_length() - 1)  # up to and with rbsp_stop_one_bit
    bits = BitReader(body)
    out = BitWriter()
    out.u(bit_range[0], bits.u(bit_range[0]))
    out.append(middle)
    bits.u(bit_range[1] - bit_range[0])
    rest = size - bits.position
    out.u(rest, bits.u(rest))
    return unit[:1] + escape(out.to_bytes(fill=0))


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise UnexpectedStream(f"the stream is not as expected: {what}")


def read_slice(unit: bytes, stream: StreamFields) -> Slice:
    """A slice NAL unit taken apart; UnexpectedStream where it holds what this module does not know."""
    idr, reference = nal_type(unit) == IDR_SLICE, unit[0] >> 5 > 0
    _expect(nal_type(unit) in (SLICE, IDR_SLICE), "a slice")
    body = unescape(unit)[1:]
    bits = BitReader(body[:_LONGEST_HEADER])
    _expect(bits.ue() == 0, "one slice a picture")
    slice_type = bits.ue() % 5
    _expect(slice_type in (_P, _I), "I and P slices")
    bits.ue()
    frame_num = bits.u(stream.sequence.log2_max_frame_num)
    idr_pic_id = bits.ue() if idr else 0
    poc_bits = stream.sequence.log2_max_poc_lsb
    poc_lsb = 0 if poc_bits is None else bits.u(poc_bits)
    references, first_reference = _read_references(bits, stream.picture) if slice_type == _P else (0, None)
    if reference:  # dec_ref_pic_marking: output of prior pictures and no long-term picture, or the sliding window
        _expect(bits.u(2 if idr else 1) == 0, "sliding window marking")
    cabac_init_idc = bits.ue() if slice_type == _P else 0
    qp_delta = bits.se()
    deblocking = _read_deblocking(bits) if stream.picture.deblocking_control else (0, 0, 0)
    data = body[-(-bits.position // 8) :]  # cabac_alignment_one_bit up to the next byte
    return Slice(
        idr, reference, slice_type, frame_num, idr_pic_id, poc_lsb, references, first_reference, cabac_init_idc,
        qp_delta, deblocking, data,
    )  # fmt: skip


def _read_references(bits: BitReader, picture: PictureFields) -> tuple[int, int | None]:
    references = bits.ue() + 1 if bits.flag() else picture.default_references
    if not bits.flag():
        return references, None
    _expect(bits.ue() == 0, "reference pictures counted back")
    first_reference = bits.ue() + 1
    _expect(bits.ue() == 3, "one reference picture moved")
    return references, first_reference


def _read_deblocking(bits: BitReader) -> tuple[int, int, int]:
    disable = bits.ue()
    return (disable, 0, 0) if disable == 1 else (disable, bits.se(), bits.se())


def write_slice(piece: Slice, stream: StreamFields) -> bytes:
    """The slice as a NAL unit of a stream with these parameter sets; `read_slice` reads it back."""
    bits = BitWriter()
    bits.ue(0)
    bits.ue(piece.slice_type + 5)  # all slices of the picture are of this type
    bits.ue(0)
    bits.u(stream.sequence.log2_max_frame_num, piece.frame_num % (1 << stream.sequence.log2_max_frame_num))
    if piece.idr:
        bits.ue(piece.idr_pic_id)
    poc_bits = stream.sequence.log2_max_poc_lsb
    if poc_bits is not None:
        bits.u(poc_bits, piece.poc_lsb % (1 << poc_bits))
    if piece.slice_type == _P:
        _write_references(bits, piece, stream.picture)
    if piece.reference:
        bits.u(2 if piece.idr else 1, 0)
    if piece.slice_type == _P:
        bits.ue(piece.cabac_init_idc)
    bits.se(piece.qp_delta)
    if stream.picture.deblocking_control:
        _write_deblocking(bits, piece.deblocking)
    importance = 3 if piece.idr else 2 if piece.reference else 0
    first = importance << 5 | (IDR_SLICE if piece.idr else SLICE)
    return bytes([first]) + escape(bits.to_bytes(fill=1) + piece.data)


def _write_references(bits: BitWriter, piece: Slice, picture: PictureFields) -> None:
    bits.flag(piece.references != picture.default_references)
    if piece.references != picture.default_references:
        bits.ue(piece.references - 1)
    bits.flag(piece.first_reference is not None)
    if piece.first_reference is not None:
        bits.ue(0)  # modification_of_pic_nums_idc: a short-term picture, counted back
        bits.ue(piece.first_reference - 1)
        bits.ue(3)


def _write_deblocking(bits: BitWriter, deblocking: tuple[int, int, int]) -> None:
    disable, alpha, beta = deblocking
    bits.ue(disable)
    if disable != 1:
        bits.se(alpha)
        bits.se(beta)


def skip_slice(like: Slice, frame_num: int, poc_lsb: int, distance: int) -> Slice:
    """A picture that shows the `distance`-th last coded one (from 1) again, exactly: all its macroblocks P_Skip.

    `like` is an all-skip P picture of the same size and encoder. P_Skip copies from the picture at index 0
    (clause 8.4.2.2); its motion vector is zero, as that of the first macroblock is (no neighbours) and those of the
    others follow it (clause 8.4.1.1). Without coefficients and motion nothing is deblocked; the filter is off anyway.
    The picture is no reference: nothing is marked (clause 8.2.5.1), so what the decoder keeps stays as it is.
    """
    return replace(
        like,
        reference=False,
        frame_num=frame_num,
        poc_lsb=poc_lsb,
        references=1,
        first_reference=None if distance == 1 else distance,
        deblocking=(1, 0, 0),
    )
