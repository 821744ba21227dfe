"""A run on the screen: one line a stage, redrawn in place on a terminal, one line a second elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

import click

from vktrs.runs.events import Event
from vktrs.stages import STAGES
from vktrs_tui.cli.speaking import one_line, shown

_BAR = 20


class ProgressLines:
    """Shows events as they come: progress in lines that stay in place, remarks and errors above them."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out or sys.stderr
        self._clock = clock
        self._terminal = self._out.isatty()
        self._lines: dict[str, str] = {}
        self._drawn = 0
        self._told: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Take one event to the screen."""
        kind = event["event"]
        if kind == "progress":
            self._progress(event)
        elif kind == "stage" and event["state"] == "begun":
            self._lines.setdefault(event["stage"], f"{event['stage']:<11}…")
            self._draw()
        elif kind == "stage":
            self._finish(event["stage"])
        elif kind == "remark":
            self._say(event["text"])
        elif kind == "failed":
            self._say(_failure(event))

    def close(self) -> None:
        """Leave the last lines where they are and go on below them."""
        self._drawn = 0

    def _progress(self, event: Event) -> None:
        stage, done, total = event["stage"], event["done"], event["total"]
        line = progress_line(stage, done, total, event["rate"], event["what"])
        news = line != self._lines.get(stage)
        self._lines[stage] = line
        if self._terminal:
            self._draw()
        elif news and (done >= total or self._clock() - self._told.get(stage, -1.0) >= 1.0):
            self._told[stage] = self._clock()
            click.echo(line, file=self._out)

    def _finish(self, stage: str) -> None:
        line = self._lines.get(stage, "")
        if not line or line.endswith("…"):
            self._lines[stage] = f"{stage:<11}done"
            if not self._terminal:
                click.echo(self._lines[stage], file=self._out)
        self._draw()

    def _say(self, text: str) -> None:
        """A line above the progress."""
        self._erase()
        click.echo(shown(text, self._out), file=self._out)
        self._draw()

    def _draw(self) -> None:
        if not self._terminal:
            return
        self._erase()
        size = shutil.get_terminal_size()
        # what has left the screen at its top could not be drawn over
        stages = [name for name in STAGES if name in self._lines][-max(1, size.lines - 1) :]
        for stage in stages:
            line = one_line(shown(self._lines[stage], self._out))
            self._out.write(line[: max(1, size.columns - 1)] + "\n")
        self._drawn = len(stages)
        self._out.flush()

    def _erase(self) -> None:
        if self._terminal and self._drawn:
            self._out.write(f"\x1b[{self._drawn}F\x1b[J")
        self._drawn = 0


def progress_line(stage: str, done: float, total: float, rate: float, what: str) -> str:
    """`keyframes  [#####               ] 3/12   1.4/s   0:06 left   scene 4`."""
    share = min(done / total, 1.0) if total > 0 else 0.0
    bar = "#" * round(share * _BAR)
    left = f"{_clock((total - done) / rate)} left" if rate > 0 and done < total else ""
    pace = f"{rate:.3g}/s" if rate > 0 else ""
    return f"{stage:<11}[{bar:<{_BAR}}] {done:g}/{total:g}  {pace:<8} {left:<10} {what}".rstrip()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _failure(event: Event) -> str:
    where = f"scene {event['scene']}, {event['stage']}: " if event.get("scene") else ""
    hint = f"\n       {event['hint']}" if event.get("hint") else ""
    return f"vktrs: {where}{event['error']}{hint}"
