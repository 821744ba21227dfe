"""The scripts that measure still run, and what they compute besides times is right. No time is judged here."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import analysis, gpu_part, ordering, pictures, quality, studio, words
from benchmarks.checkpoints import SD_15, SDXL, TINY, Shape, parameters, write_checkpoint
from benchmarks.cuts import FPS, Stretch, make_cut
from benchmarks.figures import Figure, Goal, Row, Scale
from benchmarks.gallery import diffusion_like, save_all
from benchmarks.gpu import GIB
from benchmarks.idle import finished_project
from benchmarks.making import Work
from benchmarks.pictures import rates
from benchmarks.results import NOTES, markdown
from benchmarks.sides import KINDS, Apart, Pace, Side, apart, notebook_side, our_side
from benchmarks.spoken_songs import SpokenSong, Sung
from benchmarks.storyboards import long_storyboard
from benchmarks.terminal import Terminal
from tests.real.composed_song import WALTZ, compose
from vktrs.lines import Word

needs_python_tsp = pytest.mark.skipif(find_spec("python_tsp") is None, reason="pip install '.[bench]'")


@needs_python_tsp
def test_a_quick_run_of_two_rows_tells_both_sides_and_writes_no_results(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    assert command.main(["--quick", "order", "storyboard"]) == 0
    told = capsys.readouterr().out
    assert "Ordering 10 pictures" in told
    assert "A storyboard of 50 scenes" in told
    assert not list(tmp_path.iterdir())


def test_results_are_written_when_asked_for_and_marked_as_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    assert command.main(["--quick", "storyboard", "--write"]) == 0
    written = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "**A quick run" in written
    assert str(tmp_path) not in written


@needs_python_tsp
def test_the_order_of_both_sides_is_a_tour_of_the_same_length() -> None:
    (row,) = ordering.measure(command.Scale(quick=True, rounds=1))
    figures = {figure.name: figure for figure in row.figures}
    assert figures["length of the tour"].value == pytest.approx(1.0)
    assert figures["CPU, times faster"].value > 0


def test_both_ways_hear_the_same_song_and_are_held_to_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    # librosa would compile itself for half a minute; `make bench` lets it
    monkeypatch.setattr(analysis, "by_notebook", lambda *_: analysis.Heard(60.0, [0.5], []))
    monkeypatch.setitem(analysis.IMPORTS, "theirs", "import json")
    (row,) = analysis.measure(Scale(quick=True, rounds=1))
    figures = {figure.name: figure for figure in row.figures}
    assert figures["CPU of importing what does it"].value > 0
    held = [figure for figure in row.figures if figure.goal and figure.name != "CPU"]
    assert len(held) == 5
    assert all(figure.reached for figure in held)
    assert all(figure.theirs for figure in held)


def test_what_was_heard_is_compared_with_the_score() -> None:
    song = compose(WALTZ)
    late = analysis.Heard(WALTZ.tempo / 2, [beat + 0.1 for beat in song.beats[::2]], [])
    exact = analysis.Heard(WALTZ.tempo, list(song.beats[1:]), [*song.boundaries, song.boundaries[0] + 9])
    values = {
        figure.name: (figure.theirs, round(figure.value)) for figure in analysis.accuracy(song, WALTZ, late, exact)
    }
    assert values == {
        "tempo, error": ("50 %", 0),
        "beats of the score met within 70 ms": ("0 %", 99),
        "beats heard that are within 70 ms of one": ("0 %", 100),
        "boundaries of sections met within two bars": ("0 %", 100),
        "boundaries heard for each that there is": ("0 times", 1),
    }


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["order", "nothing"])
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


# Pictures by Stable Diffusion ---------------------------------------------------------------------------------------

needs_diffusers = pytest.mark.skipif(find_spec("diffusers") is None, reason="pip install '.[hf]'")


@needs_diffusers
def test_without_a_gpu_a_tiny_network_goes_both_ways_and_the_rest_is_owed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    told = tmp_path / "figures.json"
    assert command.main(["pictures", "--quick", "--device", "cpu", "--json", str(told)]) == 0
    tiny, *others = json.loads(told.read_text("utf-8"))
    figures = {figure["name"]: figure for figure in tiny["figures"]}
    assert figures["variations, plain"]["theirs"].endswith(" pictures/s")
    assert figures["variations, plain"]["value"] > 0
    assert figures["keyframes, plain"]["value"] > 0
    assert figures["variations in a batch and alone, at most"]["value"] <= 1
    assert figures["keyframes in a batch and alone, at most"]["value"] <= 1
    assert not tiny["owed"]
    assert "overhead of calls" in tiny["title"]
    assert [row["owed"] for row in others] == [True, True]
    assert "Owed: it was not run on a CUDA GPU." in capsys.readouterr().out
    assert not (tmp_path / "RESULTS.md").exists()


@needs_diffusers
def test_a_checkpoint_in_the_shape_of_sdxl_goes_both_ways(tmp_path: Path) -> None:
    two_texts = {
        "cross_attention_dim": 2 * TINY.unet["cross_attention_dim"],
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 6 * 8 + TINY.text["projection_dim"],
    }
    xl = Shape("tiny XL", TINY.size, {**TINY.unet, **two_texts}, TINY.vae, TINY.text, TINY.text)
    write_checkpoint(xl, tmp_path / "xl", "cpu")
    work = Work(xl.size, count=2, steps=4)
    theirs = notebook_side(tmp_path / "xl", "cpu", work, rounds=1)
    ours = our_side(tmp_path / "xl", "cpu", work, rounds=1)
    assert theirs is not None
    assert min(pace.rate for side in (theirs, ours) for pace in side.paces.values()) > 0
    assert ours.at_once == 2
    assert max(each.most for each in ours.apart.values()) <= 1


@needs_diffusers
def test_a_gpu_that_is_not_there_is_named_and_everything_is_owed(tmp_path: Path) -> None:
    rows = pictures.measure(Scale(quick=False, rounds=1, device="cuda:99"))
    assert [row.owed for row in rows] == [True, True]
    assert all("GPU on this machine" in row.how or "no cuda:99" in row.how for row in rows)


@needs_diffusers
def test_the_shapes_have_as_many_weights_as_the_published_models() -> None:
    assert parameters(SD_15) == {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480}
    assert parameters(SDXL) == {
        "unet": 2_567_463_684,
        "vae": 83_653_863,
        "text_encoder": 123_060_480,
        "text_encoder_2": 694_659_840,
    }


def test_pictures_are_apart_by_what_differs_of_their_values() -> None:
    grey = np.full((2, 2, 3), 100, np.uint8)
    other = grey.copy()
    other[0, 0, 0] = 97
    assert apart([grey, grey], [grey, other]) == Apart(3, 3 / 24, 1 / 24)


def _side(seconds: float) -> Side:
    return Side({kind: Pace(seconds, 2 * seconds, 8, GIB) for kind in KINDS}, {})


def test_the_faster_of_ours_is_held_to_three_times_and_nothing_where_the_other_way_does_not_fit() -> None:
    def held(theirs: Side | None, *ours: float) -> Figure:
        (figure,) = [each for each in rates(theirs, *map(_side, ours), goal=Goal(3, at_least=True)) if each.goal]
        return figure

    assert held(_side(8), 4, 2).reached
    assert not held(_side(8), 4, 5).reached
    assert held(None, 4, 2).reached is None
    assert held(None, 4, 2).theirs == "does not fit"


def _gpu_row(title: str, owed: bool) -> Row:
    how = "Owed: there is none." if owed else "On a GPU."
    return Row("pictures", title, how, (Figure("rate", "1", "4", 4.0),), on_gpu=True, owed=owed)


def test_what_was_measured_on_a_gpu_outlives_a_run_without_one() -> None:
    nothing = gpu_part.updated("", [_gpu_row("SD", True), _gpu_row("XL", True)])
    assert "**Still owed: SD; XL.**" in nothing
    some = gpu_part.updated(f"# Figures\n\n{nothing}", [_gpu_row("SD", False), _gpu_row("XL", True)])
    assert "**Still owed: XL.**" in some
    assert gpu_part.updated(f"# Figures\n\n{some}\n", [_gpu_row("SD", True), _gpu_row("XL", True)]) == some
    assert gpu_part.updated(f"# Figures\n\n{some}", []) == some
    everything = gpu_part.updated(some, [_gpu_row("XL", False)])
    assert "**Nothing is owed.**" in everything
    assert everything.count("## ") == 2


def test_a_run_on_a_gpu_fills_in_its_part_and_leaves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    (tmp_path / "RESULTS.md").write_text("# Measured\n\n**40 of 45.**\n", "utf-8")
    monkeypatch.setitem(command.ROWS, "pictures", lambda _: [_gpu_row("SD", False), _gpu_row("XL", True)])
    assert command.main(["pictures"]) == 0
    written = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert written.startswith("# Measured\n\n**40 of 45.**\n\n# On a GPU\n")
    assert "| rate | 1 | 4 | 4 |" in written
    monkeypatch.setitem(command.ROWS, "pictures", lambda _: [_gpu_row("SD", True), _gpu_row("XL", True)])
    assert command.main(["pictures"]) == 0
    assert (tmp_path / "RESULTS.md").read_text("utf-8") == written


def _row(title: str, *values: float) -> Row:
    figures = (Figure(f"figure {i}", "", f"{value:g}", value, Goal(1.0)) for i, value in enumerate(values))
    return Row(title.lower(), title, "Measured.", tuple(figures))


def test_rows_measured_by_themselves_take_their_places_and_the_figures_are_counted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    before = [_row("Cuts", 0.5, 2.0), _row("Tours", 0.5)]
    on_gpu = gpu_part.updated("", [_gpu_row("SD", False)])
    written = f"{markdown(before, [(1.0, 1.0, 1.0)], 5, False)}\n{on_gpu}"
    (tmp_path / "RESULTS.md").write_text(written, "utf-8")
    for values, reached in (([2.0, 3.0], "2 of 5"), ([0.1, 0.1], "4 of 5")):
        monkeypatch.setitem(command.ROWS, "words", lambda _, values=values: [_row("Words", *values)])
        assert command.main(["words", "--write"]) == 0
        anew = (tmp_path / "RESULTS.md").read_text("utf-8")
        assert f"**{reached} figures are reached.** Missed: Cuts, figure 1" in anew
        assert [line[3:] for line in anew.splitlines() if line.startswith("## ")] == ["Cuts", "Tours", "Words", "SD"]
        assert anew.count("`words` by itself") == 1
        assert anew.endswith(on_gpu.strip() + "\n")
    monkeypatch.setitem(command.ROWS, "order", lambda _: [_row("Cuts", 0.5, 0.5)])
    assert command.main(["order", "--write"]) == 0
    anew = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "**5 of 5 figures are reached.**\n" in anew
    assert anew.index("## Cuts") < anew.index("## Tours")


# ------------------------------------------------------------------------------------------------------------ words


def test_words_are_scored_by_their_errors_and_by_where_each_line_starts() -> None:
    lines = (Sung(1.0, 2.0, "The river runs"), Sung(4.0, 5.0, "Nobody knows"), Sung(7.0, 8.0, "Turn it up"))
    song = SpokenSong("a song", np.zeros(16, np.float32), lines)
    spoken = "um a river runs nobody nose"  # two wrong, one added; the last line is missing
    heard = [Word(0.5 + i, 0.9 + i, word) for i, word in enumerate(spoken.split())]
    score = words.scored(song, lambda _: heard)
    assert score.errors == pytest.approx(6 / 8)
    assert score.found == pytest.approx(2 / 3)
    assert score.mean == pytest.approx((0.5 + 0.5) / 2)  # "a" stands where "The" does
    assert score.worst == pytest.approx(0.5)


def test_a_song_that_nobody_heard_has_the_worst_score() -> None:
    song = SpokenSong("a song", np.zeros(16, np.float32), (Sung(1.0, 2.0, "The river runs"),))
    score = words.scored(song, lambda _: [])
    assert (score.errors, score.found) == (1.0, 0.0)
