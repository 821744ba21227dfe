"""The tables of Deforum's settings files, with its names for everything. Pure.

Two of its ways decide how they are written. Where `legacy_colormatch` is on, it makes the colours of every frame those
of the last one whose strength was 0, and it draws such a frame from its prompt alone: so the first frame of each scene
has strength 0, and the picture of the scene, where the file has one, is taken for it whole (`strength` 1). And a
schedule with math in it holds until the next keyframe: so the seeds of a whole song count up from each scene's own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from vktrs.expressions import as_schedule
from vktrs.interop.deforum.stretches import Stretch, Whole

Settings = dict[str, Any]

MOST_CADENCE = 50
_SEEDS = 2**32
_USUAL_GUIDANCE = 7.0

_SCHEDULES: Mapping[str, tuple[str, float]] = {
    "zoom": ("zoom", 1e-4),
    "angle": ("angle", 0.01),
    "translation_x": ("translation_x", 0.05),
    "translation_y": ("translation_y", 0.05),
    "transform_center_x": ("transform_center_x", 5e-4),
    "transform_center_y": ("transform_center_y", 5e-4),
    "noise": ("noise_schedule", 5e-4),
}
"""Each parameter by Deforum's name, and how far a schedule may be off: less than anybody sees, even summed up."""

STRENGTH_TOLERANCE = 2e-3
GUIDANCE_TOLERANCE = 0.02

_OFF: Settings = {
    "animation_mode": "2D",
    "animation_prompts_positive": "",
    "animation_prompts_negative": "",
    "seed_iter_N": 1,
    "strength_0_no_init": True,
    "use_mask": False,
    "enable_perspective_flip": False,
    "contrast_schedule": "0: (1)",
    "amount_schedule": "0: (0)",
    "enable_noise_multiplier_scheduling": True,
    "noise_multiplier_schedule": "0: (1)",
    "enable_steps_scheduling": False,
    "enable_sampler_scheduling": False,
    "enable_checkpoint_scheduling": False,
    "enable_subseed_scheduling": False,
    "legacy_colormatch": True,
    "color_force_grayscale": False,
    "optical_flow_cadence": "None",
    "optical_flow_redo_generation": "None",
    "diffusion_redo": "0",
    "noise_type": "uniform",
    "hybrid_composite": "None",
    "hybrid_motion": "None",
    "parseq_manifest": "",
    "use_looper": False,
    "resume_from_timestring": False,
    "motion_preview_mode": False,
    "frame_interpolation_engine": "None",
    "skip_video_creation": False,
}
"""What would change the pictures if it were left as it happens to be: math on them that this program does not do."""


def scene_settings(stretch: Stretch, whole: Whole) -> Settings:
    """The settings of one scene, whose first frame is frame 0."""
    return {
        **_common(whole, f"{whole.title}_{stretch.name}", stretch.frames),
        **_schedules([stretch], whole),
        **_picture(stretch),
        "seed": _seed(stretch),
        "seed_behavior": "iter",
        "prompts": {"0": prompt_text(stretch)},
        "border": _border([stretch]),
        "color_coherence": _coherence([stretch]),
        "diffusion_cadence": _cadence([stretch]),
        "add_soundtrack": "None",
        "soundtrack_path": "",
    }


def song_settings(stretches: Sequence[Stretch], whole: Whole) -> Settings:
    """The settings of all scenes (at least one), one after another from frame 0."""
    frames = sum(each.frames for each in stretches)
    pictures = {str(each.first): each.picture for each in stretches if each.picture}
    return {
        **_common(whole, whole.title, frames),
        **_schedules(stretches, whole),
        **_picture(stretches[0]),
        "seed": _seed(stretches[0]),
        "seed_behavior": "schedule",
        "seed_schedule": ", ".join(_counted(each) for each in stretches),
        "prompts": {str(each.first): prompt_text(each) for each in stretches},
        "border": _border(stretches),
        "color_coherence": _coherence(stretches),
        "diffusion_cadence": _cadence(stretches),
        **({"init_images": json.dumps(pictures, ensure_ascii=False, indent=4)} if pictures else {}),
        "add_soundtrack": "File" if whole.sound else "None",
        "soundtrack_path": whole.sound or "",
    }


