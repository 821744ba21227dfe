"""What torch says of a device: its name, its memory, and the most that was taken of it. A CPU has no such numbers."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

GIB = 2**30


def first_device() -> str:
    """The first GPU as torch names it, or "cpu"."""
    import torch

    return "cuda:0" if torch.cuda.is_available() else "cpu"


def is_cuda(device: str) -> bool:
    """Whether the name is that of a CUDA device."""
    return device.partition(":")[0] == "cuda"


def described(device: str) -> str:
    """The device, the versions of what runs on it, and the day, in words."""
    from importlib.metadata import version

    import torch

    day = f"{datetime.now(UTC):%Y-%m-%d}"
    packages = f"torch {torch.__version__}, diffusers {version('diffusers')}"
    if not is_cuda(device):
        return f"On the CPU, {packages}, {day}."
    memory = torch.cuda.get_device_properties(device).total_memory / GIB
    return f"On one {torch.cuda.get_device_name(device)} with {memory:.0f} GiB, {packages}, {day}."


def free_memory(device: str) -> int:
    """Bytes of the GPU that nobody holds."""
    import torch

    return int(torch.cuda.mem_get_info(device)[0])


def forget(device: str) -> None:
    """Give back what torch keeps in reserve, so that the next one finds the GPU empty."""
    import torch

    gc.collect()
    if is_cuda(device):
        torch.cuda.empty_cache()


def wait_for(device: str) -> None:
    """Wait until the GPU has done what it was given."""
    import torch

    if is_cuda(device):
        torch.cuda.synchronize(device)


def watch_memory(device: str) -> None:
    """Count the most that is taken from here on."""
    import torch

    if is_cuda(device):
        torch.cuda.reset_peak_memory_stats(device)


def most_memory(device: str) -> int:
    """Bytes that tensors took at most since `watch_memory`; 0 on a CPU.

    An engine that counts for itself begins anew with each batch: then it is the most of the last one.
    """
    import torch

    return int(torch.cuda.max_memory_allocated(device)) if is_cuda(device) else 0


def absent(device: str) -> str:
    """Why a CUDA device cannot be measured here, as a sentence; empty where it can."""
    import torch

    if not torch.cuda.is_available():
        return "torch sees no CUDA GPU on this machine."
    if torch.device(device).index not in (None, *range(torch.cuda.device_count())):
        return f"there is no {device} on this machine."
    return ""
