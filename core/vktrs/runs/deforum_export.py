"""`vktrs export deforum`: a folder with settings files for Deforum, and the pictures and the sound that they name.

The expressions of all scenes are worked out, so that whoever has the folder needs neither the signals nor this program.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.interop.deforum.defaults import DEFAULTS
from vktrs.interop.deforum.remarks import unsaid
from vktrs.interop.deforum.settings import scene_settings, song_settings
from vktrs.interop.deforum.stretches import Stretch, Whole
from vktrs.interop.wording import ranges
from vktrs.inventory import Inventory, look, source_path
from vktrs.plan import Plan, ScenePlan, heard_of, make_plan, theme_number
from vktrs.project import Project
from vktrs.runs.export_folder import ExportFolder
from vktrs.stages import keyframes
from vktrs.stages.grounds import MUSICAL, names_used, values
from vktrs.stages.showing import Place, asked_names, ground_of

FOLDER = "deforum"
_END = "_settings.txt"
_SAMPLERS: Mapping[str, str] = {
    "ddim": "DDIM",
    "pndm": "PLMS",
    "plms": "PLMS",
    "lms": "LMS",
    "euler": "Euler",
    "euler a": "Euler a",
    "heun": "Heun",
    "dpm2": "DPM2",
    "dpm2 a": "DPM2 a",
    "dpm++ 2m": "DPM++ 2M",
    "dpm++ 2m karras": "DPM++ 2M Karras",
    "dpm++ 2m sde karras": "DPM++ 2M SDE Karras",
    "dpm2 karras": "DPM2 Karras",
    "lms karras": "LMS Karras",
    "unipc": "UniPC",
}
"""What the web UI calls a scheduler; it has no name for the others."""


@dataclass(frozen=True)
class Exported:
    """The files that were written, those of settings first, and what Deforum has no word for, a sentence each."""

    written: tuple[Path, ...]
    remarks: tuple[str, ...]


def export_deforum(project: Project, folder: Path, full: bool = False, overwrite: bool = False) -> Exported:
    """Write settings for each scene and for the whole song into `folder`, with the files that they name beside them.

    `full` writes all of the extension's settings. UsageError where something of the song has to be made first, or
    where the folder holds files that did not come from here, or were changed, and `overwrite` does not allow it.
    """
    board = project.document().board
    found = look(project, board)
    plan = make_plan(board, found)
    scenes = [each for each in plan.scenes if each.frames]
    _check_ready(project, plan, found, scenes)
    target = ExportFolder(folder, overwrite)
    pictures = {each.scene.id: _picture(project, each) for each in scenes}
    stretches = [_stretch(plan, found, scenes[0].first, each, pictures[each.scene.id]) for each in scenes]
    sound = source_path(project, board)
    whole = _whole(plan, sound if plan.heard is None else None)
    remarks = [*unsaid(board, [each.resolved for each in scenes], stretches), *_of_engine(plan)]
    texts = {f"{each.name}{_END}": scene_settings(each, whole) for each in stretches}
    texts[f"whole_song{_END}"] = song_settings(stretches, whole)
    names = [*texts, *(each.picture for each in stretches if each.picture)]
    target.begin([*names, whole.sound] if whole.sound else names)
    for each, stretch in zip(scenes, stretches, strict=True):
        if stretch.picture:
            _write_picture(project, plan, each, target, stretch.picture)
    if whole.sound and sound is not None:
        target.put(whole.sound, lambda path: shutil.copyfile(sound, path))
    for name, settings in texts.items():
        text = json.dumps({**(DEFAULTS if full else {}), **settings}, ensure_ascii=False, indent=4) + "\n"
        target.put(name, partial(Path.write_text, data=text, encoding="utf-8"))
    target.end()
    missing = [each.index + 1 for each in scenes if pictures[each.scene.id] is None]
    return Exported(tuple(folder / name for name in texts), (*remarks, *_of_files(plan, missing, whole)))


def _check_ready(project: Project, plan: Plan, found: Inventory, scenes: list[ScenePlan]) -> None:
    hint = f"`vktrs run {project.root} --to scenes` makes it."
    if plan.duration is None:
        raise UsageError("the length of the song is not known yet.", f"`vktrs run {project.root} --to song` finds out.")
    if not scenes:
        raise UsageError("there are no scenes yet.", hint)
    used = frozenset().union(*(asked_names(each.resolved) for each in scenes))
    for name in sorted(used & plan.signals.keys()):
        if plan.signals[name].key not in found.curves:
            makes = f"`vktrs run {project.root} --to signals` makes it."
            raise UsageError(f"the signal {name} is not made yet.", makes)
    if used & MUSICAL and found.form is None:
        raise UsageError("the beats of the song are not known yet.", hint)
    for each in scenes:
        if each.pictures.fault is not None:
            raise InputError(f"scene {each.index + 1}: {each.pictures.fault.message}", each.pictures.fault.hint)


def _stretch(plan: Plan, found: Inventory, start: int, each: ScenePlan, picture: str | None) -> Stretch:
    """What a scene asks; frames are counted from `start`, the first one of the video."""
    scene, count = each.resolved, each.frames or 0
    place = Place(each.index + 1, theme_number(plan.board, scene), each.first, count, plan.board.video.fps)
    ground = ground_of(place, heard_of(found, plan.signals), asked_names(scene) & plan.signals.keys())
    return Stretch(
        name=_name(each),
        first=each.first - start,
        frames=count,
        prompt=scene.prompt,
        negative_prompt=scene.negative_prompt,
        seed=scene.seed,
        animation=scene.animation,
        values=values(_read_amounts(each), ground, range(count)),
        border=scene.border,
        color_coherence=scene.color_coherence,
        cadence=scene.cadence,
        picture=picture,
    )


def _read_amounts(each: ScenePlan) -> Any:
    """The parameters, without those that its animation does not read: they may ask for signals that nobody made."""
    scene = each.resolved
    read = asked_names(scene)
    return tuple(
        (name, value if not isinstance(value, str) or names_used(((name, value),)) <= read else None)
        for name, value in scene.amounts
    )


def _whole(plan: Plan, sound: Path | None) -> Whole:
    board = plan.board
    engines = board.engines
    options = engines.options.get("diffusers", {}) if engines.pictures == "diffusers" else {}
    scheduler = options.get("scheduler")
    return Whole(
        width=board.video.width,
        height=board.video.height,
        fps=float(board.video.fps),
        title=board.song.title or "vktrs",
        sound=f"song{sound.suffix.lower()}" if sound is not None and sound.is_file() else None,
        sampler=_SAMPLERS.get(str(scheduler).lower()) if scheduler else None,
        steps=options.get("steps"),
        guidance_scale=options.get("guidance_scale", 7.5 if engines.pictures == "diffusers" else None),
    )


def _name(each: ScenePlan) -> str:
    return f"{each.index + 1:03d}-{each.scene.id}"


def _picture(project: Project, each: ScenePlan) -> str | None:
    """The name of a scene's picture in the folder; None where it has none yet."""
    return f"{_name(each)}.png" if _picture_file(project, each) is not None else None