def _common(whole: Whole, name: str, frames: int) -> Settings:
    engine = {"sampler": whole.sampler, "steps": whole.steps}
    return {
        "W": whole.width,
        "H": whole.height,
        "batch_name": re.sub(r"[^\w.-]+", "_", name).strip("_") or "vktrs",
        "max_frames": frames,
        "fps": int(whole.fps) if whole.fps == int(whole.fps) else round(whole.fps, 3),
        **{key: value for key, value in engine.items() if value is not None},
        **_OFF,
    }


def _schedules(stretches: Sequence[Stretch], whole: Whole) -> Settings:
    out: Settings = {}
    for name, (key, tolerance) in _SCHEDULES.items():
        out[key] = as_schedule([value for each in stretches for value in each.column(name)], tolerance)
    out["strength_schedule"] = as_schedule(list(kept(stretches)), STRENGTH_TOLERANCE)
    usual = _USUAL_GUIDANCE if whole.guidance_scale is None else whole.guidance_scale
    guidance = [value for each in stretches for value in each.values["guidance_scale"] or [usual] * each.frames]
    out["cfg_scale_schedule"] = as_schedule(guidance, GUIDANCE_TOLERANCE)
    return out


def kept(stretches: Sequence[Stretch]) -> Iterator[float]:
    """`strength_schedule` in each frame: 0 in the first frame of every scene that is drawn."""
    cadence = _cadence(stretches)
    for each in stretches:
        values = each.kept()
        drawn = -each.first % cadence if len(stretches) > 1 else 0
        if drawn < each.frames:
            values[drawn] = 0.0
        yield from values


def _picture(stretch: Stretch) -> Settings:
    if stretch.picture is None:
        return {"use_init": False, "init_image": "", "strength": 0.0}
    return {"use_init": True, "init_image": stretch.picture, "strength": 1.0}


def _seed(stretch: Stretch) -> int:
    """The scene's seed, low enough that the seeds of all its frames are ones."""
    return stretch.seed if stretch.seed + stretch.frames <= _SEEDS else stretch.seed - stretch.frames


def _counted(stretch: Stretch) -> str:
    seed = _seed(stretch)
    offset = seed - stretch.first
    return f"{stretch.first}: (t {'+' if offset >= 0 else '-'} {abs(offset)})"


def prompt_text(stretch: Stretch) -> str:
    """The prompt, and what is not wanted behind `--neg`; without what Deforum would take for math or that mark."""
    texts = (stretch.prompt, stretch.negative_prompt)
    prompt, negative = (text.replace("`", "'").replace("--neg", "neg") for text in texts)
    return f"{prompt} --neg {negative}" if negative.strip() else prompt


def _border(stretches: Sequence[Stretch]) -> str:
    found = most_common(stretches, lambda each: each.border)
    return found if found in ("replicate", "wrap") else "replicate"


def _coherence(stretches: Sequence[Stretch]) -> str:
    return "LAB" if most_common(stretches, lambda each: each.color_coherence) == "LAB" else "None"


def _cadence(stretches: Sequence[Stretch]) -> int:
    return min(int(most_common(stretches, lambda each: each.cadence if each.moves else 1)), MOST_CADENCE)


def most_common(stretches: Sequence[Stretch], what: Callable[[Stretch], Any]) -> Any:
    """What most frames have, where a file has room for one; moving scenes alone decide, where there are any."""
    voters = [each for each in stretches if each.moves] or stretches
    votes: Counter[Any] = Counter()
    for each in voters:
        votes[what(each)] += each.frames
    return votes.most_common(1)[0][0]
