"""Before any work: everything that the stages in scope will need, and all that is missing of it told at once."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vktrs.artifacts import fingerprint
from vktrs.chains import STEMS
from vktrs.engines.registry import device_problems, is_paid, picture_problems
from vktrs.errors import InputError, MissingError, VktrsError, as_one
from vktrs.inventory import font_path, source_path
from vktrs.plan import Plan, ScenePlan
from vktrs.runs import estimate, transcribing
from vktrs.runs.control import HearWish
from vktrs.runs.listening import song_unreadable
from vktrs.runs.machine import machine_settings
from vktrs.runs.rehearing import who_hears
from vktrs.runs.scope import Scope
from vktrs.runs.settling import numbered
from vktrs.runs.speech_checks import problems_of_hearing_again, speech_problems
from vktrs.stages import captions, clips, keyframes, motion, signals, stems, variations, video
from vktrs.stages.showing import MOVING
from vktrs.storyboard.captions import shown
from vktrs.storyboard.grouping import unread as unread_by_split
from vktrs.storyboard.model import Look
from vktrs.storyboard.music_problems import MOTION_KEYS, unread_keys
from vktrs.storyboard.resolve import sections_unknown

_BYTES_A_PIXEL = 2.5
"""What a picture of our own takes as PNG, with room to spare; a clip takes far less."""
_MOST_GLYPHS = 20


def check(scope: Scope, plan: Plan) -> None:
    """Raise one error that names everything that is missing; InputError if any of it is the input's fault."""
    problems = [*find(scope, plan)]
    if not any(_unwritable(place) for place in _picture_places(scope, plan)):
        problems += _refused_on_trial(scope, plan)
    if plan.board.look.themes and sections_unknown(plan.board):
        scope.remark("No scene has a `section`, so the themes take turns.")
    _tell_missing_glyphs(scope, plan)
    _tell_unread(scope, plan)
    if not problems:
        for text in estimate.remarks(estimate.expected(plan, scope.request), scope.request):
            scope.remark(text)
        if sent := transcribing.sent_line(scope, plan):
            scope.remark(f"{sent[0].upper()}{sent[1:]}.")
        return
    raise as_one(problems)


def _tell_unread(scope: Scope, plan: Plan) -> None:
    """What is written and changes nothing: for another way to cut scenes, or for scenes that move where none does."""
    split = plan.board.split
    if idle := unread_by_split(split):
        keys = ", ".join(f"`{key}`" for key in idle)
        scope.remark(f'Scenes are cut by = "{split.by}", so {keys} in [split] changes nothing.')
    look = plan.board.look
    still = [each for each in plan.scenes if each.resolved.animation != MOVING]
    moves = len(still) < len(plan.scenes) or look.animation == MOVING
    if look.guidance_scale is not None and not moves:
        table = f"[engines.{plan.board.engines.pictures}]"
        scope.remark(f"`guidance_scale` in [look] is for scenes that move (img2img); keyframes follow {table}.")
    engine = keyframes.engine_inputs(plan.board.engines, plan.board.video, of_variations=True)
    guided = (each for each in plan.scenes if each.resolved.amount("guidance_scale") is not None)
    if motion.own_guidance(engine) is None and any(each.resolved.animation == MOVING for each in guided):
        scope.remark(f"Pictures by {plan.board.engines.pictures} follow no guidance scale, so it changes nothing.")
    usual = replace(Look(), guidance_scale=look.guidance_scale)
    written = [f"`{name}`" for name in MOTION_KEYS if getattr(look, name) != getattr(usual, name)]
    if written and not moves:
        scope.remark(f'Nothing moves by {", ".join(written)} in [look]: that takes animation = "img2img".')
    unread = [each.index + 1 for each in still if unread_keys(each.scene)]
    if unread:
        said = f"Nothing moves by what is written in {numbered(unread)}"
        scope.remark(f'{said}: that takes animation = "img2img".')


def _tell_missing_glyphs(scope: Scope, plan: Plan) -> None:
    if plan.board.video.captions not in captions.DRAWN or not scope.wants(clips.STAGE):
        return
    from vktrs.media.captions import face_of, missing_glyphs

    try:
        face = face_of(font_path(scope.project, plan.board))
    except InputError:
        return  # said by `find`
    missing = sorted(missing_glyphs("".join(shown(scene) for scene in plan.board.scenes), face))
    if missing:
        some = " ".join(missing[:_MOST_GLYPHS]) + (" …" if len(missing) > _MOST_GLYPHS else "")
        stands = f"{face.box} stands for each in the picture" if face.box else "they are left out of the picture"
        scope.remark(f"The caption font has no sign for {some}; {stands}.")


