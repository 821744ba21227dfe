"""What lies between this machine and a service of HTTP: the user's proxies and certificates, and time.

The HTTP client limits a single read, so an answer that comes a byte at a time would never end: `Deadline` ends a call.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vktrs.errors import InputError, MissingError, VktrsError

if TYPE_CHECKING:
    import httpx

AT_HOME = ("127.0.0.1", "localhost", "::1")
_PROXIES = ("http", "https", "all")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")


def is_at_home(url: str) -> bool:
    """Whether that service is on this machine: no proxy is asked for it."""
    return urlsplit(url).hostname in AT_HOME


def network_problems(url: str, environ: Mapping[str, str] | None = None) -> Iterator[VktrsError]:
    """What of the environment would keep a call from that service; nothing is called."""
    if is_at_home(url):
        return
    environ = os.environ if environ is None else environ
    for name in _PROXIES:
        spelled = (f"{name}_proxy", f"{name.upper()}_PROXY")  # the first one goes, as everywhere
        variable = next((each for each in spelled if environ.get(each)), "")
        if variable and not _is_proxy(environ[variable]):
            yield _wrong_proxy(variable)
    certificates = environ.get("SSL_CERT_FILE", "")
    if certificates and not Path(certificates).is_file():
        yield _no_certificates()


def _is_proxy(said: str) -> bool:
    try:
        parts = urlsplit(said if "://" in said else f"http://{said}")
        return parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _wrong_proxy(variable: str) -> InputError:
    return InputError(
        f"{variable} is no proxy that can be used.", f"Write one such as http://proxy:8080, or `unset {variable}`."
    )


def _no_certificates() -> MissingError:
    return MissingError(
        "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.",
        "Name a PEM file that is there, or `unset SSL_CERT_FILE SSL_CERT_DIR`.",
    )


def open_client(
    url: str, headers: Mapping[str, str], at_once: int, *, named: str, is_direct: bool | None = None
) -> httpx.Client:
    """The client for that service; InputError or MissingError where proxies or certificates cannot be used.

    `named` is where the user wrote the address, for an error. No proxy is asked where `is_direct`; None: where the
    service is on this machine. Every call has a connection of its own: one that was kept may be gone when the next
    request is sent, and whether that was charged nobody could tell.
    """
    import httpx

    is_direct = is_at_home(url) if is_direct is None else is_direct
    for problem in () if is_direct else network_problems(url):
        raise problem
    try:
        return httpx.Client(
            base_url=url,
            headers={**headers, "accept-encoding": "identity"},
            # without the environment's proxies, the user's own certificates hold all the same
            verify=httpx.create_ssl_context() if url.lower().startswith("https:") else True,
            trust_env=not is_direct,
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=0),
        )
    except httpx.InvalidURL:
        raise InputError(
            f"{named}, or a proxy of the environment, is no address.", "Write one that begins with https://"
        ) from None
    except OSError:  # also ssl.SSLError
        raise _no_certificates() from None
    except ValueError:
        raise _wrong_proxy("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY") from None
    except ImportError:
        raise MissingError(
            "A proxy of the kind socks5:// needs a library that is not installed.", "Write `pip install socksio`."
        ) from None


class Deadline:
    """Ends one call of the HTTP client after so many seconds, whatever it is doing: its connection is shut down.

        with Deadline(120.0) as deadline:
            client.post(..., extensions={"trace": deadline.trace})

    `over` says that it did. (https://www.encode.io/httpcore/extensions/#trace)
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self.end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._socket = None

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Hears which connection the call has."""
        if name.endswith(_CONNECTED):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self.over:
                    self._shut()

    def end(self) -> None:
        """End the call now."""
        with self._lock:
            self.over = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is None:
            return
        try:
            # not the method of a TLS socket, which would go on without TLS
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:  # it is closed already
            return
