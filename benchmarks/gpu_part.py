"""The end of RESULTS.md: what needs a GPU. Its sections outlive runs on machines without one.

Each section says itself where and when it was measured, so that some may be of one machine and some of another.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Row
from benchmarks.results import section

_HEADING = "# On a GPU"
_PREFACE = (
    "Measured apart from the rest, on a machine that has a GPU: each section says which and when. What is owed says "
    "why; the others outlive runs of `make bench` on machines without one."
)
_OWED = "Owed: "


def without(text: str) -> str:
    """RESULTS.md without this part."""
    return text.partition(f"{_HEADING}\n")[0].rstrip("\n") + "\n"


def updated(before: str, rows: Sequence[Row]) -> str:
    """This part with these rows; one that is owed leaves in place what was measured before.

    `before` is RESULTS.md as it is, or empty.
    """
    kept = _sections(before)
    for row in rows:
        if not row.owed or _is_owed(kept.get(row.title, "")):
            kept[row.title] = section(row)
    if not kept:
        return ""
    owed = [title for title, text in kept.items() if _is_owed(text)]
    parts = [_HEADING, "", _PREFACE, "", f"**Still owed: {'; '.join(owed)}.**" if owed else "**Nothing is owed.**", ""]
    return "\n".join([*parts, *kept.values()])


def _is_owed(text: str) -> bool:
    return not text or any(line.startswith(_OWED) for line in text.splitlines())


def _sections(text: str) -> dict[str, str]:
    """The sections of this part by their titles, in order, as they are written."""
    pieces = text.partition(f"{_HEADING}\n")[2].split("\n## ")[1:]
    return {piece.partition("\n")[0]: f"## {piece.rstrip()}\n" for piece in pieces}
