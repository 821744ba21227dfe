"""A song taken apart into voice, drums, bass and the rest by demucs (torch; the extra `stems`).

S. Rouard, F. Massa, A. Defossez, "Hybrid transformers for music source separation", 2023. Only models of its authors
are loaded, by name: a file of weights can run code, and a storyboard may come from a stranger.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import io
import os
from collections.abc import Callable, Iterator, Mapping
from math import gcd
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vktrs.chains import STEMS
from vktrs.engines.hub_cache import is_offline, snapshot
from vktrs.errors import InputError, MissingError, Stopped, VktrsError

RATE_IN = 44_100
RATE_OUT = 22_050
INSTALL = "pip install '.[stems]'"
MODELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "htdemucs": ("955717e8",),
        "htdemucs_ft": ("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d"),
        "htdemucs_6s": ("5c90dfd2",),
        "hdemucs_mmi": ("75fc33f5",),
    }
)
"""What may be asked for, with the marks that their files of weights begin with."""

WITHOUT = 'Or do without: source = "percussive", "harmonic" or "mix" needs nothing.'
"""The way out that ends each hint, as it is for a signal."""

Stems = dict[str, NDArray[np.float32]]


def find_problems(model: str) -> Iterator[VktrsError]:
    """What would keep it from working here, as far as can be seen without importing it."""
    if model not in MODELS:
        yield InputError(f"There is no model {model!r} that takes a song apart.", f"Right is {', '.join(MODELS)}.")
    elif importlib.util.find_spec("demucs") is None:
        yield MissingError("Stems of a song need demucs, which is not installed.", f"`{INSTALL}`. {WITHOUT}")
    elif is_offline() and not is_here(model):
        yield _no_weights(model, "and HF_HUB_OFFLINE forbids to fetch them")


def is_here(model: str, environ: Mapping[str, str] | None = None, home: Path | None = None) -> bool:
    """Whether the weights of a model lie on this machine, in either of the places where demucs keeps them."""
    environ = os.environ if environ is None else environ
    suffix = model.removeprefix("htdemucs")
    name = f"HTDemucs{suffix.replace('_', '-', 1)}" if model.startswith("htdemucs") else f"Demucs-{model}"
    folder = snapshot(f"adefossez/{name}")
    if folder is not None and all((folder / f"{mark}.safetensors").is_file() for mark in MODELS[model]):
        return True
    cache = Path(environ.get("XDG_CACHE_HOME") or (home or Path.home()) / ".cache")
    kept = Path(environ.get("TORCH_HOME") or cache / "torch").expanduser() / "hub" / "checkpoints"
    return all(any(kept.glob(f"{mark}-*.th")) for mark in MODELS[model])


def separate(
    samples: NDArray[np.float32],
    model: str = "htdemucs",
    device: str | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_remark: Callable[[str], None] = lambda _: None,
) -> Stems:
    """Each of STEMS, float32 `(n // 2,)` mono at 22050 Hz, of `samples` float32 `(n, 2)` at 44100 Hz.

    `device` as in `devices.choose_device`, None for the best there is; where its memory is too small, the CPU does the
    work. `on_progress(done, total)` is in seconds of the song. The same samples give the same stems on the same device:
    nothing is shifted at random.

    Raises:
        MissingError: demucs, the device, or the weights together with a network are missing.
        InputError: there is no such model.
        Stopped: within a chunk (8 s of the song) of `should_stop` becoming true.
    """
    from vktrs.engines.diffusion.devices import choose_device

    for problem in find_problems(model):
        raise problem
    chosen = choose_device(device, lambda _: None)
    slow = " There it takes longer than the song lasts." if chosen.startswith("cpu") else ""
    on_remark(f"Taking the song apart with {model} on {chosen}.{slow}")
    loaded = _load(model)
    if should_stop():
        raise Stopped
    if not len(samples):
        return {name: np.zeros(0, dtype=np.float32) for name in STEMS}
    watch = _watch(loaded, len(samples), on_progress, should_stop)
    parts = _apply(loaded, np.ascontiguousarray(samples.T), chosen, watch, on_remark)
    on_progress(len(samples) / RATE_IN, len(samples) / RATE_IN)
    return _stems(list(loaded.sources), parts)


def _load(model: str) -> Any:
    from demucs.pretrained import get_model

    try:
        silent = io.StringIO()  # a download announces itself, and draws a bar
        with contextlib.redirect_stderr(silent), contextlib.redirect_stdout(silent):
            loaded = get_model(model)
    except (OSError, http.client.HTTPException) as error:
        raise _no_weights(model, "and they could not be fetched") from error
    except (RuntimeError, ValueError, KeyError, EOFError) as error:
        hint = f"Delete what is kept of it, so that it is fetched again. {WITHOUT}"
        raise MissingError(f"The weights of {model} cannot be used: {error}", hint) from error
    if loaded.samplerate != RATE_IN or loaded.audio_channels != 2 or not set(STEMS) <= set(loaded.sources):
        raise InputError(f"{model} does not take apart stereo of {RATE_IN} Hz into {', '.join(STEMS)}.")
    return loaded


def _no_weights(model: str, why: str) -> MissingError:
    return MissingError(
        f"The weights of {model} are not on this machine, {why}.", f"Run once with a network. {WITHOUT}"
    )


def _watch(
    loaded: Any, length: int, on_progress: Callable[[float, float], None], should_stop: Callable[[], bool]
) -> Callable[[Mapping[str, Any]], None]:
    """What demucs calls before and after each chunk of each of its networks."""
    networks = len(getattr(loaded, "models", (loaded,)))

    def watch(told: Mapping[str, Any]) -> None:
        if should_stop():
            raise Stopped
        done = told["model_idx_in_bag"] * length + min(told["segment_offset"], length)
        on_progress(done / networks / RATE_IN, length / RATE_IN)

    return watch


def _apply(
    loaded: Any,
    samples: NDArray[np.float32],
    device: str,
    watch: Callable[[Mapping[str, Any]], None],
    on_remark: Callable[[str], None],
) -> NDArray[np.float32]:
    """Every source in stereo, `(sources, 2, n)`. The song is scaled to a spread of 1, as the networks were trained."""
    import torch
    from demucs.apply import apply_model

    from vktrs.engines.diffusion.memory import is_accelerator, is_out_of_memory

    song = torch.from_numpy(samples)
    middle, spread = song.mean(), song.mean(0).std() + 1e-8
    scaled = ((song - middle) / spread)[None]
    try:
        parts = apply_model(loaded, scaled, shifts=0, device=device, callback=watch)
    except RuntimeError as error:
        if not (is_accelerator(device) and is_out_of_memory(error)):
            raise
        on_remark(f"The memory of {device} is too small to take the song apart: the CPU does it, which takes longer.")
        parts = apply_model(loaded, scaled, shifts=0, device="cpu", callback=watch)
    return np.asarray((parts[0].cpu() * spread + middle).numpy(), dtype=np.float32)


def _stems(sources: list[str], parts: NDArray[np.float32]) -> Stems:
    """Mono at half the rate; what else a model tells apart (guitar, piano) belongs to the rest."""
    from scipy.signal import resample_poly

    mono = parts.mean(axis=1)
    found = {name: mono[sources.index(name)] for name in STEMS}
    for name in sources:
        if name not in STEMS:
            found["other"] = found["other"] + mono[sources.index(name)]
    count = mono.shape[1] // 2
    return {name: np.asarray(resample_poly(each, 1, 2)[:count], dtype=np.float32) for name, each in found.items()}


def for_speech(stem: NDArray[np.float32], seconds: float, rate: int = 16_000) -> NDArray[np.float32]:
    """A stem (mono at 22050 Hz) as what listens to words takes it: float32 at `rate`, of so many seconds."""
    from scipy.signal import resample_poly

    common, count = gcd(rate, RATE_OUT), round(seconds * rate)
    if not len(stem):
        return np.zeros(count, dtype=np.float32)
    voice = np.asarray(resample_poly(stem, rate // common, RATE_OUT // common)[:count], dtype=np.float32)
    return np.pad(voice, (0, count - len(voice)))
