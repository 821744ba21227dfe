"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: `works` is None where it is missing but nobody needs it for the main job."""

    name: str
    works: bool | None
    found: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return asdict(self)
