"""Stable Diffusion checkpoints of random weights, in the shapes of the trained ones: as fast, and nothing to download.

Every config is written out here. A picture of random weights shows nothing, but it takes the same work.
"""

from __future__ import annotations

import json
import string
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOKENS = 77
_CROSS_DOWN, _CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
_NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The configs of one kind of checkpoint; `text_2` belongs to SDXL. `size` in pixels is what it is measured at."""

    name: str
    size: int
    unet: Mapping[str, Any]
    vae: Mapping[str, Any]
    text: Mapping[str, Any]
    text_2: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_xl(self) -> bool:
        """Whether it has the two text encoders of SDXL."""
        return bool(self.text_2)


_VAE = {
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}
_CLIP_L = {
    "vocab_size": 49_408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
}
_CLIP_G = {
    "vocab_size": 49_408,
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "hidden_act": "gelu",
}
SD_15 = Shape(
    "SD 1.5",
    512,
    {
        "block_out_channels": (320, 640, 1280, 1280),
        "layers_per_block": 2,
        "sample_size": 64,
        "down_block_types": (_CROSS_DOWN,) * 3 + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + (_CROSS_UP,) * 3,
        "cross_attention_dim": 768,
        "attention_head_dim": 8,
    },
    _VAE | {"sample_size": 512},
    _CLIP_L,
)
SDXL = Shape(
    "SDXL",
    1024,
    {
        "block_out_channels": (320, 640, 1280),
        "layers_per_block": 2,
        "sample_size": 128,
        "down_block_types": ("DownBlock2D", _CROSS_DOWN, _CROSS_DOWN),
        "up_block_types": (_CROSS_UP, _CROSS_UP, "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "attention_head_dim": (5, 10, 20),
        "cross_attention_dim": 2048,
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
    _VAE | {"sample_size": 1024, "scaling_factor": 0.13025},
    _CLIP_L,
    _CLIP_G,
)
TINY = Shape(
    "tiny",
    64,
    {
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "sample_size": 8,
        "down_block_types": ("DownBlock2D", _CROSS_DOWN),
        "up_block_types": (_CROSS_UP, "UpBlock2D"),
        "norm_num_groups": 8,
        "cross_attention_dim": 32,
        "attention_head_dim": 8,
    },
    _VAE | {"block_out_channels": [16, 16, 16, 32], "layers_per_block": 1, "norm_num_groups": 8, "sample_size": 64},
    {
        "vocab_size": 256,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": 32,
    },
)


def build(shape: Shape, device: str, dtype: str = "float32") -> dict[str, Any]:
    """The networks of a shape by their names in the pipeline; on "meta" they take no memory."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    makers: dict[str, Callable[[], Any]] = {
        "unet": lambda: UNet2DConditionModel(in_channels=4, out_channels=4, **shape.unet),
        "vae": lambda: AutoencoderKL(in_channels=3, out_channels=3, **shape.vae),
        "text_encoder": lambda: CLIPTextModel(CLIPTextConfig(**_text(shape.text))),
    }
    if shape.is_xl:
        makers["text_encoder_2"] = lambda: CLIPTextModelWithProjection(CLIPTextConfig(**_text(shape.text_2)))
    torch.manual_seed(0)
    with torch.device(device):
        # one after another into the smaller type, so that only one is ever there in float32
        return {name: make().to(getattr(torch, dtype)) for name, make in makers.items()}


def parameters(shape: Shape) -> dict[str, int]:
    """How many weights each network has; nothing is filled with them."""
    return {name: sum(each.numel() for each in network.parameters()) for name, network in build(shape, "meta").items()}


def write_checkpoint(shape: Shape, folder: Path, device: str) -> None:
    """Write the checkpoint as a folder of diffusers: safetensors, in float16 as large ones are published.

    It is made on `device`: a GPU fills billions of weights in a second.
    """
    from diffusers import EulerDiscreteScheduler, PNDMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline

    _quiet()
    dtype = "float32" if shape is TINY else "float16"
    pieces = {**build(shape, device, dtype), "tokenizer": _tokenizer()}
    if shape.is_xl:
        scheduler = EulerDiscreteScheduler(**_NOISE, steps_offset=1, timestep_spacing="leading")
        pipeline = StableDiffusionXLPipeline(scheduler=scheduler, tokenizer_2=pieces["tokenizer"], **pieces)
    else:
        scheduler = PNDMScheduler(**_NOISE, steps_offset=1, skip_prk_steps=True, set_alpha_to_one=False)
        pieces |= {"safety_checker": None, "feature_extractor": None}
        pipeline = StableDiffusionPipeline(scheduler=scheduler, requires_safety_checker=False, **pieces)
    pipeline.save_pretrained(str(folder), safe_serialization=True)


def _quiet() -> None:
    """No bars and no advice of the libraries between the figures."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    for each in (of_diffusers, of_transformers):
        each.set_verbosity_error()
        each.disable_progress_bar()


def _tokenizer() -> Any:
    """A tokenizer of CLIP's kind that knows single letters only."""
    from transformers import CLIPTokenizer

    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        folder = Path(name)
        (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(_vocabulary())}))
        (folder / "merges.txt").write_text("#version: 0.2\n")
        return CLIPTokenizer.from_pretrained(str(folder), model_max_length=TOKENS, local_files_only=True)


def _vocabulary() -> list[str]:
    letters = [each for each in string.printable if not each.isspace()]
    return [*letters, *(each + "</w>" for each in letters), "<|startoftext|>", "<|endoftext|>"]


def _text(config: Mapping[str, Any]) -> dict[str, Any]:
    """A text encoder's config; it knows more tokens than the tokenizer has, and the last two of those are the ends."""
    end = len(_vocabulary()) - 1
    ends = {"bos_token_id": end - 1, "eos_token_id": end, "pad_token_id": end}
    return {**config, "max_position_embeddings": TOKENS, **ends}
