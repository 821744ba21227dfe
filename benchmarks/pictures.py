"""Pictures by Stable Diffusion: the notebook's way against the picture engine, plain and compiled.

On a GPU with checkpoints of the real shapes and random weights. Without one those rows are owed, and a tiny shape on
the CPU shows that everything works.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks import gpu
from benchmarks.checkpoints import SD_15, SDXL, TINY, Shape, write_checkpoint
from benchmarks.figures import Figure, Goal, Row, Scale, absolute, ratio
from benchmarks.making import CONSISTENCY, Work
from benchmarks.sides import KINDS, Side, notebook_side, our_side
from vktrs.errors import VktrsError

_GOAL = Goal(3, " times", at_least=True)
_RATE = " pictures/s"
_LITTLE = Work(TINY.size, count=4, steps=12)  # a CPU has to do it while a test waits
_NEEDED = {"SD 1.5": (8 * gpu.GIB, 4 * gpu.GIB), "SDXL": (16 * gpu.GIB, 10 * gpu.GIB)}
"""Bytes of the GPU and of the disk without which a shape is not tried. The notebook's way may need more: it is told."""


def measure(scale: Scale) -> list[Row]:
    """The rows of both real shapes on a GPU; else those as owed, and the tiny shape on the CPU."""
    if find_spec("diffusers") is None:
        return _all_owed("diffusers is not installed.")
    device = scale.device or gpu.first_device()
    if not gpu.is_cuda(device):
        return [_compared(TINY, _LITTLE, device, scale.rounds), *_all_owed("it was not run on a CUDA GPU.")]
    if why := gpu.absent(device):
        return _all_owed(why)
    if scale.quick:
        return [_compared(TINY, _LITTLE, device, scale.rounds)]
    return [_where_it_fits(shape, device, scale.rounds) for shape in (SD_15, SDXL)]


def _where_it_fits(shape: Shape, device: str, rounds: int) -> Row:
    memory, disk = _NEEDED[shape.name]
    if (free := gpu.free_memory(device)) < memory:
        return _owed(shape, f"it needs {_gib(memory)} of the GPU's memory, and {_gib(free)} are free.")
    if (free := shutil.disk_usage(tempfile.gettempdir()).free) < disk:
        return _owed(shape, f"it needs {_gib(disk)} of disk for its weights, and {_gib(free)} are free.")
    try:
        return _compared(shape, Work(shape.size), device, rounds)
    except VktrsError as error:
        return _owed(shape, f"the engine says: {error}")


def _compared(shape: Shape, work: Work, device: str, rounds: int) -> Row:
    on_gpu = gpu.is_cuda(device)
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        checkpoint = Path(name) / "checkpoint"
        write_checkpoint(shape, checkpoint, device)
        gpu.forget(device)
        theirs = notebook_side(checkpoint, device, work, rounds)
        plain = our_side(checkpoint, device, work, rounds)
        # on a CPU compiling takes minutes and gains nothing
        compiled = our_side(checkpoint, device, work, rounds, compiled=True) if on_gpu else None
    held = on_gpu and shape is not TINY
    figures = [*rates(theirs, plain, compiled, _GOAL if held else None)]
    if on_gpu:
        figures += _memory(theirs, {"plain": plain, "compiled": compiled})
    figures += _alike(plain)
    return Row(
        "pictures", _title(shape), _how(shape, work, device, rounds, plain, compiled), tuple(figures), on_gpu=held
    )


def rates(theirs: Side | None, plain: Side, compiled: Side | None, goal: Goal | None) -> list[Figure]:
    """Pictures a second of both kinds; what is held to the goal is the faster of ours."""
    figures = []
    for kind in KINDS:
        ours = {"plain": plain.paces[kind].rate}
        if compiled is not None:
            ours["compiled"] = compiled.paces[kind].rate
        rate = None if theirs is None else theirs.paces[kind].rate
        figures += [_rate(f"{kind}, {way}", rate, each) for way, each in ours.items()]
        if goal is not None and kind == "variations":
            figures.append(_rate(_HELD, rate, max(ours.values()), goal))
    if compiled is not None:
        seconds = sum(compiled.paces[kind].first - plain.paces[kind].first for kind in KINDS)
        figures.append(absolute("compiling, once a run", "", seconds, " s"))
    return figures


