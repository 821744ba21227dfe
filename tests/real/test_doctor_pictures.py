"""What the doctor says of picture engines: what is lacking, which torch, which models, and never a token."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import vktrs
from vktrs.engines.diffusion import devices
from vktrs.runs.doctor_pictures import examine_pictures


def findings(folder: Path, **environment: str) -> dict[str, dict[str, Any]]:
    """All that the doctor finds, by name."""
    done = vktrs("doctor", "--json", cwd=folder, env=environment, code=None)
    return {each["name"]: each for each in json.loads(done.stdout)}


def without(folder: Path, *packages: str) -> dict[str, str]:
    """An environment in which these packages cannot be found."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.util as u\nf = u.find_spec\n"
        f"u.find_spec = lambda name, package=None: None if name in {packages!r} else f(name, package)\n"
    )
    return {"PYTHONPATH": str(folder)}


def test_the_settings_of_this_machine_are_told_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    kept = tmp_path / "config" / "vktrs" / "config.toml"
    kept.parent.mkdir(parents=True)
    here = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    kept.write_text('device = "cuda:1"\n')
    told = findings(tmp_path, VKTRS_BATCH="4", **here)["settings"]
    assert told["works"] is True
    assert told["found"].startswith("device cuda:1, batch 4; by ")
    assert str(kept) in told["found"]
    kept.write_text("batch = 0\n")
    told = findings(tmp_path, **here)["settings"]
    assert told["works"] is False
    assert "`batch` is 0" in told["found"]
    assert "from 1 to 64" in told["mend"]


def test_engines_that_are_not_installed_are_told_with_what_installs_them(tmp_path: Path) -> None:
    found = findings(tmp_path, **without(tmp_path / "shim", "diffusers", "stability_sdk"))
    assert found["picture engines"]["found"] == "cppn"
    assert "diffusers" in found["diffusers"]["found"]
    assert found["diffusers"]["mend"] == "pip install '.[hf]'"
    assert found["stability"]["mend"] == "pip install '.[api]'"
    assert found["diffusers"]["works"] is None


def test_models_in_the_cache_and_the_place_of_a_token_are_told(tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    for name, index in (("a--b-c", '{"_class_name": "StableDiffusionPipeline"}'), ("d--e", "{torn")):
        folder = hub / f"models--{name}/snapshots/1"
        folder.mkdir(parents=True)
        (folder / "model_index.json").write_text(index)
    found = findings(tmp_path, HF_HUB_CACHE=str(hub), HF_TOKEN="hf_averysecrettoken")
    assert found["picture models"]["found"] == f"a/b-c in {hub} (0.0 GB)"
    assert found["hub token"]["found"] == "in HF_TOKEN"
    assert "averysecret" not in json.dumps(found)


def test_a_torch_for_the_cpu_on_a_machine_with_a_gpu_is_a_fault_that_can_be_mended(tmp_path: Path) -> None:
    build = devices.torch_build()
    if build is None or build.cuda or build.rocm:
        pytest.skip("the torch here is no torch for the CPU")
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: A Card, 80000 MiB'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    found = findings(tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert found["torch"]["works"] is False
    assert build.version in found["torch"]["found"]
    assert found["torch"]["mend"] == devices.MEND_TORCH
    assert "A Card" in found["GPU"]["found"]


@pytest.mark.parametrize(
    ("header", "works", "said"),
    [
        ("| NVIDIA-SMI 550.54   Driver Version: 550.54   CUDA Version: 12.4     |", False, "knows CUDA 12.4 at most"),
        ("| NVIDIA-SMI 580.65   Driver Version: 580.65   CUDA Version: 13.0     |", True, "2.11.0+cu130, CUDA 13.0"),
        ("| NVIDIA-SMI 595.10   KMD Version: 595.10   CUDA UMD Version: 12.9    |", False, "knows CUDA 12.9 at most"),
        ("no header that anybody knows", True, "2.11.0+cu130, CUDA 13.0"),
    ],
)
def test_a_driver_that_is_too_old_for_torch_is_a_fault_that_can_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, works: bool, said: str
) -> None:
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\necho '{header}'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(devices, "torch_build", lambda: devices.TorchBuild("2.11.0+cu130", "13.0", None))
    found = next(each for each in examine_pictures() if each.name == "torch")
    assert (found.works, bool(found.mend)) == (works, not works)
    assert said in found.found
