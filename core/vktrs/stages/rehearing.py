"""What was heard anew in a part of the song, kept under where that is and who listened: nothing is heard twice.

It is no stage of the walk from song to video: nothing is made of it but proposals, which a person takes or leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vktrs.stages.words import LINES, read_lines, write_lines

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.lines import Line

VERSION = 1
STAGE = "rehearing"
MARGIN = 1.0
"""Seconds that are heard on both sides of a part, so that the words at its edges are heard whole."""


def inputs(
    song: str, engine: str, model: str, language: str | None, start: float, end: float, vocals: str | None = None
) -> dict[str, Any]:
    """The song, who listens, from when to when (seconds), and its stems (`vocals`) where they listen to the voice."""
    apart = {} if vocals is None else {"vocals": vocals}
    return {
        "version": VERSION,
        "song": song,
        "engine": engine,
        "model": model,
        "language": language,
        "start": start,
        "end": end,
        "margin": MARGIN,
        **apart,
    }


def make(store: Store, key: str, ingredients: Mapping[str, Any], lines: Iterable[Line]) -> None:
    """Keep the lines that are sung in that part (seconds of the song); they are taken one by one."""
    kept = [*lines]
    with store.making(STAGE, key, ingredients) as folder:
        write_lines(folder / LINES, kept)


def load(store: Store, key: str) -> list[Line]:
    """The lines; ArtifactDamaged where they cannot be read."""
    return read_lines(store.path(STAGE, key) / LINES)
