"""What belongs to this machine and not to the work: which device makes pictures, and how many at once.

A flag comes first, then the environment (VKTRS_DEVICE, VKTRS_BATCH), then `config.toml` in the user's configuration
folder:

    device = "cuda:1"
    batch = 4
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from platformdirs import user_config_path

from vktrs.errors import InputError

_MOST_AT_ONCE = 64
_KNOWN = ("device", "batch")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """`device` as torch names it ("cpu", "cuda:1", "mps"); `batch` from 1 to 64; None for the engine's own choice."""

    device: str | None = None
    batch: int | None = None


def machine_settings(
    device: str | None = None, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> MachineSettings:
    """The settings of this machine; `device` is that of the command line. InputError where one is wrong."""
    environ = os.environ if environ is None else environ
    path = settings_path(folder)
    kept = _read(path)
    devices = [
        (device, "`--device`"),
        (environ.get("VKTRS_DEVICE") or None, "VKTRS_DEVICE"),
        (kept.get("device"), f"{path}: `device`"),
    ]
    batches = [(environ.get("VKTRS_BATCH") or None, "VKTRS_BATCH"), (kept.get("batch"), f"{path}: `batch`")]
    return MachineSettings(_first(devices, _device), _first(batches, _count))


def settings_path(folder: Path | None = None) -> Path:
    """Where the settings are kept, in `folder` or in the user's configuration folder."""
    return (user_config_path("vktrs") if folder is None else folder) / "config.toml"


def _read(path: Path) -> dict[str, object]:
    try:
        kept = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Mend it, or remove it.") from None
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {error}.", "Mend it, or remove it.") from None
    unknown = ", ".join(f"`{name}`" for name in kept if name not in _KNOWN)
    if unknown:
        raise InputError(f"{path} has {unknown}, which is not known.", "Write `device` or `batch`, or take it out.")
    return kept


def _first(said: Iterable[tuple[object, str]], read: Callable[[object, str], _Value]) -> _Value | None:
    """The first one that somebody wrote, read; each has the place where it would stand."""
    return next((read(value, where) for value, where in said if value is not None), None)


def _device(value: object, where: str) -> str:
    if not (isinstance(value, str) and value.strip()):
        raise InputError(f"{where} is {value!r}.", 'Write one such as "cuda:1", or take it out.')
    return value.strip()


def _count(value: object, where: str) -> int:
    text = str(value).strip()
    whole = isinstance(value, int | str) and not isinstance(value, bool) and text.isascii() and text.isdecimal()
    if not (whole and len(text) < 9 and 1 <= int(text) <= _MOST_AT_ONCE):
        raise InputError(f"{where} is {text[:40]}.", f"Write a whole number from 1 to {_MOST_AT_ONCE}.")
    return int(text)
