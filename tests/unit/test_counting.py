"""How far a stage is never goes backwards, though pictures of a batch are done together and written one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.real.projects import silent_project
from vktrs.project import Project
from vktrs.runs.control import RunRequest
from vktrs.runs.counting import Counting
from vktrs.runs.progress import Progress
from vktrs.runs.scope import Scope


def test_the_bar_stays_where_it_is_while_a_batch_is_written(tmp_path: Path) -> None:
    told: list[float] = []

    def emit(event: str, **values: Any) -> None:
        if event == "progress":
            told.append(values["done"] + values.get("part", 0.0))

    seconds = iter(range(1000))
    scope = Scope(Project.open(silent_project(tmp_path / "clip")), RunRequest(), emit, lambda: False)
    scope.progress = Progress(emit, lambda: float(next(seconds)))
    plan = scope.plan()
    counting = Counting(scope, plan)
    batch, after = plan.scenes[:4], plan.scenes[4:]
    for step in (1, 2):
        counting.part("keyframes", "", len(batch), step, 2)
    counting.one("keyframes", batch[0], batch[0].keyframe.key)
    counting.part("keyframes", "", len(after), 1, 2)
    for each in batch[1:]:
        counting.one("keyframes", each, each.keyframe.key)
    counting.part("keyframes", "", len(after), 1, 2)
    assert told == [2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.5]
