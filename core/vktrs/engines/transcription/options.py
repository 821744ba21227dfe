"""The table `[engines.api]`: what may be written there, and what is meant where nothing is.

    base_url = "https://api.openai.com/v1"   of OpenAI, or of any server that speaks as it does
    model = "whisper-1"                      as that service names it
    prompt = "..."                           names and words that it should know how to spell
    limit_mb = 25                            the largest file that it takes; changes no word

Light: it is read while planning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vktrs.engines.services.key import is_keylike, without_keys
from vktrs.engines.services.table import check_names
from vktrs.engines.transcription.address import checked_address
from vktrs.engines.transcription.key import OPENAI, OWN
from vktrs.errors import InputError

BASE_URL = "https://api.openai.com/v1"
MODEL = "whisper-1"
LIMIT_MB = 25.0

_KNOWN = ("base_url", "model", "prompt", "limit_mb")
_LONGEST_PROMPT = 1000
_LEAST_MB, _MOST_MB = 0.5, 2000.0  # the least holds 16 s of any sound


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """The table, checked and with its defaults; `base_url` has no slash at its end, `limit_mb` is in 2^20 bytes."""

    base_url: str = BASE_URL
    model: str = MODEL
    prompt: str | None = None
    limit_mb: float = LIMIT_MB

    @property
    def settled(self) -> dict[str, Any]:
        """What the words depend on, JSON-ready."""
        every = {"base_url": self.base_url, "model": self.model, "prompt": self.prompt}
        return {name: value for name, value in every.items() if value is not None}


def read_options(table: Mapping[str, Any]) -> TranscriptionOptions:
    """The options of a table as written; InputError where one is unknown or wrong."""
    check_names("[engines.api]", table, _KNOWN, (OPENAI, OWN))
    return TranscriptionOptions(
        base_url=checked_address(_text(table, "base_url", BASE_URL, 1000)),
        model=_text(table, "model", MODEL, 200),
        prompt=_text(table, "prompt", "", _LONGEST_PROMPT) or None,
        limit_mb=_megabytes(table),
    )


def _text(table: Mapping[str, Any], name: str, default: str, longest: int) -> str:
    value = table.get(name, default)
    if is_keylike(value):
        raise InputError(f"[engines.api] has {name} = what looks like a key.", "Keys belong in the environment only.")
    if not isinstance(value, str) or len(value) > longest or not (value.strip() or not default):
        shown = f'"{value}"' if isinstance(value, str) else f"{value}"
        right = f"a text in quotes of at most {longest} characters" + (f', such as "{default}"' if default else "")
        raise InputError(f"[engines.api] has {name} = {without_keys(shown)[:60]}.", f"Write {right}.")
    return value.strip()


def _megabytes(table: Mapping[str, Any]) -> float:
    value = table.get("limit_mb", LIMIT_MB)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _LEAST_MB <= value <= _MOST_MB:
        right = f"Write a number from {_LEAST_MB:g} to {_MOST_MB:g}."
        raise InputError(f"[engines.api] has limit_mb = {without_keys(str(value)):.60}.", right)
    return float(value)
