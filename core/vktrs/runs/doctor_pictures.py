"""What the doctor finds about pictures: engines, torch, models in the cache, a token. Imports none of them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

from vktrs.engines import hub_cache
from vktrs.engines.diffusion import devices
from vktrs.engines.diffusion.checkpoint import INDEX
from vktrs.engines.diffusion.preflight import INSTALL, missing_packages
from vktrs.engines.registry import PICTURE_VERSIONS
from vktrs.runs.findings import Finding

_SERVICE_PACKAGES = ("httpx", "grpc", "stability_sdk")
_INSTALL_SERVICE = "pip install '.[api]'"


def examine_pictures() -> Iterator[Finding]:
    """Each engine with what it needs, then the torch, the models and the token that are here."""
    lacking = {
        "diffusers": missing_packages(lora=True),
        "stability": [name for name in _SERVICE_PACKAGES if importlib.util.find_spec(name) is None],
    }
    yield Finding("picture engines", True, ", ".join(name for name in PICTURE_VERSIONS if not lacking.get(name)))
    yield _engine("diffusers", lacking["diffusers"], INSTALL)
    yield _engine("stability", lacking["stability"], _INSTALL_SERVICE)
    yield _torch()
    yield _models(hub_cache.cache_folder())
    place = hub_cache.token_place()
    yield Finding("hub token", bool(place) or None, f"in {place}" if place else "none (only for models with terms)")


def _engine(name: str, lacking: list[str], install: str) -> Finding:
    if lacking:
        return Finding(name, None, f"not installed: {', '.join(lacking)}", install)
    return Finding(name, True, "installed")


def _torch() -> Finding:
    """Which torch it is, and whether it can use the GPU of this machine, if there is one."""
    build = devices.torch_build()
    if build is None:
        return Finding("torch", None, "not installed", INSTALL)
    if build.cuda:
        return _cuda_torch(build.version, build.cuda, devices.driver_cuda())
    if build.rocm:
        return Finding("torch", True, f"{build.version}, ROCm {build.rocm}")
    if devices.nvidia_gpu():
        return Finding("torch", False, f"{build.version}, for the CPU alone, but there is a GPU", devices.MEND_TORCH)
    return Finding("torch", True, f"{build.version}, for the CPU alone")


def _cuda_torch(version: str, cuda: str, driver: str | None) -> Finding:
    """Whether the driver is new enough: within one major version of CUDA an older one runs what is newer than it."""
    found = f"{version}, CUDA {cuda}"
    if driver is None or int(driver.partition(".")[0]) >= int(cuda.partition(".")[0]):
        return Finding("torch", True, found)
    mend = f"bring the NVIDIA driver up to date, or install a torch that is built for CUDA {driver} or older"
    return Finding("torch", False, f"{found}, but the driver here knows CUDA {driver} at most", mend)


def _models(cache: Path) -> Finding:
    """The models of the hub that look like Stable Diffusion, and how much room the whole cache takes."""
    found = dict.fromkeys(
        name for name in map(_diffusion_name, sorted(cache.glob(f"models--*/snapshots/*/{INDEX}"))) if name
    )
    taken = sum(_size(path) for path in cache.glob("*/blobs/*"))
    where = f"{cache} ({taken / 1e9:.1f} GB)" if cache.is_dir() else f"{cache} (empty)"
    return Finding("picture models", bool(found) or None, f"{', '.join(found) or 'none'} in {where}")


def _diffusion_name(index: Path) -> str | None:
    try:
        named = json.loads(index.read_text("utf-8")).get("_class_name")
    except (OSError, ValueError, AttributeError):
        return None
    repository = index.parents[2].name.removeprefix("models--").replace("--", "/", 1)
    return repository if isinstance(named, str) and named.endswith("Pipeline") else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a download that another program is just moving
        return 0
