"""The takes of a scene: every keyframe that was made for it, which one is current, choosing one again, deleting one.

Choosing writes into the storyboard and makes no picture; a take whose fingerprint the storyboard asks for is the
current one, and nothing else is remembered about it. No picture is decoded here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from vktrs.artifacts import fingerprint
from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.locks import PATIENCE, FileLock
from vktrs.media.png import PngHead, read_head
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.stages import keyframes
from vktrs.storyboard.edits import Edited, set_field
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.resolve import Resolved, resolve


@dataclass(frozen=True, slots=True)
class Take:
    """One keyframe as it lies on disk: what it was made of, when (seconds since 1970), its size in pixels.

    `current` where the storyboard asks for exactly this one. `seed` is what it was asked for with: where a filter took
    pictures away, the engine drew with another of its own choice. Made from the user's own picture it has the digest of
    that in `picture`, and neither prompt nor seed. `damaged` says why it cannot be read; nothing else is known then.
    """

    scene: str
    key: str
    path: Path
    made: float
    current: bool = False
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    engine: str = ""
    picture: str | None = None
    size: tuple[int, int] | None = None
    damaged: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)


class Choice(NamedTuple):
    """The fields of the scene to write (None takes one out), and in words what follows from them."""

    fields: Mapping[str, object]
    said: tuple[str, ...] = ()


def takes(project: Project, scene_id: str, plan: Plan | None = None) -> tuple[Take, ...]:
    """All takes of a scene, the newest last; `plan` spares making one."""
    plan = plan_project(project) if plan is None else plan
    current = next((each.keyframe.key for each in plan.scenes if each.scene.id == scene_id), None)
    found = (_take(path, scene_id, current) for path in (project.takes / scene_id).glob("[!.]*.png"))
    return tuple(sorted((take for take in found if take is not None), key=lambda take: (take.made, take.key)))


def _take(path: Path, scene_id: str, current: str | None) -> Take | None:
    """The take at `path`; None where it has just been deleted."""
    try:
        made = path.stat().st_mtime
    except OSError:
        return None
    key = path.stem
    try:
        head = read_head(path)
    except ArtifactDamaged as damage:
        return Take(scene_id, key, path, made, key == current, damaged=damage.reason)
    return _told(Take(scene_id, key, path, made, key == current), head)


def _told(take: Take, head: PngHead) -> Take:
    inputs = keyframes.recorded(head.texts)
    seed, picture = inputs.get("seed"), inputs.get("picture")
    return Take(
        take.scene,
        take.key,
        take.path,
        take.made,
        take.current,
        prompt=str(inputs.get("prompt", "")),
        negative_prompt=str(inputs.get("negative_prompt", "")),
        seed=seed if isinstance(seed, int) else None,
        engine=str(inputs.get("engine", "")),
        picture=picture if isinstance(picture, str) else None,
        size=(head.width, head.height),
        inputs=inputs,
    )


def choice(board: Storyboard, take: Take) -> Choice:
    """What to write into the take's scene so that it is the current one again.

    Its seed, and of prompt and negative prompt what does not hold already: a prompt that comes from the lyrics goes on
    coming from them, so that no other scene changes. A take that these cannot bring back (another engine, other
    options, another size) is taken as the user's own picture. InputError where there is no such scene, or the take is
    damaged or gone.
    """
    _scene(board, take.scene)
    if not take.path.is_file():
        raise InputError("That take is gone: its file is not there any more.", "Choose another.")
    if take.damaged:
        raise InputError(f"the take {take.path} cannot be read: {take.damaged}.", "Delete it, or choose another.")
    if take.current and take.picture is not None:
        return Choice({})
    if take.seed is not None:
        # whether it is the current one is asked of this storyboard: the take was looked at with an older one, perhaps
        if _scene(board, take.scene)[0].picture is None and _key_with(board, take.scene, {}) == take.key:
            return Choice({})
        for fields in _ways(board, take):
            if _key_with(board, take.scene, fields) == take.key:
                return Choice(fields)
    return _as_picture(board, take)


def choose_edit(board: Storyboard, take: Take) -> Edited:
    """The storyboard in which that take is its scene's keyframe, and what is to be said about it; see `choice`."""
    chosen = choice(board, take)
    return Edited(_written(board, take.scene, chosen.fields), chosen.said)


