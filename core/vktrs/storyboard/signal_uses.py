"""Which fields use which signal, and a signal called otherwise everywhere at once. Pure, as `edits`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vktrs.errors import InputError
from vktrs.expressions import ExpressionError, is_signal_name, parse
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Look, Scene, Storyboard


@dataclass(frozen=True, slots=True)
class Use:
    """A field whose expression uses a signal: of the scene with that number (from 1) and id, or (None) of `[look]`."""

    field: str
    scene: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        return f"{self.field} of {'[look]' if self.scene is None else f'scene {self.scene}'}"


def signal_uses(board: Storyboard) -> dict[str, tuple[Use, ...]]:
    """For each signal of the storyboard where it is used, `[look]` before the scenes; empty where it is not."""
    found: dict[str, list[Use]] = {name: [] for name in board.signals}
    holders: list[tuple[Look | Scene, int | None, str | None]] = [(board.look, None, None)]
    holders += [(scene, number, scene.id) for number, scene in enumerate(board.scenes, start=1)]
    for values, number, scene_id in holders:
        for field in PARAMETERS:
            for name in _names(getattr(values, field)) & found.keys():
                found[name].append(Use(field, number, scene_id))
    return {name: tuple(uses) for name, uses in found.items()}


def told_uses(uses: tuple[Use, ...], most: int = 3) -> str:
    """Where a signal is used, in words: `zoom of scene 3, angle of [look] and 4 others`."""
    if len(uses) > most + 1:
        return f"{', '.join(map(str, uses[:most]))} and {len(uses) - most} others"
    return " and ".join([", ".join(map(str, uses[:-1])), str(uses[-1])] if len(uses) > 1 else [*map(str, uses)])


def rename_signal(board: Storyboard, name: str, new: str) -> Edited:
    """The signal called `new`, also in every expression that uses it; it keeps its place among the others.

    InputError where there is none of that name, or it cannot be called so.
    """
    if name not in board.signals:
        raise InputError(f"There is no signal `{name}`.", "It may have been removed meanwhile.")
    if new == name:
        return Edited(board)
    check_free(board, new)
    signals = {new if each == name else each: signal for each, signal in board.signals.items()}
    uses = signal_uses(board)[name]
    look: Mapping[str, Any] = {
        use.field: renamed(getattr(board.look, use.field), name, new) for use in uses if not use.id
    }
    scenes = []
    for scene in board.scenes:
        own = [use.field for use in uses if use.id == scene.id]
        changes: Mapping[str, Any] = {field: renamed(getattr(scene, field), name, new) for field in own}
        scenes.append(replace(scene, **changes))
    return Edited(replace(board, signals=signals, look=replace(board.look, **look), scenes=tuple(scenes)))


def check_free(board: Storyboard, name: str) -> None:
    """InputError where a new signal cannot be called so."""
    if not is_signal_name(name):
        raise InputError(
            f"`{name}` cannot be the name of a signal.",
            "Letters, digits and _ name one; names of functions, and t, frame, beat and the like, are taken.",
        )
    if name in board.signals:
        raise InputError(f"There is a signal `{name}` already.", "Give it another name.")


def renamed(expression: str, name: str, new: str) -> str:
    """The text of an expression with one of its names called otherwise."""
    return re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", new, expression)


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, str):
        return frozenset()
    try:
        return parse(value).uses
    except ExpressionError:
        return frozenset()
