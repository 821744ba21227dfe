"""Stable Diffusion pipelines of a few thousand random weights, made from configurations alone: noise, but real ones.

The import of diffusers costs some seconds: make them in a fixture of the module or the session.
"""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

_TOKENS = 77
_VAE_DOUBLINGS = 3  # a latent pixel is 8 pixels, as in the real ones
_CHECKER_PIXELS = 32
_HIDDEN = 32
_SECOND = 48
"""The second text encoder is wider, as in the real ones: in a single file they are told apart by that."""


def tiny_pipeline(folder: Path, *, xl: bool = False, seed: int = 0, checker: bool = False) -> Path:
    """Save a pipeline of about 2 MB (safetensors) into `folder`, which it gives back.

    `xl`: of the shape of SDXL, with two text encoders. `checker`: with a safety checker, whose weights are random too:
    what it thinks of a picture means nothing.
    """
    import torch
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    tokenizer = _tokenizer(folder)
    parts: dict[str, Any] = {
        "vae": _vae(),
        "unet": _unet(xl),
        "scheduler": _scheduler(),
        "tokenizer": tokenizer,
        "text_encoder": CLIPTextModel(_words(len(tokenizer))),
    }
    if xl:
        second = CLIPTextModelWithProjection(_words(len(tokenizer), _SECOND))
        pipeline = StableDiffusionXLPipeline(**parts, tokenizer_2=tokenizer, text_encoder_2=second)
    else:
        safety = {"safety_checker": _checker(), "feature_extractor": _looker()} if checker else {}
        nothing = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
        pipeline = StableDiffusionPipeline(**parts, **(safety or nothing))
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    return folder


def tiny_pipelines(folder: Path) -> dict[str, Path]:
    """One of each kind in folders of their own, `sd` and `xl`."""
    return {"sd": tiny_pipeline(folder / "sd"), "xl": tiny_pipeline(folder / "xl", xl=True)}


def _tokenizer(folder: Path) -> Any:
    """Every printable character is a token, with or without the end of a word."""
    from transformers import CLIPTokenizer

    characters = [each for each in string.printable if not each.isspace()]
    vocabulary = [*characters, *(f"{each}</w>" for each in characters), "<|startoftext|>", "<|endoftext|>"]
    source = folder / "tokenizer"
    source.mkdir(parents=True, exist_ok=True)
    (source / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(vocabulary)}))
    (source / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(str(source), model_max_length=_TOKENS, local_files_only=True)


def _words(tokens: int, hidden: int = _HIDDEN) -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=tokens,
        hidden_size=hidden,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=_TOKENS,
        projection_dim=32,
        bos_token_id=tokens - 2,
        eos_token_id=tokens - 1,
        pad_token_id=tokens - 1,
    )


def _unet(xl: bool) -> Any:
    from diffusers import UNet2DConditionModel

    shape: dict[str, Any] = {
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "sample_size": 16,
        "in_channels": 4,
        "out_channels": 4,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "norm_num_groups": 8,
        "cross_attention_dim": _HIDDEN,
        "attention_head_dim": 8,
    }
    if xl:
        shape |= {
            "cross_attention_dim": _HIDDEN + _SECOND,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "transformer_layers_per_block": (1, 1),
            "use_linear_projection": True,
            "projection_class_embeddings_input_dim": 6 * 8 + 32,
        }
    return UNet2DConditionModel(**shape)


def _vae() -> Any:
    from diffusers import AutoencoderKL

    blocks = _VAE_DOUBLINGS + 1
    return AutoencoderKL(
        block_out_channels=[16, 16, 16, 32],
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=["DownEncoderBlock2D"] * blocks,
        up_block_types=["UpDecoderBlock2D"] * blocks,
        norm_num_groups=8,
        sample_size=128,
    )


def _scheduler() -> Any:
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def _checker() -> Any:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPVisionConfig

    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=_CHECKER_PIXELS,
        patch_size=8,
        projection_dim=16,
    )
    return StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision.to_dict(), projection_dim=16))


def _looker() -> Any:
    from transformers import CLIPImageProcessor

    edge = _CHECKER_PIXELS
    return CLIPImageProcessor(size={"shortest_edge": edge}, crop_size={"height": edge, "width": edge})
