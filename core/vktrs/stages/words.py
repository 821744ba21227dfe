"""The words stage: what is sung and when, heard by a speech engine or read from timed lyrics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged
from vktrs.lines import Line, line_from_json
from vktrs.media.lyrics import TIMED_SUFFIXES

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.storyboard.model import Storyboard

VERSION = 1
STAGE = "words"


def has_timed_lyrics(board: Storyboard) -> bool:
    """Whether the user's lyrics file brings times of its own, so that nobody has to listen."""
    return bool(board.song.lyrics) and str(board.song.lyrics).lower().endswith(TIMED_SUFFIXES)


def inputs(song: str, board: Storyboard, lyrics: str | None) -> dict[str, Any]:
    """The song, and the digest of timed lyrics, or else the engine with its options."""
    if has_timed_lyrics(board):
        return {"version": VERSION, "song": song, "lyrics": lyrics}
    engine = board.engines.speech
    if engine == "none":
        return {"version": VERSION, "song": song, "engine": engine}
    options = dict(board.engines.options.get("whisper", {}))
    return {
        "version": VERSION,
        "song": song,
        "engine": engine,
        "options": options,
        "language": board.song.language,
    }


def make(store: Store, key: str, ingredients: Mapping[str, Any], lines: Iterable[Line]) -> list[Line]:
    """Keep the lines; they are taken one by one, so that a long recognition shows its progress."""
    kept = list(lines)
    with store.making(STAGE, key, ingredients) as folder:
        text = json.dumps([line.as_json() for line in kept], ensure_ascii=False, indent=1)
        (folder / "lines.json").write_text(text, "utf-8")
    return kept


def load(store: Store, key: str) -> list[Line]:
    """The lines that were found; ArtifactDamaged where they cannot be read."""
    path = store.path(STAGE, key) / "lines.json"
    try:
        return [line_from_json(line) for line in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactDamaged(path, str(error)) from None
