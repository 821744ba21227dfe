"""The lines of the stage panes as texts with roles: what stands where, and what is left out where room is scarce.

Pure: it draws nothing and knows no colour. The columns of what runs have fixed places for a given width, so that
between two snapshots only the cells that say something new differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from vktrs.errors import Stopped
from vktrs.stages import STAGES
from vktrs.timing import format_clock
from vktrs_tui.gpus import GpuLine
from vktrs_tui.pace import pace, short_step
from vktrs_tui.view import SIGNS, RunView, StageProgress, StageRow
from vktrs_tui.widgets.plain_text import fitted

_NAME = 10
NAME_CELLS = 2 + _NAME + 1
_COUNT = 11
_RATE = 8
_LEFT = 13
_GAP, _NOTE = 2, 22
_LEAST_NOTE = 8
_LEAST_BAR, _MOST_BAR = 8, 24
COMPACT_LINES = 2
_PLAIN_REASON = "not made yet"
_GIGABYTE = 1024**3


@dataclass(frozen=True, slots=True)
class Piece:
    """Some cells of a line and the role that they are drawn in."""

    text: str
    role: str = "text"


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Panes:
    """All that is drawn: a head of one line or none, four columns of what runs, and lines below them.

    `names`, `bars`, `numbers` and `notes` are equally long; `bar_cells`, `number_cells` and `note_cells` tell how wide
    the last three are (0: there is no room for them).
    """

    head: tuple[Line, ...] = ()
    names: tuple[Line, ...] = ()
    bars: tuple[Line, ...] = ()
    numbers: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    rest: tuple[Line, ...] = ()
    bar_cells: int = 0
    number_cells: int = 0
    note_cells: int = 0

    @property
    def height(self) -> int:
        """How many lines there are in all."""
        return len(self.head) + len(self.names) + len(self.rest)


def make_panes(
    stages: tuple[StageRow, ...],
    run: RunView | None,
    gpus: tuple[GpuLine, ...],
    width: int,
    most: int | None = None,
    key: str = "A",
) -> Panes:
    """The panes at `width` cells and at most so many lines; `key` is what makes all.

    A line a stage that runs, failed or is stale, one for all that are fresh, one a GPU; where there is no room for
    all, what runs is kept longest, and what was left out is named. With room to spare a stale stage tells its reasons
    in full. A stage of which nothing is asked yet, as there are no scenes, has no line.
    """
    if width <= 0 or most == 0:
        return Panes()
    going = run.stages if run is not None and run.alive else ()
    running = [stage for stage in going if stage.state == "begun"]
    names = {stage.name for stage in running}
    resting = [row for row in stages if row.state != "fresh" and row.name not in names and _asked_for(row)]
    fresh = [] if _done(run, stages) else [row for row in stages if row.state == "fresh" and row.name not in names]
    machine = [_gpu_line(gpu, width) for gpu in gpus]
    head = [head_line(stages, run, width, key)]
    if most is not None:
        # In two lines what runs says more than that something runs, unless it has just said something in words.
        head = head if most > COMPACT_LINES or not running or (run is not None and run.note) else []
        running = running[: most - len(head)]
    room = None if most is None else most - len(head) - len(running)
    cells, runs = _bar_cells(width), Piece(f"{SIGNS['running']} ", "running")
    columns = _columns(width - NAME_CELLS - cells)
    numbered = min(sum(columns) + _GAP, width - NAME_CELLS - cells)
    noted = width - NAME_CELLS - cells - numbered
    return Panes(
        head=tuple(head),
        names=tuple((runs, Piece(fitted(stage.name, _NAME), "name")) for stage in running),
        bars=tuple((Piece(bar(_share(stage), cells), "bar"),) for stage in running),
        numbers=tuple((Piece(_numbers(stage, columns)),) for stage in running),
        notes=tuple((Piece(_note(stage, noted)),) for stage in running),
        rest=_rest(resting, machine, _fresh_lines(fresh, width), width, room),
        bar_cells=cells,
        number_cells=numbered,
        note_cells=noted,
    )


def _asked_for(row: StageRow) -> bool:
    return row.total > 0 or row.state != "missing"


def _rest(
    resting: list[StageRow], machine: list[Line], fresh: list[Line], width: int, room: int | None
) -> tuple[Line, ...]:
    """What waits and then the rest, as far as there is room; with some to spare the reasons in full."""
    if room is not None and room < len(resting) + len(machine):
        return _cut_rest(resting, machine, width, room)
    last = [*machine, *fresh]
    spare = 0 if room is None else room - len(resting) - len(last)
    lines: list[Line] = []
    for row in resting:
        lines.append(_resting_line(row, width))
        if spare > 0 and (told := _reasons(row)[1:]):
            lines.append(_line([Piece(" " * NAME_CELLS), Piece("; ".join(told), "note")], width))
            spare -= 1
    return tuple([*lines, *last][:room])


def _cut_rest(resting: list[StageRow], machine: list[Line], width: int, room: int) -> tuple[Line, ...]:
    """The first lines and one with the names of what they leave out; in a single line only how many stages that are."""
    if room <= 0:
        return ()
    lines = [*(_resting_line(row, width) for row in resting), *machine]
    if room == 1:
        left = len(resting) - 1
        more = f"  +{left} stage{'' if left == 1 else 's'}" if left > 0 else ""
        line = _line(list(lines[0]), width - cell_len(more))
        return ((*line, Piece(more, "note")) if more else line,)
    names = [*(row.name for row in resting), *("GPU" for _ in machine)][room - 1 :]
    more = f"+{len(names)} more: {' '.join(dict.fromkeys(names))}"
    return (*lines[: room - 1], _line([Piece(more, "note")], width))


def head_line(stages: tuple[StageRow, ...], run: RunView | None, width: int, key: str) -> Line:
    """What the run does or how it ended, in words; without a run what there is to do."""
    state, text = _live(run) if run is not None and run.alive else _over(run, stages, key)
    return _line([Piece(f"{SIGNS[state]} ", state), Piece(text, "failed" if state == "failed" else "head")], width)


def _live(run: RunView) -> tuple[str, str]:
    failed = f", {_pieces(len(run.failures))} failed" if run.failures else ""
    note = f": {run.note}" if run.note else ""
    return "running", f"run {run.id} {'going on' if run.began else 'begins'}{failed}{note}"


def _over(run: RunView | None, stages: tuple[StageRow, ...], key: str) -> tuple[str, str]:
    """How the last run ended where there is something left to do; state and words."""
    if run is not None and run.died:
        return "failed", f"the worker died; {key} resumes: {_last(run)}"
    if not stages:  # the project is still being looked at
        return "missing", "nothing runs"
    if _done(run, stages):
        video = f": {run.video}" if run is not None and run.video else ""
        return "fresh", f"nothing runs; everything is fresh{video}"
    todo = _todo(stages)
    if run is not None and run.exit == Stopped.exit_code:
        return "stale", f"the run was stopped; {todo}: {key} goes on"
    if run is not None and run.exit:
        more = f" (and {len(run.failures) - 1} more)" if len(run.failures) > 1 else ""
        return "failed", f"the run failed: {_last(run)}{more}"
    return "stale", f"nothing runs; {todo}: {key} makes {'it' if sum(_unmade(stages).values()) == 1 else 'them'}"


def _last(run: RunView) -> str:
    """What ended the run, else the first thing that failed."""
    ends = [failure for failure in run.failures if failure.stage is None]
    failure = next(iter(ends or run.failures), None)
    if failure is None:
        return f"exit code {run.exit}"
    where = f"{failure.stage}: " if failure.stage else ""
    return f"{where}{failure.error}"


def _todo(stages: tuple[StageRow, ...]) -> str:
    """How many pieces are not fresh, and what they are: `12 pieces stale`, `1 failed, 8 stale, 3 missing`."""
    told = [(word, count) for word, count in _unmade(stages).items() if count]
    if len(told) == 1:
        return f"{_pieces(told[0][1])} {told[0][0]}"
    return ", ".join(f"{count} {word}" for word, count in told)


def _unmade(stages: tuple[StageRow, ...]) -> dict[str, int]:
    """How many pieces failed, are stale and are missing."""
    counts = dict.fromkeys(("failed", "stale", "missing"), 0)
    for row in stages:
        if row.state != "fresh":
            counts[row.state if row.state in counts else "missing"] += max(0, row.total - row.done)
    return counts


def _done(run: RunView | None, stages: tuple[StageRow, ...]) -> bool:
    """Whether nothing runs and there is nothing to do, which the head says."""
    going = run is not None and (run.alive or run.died)
    return bool(stages) and not going and not any(_unmade(stages).values())


def _pieces(count: int) -> str:
    return f"{count} piece{'' if count == 1 else 's'}"


def _bar_cells(width: int) -> int:
    """How wide bars are: as the numbers beside them leave room for, 0 where that is too little."""
    room = width - NAME_CELLS - _COUNT - _LEFT - _RATE - _GAP - _NOTE
    least = width - NAME_CELLS - _COUNT
    return min(_MOST_BAR, room) if room >= _LEAST_BAR else _LEAST_BAR if least >= _LEAST_BAR else 0


def _columns(width: int) -> tuple[int, ...]:
    """How wide the columns of the count, of the time left and of the rate are; the narrower, the fewer of them."""
    columns: tuple[int, ...] = ()
    for cells in (_COUNT, _LEFT, _RATE):
        if sum(columns) + cells > width:
            break
        columns = (*columns, cells)
    return columns


def _numbers(stage: StageProgress, columns: tuple[int, ...]) -> str:
    """`12/60  0:37 left  1.3/s`, each in its column, as far as there are columns.

    What changes most often stands first: everything left of a changed cell is drawn again.
    """
    count = f"{stage.done:g}/{stage.total:g}" if stage.total else "…"
    left = f"{_coarse(stage.left)} left" if stage.left is not None else ""
    return "".join(text.rjust(cells) for text, cells in zip((count, left, pace(stage.rate)), columns, strict=False))


def _note(stage: StageProgress, width: int) -> str:
    """What is in hand, `step 4/14, scene 13`; a column of its own, as it may change at every step."""
    return fitted(short_step(stage.what), width) if width >= _LEAST_NOTE else ""


def _share(stage: StageProgress) -> float:
    return (stage.done + stage.part) / stage.total if stage.total else 0.0


def bar(share: float, cells: int) -> str:
    """A bar of so many cells, filled to `share` (0..1) in halves of a cell."""
    full, half = divmod(int(max(0.0, min(1.0, share)) * cells * 2), 2)
    return ("█" * full + "▌" * half).ljust(cells, "░")


def _coarse(seconds: float) -> str:
    """A time left, no finer than it is worth: `0:37`, `4:50`, `1:23:00`."""
    step = 1 if seconds < 60 else 5 if seconds < 600 else 60
    return format_clock(round(seconds / step) * step, decimals=0)


def _resting_line(row: StageRow, width: int) -> Line:
    """`! variations  412/420  stale: scene 4: consistency 0.72 -> 0.60`."""
    sign = Piece(f"{SIGNS[row.state]} ", row.state)
    count = f"{row.done}/{row.total}".rjust(_COUNT)
    reasons = _reasons(row)
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    state = "waits" if row.state == "running" else row.state
    told = f"{state}: {reasons[0]}{more}" if reasons else state
    name = Piece(set_cell_size(row.name, _NAME + 1), "name")
    return _line([sign, name, Piece(count, "text"), Piece(f"  {told}", row.state)], width)


def _reasons(row: StageRow) -> list[str]:
    """What is worth words: what changed and what failed, not that something was never made."""
    return [reason for reason in row.reasons if not reason.endswith(_PLAIN_REASON)]


def _fresh_lines(fresh: list[StageRow], width: int) -> list[Line]:
    """One line with the names of all that are fresh; none where none is."""
    if not fresh:
        return []
    names = "all fresh" if len(fresh) == len(STAGES) else f"fresh: {' '.join(row.name for row in fresh)}"
    return [_line([Piece("✓ ", "fresh"), Piece(names, "note")], width)]


def _gpu_line(gpu: GpuLine, width: int) -> Line:
    """`▪ NVIDIA H200  ██████░░  87 %  12.3 of 139.8 GiB  64 °C`."""
    load = "load ?" if gpu.load is None else f"{gpu.load} %"
    memory = f"{gpu.used_bytes / _GIGABYTE:.1f} of {gpu.total_bytes / _GIGABYTE:.1f} GiB"
    heat = "" if gpu.temperature is None else f"{gpu.temperature} °C"
    name = max(_NAME, min(cell_len(gpu.name), width - _LEAST_BAR - 38)) + 1
    pieces = [Piece("▪ ", "note"), Piece(set_cell_size(fitted(gpu.name, name - 1), name), "name")]
    if width >= name + _LEAST_BAR + 38:
        pieces.append(Piece(bar((gpu.load or 0) / 100, _LEAST_BAR), "bar"))
    pieces.append(Piece(f"{load.rjust(7)}  {memory.rjust(20)}  {heat}", "text"))
    return _line(pieces, width)


def _line(pieces: list[Piece], width: int) -> Line:
    """The pieces cut to `width` cells."""
    out: list[Piece] = []
    room = width
    for piece in pieces:
        text = fitted(piece.text, room)
        if text:
            out.append(Piece(text, piece.role))
        room -= cell_len(text)
    return tuple(out)
