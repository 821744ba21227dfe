"""One batch at a time: painted, decoded and judged; fewer, or a part of the model at a time, where memory ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from vktrs.engines.diffusion.batches import Batches
from vktrs.engines.diffusion.decoding import Coder
from vktrs.engines.diffusion.jobs import BLANK, CRAMPED, FLAGGED, OVERFLOWED, Drawn, Job, Request
from vktrs.engines.diffusion.loading import Loaded
from vktrs.engines.diffusion.memory import (
    Meter,
    free_bytes,
    give_back,
    is_accelerator,
    is_out_of_memory,
    largest_part,
    unclear_words,
)
from vktrs.engines.diffusion.painting import Painter
from vktrs.engines.diffusion.safety import SafetyChecker, is_blank
from vktrs.errors import Halted, InputError, MissingError

_MOST_ON_ACCELERATOR = 32  # more at once is hardly faster, and a stop would wait for longer
_PIXELS_ON_CPU = 2**18  # one picture of 512x512 at once: there a batch saves nothing but calls
_MOST_ON_CPU = 8
_BYTES_A_PIXEL = 1500.0  # for each byte of a number, with guidance: a first guess

Paint = Callable[[Sequence[Job[Request]]], Any]
"""Makes the latents of a batch, `(n, 4, h, w)`."""

T = TypeVar("T")


class Drawing:
    """Makes batches with a model, and remembers what fits into its memory. `most` at once is the user's wish."""

    def __init__(
        self,
        loaded: Loaded,
        painter: Painter,
        coder: Coder,
        checker: SafetyChecker | None,
        remark: Callable[[str], None],
        most: int | None,
    ) -> None:
        self._loaded = loaded
        self._painter = painter
        self._coder = coder
        self._checker = checker
        self._remark = remark
        self._offloaded = loaded.offloaded
        self._part = largest_part(loaded.text)
        self._overflowed = False
        self._unclear = ""
        self._batches = Batches(
            lambda pixels: _most(loaded.device, pixels) if most is None else max(1, most),
            self._free_bytes,
            _BYTES_A_PIXEL * loaded.dtype.itemsize,
        )

    def size(self, pixels: int, waiting: int) -> int:
        """How many pictures of so many pixels to make together, of those that are waiting."""
        return self._batches.size(pixels, waiting)

    def draw(self, batch: Sequence[Job[Request]], paint: Paint[Request]) -> list[Drawn] | None:
        """What came of each; None where there was not enough memory for them.

        Raises Halted where the device fails, MissingError where not even one picture has room, InputError where the
        model and its options do not go together, and what `paint` raises.
        """
        return self.attempt(lambda: self._draw_all(batch, paint))

    def attempt(self, work: Callable[[], T]) -> T | None:
        """What a work on the device gives, in torch's inference mode; None where there was not enough memory for it.

        Raises Halted where the device fails, and what `work` raises of its own.
        """
        import torch

        try:
            with torch.inference_mode():
                return work()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                reason = str(error).strip().partition("\n")[0]
                raise Halted(f"{self._loaded.device} cannot make pictures: {reason}.", "`vktrs doctor`") from error
            self._unclear = unclear_words(error)
        # Only here is the failed call's own memory no longer held by the error.
        give_back(self._loaded.device)
        return None

    def _draw_all(self, batch: Sequence[Job[Request]], paint: Paint[Request]) -> list[Drawn]:
        import torch

        self._with_room(self._coder.make_ready, batch[0])
        meter = Meter(self._loaded.device)
        latents = _painted(batch, paint)
        self._batches.worked(batch[0].pixels, len(batch), self._taken_by_pictures(meter.used_bytes()))
        sound = torch.isfinite(latents).flatten(1).all(dim=1)
        good = latents[sound]
        pictures = iter(self._with_room(lambda: self._coder.decode(good), batch[0]))
        drawn = [
            next(pictures) if fine else self._exactly(job, paint)
            for job, fine in zip(batch, sound.tolist(), strict=True)
        ]
        if self._offloaded:
            self._loaded.text.maybe_free_model_hooks()
        return self._judged(drawn)

    def _exactly(self, job: Job[Request], paint: Paint[Request]) -> Drawn | None:
        """The picture computed in float32, where half precision overflowed; a refusal where that does not help."""
        import torch

        if not is_half(self._loaded.dtype):
            return OVERFLOWED
        if not self._overflowed:
            self._overflowed = True
            self._remark(
                "Half precision overflows in some pictures; those are made again in float32, which takes longer."
            )
        latents = self._painted_in_float32(job, paint)
        if latents is None:
            give_back(self._loaded.device)
            return CRAMPED
        if not bool(torch.isfinite(latents).all()):
            return OVERFLOWED
        return self._with_room(lambda: self._coder.decode(latents), job)[0]

    def _painted_in_float32(self, job: Job[Request], paint: Paint[Request]) -> Any | None:
        """None where memory is too small for that."""
        try:
            with self._painter.in_float32():
                return _painted([job], paint)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _with_room(self, work: Callable[[], T], job: Job[Request]) -> T:
        """What a work gives that takes as much memory for one picture as for many: fewer at once would not help."""
        while True:
            try:
                return work()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._unclear = unclear_words(error)
                if not self._can_offload():
                    raise self._too_small(job) from error
            self._offload()

    def _judged(self, drawn: Sequence[Drawn | None]) -> list[Drawn]:
        seen = [_looked_at(each) for each in drawn]
        pictures = [each.picture for each in seen if not isinstance(each, str)]
        flagged = iter(self._checker.flagged(pictures) if self._checker else [False] * len(pictures))
        return [each if isinstance(each, str) or not next(flagged) else FLAGGED for each in seen]

    def make_do_with_less(self, batch: Sequence[Job[Request]]) -> None:
        """After memory ran out: half as many at once, then a part of the model at a time, then no more."""
        fewer = self._batches.failed(batch[0].pixels, len(batch))
        if fewer:
            size = _size(batch[0])
            self._remark(f"Memory is too small for {len(batch)} pictures of {size} at once: {fewer} from here on.")
        elif self._can_offload():
            self._offload()
        else:
            raise self._too_small(batch[0])

    def _can_offload(self) -> bool:
        return is_accelerator(self._loaded.device) and not self._offloaded

    def _offload(self) -> None:
        device = self._loaded.device
        self._remark(f"Memory is too small for the whole model: its parts take turns on {device}, slowly.")
        self._loaded.text.enable_model_cpu_offload(device=device)
        self._offloaded = True
        self._batches.start_anew()
        give_back(device)

    def _too_small(self, job: Job[Request]) -> MissingError:
        hint = "Write a smaller size under [video], choose a smaller model, or free memory."
        why = f" (the library says: {self._unclear})" if self._unclear else ""
        device = self._loaded.device
        return MissingError(f"the memory of {device} is too small for one picture of {_size(job)}{why}.", hint)

    def _free_bytes(self) -> int | None:
        """What pictures can have: where parts take turns, the largest one comes beside them."""
        free = free_bytes(self._loaded.device)
        return max(0, free - self._part) if free is not None and self._offloaded else free

    def _taken_by_pictures(self, used: int | None) -> int | None:
        return max(0, used - self._part) if used is not None and self._offloaded else used


def _painted(batch: Sequence[Job[Request]], paint: Paint[Request]) -> Any:
    """What `paint` gives; InputError with the library's words where the model and its options do not go together."""
    try:
        return paint(batch)
    except (ValueError, IndexError) as error:
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise InputError(
            f"diffusers does not make pictures with these options: {said}.",
            "It may go with other steps or another scheduler under [engines.diffusers].",
        ) from error


def _looked_at(each: Drawn | None) -> Drawn:
    """None is a picture that the autoencoder could not decode."""
    if each is None:
        return OVERFLOWED
    return BLANK if not isinstance(each, str) and is_blank(each.picture) else each


def _size(job: Job[Request]) -> str:
    return f"{job.request.width}x{job.request.height}"


def _most(device: str, pixels: int) -> int:
    if is_accelerator(device):
        return _MOST_ON_ACCELERATOR
    return max(1, min(_MOST_ON_CPU, _PIXELS_ON_CPU // pixels))


def is_half(dtype: Any) -> bool:
    """Whether numbers of that type overflow where float32 does not."""
    return bool(dtype.itemsize < 4)
