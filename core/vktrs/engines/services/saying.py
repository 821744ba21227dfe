"""What a service of HTTP said: the body of its answer, its own words in short, when it wants to be asked again."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MOST_SAID = 300
"""Characters of a service's own words in an error."""


def body_of(response: httpx.Response, most: int) -> bytes:
    """The body, or its first `most` bytes."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most:
            break
    return bytes(body[:most])


def in_short(text: str) -> str:
    """Words of a service, as part of a sentence: one line, printable, not too long."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:MOST_SAID].rstrip(".")


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds of a Retry-After header, whichever of its two forms it has (RFC 9110, 10.2.3); None if neither."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
