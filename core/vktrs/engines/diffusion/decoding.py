"""Between pictures and latents: the model's autoencoder, a few pictures at a time, in float32 where half is not enough.

Latents are `(n, 4, height / 8, width / 8)`, scaled as the model wants them; a sheet is a picture as a tensor on the
device, `(3, height, width)`, uint8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from vktrs.engines.diffusion.memory import give_back, is_out_of_memory
from vktrs.engines.diffusion.tiling import Tiles
from vktrs.picture import Picture

_PIXELS_AT_ONCE = 2**19  # two pictures of 512x512: the GPU is busy, and memory does not decide the batch


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A picture, and the same as a sheet, from which another can be made without the way back to the device."""

    picture: Picture
    sheet: Any


class Coder:
    """Pictures to latents and back, on the device. Call it where torch is in inference mode."""

    def __init__(self, pipeline: Any, device: str, remark: Callable[[str], None], *, upcast: bool) -> None:
        """`upcast`: the checkpoint says that its autoencoder overflows in half precision."""
        self._vae = pipeline.vae
        self._grid = int(pipeline.vae_scale_factor)
        self._device = device
        self._remark = remark
        self._to_be_upcast = upcast
        self._tiles_in = Tiles(self._vae, self._grid, device, remark, "encode")
        self._tiles_out = Tiles(self._vae, self._grid, device, remark, "decode")

    def make_ready(self) -> None:
        """Have the autoencoder in the precision that it needs. Memory may end in that: then call it again."""
        if self._to_be_upcast:
            self._to_float32()

    def sheet(self, picture: Picture) -> Any:
        """The picture on the device."""
        import torch

        return torch.from_numpy(np.array(picture)).to(self._device).permute(2, 0, 1).contiguous()

    def encode(self, pixels: Any) -> Any:
        """The latents `(1, 4, h, w)` of a sheet, or of one with numbers between the levels; the most likely ones, so
        that nothing here is random."""
        import torch

        longest = max(pixels.shape[-2:]) // self._grid
        for _ in range(2):
            latents = self._tiles_in.fit(partial(self._encode, pixels[None]), longest)
            if self._is_float32() or bool(torch.isfinite(latents).all()):
                break
            self._overflowed()
        return self._scaled(latents.float())

    def _encode(self, pixels: Any) -> Any:
        self.make_ready()
        return self._vae.encode((pixels.float() / 127.5 - 1).to(self._vae.dtype)).latent_dist.mode()

    def decode(self, latents: Any) -> list[Decoded | None]:
        """The pictures; None for one whose numbers overflow even in float32."""
        import torch

        if not len(latents):
            return []
        pixels = latents.shape[-1] * latents.shape[-2] * self._grid**2
        at_once = max(1, min(len(latents), _PIXELS_AT_ONCE // pixels))
        sheets, whole = [], []
        start = 0
        while start < len(latents):
            decoded = self._decode_or_less(latents[start : start + at_once], at_once)
            if decoded is None:
                at_once = 1
                continue
            start += len(decoded)
            whole.append(torch.isfinite(decoded).flatten(1).all(dim=1))
            sheets.append((decoded.float() / 2 + 0.5).clamp(0, 1).mul(255).round().to(torch.uint8))
        good = torch.cat(whole).tolist()
        return [each if fine else None for each, fine in zip(fetched(torch.cat(sheets)), good, strict=True)]

    def _decode_or_less(self, latents: Any, at_once: int) -> Any | None:
        """Decoded pixels; None where there was no memory for several at once."""
        if at_once == 1:
            return self._tiles_out.fit(partial(self._decode, latents), max(latents.shape[-2:]))
        try:
            return self._decode(latents)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        give_back(self._device)
        return None

    def _decode(self, latents: Any) -> Any:
        import torch

        self.make_ready()
        decoded = self._vae.decode(self._unscaled(latents.float()).to(self._vae.dtype), return_dict=False)[0]
        if self._is_float32() or bool(torch.isfinite(decoded).all()):
            return decoded
        del decoded
        self._overflowed()
        return self._vae.decode(self._unscaled(latents.float()), return_dict=False)[0]

    def _overflowed(self) -> None:
        self._remark("The model's autoencoder overflows in half precision; it works in float32 from here on.")
        self._to_float32()

    def _is_float32(self) -> bool:
        import torch

        return bool(self._vae.dtype == torch.float32)

    def _to_float32(self) -> None:
        import torch

        self._to_be_upcast = True  # until all of it is: memory may end half way
        self._vae.to(dtype=torch.float32)
        self._to_be_upcast = False

    def _scaled(self, latents: Any) -> Any:
        mean, spread, scale = self._scale(latents)
        return (latents - mean) * scale / spread

    def _unscaled(self, latents: Any) -> Any:
        mean, spread, scale = self._scale(latents)
        return latents * spread / scale + mean

    def _scale(self, latents: Any) -> tuple[Any, Any, float]:
        """What is taken off, the spread of each channel, and the factor; some checkpoints give only the last."""
        import torch

        config = self._vae.config
        mean, spread = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
        if mean is None or spread is None:
            return getattr(config, "shift_factor", None) or 0.0, 1.0, config.scaling_factor
        channels = [torch.tensor(each, device=latents.device).view(1, -1, 1, 1) for each in (mean, spread)]
        return channels[0], channels[1], config.scaling_factor


def fetched(sheets: Any) -> list[Decoded]:
    """So many sheets `(n, 3, height, width)`, with the pictures that they are."""
    pictures = sheets.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return [Decoded(picture, sheet) for picture, sheet in zip(pictures, sheets, strict=True)]
