"""Turns a pipeline folder of diffusers into one .safetensors file with the names of the original Stable Diffusion.

The inverse of what `from_single_file` does, for any number of blocks, so that a tiny pipeline can be loaded the way
that files from model sites are. Stable Diffusion 1 and XL; the configs stay in the folder.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_OPEN_CLIP = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm": "ln_final",
    "encoder.layers": "transformer.resblocks",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def single_file(folder: Path, file: Path, *, without: tuple[str, ...] = (), dtype: str | None = None) -> Path:
    """Write the weights of a pipeline folder into `file`, which is given back; `without` leaves parts out.

    `dtype` is a name of torch such as "bfloat16"; None keeps what there is.
    """
    import torch
    from safetensors.torch import save_file

    xl = (folder / "text_encoder_2").is_dir()
    parts = {"unet": _unet(folder), "vae": _vae(folder), "text_encoder": _first_encoder(folder, xl)}
    if xl:
        parts["text_encoder_2"] = _second_encoder(folder)
    tensors = {name: value for part, own in parts.items() if part not in without for name, value in own.items()}
    if dtype is not None:
        tensors = {name: value.to(getattr(torch, dtype)) for name, value in tensors.items()}
    save_file({name: value.contiguous().clone() for name, value in tensors.items()}, str(file))
    return file


def configs_only(folder: Path, target: Path) -> Path:
    """A copy of a pipeline folder without its weights."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".safetensors":
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return target


def _weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return {name: value for path in sorted(folder.glob("*.safetensors")) for name, value in load_file(path).items()}


def _renamed(name: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        name = re.sub(rf"(^|\.){re.escape(old)}(\.|$)", rf"\g<1>{new}\g<2>", name)
    return name


def _unet(folder: Path) -> dict[str, Any]:
    layers = json.loads((folder / "unet/config.json").read_text())["layers_per_block"]
    weights = _weights(folder / "unet")
    with_attention = {
        int(name.split(".")[1]) for name in weights if name.startswith("up_blocks") and ".attentions." in name
    }
    found = {}
    for name, value in weights.items():
        new = _unet_block(name, layers, with_attention) or _renamed(name, _UNET)
        found["model.diffusion_model." + (new if ".attentions." in name else _renamed(new, _RESNET))] = value
    return found


def _unet_block(name: str, layers: int, with_attention: set[int]) -> str | None:
    """The original name of what lies in a block on the way down or up; None for anything else."""
    match = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)", name)
    if match is None:
        return None
    way, block, kind, layer, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if kind == "downsamplers":
        return f"input_blocks.{(block + 1) * (layers + 1)}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        return f"output_blocks.{block * (layers + 1) + layers}.{1 + (block in with_attention)}.{rest}"
    at = block * (layers + 1) + layer + (way == "down")
    return f"{'input' if way == 'down' else 'output'}_blocks.{at}.{int(kind == 'attentions')}.{rest}"


def _vae(folder: Path) -> dict[str, Any]:
    blocks = len(json.loads((folder / "vae/config.json").read_text())["block_out_channels"])
    found = {}
    for name, value in _weights(folder / "vae").items():
        new = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda at: f"up.{blocks - 1 - int(at[1])}.block.{at[2]}", new)
        new = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda at: f"up.{blocks - 1 - int(at[1])}.upsample", new)
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda at: f"mid.block_{int(at[1]) + 1}", new)
        new = new.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_norm_out", "norm_out")
        new = new.replace("conv_shortcut", "nin_shortcut")
        if ".attn_1." in new:
            new = _renamed(new, _VAE_ATTENTION)
            value = (
                value if value.dim() == 1 or "norm" in new else value[:, :, None, None]
            )  # a linear layer was a 1x1 convolution
        found["first_stage_model." + new] = value
    return found


def _encoder(folder: Path) -> dict[str, Any]:
    """The weights of a text encoder, named as before transformers 5.6 took a layer of the names out."""
    return {name.removeprefix("text_model."): value for name, value in _weights(folder).items()}


def _first_encoder(folder: Path, xl: bool) -> dict[str, Any]:
    prefix = "conditioner.embedders.0.transformer." if xl else "cond_stage_model.transformer."
    return {f"{prefix}text_model.{name}": value for name, value in _encoder(folder / "text_encoder").items()}


def _second_encoder(folder: Path) -> dict[str, Any]:
    import torch

    found: dict[str, Any] = {}
    weights = _encoder(folder / "text_encoder_2")
    for name, value in weights.items():
        if name == "text_projection.weight":
            found["text_projection"] = value.T
        elif match := re.fullmatch(r"encoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)", name):
            three = [weights[name.replace(".q_proj.", f".{each}_proj.")] for each in "qkv"]
            found[f"transformer.resblocks.{match[1]}.attn.in_proj_{match[2]}"] = torch.cat(three)
        elif not re.search(r"\.[kv]_proj\.", name):
            found[_renamed(name, _OPEN_CLIP)] = value
    return {f"conditioner.embedders.1.model.{name}": value for name, value in found.items()}
