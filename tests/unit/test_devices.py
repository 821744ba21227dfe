"""Which device draws, seen without torch: what is certainly wrong is told before any work, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vktrs.engines import registry
from vktrs.engines.diffusion import devices
from vktrs.engines.diffusion.devices import TorchBuild, device_problem
from vktrs.errors import InputError, MissingError

CPU = TorchBuild("2.11.0+cpu", None, None)
CUDA = TorchBuild("2.11.0+cu128", "12.8", None)
ROCM = TorchBuild("2.11.0+rocm7", None, "7.0")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Linux with one GPU and a torch that uses it."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(devices, "torch_build", lambda: CUDA)
    monkeypatch.setattr(devices, "nvidia_gpus", lambda: 1)
    return monkeypatch


@pytest.mark.parametrize("asked", [None, "cpu", "CPU ", "cpu:0", "cuda", "cuda:0"])
def test_a_device_that_is_here_has_no_problem(machine: pytest.MonkeyPatch, asked: str | None) -> None:
    assert device_problem(asked) is None


@pytest.mark.parametrize("asked", ["potato", "cuda:", "cuda:x", "cuda:-1", "gpu", "", "cuda:1000", "cuda 1"])
def test_what_is_no_name_of_a_device_is_the_input_s_fault(machine: pytest.MonkeyPatch, asked: str) -> None:
    problem = device_problem(asked)
    assert isinstance(problem, InputError)
    assert '"cuda:1"' in problem.hint


@pytest.mark.parametrize("asked", ["cuda:1", "cuda:7", "mps", "mps:0", "cpu:1"])
def test_a_device_that_is_not_here_is_told(machine: pytest.MonkeyPatch, asked: str) -> None:
    problem = device_problem(asked)
    assert isinstance(problem, MissingError)
    assert f'There is no device "{asked}" on this machine.' in problem.message
    assert "cpu" in problem.hint


def test_a_torch_for_the_cpu_alone_has_no_gpu_whoever_asks(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(devices, "torch_build", lambda: CPU)
    for asked in (None, "cuda", "cuda:0"):
        assert "built for the CPU alone" in str(device_problem(asked))
    assert device_problem("cpu") is None
    machine.setattr(devices, "nvidia_gpus", lambda: 0)
    assert device_problem(None) is None
    assert "Here are: cpu." in str(device_problem("cuda"))


@pytest.mark.parametrize(
    ("shown", "right", "wrong"),
    [("", [], ["cuda", "cuda:0"]), ("3", ["cuda", "cuda:0"], ["cuda:1"]), ("0,1,-1,2", ["cuda:1"], ["cuda:2"])],
)
def test_gpus_that_are_hidden_do_not_count(
    machine: pytest.MonkeyPatch, shown: str, right: list[str], wrong: list[str]
) -> None:
    machine.setattr(devices, "nvidia_gpus", lambda: 4)
    machine.setenv("CUDA_VISIBLE_DEVICES", shown)
    assert [device_problem(each) for each in right] == [None] * len(right)
    assert all(isinstance(device_problem(each), MissingError) for each in wrong)


def test_what_only_torch_can_tell_is_left_to_it(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(devices, "nvidia_gpus", lambda: 0)
    machine.setattr(devices, "torch_build", lambda: ROCM)
    assert device_problem("cuda:3") is None
    machine.setattr(devices, "torch_build", lambda: None)  # that it is not installed is told anyway
    assert device_problem("cuda") is None
    machine.setattr(sys, "platform", "darwin")
    assert device_problem("mps") is None


def test_gpus_are_counted_by_their_files_whatever_their_numbers(tmp_path: Path, machine: pytest.MonkeyPatch) -> None:
    machine.undo()
    for name in ("nvidia3", "nvidia12", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert devices.nvidia_gpus(tmp_path) == 2
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: A\n  MIG 1g\nGPU 1: B'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    machine.setenv("PATH", str(tmp_path))
    assert devices.nvidia_gpus(tmp_path / "nothing") == 2


def test_other_engines_mind_no_device() -> None:
    assert registry.with_device() == ("diffusers",)
    assert registry.device_problems("cppn", "potato") == registry.device_problems("stability", "potato") == []


def test_looking_at_devices_imports_no_torch() -> None:
    code = (
        "import sys; from vktrs.engines import registry; registry.device_problems('diffusers', 'cuda:7');"
        "registry.device_problems('diffusers', None); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
