"""The command: picks rows, measures them one after another, and writes RESULTS.md or to the screen."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    analysis,
    assembly,
    drawing,
    gpu_part,
    idle,
    ordering,
    pictures,
    segments,
    storyboards,
    studio,
    words,
)
from benchmarks.figures import Measure, Row, Scale
from benchmarks.renewed import renewed
from benchmarks.results import markdown, to_screen

ROWS: dict[str, Measure] = {
    "storyboard": storyboards.measure,
    "idle": idle.measure,
    "studio": studio.measure,
    "order": ordering.measure,
    "analysis": analysis.measure,
    "cppn": drawing.measure,
    "segments": segments.measure,
    "assembly": assembly.measure,
    "words": words.measure,
    "pictures": pictures.measure,
}
"""The cheap ones first: what they say is there soon. The last one leaves torch in memory."""
_ROUNDS = 3
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for; 0, or 2 where a row of that name does not exist."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(ROWS)}; default: all of them")
    parser.add_argument("--quick", action="store_true", help="small inputs, one round, to the screen only")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md all the same; of ROWs, their sections")
    parser.add_argument("--device", help='where `pictures` works, such as "cuda:1"; default: the first GPU, or the CPU')
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.rows if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    began, load = time.monotonic(), [os.getloadavg()]
    rows = measure(options.rows or list(ROWS), Scale(options.quick, 1 if options.quick else _ROUNDS, options.device))
    load.append(os.getloadavg())
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
    minutes = (time.monotonic() - began) / 60
    if options.write and options.rows and not options.quick and RESULTS.exists():
        before = gpu_part.without(RESULTS.read_text("utf-8"))
        _write(rows, renewed(before, _here(rows), load, minutes))
    elif options.write or not (options.quick or options.rows):
        _write(rows, markdown(_here(rows), load, minutes, options.quick))
    elif not options.quick and any(row.on_gpu for row in rows):
        _write(rows, None)
    return 0


def measure(names: Sequence[str], scale: Scale) -> list[Row]:
    """The rows of those names; each is told on the screen as soon as it is there."""
    rows: list[Row] = []
    for name in names:
        for row in ROWS[name](scale):
            rows.append(row)
            print(to_screen([row]), flush=True)
    return rows


def _here(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.on_gpu]


def _write(rows: Sequence[Row], here: str | None) -> None:
    """Write RESULTS.md: the part about this machine anew, or as it is where `here` is None, and the part about GPUs."""
    before = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    part = gpu_part.updated(before, [row for row in rows if row.on_gpu])
    text = gpu_part.without(before) if here is None else here
    RESULTS.write_text(f"{text.rstrip()}\n\n{part}".strip() + "\n", "utf-8")
    print(f"written to {RESULTS.name}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
