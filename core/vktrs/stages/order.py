"""The order stage: in which order a scene's pictures make the smoothest loop, keyframe first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from vktrs.artifacts import Store
    from vktrs.picture import Picture

VERSION = 1
STAGE = "order"


def inputs(cycle: Sequence[str], mode: str, shown: int | None = None) -> dict[str, Any]:
    """The fingerprints of keyframe and variations in the order of their making, and the order mode.

    `shown` is how many pictures there are where those of `cycle` are not all.
    """
    return {"version": VERSION, "cycle": list(cycle), "order": mode, **({} if shown is None else {"shown": shown})}


def make(store: Store, key: str, ingredients: Mapping[str, Any], scene: str, pictures: Sequence[Picture]) -> None:
    """Find the order of these pictures and keep it."""
    order = ordered(pictures, ingredients["order"])
    with store.making(STAGE, key, ingredients, scene) as folder:
        (folder / "order.json").write_text(json.dumps(order))


def ordered(pictures: Sequence[Picture], mode: str) -> list[int]:
    """Indexes of the pictures as they are played, once round; `ping-pong` plays them there and back."""
    indexes = list(range(len(pictures)))
    if mode == "ping-pong":
        return indexes + indexes[-2:0:-1]
    if mode == "as-made" or len(pictures) <= 3:
        return indexes
    from vktrs.engines.tour import closed_tour

    return closed_tour(pictures)


def load(store: Store, key: str, count: int) -> list[int]:
    """The order that was made for `count` pictures; ArtifactDamaged where it cannot be read."""
    path: Path = store.path(STAGE, key) / "order.json"
    try:
        order = [int(index) for index in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactDamaged(path, str(error)) from None
    if set(order) != set(range(count)):
        raise ArtifactDamaged(path, "it does not name every picture")
    return order
