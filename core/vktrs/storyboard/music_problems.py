"""What is doubtful about loops, motion and signals: wishes without effect, and expressions that are cut. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.model import Scene
from vktrs.storyboard.resolve import Resolved

MOTION_KEYS = (*(name for name in PARAMETERS if name != "consistency"), "border", "color_coherence", "cadence")
"""What only scenes that move read, by the names of their keys."""

_CUT_HINT = "Change the expression, or keep it within by clamp(x, low, high)."


@dataclass(frozen=True, slots=True)
class Doubt:
    """A short kind, a sentence, and what would mend it."""

    kind: str
    text: str
    hint: str


def doubts(
    scene: Scene, resolved: Resolved, frames: int | None, off_beat: bool, cut: Collection[str], first: bool = False
) -> Iterator[Doubt]:
    """Of one scene of so many frames; `off_beat` and `cut` as they were planned, `first`: none is shown before it."""
    if off_beat:
        text = "Its loop is told in beats, and no beat was found in the song."
        yield Doubt("loop", text, "Tell it in seconds, as in loop = 0.5, or take it out.")
    if scene.loop not in (None, "none") and resolved.animation != "variations":
        text = f'It has a loop, which only cycles have; its animation is "{resolved.animation}".'
        yield Doubt("loop", text, 'Write animation = "variations", or take the loop out.')
    if first and scene.transition:
        text = "It has a `transition`, but no scene is shown before it, out of which it could fade in."
        yield Doubt("transition", text, "Take it out, or write it in the scene that should fade in.")
    if resolved.animation != "img2img" and (unread := unread_keys(scene)):
        text = f'It has {", ".join(unread)}, for scenes that move; its animation is "{resolved.animation}".'
        yield Doubt("motion", text, 'Write animation = "img2img", or take that out.')
    if resolved.animation == "img2img" and frames:
        turns = -(-frames // resolved.hold)
        shown = turns // 2 + 1 if resolved.order == "ping-pong" and turns > 1 else turns
        if 1 < shown <= resolved.cadence:
            text = (
                f"Its cadence is {resolved.cadence}, and it shows {shown} pictures: only one is made, behind its end."
            )
            yield Doubt("cadence", text, "Lower `cadence`, or make the scene longer.")
    for name in sorted(cut):
        about = PARAMETERS[name]
        text = f"Its `{name}` goes beyond {about.low:g} to {about.high:g} in some frames, and is cut there."
        yield Doubt("cut", text, _CUT_HINT)


def unread_keys(scene: Scene) -> list[str]:
    """What is written in a scene and read only where it moves."""
    return [name for name in MOTION_KEYS if getattr(scene, name) is not None]
