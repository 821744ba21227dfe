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
from vktrs_tui.pace import pace, short_step

_BAR, _SHORT_BAR = 20, 8
_NARROW = 100
"""Columns below which the bar is short, so that what is in hand has its place."""


class ProgressLines:
    """Shows events as they come: progress in lines that stay in place, remarks and errors above them."""

    def __init__(
        self,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        named: Callable[[str], str] = "scene {}".format,
    ) -> None:
        """`named` answers what a scene is called, by its id."""
        self._out = out or sys.stderr
        self._named = named
        self._printed: dict[str, str] = {}
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
            self._say(_failure(event, self._named))

    def close(self) -> None:
        """Leave the last lines where they are and go on below them; without a terminal, tell what they came to."""
        self._drawn = 0
        if not self._terminal:
            for stage in STAGES:
                if stage in self._printed and self._lines[stage] != self._printed[stage]:
                    self._print(stage)

    def _print(self, stage: str) -> None:
        self._printed[stage] = self._lines[stage]
        click.echo(self._lines[stage], file=self._out)

    def _progress(self, event: Event) -> None:
        stage, done, total = event["stage"], event["done"], event["total"]
        cells = _SHORT_BAR if self._terminal and shutil.get_terminal_size().columns < _NARROW else _BAR
        line = progress_line(stage, done, total, event["rate"], event["what"], event.get("part", 0.0), cells)
        news = line != self._lines.get(stage)
        self._lines[stage] = line
        if self._terminal:
            self._draw()
        elif news and (done >= total or self._clock() - self._told.get(stage, -1.0) >= 1.0):
            self._told[stage] = self._clock()
            self._print(stage)

    def _finish(self, stage: str) -> None:
        line = self._lines.get(stage, "")
        if not line or line.endswith("…"):
            self._lines[stage] = f"{stage:<11}done"
            if not self._terminal:
                self._print(stage)
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


def progress_line(
    stage: str, done: float, total: float, rate: float, what: str, part: float = 0.0, cells: int = _BAR
) -> str:
    """`keyframes  [#####               ] 3/12   1.4/s   0:06 left   scene 4`.

    `part` is how much of what is in hand is done beside `done`, `cells` how wide the bar is.
    """
    share = min((done + part) / total, 1.0) if total > 0 else 0.0
    bar = "#" * round(share * cells)
    left = f"{_clock(max(total - done - part, 0.0) / rate)} left" if rate > 0 and done < total else ""
    return f"{stage:<11}[{bar:<{cells}}] {done:g}/{total:g}  {pace(rate):<8} {left:<10} {short_step(what)}".rstrip()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _failure(event: Event, named: Callable[[str], str]) -> str:
    where = f"{named(event['scene'])}, {event['stage']}: " if event.get("scene") else ""
    hint = f"\n       {event['hint']}" if event.get("hint") else ""
    return f"vktrs: {where}{event['error']}{hint}"
