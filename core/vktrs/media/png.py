"""What stands at the head of a PNG: its size and its texts, read without a library and without decoding a pixel.

Planning and the studio look at many pictures only for how they were made; a picture library and numpy are not for them.
Chunks and their layout: the PNG specification, third edition, sections 5 and 11.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vktrs.errors import ArtifactDamaged

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 1 << 20  # of one text: more is no text that anybody wrote, and a compressed one may be a bomb


@dataclass(frozen=True, slots=True)
class PngHead:
    """Pixels across and down, and the text chunks that stand before the picture itself."""

    width: int
    height: int
    texts: dict[str, str]


def read_head(path: Path) -> PngHead:
    """The head of the PNG at `path`; ArtifactDamaged where it is missing or none. What follows it is not looked at."""
    try:
        with path.open("rb") as file:
            return _head(file)
    except (OSError, ValueError, struct.error, zlib.error) as error:
        raise ArtifactDamaged(path, str(error)) from error


def _head(file: BinaryIO) -> PngHead:
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        raise ValueError("it is no PNG")
    kind, data = _chunk(file)
    if kind != b"IHDR":
        raise ValueError("it has no header")
    width, height = struct.unpack(">II", data[:8])
    texts: dict[str, str] = {}
    while (found := _chunk(file))[0] not in (b"IDAT", b"IEND"):
        texts |= _text(*found)
    return PngHead(width, height, texts)


def _chunk(file: BinaryIO) -> tuple[bytes, bytes]:
    """Name and data of the next chunk; the pixels' data is left unread."""
    length, kind = struct.unpack(">I4s", file.read(8))
    if kind == b"IDAT":
        return kind, b""
    if length > _MOST_BYTES:
        file.seek(length + 4, 1)
        return kind, b""
    data = file.read(length)
    (checksum,) = struct.unpack(">I", file.read(4))
    if zlib.crc32(kind + data) != checksum:
        raise ValueError(f"its chunk {kind.decode('latin-1')} is damaged")
    return kind, data


def _text(kind: bytes, data: bytes) -> dict[str, str]:
    """The key and the text of a text chunk; nothing of any other."""
    key, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        text = rest.decode("latin-1")
    elif kind == b"zTXt":
        text = _inflated(rest[1:]).decode("latin-1")
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        _language, _, rest = rest[2:].partition(b"\0")
        _translated, _, rest = rest.partition(b"\0")
        text = (_inflated(rest) if packed else rest).decode("utf-8")
    else:
        return {}
    return {key.decode("latin-1"): text}


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MOST_BYTES)
