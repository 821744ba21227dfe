"""The schedulers that an option may name: short names as programs for Stable Diffusion use them, and diffusers' own.

Light: only names here. `build` makes the real thing from the configuration that came with the checkpoint.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vktrs.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLASSES: Mapping[str, str] = {
    "ddim": "DDIMScheduler",
    "ddpm": "DDPMScheduler",
    "pndm": "PNDMScheduler",
    "lms": "LMSDiscreteScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler a": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "dpm2": "KDPM2DiscreteScheduler",
    "dpm2 a": "KDPM2AncestralDiscreteScheduler",
    "dpm++ 2m": "DPMSolverMultistepScheduler",
    "dpm++ 2m sde": "DPMSolverMultistepScheduler",
    "dpm++ 2s": "DPMSolverSinglestepScheduler",
    "deis": "DEISMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "LCMScheduler",
    "tcd": "TCDScheduler",
}
_OTHER_WORDS: Mapping[str, str] = {
    "euler ancestral": "euler a",
    "dpm2 ancestral": "dpm2 a",
    "dpm++": "dpm++ 2m",
    "dpm": "dpm++ 2m",
    "plms": "pndm",
    "uni pc": "unipc",
}
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "dpm++ 2m sde": {"algorithm_type": "sde-dpmsolver++"},
    "pndm": {"skip_prk_steps": True},  # as Stable Diffusion uses it; with them it fails for few steps
}
_ENDINGS: Mapping[str, Mapping[str, Any]] = {
    "karras": {"use_karras_sigmas": True},
    "trailing": {"timestep_spacing": "trailing"},
}
_WITHOUT_KARRAS = frozenset(
    {
        "DDIMScheduler",
        "DDPMScheduler",
        "PNDMScheduler",
        "EulerAncestralDiscreteScheduler",
        "LCMScheduler",
        "TCDScheduler",
    }
)


@dataclass(frozen=True, slots=True)
class NamedScheduler:
    """A class of diffusers, and what it is told beside the checkpoint's own configuration."""

    class_name: str
    settings: Mapping[str, Any]


def known_names() -> tuple[str, ...]:
    """Every short name, as it would be written."""
    return tuple(_CLASSES)


def find(name: str) -> NamedScheduler:
    """What a name stands for: "Euler a", "dpm++ 2m karras", "DDIMScheduler"; InputError for any other."""
    words = name.strip().lower().replace("_", " ").replace("-", " ").split()
    settings: dict[str, Any] = {}
    while words and words[-1] in _ENDINGS:
        settings |= _ENDINGS[words.pop()]
    short = " ".join(words)
    short = _OTHER_WORDS.get(short, short)
    by_class = {value.lower(): value for value in _CLASSES.values()}
    class_name = _CLASSES.get(short) or by_class.get(short)
    if class_name is None:
        raise _unknown(name, short)
    if "use_karras_sigmas" in settings and class_name in _WITHOUT_KARRAS:
        raise InputError(f'scheduler = "{name}": {class_name} has no Karras sigmas.', 'Leave "karras" out.')
    return NamedScheduler(class_name, {**_SETTINGS.get(short, {}), **settings})


def _unknown(name: str, short: str) -> InputError:
    close = difflib.get_close_matches(short, _CLASSES, n=1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    known = ", ".join(known_names())
    return InputError(
        f'scheduler = "{name}" is not known.{meant}', f'Known are: {known}; each also with "karras" or "trailing".'
    )


def told(scheduler: Any, said: Mapping[str, Any]) -> Any:
    """The same scheduler with what the checkpoint itself says of how it was trained; others made of it know it too."""
    return type(scheduler).from_config({**scheduler.config, **said})


def build(name: str, config: Mapping[str, Any]) -> Any:
    """The scheduler of that name with the checkpoint's `config`; InputError where diffusers refuses the pair."""
    import diffusers

    named = find(name)
    try:
        return getattr(diffusers, named.class_name).from_config(config, **named.settings)
    except (ValueError, TypeError, NotImplementedError, ImportError) as error:
        raise InputError(f'scheduler = "{name}" does not fit this model: {error}', "Choose another one.") from None
