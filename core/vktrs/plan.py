"""What is to be made: a pure function of the storyboard and of what is on disk, which `vktrs.inventory` reads.

`make_plan` computes every fingerprint and says which of them are missing; `vktrs.reasons` says in words why. Nothing
here makes anything.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from vktrs.artifacts import chained, fingerprint
from vktrs.inventory import Inventory, look, signal_inputs, words_inputs
from vktrs.project import Project
from vktrs.stages import (
    captions,
    clips,
    keyframes,
    motion,
    order,
    scenes,
    signals,
    song,
    structure,
    variations,
    video,
    words,
)
from vktrs.stages.showing import MOVING, Heard, Pictures, Place, asked_names, pictures_of
from vktrs.storyboard.grouping import measure
from vktrs.storyboard.model import Pictures as EngineName
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.resolve import Resolved, resolve
from vktrs.storyboard.split import SplitOptions
from vktrs.timing import boundaries, boundary


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
    pictures: Pictures
    missing: tuple[int, ...]
    order: Piece | None
    clip: Piece | None
    before: ScenePlan | None = field(default=None, compare=False, repr=False)
    """The scene that this one fades in from, where it does; each may have one, so all are not compared for one."""

    @property
    def variation_inputs(self) -> Mapping[str, Any]:
        """What all pictures beside the keyframe depend on."""
        return self.pictures.inputs

    @property
    def variation_keys(self) -> tuple[str, ...]:
        """The fingerprints of the pictures beside the keyframe, in the order of their making."""
        return self.pictures.keys

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """Stage and fingerprint of what is left to be made; variations go by that of all pictures of the scene."""
        pieces = (self.keyframe, self.order, self.clip)
        found = [(piece.stage, piece.key) for piece in pieces if piece is not None and not piece.made]
        if self.missing:
            found.insert(not self.keyframe.made, (variations.STAGE, self.pictures_key))
        return found

    @property
    def pictures_key(self) -> str:
        """The fingerprint of keyframe and variations together."""
        return chained(self.keyframe.key, *self.variation_keys)

    @property
    def complete(self) -> bool:
        """Whether nothing of this scene is left to be made."""
        return self.frames == 0 or (self.clip is not None and not self.lacking)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every piece of a project. A stage is None while what its fingerprint depends on is not known.

    `taken` tells, for the fingerprint of every take that lies there, of a scene that has it, also of one that is gone.
    """

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
    taken: Mapping[str, str]
    signals: Mapping[str, Piece] = field(default_factory=dict)
    """The signals that expressions use, by their names."""
    hearings: tuple[Piece, ...] = ()
    """What was heard and the words are made from, in the order of making; none where the words are just that."""

    @property
    def next_words(self) -> Piece | None:
        """What of the words is to be made next: they themselves, or a hearing; None where they are there."""
        known = {each.key: each for each in self.hearings}
        piece = self.words if self.words is not None and not self.words.made else None
        lacking = piece
        while lacking is not None:
            piece = lacking
            asked = (known[fingerprint(each)] for each in words.made_from(piece.inputs))
            lacking = next((each for each in asked if not each.made), None)
        return piece

    def too_short(self) -> list[ScenePlan]:
        """The scenes that have no frame although they lie in what is rendered."""
        first, end = self.span or (0.0, 0.0)
        return [each for each in self.scenes if each.frames == 0 and first <= each.scene.start < end]

    @property
    def heard(self) -> tuple[float, float] | None:
        """Which seconds of the song the video has, cut to whole frames; None for all of them, to the sample."""
        return self.span if self.board.song.excerpt else None

    @property
    def shown(self) -> tuple[float, float]:
        """The same, from 0 to infinity where that is all of it."""
        return self.heard or self.board.song.excerpt or (0.0, math.inf)

    def chosen(self, names: Collection[str] | None) -> list[ScenePlan]:
        """The scenes with those ids that have frames to show; all of them for None."""
        return [each for each in self.scenes if each.frames != 0 and (names is None or each.scene.id in names)]

    def faded_from(self, names: Collection[str] | None) -> list[ScenePlan]:
        """The scenes beside the chosen ones whose pictures those need for their clips, since they fade in from them."""
        chosen = self.chosen(names)
        known = {each.index for each in chosen}
        lacking = [each.before for each in chosen if each.clip is None or not each.clip.made]
        return [each for each in lacking if each is not None and each.index not in known]


