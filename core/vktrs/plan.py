"""What is to be made: a pure function of the storyboard and of what is on disk.

`look` reads the names of what exists (it opens no artifact but the song's facts); `make_plan` computes every
fingerprint and says which of them are missing; `vktrs.reasons` says in words why. Nothing here makes anything.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from vktrs.artifacts import fingerprint
from vktrs.errors import ArtifactDamaged
from vktrs.media.download import downloaded, is_url
from vktrs.media.fonts import font_digest
from vktrs.media.mark import read_mark
from vktrs.project import Project
from vktrs.stages import clips, keyframes, order, scenes, song, structure, variations, video, words
from vktrs.stages.song import SongFacts
from vktrs.storyboard.model import Pictures, Scene, Storyboard
from vktrs.storyboard.resolve import Resolved, resolve
from vktrs.storyboard.split import SplitOptions
from vktrs.timing import boundaries, boundary


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is on disk: fingerprints by stage, takes by scene, digests of the user's files (None: not there)."""

    song: str | None
    url: str | None
    lyrics: str | None
    facts: SongFacts | None
    made: Mapping[str, frozenset[str]]
    takes: Mapping[str, frozenset[str]]
    pictures: Mapping[str, str | None]
    mark: str | None
    font: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing of a stage: its fingerprint, what that is made of, and whether it is there."""

    stage: str
    key: str
    inputs: Mapping[str, Any]
    made: bool


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """All that one scene needs. `frames` is None until the song's length is known; then order and clip are too."""

    index: int
    scene: Scene
    end: float | None
    resolved: Resolved
    first: int
    frames: int | None
    keyframe: Piece
    variation_inputs: Mapping[str, Any]
    variation_keys: tuple[str, ...]
    missing: tuple[int, ...]
    order: Piece | None
    clip: Piece | None

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """Stage and fingerprint of what is left to be made; variations go by the fingerprint of their keyframe."""
        pieces = (self.keyframe, self.order, self.clip)
        found = [(piece.stage, piece.key) for piece in pieces if piece is not None and not piece.made]
        if self.missing:
            found.insert(not self.keyframe.made, (variations.STAGE, self.keyframe.key))
        return found

    @property
    def complete(self) -> bool:
        """Whether nothing of this scene is left to be made."""
        return self.frames == 0 or (self.clip is not None and not self.lacking)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every piece of a project. A stage is None while what its fingerprint depends on is not known."""

    board: Storyboard
    duration: float | None
    frames: int | None
    span: tuple[float, float] | None
    song: Piece | None
    words: Piece | None
    structure: Piece | None
    proposal: Piece | None
    scenes: tuple[ScenePlan, ...]
    video: Piece | None

    def too_short(self) -> list[ScenePlan]:
        """The scenes that have no frame although they lie in what is rendered."""
        first, end = self.span or (0.0, 0.0)
        return [each for each in self.scenes if each.frames == 0 and first <= each.scene.start < end]

    @property
    def heard(self) -> tuple[float, float] | None:
        """Which seconds of the song the video has, cut to whole frames; None for all of them, to the sample."""
        return self.span if self.board.song.excerpt else None

    def chosen(self, names: Collection[str] | None) -> list[ScenePlan]:
        """The scenes with those ids that have frames to show; all of them for None."""
        return [each for each in self.scenes if each.frames != 0 and (names is None or each.scene.id in names)]


def source_path(project: Project, board: Storyboard) -> Path | None:
    """Where the song lies: the user's file, or what its URL was downloaded to; None before the download."""
    source = board.song.source
    if is_url(source):
        found = downloaded(source, project.root)
        return found.path if found else None
    return project.resolve(source) if source else None


def look(project: Project, board: Storyboard) -> Inventory:
    """Read what is there, by one listing a stage and one for the takes of a scene."""
    source = source_path(project, board)
    url = board.song.source if is_url(board.song.source) else None
    digest = _digest(project, source)
    store = project.store
    made = {stage: store.keys(stage) for stage in _STORED}
    facts = None
    if digest is not None:
        key = fingerprint(song.inputs(digest, url))
        if key in made[song.STAGE]:
            try:
                facts = song.facts(store, key)
            except ArtifactDamaged:
                made[song.STAGE] -= {key}
    lyrics = project.resolve(board.song.lyrics) if board.song.lyrics else None
    pictures = {scene.picture for scene in board.scenes if scene.picture}
    return Inventory(
        song=digest,
        url=url,
        lyrics=_digest(project, lyrics),
        facts=facts,
        made=made,
        takes=_takes(project.takes),
        pictures={name: _digest(project, project.resolve(name)) for name in pictures},
        mark=read_mark(project.resolve(board.video.file)),
        font=font_digest() if board.video.captions == "line" else "",
    )


_STORED = (
    song.STAGE,
    words.STAGE,
    structure.STAGE,
    scenes.STAGE,
    variations.STAGE,
    order.STAGE,
    clips.STAGE,
)


def _digest(project: Project, path: Path | None) -> str | None:
    try:
        return project.digest(path) if path is not None else None
    except OSError:
        return None


def _takes(folder: Path) -> dict[str, frozenset[str]]:
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {name: _pictures_in(folder / name) for name in names}


