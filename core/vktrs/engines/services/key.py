"""A key of the user's for some service: it comes from the environment, and is kept out of every text."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence

from vktrs.errors import MissingError

_HIDDEN = "[key]"
_SECRET = 16  # characters
_LIKE_A_KEY = re.compile(r"\bsk-[\w*.-]{4,}", re.IGNORECASE)


class Key:
    """The key, which shows itself only where it is asked to."""

    __slots__ = ("_forms", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        coded = base64.b64encode(value.encode()).decode().rstrip("=")
        self._forms = re.compile("".join(map(_in_any_spelling, value)) + "|" + re.escape(coded), re.I)

    def reveal(self) -> str:
        """The key itself, for the header of a call and for nothing else."""
        return self._value

    def scrub(self, text: str) -> str:
        """`text` without the key in any spelling, nor anything that looks like one."""
        return without_keys(self._forms.sub(_HIDDEN, text))

    def hide(self, text: str) -> str:
        """`text`, which is somebody's and not the service's, without the key in any spelling.

        What is too short for a secret stays: servers that want none are given words as keys, and songs have those.
        """
        return self._forms.sub(_HIDDEN, text) if len(self._value) >= _SECRET else text

    def __repr__(self) -> str:
        return f"Key({_HIDDEN})"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written anywhere")


def _in_any_spelling(sign: str) -> str:
    """A pattern for one sign of a key as JSON, addresses or pages may write it: each sign has a choice of its own."""
    code = f"{ord(sign):02x}"
    return rf"(?:\\?{re.escape(sign)}|\\u00{code}|%{code}|&\#(?:{ord(sign)}|x{code});)"


def without_keys(text: str) -> str:
    """`text` without anything that looks like a key; for a service that was given none."""
    return _LIKE_A_KEY.sub(_HIDDEN, text)


def is_keylike(value: object) -> bool:
    """Whether somebody seems to have pasted a key into the wrong place: it is not repeated then."""
    return isinstance(value, str) and value.strip().lower().startswith("sk-")


def key_in(environ: Mapping[str, str], names: Sequence[str], mend: str) -> Key | None:
    """The key under the first of `names` that holds something; None where none does.

    MissingError, with `mend`, for what cannot be a key.
    """
    for name in names:
        value = environ.get(name, "").strip()
        if not value:
            continue
        if not re.fullmatch(r"[!-~]+", value):
            raise MissingError(f"{name} holds no key: there are spaces or foreign letters in it.", mend)
        return Key(value)
    return None
