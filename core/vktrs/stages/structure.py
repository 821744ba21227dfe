"""The structure stage: tempo, beats and energy of the song."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.engines.beats import Structure

VERSION = 1
STAGE = "structure"


def inputs(song: str) -> dict[str, Any]:
    """The song; the analysis has no options yet."""
    return {"version": VERSION, "song": song}


def make(store: Store, key: str, ingredients: Mapping[str, Any], song: str) -> Structure:
    """Analyse the decoded song."""
    from vktrs.engines.beats import analyse
    from vktrs.stages import song as song_stage

    found = analyse(song_stage.samples(store, song, "analysis"))
    with store.making(STAGE, key, ingredients) as folder:
        (folder / "structure.json").write_text(json.dumps(found.as_json()))
    return found


def load(store: Store, key: str) -> Structure:
    """What the analysis found; ArtifactDamaged where it cannot be read."""
    from vktrs.engines.beats import structure_from_json

    path = store.path(STAGE, key) / "structure.json"
    try:
        return structure_from_json(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactDamaged(path, str(error)) from None
