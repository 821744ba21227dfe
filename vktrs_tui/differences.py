"""What differs between a storyboard and a proposal, in words for a terminal or the studio. Pure."""

from __future__ import annotations

from collections.abc import Callable

from vktrs.timing import format_clock


def in_words(value: object, text: Callable[[str], str]) -> str:
    """One side of a difference: times as a clock, a scene as when it starts and what is sung; `text` spells texts."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, float):
        return format_clock(value)
    start, sung = getattr(value, "start", None), getattr(value, "text", None)
    if isinstance(start, float) and isinstance(sung, str):
        return f"{format_clock(start)} {text(sung)}".rstrip()
    return text(str(value))
