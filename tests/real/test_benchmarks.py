"""The scripts that measure still run, and what they compute besides times is right. No time is judged here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import ordering, quality
from benchmarks.cuts import FPS, Stretch, make_cut
from benchmarks.figures import Figure, Goal, Row
from benchmarks.pictures import diffusion_like, save_all
from benchmarks.results import NOTES, markdown

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
