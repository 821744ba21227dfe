"""What belongs to the machine: a flag before the environment before config.toml, and a sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from vktrs.errors import InputError, UsageError
from vktrs.runs.control import RunRequest
from vktrs.runs.machine import MachineSettings, machine_settings


def settings(
    folder: Path, kept: str | bytes | None = None, device: str | None = None, **environ: str
) -> MachineSettings:
    if kept is not None:
        (folder / "config.toml").write_bytes(kept if isinstance(kept, bytes) else kept.encode())
    return machine_settings(device, environ, folder)


def test_without_a_word_the_engine_chooses(tmp_path: Path) -> None:
    assert settings(tmp_path / "nowhere") == MachineSettings(None, None)
    assert settings(tmp_path, "") == MachineSettings(None, None)
    assert settings(tmp_path, VKTRS_DEVICE="", VKTRS_BATCH="") == MachineSettings(None, None)


def test_a_flag_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    kept = 'device = "cpu"\nbatch = 2\n'
    assert settings(tmp_path, kept) == MachineSettings("cpu", 2)
    assert settings(tmp_path, kept, VKTRS_DEVICE="cuda:0", VKTRS_BATCH="8") == MachineSettings("cuda:0", 8)
    assert settings(tmp_path, kept, "cuda:1", VKTRS_DEVICE="cuda:0") == MachineSettings("cuda:1", 2)


@pytest.mark.parametrize("said", ["0", "65", "-1", "2.5", "many", "²", "9" * 5000, " "])
def test_a_wrong_number_in_the_environment_is_named(tmp_path: Path, said: str) -> None:
    with pytest.raises(InputError, match="VKTRS_BATCH") as caught:
        settings(tmp_path, VKTRS_BATCH=said)
    assert "1 to 64" in caught.value.hint
    assert len(caught.value.message) < 100


@pytest.mark.parametrize(
    ("kept", "named"),
    [
        ("batch = 0", "`batch`"),
        ("batch = true", "`batch`"),
        ("batch = 2.0", "`batch`"),
        ("batch = [1]", "`batch`"),
        ("device = 1", "`device`"),
        ('device = " "', "`device`"),
        ('devise = "cuda:1"', "`devise`"),
        ("device = cuda", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong_in_it(tmp_path: Path, kept: str | bytes, named: str) -> None:
    with pytest.raises(InputError) as caught:
        settings(tmp_path, kept)
    assert str(tmp_path / "config.toml") in caught.value.message
    assert named in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        settings(tmp_path)


def test_a_blank_device_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="VKTRS_DEVICE"):
        settings(tmp_path, VKTRS_DEVICE=" ")


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf")])
def test_a_run_takes_no_budget_that_is_no_amount(budget: float) -> None:
    with pytest.raises(UsageError, match="budget"):
        RunRequest(budget=budget)


@pytest.mark.parametrize("device", ["", "  "])
def test_a_run_takes_no_device_without_a_name(device: str) -> None:
    with pytest.raises(UsageError, match="device"):
        RunRequest(device=device)
