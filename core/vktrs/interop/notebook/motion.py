"""The settings of the notebook's `img2img` mode, and the signals that drive them, as fields of motion here. Pure.

The mode ran through the animation service of stability.ai, whose settings are mostly Deforum's: a text of keyframes
each. Two mean another thing here: `strength_curve` says how much of the picture before is kept (1 - `strength`), and
`translation_x` moves the camera, so that the picture goes the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vktrs.expressions import ExpressionError, parse
from vktrs.expressions.schedule import read_schedule
from vktrs.interop.notebook.formulas import Line, NoFormula, mapped
from vktrs.interop.notebook.ledger import Ledger, Path
from vktrs.storyboard.schema import Unfit, checked, shown

Fields = dict[str, Any]
"""Fields of a scene, as the storyboard has them."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A field here, which is `added + factor *` the setting there."""

    field: str
    factor: float = 1.0
    added: float = 0.0
    remark: str = ""


_KEPT = "it says how much of the picture before is kept: `strength` is 1 - that"
_CAMERA = "it moves the camera: the picture goes the other way"

TARGETS: Mapping[str, _Target] = {
    "zoom": _Target("zoom"),
    "angle": _Target("angle"),
    "translation_x": _Target("translation_x", -1.0, remark=_CAMERA),
    "translation_y": _Target("translation_y"),
    "transform_center_x": _Target("transform_center_x"),
    "transform_center_y": _Target("transform_center_y"),
    "strength_curve": _Target("strength", -1.0, 1.0, _KEPT),
    "strength_schedule": _Target("strength", -1.0, 1.0, _KEPT),
    "noise_add_curve": _Target("noise"),
    "noise_curve": _Target("noise"),
    "noise_schedule": _Target("noise"),
    "cfg_scale": _Target("guidance_scale"),
    "cfg_scale_schedule": _Target("guidance_scale"),
    "image_consistency": _Target("consistency"),
}
"""What of the service's settings is a number that may change from frame to frame here, too."""

_OVERRULED = frozenset({"max_frames", "fps", "init_image", "width", "height"})
"""What the notebook sets itself for each scene, whatever stands there."""

_ENGINE = {
    "steps_curve": "[engines.diffusers] steps",
    "sampler": "[engines.diffusers] scheduler",
    "model": "model below [engines.diffusers] or [engines.stability]",
    "custom_model": "model below [engines.diffusers] or [engines.stability]",
    "preset": "[engines.stability] style_preset",
}
_DEPTH = frozenset({"translation_z", "rotation_x", "rotation_y", "rotation_z"})

# fmt: off
DEFAULTS: Mapping[str, Any] = {
    "animation_mode": "3D warp", "border": "replicate", "seed": -1, "color_coherence": "LAB",
    "sampler": "K_dpmpp_2m", "model": "stable-diffusion-xl-1024-v0-9", "custom_model": "", "clip_guidance": "None",
    "init_sizing": "stretch", "mask_path": "", "mask_invert": False, "preset": "None",
    "noise_scale_curve": "0:(0.99)", "steps_curve": "0:(30)", "steps_strength_adj": False,
    "interpolate_prompts": False, "locked_seed": False, "translation_z": "0:(0)",
    "rotation_x": "0:(0)", "rotation_y": "0:(0)", "rotation_z": "0:(0)",
    "diffusion_cadence_curve": "0:(1)", "cadence_interp": "mix", "cadence_spans": False,
    "brightness_curve": "0:(1.0)", "contrast_curve": "0:(1.0)", "hue_curve": "0:(0.0)",
    "saturation_curve": "0:(1.0)", "lightness_curve": "0:(0.0)", "color_match_animate": True,
    "depth_model_weight": 0.3, "near_plane": 200, "far_plane": 10000, "fov_curve": "0:(25)",
    "depth_blur_curve": "0:(0.0)", "depth_warp_curve": "0:(1.0)", "save_depth_maps": False,
    "camera_type": "perspective", "render_mode": "mesh", "mask_power": 0.3,
    "use_inpainting_model": False, "inpaint_border": False, "mask_min_value": "0:(0.25)",
    "mask_binarization_thr": 0.5, "save_inpaint_masks": False, "video_init_path": "",
    "extract_nth_frame": 1, "video_mix_in_curve": "0:(0.02)", "video_flow_warp": True, "reverse": False,
}
# fmt: on
"""What the service took where nobody decided otherwise; the notebook writes all of it to every scene."""


