"""What the studio remembers of a person on this machine: nothing of it belongs to a project."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

from platformdirs import user_state_path

from vktrs.errors import VktrsError
from vktrs.storyboard.replacing import replace_file


class Settings:
    """Values that outlive the studio, in the user's state folder; a folder that cannot be written forgets them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or user_state_path("vktrs")) / "studio.json"

    @property
    def offset(self) -> float:
        """Seconds from the player to the ear, as `PlayClock.offset`: negative where the song is heard late."""
        value = self._read().get("offset", 0.0)
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0

    def keep_offset(self, seconds: float) -> None:
        """Remember the offset."""
        self._write({**self._read(), "offset": seconds})

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, values: dict[str, object]) -> None:
        with contextlib.suppress(OSError, VktrsError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, json.dumps(values).encode())
