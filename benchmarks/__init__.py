"""The figures that vktrs is held to, each measured side by side with the way that the old notebook works.

    python -m benchmarks                        all of them, into benchmarks/RESULTS.md (some twenty minutes)
    python -m benchmarks order storyboard       these rows only, to the screen
    python -m benchmarks --quick                a small version of each, to the screen
    python -m benchmarks pictures               on a machine with a CUDA GPU: into the part of RESULTS.md about GPUs

One module a row: `assembly`, `segments` (video), `ordering`, `storyboards`, `idle`, `studio`, `drawing`, `pictures` (by
Stable Diffusion). `measuring` takes the times, `quality` compares videos with their pictures, `notebook` is the other
side, `results` writes it all down. Of `pictures`, `sides` measures `making` (ours) and `notebook_pictures` on what
`checkpoints` builds, and `gpu_part` writes that down.
Nothing here is part of the program, and nothing of the program imports it.
"""

import os

# Read when numpy is imported: more threads than one would only spin beside the other work of a small machine.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
