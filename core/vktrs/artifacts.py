"""The store of made things: an artifact is complete under its fingerprint or it is absent; nothing else says so.

An artifact is a folder `<stage>/<fingerprint>/` that holds `inputs.json` (what its fingerprint was made of) beside
what the stage left. It is filled under a temporary name and renamed once it is whole. What is inside is the
business of the stages.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

INPUTS = "inputs.json"
_TEMPORARY = ".making-"
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_AS_THEY_ARE = frozenset({str, float, bool, type(None)})


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """32 hex digits that depend on every input; numbers count as floats, so 7 and 7.0 are the same."""
    return blake2b(_ENCODER.encode(_canonical(inputs)).encode(), digest_size=16).hexdigest()


def chained(*parts: str | int) -> str:
    """The fingerprint of a thing that is fully told by other fingerprints and whole numbers; quick."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def _canonical(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be part of a fingerprint")


class Store:
    """The artifacts below one folder, by stage and fingerprint."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, stage: str, key: str) -> Path:
        """Where that artifact lies, or would lie."""
        return self.root / stage / key

    def keys(self, stage: str) -> frozenset[str]:
        """The fingerprints of all whole artifacts of a stage, by one listing of its folder."""
        try:
            names = os.listdir(self.root / stage)
        except FileNotFoundError:
            return frozenset()
        return frozenset(name for name in names if not name.startswith("."))

    def scene(self, stage: str, key: str) -> str | None:
        """The scene that an artifact was made for; None where it was made for none, or that cannot be read."""
        try:
            scene = json.loads((self.path(stage, key) / INPUTS).read_text("utf-8"))["scene"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return scene if isinstance(scene, str) else None

    def last_inputs(self, stage: str) -> dict[str | None, dict[str, Any]]:
        """For every scene (None for the project) the inputs of its newest artifact of a stage."""
        newest: dict[str | None, tuple[int, dict[str, Any]]] = {}
        for key in self.keys(stage):
            path = self.path(stage, key) / INPUTS
            try:
                record, when = json.loads(path.read_text("utf-8")), path.stat().st_mtime_ns
                scene, inputs = record["scene"], record["inputs"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if scene not in newest or newest[scene][0] < when:
                newest[scene] = (when, inputs)
        return {scene: inputs for scene, (_, inputs) in newest.items()}

    @contextmanager
    def making(self, stage: str, key: str, inputs: Mapping[str, Any], scene: str | None = None) -> Iterator[Path]:
        """An empty folder to fill; on leaving without an error it becomes the artifact, else it vanishes.

        `scene` is noted beside the inputs, so that a later plan can say what changed for it.
        """
        final = self.path(stage, key)
        folder = final.with_name(f"{_TEMPORARY}{os.getpid()}-{key}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
            record = {"scene": scene, "inputs": inputs}
            (folder / INPUTS).write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
            try:
                folder.rename(final)
            except OSError:
                if not final.exists():
                    raise
                # What lies there was found wanting, or this one would not have been made.
                self.discard(stage, key)
                folder.rename(final)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def discard(self, stage: str, key: str) -> None:
        """Remove an artifact: first its name, so that a half-removed one is never taken for a whole one."""
        final = self.path(stage, key)
        doomed = final.with_name(f"{_TEMPORARY}{os.getpid()}-discarded-{key}")
        try:
            final.rename(doomed)
        except FileNotFoundError:
            return
        shutil.rmtree(doomed, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed processes left half made; only for whoever holds the project's run lock."""
        for folder in self.root.glob(f"*/{_TEMPORARY}*"):
            shutil.rmtree(folder, ignore_errors=True)
