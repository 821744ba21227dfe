"""Names of scenes: short, readable, the same for the same hint, never one that was used before.

It owns how an id is made and what one may look like. Which ids were ever used in a project is known to the
caller only; that is what `taken` means throughout.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import blake2b

LETTERS = "abcdefghijkmnpqrstuvwxyz"
"""Without l and o, which read as 1 and 0."""

_ALPHABET = LETTERS + "23456789"
_LENGTH = 4
_SHAPE = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)


def new_id(hint: str, taken: Collection[str]) -> str:
    """A fresh id of four characters (a letter first), decided by `hint` and by what is `taken`.

    A caller that knows many ids passes a set: each candidate is looked up in it.
    """
    counter = 0
    while True:
        digest = blake2b(f"{hint}\x1f{counter}".encode("utf-8", "surrogatepass"), digest_size=_LENGTH).digest()
        letters = (_ALPHABET[byte % len(_ALPHABET)] for byte in digest[1:])
        candidate = LETTERS[digest[0] % len(LETTERS)] + "".join(letters)
        if candidate not in taken:
            return candidate
        counter += 1


def scene_hint(start: float, text: str) -> str:
    """The hint for a scene that is known only by when it starts (seconds) and what is sung in it."""
    return f"{float(start)!r}\x1f{text}"


def is_id(text: str) -> bool:
    """Whether `text` may name a scene: it names a folder too, and must not read as a scene's number."""
    return _SHAPE.fullmatch(text) is not None
