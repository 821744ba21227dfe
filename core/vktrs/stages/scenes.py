"""The scenes stage: lines, beats and sections become a proposal; what enters the storyboard is decided by merging."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged
from vktrs.storyboard.split import ProposedScene, SplitOptions, propose_scenes

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.engines.beats import Structure
    from vktrs.lines import Line
    from vktrs.stages.structure import StructureFacts

VERSION = 2
STAGE = "scenes"


def inputs(words: str, structure: str, options: SplitOptions) -> dict[str, Any]:
    """Words, structure and how lines are split."""
    asked = asdict(options)
    if options.by == "line":  # as it was told before there was another way: what was proposed then is not stale
        del asked["by"], asked["measure"]
    return {"version": VERSION, "words": words, "structure": structure, "split": asked}


def make(
    store: Store, key: str, ingredients: Mapping[str, Any], lines: Sequence[Line], structure: Structure | StructureFacts
) -> list[ProposedScene]:
    """Propose scenes and keep the proposal."""
    options = SplitOptions(**ingredients["split"])
    found = structure.beats, structure.downbeats, structure.duration
    proposed = list(propose_scenes(lines, *found, options, structure.sections))
    rows = [[scene.start, scene.end, scene.text, scene.section] for scene in proposed]
    with store.making(STAGE, key, ingredients) as folder:
        (folder / "proposal.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return proposed


def load(store: Store, key: str) -> list[ProposedScene]:
    """The proposal; ArtifactDamaged where it cannot be read, and then it is gone, so that a run makes it again."""
    path = store.path(STAGE, key) / "proposal.json"
    try:
        rows = json.loads(path.read_text("utf-8"))
        return [ProposedScene(start, end, text, section=section) for start, end, text, section in rows]
    except (OSError, ValueError, TypeError) as error:
        store.discard(STAGE, key)
        raise ArtifactDamaged(path, str(error)) from None
