"""The old notebook's way of making pictures by Stable Diffusion, written anew from its description.

One picture a call; attention in slices; the weights in float32, since the notebook loads what it kept without naming a
type; on a GPU every call under autocast. The prompt and the first picture are encoded anew for each variation.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest
from vktrs.picture import Picture


class NotebookPictures:
    """A checkpoint in memory and what the notebook does with it; the methods are those of our engine."""

    def __init__(self, checkpoint: Path, device: str, steps: int, guidance_scale: float) -> None:
        import torch
        from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image

        loaded = AutoPipelineForText2Image.from_pretrained(str(checkpoint), dtype=torch.float32, local_files_only=True)
        self._device, self._settings = device, {"num_inference_steps": steps, "guidance_scale": guidance_scale}
        self._text: Any = loaded.to(device)
        self._text.enable_attention_slicing()
        self._image: Any = AutoPipelineForImage2Image.from_pipe(self._text)
        for pipeline in (self._text, self._image):
            pipeline.set_progress_bar_config(disable=True)

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> list[Picture]:
        """Text to image, one after another."""
        return [self._call(self._text, each, width=each.width, height=each.height) for each in requests]

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> list[Picture]:
        """Image to image, one after another."""
        from PIL import Image

        first = Image.fromarray(keyframe.picture)
        return [self._call(self._image, each, image=first, strength=1 - each.consistency) for each in requests]

    def _call(self, pipeline: Any, request: KeyframeRequest | FrameRequest, **more: Any) -> Picture:
        import torch

        generator = torch.Generator(self._device).manual_seed(request.seed)
        with self._autocast():
            made = pipeline(
                request.prompt,
                negative_prompt=request.negative_prompt,
                generator=generator,
                **self._settings,
                **more,
            )
        return np.asarray(made.images[0])

    def _autocast(self) -> AbstractContextManager[Any]:
        import torch

        on_gpu = self._device.startswith("cuda")
        return torch.autocast("cuda", dtype=torch.float16) if on_gpu else nullcontext()

    def close(self) -> None:
        """Free the weights."""
        self._text = self._image = None