def read_settings(table: Any, ledger: Ledger, path: Path) -> Fields:
    """The fields that one table of animation settings gives."""
    fields: Fields = {}
    if not isinstance(table, Mapping):
        if table is not None:
            ledger.leave(path, "it is no table of settings")
        return fields
    for key, value in table.items():
        own = (*path, key)
        if value is None or key in _OVERRULED:
            ledger.anew.add(own)
        elif key in TARGETS:
            _put(fields, TARGETS[key], _turned(value, TARGETS[key]), value, ledger, own)
        elif key in _CHOICES:
            _choose(fields, key, value, ledger, own)
        elif key in DEFAULTS and _is_default(key, value):
            ledger.idle.add(own)
        else:
            ledger.leave(own, f"{_why(key)} (it is {shown(value)})")
    return fields


def _why(key: str) -> str:
    if key in _ENGINE:
        return f"the picture engine has it: {_ENGINE[key]}"
    return "pictures have no depth here" if key in _DEPTH else "it has no counterpart here"


def _is_default(key: str, value: Any) -> bool:
    default = DEFAULTS[key]
    if isinstance(default, str) and isinstance(value, (str, int, float)) and default.startswith("0:"):
        return _constant(value) == _constant(default)
    return bool(value == default)


def _constant(value: Any) -> float | None:
    """The one number that a curve is; None for any other."""
    try:
        return parse(value).constant
    except ExpressionError:
        return None


def _put(fields: Fields, target: _Target, value: Any, written: Any, ledger: Ledger, path: Path) -> None:
    """Take a value over into its field, or say why not."""
    try:
        if value is None:
            raise Unfit("", "It should be a number, or keyframes such as 0:(1.0), 30:(1.02)")
        fields[target.field] = checked("scenes", target.field, value)
    except Unfit as error:
        ledger.leave(path, f"{shown(written)} is no value for it: {error.right.rstrip('.')}")
        return
    ledger.take(path, target.field, target.remark if target.factor != 1 and written not in (0, "0:(0)") else "")


