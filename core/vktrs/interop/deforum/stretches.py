"""What one scene asks of Deforum: its prompt, its seed, its picture, and what happens in each of its frames. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOVING = "img2img"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The frames of one scene, `first` counted in the whole video.

    `values` are those of every parameter of motion, one a frame: `strength` and the others mean what they mean in a
    storyboard, `guidance_scale` may be empty. `picture` is the name of a file beside the settings, None where there is
    none. `name` calls the scene in messages and names.
    """

    name: str
    first: int
    frames: int
    prompt: str
    negative_prompt: str
    seed: int
    animation: str
    values: Mapping[str, Sequence[float]]
    border: str = "replicate"
    color_coherence: str = "LAB"
    cadence: int = 1
    picture: str | None = None

    @property
    def moves(self) -> bool:
        """Whether pictures are moved at all: others show a cycle, which Deforum has not."""
        return self.animation == MOVING

    def column(self, name: str) -> list[float]:
        """A parameter of motion in each frame; a scene that does not move keeps everything where it is."""
        if self.moves or name not in _STILL:
            return list(self.values[name])
        return [_STILL[name]] * self.frames

    def kept(self) -> list[float]:
        """How much of the picture before each frame keeps, as Deforum asks: 1 - `strength`; all of it in a still scene.

        Variations are as alike as `consistency` says in the first frame, which is what they are made with here, too.
        """
        if self.moves:
            return [1 - value for value in self.values["strength"]]
        return [1.0 if self.animation == "static" else self.values["consistency"][0]] * self.frames


_STILL = {
    "zoom": 1.0,
    "angle": 0.0,
    "translation_x": 0.0,
    "translation_y": 0.0,
    "transform_center_x": 0.5,
    "transform_center_y": 0.5,
    "noise": 0.0,
}


@dataclass(frozen=True, slots=True)
class Whole:
    """What all scenes share: pixels, frames a second, title, the sound's file beside the settings (None: none goes).

    `sampler`, `steps` and `guidance_scale` are those of the picture engine; None where Deforum's own stay.
    """

    width: int
    height: int
    fps: float
    title: str
    sound: str | None = None
    sampler: str | None = None
    steps: int | None = None
    guidance_scale: float | None = None
