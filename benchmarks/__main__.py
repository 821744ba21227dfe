"""The command: picks rows, measures them one after another, and writes RESULTS.md or to the screen."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import assembly, drawing, idle, ordering, segments, storyboards, studio
from benchmarks.figures import Measure, Row, Scale
from benchmarks.results import markdown, to_screen

ROWS: dict[str, Measure] = {
    "storyboard": storyboards.measure,
    "idle": idle.measure,
    "studio": studio.measure,
    "order": ordering.measure,
    "cppn": drawing.measure,
    "segments": segments.measure,
    "assembly": assembly.measure,
}
"""The cheap ones first: what they say is there soon."""
_ROUNDS = 3
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for; 0, or 2 where a row of that name does not exist."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="ROWS", help=f"some of: {','.join(ROWS)} (to the screen only)")
    parser.add_argument("--quick", action="store_true", help="small inputs, one round, to the screen only")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md all the same")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else list(ROWS)
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    began, load = time.monotonic(), [os.getloadavg()]
    rows = measure(names, Scale(options.quick, 1 if options.quick else _ROUNDS))
    load.append(os.getloadavg())
    if options.write or not (options.quick or options.only):
        RESULTS.write_text(markdown(rows, load, (time.monotonic() - began) / 60, options.quick), "utf-8")
        print(f"written to {RESULTS.name}", file=sys.stderr)
    return 0


def measure(names: list[str], scale: Scale) -> list[Row]:
    """The rows of those names; each is told on the screen as soon as it is there."""
    rows: list[Row] = []
    for name in names:
        for row in ROWS[name](scale):
            rows.append(row)
            print(to_screen([row]), flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