def plan_project(project: Project) -> Plan:
    """What is there of a project and what is missing, by the newest storyboard and what lies on disk."""
    board = project.document().board
    return make_plan(board, look(project, board))


def make_plan(board: Storyboard, found: Inventory) -> Plan:
    """Everything that the storyboard asks for, and which of it is there. Pure."""
    first = _project_piece(found, song.STAGE, song.inputs(found.song, found.url) if found.song else None)
    known = board, found.lyrics, found.captions
    heard = _project_piece(found, words.STAGE, words_inputs(found.made, first.key, *known) if first else None)
    asked = words.sources(words.inputs(first.key, *known)) if first else []
    form = _project_piece(found, structure.STAGE, structure.inputs(first.key) if first else None)
    proposal = scenes.inputs(heard.key, form.key, split_options(board)) if heard and form else None
    duration = found.facts.duration if found.facts else None
    span = _span(board, duration)
    resolved = resolve(board)
    waves = _signal_pieces(board, found, first, resolved)
    planned = _scene_plans(board, found, resolved, waves, duration, span)
    joined = [(each.scene.id, each.clip.key) for each in planned if each.clip is not None]
    final = None
    whole = all(each.clip is not None for each in planned if each.frames != 0)
    if first and duration is not None and joined and whole:
        ingredients = video.inputs(
            joined,
            first.key,
            board.song.title,
            board.song.excerpt and span_seconds(board, span),
            captions.subtitles(board, [each.end for each in planned], span_seconds(board, span)),
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
        hearings=tuple(_piece(found.made[words.STAGE], words.STAGE, each) for each in asked),
        structure=form,
        proposal=_project_piece(found, scenes.STAGE, proposal),
        scenes=tuple(planned),
        video=final,
        taken={key: scene for scene, keys in found.takes.items() for key in keys},
        signals=waves,
    )


def split_options(board: Storyboard) -> SplitOptions:
    """How the machine cuts scenes, by the storyboard."""
    own_lines = bool(board.song.lyrics) and not words.has_timed_lyrics(board)
    split = board.split
    return SplitOptions(
        divide=not own_lines,
        snap=split.snap,
        snap_earlier_only=split.snap_earlier_only,
        by=split.by,
        measure=measure(split),
    )


def _signal_pieces(
    board: Storyboard, found: Inventory, song_piece: Piece | None, resolved: Sequence[Resolved]
) -> dict[str, Piece]:
    """The signals that expressions use."""
    if song_piece is None or not board.signals:
        return {}
    used = frozenset().union(*(asked_names(each) for each in resolved))
    return {name: piece for name, piece in all_signals(board, found, song_piece).items() if name in used}


def all_signals(board: Storyboard, found: Inventory, song_piece: Piece) -> dict[str, Piece]:
    """Every signal of the storyboard, whether something uses it or not."""
    made = found.made.get(signals.STAGE, frozenset())
    wanted = signal_inputs(board, song_piece.key, found.sounds, board.signals)
    return {name: _piece(made, signals.STAGE, ingredients) for name, ingredients in wanted.items()}


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


class _Common(NamedTuple):
    """What the pictures of all scenes depend on, and their clips."""

    keyframes: Mapping[str, Any]
    variations: Mapping[str, Any]
    encoder: Mapping[str, Any]
    heard: Heard


def heard_of(found: Inventory, waves: Mapping[str, Piece]) -> Heard:
    """What is known of the song, with the curves of those signals that are made."""
    made = {name: found.curves[piece.key] for name, piece in waves.items() if piece.key in found.curves}
    return Heard(found.form, {name: piece.key for name, piece in waves.items()}, made)


