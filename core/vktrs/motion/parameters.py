"""The parameters of a storyboard that may change from frame to frame, and between which values they lie. Light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Parameter:
    """Between which values one lies (an expression that gives more or less is cut there), and in what unit."""

    low: float
    high: float
    unit: str = "a number"


PARAMETERS: Mapping[str, Parameter] = {
    "consistency": Parameter(0, 1),
    "zoom": Parameter(0.01, 100, "a factor"),
    "angle": Parameter(-3600, 3600, "degrees"),
    "translation_x": Parameter(-100_000, 100_000, "pixels"),
    "translation_y": Parameter(-100_000, 100_000, "pixels"),
    "transform_center_x": Parameter(-100, 100, "a share of the width"),
    "transform_center_y": Parameter(-100, 100, "a share of the height"),
    "strength": Parameter(0, 1),
    "noise": Parameter(0, 1),
    "guidance_scale": Parameter(0, 100),
}
"""By the names of their keys in storyboard.toml, in the order in which they are told."""

values_of: Callable[[object], tuple[float | str | None, ...]] = attrgetter(*PARAMETERS)
"""The values of all of them in what has them by their names, in that order."""
