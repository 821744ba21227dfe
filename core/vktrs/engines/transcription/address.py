"""Where the service is, and what may be sent there.

A song, and a key, go only over https, or over http to this machine or the network that it stands in: what goes over
plain http can be read by everybody on the way. No proxy is asked for such a neighbour.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from vktrs.errors import InputError

_OPENAI = "api.openai.com"
_NEAR_NAMES = (".local", ".lan", ".home", ".internal", ".home.arpa", ".localhost")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?")
_BRACKETED = re.compile(r"\[[0-9a-f:.]+(?:%[\w.-]+)?\](?::\d*)?")
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
"""How a name ends that resolvers read as the number of a host, as "134744072" for 8.8.8.8 (inet_aton)."""


def checked_address(url: str) -> str:
    """`url` without a slash at its end, its host in small letters; InputError, without repeating what may be secret,
    where it is none to use.
    """
    right = 'Write one such as base_url = "https://api.openai.com/v1" or "http://localhost:8000/v1".'
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:  # half an IPv6 address, a port that is no number
        port, host = 0, None
    if not host or port == 0 or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
        raise InputError("[engines.api] has a base_url that is no address of the web.", right)
    if not _is_host(parts, host):
        found = "[engines.api] has a base_url whose host is no name or number as one is written in an address."
        raise InputError(found, "Write an international name in its form xn--..., a number in full. " + right)
    if parts.username or parts.password or parts.query or parts.fragment:
        found = "[engines.api] has a base_url with a name, a password or a query in it."
        raise InputError(found, "Keys belong in the environment only. " + right)
    if parts.scheme == "http" and not is_near(url):
        raise InputError(
            f"[engines.api] base_url would send the song to {host} over http, where anybody on the way can listen.",
            "Write https:// there; http is for this machine and the network that it stands in.",
        )
    return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")


def _is_host(parts: SplitResult, host: str) -> bool:
    """Whether it is the name of a host, or its number as one is written; by what else it is called, only the resolver
    knows: signs that become dots on the way, numbers in other notations.
    """
    if "[" in parts.netloc:
        return _BRACKETED.fullmatch(parts.netloc.lower().rpartition("@")[2]) is not None and _is_number(host)
    return _is_number(host) or (_NAME.fullmatch(host) is not None and not _NUMBER.fullmatch(host))


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """The name of the host, with its port where the address has one: "localhost:8000"."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    shown = f"[{name}]" if ":" in name else name
    return f"{shown}:{parts.port}" if parts.port else shown


def is_near(url: str) -> bool:
    """Whether that is on this machine or in its own network, by the name of the host: nothing is asked."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.lower().endswith(_NEAR_NAMES)
    return address.is_loopback or (address.is_private and not address.is_unspecified) or address.is_link_local


def is_openai(url: str) -> bool:
    """Whether that is OpenAI's own service, or one of its regions ("eu.api.openai.com")."""
    host = (urlsplit(url).hostname or "").lower()
    return host == _OPENAI or host.endswith(f".{_OPENAI}")
