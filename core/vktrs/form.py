"""Musical form: sections of a song with labels, as every stage exchanges them. Values and light look-ups only.

Finding them in the sound is the work of `engines.form`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a song from `start` to `end` (seconds from its start); what sounds alike has the same `label`.

    Labels are "A", "B", ... in the order in which they first appear.
    """

    start: float
    end: float
    label: str

    def as_json(self) -> list[Any]:
        """A JSON-ready list; `section_from_json` reads it back."""
        return [round(self.start, 4), round(self.end, 4), self.label]


def section_from_json(value: Sequence[Any]) -> Section:
    """The section that `Section.as_json` wrote; ValueError or TypeError for anything else."""
    start, end, label = value
    times = float(start), float(end)
    if not (all(map(math.isfinite, times)) and times[0] <= times[1] and isinstance(label, str) and label):
        raise ValueError(f"{value} is no section")
    return Section(*times, label)


def sections_from_json(values: Iterable[Sequence[Any]]) -> tuple[Section, ...]:
    """Sections in the order of time; ValueError or TypeError where one of them is none."""
    return tuple(sorted(map(section_from_json, values), key=lambda section: (section.start, section.end)))


def label_of(sections: Iterable[Section], start: float, end: float) -> str | None:
    """The label of the section in which most of `start`..`end` (seconds) lies, the earlier one of two; None outside."""
    best, most = None, 0.0
    for section in sections:
        common = min(section.end, end) - max(section.start, start)
        if common > most + 1e-6:  # halves are told apart by no rounding error
            best, most = section.label, common
    return best


def inner_edges(sections: Sequence[Section], start: float, end: float) -> list[float]:
    """Where one section ends and the next one starts (seconds), within `start`..`end` without these two."""
    return [section.start for section in sections[1:] if start < section.start < end]
