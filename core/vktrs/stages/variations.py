"""The variations stage: pictures that are extremely similar to a scene's keyframe, each an artifact of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import chained, fingerprint
from vktrs.storyboard.resolve import derived_seed

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.engines.pictures import FrameRequest
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Animation, Video
    from vktrs.storyboard.resolve import Resolved

VERSION = 1
STAGE = "variations"
ANIMATIONS: tuple[Animation, ...] = ("static", "variations")
"""The animations that this version makes; a storyboard may ask for others."""


def count(scene: Resolved, frames: int) -> int:
    """How many variations a scene of that many frames can show beside its keyframe."""
    if scene.animation == "static" or frames <= 0:
        return 0
    shown = -(-frames // scene.hold)
    return min(scene.variations, shown - 1)


def inputs(keyframe: str, scene: Resolved, video: Video, engine: Mapping[str, Any]) -> dict[str, Any]:
    """What every variation of a scene depends on; `keys` tells them apart by their numbers."""
    return {
        "version": VERSION,
        **engine,
        "keyframe": keyframe,
        "prompt": scene.prompt,
        "negative_prompt": scene.negative_prompt,
        "width": video.width,
        "height": video.height,
        "consistency": scene.consistency,
        "seed": scene.seed,
    }


def keys(ingredients: Mapping[str, Any], how_many: int) -> list[str]:
    """The fingerprints of variations 1 to `how_many`."""
    base = fingerprint(ingredients)
    return [chained(base, k) for k in range(1, how_many + 1)]


def request(scene: Resolved, video: Video, k: int) -> FrameRequest:
    """What the engine is asked for: variation `k` with a seed of its own."""
    from vktrs.engines.pictures import FrameRequest

    return FrameRequest(
        k=k,
        prompt=scene.prompt,
        negative_prompt=scene.negative_prompt,
        seed=derived_seed(scene.seed, k),
        consistency=scene.consistency,
        width=video.width,
        height=video.height,
    )


def save(store: Store, key: str, ingredients: Mapping[str, Any], scene: str, k: int, picture: Picture) -> None:
    """Keep one variation."""
    from vktrs.media.frames import save_png
    from vktrs.stages.keyframes import picture_texts

    texts = {**picture_texts(ingredients), "seed": str(derived_seed(ingredients["seed"], k)), "variation": str(k)}
    with store.making(STAGE, key, {**ingredients, "k": k}, scene) as folder:
        save_png(folder / "frame.png", picture, texts)


def path(store: Store, key: str) -> Path:
    """Where the picture of a variation lies."""
    return store.path(STAGE, key) / "frame.png"