def _scene_plans(
    board: Storyboard,
    found: Inventory,
    values: Sequence[Resolved],
    waves: Mapping[str, Piece],
    duration: float | None,
    span: tuple[int, int] | None,
) -> list[ScenePlan]:
    common = _Common(
        keyframes.engine_inputs(board.engines, board.video),
        keyframes.engine_inputs(board.engines, board.video, of_variations=True),
        clips.encoder_inputs(board),
        heard_of(found, waves),
    )
    starts = [scene.start for scene in board.scenes]
    cuts = boundaries(starts, max(duration or 0.0, 0.0), board.video.fps)
    ends = [*starts[1:], duration]
    out: list[ScenePlan] = []
    for index, resolved in enumerate(values):
        low, high = cuts[index], cuts[index + 1]
        frames = None
        if span is not None:
            low, high = (min(max(cut, span[0]), span[1]) for cut in (low, high))
            frames = max(high - low, 0)
        before = next((each for each in reversed(out) if each.frames), None) if resolved.transition else None
        out.append(_scene_plan(board, found, common, index, resolved, low, frames, ends[index], before))
    return out


def _scene_plan(
    board: Storyboard,
    found: Inventory,
    common: _Common,
    index: int,
    resolved: Resolved,
    first: int,
    frames: int | None,
    end: float | None,
    before: ScenePlan | None,
) -> ScenePlan:
    scene = board.scenes[index]
    picture = (found.pictures[scene.picture] or "missing") if scene.picture else None
    taken = found.takes.get(scene.id, frozenset())
    keyframe = _piece(taken, keyframes.STAGE, keyframes.inputs(resolved, board.video, common.keyframes, picture))
    likely = _likely(scene.start, end, board) if frames is None and resolved.animation == MOVING else 0
    place = Place(index + 1, theme_number(board, resolved), first, frames, board.video.fps, likely)
    pictures = pictures_of(resolved, keyframe.key, common.variations, place, common.heard)
    made = found.made[variations.STAGE]
    ordering = clip = None
    if frames and not pictures.waits:
        ordering = _piece(found.made[order.STAGE], order.STAGE, _order_inputs(resolved, keyframe.key, pictures))
        line = captions.inputs(board, scene, found.font, first, frames, end, found.heard)
        fading = min(boundary(resolved.transition, board.video.fps), frames) if before else 0
        if not fading or before is None:
            before = None
        if before is None or before.clip is not None:
            encoded = clips.inputs(
                common.encoder,
                ordering.key,
                frames,
                resolved.hold,
                line,
                loop=pictures.loop,
                steps=pictures.steps,
                between=motion.BETWEEN_VERSION if pictures.moving and pictures.moving.cadence > 1 else None,
                transition=_transition(before, fading) if before else None,
            )
            clip = _piece(found.made[clips.STAGE], clips.STAGE, encoded)
    return ScenePlan(
        index=index,
        scene=scene,
        end=end,
        resolved=resolved,
        first=first,
        frames=frames,
        keyframe=keyframe,
        pictures=pictures,
        missing=tuple(k for k, key in enumerate(pictures.keys, start=1) if key not in made),
        order=ordering,
        clip=clip,
        before=before,
    )


def _likely(start: float, end: float | None, board: Storyboard) -> int:
    """How many frames lie between two times; 0 where the second one is not known."""
    return boundary(end, board.video.fps) - boundary(start, board.video.fps) if end is not None else 0


def theme_number(board: Storyboard, resolved: Resolved) -> int:
    """The number of a scene's theme in the list, from 1; 0 where it is not one of these."""
    themes = board.look.themes
    return themes.index(resolved.theme) + 1 if resolved.theme in themes else 0


def _order_inputs(resolved: Resolved, keyframe: str, pictures: Pictures) -> dict[str, Any]:
    chain = pictures.moving
    mode = motion.play_order(resolved.order) if resolved.animation == MOVING else resolved.order
    return order.inputs([keyframe, *pictures.keys], mode, chain.shown if chain and chain.cadence > 1 else None)


def _transition(before: ScenePlan, length: int) -> dict[str, Any]:
    assert before.clip is not None
    return clips.transition(length, before.clip.inputs, before.resolved.animation == MOVING)


def with_pictures(board: Storyboard, engine: str) -> Storyboard:
    """The same storyboard with another picture engine, into a video of its own: an animatic touches no final."""
    name = Path(board.video.file)
    return replace(
        board,
        engines=replace(board.engines, pictures=cast(EngineName, engine)),
        video=replace(board.video, file=str(name.with_name(f"{name.stem}.{engine}{name.suffix}"))),
    )
