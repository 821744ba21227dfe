"""The scripts that measure still run, and what they compute besides times is right. No time is judged here."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import ordering, quality, studio
from benchmarks.cuts import FPS, Stretch, make_cut
from benchmarks.figures import Figure, Goal, Row
from benchmarks.idle import finished_project
from benchmarks.pictures import diffusion_like, save_all
from benchmarks.results import NOTES, markdown
from benchmarks.storyboards import long_storyboard
from benchmarks.terminal import Terminal

needs_python_tsp = pytest.mark.skipif(find_spec("python_tsp") is None, reason="pip install '.[bench]'")


@needs_python_tsp
def test_a_quick_run_of_two_rows_tells_both_sides_and_writes_no_results(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    assert command.main(["--quick", "--only", "order,storyboard"]) == 0
    told = capsys.readouterr().out
    assert "Ordering 10 pictures" in told
    assert "A storyboard of 50 scenes" in told
    assert not list(tmp_path.iterdir())


def test_results_are_written_when_asked_for_and_marked_as_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    assert command.main(["--quick", "--only", "storyboard", "--write"]) == 0
    written = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "**A quick run" in written
    assert str(tmp_path) not in written


@needs_python_tsp
def test_the_order_of_both_sides_is_a_tour_of_the_same_length() -> None:
    (row,) = ordering.measure(command.Scale(quick=True, rounds=1))
    figures = {figure.name: figure for figure in row.figures}
    assert figures["length of the tour"].value == pytest.approx(1.0)
    assert figures["CPU, times faster"].value > 0


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--only", "order,nothing"])
    assert ended.value.code == 2


_ECHO = "import os, tty; tty.setraw(0); os.write(1, b'ready'); os.write(1, os.read(0, 9) * 2); os.read(0, 9)"


def test_a_terminal_counts_what_comes_of_a_key() -> None:
    with Terminal([sys.executable, "-c", _ECHO]) as terminal:
        assert terminal.until(b"ready") > 0
        burst = terminal.press(b"abc", quiet=0.2)
    assert (burst.data, burst.size) == (b"abcabc", 6)
    assert 0 < burst.first <= burst.last


def test_a_terminal_answers_what_it_is_and_says_when_it_waits_in_vain() -> None:
    ask = "import os, tty; tty.setraw(0); os.write(1, b'\\x1b[c'); os.write(1, os.read(0, 99)[2:])"
    with Terminal([sys.executable, "-c", ask]) as terminal:
        terminal.until(b"?62;22c")
        with pytest.raises(AssertionError, match="never written"):
            terminal.until(b"something else")


def test_both_tables_are_measured_and_ours_spares_the_line(tmp_path: Path) -> None:
    (tmp_path / "storyboard.toml").write_text(long_storyboard(60), "utf-8")
    theirs, ours = (studio.table_session(which, tmp_path, tmp_path, {}) for which in ("theirs", "ours"))
    assert 0 < ours["down"] <= 600  # bytes depend on no machine
    assert 0 < ours["cell"] <= 400
    assert theirs["cell"] > 10 * ours["cell"]
    assert min(theirs["first paint"], ours["first paint"]) > 0


def test_in_the_whole_studio_a_key_does_not_paint_the_screen_again(tmp_path: Path) -> None:
    values = studio.studio_session(finished_project(tmp_path / "project", 60), {}, 0.5)
    # a layout alone paints every scroll bar, 1,300 bytes; a whole pane is 3,000, the screen 14,000
    assert 0 < values["down"] < 2000
    assert 0 < values["edit"] < 12_000  # where the panes grow by a line, the table gives it one, and is painted again
    assert 0 < values["play"] < 5000
    assert values["idle cpu"] < 0.2


def test_a_missed_figure_is_named_with_the_reason_that_was_written_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row("order", "Ordering", "How.", (Figure("CPU", "2 s", "1 s", 0.5, Goal(0.1)),))
    monkeypatch.setitem(NOTES, ("Ordering", "CPU"), "the machine is tired.")
    text = markdown([row], [(0.0, 0.0, 0.0)], 1.0, quick=False)
    assert "0 of 1 figures are reached" in text
    assert "the machine is tired." in text


def test_a_video_is_like_its_own_pictures_and_unlike_them_when_they_are_a_frame_late(tmp_path: Path) -> None:
    def fill(scene: int, frames: int, folder: Path) -> list[Stretch]:
        return [Stretch(tuple(save_all(diffusion_like(scene, 4, 64), folder)), min(frames, 24))]

    cut = make_cut(tmp_path / "cut", 1, fill, references=4, size=64)
    cut.by_notebook()
    cut.by_vktrs()
    shown = cut.shown()
    theirs, ours = cut.likeness()
    assert theirs.frames == ours.frames == len(shown)
    late = quality.compare(cut.folder / "vktrs.mp4", [shown[-1], *shown[:-1]], FPS, quality.BT709)
    other_colours = quality.compare(cut.folder / "vktrs.mp4", shown, FPS, quality.BT601)
    assert late.luma < ours.luma - 0.05
    assert other_colours.psnr < ours.psnr - 1
    assert abs(theirs.luma - ours.luma) < 0.05
    with pytest.raises(ValueError, match="frames"):
        quality.compare(cut.folder / "vktrs.mp4", shown[:-1], FPS, quality.BT709)
