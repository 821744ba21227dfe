"""A row of RESULTS.md as values: what was measured on both sides, and what it is held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach: at most `limit`, or with `at_least` at least that; `unit` is written behind it."""

    limit: float
    unit: str = ""
    at_least: bool = False

    def reached(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"at {'least' if self.at_least else 'most'} {self.limit:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: both sides in words, and `value`, the number that is compared with the goal.

    `value` is None where there is nothing to compare: one side could not be measured.
    """

    name: str
    theirs: str
    ours: str
    value: float | None
    goal: Goal | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none, or nothing to hold to it."""
        return None if self.goal is None or self.value is None else self.goal.reached(self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of work: `key` for the command, a title, how it was measured, and its figures.

    A row `on_gpu` stands in a part of RESULTS.md of its own. One that is `owed` could not be measured on this machine:
    `how` says why, and its figures are what is still to be filled in.
    """

    key: str
    title: str
    how: str
    figures: tuple[Figure, ...]
    on_gpu: bool = False
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: `quick` is a small version in one round, only to see that everything works.

    `device` is where the diffusion engines work, as torch names it; None for the first GPU, or else the CPU.
    """

    quick: bool
    rounds: int
    device: str | None = None


Measure = Callable[[Scale], list[Row]]
"""A row's work: it measures both sides and tells."""


def ratio(name: str, theirs: float, ours: float, unit: str, goal: Goal | None = None) -> Figure:
    """A figure that compares ours with theirs: the value is ours / theirs."""
    return Figure(name, f"{theirs:.4g}{unit}", f"{ours:.4g}{unit}", ours / theirs, goal)


def speedup(name: str, theirs: float, ours: float, unit: str, goal: Goal | None = None) -> Figure:
    """A figure that tells how many times faster ours is: the value is theirs / ours."""
    return Figure(name, f"{theirs:.4g}{unit}", f"{ours:.4g}{unit}", theirs / ours, goal)


def absolute(name: str, theirs: str, ours: float, unit: str, goal: Goal | None = None) -> Figure:
    """A figure that is held to a number of its own; `theirs` is told for comparison, or empty."""
    return Figure(name, theirs, f"{ours:.4g}{unit}", ours, goal)
