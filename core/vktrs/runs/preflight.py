"""Before any work: everything that the stages in scope will need, and all that is missing of it told at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from vktrs.engines.registry import picture_problem
from vktrs.errors import InputError, MissingError, VktrsError
from vktrs.plan import Plan, source_path
from vktrs.runs.listening import choice, song_unreadable
from vktrs.runs.scope import Scope
from vktrs.stages import clips, variations, video, words
from vktrs.storyboard.resolve import sections_unknown

_BYTES_A_PIXEL = 2.5
"""What a picture of our own takes as PNG, with room to spare; a clip takes far less."""
_MOST_GLYPHS = 20


def check(scope: Scope, plan: Plan) -> None:
    """Raise one error that names everything that is missing; InputError if any of it is the input's fault."""
    problems = list(find(scope, plan))
    if plan.board.look.themes and sections_unknown(plan.board):
        scope.remark("No scene has a `section`, so the themes take turns.")
    _tell_missing_glyphs(scope, plan)
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    at_fault = InputError if any(isinstance(each, InputError) for each in problems) else MissingError
    raise at_fault("\n".join(f"- {each}" for each in problems), "")


def _tell_missing_glyphs(scope: Scope, plan: Plan) -> None:
    if plan.board.video.captions != "line":
        return
    from vktrs.media.captions import missing_glyphs

    texts = (scene.text if scene.caption is None else scene.caption for scene in plan.board.scenes)
    missing = sorted(missing_glyphs("".join(texts)))
    if missing:
        some = " ".join(missing[:_MOST_GLYPHS]) + (" …" if len(missing) > _MOST_GLYPHS else "")
        scope.remark(f"The caption font has no sign for {some}; □ stands for each in the picture.")


def find(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """Every problem that can be seen before the work begins."""
    yield from _song(scope, plan)
    yield from not_there_yet(plan)
    yield from _pictures(scope, plan)
    yield from _scenes(scope, plan)
    yield from _speech(scope, plan)
    yield from _programs()
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


def not_there_yet(plan: Plan) -> Iterator[VktrsError]:
    """What the storyboard may ask for and this version cannot do; said, because it must not be ignored."""
    board = plan.board
    if board.video.captions in ("word", "soft"):
        yield InputError(f'captions = "{board.video.captions}" is not there yet.', 'Write "line" or "none".')
    if board.engines.speech == "captions":
        yield InputError('speech = "captions" is not there yet.', 'Write "auto", or name the file: `lyrics = "x.vtt"`.')
    animations = dict.fromkeys((board.look.animation, *(each.resolved.animation for each in plan.scenes)))
    for animation in animations:
        if animation not in variations.ANIMATIONS:
            yield InputError(f'animation = "{animation}" is not there yet.', 'Write "variations" or "static".')


def _pictures(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    problem = picture_problem(plan.board.engines.pictures)
    if problem and scope.wants("keyframes"):
        yield MissingError(problem, 'Write `pictures = "cppn"`, or run with `--pictures cppn`.')
    lyrics = plan.board.song.lyrics
    if lyrics and not scope.project.resolve(lyrics).is_file():
        yield InputError(f"the lyrics file {lyrics} is not there.", "Mend `lyrics` under [song].")
    for each in plan.scenes:
        picture = each.scene.picture
        if picture and not scope.project.resolve(picture).is_file():
            line, column = scope.project.document().position(each.scene.id, "picture")
            where = f"{scope.project.storyboard_path}:{line}:{column}"
            yield InputError(f"{where}: the picture {picture} is not there.", "Mend `picture`, or remove it.")


def _scenes(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    known = {each.scene.id for each in plan.scenes}
    for name in scope.request.scenes or ():
        if name not in known:
            yield InputError(f"there is no scene {name}.", "`vktrs status` lists them.")


def _speech(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    board = plan.board
    heard = plan.words is not None and plan.words.made
    by_itself = board.engines.speech == "none" or words.has_timed_lyrics(board)
    if heard or by_itself or not scope.wants("words") or (board.scenes and board.engines.speech == "auto"):
        return
    try:
        choice(board)
    except (MissingError, InputError) as error:
        yield error


def _programs() -> Iterator[VktrsError]:
    from vktrs.media.ffmpeg import which_ffmpeg

    try:
        which_ffmpeg()
    except MissingError as error:
        yield error


def _stream(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """Whether H.264 has a level for this size and rate, and x264 is here."""
    if scope.wants(clips.STAGE):
        from vktrs.media.x264 import video_sets

        try:
            video_sets(clips.settings(clips.encoder_inputs(plan.board)))
        except (InputError, MissingError) as error:
            yield error


def _room(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    machine = scope.project.machine if scope.project.machine.exists() else scope.project.root
    if not os.access(machine, os.W_OK):
        yield InputError(f"{machine} cannot be written.", "Give yourself write permission there.")
    pictures = sum((not each.keyframe.made) + len(each.missing) for each in plan.scenes)
    size = plan.board.video.width * plan.board.video.height * plan.board.video.upscale**2
    needed = int(pictures * size * _BYTES_A_PIXEL)
    free = shutil.disk_usage(scope.project.root).free
    if needed > free:
        have, want = (f"{value / 1e9:.1f} GB" for value in (free, needed))
        yield VktrsError(f"the disk has {have} left; about {want} will be needed.", "Free some space first.")
