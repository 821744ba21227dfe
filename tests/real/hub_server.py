"""A stand-in for the model hub on 127.0.0.1: what huggingface_hub asks it about repositories, and files of folders.

`HF_ENDPOINT` leads there. A repository is a folder; others are gated, or answer an error. What was asked is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "c0ffee" + "0" * 34
_ABOUT = re.compile(r"/api/models/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_FILE = re.compile(r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")


@dataclass
class Hub:
    """`models` are folders by their names; `gated` and `broken` are names; `asked` is every method and path."""

    models: dict[str, Path] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def environment(self, home: Path) -> dict[str, str]:
        """What a process needs to take this for the hub, with a cache of its own."""
        return {"HF_ENDPOINT": self.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}


@contextlib.contextmanager
def hub_server(models: Mapping[str, Path]) -> Iterator[Hub]:
    """A hub with these models, until the end of the block."""
    hub = Hub(dict(models))

    class Handler(_Answers):
        told = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    told: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        self.told.asked.append(f"{self.command} {path}")
        self.told.tokens.add(self.headers.get("Authorization", ""))
        match = _ABOUT.fullmatch(path) or _FILE.fullmatch(path)
        name = match["name"] if match else ""
        folder = self.told.models.get(name)
        if name in self.told.broken:
            self._fail(500, "", "out of order")
        elif folder is None or match is None:
            self._fail(404, "RepoNotFound", "Repository not found")
        elif "file" in match.groupdict():
            self._file(folder, name, match["revision"], match["file"])
        else:
            self._about(folder, name, match["rest"] or "")

    def _about(self, folder: Path, name: str, rest: str) -> None:
        if rest == "/auth-check":
            if name in self.told.gated:
                self._fail(403, "GatedRepo", "Access to this model is restricted")
            else:
                self._send(b"{}")
        elif rest.startswith("/revision/") and rest.removeprefix("/revision/") not in ("main", COMMIT):
            self._fail(404, "RevisionNotFound", "Revision not found")
        elif rest.startswith("/tree/"):
            listed = [
                {"type": "file", "path": each, "size": (folder / each).stat().st_size, "oid": _etag(folder / each)}
                for each in _files(folder)
            ]
            self._send(json.dumps(listed).encode())
        else:
            gated = "manual" if name in self.told.gated else False
            index = folder / "model_index.json"
            config = {"diffusers": json.loads(index.read_text())} if index.exists() else {}
            siblings = [{"rfilename": each} for each in _files(folder)]
            told = {"_id": "1", "id": name, "modelId": name, "sha": COMMIT, "gated": gated, "private": False}
            self._send(json.dumps({**told, "siblings": siblings, "config": config, "tags": []}).encode())

    def _file(self, folder: Path, name: str, revision: str, file: str) -> None:
        if name in self.told.gated:
            self._fail(403, "GatedRepo", "Access to this model is restricted")
        elif revision not in ("main", COMMIT):
            self._fail(404, "RevisionNotFound", "Revision not found")
        elif not (folder / file).is_file():
            self._fail(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": COMMIT})
        else:
            etag = f'"{_etag(folder / file)}"'
            self._send((folder / file).read_bytes(), 200, {"ETag": etag, "X-Repo-Commit": COMMIT})

    def _fail(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        named = {"X-Error-Code": code, "X-Error-Message": message} if code else {}
        self._send(json.dumps({"error": message}).encode(), status, {**named, **(headers or {})})

    def _send(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _etag(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:40]
