"""The table `[engines.stability]`: what may be written there, what is meant where nothing is, what is asked for.

    api = "rest"                   rest, grpc
    model = "core"                 rest: core, ultra, sd3.5-large, sd3.5-large-turbo, sd3.5-medium; grpc: an engine id
    variation_model = "..."        rest, core and ultra: which model makes the variations (core makes none)
    style_preset = "..."           core, grpc
    cfg_scale = 4                  sd3.5 models, grpc
    steps = 30                     grpc
    at_once = 4                    requests at a time; changes no picture

Light: it is read while planning. Which sizes and seeds the services know is said here, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vktrs.engines.services.key import is_keylike
from vktrs.engines.services.table import check_names
from vktrs.engines.stability.key import NAMES
from vktrs.errors import InputError
from vktrs.storyboard.resolve import derived_seed

SD3_MODELS = ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium")
REST_MODELS = ("core", "ultra", *SD3_MODELS)
VARIATION_MODELS = {"core": ("ultra", *SD3_MODELS), "ultra": ("ultra", *SD3_MODELS)}
STYLE_PRESETS = (
    *("3d-model", "analog-film", "anime", "cinematic", "comic-book", "digital-art", "enhance", "fantasy-art"),
    *("isometric", "line-art", "low-poly", "modeling-compound", "neon-punk", "origami", "photographic", "pixel-art"),
    "tile-texture",
)
ASPECT_RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
WITHOUT_NEGATIVE_PROMPTS = "sd3.5-large-turbo"
LONGEST_PROMPT = 10_000
"""Characters of a prompt, and of a negative prompt, that the services take."""
LEAST_CFG, MOST_CFG = 1.0, {"rest": 10.0, "grpc": 35.0}
"""What the services take for `cfg_scale`, by `api`."""
GRPC_SAMPLES = 4
"""Pictures that one call of the gRPC service makes, at most."""

_DEFAULT_MODEL = {"rest": "core", "grpc": "stable-diffusion-xl-1024-v1-0"}
_DEFAULT_VARIATION_MODEL = {"core": "sd3.5-medium", "ultra": "ultra"}
_DEFAULT_CFG = {"sd3.5-large": 4.0, "sd3.5-medium": 4.0, "sd3.5-large-turbo": 1.0}
_MOST_STEPS = 150
_MOST_AT_ONCE = 16
_KNOWN = ("api", "model", "variation_model", "style_preset", "cfg_scale", "steps", "at_once")
_LAST_SEED = 2**32 - 2
_XL_SIZES = (
    *((1024, 1024), (1152, 896), (1216, 832), (1344, 768), (1536, 640)),
    *((640, 1536), (768, 1344), (832, 1216), (896, 1152)),
)


@dataclass(frozen=True, slots=True)
class StabilityOptions:
    """The table, checked and with its defaults; None where an option has no meaning for the model.

    `variation_model` is the model itself where that makes its own variations.
    """

    api: str
    model: str
    variation_model: str
    style_preset: str | None
    cfg_scale: float | None
    steps: int | None
    at_once: int

    @property
    def settled(self) -> dict[str, Any]:
        """What pictures depend on, JSON-ready."""
        every = {
            "api": self.api,
            "model": self.model,
            "variation_model": self.variation_model if self.variation_model != self.model else None,
            "style_preset": self.style_preset,
            "cfg_scale": self.cfg_scale,
            "steps": self.steps,
        }
        return {name: value for name, value in every.items() if value is not None}

    @property
    def settled_for_keyframes(self) -> dict[str, Any]:
        """The same for keyframes: another model's variations change none of them."""
        of_variations = ("variation_model", "cfg_scale") if self.variation_model != self.model else ()
        return {name: value for name, value in self.settled.items() if name not in of_variations}


def read_options(table: Mapping[str, Any]) -> StabilityOptions:
    """The options of a table as written; InputError where one is unknown, wrong, or without effect."""
    check_names("[engines.stability]", table, _KNOWN, NAMES)
    api = _one_of(table, "api", ("rest", "grpc"), "rest")
    model = _model(table, api)
    variations = model
    if model in VARIATION_MODELS and api == "rest":
        variations = _one_of(table, "variation_model", VARIATION_MODELS[model], _DEFAULT_VARIATION_MODEL[model])
    is_grpc = api == "grpc"
    cfg_default = 7.0 if is_grpc else _DEFAULT_CFG.get(variations)
    options = StabilityOptions(
        api=api,
        model=model,
        variation_model=variations,
        style_preset=_one_of(table, "style_preset", STYLE_PRESETS, "") or None,
        cfg_scale=None if cfg_default is None else _number(table, "cfg_scale", LEAST_CFG, MOST_CFG[api], cfg_default),
        steps=_whole(table, "steps", _MOST_STEPS, 30) if is_grpc else None,
        at_once=_whole(table, "at_once", _MOST_AT_ONCE, 4),
    )
    _check_effects(table, options)
    return options


