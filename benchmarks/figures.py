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
    """One measured thing: both sides in words, and `value`, the number that is compared with the goal."""

    name: str
    theirs: str
    ours: str
    value: float
    goal: Goal | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.goal.reached(self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of work: `key` for --only, a title, how it was measured, and its figures."""

    key: str
    title: str
    how: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: `quick` is a small version in one round, only to see that everything works."""

    quick: bool
    rounds: int


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
