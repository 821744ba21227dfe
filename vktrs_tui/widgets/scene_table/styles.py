"""How the looks of the table's cells are coloured: its component classes, their stylesheet, and styles for segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from vktrs_tui.widgets.scene_table.drawing import Line, Run

PREFIX = "scene-table--"

GROUNDS = ("plain", "row", "selected", "cursor", "header")
LOOKS = (
    *("written", "derived", "header-cursor", "notice", "sign", "playing", "problem", "word", "match"),
    *("fresh", "stale", "missing", "running", "failed", "unknown"),
)
COMPONENTS = {PREFIX + name for name in (*GROUNDS, *LOOKS)}

CSS = """
SceneTable {
    width: 1fr;
    height: 1fr;
    background: $surface;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-gutter: stable;
    scrollbar-size-vertical: 1;
    scrollbar-background: $surface;
    scrollbar-background-hover: $surface;
    scrollbar-background-active: $surface;

    & > .scene-table--header { background: $panel; color: $foreground 80%; }
    & > .scene-table--header-cursor { color: $foreground; text-style: bold; }
    & > .scene-table--row { background: $foreground 8%; }
    & > .scene-table--selected { background: $secondary 18%; }
    & > .scene-table--cursor { background: $foreground 20%; color: $foreground; }
    &:focus > .scene-table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style;
    }

    & > .scene-table--derived { color: $foreground 70%; }
    & > .scene-table--notice { color: $foreground 70%; }
    & > .scene-table--sign { color: $text-secondary; text-style: bold; }
    & > .scene-table--playing { color: $text-primary; text-style: bold; }
    & > .scene-table--word { color: $text-primary; text-style: bold underline; }
    & > .scene-table--match { color: $text-warning; text-style: bold underline; }
    & > .scene-table--problem { color: $text-warning; text-style: bold; }

    & > .scene-table--fresh { color: $text-success; }
    & > .scene-table--stale { color: $text-warning; }
    & > .scene-table--missing { color: $foreground 70%; }
    & > .scene-table--running { color: $text-primary; }
    & > .scene-table--failed { color: $text-error; text-style: bold; }

    &:nocolor > .scene-table--cursor { text-style: underline; }
    &:nocolor:focus > .scene-table--cursor { text-style: bold reverse; }
    &:nocolor > .scene-table--selected { text-style: bold; }
    &:nocolor > .scene-table--derived { text-style: italic; }
    &:nocolor > .scene-table--header { text-style: underline; }
}
"""

StyleOf = Callable[[str, str], Style]
"""The style of a look on a ground."""


def strip_of(line: Line, style_of: StyleOf) -> Strip:
    """The line as a strip. Neighbours that look the same are one segment, since each costs forty bytes of colour."""
    merged: list[tuple[str, Style]] = []
    for run in (run for cell in line for run in cell):
        style = style_of(run.ground, run.look)
        if merged and _joins(merged[-1], run, style):
            merged[-1] = (merged[-1][0] + run.text, merged[-1][1])
        elif merged and not merged[-1][0].strip(" ") and _same_ground(merged[-1][1], style):
            merged[-1] = (merged[-1][0] + run.text, style)
        else:
            merged.append((run.text, style))
    return Strip(Segment(text, style) for text, style in merged)


def _joins(last: tuple[str, Style], run: Run, style: Style) -> bool:
    """Whether a run may go on in the style of what is before it: it looks the same, or is blank on the same ground."""
    return last[1] == style or (not run.text.strip(" ") and _same_ground(last[1], style))


def _same_ground(one: Style, other: Style) -> bool:
    """Whether a blank looks the same in both styles."""
    return one.bgcolor == other.bgcolor and not any(_seen_on_blanks((one, other)))


def _seen_on_blanks(styles: Iterable[Style]) -> Iterable[bool]:
    return (bool(style.underline or style.reverse or style.strike) for style in styles)
