"""What a person should look at before the video is made: doubtful or impossible things in a storyboard. Pure.

It flags and changes nothing; what failed in a run is the run's to tell.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or doubtful with a scene: a short `kind`, a sentence, and what would mend it."""

    kind: str
    text: str
    hint: str = ""
