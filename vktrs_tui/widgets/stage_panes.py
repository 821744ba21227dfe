"""The panes of the stages: draws what `stage_lines` lays out, and of it only the cells that have changed.

Over SSH every byte counts: four live stages at five snapshots a second stay under 2 kB a second. Textual 8.2 draws
a line again from the left edge of its widget to the last changed cell, so names, bars, numbers and notes are widgets
of their own.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from vktrs_tui.gpus import GpuLine
from vktrs_tui.view import RunView, StageRow
from vktrs_tui.widgets.stage_lines import COMPACT_LINES, NAME_CELLS, Line, Panes, Piece, make_panes

_ROLES = ("head", "note", "bar", "running", "fresh", "stale", "missing", "failed")


class PieceLines(Widget):
    """Some lines of pieces, drawn in the styles of their roles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"stage-panes--{role}" for role in _ROLES}
    DEFAULT_CSS = """
    PieceLines {
        width: 1fr;
        height: 0;
        & > .stage-panes--head { text-style: bold; }
        & > .stage-panes--bar { color: $primary; }
        & > .stage-panes--note { color: $text-muted; }
        & > .stage-panes--running { color: $text-primary; }
        & > .stage-panes--fresh { color: $text-success; }
        & > .stage-panes--stale { color: $text-warning; }
        & > .stage-panes--missing { color: $text-muted; }
        & > .stage-panes--failed { color: $text-error; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines; what stays as it is costs nothing."""
        before, self.lines = self.lines, lines
        if len(before) != len(lines):
            self.styles.height = len(lines)
            self.refresh(layout=True)
            return
        regions = [Region(0, y, end, 1) for y, end in enumerate(map(changed_cells, before, lines)) if end]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One line, filled up with blanks."""
        line = self.lines[y] if y < len(self.lines) else ()
        segments = [Segment(piece.text, self._style(piece)) for piece in line]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, piece: Piece) -> Style:
        if piece.role not in _ROLES:
            return self.rich_style
        return self.get_visual_style(f"stage-panes--{piece.role}").rich_style


def changed_cells(old: Line, new: Line) -> int:
    """How many cells of a line, from its left, have to be drawn again for it to show `new`."""
    before, after = _cells(old), _cells(new)
    if before == after:
        return 0
    longest = max(len(before), len(after))
    blank = (" ", "")
    pairs = zip(before + [blank] * (longest - len(before)), after + [blank] * (longest - len(after)), strict=True)
    return max((at + 1 for at, (one, other) in enumerate(pairs) if one != other), default=0)


def _cells(line: Line) -> list[tuple[str, str]]:
    """Text and role of every cell; where a piece has wide or combining characters, all its cells are the whole piece.

    Half a wide character cannot be drawn.
    """
    out: list[tuple[str, str]] = []
    for piece in line:
        one_each = all(cell_len(char) == 1 for char in piece.text)
        out += [(text, piece.role) for text in (piece.text if one_each else [piece.text] * cell_len(piece.text))]
    return out


class StagePanes(Widget):
    """What runs and what is stale: a head, a line a stage, one for what is fresh, one a GPU.

    As high as it has lines, or at most two where `compact`; where its height is set from outside, or the most that it
    may be, what matters most is kept.
    """

    DEFAULT_CSS = """
    StagePanes {
        height: auto;
        width: 1fr;
        overflow: hidden;
        & > Horizontal { height: auto; }
    }
    """

    compact: reactive[bool] = reactive(False, layout=True)

    def __init__(self, key: str = "A", id: str | None = None) -> None:
        super().__init__(id=id)
        self._key = key
        self._stages: tuple[StageRow, ...] = ()
        self._run: RunView | None = None
        self._gpus: tuple[GpuLine, ...] = ()
        self._panes = Panes()
        self._head, self._rest = PieceLines(), PieceLines()
        self._names, self._bars, self._numbers, self._notes = (PieceLines() for _ in range(4))
        self._names.styles.width = NAME_CELLS
        self._bars.styles.width = self._numbers.styles.width = self._notes.styles.width = 0

    def compose(self) -> ComposeResult:
        """The head, the columns of what runs, and the rest."""
        yield self._head
        with Horizontal():
            yield self._names
            yield self._bars
            yield self._numbers
            yield self._notes
        yield self._rest

    def show(self, stages: tuple[StageRow, ...], run: RunView | None, gpus: tuple[GpuLine, ...] = ()) -> None:
        """Show these; cells that stay as they are cost nothing."""
        self._stages, self._run, self._gpus = stages, run, gpus
        self._draw()

    @property
    def text(self) -> str:
        """What is drawn, line by line."""
        panes = self._panes
        columns = zip(panes.names, panes.bars, panes.numbers, panes.notes, strict=True)
        running = [(*name, Piece(" "), *bar, *told, Piece("  "), *note) for name, bar, told, note in columns]
        lines = [*panes.head, *running, *panes.rest]
        return "\n".join("".join(piece.text for piece in line) for line in lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual calls it
        """As many lines as there are to show."""
        return self._make(width, None).height

    def on_resize(self) -> None:
        """Other columns and another number of lines."""
        self._draw()

    def watch_compact(self) -> None:
        """Another number of lines."""
        self._draw()

    def _make(self, width: int, most: int | None) -> Panes:
        limits = [COMPACT_LINES if self.compact else None, self._highest]
        limit = min((each for each in limits if each is not None), default=None)
        if most is None:
            panes = self._laid_out(width, None)
            return panes if limit is None or panes.height <= limit else self._laid_out(width, limit)
        return self._laid_out(width, most if limit is None else min(most, limit))

    def _laid_out(self, width: int, most: int | None) -> Panes:
        return make_panes(self._stages, self._run, self._gpus, width, most, self._key)

    @property
    def _highest(self) -> int | None:
        """How many lines its style lets it have at most; None for any number."""
        highest = self.styles.max_height
        cells = highest.cells if highest is not None else None
        return None if cells is None else max(0, cells - self.gutter.height)

    def _draw(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        height = self.styles.height
        panes = self._make(self.size.width, None if height is None or height.is_auto else self.size.height)
        widths = (self._bars, panes.bar_cells), (self._numbers, panes.number_cells), (self._notes, panes.note_cells)
        for column, cells in widths:
            if column.styles.width is None or column.styles.width.value != cells:
                column.styles.width = cells
        self._panes = panes
        self._head.show(panes.head)
        self._names.show(panes.names)
        self._bars.show(panes.bars)
        self._numbers.show(panes.numbers)
        self._notes.show(panes.notes)
        self._rest.show(panes.rest)
