"""The figures that vktrs is held to, each measured side by side with the way that the old notebook works.

    python -m benchmarks                            all of them, into benchmarks/RESULTS.md (some ten minutes)
    python -m benchmarks --only order,storyboard    these rows only, to the screen
    python -m benchmarks --quick                    a small version of each, to the screen

One module a row: `assembly`, `segments` (video), `ordering`, `storyboards`, `idle`, `drawing`. `measuring` takes the
times, `quality` compares videos with their pictures, `notebook` is the other side, `results` writes it all down.
Nothing here is part of the program, and nothing of the program imports it.
"""

import os

# Read when numpy is imported: more threads than one would only spin beside the other work of a small machine.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
