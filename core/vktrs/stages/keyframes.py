"""The keyframes stage: one picture a scene, made by an engine or taken from the user; every one is kept as a take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vktrs.engines.pictures import KeyframeRequest
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Engines, Video
    from vktrs.storyboard.resolve import Resolved

VERSION = 1
STAGE = "keyframes"
_RECORD = "vktrs"


def engine_inputs(engines: Engines, video: Video, of_variations: bool = False) -> dict[str, Any]:
    """The picture engine as keyframes, or variations, depend on it: version, options, the size it is asked for.

    What of a scene the engine does not read stands here, too, in the place of the scene's own value.
    """
    from vktrs.engines import registry

    name, options = engines.pictures, engines.options.get(engines.pictures, {})
    settled = registry.settled_options if of_variations else registry.keyframe_options
    reads = registry.reads_negative_prompts(name, options, of_variations)
    return {
        **registry.size_inputs(name, options, video.width, video.height),
        "engine": name,
        "engine_version": registry.PICTURE_VERSIONS[name],
        "options": settled(name, options),
        **({} if reads else {"negative_prompt": ""}),
    }


def inputs(scene: Resolved, video: Video, engine: Mapping[str, Any], picture: str | None) -> dict[str, Any]:
    """What the keyframe depends on; `picture` is the digest of the user's own, where the scene has one."""
    if picture is not None:
        return {"version": VERSION, "width": video.width, "height": video.height, "picture": picture}
    return {
        "version": VERSION,
        **engine,
        "prompt": scene.prompt,
        "negative_prompt": engine.get("negative_prompt", scene.negative_prompt),
        "seed": scene.seed,
    }


def request(scene: Resolved, video: Video) -> KeyframeRequest:
    """What the engine is asked for."""
    from vktrs.engines.pictures import KeyframeRequest

    return KeyframeRequest(scene.prompt, scene.negative_prompt, scene.seed, video.width, video.height)


def take_path(takes: Path, scene: str, key: str) -> Path:
    """Where the take of that fingerprint lies, or would lie."""
    return takes / scene / f"{key}.png"


def save(takes: Path, scene: str, key: str, ingredients: Mapping[str, Any], picture: Picture) -> None:
    """Keep a keyframe among the takes of its scene, with what it was made of in its text chunks."""
    from vktrs.media.frames import save_png

    path = take_path(takes, scene, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(path, picture, {**picture_texts(ingredients), _RECORD: json.dumps(ingredients, ensure_ascii=False)})


def picture_texts(ingredients: Mapping[str, Any]) -> dict[str, str]:
    """The text chunks that tell a person how a picture was made."""
    names = ("prompt", "negative_prompt", "seed", "engine", "consistency", "picture")
    return {name: str(ingredients[name]) for name in names if ingredients.get(name) not in (None, "")}


def newest_take(takes: Path, scene: str) -> Path | None:
    """The take that was made last for a scene, whatever it was made of; None where there is none."""
    made = sorted((takes / scene).glob("[!.]*.png"), key=lambda path: path.stat().st_mtime_ns)
    return made[-1] if made else None


def take_inputs(path: Path) -> dict[str, Any]:
    """What a take was made of; empty where its text chunks do not say."""
    from vktrs.errors import ArtifactDamaged
    from vktrs.media.png import read_head

    try:
        return recorded(read_head(path).texts)
    except ArtifactDamaged:
        return {}


def recorded(texts: Mapping[str, str]) -> dict[str, Any]:
    """What a take was made of, by its text chunks; empty where they do not say."""
    try:
        record = json.loads(texts.get(_RECORD, "{}"))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