def find(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """Every problem that can be seen before the work begins, each once."""
    told: set[str] = set()
    for problem in _found(scope, plan):
        if problem.message not in told:
            told.add(problem.message)
            yield problem


def _found(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    if scope.request.reroll is not None:  # takes are made of a prompt alone
        yield from _engine(scope, plan)
        yield from _scenes(scope, plan)
        yield from _room(scope, plan)
        return
    if scope.request.hear is not None:
        yield from _hearing_again(scope, plan, scope.request.hear)
        return
    yield from _song(scope, plan)
    yield from _pictures(scope, plan)
    yield from _sounds(scope, plan)
    yield from _scenes(scope, plan)
    yield from speech_problems(scope, plan)
    yield from _programs()
    yield from _font(scope, plan)
    yield from _stream(scope, plan)
    yield from _room(scope, plan)
    if scope.wants("video"):
        try:
            video.check_target(scope.project.resolve(plan.board.video.file))
        except InputError as error:
            yield error


def _song(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    source = plan.board.song.source
    if not source:
        yield InputError("the storyboard names no song.", 'Write `source = "song.mp3"` under [song].')
        return
    path = source_path(scope.project, plan.board)
    if path is not None and not (path.is_file() and os.access(path, os.R_OK)):
        yield song_unreadable(path)


def _pictures(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    if scope.wants("keyframes") and _asks_engine(scope, plan):
        yield from _engine(scope, plan)
    lyrics = plan.board.song.lyrics
    if lyrics and not scope.project.resolve(lyrics).is_file():
        yield InputError(f"the lyrics file {lyrics} is not there.", "Mend `lyrics` under [song].")
    for each in scope.pictured(plan):
        if is_paid(plan.board.engines.pictures) and not (each.resolved.prompt.strip() or _has_keyframe(each)):
            empty = f"the prompt of scene {each.index + 1} is empty."
            yield scope.placed(empty, "Write one, or take it out.", "prompt", each.scene.id)
    for each in plan.scenes:
        picture = each.scene.picture
        if picture and not scope.project.resolve(picture).is_file():
            lost = f"the picture {picture} is not there."
            yield scope.placed(lost, "Mend `picture`, or remove it.", "picture", each.scene.id)


def _sounds(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """What signals listen to, as far as something uses them; what takes a song apart."""
    for name, piece in scope.listened(plan).items():
        source = plan.board.signals[name].source
        if not scope.wants(signals.STAGE) or piece.made:
            continue
        if signals.is_file(source) and not scope.project.resolve(source).is_file():
            lost = f"the sound {source} is not there."
            yield scope.placed(lost, "Mend `source`, or take the signal out.", f"signals.{name}.source")
        elif source in STEMS and not _taken_apart(scope, plan):
            from vktrs.engines.stems import find_problems

            yield from find_problems(stems.MODEL)


def _taken_apart(scope: Scope, plan: Plan) -> bool:
    assert plan.song is not None
    return scope.project.store.path(stems.STAGE, fingerprint(stems.inputs(plan.song.key))).exists()


def _engine(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    engines, size = plan.board.engines, plan.board.video
    options = engines.options.get(engines.pictures, {})
    problems = picture_problems(engines.pictures, options, size.width, size.height, scope.project.root)
    for found in problems[:-1]:
        yield _placed(scope, engines.pictures, options, found)
    if problems:
        yield _with_a_way_out(_placed(scope, engines.pictures, options, problems[-1]))
    try:
        device = machine_settings(scope.request.device).device
    except InputError as error:
        yield error
        return
    yield from device_problems(engines.pictures, device)


def _with_a_way_out(problem: VktrsError) -> VktrsError:
    """What is missing may take a while to get: the animatic needs none of it."""
    if not isinstance(problem, MissingError):
        return problem
    return MissingError(problem.message, f"{problem.hint} Until then, `--pictures cppn` makes an animatic.".lstrip())


def _placed(scope: Scope, engine: str, options: Mapping[str, Any], problem: VktrsError) -> VktrsError:
    """The same problem with the line of the option that it names, where it names one that is written."""
    if not isinstance(problem, InputError):
        return problem
    paths = {name: f"engines.{engine}.{name}" for name in options} | {"width": "video.width", "height": "video.height"}
    named = next((path for name, path in paths.items() if _names(problem.message, name)), None)
    if named is None:
        return problem
    return scope.placed(problem.message, problem.hint, named)


def _names(message: str, option: str) -> bool:
    """Whether a message is about that option: `steps`, `loras."ink.safetensors"`, or steps = "30"."""
    return re.search(rf"`{re.escape(option)}[`.]|(?<![\w.]){re.escape(option)} = ", message) is not None


def _asks_engine(scope: Scope, plan: Plan) -> bool:
    """Whether a picture of the engine is wanted, or may be once there are scenes."""
    if not plan.scenes:
        return True
    return any(
        (_lacks_variations(each) and scope.wants("variations")) or not _has_keyframe(each)
        for each in scope.pictured(plan)
    )


def _lacks_variations(each: ScenePlan) -> bool:
    """Whether some are missing, or it cannot be told yet which there should be."""
    return bool(each.missing) or each.pictures.waits


def _has_keyframe(each: ScenePlan) -> bool:
    return each.keyframe.made or bool(each.scene.picture)


def _scenes(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    known = {each.scene.id for each in plan.scenes}
    for name in scope.request.scenes or ():
        if name not in known:
            yield InputError(f"there is no scene {name}.", "`vktrs status` lists them.")


def _hearing_again(scope: Scope, plan: Plan, wish: HearWish) -> Iterator[VktrsError]:
    """What a run needs that only hears."""
    yield from _song(scope, plan)
    yield from _scenes(scope, plan)
    wrong = [*problems_of_hearing_again(scope, plan)]
    yield from wrong
    try:
        if not wrong:
            who_hears(plan.board, wish)
    except (MissingError, InputError) as error:
        yield error
    yield from _programs()


def _programs() -> Iterator[VktrsError]:
    from vktrs.media.ffmpeg import which_ffmpeg

    try:
        which_ffmpeg()
    except MissingError as error:
        yield error


def _font(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """Whether the user's own font is one."""
    if plan.board.video.captions in captions.DRAWN and scope.wants(clips.STAGE):
        from vktrs.media.captions import face_of

        try:
            face_of(font_path(scope.project, plan.board))
        except InputError as error:
            yield scope.placed(error.message, error.hint, "captions.font")


def _stream(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """Whether H.264 has a level for this size and rate, and x264 is here."""
    if scope.wants(clips.STAGE):
        from vktrs.media.x264 import video_sets

        try:
            video_sets(clips.settings(clips.encoder_inputs(plan.board)))
        except (InputError, MissingError) as error:
            yield error


def _picture_places(scope: Scope, plan: Plan) -> Iterator[Path]:
    """The folders into which pictures that are lacking will be written, as far as they are there or in the way."""
    project, lacking = scope.project, [each for each in scope.pictured(plan) if not each.keyframe.made]
    if scope.request.reroll is not None:
        lacking = [each for each in plan.scenes if each.scene.id == scope.request.reroll[0]]
    if scope.wants("keyframes") and (lacking or not plan.scenes):
        yield project.takes
        yield from (path for each in lacking if os.path.lexists(path := project.takes / each.scene.id))
    made = project.store.root / variations.STAGE
    if scope.wants("variations") and os.path.lexists(made) and any(map(_lacks_variations, scope.pictured(plan))):
        yield made


def _unwritable(place: Path) -> bool:
    """Whether something else is in the folder's place, or it may not be written; nothing is tried."""
    if not os.path.lexists(place):
        return not os.access(place.parent, os.W_OK | os.X_OK)
    return not (place.is_dir() and os.access(place, os.W_OK | os.X_OK))


def _refused_on_trial(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """The same by writing there: what a picture cannot be written into is found before one is paid for.

    Nothing is left behind.
    """
    for place in _picture_places(scope, plan):
        trial = place / ".trial.part"
        was_there = place.exists()
        try:
            place.mkdir(exist_ok=True)
            with trial.open("wb") as file:
                file.write(b"\0")
            trial.unlink()
            if not was_there:
                place.rmdir()
        except OSError as error:
            yield _no_place(place, error.strerror or str(error))


def _no_place(place: Path, reason: str = "") -> InputError:
    why = f": {reason}" if reason else ""
    return InputError(f"no picture can be kept in {place}{why}.", "It should be a folder that is yours to write.")


def _room(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    machine = scope.project.machine if scope.project.machine.exists() else scope.project.root
    if not os.access(machine, os.W_OK):
        yield InputError(f"{machine} cannot be written.", "Give yourself write permission there.")
    for place in _picture_places(scope, plan):
        if _unwritable(place):
            yield _no_place(place)
    pictures = sum((not each.keyframe.made) + (len(each.missing) or each.pictures.at_most) for each in plan.scenes)
    if scope.request.reroll is not None:
        pictures = scope.request.reroll[1]
    size = plan.board.video.width * plan.board.video.height * plan.board.video.upscale**2
    needed = int(pictures * size * _BYTES_A_PIXEL)
    free = shutil.disk_usage(scope.project.root).free
    if needed > free:
        have, want = (f"{value / 1e9:.1f} GB" for value in (free, needed))
        yield VktrsError(f"the disk has {have} left; about {want} will be needed.", "Free some space first.")
