"""Moving scenes (`animation = "img2img"`): a chain of pictures, each made from the one before, as the sound moves it.

The numbers of every picture are worked out while planning, in plain Python; each picture's fingerprint covers that of
the one before it and the numbers of its own step. So a value that changes from some frame on makes those stale that
come from there on, and a chain that was broken off goes on with its last picture. The pictures lie in the store of the
variations stage, one artifact each, for that is what they are beside the keyframe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import chained, fingerprint
from vktrs.motion.affine import Move, chain, matrix
from vktrs.stages import variations
from vktrs.stages.grounds import Ground, values
from vktrs.storyboard.resolve import Amounts

if TYPE_CHECKING:
    from vktrs.engines.pictures import MotionRequest
    from vktrs.motion import Border
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Order, Video
    from vktrs.storyboard.resolve import Resolved

VERSION = 1
BETWEEN_VERSION = 1
"""Of how the pictures between two made ones are drawn (`cadence`); part of the fingerprint of clips that have some."""

_MOVES = ("zoom", "angle", "translation_x", "translation_y", "transform_center_x", "transform_center_y")
_TOLD = (*_MOVES, "strength", "noise", "guidance_scale")


@dataclass(frozen=True, slots=True)
class Step:
    """From one made picture to the next: the moves of all pictures on the way, and how the last one is drawn anew."""

    moves: tuple[Move, ...]
    strength: float
    noise: float
    guidance_scale: float | None

    @property
    def numbers(self) -> tuple[str, ...]:
        """All of it as texts that differ where anything does."""
        moves = (f"{getattr(move, name):.6f}" for move in self.moves for name in _MOVES)
        own = (self.strength, self.noise, self.guidance_scale)
        return (*moves, *("none" if value is None else f"{value:.6f}" for value in own))


@dataclass(frozen=True, slots=True)
class Chain:
    """The pictures of a moving scene: `shown` ones with the keyframe, of which every `cadence`-th is made.

    `told` depends on all numbers of the steps, and stands for them where two chains are compared: of thousands of
    steps that is quick. `cut` are the names of parameters whose expressions go beyond their range somewhere.
    """

    shown: int
    cadence: int
    told: str
    steps: tuple[Step, ...] = field(compare=False, repr=False)
    cut: tuple[str, ...] = ()


def shown_pictures(order: Order, frames: int, hold: int) -> int:
    """How many different pictures a moving scene of so many frames shows, its keyframe among them."""
    turns = -(-frames // hold)
    return turns // 2 + 1 if order == "ping-pong" and turns > 1 else turns


def made_pictures(scene: Resolved, frames: int) -> int:
    """How many pictures are made beside the keyframe for so many frames."""
    return -(-(shown_pictures(scene.order, frames, scene.hold) - 1) // scene.cadence)


def play_order(order: Order) -> Order:
    """In which order a chain is played: there and back, or as it was made; no tour would move with the music."""
    return "ping-pong" if order == "ping-pong" else "as-made"


def chain_of(scene: Resolved, ground: Ground, frames: int) -> Chain:
    """The chain of a scene of so many frames; InputError where an expression has no value somewhere."""
    shown = shown_pictures(scene.order, frames, scene.hold)
    return _chain(scene.amounts, ground, shown, scene.hold, scene.cadence)


@lru_cache(maxsize=4096)
def _chain(amounts: Amounts, ground: Ground, shown: int, hold: int, cadence: int) -> Chain:
    made = -(-(shown - 1) // cadence)
    frames = range(hold, (made * cadence + 1) * hold, hold)
    cut: set[str] = set()
    columns = values(amounts, ground, frames, cut)
    moves = [Move(*row) for row in zip(*(columns[name] for name in _MOVES), strict=True)]
    steps = []
    for number in range(made):
        last = (number + 1) * cadence - 1
        guidance = columns["guidance_scale"]
        steps.append(
            Step(
                moves=tuple(moves[number * cadence : last + 1]),
                strength=columns["strength"][last],
                noise=columns["noise"][last],
                guidance_scale=guidance[last] if guidance else None,
            )
        )
    told = chained(*(number for step in steps for number in step.numbers))
    return Chain(shown, cadence, told, tuple(steps), tuple(sorted(cut)))


def as_the_engine_reads(scene: Resolved, engine: Mapping[str, Any]) -> Resolved:
    """The scene without a guidance scale that the engine does not read, or has anyway: it changes no picture.

    `engine` are its inputs; one that reads it has it among its options.
    """
    value, own = scene.amount("guidance_scale"), own_guidance(engine)
    if value is None or (own is not None and value != own):
        return scene
    kept = ((name, None if name == "guidance_scale" else amount) for name, amount in scene.amounts)
    return replace(scene, amounts=tuple(kept))


def own_guidance(engine: Mapping[str, Any]) -> float | None:
    """The guidance scale that an engine with those inputs has where none is asked for; None where it reads none."""
    options = engine.get("options", {})
    own = options.get("guidance_scale", options.get("cfg_scale"))
    return own if isinstance(own, int | float) else None


def inputs(keyframe: str, scene: Resolved, engine: Mapping[str, Any], signals: Mapping[str, str]) -> dict[str, Any]:
    """What the pictures of a moving scene depend on, with what its numbers are made of, so that a change can be told.

    `signals` are the fingerprints of those that its expressions use. What tells the pictures apart is in `keys`.
    """
    told = {name: value for name, value in scene.amounts if name in _TOLD and value is not None}
    # a scale of its own may have the negative prompt read by a model whose usual scale needs none
    unread = engine.get("negative_prompt") if "guidance_scale" not in told else None
    return {
        "version": VERSION,
        **engine,
        "keyframe": keyframe,
        "prompt": scene.prompt,
        "negative_prompt": scene.negative_prompt if unread is None else unread,
        "seed": scene.seed,
        "border": scene.border,
        "color_coherence": scene.color_coherence,
        "motion": {**told, **{f"signal {name}": key for name, key in signals.items()}},
    }


def keys(ingredients: Mapping[str, Any], moving: Chain, seeds: Mapping[int, int]) -> tuple[str, ...]:
    """The fingerprints of the made pictures 1, 2, ...: each covers the one before, its own step, and a seed of its own.

    How the numbers came about is no part of them: another expression that gives the same makes nothing stale.
    """
    base = {name: value for name, value in ingredients.items() if name != "motion"}
    return _keys(fingerprint({**base, "kind": "motion"}), moving, tuple(sorted(seeds.items())))


# A plan is made often, and most scenes are the same as in the last one.


@lru_cache(maxsize=4096)
def _keys(base: str, moving: Chain, seeds: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    last, own = base, dict(seeds)
    out = []
    for number, step in enumerate(moving.steps, start=1):
        last = chained(last, *step.numbers, *((own[number],) if number in own else ()))
        out.append(last)
    return tuple(out)


def requests(scene: Resolved, video: Video, moving: Chain) -> list[MotionRequest]:
    """What the engine is asked for: all pictures of the chain, in their order."""
    from vktrs.engines.pictures import MotionRequest

    return [
        MotionRequest(
            k=number,
            prompt=scene.prompt,
            negative_prompt=scene.negative_prompt,
            seed=variations.seed(scene, number),
            warp=chain([matrix(move, video.width, video.height) for move in step.moves]),
            border=scene.border,
            color_coherence=scene.color_coherence,
            noise=step.noise,
            strength=step.strength,
            guidance_scale=step.guidance_scale,
            width=video.width,
            height=video.height,
        )
        for number, step in enumerate(moving.steps, start=1)
    ]


def with_between(
    pictures: Sequence[Picture], border: Border, size: tuple[int, int], moving: Chain
) -> Sequence[Picture]:
    """All pictures that are shown, of those that were made (the keyframe first): the ones between are drawn when asked.

    `size` is the width and height of the pictures.
    """
    if moving.cadence == 1:
        return pictures
    from vktrs.media.stacks import Stack
    from vktrs.motion.between import between

    drawn: dict[int, list[Picture]] = {}

    def load(index: int) -> Picture:
        number, place = divmod(index, moving.cadence)
        if place == 0:
            return pictures[number]
        if number not in drawn:
            drawn.clear()
            warps = [matrix(move, *size) for move in moving.steps[number].moves]
            drawn[number] = between(pictures[number], pictures[number + 1], warps, border)
        return drawn[number][place - 1]

    return Stack(moving.shown, load)
