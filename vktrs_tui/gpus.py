"""Load and memory of the GPUs in this machine, as their driver tells it.

nvidia-ml-py is imported when first asked and not before; where there is no driver, that is found out once. Asking
takes the driver some milliseconds (the first time up to a second), so ask on a thread.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_LIBRARY = "pynvml"


@dataclass(frozen=True, slots=True)
class GpuLine:
    """One GPU: `load` in 0..100 and `temperature` in °C, None where the driver does not tell; memory in bytes."""

    name: str
    load: int | None
    used_bytes: int
    total_bytes: int
    temperature: int | None = None


def import_nvml() -> Any:
    """The module pynvml; ImportError where it is not installed."""
    return importlib.import_module(_LIBRARY)


class Gpus:
    """Asks the driver; after it was found missing it is not asked again."""

    def __init__(self, load_library: Callable[[], Any] = import_nvml) -> None:
        self._load_library = load_library
        self._nvml: Any = None
        self._missing = False

    def read(self) -> tuple[GpuLine, ...]:
        """Every GPU that answers, in the driver's order; empty where there is none."""
        nvml = self._library()
        if nvml is None:
            return ()
        try:
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError:
            return ()
        lines = (_read_one(nvml, index) for index in range(count))
        return tuple(line for line in lines if line is not None)

    def _library(self) -> Any:
        """The library with its driver; None where one of them is missing."""
        if self._nvml is None and not self._missing:
            self._missing = True
            try:
                nvml = self._load_library()
            except ImportError:
                return None
            try:
                nvml.nvmlInit()
            except nvml.NVMLError:
                return None
            self._nvml, self._missing = nvml, False
        return self._nvml


def _read_one(nvml: Any, index: int) -> GpuLine | None:
    """One GPU; None where it does not answer (taken away, or lost until the next reboot)."""
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        name = nvml.nvmlDeviceGetName(handle)
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError:
        return None
    return GpuLine(
        name=name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name),
        load=_told(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu),
        used_bytes=int(memory.used),
        total_bytes=int(memory.total),
        temperature=_told(nvml, lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)),
    )


def _told(nvml: Any, ask: Callable[[], Any]) -> int | None:
    """What the driver answers; None where this GPU cannot tell it (a MIG slice, a laptop's)."""
    try:
        return int(ask())
    except nvml.NVMLError:
        return None