def _pictures_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(name[:-4] for name in os.listdir(folder) if name.endswith(".png") and name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def plan_project(project: Project) -> Plan:
    """What is there of a project and what is missing, by the newest storyboard and what lies on disk."""
    board = project.document().board
    return make_plan(board, look(project, board))


def make_plan(board: Storyboard, found: Inventory) -> Plan:
    """Everything that the storyboard asks for, and which of it is there. Pure."""
    first = _project_piece(found, song.STAGE, song.inputs(found.song, found.url) if found.song else None)
    heard = _project_piece(found, words.STAGE, words.inputs(first.key, board, found.lyrics) if first else None)
    form = _project_piece(found, structure.STAGE, structure.inputs(first.key) if first else None)
    proposal = scenes.inputs(heard.key, form.key, SplitOptions()) if heard and form else None
    duration = found.facts.duration if found.facts else None
    span = _span(board, duration)
    planned = _scene_plans(board, found, duration, span)
    joined = [(each.scene.id, each.clip.key) for each in planned if each.clip is not None]
    final = None
    if first and duration is not None and joined:
        ingredients = video.inputs(
            joined, first.key, board.song.title, board.song.excerpt and span_seconds(board, span)
        )
        key = fingerprint(ingredients)
        final = Piece(video.STAGE, key, ingredients, found.mark == key)
    return Plan(
        board=board,
        duration=duration,
        frames=span[1] - span[0] if span else None,
        span=span_seconds(board, span) if span else None,
        song=first,
        words=heard,
        structure=form,
        proposal=_project_piece(found, scenes.STAGE, proposal),
        scenes=tuple(planned),
        video=final,
    )


def _project_piece(found: Inventory, stage: str, inputs: Mapping[str, Any] | None) -> Piece | None:
    return _piece(found.made[stage], stage, inputs) if inputs is not None else None


def _piece(made: Collection[str], stage: str, inputs: Mapping[str, Any]) -> Piece:
    key = fingerprint(inputs)
    return Piece(stage, key, inputs, key in made)


def _span(board: Storyboard, duration: float | None) -> tuple[int, int] | None:
    """First frame and end of what is rendered: the whole song, or its excerpt."""
    if duration is None:
        return None
    end = boundary(duration, board.video.fps)
    if board.song.excerpt is None:
        return 0, end
    low, high = (min(boundary(seconds, board.video.fps), end) for seconds in board.song.excerpt)
    return low, high


def span_seconds(board: Storyboard, span: tuple[int, int] | None) -> tuple[float, float] | None:
    """The same in seconds, to the frame."""
    return (float(span[0] / board.video.fps), float(span[1] / board.video.fps)) if span else None


def _scene_plans(
    board: Storyboard, found: Inventory, duration: float | None, span: tuple[int, int] | None
) -> list[ScenePlan]:
    engine = keyframes.engine_inputs(board.engines)
    encoder = clips.encoder_inputs(board)
    starts = [scene.start for scene in board.scenes]
    cuts = boundaries(starts, max(duration or 0.0, 0.0), board.video.fps)
    ends = [*starts[1:], duration]
    out = []
    for index, resolved in enumerate(resolve(board)):
        low, high = cuts[index], cuts[index + 1]
        frames = None
        if span is not None:
            low, high = (min(max(cut, span[0]), span[1]) for cut in (low, high))
            frames = max(high - low, 0)
        out.append(_scene_plan(board, found, engine, encoder, index, resolved, low, frames, ends[index]))
    return out


def _scene_plan(
    board: Storyboard,
    found: Inventory,
    engine: Mapping[str, Any],
    encoder: Mapping[str, Any],
    index: int,
    resolved: Resolved,
    first: int,
    frames: int | None,
    end: float | None,
) -> ScenePlan:
    scene = board.scenes[index]
    picture = (found.pictures[scene.picture] or "missing") if scene.picture else None
    taken = found.takes.get(scene.id, frozenset())
    keyframe = _piece(taken, keyframes.STAGE, keyframes.inputs(resolved, board.video, engine, picture))
    how_many = variations.count(resolved, resolved.variations + 1 if frames is None else frames)
    ingredients = variations.inputs(keyframe.key, resolved, board.video, engine)
    keys = variations.keys(ingredients, how_many)
    made = found.made[variations.STAGE]
    ordering = clip = None
    if frames:
        ordering = _piece(found.made[order.STAGE], order.STAGE, order.inputs([keyframe.key, *keys], resolved.order))
        line = _caption(board, scene, found.font, first, frames, end)
        encoded = clips.inputs(encoder, ordering.key, frames, resolved.hold, line)
        clip = _piece(found.made[clips.STAGE], clips.STAGE, encoded)
    return ScenePlan(
        index=index,
        scene=scene,
        end=end,
        resolved=resolved,
        first=first,
        frames=frames,
        keyframe=keyframe,
        variation_inputs=ingredients,
        variation_keys=tuple(keys),
        missing=tuple(k for k, key in enumerate(keys, start=1) if key not in made),
        order=ordering,
        clip=clip,
    )


def _caption(
    board: Storyboard, scene: Scene, font: str, first: int, frames: int, end: float | None
) -> dict[str, Any] | None:
    if board.video.captions != "line":
        return None
    text = scene.text if scene.caption is None else scene.caption
    until = scene.end if scene.end is not None else end
    last = boundary(until, board.video.fps) - first if until is not None else frames
    return clips.caption(text.strip(), frames, last, font)


def with_pictures(board: Storyboard, engine: str) -> Storyboard:
    """The same storyboard with another picture engine, into a video of its own: an animatic touches no final."""
    name = Path(board.video.file)
    return replace(
        board,
        engines=replace(board.engines, pictures=cast(Pictures, engine)),
        video=replace(board.video, file=str(name.with_name(f"{name.stem}.{engine}{name.suffix}"))),
    )
