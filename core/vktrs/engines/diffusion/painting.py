"""The denoising itself: words and seeds in, latents out, watched step by step.

Each picture has a random generator of its own, on the CPU, so that it is the same on every device and in every batch.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

from vktrs.engines.diffusion.options import Options
from vktrs.engines.diffusion.prompts import Words, as_arguments
from vktrs.engines.pictures import Workplace
from vktrs.errors import Stopped

_FINEST = 200  # steps that the whole way is divided into for a single one; with 1000 some schedulers overflow
_ROUNDING = 1e-6  # 1 - 0.9 is a little less than 0.1


def schedule(consistency: float, steps: int, most: int, least: int = 1) -> tuple[int, float]:
    """Steps and strength that diffusers is given, so that it denoises exactly what `consistency` (0 to below 1) leaves.

    Where that is less than one of the `steps`, the whole way is divided more finely until it is one; at most into
    `most` steps, which is as far as a scheduler knows its way. `least` steps are always made.

    >>> schedule(0.72, 50, 1000)
    (50, 0.29)
    >>> schedule(0.9, 4, 1000)
    (10, 0.15)
    """
    share = 1 - consistency
    steps = max(steps, min(most, math.ceil(1 / share - _ROUNDING)))
    denoised = max(least, math.floor(steps * share + _ROUNDING))
    return steps, min(1.0, (denoised + 0.5) / steps)  # diffusers rounds down


def limits(scheduler: Any) -> tuple[int, int]:
    """The most steps that the scheduler is to divide its way into, and the fewest that change anything.

    The last step of most schedulers starts where there is no noise left, so that alone it would change nothing.
    """
    config = scheduler.config
    distilled = config.get("original_inference_steps")
    ends_with_noise = distilled or config.get("timestep_spacing") == "trailing"
    return min(distilled or _FINEST, config.num_train_timesteps), 1 if ends_with_noise else 2


class Painter:
    """Drives the two pipelines; call it where torch is in inference mode.

    Raises Stopped within a step where the workplace says so; the pipelines can be used again after that.
    """

    def __init__(self, text: Any, image: Any, device: str, options: Options, workplace: Workplace) -> None:
        self._text = text
        self._image = image
        self._device = device
        self._options = options
        self._workplace = workplace
        for pipeline in (text, image):
            if hasattr(pipeline, "watermark"):
                pipeline.watermark = None  # it would be painted into latents

    def from_words(self, words: Sequence[Words], seeds: Sequence[int], width: int, height: int) -> Any:
        """The latents of so many pictures; width and height in pixels."""
        size = {"width": width, "height": height}
        return self._call(self._text, words, seeds, num_inference_steps=self._options.steps, **size)

    def from_latents(
        self,
        start: Any,
        words: Sequence[Words],
        seeds: Sequence[int],
        consistency: float,
        guidance_scale: float | None = None,
    ) -> Any:
        """The latents of so many pictures that start from the same one, `(1, 4, h, w)`; 0 <= consistency < 1.

        `guidance_scale` None: the one of the options.
        """
        steps, strength = schedule(consistency, self._options.steps, *limits(self._image.scheduler))
        image = start.to(words[0].prompt.dtype).repeat(len(seeds), 1, 1, 1)
        settings = {"num_inference_steps": steps, "image": image, "strength": strength}
        if guidance_scale is not None:
            settings["guidance_scale"] = guidance_scale
        return self._call(self._image, words, seeds, **settings)

    @contextlib.contextmanager
    def in_float32(self) -> Iterator[None]:
        """What is read and painted inside is computed in float32; the weights are as they were afterwards."""
        import torch

        names = ("unet", "text_encoder", "text_encoder_2")
        modules = [each for name in names if (each := getattr(self._text, name, None)) is not None]
        before = [module.dtype for module in modules]
        try:
            for module in modules:
                module.to(dtype=torch.float32)
            yield
        finally:
            for module, kind in zip(modules, before, strict=True):
                module.to(dtype=kind)

    def _call(self, pipeline: Any, words: Sequence[Words], seeds: Sequence[int], **settings: Any) -> Any:
        import torch

        return pipeline(
            **as_arguments(words),
            **{"guidance_scale": self._options.guidance_scale, **settings},
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            output_type="latent",
            callback_on_step_end=_Watch(self._workplace, len(seeds), self._device),
        ).images


class _Watch:
    """Looks up after every step: tells how far it is, and ends it where somebody asked for that."""

    def __init__(self, workplace: Workplace, pictures: int, device: str) -> None:
        self._workplace = workplace
        self._pictures = pictures
        self._device = device
        self._before: Any = None

    def __call__(self, pipeline: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        del timestep
        if self._device.startswith("cuda"):
            self._wait_for_last_step()
        if self._workplace.is_stopped():
            raise Stopped
        self._workplace.step(self._pictures, index + 1, pipeline.num_timesteps)
        return tensors

    def _wait_for_last_step(self) -> None:
        """CUDA only queues the work: without this the program would be steps ahead of what it tells."""
        import torch

        if self._before is not None:
            self._before.synchronize()
        # Asked for by its name: the current device is another one where the user chose, say, cuda:1.
        self._before = torch.cuda.current_stream(self._device).record_event()
