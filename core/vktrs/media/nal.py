"""NAL units: the packets that an H.264 stream is made of, and the three ways in which they are stored.

It owns the framing only (ITU-T H.264 clause 7.4.1 and Annex B; ISO/IEC 14496-15 for mp4): what stands in a unit is
`h264`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SLICE = 1
IDR_SLICE = 5
SPS = 7
PPS = 8

_START_CODE = re.compile(b"\0\0\1")
_NEEDS_PREVENTION = re.compile(b"\0\0(?=[\0-\3])")


def nal_type(unit: bytes) -> int:
    """nal_unit_type, 1..31 (Table 7-1)."""
    return unit[0] & 31


def unescape(payload: bytes) -> bytes:
    """A unit's bytes without the emulation prevention bytes (clause 7.3.1)."""
    return payload.replace(b"\0\0\3", b"\0\0")


def escape(payload: bytes) -> bytes:
    """A unit's bytes with emulation prevention bytes, so that no start code appears in it (clause 7.4.1.1)."""
    return _NEEDS_PREVENTION.sub(b"\0\0\3", payload)


def split_annex_b(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream with start codes (Annex B)."""
    codes = list(_START_CODE.finditer(stream))
    ends = [code.start() for code in codes[1:]] + [len(stream)]
    return [stream[code.end() : end].rstrip(b"\0") for code, end in zip(codes, ends, strict=True)]


def annex_b(units: Iterable[bytes]) -> bytes:
    """A byte stream with start codes (Annex B)."""
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def split_sample(sample: bytes) -> list[bytes]:
    """The NAL units of one mp4 sample (lengths of 4 bytes); ValueError where the lengths do not add up."""
    units = []
    position = 0
    while position < len(sample):
        start = position + 4
        position = start + int.from_bytes(sample[start - 4 : start], "big")
        if position == start or position > len(sample):
            raise ValueError("the NAL unit lengths of a sample do not add up")
        units.append(sample[start:position])
    return units


def sample(units: Iterable[bytes]) -> bytes:
    """One mp4 sample: each unit after its length in 4 bytes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The sequence and picture parameter set units that every picture of a stream refers to."""

    sps: bytes
    pps: bytes

    def units(self) -> Sequence[bytes]:
        """Both, in the order in which a stream holds them."""
        return (self.sps, self.pps)


def parameter_sets(units: Iterable[bytes]) -> ParameterSets:
    """The one SPS and the one PPS among `units`; ValueError if there are more or fewer."""
    wanted = sorted((unit for unit in units if nal_type(unit) in (SPS, PPS)), key=nal_type)
    if [nal_type(unit) for unit in wanted] != [SPS, PPS]:
        raise ValueError("a stream with exactly one SPS and one PPS was expected")
    return ParameterSets(*wanted)


def parameter_sets_of_avcc(record: bytes) -> ParameterSets:
    """The parameter sets in an mp4's decoder configuration record (ISO/IEC 14496-15, `avcC`).

    ValueError if it is none, or if its samples have lengths of anything but 4 bytes.
    """
    if len(record) < 7 or record[0] != 1 or record[4] & 3 != 3:
        raise ValueError("no avcC record with lengths of 4 bytes")
    units = []
    position = 5
    for _ in range(2):  # first the SPSs, then the PPSs
        count = record[position] & 31
        position += 1
        for _ in range(count):
            size = int.from_bytes(record[position : position + 2], "big")
            units.append(record[position + 2 : position + 2 + size])
            position += 2 + size
    return parameter_sets(units)
