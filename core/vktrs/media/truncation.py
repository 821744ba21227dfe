"""Whether a sound file ends before its own container says it does: rules of the formats, read from a few bytes.

A decoder plays what is there and is content; these are the promises it does not hold a file to.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

# bit streams without a header: their length is guessed from the first bit rate
_HEADERLESS = frozenset({"aac", "ac3", "eac3", "dts", "dtshd", "mpeg", "mpegts", "amr", "loas", "truehd"})
_OGG_TAIL = 65_307  # the largest page: 27 bytes of header, 255 of lacing, 255 * 255 of data
_WAV_SLACK = 1024  # some writers count a few header bytes as samples
_STREAMED = (0, 0xFFFF_FFFF, 0x7FFF_FFFF)


def cut_short(path: Path) -> str | None:
    """Why a WAV (RIFF) or Ogg file (RFC 3533) is known to lack its end; None where nothing speaks for it."""
    with path.open("rb") as file:
        magic = file.read(12)
        size = path.stat().st_size
        if magic[:4] == b"RIFF" and magic[8:] == b"WAVE":
            return _wav(file, size)
        if magic[:4] == b"OggS":
            return _ogg(file, size)
    return None


def _wav(file: BinaryIO, size: int) -> str | None:
    while len(head := file.read(8)) == 8:
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            missing = file.tell() + length - size
            # a writer that could not go back to fill in the length leaves one of these
            return f"{missing} bytes are missing" if missing > _WAV_SLACK and length not in _STREAMED else None
        file.seek(length + length % 2, 1)
    return "its samples are missing"


def _ogg(file: BinaryIO, size: int) -> str | None:
    begin = max(0, size - 2 * _OGG_TAIL)
    file.seek(begin)
    tail = file.read()
    last = tail.rfind(b"OggS")
    page = tail[last:]
    if last < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        return "its last page is not whole"
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return "its last page is not whole" if len(page) < length else None


def length_is_a_guess(path: Path, container: str) -> bool:
    """Whether ffmpeg can only estimate how long this kind of file is (`container`: ffmpeg's name of the format)."""
    if container == "mp3":
        return not _mp3_counts_its_frames(path)
    return container in _HEADERLESS


def _mp3_counts_its_frames(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(10)
        tag = 0
        if head[:3] == b"ID3":
            # ID3v2 sizes are four times seven bits
            tag = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(tag)
        first = file.read(4096)
    return any(sign in first for sign in (b"Xing", b"Info", b"VBRI"))
