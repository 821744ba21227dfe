"""The figures as Markdown, with the machine they were taken on, and in words why a missed one is missed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.figures import Figure, Goal, Row

_PACKAGES = ("numpy", "scipy", "librosa", "pillow", "av", "fast-tsp", "python-tsp", "tomlkit", "textual")

_CPU = "CPU"
_CYCLE_CPU = (
    "a trial that reached 0.067 copied a sound that was coded already; coding the song as AAC takes a sixth of "
    "our time here. Of a clip's, x264 takes two fifths and reading eight PNGs a third; the repeated frames cost "
    "next to nothing. The machine did other work during this run."
)
_CAPTIONS = (
    "each word makes new pictures of all eight, so that two thirds of the frames are read from PNGs and coded; each is "
    "searched for in eight earlier pictures, which is what saves the bytes. A run would draw the words on eight "
    "pictures in memory."
)
_MOTION = (
    "no picture comes twice, so nothing can be spared: each is read, converted and coded once by both, and ours is "
    "decoded once more to be looked at. Reading the PNGs alone is two fifths of our time."
)
NOTES: dict[tuple[str, str], str] = {
    ("Video, 210 s song, 60 scenes of 8 pictures", _CPU): _CYCLE_CPU,
    ("The same, its first 12 scenes", _CPU): _CYCLE_CPU,
    ("12 scenes with `cppn` pictures", _CPU): _CYCLE_CPU,
    ("Word captions: 8 pictures, another word every 12 frames", _CPU): _CAPTIONS,
    ("The whole studio, 1000 scenes", "resident memory"): (
        "85 MB before signals, motion, services and hearing again, whose code takes 5 MB. Three edits take 12 MB, of "
        "which a collection frees none: while it is worked out what became stale, old and new storyboard are there at "
        "once."
    ),
    ("Cycles of 24 pictures", "video bytes"): (
        "H.264 keeps at most 16 earlier pictures, so the one of 24 frames ago is gone when it is shown again and is "
        "coded anew. References that reach one cycle back exist up to 16 pictures only."
    ),
    ("Every frame another picture (img2img motion)", _CPU): _MOTION,
}
"""Why a figure is missed, by the row's title and the figure's name: written by hand, after looking."""


def markdown(rows: Sequence[Row], load: Sequence[tuple[float, float, float]], minutes: float, quick: bool) -> str:
    """RESULTS.md, without the part about GPUs (`gpu_part.py`)."""
    parts = ["# What fast means here, measured", ""]
    if quick:
        parts += ["**A quick run: small inputs, one round. These figures say nothing but that everything works.**", ""]
    parts += [_preface(load, minutes), "", summary(rows), ""]
    return "\n".join([*parts, *(section(row) for row in rows)])


def section(row: Row) -> str:
    """One row under a heading of its own, ending with an empty line."""
    return "\n".join([f"## {row.title}", "", row.how, "", *_table(row), "", *_notes(row)])


def _preface(load: Sequence[tuple[float, float, float]], minutes: float) -> str:
    from vktrs.media.ffmpeg import describe

    packages = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    loads = " and ".join(f"{each[0]:.1f}" for each in load)
    return "\n".join(
        (
            "Each kind of work is done in vktrs' way and in the old notebook's, by turns, in one run of "
            "`make bench`; `benchmarks/` holds both. CPU is seconds of user and system time of the process and all "
            "that it started. What is held to a figure is held to the one of the design; a ratio is ours / theirs.",
            "",
            f"- {datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes",
            f"- {_cpu_model()}, {_cores()} cores, {_memory()}, {platform.system()} {platform.machine()}",
            f"- load of the machine at the beginning and at the end (it includes these benchmarks): {loads}",
            f"- Python {platform.python_version()}, ffmpeg {describe().version} for the notebook's way, {packages}",
        )
    )


def summary(rows: Sequence[Row]) -> str:
    """How many figures are reached of those that are held to something, and which are missed."""
    held = [figure for row in rows for figure in row.figures if figure.reached is not None]
    missed = [(row, figure) for row in rows for figure in row.figures if figure.reached is False]
    text = f"**{len(held) - len(missed)} of {len(held)} figures are reached.**"
    if missed:
        text += " Missed: " + "; ".join(f"{row.title}, {figure.name}" for row, figure in missed) + "."
    return text


def _table(row: Row) -> Iterable[str]:
    yield "| | the other way | vktrs | compared | to reach | reached |"
    yield "|---|---|---|---|---|---|"
    for figure in row.figures:
        cells = (
            figure.name,
            figure.theirs or "–",
            figure.ours,
            _compared(figure),
            str(figure.goal) if figure.goal else "–",
            {True: "yes", False: "**no**", None: "–"}[figure.reached],
        )
        yield "| " + " | ".join(cells) + " |"


def _compared(figure: Figure) -> str:
    if figure.goal and figure.goal.unit and not figure.goal.at_least:
        return "–"  # held to a number of its own, which stands beside it
    return f"{figure.value:.4g}" if figure.theirs and figure.value is not None else "–"


def _notes(row: Row) -> list[str]:
    out = []
    for figure in row.figures:
        if figure.reached is False:
            why = NOTES.get((row.title, figure.name), "nobody has looked into it yet.")
            out += [f"Missed, {figure.name}: {why}", ""]
    return out


def to_screen(rows: Sequence[Row]) -> str:
    """The same, short."""
    lines = []
    for row in rows:
        lines += [row.title, f"  {row.how}"]
        for figure in row.figures:
            verdict = {True: "reached", False: "MISSED", None: ""}[figure.reached]
            goal = f"({figure.goal}) {verdict}" if isinstance(figure.goal, Goal) else ""
            value = "-" if figure.value is None else f"{figure.value:.4g}"
            lines.append(f"  {figure.name}: {figure.theirs or '-'} | {figure.ours} | {value} {goal}")
    return "\n".join(lines)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(missing)"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB of memory"


def _cpu_model() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
