"""How much of the stages about scenes is done, told as it grows; any thread of a run may count."""

from __future__ import annotations

import threading

from vktrs.plan import Plan, ScenePlan
from vktrs.runs.scope import Scope


class Counting:
    """Counts what is there of each stage, artifact by artifact; what it tells never goes backwards.

    Pictures of a batch are done together and written one by one: those that are not written yet count as in hand.
    """

    def __init__(self, scope: Scope, plan: Plan) -> None:
        chosen, pictured = scope.chosen(plan), scope.pictured(plan)
        self._scope = scope
        self._lock = threading.Lock()
        self._total = {
            "keyframes": len(pictured),
            "variations": sum(len(each.variation_keys) for each in pictured),
            "order": len(chosen),
            "clips": len(chosen),
        }
        self._done = {
            "keyframes": sum(each.keyframe.made for each in pictured),
            "variations": sum(len(each.variation_keys) - len(each.missing) for each in pictured),
            "order": sum(each.order is not None and each.order.made for each in chosen),
            "clips": sum(each.clip is not None and each.clip.made for each in chosen),
        }
        self._furthest: dict[str, float] = {}

    def begin(self, stage: str) -> None:
        """The next of a stage is asked for now: where nothing is told before it is there, its time counts from here."""
        with self._lock:
            self._scope.progress.begin(stage, self._done[stage])

    def one(self, stage: str, each: ScenePlan, key: str) -> None:
        """One more of a stage is there."""
        with self._lock:
            self._scope.made(stage, key, each.scene.id)
            self._done[stage] += 1
            self._tell(stage, f"scene {each.index + 1}", 0.0)

    def there(self, stage: str, count: int = 1) -> None:
        """So many more are there without having been made: another scene asked for the same."""
        with self._lock:
            self._done[stage] += count

    def part(self, stage: str, where: str, pictures: int, steps: int, of: int) -> None:
        """So many steps of so many pictures in hand are done."""
        step = f"step {steps} of {of}"
        what = f"{where}, {step}" if where else step
        part = pictures * steps / of if of else 0.0
        with self._lock:
            self._tell(stage, what, part)

    def _tell(self, stage: str, what: str, part: float) -> None:
        done, total = self._done[stage], self._total[stage]
        far = min(max(done + part, self._furthest.get(stage, 0.0)), total)
        self._furthest[stage] = far
        self._scope.progress.tell(stage, done, total, what, max(far - done, 0.0))
