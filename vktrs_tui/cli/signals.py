"""`vktrs signals`: the signals of a project, and what one looks like after each operation of its chain."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from vktrs.errors import UsageError
from vktrs.project import STORYBOARD, Project
from vktrs.runs import previewing
from vktrs.runs.previewing import Listed, Preview
from vktrs.timing import format_clock
from vktrs_tui.cli.speaking import one_line, remark, tell

_BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-:=+*#"
_WIDEST = 100


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--chain", metavar="TEXT", help="Another chain than the one that is written; nothing is saved.")
@click.option("--source", metavar="TEXT", help="Another source: mix, a stem, harmonic, percussive, or a sound file.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs; its shape is in the README.")
def signals(folder: str | None, name: str | None, chain: str | None, source: str | None, as_json: bool) -> int:
    """List the signals of a project, or draw one after each of its operations, from the start of the song to its end.

    \b
    Example:  vktrs signals my_video
              vktrs signals my_video pulse
              vktrs signals my_video --source mix --chain "bandpass(40, 120) | rms | sustain(0.3)"
    """
    project, name = _project_and_name(folder, name)
    if name is None and chain is None and source is None:
        found = previewing.listed(project)
        if as_json:
            tell(json.dumps([asdict(each) for each in found], indent=1, ensure_ascii=False))
        else:
            _tell_list(found)
        return 0
    shown = previewing.preview(project, name, source, chain)
    if as_json:
        tell(json.dumps(_as_json(shown), ensure_ascii=False))
    else:
        for line in _lines(shown):
            tell(line)
    return 0


def _project_and_name(folder: str | None, name: str | None) -> tuple[Project, str | None]:
    """The project, and the signal as it was named; one argument alone may be either."""
    if folder is None or name is not None or (Path(folder) / STORYBOARD).is_file():
        return Project.open(Path(folder or ".")), name
    if not Path(STORYBOARD).is_file():
        return Project.open(Path(folder)), None
    here = Project.open(Path())
    if folder not in here.document().board.signals and Path(folder).is_dir():
        raise UsageError(f"{folder} is neither a project nor a signal of the one here.")
    return here, folder


def _as_json(shown: Preview) -> dict[str, Any]:
    """The documented shape of `vktrs signals NAME --json`."""
    steps = [
        {
            "operation": step.name,
            "rate": step.curve.rate,
            "offset": step.curve.offset,
            "values": [round(value, 4) for value in step.curve.values],
        }
        for step in shown.steps
    ]
    return {
        "name": shown.name,
        "source": shown.source,
        "chain": shown.chain,
        "duration": shown.duration,
        "made": shown.made,
        "steps": steps,
        "used_by": list(shown.used_by),
    }


def _tell_list(found: Sequence[Listed]) -> None:
    if not found:
        remark('No signals yet. Write `[signals.pulse]` with `source = "mix"` and `chain = "rms"` into the storyboard.')
    widest = max((len(each.name) for each in found), default=0)
    for each in found:
        used = ", ".join(each.used_by) or "not used"
        state = "made" if each.made else "not made yet" if each.used_by else "made when it is used"
        tell(f"{each.name:<{widest}}  {one_line(each.source)}: {one_line(each.chain)}  ({state}; {used})")


def _lines(shown: Preview) -> Iterator[str]:
    yield f"{shown.name or 'not saved'}  {one_line(shown.source)}: {shown.chain or 'nothing is done with it'}"
    if shown.name is not None:
        yield f"used by {', '.join(shown.used_by) or 'nothing'}"
    width = max(min(shutil.get_terminal_size((80, 24)).columns, _WIDEST), 20)
    for step in shown.steps:
        yield ""
        yield step.name or "the sound, as loud as it is"
        yield drawn(step.curve.values, width, _levels())
    end = format_clock(shown.duration, 0)
    yield "0:00".ljust(width - len(end)) + end


def _levels() -> str:
    """Blocks where they can be printed."""
    try:
        _BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return _PLAIN
    return _BLOCKS


def drawn(values: Sequence[float], width: int, levels: str = _BLOCKS) -> str:
    """A curve of values in 0..1 as at most `width` characters in a row, each for the highest of what lies there."""
    width = min(width, len(values))
    edges = [len(values) * place // width for place in range(width + 1)]
    highest = (max(values[low:high]) for low, high in pairwise(edges))
    return "".join(levels[min(int(value * len(levels)), len(levels) - 1)] for value in highest)
