"""Projects of the old notebook as it left them behind: its storyboard.yaml, written after its format, and files.

Everything that stands in such a file is here at least once: what the notebook wrote, what people wrote into it, and the
settings that it attached to every scene.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from tests.real.projects import SECONDS, write_song

NAME = "1685577600-123"
"""The notebook named projects for the time at which they began."""

SERVICE = {
    "width": 512, "height": 512, "sampler": "K_dpmpp_2m", "model": "stable-diffusion-xl-1024-v0-9", "custom_model": "",
    "seed": -1, "cfg_scale": 7, "clip_guidance": "None", "init_image": "", "init_sizing": "stretch", "mask_path": "",
    "mask_invert": False, "preset": "None", "animation_mode": "3D warp", "max_frames": 72, "border": "replicate",
    "noise_add_curve": "0:(0.02)", "noise_scale_curve": "0:(0.99)", "strength_curve": "0:(0.65)",
    "steps_curve": "0:(30)", "steps_strength_adj": False, "interpolate_prompts": False, "locked_seed": False,
    "angle": "0:(0)", "zoom": "0:(1)", "translation_x": "0:(0)", "translation_y": "0:(0)", "translation_z": "0:(0)",
    "rotation_x": "0:(0)", "rotation_y": "0:(0)", "rotation_z": "0:(0)", "diffusion_cadence_curve": "0:(1)",
    "cadence_interp": "mix", "cadence_spans": False, "color_coherence": "LAB", "brightness_curve": "0:(1.0)",
    "contrast_curve": "0:(1.0)", "hue_curve": "0:(0.0)", "saturation_curve": "0:(1.0)", "lightness_curve": "0:(0.0)",
    "color_match_animate": True, "depth_model_weight": 0.3, "near_plane": 200, "far_plane": 10000,
    "fov_curve": "0:(25)", "depth_blur_curve": "0:(0.0)", "depth_warp_curve": "0:(1.0)", "save_depth_maps": False,
    "camera_type": "perspective", "render_mode": "mesh", "mask_power": 0.3, "use_inpainting_model": False,
    "inpaint_border": False, "mask_min_value": "0:(0.25)", "mask_binarization_thr": 0.5, "save_inpaint_masks": False,
    "video_init_path": "", "extract_nth_frame": 1, "video_mix_in_curve": "0:(0.02)", "video_flow_warp": True,
    "fps": 12, "reverse": False,
}  # fmt: skip
"""What the notebook attached to a scene where nobody changed anything: the service's defaults."""

PULSE = [[0.0, 0.0], [0.5, 1.0], [0.75, 0.25], [2.0, 0.5]]


def scene(index: int, start: float, end: float, text: str, label: int, theme: str, **own: Any) -> dict[str, Any]:
    """One entry of `prompt_starts`, as it stands there behind the last step of the notebook."""
    return {
        "start": start,
        "end": end,
        "text": f" {text}" if text else "",
        "scene_id": index,
        "duration_": end - start,
        "anim_start": start,
        "frames": int((end - start) * 12),
        "anim_duration": end - start,
        "structural_segmentation_label": label,
        "_theme": theme,
        "animation_args": {**SERVICE, **own.pop("args", {})},
        "n_variations": 8,
        "image_consistency": 0.72,
        "animation_mode": "variations tsp",
        **own,
    }


def whole_project() -> dict[str, Any]:
    """A project that went all the way: four scenes in all modes, two signals, mappings, images."""
    wedding, dance = "zombie wedding", "zombie dance party"
    content = f"/content/drive/{NAME}/frames"
    return {
        "params": {
            "video_url": "https://www.example.org/watch?v=REojIUxX4rw",
            "audio_fpath": "shared_assets/DOWNLOADED__Fine.wav",
            "video_duration": SECONDS,
            "fps": 12,
            "theme_prompt": f"{wedding} | {dance} | ",
            "height": 32,
            "width": 48,
            "output_filename": f"/content/drive/{NAME}/output.mp4",
        },
        "prompt_starts": [
            scene(0, 0, 1.0, "first light", 1, dance, frame0_fpath=f"{content}/0-anchor.png",
                  _prompt=f" first light, {dance}"),
            scene(1, 1.0, 2.0, "second street", 0, wedding, animation_mode="img2img",
                  args={"zoom": "0:(1.0), 6:(1.05)", "translation_x": "0:(2)", "angle": "0: (3*sin(t/6))"},
                  frame0_fpath=f"{content}/1-anchor.png", _prompt=f" first light  second street, {wedding}"),
            scene(2, 2.0, 3.5, "", 0, dance, animation_mode="static", n_variations=1, inferred_subscene=True,
                  prompt="a quiet hill"),
            scene(3, 3.5, 5.0, "last song", 1, dance, animation_mode="variations", image_consistency=0.5,
                  frame_order=[f"{content}/3-anchor.png"], dynamic_fps="0:(12), 9:(24)", my_note="make it blue"),
        ],
        "signals": {
            "noise_reactive": {
                "curve": [[time, value, "previous"] for time, value in PULSE],
                "loop": False,
                "bounce": False,
                "duration": 2.0,
                "label": "noise_reactive",
            },
        },
        "signal_mappings": {
            "noise_add_curve": {
                "parameter_value": "noise_reactive[t]*(.06-.03) + .03",
                "param_max": 1,
                "param_min": 0,
                "invert_relationship_to_signal": False,
            },
            "strength_curve": {
                "parameter_value": "noise_reactive[t]",
                "param_max": 0.8,
                "param_min": 0.4,
                "invert_relationship_to_signal": True,
            },
            "steps_curve": {"parameter_value": "30", "param_max": 1, "param_min": 0},
        },
    }  # fmt: skip


def notebook_config(**own: Any) -> dict[str, Any]:
    """The notebook's config.yaml."""
    return {
        "active_project": NAME,
        "application_root": "/content/drive/MyDrive",
        "project_root": "${application_root}/${active_project}",
        "shared_assets_root": "${application_root}/shared_assets",
        "gdrive_mounted": True,
        "use_stability_api": False,
        "model_dir": "/content/drive/MyDrive/.cache",
        "output_dir": "${project_root}/frames",
        **own,
    }


def as_yaml(tree: Any) -> str:
    """As OmegaConf writes it: blocks, in the order of the keys."""
    return yaml.safe_dump(tree, sort_keys=False, default_flow_style=False, allow_unicode=True)


def write_notebook(folder: Path, tree: Any | None = None, config: dict[str, Any] | None = None) -> Path:
    """The notebook's folder with a project, its song and its pictures in it; the path of its storyboard.yaml."""
    home = folder / NAME
    (home / "frames").mkdir(parents=True)
    (folder / "shared_assets").mkdir()
    write_song(folder / "shared_assets" / "DOWNLOADED__Fine.wav")
    for number, name in enumerate(("0-anchor", "0-abcde", "0-fghij", "1-anchor", "3-anchor")):
        Image.new("RGB", (48, 32), (40 * number, 90, 200 - 30 * number)).save(home / "frames" / f"{name}.png")
    (folder / "config.yaml").write_text(as_yaml(notebook_config() if config is None else config), "utf-8")
    file = home / "storyboard.yaml"
    file.write_text(as_yaml(whole_project() if tree is None else tree), "utf-8")
    return file
