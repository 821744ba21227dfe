"""Which of the captions that a site offers for a song are worth fetching. No network, and no names but yt_dlp's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ORIGINAL = "-orig"
"""What yt_dlp puts behind the language of automatic captions that are no translation."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_LONGEST_NAME = 40


def offered_captions(info: Mapping[str, Any], language: str | None) -> list[str]:
    """At most three of the names that `info`, yt_dlp's about a song, has for captions.

    A person's in the song's language, or the first there are, and in English; automatic ones in the song's language,
    which is `language`, or what the site says. Never translations by a machine. The names become part of those of
    files: what could be the way to another folder is none.
    """
    there = _names(info.get("subtitles"))
    own = first_part(language or info.get("language"))
    spoken = [name for name in there if own and first_part(name) == own]
    english = [name for name in there if first_part(name) == "en"]
    automatic = [name for name in _originals(info) if not own or first_part(name) == own]
    return [*dict.fromkeys([*(spoken or there)[:1], *english[:1], *automatic[:1]])]


def _originals(info: Mapping[str, Any]) -> list[str]:
    """The automatic captions of what is sung: YouTube lists beside them a translation into every language."""
    names = _names(info.get("automatic_captions"))
    marked = [name for name in names if name.endswith(ORIGINAL)]
    if marked or len(names) == 1:
        return marked or names
    own = first_part(info.get("language"))
    return [name for name in names if own and first_part(name) == own]


def _names(captions: Iterable[object] | None) -> list[str]:
    names = (str(name) for name in captions or () if name != "live_chat")
    return [name for name in names if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name)]


def first_part(language: object) -> str:
    """The language alone: "en" of "en-GB"; empty for None."""
    return str(language or "").lower().replace("_", "-").partition("-")[0]