def _turned(value: Any, target: _Target) -> float | str | None:
    """The value as the field has it: a number where it is one for all frames; None where it cannot be read."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    constant = _constant(value)
    if constant is not None:
        return _rounded(target.added + target.factor * constant)
    if not isinstance(value, str) or ":" not in value:
        return None  # without keyframes the service would not have taken it either
    if (target.factor, target.added) == (1.0, 0.0):
        return " ".join(value.split())
    try:
        keyframes = read_schedule(value).keyframes
    except ExpressionError:
        return None
    pieces = []
    for frame, held in keyframes:
        number = frame if isinstance(frame, int) else frame.text.strip()
        line = Line("", held) if isinstance(held, float) else Line(held.text.strip(), 0.0)
        turned = line.scaled(target.factor, target.added).written()
        pieces.append(f"{number}: ({turned:.12g})" if isinstance(turned, float) else f"{number}: ({turned})")
    return ", ".join(pieces)


def _rounded(value: float) -> float:
    return float(f"{value:.12g}") + 0.0


def _choose(fields: Fields, key: str, value: Any, ledger: Ledger, path: Path) -> None:
    field, options = _CHOICES[key]
    text = str(value)
    if key == "seed":
        if isinstance(value, int) and value >= 0:
            fields["seed"] = value % 2**32
            ledger.take(path, "seed")
        else:
            ledger.idle.add(path)
    elif key == "diffusion_cadence_curve":
        _cadence(fields, value, ledger, path)
    elif key == "animation_mode":
        if text == DEFAULTS[key]:
            ledger.idle.add(path)
        else:
            ledger.take(path, "animation", "" if text == "2D" else _no_depth(text))
    elif text in options:
        fields[field], remark = options[text]
        ledger.take(path, field, remark)
    else:
        ledger.leave(path, f"{shown(value)} is none of {', '.join(options)}")


def _no_depth(text: str) -> str:
    if text == "Video Input":
        return "frames of a video are no source of pictures here: they move in their plane"
    return f"the camera of {text} moved in depth: here pictures move in their plane, by pixels"


def _cadence(fields: Fields, value: Any, ledger: Ledger, path: Path) -> None:
    number = _constant(value)
    remark = ""
    if number is None and isinstance(value, str):
        try:
            first = read_schedule(value).keyframes[0][1]
        except ExpressionError:
            first = None
        number = first if isinstance(first, float) else None
        remark = "it stays the same for a whole scene here: its first value is taken"
    if number is None or not 1 <= number <= 100:
        ledger.leave(path, f"{shown(value)} is no number of pictures from 1 to 100")
        return
    fields["cadence"] = round(number)
    ledger.take(path, "cadence", remark)


_REPLICATED = "it is filled by the picture's edge here"
_LAB = "colours are matched in LAB here"
_CHOICES: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]] = {
    "border": (
        "border",
        {
            "reflect": ("reflect", ""),
            "replicate": ("replicate", ""),
            "wrap": ("wrap", ""),
            "zero": ("replicate", _REPLICATED),
            "prefill": ("replicate", _REPLICATED),
        },
    ),
    "color_coherence": (
        "color_coherence",
        {"None": ("none", ""), "none": ("none", ""), "LAB": ("LAB", ""), "HSV": ("LAB", _LAB), "RGB": ("LAB", _LAB)},
    ),
    "seed": ("seed", {}),
    "diffusion_cadence_curve": ("cadence", {}),
    "animation_mode": ("animation", {}),
}

_INVERTED = ("invert_relationship_to_signal", "invert")
_PARTS = ("parameter_value", "param_max", "param_min", *_INVERTED)


def read_mappings(tables: Any, signals: Mapping[str, Line], ledger: Ledger, path: Path) -> Fields:
    """The fields that signals drive: `{target: {parameter_value, param_max, param_min, invert...}}`."""
    fields: Fields = {}
    if not isinstance(tables, Mapping):
        if tables:
            ledger.leave(path, "it is no table of mappings")
        return fields
    for name, table in tables.items():
        own = (*path, name)
        if name not in TARGETS:
            ledger.leave(own, f"nothing of that name is driven here ({_shortly(table)})")
        elif not isinstance(table, Mapping):
            ledger.leave(own, "it is no mapping")
        else:
            _map(fields, TARGETS[name], table, signals, ledger, own)
    return fields


def _shortly(table: Any) -> str:
    return shown(table.get("parameter_value")) if isinstance(table, Mapping) else shown(table)


def _map(
    fields: Fields, target: _Target, table: Mapping[str, Any], signals: Mapping[str, Line], ledger: Ledger, path: Path
) -> None:
    high, low = _number(table.get("param_max"), 1.0), _number(table.get("param_min"), 0.0)
    inverted = any(table.get(key) is True for key in _INVERTED)
    written = table.get("parameter_value")
    try:
        if high is None or low is None:
            raise NoFormula("its ends are no numbers")
        if isinstance(written, bool) or not isinstance(written, (int, float, str)):
            raise NoFormula("it has no expression")
        line = mapped(str(written), low, high, inverted, signals)
        fields[target.field] = checked("scenes", target.field, line.scaled(target.factor, target.added).written())
    except (NoFormula, Unfit) as why:
        reason = why.right.rstrip(".") if isinstance(why, Unfit) else str(why)
        ledger.leave(path, f"{shown(written)} is not taken over: {reason}")
        return
    for key in table:
        if key in _PARTS:
            ledger.take((*path, key), target.field, target.remark if key == "parameter_value" else "")


def _number(value: Any, default: float) -> float | None:
    if value is None:
        return default
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
