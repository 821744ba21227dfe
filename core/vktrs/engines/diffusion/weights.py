"""What lies in a .safetensors file, read from its header alone: names, types and shapes of its tensors.

The format is a length (8 bytes, little endian), that many bytes of JSON, then the tensors
(https://huggingface.co/docs/safetensors). Unlike a pickle it holds nothing that runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from vktrs.errors import InputError, MissingError

Family: TypeAlias = Literal["sd1", "sd2", "xl"]

_LARGEST_HEADER = 100_000_000  # the format's own limit
_LENGTH = 8
UNET = "model.diffusion_model."
VAE = "first_stage_model."
_ONE_ENCODER = "cond_stage_model."
_TWO_ENCODERS = "conditioner.embedders."
_SD2_ENCODER = "cond_stage_model.model."
_LATENT_CHANNELS = 4
# Tensors without a use that say how a model was trained; NoobAI, Playground 2.5 and CosXL have them.
_VELOCITY, _ZERO_SNR = "v_pred", "ztsnr"
_EDM = ("edm_mean", "edm_std", "edm_vpred.sigma_max")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its type as the format calls it ("F16", "BF16", ...) and its shape."""

    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path) -> Mapping[str, Tensor]:
    """Every tensor of a file by its name; MissingError where the file is damaged or cut off, or cannot be read."""
    try:
        header, end = _raw_header(path)
        tensors = {
            name: Tensor(str(each["dtype"]), tuple(each["shape"]))
            for name, each in header.items()
            if name != "__metadata__"
        }
        size = path.stat().st_size
    except OSError as error:
        raise MissingError(
            f"{path} cannot be read: {error.strerror or error}.", "Give yourself the permission."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MissingError(f"{path} is no safetensors file, or it is damaged.", "Fetch it again.") from None
    if end > size:
        raise MissingError(f"{path} is cut off: {size} bytes are there of {end}.", "Fetch it again.")
    return tensors


def _raw_header(path: Path) -> tuple[dict[str, Any], int]:
    """The header as it stands there, and where the last tensor ends, in bytes."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if not 2 <= length <= _LARGEST_HEADER:
            raise ValueError(length)
        header = json.loads(file.read(length))
    ends = [each["data_offsets"][1] for name, each in header.items() if name != "__metadata__"]
    return header, _LENGTH + length + max(ends, default=0)


def family(path: Path, tensors: Mapping[str, Tensor]) -> Family:
    """Which Stable Diffusion a single file holds; InputError for anything else, with what it seems to be."""
    if not any(name.startswith(UNET) for name in tensors):
        raise InputError(f"{path} is no Stable Diffusion checkpoint: {_seems(tensors)}.", _right(tensors))
    first = tensors.get(UNET + "input_blocks.0.0.weight")
    if first is not None and len(first.shape) == _LATENT_CHANNELS and first.shape[1] != _LATENT_CHANNELS:
        raise InputError(f"{path} is made for filling in or enlarging pictures.", "Take a model that draws from words.")
    if any(name.startswith(_TWO_ENCODERS) for name in tensors):
        if not any(name.startswith(_TWO_ENCODERS + "1.") for name in tensors):
            raise InputError(f"{path} is the refiner of SDXL, which draws nothing by itself.", "Take the base model.")
        if any(name in tensors for name in _EDM):
            raise InputError(
                f"{path} is denoised in the way of EDM, as Playground 2.5 and CosXL are, which this engine cannot do.",
                "Take another checkpoint of SDXL.",
            )
        return "xl"
    return "sd2" if any(name.startswith(_SD2_ENCODER) for name in tensors) else "sd1"


def schedule(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """What a single file says itself of how it is to be denoised, as schedulers of diffusers call it.

    The marks are those that trainers and other programs agreed on. Zero terminal SNR wants trailing timesteps (Lin et
    al., "Common diffusion noise schedules and sample steps are flawed", 2024).
    """
    said: dict[str, Any] = {}
    if _VELOCITY in tensors:
        said |= {"prediction_type": "v_prediction"}
    if _ZERO_SNR in tensors:
        said |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return said


def has_encoder(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a single file brings the model that reads the prompt."""
    return any(name.startswith((_ONE_ENCODER, _TWO_ENCODERS)) for name in tensors)


def has_vae(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a single file brings the model that turns latents into pixels."""
    return any(name.startswith(VAE) for name in tensors)


def is_lora(tensors: Mapping[str, Tensor]) -> bool:
    """Whether these are the weights of a LoRA (also LyCORIS names); decided by the names alone."""
    return any("lora" in name.lower() or ".hada_" in name or ".lokr_" in name for name in tensors)


def wants_bfloat16(tensors: Mapping[str, Tensor]) -> bool:
    """Whether most of the tensors were saved as bfloat16, whose range float16 does not have."""
    unet = [each for name, each in tensors.items() if name.startswith(UNET)] or list(tensors.values())
    return 2 * sum(each.dtype == "BF16" for each in unet) > len(unet)


def _seems(tensors: Mapping[str, Tensor]) -> str:
    if is_lora(tensors):
        return "it is a LoRA"
    if any(name.startswith(("down_blocks.", "up_blocks.", "text_model.", "encoder.down_blocks.")) for name in tensors):
        return "it is one part of a model that belongs into a folder"
    if any("double_blocks." in name or "joint_blocks." in name for name in tensors):
        return "it is another kind of model, such as Flux or Stable Diffusion 3"
    return "it has no denoising network of the usual names"


def _right(tensors: Mapping[str, Tensor]) -> str:
    if is_lora(tensors):
        return "Write it under [engines.diffusers.loras], and the model it was made for as `model`."
    return "Take a checkpoint of Stable Diffusion 1, 2 or XL: one .safetensors file, or a folder with model_index.json."
