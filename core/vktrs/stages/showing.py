"""Which pictures a scene shows beside its keyframe: the variations of a cycle, or the chain of a moving scene. Light.

Here animation, loops, signals and the length of a scene come together; `variations` and `motion` know one kind each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import chained
from vktrs.errors import InputError
from vktrs.expressions import NAMES
from vktrs.stages import motion, variations
from vktrs.stages.grounds import MUSICAL, Ground, at_start, names_used, narrowed
from vktrs.storyboard.looping import LoopLength, loop_starts, parse_loop, round_steps, steps_played, usual_round

if TYPE_CHECKING:
    from vktrs.stages.motion import Chain
    from vktrs.stages.signals import SignalCurve
    from vktrs.stages.structure import StructureFacts
    from vktrs.storyboard.resolve import Resolved

MOVING = "img2img"


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of the song: its structure, and of each signal its fingerprint and (once it is made) its curve."""

    form: StructureFacts | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, SignalCurve] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scene stands: number and theme (from 1; 0: none), first frame in the song, how many frames if known."""

    number: int
    theme: int
    first: int
    frames: int | None
    fps: Fraction
    likely: int = 0
    """How many frames it has by its times alone, while the length of the song is not known."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is made beside the keyframe: `inputs` of all, `keys` of each.

    `loop` are the frames at which rounds of a cycle begin, where they do not follow from `hold`, and `steps` how many
    steps each round has, where the scene is too short to show all of them and so has fewer pictures. `off_beat`: its
    loop is told in beats and the song has none. `moving` is the chain of a moving scene. `waits`: they cannot be told
    before the song's structure and signals are there, and are `at_most` so many. `fault`: they cannot be made as the
    storyboard stands; then `keys` hold one that nothing ever has.
    """

    inputs: Mapping[str, Any]
    keys: tuple[str, ...]
    consistency: float = 0.0
    loop: tuple[int, ...] | None = None
    steps: int | None = None
    off_beat: bool = False
    moving: Chain | None = None
    waits: bool = False
    fault: InputError | None = None
    at_most: int = 0


def asked_names(scene: Resolved) -> frozenset[str]:
    """The names that the expressions of a scene use, as far as its animation reads them."""
    if scene.animation == MOVING:
        return names_used(scene.amounts)
    return names_used((("consistency", scene.consistency),))


def pictures_of(scene: Resolved, keyframe: str, engine: Mapping[str, Any], place: Place, heard: Heard) -> Pictures:
    """The pictures of a scene whose keyframe has that fingerprint, by an engine with those inputs."""
    if scene.animation != MOVING and not isinstance(scene.consistency, str):
        return _cycle(scene, keyframe, engine, place, heard, float(scene.consistency))
    scene = motion.as_the_engine_reads(scene, engine)
    used = asked_names(scene)
    signals = {name: key for name, key in heard.keys.items() if name in used}
    moving = scene.animation == MOVING
    unheard = bool(used - NAMES.keys() - heard.curves.keys()) or bool(used & MUSICAL and heard.form is None)
    if unheard or (moving and place.frames is None):
        return _waiting(scene, motion.inputs(keyframe, scene, engine, signals), place)
    ground = narrowed(ground_of(place, heard, signals), used)
    seeds = dict(scene.frame_seeds)
    try:
        if not moving:
            return _cycle(scene, keyframe, engine, place, heard, at_start("consistency", scene.consistency, ground))
        ingredients = motion.inputs(keyframe, scene, engine, signals)
        chain = motion.chain_of(scene, ground, place.frames or 0) if place.frames else None
        keys = motion.keys(ingredients, chain, seeds) if chain else ()
        return Pictures(ingredients, keys, moving=chain)
    except InputError as error:
        ingredients = motion.inputs(keyframe, scene, engine, signals)
        return Pictures(ingredients, (chained("fault", keyframe, str(error)),), fault=error)


def _waiting(scene: Resolved, ingredients: Mapping[str, Any], place: Place) -> Pictures:
    """What can be said of pictures that cannot be told yet: how many there may be."""
    frames = place.likely if place.frames is None else place.frames
    if scene.animation == MOVING:
        most = motion.made_pictures(scene, frames) if frames else 0
    else:
        most = variations.most(scene) if place.frames is None else variations.count(scene, place.frames)
    return Pictures(ingredients, (), waits=True, at_most=most)


def ground_of(place: Place, heard: Heard, signals: Iterable[str]) -> Ground:
    form = heard.form
    return Ground(
        number=place.number,
        theme=place.theme,
        first=place.first,
        frames=place.frames or 0,
        fps=place.fps,
        tempo=(form.tempo or 0.0) if form else 0.0,
        beats=form.beats if form else (),
        downbeats=form.downbeats if form else (),
        signals=tuple((name, heard.curves[name]) for name in sorted(signals)),
    )


def _cycle(
    scene: Resolved, keyframe: str, engine: Mapping[str, Any], place: Place, heard: Heard, consistency: float
) -> Pictures:
    ingredients = variations.inputs(keyframe, scene, engine, consistency)
    loop = parse_loop(scene.loop) if scene.animation == "variations" and place.frames else None
    if loop is not None and loop.unit != "second" and heard.form is None:
        return _waiting(scene, ingredients, place)
    starts = _starts(loop, place, heard) if loop is not None else None
    steps = None
    if starts is not None:
        how_many, steps = in_round(scene, starts, place.frames or 0)
    else:
        how_many = variations.most(scene) if place.frames is None else variations.count(scene, place.frames)
    return Pictures(
        ingredients,
        tuple(variations.keys(ingredients, how_many, dict(scene.frame_seeds))),
        consistency,
        loop=starts,
        steps=steps,
        off_beat=loop is not None and starts is None,
    )


def _starts(loop: LoopLength, place: Place, heard: Heard) -> tuple[int, ...] | None:
    form = heard.form
    beats, downbeats = (form.beats, form.downbeats) if form else ((), ())
    return _known_starts(loop, place.first, place.frames or 0, place.fps, beats, downbeats)


# A plan is made often, and most scenes are the same as in the last one.


@lru_cache(maxsize=4096)
def _known_starts(
    loop: LoopLength, first: int, frames: int, fps: Fraction, beats: tuple[float, ...], downbeats: tuple[float, ...]
) -> tuple[int, ...] | None:
    starts = loop_starts(loop, first, frames, fps, beats, downbeats)
    return None if starts is None else tuple(starts)


def in_round(scene: Resolved, starts: Sequence[int], frames: int) -> tuple[int, int | None]:
    """How many variations a looped scene shows; and how many steps its rounds have, where it shows but some of them."""
    return _in_round(tuple(starts), frames, scene.variations, scene.hold, scene.order == "ping-pong")


@lru_cache(maxsize=4096)
def _in_round(
    starts: tuple[int, ...], frames: int, variations: int, hold: int, there_and_back: bool
) -> tuple[int, int | None]:
    steps = round_steps(usual_round(starts), variations, hold, there_and_back)
    shown = len(set(steps_played(starts, frames, steps)))
    return (shown // 2 if there_and_back else shown - 1), (None if shown == steps else steps)


def key_with_seed(scene: Resolved, pictures: Pictures, k: int, seed: int) -> str:
    """The fingerprint of picture `k` (from 1) if it is made with that seed."""
    if pictures.moving is None:
        return variations.key(pictures.inputs, k, seed)
    return motion.keys(pictures.inputs, pictures.moving, {**dict(scene.frame_seeds), k: seed})[k - 1]
