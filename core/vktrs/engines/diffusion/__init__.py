"""Stable Diffusion on this machine's GPU, or its CPU, by diffusers.

    options.py (few_steps.py, schedulers.py)     what the storyboard says
    checkpoint.py, weights.py, devices.py        what is here
    preflight.py                                 what is missing, told before a run
    hub.py                                       the model hub: its cache, its answers, its failures
    loading.py, compiling.py                     a model in memory
    engine.py and what it stands on              pictures

Importing this package is light, so that a plan may ask it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vktrs.engines.pictures import Estimate, PictureEngine, Workplace
    from vktrs.errors import VktrsError

ENGINE_VERSION = 1
"""Part of every fingerprint of this engine's pictures; raised whenever the same request gives another picture."""

AT_ONCE = 8
PAID = False
USES_DEVICE = True
GRID = 8
"""Pixels: a latent stands for a square of so many in every Stable Diffusion."""


def settled_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What pictures depend on, with defaults; InputError where something is wrong."""
    from vktrs.engines.diffusion.options import read_options, settled

    return settled(read_options(options))


keyframe_options = settled_options


def reads_negative_prompts(options: Mapping[str, Any], of_variations: bool) -> bool:
    """Only guidance reads them, and up to 1 there is none."""
    from vktrs.engines.diffusion.options import read_options

    del of_variations
    return read_options(options).guidance_scale > 1


def size_inputs(options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    """Pictures are made in the size of the video."""
    del options
    return {"width": width, "height": height}


def problems(options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
    """What would keep it from working here; asks the hub where a model is not on this machine."""
    from vktrs.engines.diffusion.preflight import find_problems

    return list(find_problems(options, width, height, root))


def device_problems(device: str | None) -> list[VktrsError]:
    """What is wrong with the device that was asked for, or with the one that would be chosen; torch is not imported."""
    from vktrs.engines.diffusion.devices import device_problem

    problem = device_problem(device)
    return [problem] if problem else []


def estimate(
    options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
) -> Estimate:
    """How many pictures; how many go into a call depends on the memory that is free, so each counts as one."""
    from vktrs.engines.pictures import free_of_charge

    del options, width, height
    return free_of_charge(keyframes, variations)


def open_engine(options: Mapping[str, Any], workplace: Workplace) -> PictureEngine:
    """The engine as a run opens it; MissingError or InputError where that cannot be."""
    from vktrs.engines.diffusion.engine import DiffusionEngine
    from vktrs.engines.diffusion.options import read_options

    return DiffusionEngine(read_options(options), workplace)
