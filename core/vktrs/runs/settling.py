"""Scenes of a paid engine wait until they were left alone for ten seconds: whoever types pays for no half word."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from vktrs.artifacts import fingerprint
from vktrs.plan import Plan, ScenePlan
from vktrs.runs.scope import Scope

SECONDS = 10.0
_PAUSE_SECONDS = 0.25
_MOST_NAMED = 8


class Settling:
    """Remembers since when each scene asks for what it asks for; `clock` in seconds since 1970, as files have it.

    When a scene was edited is not known; when the file was, is. So the first look of a run takes all scenes for edited
    then, and later ones only those that ask for something else than before. What the run writes itself is no edit.
    """

    def __init__(
        self, scope: Scope, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._scope = scope
        self._clock = clock
        self._sleep = sleep
        self._edited = scope.project.edited()
        self._asked: dict[str, tuple[str, float]] = {}

    def settled(self, plan: Plan, wanted: Sequence[ScenePlan]) -> list[ScenePlan]:
        """Those of the scenes that nobody has edited for ten seconds; the others are said."""
        edited = self._last_edit()
        for each in plan.scenes:
            asks = _asks(each)
            if self._asked.get(each.scene.id, ("", 0.0))[0] != asks:
                self._asked[each.scene.id] = asks, edited
        now = self._clock()
        # a time in the future is that of another clock, and nothing is known from it
        waiting = [each for each in wanted if 0 <= now - self._asked[each.scene.id][1] < SECONDS and _pays(each)]
        if waiting:
            named = numbered([each.index + 1 for each in waiting])
            self._scope.remark(f"Edited just now: {named}. Pictures that are paid for wait ten seconds.")
        left = {each.index for each in waiting}
        return [each for each in wanted if each.index not in left]

    def pause(self) -> None:
        """Wait for a moment."""
        self._sleep(_PAUSE_SECONDS)

    def _last_edit(self) -> float:
        """When somebody else than this run changed the storyboard, in seconds since 1970."""
        project = self._scope.project
        edited = project.edited()
        if edited is not None and edited != project.written:
            self._edited = edited
        return (self._edited or 0) / 1e9


def numbered(numbers: Sequence[int]) -> str:
    """`scene 3`, `scenes 1 to 5`, `scenes 1, 4 to 6`; of many runs the first."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    told = [str(low) if low == high else f"{low} to {high}" for low, high in runs]
    more = ", …" if len(told) > _MOST_NAMED else ""
    return f"scene{'' if len(numbers) == 1 else 's'} {', '.join(told[:_MOST_NAMED])}{more}"


def _asks(each: ScenePlan) -> str:
    """What tells whether a scene asks for the same as before: also which pictures, while a number is typed."""
    return fingerprint({"keyframe": each.keyframe.key, "variations": each.variation_keys})


def _pays(each: ScenePlan) -> bool:
    """Whether the engine is asked for anything."""
    return bool(each.missing) or not (each.keyframe.made or each.scene.picture)
