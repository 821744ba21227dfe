"""Models that were trained to need few steps: the settings that their authors give, found by their names.

Written options always win; this is only what holds where nothing is written. Sources are the model cards of
stabilityai/sdxl-turbo, Lykon/dreamshaper-xl-v2-turbo, ByteDance/SDXL-Lightning, ByteDance/Hyper-SD,
latent-consistency/lcm-lora-sdv1-5, SimianLuo/LCM_Dreamshaper_v7, tianweiy/DMD2, h1t/TCD-SDXL-LoRA and
jasperai/flash-sdxl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_STEPS_IN_NAME = re.compile(r"(?<![0-9])([1-9]|1[0-6])[-_ ]?steps?(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a model wants to be run: denoising steps, guidance scale, and a scheduler (None: its own)."""

    steps: int
    guidance_scale: float
    scheduler: str | None = None


USUAL = Pace(30, 7.5)

# A LoRA is laid over an ordinary model, so it has to bring its scheduler; guidance was distilled away in training.
_LORAS: tuple[tuple[str, Pace], ...] = (
    (r"turbo", Pace(8, 1.0, "lcm")),
    (r"lightning", Pace(8, 0.0, "euler trailing")),
    (r"hyper.*cfg", Pace(8, 5.0, "ddim trailing")),
    (r"hyper", Pace(8, 0.0, "ddim trailing")),
    (r"(?<![a-z])tcd(?![a-z])", Pace(4, 0.0, "tcd")),
    (r"(?<![a-z])dmd2?(?![a-z])", Pace(4, 0.0, "lcm")),
    (r"(?<![a-z])flash", Pace(4, 0.0, "lcm")),
    (r"(?<![a-z])lcm(?![a-z])", Pace(4, 1.0, "lcm")),
)
_MODELS: tuple[tuple[str, Pace], ...] = (
    (r"(stabilityai|^)/?sd(xl)?[-_ ]turbo|sd_xl_turbo|sd_turbo", Pace(4, 0.0)),
    (r"(?<![a-z])lcm[-_](dreamshaper|sdxl|ssd)", Pace(4, 8.0)),  # takes guidance in as an embedding, at no cost
    (r"turbo", Pace(8, 2.0)),
    (r"lightning", Pace(6, 2.0, "euler trailing")),
    (r"hyper[-_ ]?(sd|xl|sdxl)|(?<![a-z])hyper(?![a-z])", Pace(8, 1.0, "ddim trailing")),
    (r"(?<![a-z])dmd2?(?![a-z])", Pace(4, 0.0, "lcm")),
    (r"(?<![a-z])lcm(?![a-z])", Pace(4, 1.0, "lcm")),
)


def pace(model: str, loras: Iterable[str]) -> Pace:
    """What is right for a model with these LoRAs, by their names; `USUAL` where no name says anything.

    >>> pace("stabilityai/sdxl-turbo", ()).steps
    4
    """
    for name in loras:
        if found := _look_up(name, _LORAS):
            return found
    return _look_up(model, _MODELS) or USUAL


def _look_up(name: str, known: Iterable[tuple[str, Pace]]) -> Pace | None:
    # Only the last three parts: a folder above them such as /data/turbo/ says nothing of the model.
    last = "/".join(name.rstrip("/").split("/")[-3:] if name.count("/") <= 2 else name.rstrip("/").split("/")[-1:])
    for pattern, found in known:
        if re.search(pattern, last, re.IGNORECASE):
            said = _STEPS_IN_NAME.search(last)
            return replace(found, steps=int(said[1])) if said else found
    return None
