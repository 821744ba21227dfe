"""Which formats of captions there are; reading them is another module's, which planning does without."""

from __future__ import annotations

SUFFIXES = (".json3", ".srv3", ".srv2", ".vtt", ".srt", ".srv1", ".ass", ".lrc")
"""The formats that are read, those that tell most of the words' times first."""
