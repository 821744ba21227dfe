"""What the HTTP servers that stand in for services share: a port of their own, a thread, answers, nothing told."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self


class Loopback:
    """A context in which the server runs: `url` is its address with `ROOT` behind it, `closed` is set at its end."""

    ROOT: ClassVar[str] = ""
    HANDLER: ClassVar[type[LoopbackHandler]]
    url: str
    closed: threading.Event

    def __enter__(self) -> Self:
        self.closed = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self.HANDLER)
        self._server.service = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.ROOT}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    service: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is nothing to tell."""


class LoopbackHandler(BaseHTTPRequestHandler):
    """One call; `server.service` is the `Loopback`."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.take(self.rfile.read(int(self.headers["content-length"] or 0)))

    def take(self, data: bytes) -> None:
        """Read a call, and have it answered."""
        raise NotImplementedError

    def send(self, number: int, data: bytes, headers: dict[str, str], length: int | None = None) -> None:
        """One answer."""
        self.send_response(number)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""
