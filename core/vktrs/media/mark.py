"""The mark that vktrs leaves in a video's metadata: read from the mp4's boxes alone, without any codec.

ISO/IEC 14496-12, 4.2: a file is a row of boxes, each of them with its size (32 bits, or 64 where that is 1) and
its type; a truncated file is one in which a box reaches beyond the end.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

MARK = "vktrs:"
_MARK = re.compile(rb"vktrs:([0-9a-f]{32})")
_MOST_METADATA = 1 << 28


def read_mark(path: Path) -> str | None:
    """The fingerprint in a whole video's metadata; None where there is no such file, no mark, or its end is missing."""
    try:
        movie = _movie_box(path)
    except (OSError, struct.error):
        return None
    found = _MARK.findall(movie or b"")
    return found[-1].decode() if found else None


def is_vktrs_file(path: Path) -> bool:
    """Whether a video, whole or cut short, was written by vktrs."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 22)
    except OSError:
        return False
    return bool(_MARK.search(head)) or read_mark(path) is not None


def _movie_box(path: Path) -> bytes | None:
    """The content of the `moov` box; None where it is missing or the file ends before its boxes do."""
    end = path.stat().st_size
    movie = None
    with path.open("rb") as file:
        at = 0
        while at < end:
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            header = 8
            if size == 1:
                (size,) = struct.unpack(">Q", file.read(8))
                header = 16
            if size < header or at + size > end:
                return None
            if kind == b"moov" and size < _MOST_METADATA:
                movie = file.read(size - header)
            at += size
    return movie
