"""The embedded picture engine: abstract pictures from a small random network, with no weights and no GPU.

A compositional pattern-producing network (Stanley, "Compositional pattern producing networks: a novel abstraction of
development", 2007) maps the place of a pixel to its colour. Here prompt and seed choose the network, the colour words
of the prompt its palette, and a variation is a small step in its latent space.

    words and numbers -> latent.py -> network.py -> shading.py (with palette.py) -> a picture

`engine.py` is the door. Moving scenes are looked at from ever other places: travel.py says which, motion.py draws what
this engine drew, moving.py moves any other picture, which for variations warp.py does. This package opens no file and
keeps no state: the same request is the same picture, bit for bit, alone or in a batch, in any process of one machine.
Importing it is light, so that a plan may read the version without loading numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.errors import InputError, VktrsError

if TYPE_CHECKING:
    from vktrs.engines.pictures import Estimate, PictureEngine, Workplace

ENGINE_VERSION = 1
"""Part of every fingerprint of this engine's pictures; raised whenever the same request gives another picture."""

AT_ONCE = 1
PAID = False
USES_DEVICE = False
GRID = 1


def settled_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """This engine has no options; InputError where one is written."""
    if options:
        named = ", ".join(f"`{name}`" for name in options)
        raise InputError(f"[engines.cppn] has {named}, and cppn has no options.", "Take it out.")
    return {}


keyframe_options = settled_options


def reads_negative_prompts(options: Mapping[str, Any], of_variations: bool) -> bool:
    """Its colour words are left out of the palette."""
    del options, of_variations
    return True


def size_inputs(options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    """Pictures are drawn in the size of the video."""
    del options
    return {"width": width, "height": height}


def problems(options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
    """It works everywhere; only an option for it is a slip."""
    del width, height, root
    try:
        settled_options(options)
    except InputError as error:
        return [error]
    return []


def device_problems(device: str | None) -> list[VktrsError]:
    """It draws on the CPU alone."""
    del device
    return []


def estimate(
    options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
) -> Estimate:
    """One call a picture, and no money."""
    from vktrs.engines.pictures import free_of_charge

    del options, width, height
    return free_of_charge(keyframes, variations)


def open_engine(options: Mapping[str, Any], workplace: Workplace) -> PictureEngine:
    """The engine as a run opens it."""
    from vktrs.engines.cppn.engine import CppnEngine

    del options
    return CppnEngine(is_winding_up=workplace.is_winding_up)


def open_cppn(workers: int | None = None) -> PictureEngine:
    """The engine, drawing on `workers` threads (default: one for each CPU that this process may use)."""
    from vktrs.engines.cppn.engine import CppnEngine

    return CppnEngine(workers)