def _rate(name: str, theirs: float | None, ours: float, goal: Goal | None = None) -> Figure:
    if theirs is None:
        return Figure(name, "does not fit", f"{ours:.4g}{_RATE}", None, goal)
    return ratio(name, theirs, ours, _RATE, goal)


def _memory(theirs: Side | None, ours: dict[str, Side | None]) -> list[Figure]:
    """The most that tensors took on the GPU at any time, of both kinds."""
    figures = []
    for way, side in ours.items():
        if side is not None:
            words = "does not fit" if theirs is None else _gib(_most(theirs))
            value = None if theirs is None else _most(side) / _most(theirs)
            figures.append(Figure(f"most memory, {way}", words, _gib(_most(side)), value))
    return figures


def _most(side: Side) -> int:
    return max(pace.memory for pace in side.paces.values())


def _alike(plain: Side) -> list[Figure]:
    """How far pictures made in a batch differ from the same ones made alone."""
    figures = []
    for kind, each in plain.apart.items():
        name = f"{kind} in a batch and alone"
        figures += [
            Figure(f"{name}, at most", "", f"{each.most} of 255", each.most),
            Figure(f"{name}, on average", "", f"{each.mean:.4g} of 255", each.mean),
            Figure(f"{name}, values that differ", "", f"{100 * each.share:.4g} %", each.share),
        ]
    return figures


# In words -----------------------------------------------------------------------------------------------------------

_HELD = "variations, the faster of both"
_TO_FILL_IN = (
    *("variations, plain", "variations, compiled", _HELD, "keyframes, plain", "keyframes, compiled"),
    *("compiling, once a run", "most memory, plain", "most memory, compiled"),
    *(f"{kind} in a batch and alone" for kind in KINDS),
)


def _all_owed(why: str) -> list[Row]:
    return [_owed(shape, why) for shape in (SD_15, SDXL)]


def _owed(shape: Shape, why: str) -> Row:
    how = f"Owed: {why} `python -m benchmarks pictures` on a machine with a CUDA GPU fills this in."
    goals = {_HELD: _GOAL}
    figures = (Figure(name, "", "owed", None, goals.get(name)) for name in _TO_FILL_IN)
    return Row("pictures", _title(shape), how, tuple(figures), on_gpu=True, owed=True)


def _title(shape: Shape) -> str:
    if shape is TINY:
        return "Pictures by `diffusers`, a tiny network: the overhead of calls"
    return f"Pictures by `diffusers`, {shape.name} at {shape.size} x {shape.size}"


def _how(shape: Shape, work: Work, device: str, rounds: int, plain: Side, compiled: Side | None) -> str:
    """How it was measured, where, and what our engine remarked."""
    told = [
        gpu.described(device),
        f"Random weights, {work.size} x {work.size}, {work.steps} steps, {work.count} variations at a strength of "
        f"{1 - CONSISTENCY:.2g} and {work.count} keyframes.",
        "Theirs: one picture a call, attention in slices, float32 weights"
        + (", autocast." if gpu.is_cuda(device) else "."),
        f"Ours: through the engine's door, {plain.at_once} pictures at once.",
        "Median of " + ("one round" if rounds == 1 else f"{rounds} rounds") + " after a first call.",
    ]
    if shape is TINY:
        told.append("The network is next to nothing, so that this tells of the overhead of calls only.")
    if remarks := [*plain.said, *(compiled.said if compiled else ())]:
        told.append("The engine remarked: " + " ".join(dict.fromkeys(remarks)))
    return " ".join(told)


def _gib(size: float) -> str:
    return f"{size / gpu.GIB:.3g} GiB"