def _picture_file(project: Project, each: ScenePlan) -> Path | None:
    """The keyframe as it is now, else the user's own picture, else the newest take."""
    if each.keyframe.made:
        return keyframes.take_path(project.takes, each.scene.id, each.keyframe.key)
    own = project.resolve(each.scene.picture) if each.scene.picture else None
    if own is not None and own.is_file():
        return own
    return keyframes.newest_take(project.takes, each.scene.id)


def _write_picture(project: Project, plan: Plan, each: ScenePlan, target: ExportFolder, name: str) -> None:
    from vktrs.media.frames import open_picture, save_png

    file = _picture_file(project, each)
    if file is None:
        raise InputError(f"the picture of scene {each.index + 1} has just been removed.", "Export again.")
    video = plan.board.video
    try:
        picture = open_picture(file, video.width, video.height)
    except ArtifactDamaged as damage:
        raise InputError(damage.message, damage.hint) from None
    target.put(name, lambda path: save_png(path, picture, {}))


def _of_engine(plan: Plan) -> Iterator[str]:
    engines = plan.board.engines
    scheduler = engines.options.get("diffusers", {}).get("scheduler")
    if engines.pictures == "diffusers" and scheduler and str(scheduler).lower() not in _SAMPLERS:
        yield f"The scheduler {scheduler} has no name in the web UI: choose a sampler there."
    if engines.pictures == "diffusers":
        yield "Choose the checkpoint in the web UI: settings files name none."


def _of_files(plan: Plan, missing: list[int], whole: Whole) -> Iterator[str]:
    if len(plan.chosen(None)) - len(missing) > 1:
        yield "In the whole song, keyframes behind the first are `init_images`: used with guided images only."
    if missing:
        what = f"scenes {ranges(missing)} have" if len(missing) > 1 else f"scene {missing[0]} has"
        yield f"No picture yet: {what} none, so Deforum draws the first frame itself; `vktrs run` makes keyframes."
    if plan.heard is not None:
        yield "The song is left out: the storyboard has an excerpt, and Deforum plays a soundtrack from its start."
    elif whole.sound is None:
        yield "The song is left out: its file is not here."
    yield "Files are named relative to the folder: start the web UI in it, or put its path before their names."
