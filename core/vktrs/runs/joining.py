"""The end of a run: one snapshot of clips and the song become the video, or a partial one with stand-ins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.artifacts import fingerprint
from vktrs.errors import InputError
from vktrs.inventory import source_path
from vktrs.plan import Piece, Plan, ScenePlan
from vktrs.runs.scope import Scope
from vktrs.stages import clips, keyframes, video

if TYPE_CHECKING:
    from vktrs.picture import Picture


def step(scope: Scope, plan: Plan) -> bool:
    """Join the video if all of its clips are there and it is not; whether something was done."""
    if not scope.wants("video") or plan.video is None or plan.video.made:
        return False
    shown = plan.chosen(None)
    if not all(each.clip is not None and each.clip.made for each in shown):
        return False
    if scope.failed("video", None, plan.video.key) or scope.changed():
        return False  # if the storyboard changed, the run looks at it again
    target = scope.project.resolve(plan.board.video.file)
    paths = [clips.path(scope.project.store, each.clip.key) for each in shown if each.clip]
    _join(scope, plan, plan.video, paths, target)
    if not scope.request.pictures:
        video.remember(scope.project.store, plan.video.key, plan.video.inputs)
    scope.made("video", plan.video.key)
    return True


def _join(scope: Scope, plan: Plan, piece: Piece, paths: Sequence[Path], target: Path) -> None:
    store = scope.project.store
    source = source_path(scope.project, plan.board)
    assert source is not None and plan.song is not None and plan.frames is not None
    scope.stage("video", "begun", piece.key)
    sound = video.audio(store, plan.song.key, source, plan.heard)
    settings = clips.settings(clips.encoder_inputs(plan.board))

    def tell(done: int, total: int) -> None:
        scope.progress.tell("video", done, total, "clips joined")

    video.make(piece.key, piece.inputs, paths, sound, settings, plan.frames, target, tell)
    scope.stage("video", "done")


def join_partial(scope: Scope, plan: Plan) -> Path | None:
    """output.partial.mp4 with a stand-in for each scene that has no clip; None where all of them have one."""
    shown = plan.chosen(None)
    lacking = [each for each in shown if each.clip is None or not each.clip.made]
    if not lacking or plan.song is None or not plan.song.made or plan.video is None:
        return None
    name = Path(plan.board.video.file)
    target = scope.project.resolve(str(name.with_name(f"{name.stem}.partial{name.suffix}")))
    keys = {each.scene.id: _stand_in(scope, plan, each) for each in lacking}
    keys = {each.scene.id: keys.get(each.scene.id) or (each.clip.key if each.clip else "") for each in shown}
    paths = [clips.path(scope.project.store, key) for key in keys.values()]
    ingredients = {**plan.video.inputs, "clips": [list(pair) for pair in keys.items()]}
    piece = Piece(video.STAGE, fingerprint(ingredients), ingredients, made=False)
    _join(scope, plan, piece, paths, target)
    scope.remark(f"{len(lacking)} of {len(shown)} scenes are stand-ins in {target.name}.")
    return target


def _stand_in(scope: Scope, plan: Plan, each: ScenePlan) -> str:
    """A still clip of the newest take, else of a cppn picture, with a mark on it; its fingerprint."""
    take = keyframes.newest_take(scope.project.takes, each.scene.id)
    encoder = clips.encoder_inputs(plan.board)
    order = f"stand-in {take.stem if take else each.keyframe.key}"
    ingredients = clips.inputs(encoder, order, each.frames or 0, 1, None)
    key = fingerprint(ingredients)
    if key not in scope.project.store.keys(clips.STAGE):
        from vktrs.media.captions import burn

        text = f"stand-in for scene {each.index + 1}"
        marked = burn([_stand_in_picture(plan, each, take)], text)
        clips.make(scope.project.store, key, ingredients, None, marked)
    return key


def _stand_in_picture(plan: Plan, each: ScenePlan, take: Path | None) -> Picture:
    from vktrs.engines.cppn.engine import draw_keyframe
    from vktrs.media.frames import open_picture

    video_ = plan.board.video
    if take is not None:
        try:
            return open_picture(take, video_.width, video_.height)
        except InputError:  # it is damaged; a run that needs it makes it again
            pass
    return draw_keyframe(keyframes.request(each.resolved, video_))
