"""The structure stage: tempo, beats, bars, sections, onsets and energy of the song."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged
from vktrs.form import Section, sections_from_json

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.engines.beats import Structure

VERSION = 2
STAGE = "structure"


@dataclass(frozen=True, slots=True)
class StructureFacts:
    """What is known of a song once it was analysed, as plain numbers; times in seconds from its start, ascending.

    `tempo` in beats a minute, None where there is no steady beat; `energy` in 0..1, one value every `energy_hop`
    seconds; `sections` cover the song; `onsets` is when something is struck.
    """

    tempo: float | None
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    duration: float
    energy: tuple[float, ...]
    energy_hop: float
    sections: tuple[Section, ...] = ()
    onsets: tuple[float, ...] = ()


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


def facts(store: Store, key: str) -> StructureFacts:
    """What the analysis found, read without numpy; ArtifactDamaged where it cannot be read."""
    path = store.path(STAGE, key) / "structure.json"
    try:
        found = json.loads(path.read_text("utf-8"))
        return StructureFacts(
            None if found["tempo"] is None else _finite(found["tempo"]),
            tuple(sorted(map(_finite, found["beats"]))),
            tuple(sorted(map(_finite, found["downbeats"]))),
            _finite(found["duration"]),
            tuple(min(max(_finite(value), 0.0), 1.0) for value in found["energy"]),
            _finite(found["energy_hop"]),
            sections_from_json(found["sections"]),
            tuple(sorted(map(_finite, found["onsets"]))),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactDamaged(path, str(error)) from None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number to draw or to count with")
    return float(value)
