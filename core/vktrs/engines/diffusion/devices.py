"""Which device draws: what torch can use here, what was asked for, and what to do where the two do not meet."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vktrs.errors import InputError, MissingError, VktrsError

MEND_TORCH = "pip install --force-reinstall torch"
_MEND = f"`{MEND_TORCH}` (from PyPI, whose torch can use it), or go on without it: `--device cpu`."
_ASK_SECONDS = 10.0
_NAME = re.compile(r"(?P<kind>cpu|cuda|mps)(?::(?P<index>[0-9]{1,3}))?")
_OTHER_GPUS = ("nvidiactl", "dxg", "nvmap", "nvhost-gpu")  # of containers, Windows and Jetson, without /dev/nvidia0


@dataclass(frozen=True, slots=True)
class TorchBuild:
    """An installed torch: its version, and the CUDA or ROCm that it was built for, None for the CPU alone."""

    version: str
    cuda: str | None
    rocm: str | None


def torch_build() -> TorchBuild | None:
    """What kind of torch is installed, read from its version file without importing it; None where there is none."""
    spec = importlib.util.find_spec("torch")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        try:
            text = (Path(place) / "version.py").read_text("utf-8")
        except OSError:
            continue
        return TorchBuild(_said("__version__", text) or "unknown", _said("cuda", text), _said("hip", text))
    return None


def _said(name: str, text: str) -> str | None:
    match = re.search(rf"^{name}\b[^=\n]*=\s*['\"]([^'\"]*)['\"]", text, re.MULTILINE)
    return match[1] if match else None


def nvidia_gpu() -> bool:
    """Whether an NVIDIA GPU can be reached from here, whatever torch thinks of it."""
    return bool(nvidia_gpus())


def nvidia_gpus(dev: Path = Path("/dev")) -> int:
    """How many NVIDIA GPUs can be seen from here, by their device files or by what the driver's program tells."""
    files = sum(re.fullmatch(r"nvidia\d+", each.name) is not None for each in dev.glob("nvidia*"))
    return files or sum(line.startswith("GPU ") for line in _driver_says("-L").splitlines())


def driver_cuda() -> str | None:
    """The newest CUDA that the NVIDIA driver here can run, such as "12.4"; None where it does not tell."""
    match = re.search(r"CUDA (?:UMD )?Version:\s*(\d+\.\d+)", _driver_says())
    return match[1] if match else None


def _driver_says(*arguments: str) -> str:
    """What nvidia-smi prints; empty where it is not there or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        told = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_ASK_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout if told.returncode == 0 else ""


def cpu_build_on_gpu(build: TorchBuild) -> MissingError:
    """The error for a torch that cannot use the GPU of this machine."""
    return MissingError(f"This machine has an NVIDIA GPU, but torch {build.version} is built for the CPU alone.", _MEND)


def device_problem(asked: str | None) -> VktrsError | None:
    """What is wrong with the device that was asked for, or with the one that would be chosen; None where nothing is.

    Seen without importing torch, so only what is certain is told: `choose_device` asks torch itself.
    """
    build = torch_build()
    for_cpu = build is not None and build.cuda is None and build.rocm is None
    if asked is None:
        return cpu_build_on_gpu(build) if build is not None and for_cpu and nvidia_gpu() else None
    name = asked.strip().lower()
    match = _NAME.fullmatch(name)
    if match is None:
        return InputError(f'"{asked}" is no device.', 'Write "cpu", "cuda", "cuda:1" or "mps".')
    kind, index = match["kind"], int(match["index"] or 0)
    if kind == "cuda" and build is not None:
        if for_cpu and nvidia_gpu():
            return cpu_build_on_gpu(build)
        usable = 0 if for_cpu else None if build.rocm else _usable_gpus()
        if usable is not None and index >= usable:
            return _not_here(name, [*(["cuda"] if usable else []), *(f"cuda:{at}" for at in range(usable)), "cpu"])
    if (kind != "cuda" and index) or (kind == "mps" and sys.platform != "darwin"):
        return _not_here(name, ["mps", "cpu"] if sys.platform == "darwin" else ["cpu"])
    return None


def _usable_gpus() -> int | None:
    """How many NVIDIA GPUs torch may use; None where that cannot be told without asking it."""
    seen = nvidia_gpus()
    if not seen:
        return None if any((Path("/dev") / each).exists() for each in _OTHER_GPUS) else 0
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is None:
        return seen
    named = [each.strip() for each in shown.split(",") if each.strip()]
    # An index below 0 ends the list; a GPU by its name, or a part of one, is for the driver to find.
    return next((at for at, each in enumerate(named) if each.startswith("-")), len(named))


def _not_here(asked: str, here: list[str]) -> MissingError:
    return MissingError(f'There is no device "{asked}" on this machine.', f"Here are: {', '.join(here)}.")


def choose_device(asked: str | None, remark: Callable[[str], None]) -> str:
    """The device that draws: the one asked for, else the first GPU, else the CPU, which is remarked.

    Raises:
        MissingError: the device is not here, or torch cannot use the GPU that is.
        InputError: what was asked for is no name of a device.
    """
    import torch

    if asked is not None:
        return _checked(asked.strip().lower())
    if torch.cuda.is_available():
        return "cuda"
    if problem := device_problem(None):
        raise problem
    if nvidia_gpu():
        raise MissingError(
            f"This machine has an NVIDIA GPU, but torch {torch.__version__} cannot use it.",
            "Bring the driver up to date (`nvidia-smi` shows it), or go on without it: `--device cpu`.",
        )
    if torch.backends.mps.is_available():
        return "mps"
    remark("Pictures are drawn on the CPU, because there is no GPU here; that takes long.")
    return "cpu"


def _checked(asked: str) -> str:
    here = devices()
    if asked in (*here, "cpu:0") or (asked == "mps:0" and "mps" in here):
        return asked
    raise device_problem(asked) or _not_here(asked, here)


def devices() -> list[str]:
    """Every device that torch can use here."""
    import torch

    gpus = [f"cuda:{at}" for at in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return [*(["cuda"] if gpus else []), *gpus, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
