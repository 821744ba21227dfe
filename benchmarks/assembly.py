"""The video of a song whose scenes repeat few pictures: all of it, and after a change of one scene."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.cuts import Cut, Stretch, make_cut, part_of
from benchmarks.figures import Figure, Goal, Row, Scale, absolute, ratio
from benchmarks.gallery import SIZE, by_cppn, diffusion_like, save_all
from benchmarks.measuring import Cost, in_turns, measured
from vktrs.picture import Picture

Draw = Callable[[int, int, int], Iterator[Picture]]

_PICTURES = 8
_WHOLE, _PART = 60, 12
_CPU, _BYTES, _SSIM = Goal(0.10), Goal(0.12), Goal(0.002)
_CHANGE = Goal(0.01)


def measure(scale: Scale) -> list[Row]:
    """The whole song, a part of it in rounds, the same with cppn pictures, and one scene of the whole changed."""
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        folder = Path(name)
        if scale.quick:
            whole = _cycles(folder / "whole", diffusion_like, 3, 128)
            return [compared("assembly", "Video of 3 small scenes of 8 pictures", whole, 1, _CPU, _BYTES)]
        whole = _cycles(folder / "whole", diffusion_like, _WHOLE, SIZE)
        part = part_of(whole, _PART, folder / "part")
        drawn = _cycles(folder / "drawn", by_cppn, _PART, SIZE)
        title = f"Video, {whole.seconds:.0f} s song, {_WHOLE} scenes of 8 pictures"
        entire, theirs = _whole(title, whole)
        return [
            entire,
            compared("assembly", f"The same, its first {_PART} scenes", part, scale.rounds, _CPU, _BYTES),
            compared("assembly", f"{_PART} scenes with `cppn` pictures", drawn, scale.rounds, _CPU, _BYTES),
            _one_changed(whole, theirs, scale.rounds),
        ]


def compared(key: str, title: str, cut: Cut, rounds: int, cpu: Goal, size: Goal | None) -> Row:
    """A row of CPU, video bytes and quality of one cut made both ways."""
    costs = in_turns({"theirs": lambda: measured(cut.by_notebook), "ours": lambda: measured(cut.by_vktrs)}, rounds)
    how = f"{cut.seconds:.1f} s, {len(cut.scenes)} scenes, {cut.size} x {cut.size}, {_rounds(rounds)}."
    return Row(key, title, how, _figures(cut, costs, cpu, size))


def _whole(title: str, cut: Cut) -> tuple[Row, Cost]:
    """The row of the whole song, in one round, and what it cost the notebook."""
    theirs, ours = measured(cut.by_notebook), measured(cut.by_vktrs)
    how = f"{cut.seconds:.1f} s, {len(cut.scenes)} scenes, {cut.size} x {cut.size}, {_rounds(1)}."
    return Row("assembly", title, how, _figures(cut, {"theirs": theirs, "ours": ours}, _CPU, _BYTES)), theirs


def _figures(cut: Cut, costs: dict[str, Cost], cpu: Goal, size: Goal | None) -> tuple[Figure, ...]:
    theirs, ours = costs["theirs"], costs["ours"]
    their_size, our_size = (each / 1e6 for each in cut.sizes())
    their_look, our_look = cut.likeness()
    return (
        ratio("CPU", theirs.cpu, ours.cpu, " s", cpu),
        ratio("video bytes", their_size, our_size, " MB", size),
        _lost("SSIM, all planes (lost)", their_look.ssim, our_look.ssim, _SSIM),
        _lost("SSIM, luma (lost)", their_look.luma, our_look.luma, None),
        _lost("PSNR, all planes (lost)", their_look.psnr, our_look.psnr, None, " dB"),
        ratio("wall", theirs.wall, ours.wall, " s"),
        absolute("of ours, CPU of the sound", "", measured(cut.encode_sound).cpu, " s"),
    )


def _lost(name: str, theirs: float, ours: float, goal: Goal | None, unit: str = "") -> Figure:
    return Figure(name, f"{theirs:.4f}{unit}", f"{ours:.4f}{unit}", theirs - ours, goal)


def _one_changed(cut: Cut, theirs: Cost, rounds: int) -> Row:
    """One clip anew and the join of all, against the notebook, which makes the whole video again."""

    def change() -> None:
        cut.encode_scene(len(cut.scenes) // 2)
        cut.join()

    cost = in_turns({"ours": lambda: measured(change)}, rounds)["ours"]
    how = f"Ours: one clip and the join, {_rounds(rounds)}. The notebook's: its whole video, as measured above."
    return Row(
        "assembly",
        f"One scene of the {len(cut.scenes)} changed",
        how,
        (ratio("CPU", theirs.cpu, cost.cpu, " s", _CHANGE), ratio("wall", theirs.wall, cost.wall, " s")),
    )


def _cycles(folder: Path, draw: Draw, scenes: int, size: int) -> Cut:
    def fill(scene: int, frames: int, place: Path) -> Sequence[Stretch]:
        return [Stretch(tuple(save_all(draw(scene, _PICTURES, size), place)), frames)]

    return make_cut(folder, scenes, fill, _PICTURES, size)


def _rounds(rounds: int) -> str:
    return "one round" if rounds == 1 else f"medians of {rounds} rounds"
