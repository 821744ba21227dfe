"""Which picture engines there are, and what is known of each without opening it. Light: it is asked while planning."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vktrs.artifacts import fingerprint
from vktrs.engines import cppn, diffusion, stability
from vktrs.errors import InputError, VktrsError

if TYPE_CHECKING:
    from vktrs.engines.pictures import Estimate, PictureEngine, PictureKind, Workplace

_KINDS: Mapping[str, PictureKind] = {
    "cppn": cast("PictureKind", cppn),
    "diffusers": cast("PictureKind", diffusion),
    "stability": cast("PictureKind", stability),
}

PICTURE_VERSIONS: Mapping[str, int] = {name: kind.ENGINE_VERSION for name, kind in _KINDS.items()}
"""The version of each engine; part of every picture's fingerprint."""

WRONG = "wrong"
"""In the place of options that are wrong stands their digest, by this name: among them may be what is secret."""


def settled_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What variations of that engine depend on; only WRONG where something is wrong: planning never fails."""
    return _settled(_KINDS[name].settled_options, options)


def keyframe_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What keyframes of that engine depend on; only WRONG where something is wrong."""
    return _settled(_KINDS[name].keyframe_options, options)


def check_options(name: str, options: Mapping[str, Any]) -> None:
    """InputError where an option is wrong: what pictures depend on is not known then."""
    _KINDS[name].settled_options(options)


def _settled(read: Callable[[Mapping[str, Any]], dict[str, Any]], options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _as_written(read(options))
    except InputError:
        return {WRONG: fingerprint(_as_written(options))}


def _as_written(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same, JSON-ready: a table may hold dates and numbers without end, which no engine takes."""
    return {name: _json_ready(value) for name, value in options.items()}


def _json_ready(value: object) -> object:
    if isinstance(value, Mapping):
        return _as_written(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_json_ready(each) for each in value]
    if isinstance(value, int | float):
        return value if abs(value) <= sys.float_info.max else str(value)
    return value if value is None or isinstance(value, str) else str(value)


def reads_negative_prompts(name: str, options: Mapping[str, Any], of_variations: bool) -> bool:
    """Whether keyframes, or variations, of that engine depend on the negative prompt."""
    try:
        return _KINDS[name].reads_negative_prompts(options, of_variations)
    except InputError:
        return True


def size_inputs(name: str, options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    """What of a size in pixels the pictures of that engine depend on."""
    try:
        return _KINDS[name].size_inputs(options, width, height)
    except InputError:
        return {"width": width, "height": height}


def is_paid(name: str) -> bool:
    """Whether pictures of that engine cost money."""
    return _KINDS[name].PAID


def with_device() -> tuple[str, ...]:
    """The engines for which it matters which device the user asks for."""
    return tuple(name for name, kind in _KINDS.items() if kind.USES_DEVICE)


def grid(name: str) -> int:
    """The pixels of which that engine's pictures are a multiple, both ways."""
    return _KINDS[name].GRID


def keyframes_at_once(name: str) -> int:
    """How many keyframes that engine likes to be asked for together."""
    return _KINDS[name].AT_ONCE


def picture_problems(name: str, options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
    """What would keep that engine from working here, as far as can be seen before it is opened."""
    return _KINDS[name].problems(options, width, height, root)


def device_problems(name: str, device: str | None) -> list[VktrsError]:
    """What keeps that engine from drawing on a device of this machine; None for its own choice."""
    return _KINDS[name].device_problems(device)


def estimate(
    name: str, options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
) -> Estimate:
    """What so many keyframes and, for each scene, so many variations take."""
    return _KINDS[name].estimate(options, width, height, keyframes, variations)


def open_pictures(name: str, options: Mapping[str, Any], workplace: Workplace | None = None) -> PictureEngine:
    """Open a picture engine by its name in the storyboard; MissingError or InputError where that cannot be."""
    from vktrs.engines.pictures import Workplace

    return _KINDS[name].open_engine(options, workplace or Workplace())
