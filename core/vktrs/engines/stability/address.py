"""Where Stability's REST service is: a matter of the machine, and of where a key may be sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from vktrs.engines.services.network import AT_HOME
from vktrs.errors import InputError

URL = "https://api.stability.ai"


def service_url(environ: Mapping[str, str] | None = None) -> str:
    """Where the service is: STABILITY_API_URL, else the public one. InputError where the key would not be safe."""
    said = (os.environ if environ is None else environ).get("STABILITY_API_URL", "").strip() or URL
    if not _is_safe(said):
        raise InputError(
            "STABILITY_API_URL is no address that a key may be sent to.", f"Write one that begins with https://: {URL}"
        )
    return said.rstrip("/")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # half an IPv6 address, a port that is no number
        return False
    if not parts.hostname or parts.username or port == 0 or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in AT_HOME)
