"""What is started in the terminal that counts: two tables in the same frame, and the studio with a run that is made up.

`python -m benchmarks.shown ours|theirs|run FOLDER TOLD`: TOLD is the file into which the moment is written (seconds of
the monotonic clock, which all processes share) at which everything is loaded and nothing is shown.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from vktrs.project import Project
from vktrs.timing import format_clock
from vktrs_tui.app import Studio
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.view import RunView, SceneRow, StageProgress, make_rows
from vktrs_tui.widgets.scene_table import SceneTable
from vktrs_tui.workspace.screen import Workspace

_STAGES = ("keyframes", "variations", "order", "clips")
_UPDATES = 5


class _Frame(App[None]):
    """A table between two lines; j and k move the cursor, c changes the prompt of the third row."""

    CSS = "Static { height: 3; } DataTable, SceneTable { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [("j", "move(1)", ""), ("k", "move(-1)", ""), ("c", "change", "")]

    def __init__(self, rows: tuple[SceneRow, ...]) -> None:
        super().__init__()
        self.animation_level = "none"
        self.rows = rows
        self.prompts = cycle(("a barge upon the canal", "a heron upon the canal"))


class Ours(_Frame):
    """The studio's table."""

    def compose(self) -> ComposeResult:
        yield Static("above")
        yield SceneTable()
        yield Static("below")

    def on_mount(self) -> None:
        table = self.query_one(SceneTable)
        table.show(self.rows)
        table.focus()

    def action_move(self, by: int) -> None:
        self.query_one(SceneTable).move_by(by)

    def action_change(self) -> None:
        third = self.rows[2]
        changed = replace(third, prompt=replace(third.prompt, text=next(self.prompts)))
        self.rows = (*self.rows[:2], changed, *self.rows[3:])
        self.query_one(SceneTable).show(self.rows)


class Theirs(_Frame):
    """Textual's own table, with every scene a row of it."""

    def compose(self) -> ComposeResult:
        yield Static("above")
        yield DataTable[Text](cursor_type="cell")
        yield Static("below")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        widths = {"#": 5, "start": 10, "length": 8, "lyric": 36, "prompt": 30, "theme": 14, "k": 2, "v": 2, "c": 2}
        for name, width in widths.items():
            table.add_column(name, key=name, width=width)
        for row in self.rows:
            length = "" if row.length is None else format_clock(row.length)
            texts = (str(row.number), format_clock(row.start), length, row.text, row.prompt.text, row.theme.text)
            table.add_row(*(Text(each) for each in (*texts, "?", "?", "?")), key=row.id)
        table.move_cursor(column=3)
        table.focus()

    def action_move(self, by: int) -> None:
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def action_change(self) -> None:
        self.query_one(DataTable).update_cell(self.rows[2].id, "prompt", Text(next(self.prompts)))


class Running(Studio):
    """The studio, with a run of four stages that goes on five times a second, two of them in steps of pictures."""

    done = 0.0
    steps = 0

    async def on_mount(self) -> None:
        self.set_interval(1 / _UPDATES, self._advance)

    def _advance(self) -> None:
        self.done += 0.3
        self.steps += 1
        steps = f", step {self.steps % 50 + 1} of 50"
        left = 4000 / 1.5 - self.done
        stages = tuple(
            StageProgress(
                name,
                "begun",
                self.done * each // 1,
                4000.0,
                1.5 * each,
                left,
                f"scene {each}{steps if each <= 2 else ''}",
                self.done * each % 1,
            )
            for each, name in enumerate(_STAGES, start=1)
        )
        if isinstance(self.screen, Workspace):
            self.screen.post_message(RunAdvanced(RunView("made-up", alive=True, stages=stages)))


def main(what: str, folder: Path, told: Path) -> None:
    """Show it until the terminal goes."""
    app: App[None] | App[int]
    if what == "run":
        app = Running(folder)
    else:
        board = Project.open(folder).document().board
        rows = make_rows(board, None, {}, {})
        app = Ours(rows) if what == "ours" else Theirs(rows)
    told.write_text(repr(time.monotonic()), "utf-8")
    app.run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
