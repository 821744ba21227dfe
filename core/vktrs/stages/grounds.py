"""What the expressions of a scene stand on: time, beats and signals, as numbers for each of its frames. Light."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from vktrs.errors import InputError
from vktrs.expressions import Expression, ExpressionError, evaluate_all, parse
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.bars import bar_lines

if TYPE_CHECKING:
    from vktrs.stages.signals import SignalCurve
    from vktrs.storyboard.model import Amount
    from vktrs.storyboard.resolve import Amounts

MUSICAL = frozenset({"beat", "bar", "tempo"})
"""Names that are known once the song's structure is."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One scene: its number and theme (from 1; 0: none), first frame in the song, how many frames, frames a second.

    `beats` and `downbeats` in seconds, ascending; `signals` by their names, as many as its expressions use.
    """

    number: int
    theme: int
    first: int
    frames: int
    fps: Fraction
    tempo: float = 0.0
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    signals: tuple[tuple[str, SignalCurve], ...] = ()


def names_used(amounts: Amounts) -> frozenset[str]:
    """All names that the expressions among these use."""
    used: set[str] = set()
    for _, value in amounts:
        if isinstance(value, str):
            used |= parse(value).uses
    return frozenset(used)


def narrowed(ground: Ground, used: frozenset[str]) -> Ground:
    """The same without what these names do not tell: two scenes that cannot tell each other apart are worked out once.

    `frames` stays, since a Deforum schedule may count from the end.
    """
    timed = bool(used & {"t", *MUSICAL, *(name for name, _ in ground.signals)})
    musical = bool(used & MUSICAL)
    return Ground(
        number=ground.number if "scene" in used else 0,
        theme=ground.theme if "theme" in used else 0,
        first=ground.first if timed else 0,
        frames=ground.frames if "frames" in used else 0,
        fps=ground.fps,
        tempo=ground.tempo if musical else 0.0,
        beats=ground.beats if musical else (),
        downbeats=ground.downbeats if musical else (),
        signals=tuple(each for each in ground.signals if each[0] in used),
    )


def values(
    amounts: Amounts, ground: Ground, frames: Sequence[int], cut: set[str] | None = None
) -> dict[str, list[float]]:
    """Each parameter at those frames of the scene, cut to its range; empty where it is left to the engine.

    `strength` is 1 - `consistency` where it is not written. Into `cut` go the names of those that were cut somewhere.
    InputError where an expression has no value somewhere.
    """
    columns = _Columns(ground, frames)
    out = {name: _amount(name, value, columns, cut) for name, value in amounts}
    if not out["strength"]:
        out["strength"] = [1.0 - value for value in out["consistency"]]
    return out


def at_start(name: str, value: Amount, ground: Ground) -> float:
    """What one parameter is at the first frame of a scene; InputError where it has no value there."""
    if not isinstance(value, str):
        return float(value)
    return _amount(name, value, _Columns(ground, (0,)))[0]


def _amount(name: str, value: float | str | None, columns: _Columns, cut: set[str] | None = None) -> list[float]:
    if value is None:
        return []
    about = PARAMETERS[name]
    if not isinstance(value, str):
        return [float(value)] * columns.count
    expression = parse(value)
    try:
        found = evaluate_all(expression, columns.of(expression), columns.count)
    except ExpressionError as error:
        raise InputError(f'`{name}` = "{value}" has no value in {error.message}', error.right) from None
    if cut is not None and found and not about.low <= min(found) <= max(found) <= about.high:
        cut.add(name)
    return [min(max(each, about.low), about.high) for each in found]


class _Columns:
    """The numbers that names stand for, one for each of some frames, each worked out once."""

    def __init__(self, ground: Ground, frames: Sequence[int]) -> None:
        self.count = len(frames)
        self._ground = ground
        self._frames = frames
        self._seconds = [float((ground.first + frame) / ground.fps) for frame in frames]
        self._known: dict[str, Sequence[float]] = {}

    def of(self, expression: Expression) -> Mapping[str, Sequence[float]]:
        """The columns that an expression needs, and the frames, which errors name."""
        names = expression.uses | {"frame", "frames"}
        for name in names - self._known.keys():
            self._known[name] = self._column(name)
        return {name: self._known[name] for name in names}

    def _column(self, name: str) -> Sequence[float]:
        ground = self._ground
        for signal, curve in ground.signals:
            if signal == name:
                return curve.sampled(self._seconds)
        if name == "t":
            return self._seconds
        if name == "ts":
            return [float(frame / ground.fps) for frame in self._frames]
        if name == "frame":
            return [float(frame) for frame in self._frames]
        if name == "beat":
            return list(_phases(self._seconds, ground.beats))
        if name == "bar":
            return list(_phases(self._seconds, bar_lines(ground.beats, ground.downbeats)))
        same = {
            "frames": ground.frames,
            "scene": ground.number,
            "theme": ground.theme,
            "fps": float(ground.fps),
            "tempo": ground.tempo,
        }
        return [float(same[name])] * self.count


def _phases(times: Iterable[float], marks: Sequence[float]) -> Iterable[float]:
    """How far each time is between two marks, in 0..1; 0 where it lies between none."""
    for time in times:
        after = bisect_right(marks, time)
        if 0 < after < len(marks):
            yield (time - marks[after - 1]) / max(marks[after] - marks[after - 1], 1e-9)
        else:
            yield 0.0
