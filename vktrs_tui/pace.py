"""How fast work goes and how long it still takes, in a few cells: pictures may take an hour each or a millisecond."""

from __future__ import annotations


def pace(rate: float) -> str:
    """A rate a second in the unit that fits it: `12/s`, `1.3/s`, `4.2/min`, `20/h`; empty where there is none."""
    for times, unit in ((1, "s"), (60, "min"), (3600, "h")):
        value = rate * times
        if value >= 0.995:
            return f"{value:.2g}/{unit}" if value < 99.5 else f"{value:.0f}/{unit}"
    return f"{rate * 3600:.2g}/h" if rate > 0 else ""


def short_step(what: str) -> str:
    """What is in hand, short, what changes most often first: `scene 3, step 12 of 14` becomes `step 12/14, scene 3`."""
    where, step, count = what.rpartition("step ")
    done, of, total = count.partition(" of ")
    if not (step and of):
        return what
    return ", ".join(part for part in (f"step {done}/{total}", where.rstrip(", ")) if part)
