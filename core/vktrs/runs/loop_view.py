"""What a loop would make of a scene: how long a round is, how many pictures it shows, and how long each. Light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from vktrs.stages.showing import in_round
from vktrs.stages.variations import count
from vktrs.storyboard.looping import loop_starts, parse_loop, usual_round
from vktrs.storyboard.model import Loop
from vktrs.storyboard.resolve import Resolved


@dataclass(frozen=True, slots=True)
class Cycle:
    """The rounds of a scene: their usual length in frames, and how many different pictures it shows, the keyframe among
    them; `held` is for how many frames each stands."""

    frames: float
    pictures: int
    held: float


def cycle_of(
    scene: Resolved,
    loop: Loop,
    first: int,
    frames: int,
    fps: Fraction,
    beats: Sequence[float],
    downbeats: Sequence[float],
) -> Cycle | None:
    """The rounds of a scene with that loop, whose first frame in the song is `first` and which has `frames` of them.

    None where it has no cycle, or the loop is told in beats and fewer than two are known.
    """
    if scene.animation != "variations" or frames < 1:
        return None
    length = parse_loop(loop)
    asked = replace(scene, loop=loop)
    if length is None:
        made = count(asked, frames)
        shown = _shown(asked, made)
        return Cycle(float(shown * scene.hold), made + 1, float(scene.hold))
    starts = loop_starts(length, first, frames, fps, beats, downbeats)
    if starts is None:
        return None
    long = usual_round(starts)
    made, steps = in_round(asked, starts, frames)
    return Cycle(long, made + 1, long / (steps or _shown(asked, made)))


def _shown(scene: Resolved, variations: int) -> int:
    """How many pictures a round shows one after another: there and back, where it goes there and back."""
    return max(2 * variations, 1) if scene.order == "ping-pong" else variations + 1
