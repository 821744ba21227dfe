"""A program run in processes that differ in all that may not matter: threads of the libraries, the order of sets."""

from __future__ import annotations

import os
import subprocess
import sys


def told_elsewhere(program: str) -> set[str]:
    """What it prints in two other processes: one text, if it tells the same in both."""
    told = set()
    for threads, hash_seed in (("1", "1"), ("4", "2")):
        environment = os.environ | {"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": hash_seed}
        environment |= {"OPENBLAS_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert run.returncode == 0, run.stderr
        told.add(run.stdout)
    return told
