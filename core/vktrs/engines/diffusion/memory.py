"""The memory of the device that draws: what is free, what was used, and whether an error says that it is full."""

from __future__ import annotations

import gc
import re
from typing import Any

_FULL = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed", "failed to allocate")
# What oneDNN (CPU) and cuDNN say where they get no memory for themselves. Now and then it is something else.
_UNCLEAR = (
    re.compile("could not create a (primitive|memory object)$"),
    re.compile("unable to find an engine to execute"),
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory is full; each allocator has its own words."""
    import torch

    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and (any(words in said for words in _FULL) or bool(unclear_words(error)))
    )


def unclear_words(error: BaseException) -> str:
    """The library's words, where they do not name memory and most often mean it; else empty."""
    said = str(error).strip().partition("\n")[0].rstrip(".")
    return said if any(words.search(said.lower()) for words in _UNCLEAR) else ""


def is_accelerator(device: str) -> bool:
    """Whether the device has a memory of its own, beside the computer's."""
    return not device.startswith("cpu")


def free_bytes(device: str) -> int | None:
    """What pictures could take now, with what torch holds in reserve; None where nobody can say."""
    import torch

    if device.startswith("cuda"):
        free, _ = torch.cuda.mem_get_info(device)
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    if device.startswith("mps"):
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return None


def largest_part(pipeline: Any) -> int:
    """Bytes of the weights of the largest part: what is on the device beside the pictures where parts take turns."""
    import torch

    parts = [each for each in pipeline.components.values() if isinstance(each, torch.nn.Module)]
    return max((sum(each.nbytes for each in part.parameters()) for part in parts), default=0)


def give_back(device: str) -> None:
    """Give what nothing uses any more back to the device."""
    import torch

    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device.startswith("mps"):
        torch.mps.empty_cache()


class Meter:
    """Measures what is used on top of what is held when it is made. Only CUDA counts that."""

    def __init__(self, device: str) -> None:
        import torch

        self._device = device if device.startswith("cuda") else None
        self._held = 0
        if self._device:
            torch.cuda.reset_peak_memory_stats(self._device)
            self._held = torch.cuda.memory_allocated(self._device)

    def used_bytes(self) -> int | None:
        """The most that was used since; None where that is not counted."""
        import torch

        return int(torch.cuda.max_memory_allocated(self._device) - self._held) if self._device else None
