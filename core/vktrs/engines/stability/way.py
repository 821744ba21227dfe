"""The door to either of Stability's services: what a call asks for and what comes of it. No call is made here.

An `Ask` says what is wanted, in the words of both services; a `Way` sends one call and says what came. It knows
nothing of retries, of money, of a run: `engine.py` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vktrs.engines.stability.options import LONGEST_PROMPT
from vktrs.errors import InputError

if TYPE_CHECKING:
    from vktrs.picture import Picture


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: one picture for each of `seeds`, each in 1..4294967294 (0 is "any" to the services).

    `width` and `height` are those of the video, in pixels. With `start` it is image-to-image, and `strength` in 0..1
    says how far from it the picture may go (0: not at all); else both are None. `cfg_scale` None: that of the options.
    """

    prompt: str
    negative_prompt: str
    seeds: tuple[int, ...]
    width: int
    height: int
    start: Picture | None = None
    strength: float | None = None
    cfg_scale: float | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came for one seed: the file (PNG, JPEG) as the service sent it; None where its filter took it away.

    `reason` is the service's own word for that, such as "CONTENT_FILTERED".
    """

    seed: int
    picture: bytes | None
    reason: str = ""


class Broken(Exception):
    """A call failed after some of its pictures had come: what came, and what `Way.draw` else would have raised."""

    def __init__(self, drawn: list[Drawn], failure: Exception) -> None:
        super().__init__(f"{failure}")
        self.drawn = drawn
        self.failure = failure


class Way(Protocol):
    """One of the services. Calls may be made from several threads at once.

    `SAMPLES` is how many pictures one call makes, at most. A `strength` below `LEAST_STRENGTH` is none to it.
    """

    SAMPLES: int
    LEAST_STRENGTH: float

    def price(self, ask: Ask) -> float:
        """About how many credits the call costs."""
        ...

    def draw(self, ask: Ask, timeout: float) -> list[Drawn]:
        """What comes of one call within `timeout` seconds: something for each seed.

        `retrying.Transient` where it may go well the next time. MissingError: the key is not accepted. Halted: there
        are no credits left. Any other VktrsError: this call is refused, and would be again. `Broken`: one of these,
        after something had come.
        """
        ...

    def close(self) -> None:
        """End its connections."""
        ...


def check_cfg_scale(asked: float | None, least: float, most: float) -> None:
    """InputError for a guidance scale of a scene that the service does not take."""
    if asked is not None and not least <= asked <= most:
        raise InputError(
            f"the guidance scale is {asked:g} here; Stability takes {least:g} to {most:g}.",
            "Write a `guidance_scale` in that range.",
        )


def check_prompts(ask: Ask) -> None:
    """InputError for a prompt that no service takes: empty, or too long."""
    if not ask.prompt.strip():
        raise InputError("the prompt is empty.", "Give the scene a text, a theme or a prompt.")
    for name, text in (("prompt", ask.prompt), ("negative prompt", ask.negative_prompt)):
        if len(text) > LONGEST_PROMPT:
            raise InputError(
                f"the {name} has {len(text)} characters; Stability takes {LONGEST_PROMPT}.", "Make it shorter."
            )