def _ways(board: Storyboard, take: Take) -> Iterator[dict[str, object]]:
    """Fields that may bring the take back: prompts left alone, else the scene's own taken out, else written."""
    scene, now = _scene(board, take.scene)
    base: dict[str, object] = {"seed": take.seed}
    if scene.picture is not None:
        base["picture"] = None
    prompts = _writings("prompt", take.prompt, now.prompt, scene.prompt)
    negatives = _writings("negative_prompt", take.negative_prompt, now.negative_prompt, scene.negative_prompt)
    for prompt, negative in product(prompts, negatives):
        yield {**base, **prompt, **negative}


def _writings(name: str, wanted: str, holds: str, written: str | None) -> list[dict[str, object]]:
    """How a field may be written so that `wanted` holds for the scene."""
    if wanted == holds:
        return [{}]
    taken_out: list[dict[str, object]] = [{name: None}] if written is not None else []
    # as it is, first: there are models that read no negative prompt
    return [{}, *taken_out, {name: wanted}]


def _scene(board: Storyboard, scene_id: str) -> tuple[Scene, Resolved]:
    """The scene as written, and its effective values."""
    for scene, resolved in zip(board.scenes, resolve(board), strict=True):
        if scene.id == scene_id:
            return scene, resolved
    raise InputError(f"There is no scene `{scene_id}`.", "It may have been deleted meanwhile.")


def _key_with(board: Storyboard, scene_id: str, fields: Mapping[str, object]) -> str:
    """The fingerprint that the scene's keyframe would have with these fields; "" where they cannot be written."""
    try:
        changed = _written(board, scene_id, fields)
    except InputError:
        return ""
    _written_so, resolved = _scene(changed, scene_id)
    engine = keyframes.engine_inputs(changed.engines, changed.video)
    return fingerprint(keyframes.inputs(resolved, changed.video, engine, None))


def _written(board: Storyboard, scene_id: str, fields: Mapping[str, object]) -> Storyboard:
    for name, value in fields.items():
        board = set_field(board, scene_id, name, value).board
    return board


def _as_picture(board: Storyboard, take: Take) -> Choice:
    scene, _now = _scene(board, take.scene)
    number = board.scenes.index(scene) + 1
    name = f"takes/{take.scene}/{take.key}.png"
    why = _difference(board, take)
    said = (
        f"That take was made with {why}, which its seed and prompt alone do not bring back: "
        f"it is now scene {number}'s own picture ({name}), and stays so until `picture` is taken out."
    )
    return Choice({"picture": name}, (said,))


def _difference(board: Storyboard, take: Take) -> str:
    """What stands between a take and its being drawn again as the storyboard is now."""
    if take.picture is not None:
        return "a picture of your own"
    now = keyframes.engine_inputs(board.engines, board.video)
    told = []
    if take.engine and take.engine != now["engine"]:
        told.append(f"the engine {take.engine}")
    elif any(take.inputs.get(name) != now[name] for name in ("engine_version", "options")):
        told.append(f"other options or another version of {now['engine']}")
    asked = _size_asked(take.inputs)
    if asked and asked != _size_asked(now):
        told.append(_size_words(asked))
    return " and ".join(told) or "something that it does not tell"


def _size_asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine was asked for; the picture itself may be larger, where a service has sizes of its own."""
    return {name: inputs[name] for name in ("width", "height", "aspect_ratio") if inputs.get(name) is not None}


def _size_words(asked: Mapping[str, Any]) -> str:
    if "aspect_ratio" in asked:
        return f"an aspect ratio of {asked['aspect_ratio']}"
    return f"a size of {asked.get('width', '?')}x{asked.get('height', '?')}"


def delete(project: Project, take: Take) -> None:
    """Remove a take; the current one is made again by the next run.

    UsageError while a run is going on, which may be using it; InputError where a scene has it as its own picture.
    """
    project.check_present()
    lock = FileLock(project.run_lock)
    if not lock.acquire(patience=PATIENCE):
        raise UsageError("a take cannot be deleted during a run.", "Wait for the run, or stop it.")
    try:
        for number, scene in enumerate(project.document().board.scenes, start=1):
            if scene.picture and project.resolve(scene.picture).resolve() == take.path.resolve():
                raise InputError(f"scene {number} has this take as its own picture.", "Take its `picture` out first.")
        take.path.unlink(missing_ok=True)
    finally:
        lock.release()
