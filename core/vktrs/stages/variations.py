"""The variations stage: pictures that are extremely similar to a scene's keyframe, each an artifact of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import chained, fingerprint
from vktrs.storyboard.resolve import frame_seed

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.engines.pictures import FrameRequest, MotionRequest
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Video
    from vktrs.storyboard.resolve import Resolved

VERSION = 1
STAGE = "variations"


def count(scene: Resolved, frames: int) -> int:
    """How many variations a scene of that many frames can show beside its keyframe."""
    if scene.animation == "static" or frames <= 0:
        return 0
    shown = -(-frames // scene.hold)
    return min(scene.variations, shown - 1)


def most(scene: Resolved) -> int:
    """How many variations a scene can show at any length."""
    return count(scene, (scene.variations + 1) * scene.hold)


def inputs(keyframe: str, scene: Resolved, engine: Mapping[str, Any], consistency: float) -> dict[str, Any]:
    """What every variation of a scene depends on; `keys` tells them apart by their numbers."""
    return {
        "version": VERSION,
        **engine,
        "keyframe": keyframe,
        "prompt": scene.prompt,
        "negative_prompt": engine.get("negative_prompt", scene.negative_prompt),
        "consistency": consistency,
        "seed": scene.seed,
    }


def keys(ingredients: Mapping[str, Any], how_many: int, seeds: Mapping[int, int]) -> list[str]:
    """The fingerprints of variations 1 to `how_many`; `seeds` are those that are written for some of them."""
    base = fingerprint(ingredients)
    return [_chained(base, k, seeds.get(k)) for k in range(1, how_many + 1)]


def key(ingredients: Mapping[str, Any], k: int, seed: int) -> str:
    """The fingerprint of variation `k` if it is made with that seed."""
    own = None if seed == frame_seed(ingredients["seed"], k) else seed
    return _chained(fingerprint(ingredients), k, own)


def _chained(base: str, k: int, seed: int | None) -> str:
    return chained(base, k) if seed is None else chained(base, k, seed)


def seed(scene: Resolved, k: int) -> int:
    """The seed of variation `k`: the one that is written for it, else its own."""
    return dict(scene.frame_seeds).get(k, frame_seed(scene.seed, k))


def request(scene: Resolved, video: Video, consistency: float, k: int) -> FrameRequest:
    """What the engine is asked for: variation `k` with a seed of its own."""
    from vktrs.engines.pictures import FrameRequest

    return FrameRequest(
        k=k,
        prompt=scene.prompt,
        negative_prompt=scene.negative_prompt,
        seed=seed(scene, k),
        consistency=consistency,
        width=video.width,
        height=video.height,
    )


def save(
    store: Store,
    key: str,
    ingredients: Mapping[str, Any],
    scene: str,
    asked: FrameRequest | MotionRequest,
    picture: Picture,
) -> None:
    """Keep one variation, or one picture of a moving scene."""
    from vktrs.media.frames import save_png
    from vktrs.stages.keyframes import picture_texts

    texts = {**picture_texts(ingredients), "seed": str(asked.seed), "variation": str(asked.k)}
    own = {} if asked.seed == frame_seed(ingredients["seed"], asked.k) else {"frame_seed": asked.seed}
    with store.making(STAGE, key, {**ingredients, "k": asked.k, **own}, scene) as folder:
        save_png(folder / "frame.png", picture, texts)


def path(store: Store, key: str) -> Path:
    """Where the picture of a variation lies."""
    return store.path(STAGE, key) / "frame.png"
