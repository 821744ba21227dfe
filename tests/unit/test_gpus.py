"""What the driver of the GPUs tells, with a stand-in for its library; no test here needs a GPU or knows of one."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from vktrs_tui.gpus import GpuLine, Gpus


class NVMLError(Exception):
    """As in pynvml."""


class Driver:
    """A stand-in for the module pynvml: `cards` are (name, load, used, total, temperature); None: not told."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, *cards: tuple[Any, ...] | None, broken: bool = False) -> None:
        self.cards = cards
        self.broken = broken
        self.begun = 0

    def nvmlInit(self) -> None:  # noqa: N802  the library's own name
        self.begun += 1
        if self.broken:
            raise NVMLError

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        if self.broken:
            raise NVMLError
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> tuple[Any, ...]:  # noqa: N802
        return _or_error(self.cards[index])

    def nvmlDeviceGetName(self, card: tuple[Any, ...]) -> Any:  # noqa: N802
        return card[0]

    def nvmlDeviceGetMemoryInfo(self, card: tuple[Any, ...]) -> Any:  # noqa: N802
        return SimpleNamespace(used=card[2], total=card[3])

    def nvmlDeviceGetUtilizationRates(self, card: tuple[Any, ...]) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=_or_error(card[1]))

    def nvmlDeviceGetTemperature(self, card: tuple[Any, ...], kind: int) -> Any:  # noqa: N802
        assert kind == self.NVML_TEMPERATURE_GPU
        return _or_error(card[4])


def _or_error(value: Any) -> Any:
    if value is None:
        raise NVMLError
    return value


def test_every_gpu_is_told_with_load_memory_and_temperature() -> None:
    driver = Driver(("NVIDIA H200", 87, 10, 100, 64), (b"Tesla T4", 0, 1, 2, 30))
    assert Gpus(lambda: driver).read() == (
        GpuLine("NVIDIA H200", 87, 10, 100, 64),
        GpuLine("Tesla T4", 0, 1, 2, 30),
    )


def test_what_a_gpu_cannot_tell_is_left_open_and_a_lost_one_left_out() -> None:
    driver = Driver(("slice", None, 10, 100, None), None)
    assert Gpus(lambda: driver).read() == (GpuLine("slice", None, 10, 100, None),)


def test_a_missing_driver_is_asked_once() -> None:
    driver = Driver(broken=True)
    gpus = Gpus(lambda: driver)
    assert [gpus.read() for _ in range(3)] == [(), (), ()]
    assert driver.begun == 1


def test_a_missing_library_is_looked_for_once() -> None:
    tries = 0

    def load() -> Any:
        nonlocal tries
        tries += 1
        raise ImportError

    gpus = Gpus(load)
    assert [gpus.read() for _ in range(3)] == [(), (), ()]
    assert tries == 1


def test_a_driver_that_stumbles_later_is_asked_again() -> None:
    driver = Driver(("T4", 1, 2, 3, 4))
    gpus = Gpus(lambda: driver)
    assert len(gpus.read()) == 1
    driver.broken = True
    assert gpus.read() == ()
    driver.broken = False
    assert len(gpus.read()) == 1
    assert driver.begun == 1


def test_the_real_library_is_imported_only_when_asked() -> None:
    code = "import sys, vktrs_tui.gpus as g; assert 'pynvml' not in sys.modules; g.Gpus().read(); print('read')"
    told = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "read\n"