def _check_effects(table: Mapping[str, Any], options: StabilityOptions) -> None:
    """An option that nothing would come of is a slip, and is said."""
    rest = options.api == "rest"
    where = f'model = "{options.model}"'
    idle = {
        "variation_model": not (rest and options.model in VARIATION_MODELS),
        "style_preset": rest and options.model != "core",
        "cfg_scale": options.cfg_scale is None,
        "steps": rest,
    }
    for name, has_no_effect in idle.items():
        if name in table and has_no_effect:
            raise InputError(f"[engines.stability] has `{name}`, which has no effect with {where}.", "Take it out.")


def _model(table: Mapping[str, Any], api: str) -> str:
    model = table.get("model", _DEFAULT_MODEL[api])
    if api == "rest":
        return _one_of(table, "model", REST_MODELS, _DEFAULT_MODEL[api])
    if not isinstance(model, str) or not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", model) or is_keylike(model):
        raise _wrong("model", model, f'an engine id such as "{_DEFAULT_MODEL[api]}"')
    if model in REST_MODELS:
        raise InputError(
            f'[engines.stability] has model = "{model}", which api = "grpc" does not know.',
            f'Write api = "rest", or an engine id such as "{_DEFAULT_MODEL[api]}".',
        )
    return model


def _one_of(table: Mapping[str, Any], name: str, known: tuple[str, ...], default: str) -> str:
    value = table.get(name, default)
    if name in table and value not in known:
        raise _wrong(name, value, "one of " + ", ".join(f'"{each}"' for each in known))
    return str(value)


def _number(table: Mapping[str, Any], name: str, least: float, most: float, default: float) -> float:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _wrong(name, value, f"a number from {least:g} to {most:g}")
    return float(value)


def _whole(table: Mapping[str, Any], name: str, most: int, default: int) -> int:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise _wrong(name, value, f"a whole number from 1 to {most}")
    return value


def _wrong(name: str, value: object, right: str) -> InputError:
    shown = "what looks like a key" if is_keylike(value) else f'"{value}"' if isinstance(value, str) else f"{value}"
    return InputError(f"[engines.stability] has {name} = {shown[:60]}.", f"Write {right}.")


def aspect_ratio(width: int, height: int) -> str:
    """The nearest of the shapes that the REST service makes, such as "16:9"; near by the ratio of the ratios."""
    return min(ASPECT_RATIOS, key=lambda name: abs(math.log(width / height) - _log_ratio(name)))


def _log_ratio(name: str) -> float:
    across, up = name.split(":")
    return math.log(int(across) / int(up))


def grpc_size(width: int, height: int, model: str) -> tuple[int, int]:
    """The size in pixels that the gRPC service is asked for, nearest to that of the video, for its shape first.

    The 1024 models of Stable Diffusion XL make nine sizes; the others multiples of 64 with 2^18 to 2^20 pixels.
    """
    if "xl-1024" in model:
        sizes = list(_XL_SIZES)
    else:
        sides = range(192, 2049, 64)
        sizes = [(w, h) for w in sides for h in sides if 2**18 <= w * h <= 2**20]

    def distance(size: tuple[int, int]) -> float:
        shape = math.log(size[0] / size[1]) - math.log(width / height)
        area = math.log(size[0] * size[1]) - math.log(width * height)
        return 4 * abs(shape) + abs(area)

    return min(sizes, key=distance)


def service_seed(seed: int) -> int:
    """A seed of ours, 0..2^32-1, as the services take one: 0 is "any" to them and 2^32-1 too large."""
    return seed if 1 <= seed <= _LAST_SEED else _LAST_SEED - seed % 2


def next_seed(seed: int, tried: int) -> int:
    """The seed that takes the place of one whose picture was filtered, `tried` times.

    None of those that come after it: they are what somebody is given who wants another picture.
    """
    return service_seed(derived_seed(seed, "filtered", tried))
