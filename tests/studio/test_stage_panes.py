"""The panes of the stages: what they say of a run and of what is stale, and how little of them is drawn again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from vktrs.stages import STAGES
from vktrs_tui.gpus import GpuLine
from vktrs_tui.run_watcher import advance
from vktrs_tui.view import Failure, RunView, StageProgress, StageRow
from vktrs_tui.widgets.stage_lines import Piece, bar, make_panes
from vktrs_tui.widgets.stage_panes import PieceLines, StagePanes, changed_cells

FRESH = tuple(StageRow(name, "fresh", 1, 1) for name in STAGES)
KEYFRAMES = StageProgress("keyframes", "begun", 12, 60, 1.3, 37.0, "scene 13")
RUN = RunView("20260101-000000-aaaa", alive=True, began=1.0, stages=(KEYFRAMES,))
WAITING = (
    *FRESH[:4],
    StageRow("keyframes", "running", 12, 60),
    StageRow("variations", "stale", 412, 420, ("scene 4: consistency 0.72 -> 0.60", "scene 5: prompt changed")),
    StageRow("order", "missing", 58, 60, ("scene 2: not made yet",)),
    StageRow("clips", "failed", 59, 60, ("scene 3: the encoder stumbled",)),
    StageRow("video", "missing", 0, 1, ("waits for the stages before it",)),
)
GPU = GpuLine("NVIDIA H200", 87, 13 * 1024**3, 139 * 1024**3, 64)


class Panes(App[None]):
    """Nothing but the panes; `height` None lets them take what they need, but at most `most`."""

    def __init__(self, height: int | None = None, compact: bool = False, most: int | None = None) -> None:
        super().__init__()
        self.panes = StagePanes()
        self.panes.compact = compact
        if height is not None:
            self.panes.styles.height = height
        if most is not None:
            self.panes.styles.max_height = most

    def compose(self) -> ComposeResult:
        yield self.panes


def drawn(app: Panes) -> list[str]:
    """The lines as the widgets draw them, the columns of a line side by side."""
    lines: dict[int, list[tuple[int, str]]] = {}
    for part in app.query(PieceLines):
        for y in range(part.size.height):
            lines.setdefault(part.region.y + y, []).append((part.region.x, part.render_line(y).text))
    return ["".join(text for _, text in sorted(columns)) for _, columns in sorted(lines.items())]


def shown(
    app: Panes,
    do: Callable[[Panes, Pilot[None]], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
) -> list[str]:
    """What is drawn after that."""

    async def act() -> list[str]:
        async with app.run_test(size=size) as pilot:
            await do(app, pilot)
            await pilot.pause()
            return drawn(app)

    return asyncio.run(act())


def showing(
    stages: tuple[StageRow, ...] = FRESH, run: RunView | None = None, gpus: tuple[GpuLine, ...] = ()
) -> Callable[[Panes, Pilot[None]], Awaitable[None]]:
    async def show(app: Panes, pilot: Pilot[None]) -> None:
        app.panes.show(stages, run, gpus)

    return show


def head(stages: tuple[StageRow, ...], run: RunView | None) -> str:
    (line,) = make_panes(stages, run, (), 100).head
    return "".join(piece.text for piece in line)


def test_a_running_stage_tells_bar_count_time_left_rate_and_note() -> None:
    lines = shown(Panes(), showing(WAITING, RUN))
    assert lines[0].rstrip() == "► run 20260101-000000-aaaa going on"
    assert lines[1].startswith("► keyframes  ██░")
    assert lines[1].split("░")[-1].split() == ["12/60", "0:37", "left", "1.3/s", "scene", "13"]


STEP = StageProgress("variations", "begun", 412, 1420, 0.0056, 3725.0, "scene 103, step 12 of 14", 6.8)


@pytest.mark.parametrize("width", [78, 118])
def test_a_step_is_seen_with_the_time_left_and_a_slow_rate(width: int) -> None:
    lines = shown(Panes(), showing(WAITING, replace(RUN, stages=(STEP,))), (width, 24))
    assert lines[1].split("░")[-1].split() == ["412/1420", "1:02:00", "left", "20/h", "step", "12/14,", "scene", "103"]


@pytest.mark.parametrize("width", [78, 118])
def test_a_further_step_costs_no_more_than_its_own_cells(width: int) -> None:
    before = make_panes(WAITING, replace(RUN, stages=(STEP,)), (), width)
    after = make_panes(
        WAITING, replace(RUN, stages=(replace(STEP, what="scene 103, step 13 of 14", part=7.4),)), (), width
    )
    assert (before.head, before.names, before.bars, before.numbers) == (
        after.head,
        after.names,
        after.bars,
        after.numbers,
    )
    assert changed_cells(before.notes[0], after.notes[0]) == len("step 13")


def test_part_of_a_picture_moves_the_bar() -> None:
    half = StageProgress("keyframes", "begun", 0, 2, 0.1, 5.0, "step 7 of 14", 1.0)
    (shown_bar,) = make_panes(WAITING, replace(RUN, stages=(half,)), (), 80).bars
    assert shown_bar[0].text.count("█") == len(shown_bar[0].text) // 2


def test_what_the_run_last_said_stands_in_its_head_until_the_work_goes_on() -> None:
    waits = advance(RUN, {"event": "remark", "text": "Edited just now: scene 3."})
    assert head(WAITING, waits) == "► run 20260101-000000-aaaa going on: Edited just now: scene 3."
    assert head(WAITING, advance(waits, {"event": "artifact", "stage": "clips", "scene": "a", "key": "k"})) == (
        "► run 20260101-000000-aaaa going on"
    )


def test_in_two_lines_too_what_the_run_last_said_is_seen() -> None:
    loads = advance(RUN, {"event": "remark", "text": "Loading a/b."})
    panes = make_panes(WAITING, loads, (), 80, 2)
    assert "".join(piece.text for piece in panes.head[0]).endswith("Loading a/b.")
    assert not make_panes(WAITING, RUN, (), 80, 2).head


def test_what_waits_tells_its_state_in_a_sign_and_a_word_and_the_first_reason() -> None:
    lines = [line.rstrip() for line in shown(Panes(), showing(WAITING, RUN), (100, 24))]
    assert lines[2].startswith("~ variations     412/420  stale: scene 4: consistency 0.72 -> 0.60 (and 1 more)")
    assert lines[3].split() == ["·", "order", "58/60", "missing"]
    assert lines[4].split()[:4] == ["✗", "clips", "59/60", "failed:"]
    assert lines[6] == "✓ fresh: song words structure scenes"


def test_a_project_that_is_done_takes_one_line() -> None:
    done = replace(RUN, alive=False, exit=0, video="output.mp4", stages=())
    lines = [line.rstrip() for line in shown(Panes(), showing(FRESH, done))]
    assert lines == ["✓ nothing runs; everything is fresh: output.mp4"]


@pytest.mark.parametrize("run", [replace(RUN, stages=()), replace(RUN, alive=False, died=True)])
def test_that_all_is_fresh_is_told_where_the_head_tells_something_else(run: RunView) -> None:
    assert [line.rstrip() for line in shown(Panes(), showing(FRESH, run))][1:] == ["✓ all fresh"]


def test_without_scenes_what_they_would_need_takes_no_line() -> None:
    rows = (*FRESH[:3], StageRow("scenes", "missing", 0, 1), *(StageRow(name, "missing", 0, 0) for name in STAGES[4:8]))
    lines = shown(Panes(), showing((*rows, StageRow("video", "missing", 0, 1))))
    assert [line.split()[1] for line in lines] == ["nothing", "scenes", "video", "fresh:"]


def test_what_is_left_out_is_named_in_the_last_line() -> None:
    missing = tuple(StageRow(name, "missing", 0, 5) for name in STAGES if name != "signals")
    for app in (Panes(7), Panes(most=7)):
        lines = [line.rstrip() for line in shown(app, showing(missing, None, (GPU,)))]
        assert len(lines) == 7
        assert lines[-2].startswith("· keyframes")
        assert lines[-1] == "+5 more: variations order clips video GPU"
    narrow = [line.rstrip() for line in shown(Panes(7), showing(missing), (28, 24))]
    assert narrow[-1] == "+4 more: variations order c…"


def test_what_is_fresh_is_left_out_first_and_without_a_word() -> None:
    lines = shown(Panes(7), showing(WAITING, None))
    assert [line.split()[1] for line in lines] == ["nothing", *STAGES[5:], "fresh:"]
    lines = shown(Panes(6), showing(WAITING, None))
    assert [line.split()[1] for line in lines] == ["nothing", *STAGES[5:]]


def test_one_line_for_all_that_waits_ends_with_how_many_stages_it_leaves_out() -> None:
    waiting = (*FRESH[:5], *WAITING[5:])
    lines = [line.rstrip() for line in shown(Panes(compact=True), showing(waiting, None))]
    assert lines[1].startswith("~ variations     412/420  stale: scene 4")
    assert lines[1].endswith("…  +3 stages")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (None, "~ nothing runs; 1 failed, 8 stale, 51 missing: A makes them"),
        (replace(RUN, began=0.0), "► run 20260101-000000-aaaa begins"),
        (
            replace(RUN, failures=(Failure("clips", "c", "e", "h"),)),
            "► run 20260101-000000-aaaa going on, 1 piece failed",
        ),
        (
            replace(RUN, alive=False, exit=130),
            "~ the run was stopped; 1 failed, 8 stale, 51 missing: A goes on",
        ),
        (
            replace(
                RUN, alive=False, exit=1, failures=(Failure("clips", "c", "[/x]", "h"), Failure("order", "c", "e", "h"))
            ),
            "✗ the run failed: clips: [/x] (and 1 more)",
        ),
        (
            replace(
                RUN,
                alive=False,
                exit=1,
                failures=(Failure("clips", "c", "e", "h"), Failure(None, None, "the disk is full.", "h")),
            ),
            "✗ the run failed: the disk is full. (and 1 more)",
        ),
        (
            replace(RUN, alive=False, died=True, failures=(Failure(None, None, "killed.", "h"),)),
            "✗ the worker died; A resumes: killed.",
        ),
    ],
)
def test_the_head_says_how_the_run_stands(run: RunView | None, said: str) -> None:
    assert head(WAITING, run) == said


def test_what_is_not_known_yet_is_not_called_fresh() -> None:
    assert head((), None) == "· nothing runs"


def test_one_kind_of_work_to_do_is_told_as_pieces() -> None:
    assert head((*FRESH[:8], StageRow("video", "stale", 0, 1)), None) == "~ nothing runs; 1 piece stale: A makes it"
    assert head((*FRESH[:8], StageRow("video", "stale", 0, 2)), None).endswith("2 pieces stale: A makes them")


def test_a_terminal_too_small_for_anything_breaks_nothing() -> None:
    assert shown(Panes(), showing(WAITING, RUN, (GPU,)), (2, 2))


def test_a_failed_run_of_which_nothing_is_left_to_do_is_no_news() -> None:
    failed = replace(RUN, alive=False, exit=1, failures=(Failure("clips", "c", "e", "h"),))
    assert head(FRESH, failed) == "✓ nothing runs; everything is fresh"


def test_a_gpu_takes_one_line() -> None:
    lines = shown(Panes(), showing(FRESH, None, (GPU, GpuLine("slice", None, 0, 1024**3))))
    assert lines[1].split() == ["▪", "NVIDIA", "H200", "██████▌░", "87", "%", "13.0", "of", "139.0", "GiB", "64", "°C"]
    assert "load ?" in lines[2]


@pytest.mark.parametrize("width", [20, 33, 50, 79, 80, 120, 200])
def test_every_line_fits_its_width_and_is_filled_whatever_it_says(width: int) -> None:
    odd = replace(KEYFRAMES, what="日本語 e\u0301 👩‍👩‍👧 שלום [/x] " * 5)
    rows = (*WAITING[:5], replace(WAITING[5], reasons=("prompt: 日本語 [bold] 👩‍👩‍👧 " * 9,)), *WAITING[6:])
    lines = shown(Panes(), showing(rows, replace(RUN, stages=(odd,)), (GPU,)), (width, 24))
    assert [cell_len(line) for line in lines] == [width] * 8


def test_markup_and_line_ends_of_the_user_are_shown_as_typed() -> None:
    note = replace(KEYFRAMES, what="[/x] la\nla")
    lines = shown(Panes(), showing(WAITING, replace(RUN, stages=(note,))), (120, 24))
    assert lines[1].rstrip().endswith("[/x] la⏎la")


def test_two_compact_lines_show_what_runs_and_else_the_head() -> None:
    two = replace(RUN, stages=(KEYFRAMES, replace(KEYFRAMES, name="clips"), replace(KEYFRAMES, name="order")))
    assert [line[:12] for line in shown(Panes(compact=True), showing(WAITING, two))] == ["► keyframes ", "► clips     "]
    waiting = shown(Panes(compact=True), showing(WAITING, None))
    assert [line[:14] for line in waiting] == ["~ nothing runs", "► keyframes   "]


@pytest.mark.parametrize("height", [1, 2, 3, 5, 12])
def test_a_given_height_is_kept_and_never_drops_what_runs_first(height: int) -> None:
    lines = shown(Panes(height), showing(WAITING, RUN, (GPU,)))
    assert len(lines) <= height
    assert any(line.startswith("► keyframes") for line in lines)


def test_with_room_to_spare_all_reasons_are_told() -> None:
    lines = shown(Panes(12), showing(WAITING, RUN))
    assert any(line.strip() == "scene 5: prompt changed" for line in lines)


def test_panes_grow_and_shrink_with_what_there_is_to_show() -> None:
    async def grow(app: Panes, pilot: Pilot[None]) -> None:
        app.panes.show(FRESH, None)
        await pilot.pause()
        assert app.panes.size.height == 1
        app.panes.show(WAITING, RUN, (GPU,))
        await pilot.pause()
        assert app.panes.size.height == 8
        app.panes.compact = True
        await pilot.pause()
        assert app.panes.size.height == 2
        app.panes.compact = False
        app.panes.show(FRESH, None)

    assert len(shown(Panes(), grow)) == 1


def test_another_width_lays_the_columns_out_anew() -> None:
    async def narrow(app: Panes, pilot: Pilot[None]) -> None:
        app.panes.show(WAITING, RUN)
        await pilot.pause()
        await pilot.resize_terminal(40, 20)
        await pilot.pause()

    lines = shown(Panes(), narrow, (120, 24))
    assert {cell_len(line) for line in lines} == {40}
    assert "12/60" in lines[1]


def test_only_lines_that_say_something_new_are_drawn_again() -> None:
    painted: list[tuple[int, int]] = []

    class Watched(PieceLines):
        def refresh(self, *regions, **how):  # type: ignore[no-untyped-def]
            painted.extend((region.y, region.width) for region in regions)
            return super().refresh(*regions, **how)

    class Lines(App[None]):
        def compose(self) -> ComposeResult:
            yield Watched()

    async def act() -> None:
        async with Lines().run_test() as pilot:
            part = pilot.app.query_one(Watched)
            part.show(((Piece("one 1"),), (Piece("two 1"),)))
            await pilot.pause()
            painted.clear()
            part.show(((Piece("one 1"),), (Piece("two 2 x"),)))
            await pilot.pause()

    asyncio.run(act())
    assert painted == [(1, 7)]


@pytest.mark.parametrize(
    ("old", "new", "cells"),
    [
        ((Piece("12/60"),), (Piece("12/60"),), 0),
        ((Piece("12/60  a"),), (Piece("13/60  a"),), 2),
        ((Piece("ab"),), (Piece("abcd"),), 4),
        ((Piece("abcd"),), (Piece("ab"),), 4),
        ((Piece("ab", "stale"),), (Piece("ab", "failed"),), 2),
        ((Piece("日本x"),), (Piece("日月x"),), 5),
        ((Piece("x", "note"), Piece("12")), (Piece("x", "note"), Piece("13")), 3),
    ],
)
def test_what_changed_is_found_to_the_cell(old: tuple[Piece, ...], new: tuple[Piece, ...], cells: int) -> None:
    assert changed_cells(old, new) == cells


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "░░░░"), (0.125, "▌░░░"), (0.5, "██░░"), (0.99, "███▌"), (1.0, "████"), (7.0, "████")]
)
def test_a_bar_is_full_only_at_the_end(share: float, text: str) -> None:
    assert bar(share, 4) == text
