"""Where huggingface_hub keeps what it fetched, by its own rules; found by looking, without importing it.

models--<owner>--<name>/refs/<branch>            the commit that a branch stood for when it was last fetched
models--<owner>--<name>/snapshots/<commit>/...   the files
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_YES = frozenset({"1", "ON", "YES", "TRUE"})


def cache_folder(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Path:
    """The folder of all repositories; it need not exist."""
    environ = os.environ if environ is None else environ
    if given := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(given).expanduser()
    return _hub_home(environ, home) / "hub"


def _hub_home(environ: Mapping[str, str], home: Path | None) -> Path:
    home = Path.home() if home is None else home
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    return Path(environ.get("HF_HOME") or cache / "huggingface").expanduser()


def snapshot(name: str, revision: str | None = None, cache: Path | None = None) -> Path | None:
    """The folder of a model's files at a revision (default: main), whole or not; None where nothing was fetched."""
    repository = (cache or cache_folder()) / f"models--{name.replace('/', '--')}"
    wanted = revision or "main"
    ref = repository / "refs" / wanted
    commit = ref.read_text("ascii", errors="replace").strip() if ref.is_file() else wanted
    folder = repository / "snapshots" / commit
    return folder if folder.is_dir() else None


def token_place(environ: Mapping[str, str] | None = None, home: Path | None = None) -> str:
    """Where a token for the hub is found, in words; empty where there is none. Its value is never told."""
    environ = os.environ if environ is None else environ
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if environ.get(name, "").strip():
            return name
    path = Path(environ.get("HF_TOKEN_PATH") or _hub_home(environ, home) / "token").expanduser()
    try:
        return str(path) if path.stat().st_size else ""
    except OSError:
        return ""


def is_offline(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the user told the hub's library to use no network."""
    environ = os.environ if environ is None else environ
    return any(environ.get(name, "").upper() in _YES for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
