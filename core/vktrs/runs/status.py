"""What is fresh, stale and why, missing, running or failed: the plan and the last run's events, told together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vktrs.plan import Inventory, Piece, Plan, ScenePlan, look, make_plan
from vktrs.project import Project
from vktrs.reasons import NOT_MADE, REMOVED, explain
from vktrs.runs.control import Run, last_run
from vktrs.runs.events import EventReader
from vktrs.stages import STAGES, keyframes
from vktrs.storyboard.model import Storyboard

FRESH, STALE, MISSING, RUNNING, FAILED = "fresh", "stale", "missing", "running", "failed"
_WORST_FIRST = (RUNNING, FAILED, STALE, MISSING, FRESH)


@dataclass(frozen=True, slots=True)
class Marks:
    """What the events of a run say: where it is, and which pieces failed with which error."""

    run: Run | None = None
    stage: str | None = None
    done: float = 0.0
    total: float = 0.0
    scene: str | None = None
    failed: Mapping[tuple[str, str | None], tuple[str | None, str]] = field(default_factory=dict)


def read_marks(project: Project) -> Marks:
    """The marks of the run that is going on, else of the last one."""
    run = last_run(project)
    if run is None:
        return Marks()
    stage = scene = None
    done = total = 0.0
    failed: dict[tuple[str, str | None], tuple[str | None, str]] = {}
    begun: tuple[str, str | None] | None = None
    for event in EventReader(run.events).read():
        if event["event"] == "progress":
            stage, done, total = event["stage"], event["done"], event["total"]
        elif event["event"] in ("artifact", "stage"):
            stage, scene = event["stage"], event.get("scene")
            if event["event"] == "stage":
                begun = (stage, event.get("key")) if event["state"] == "begun" else None
        elif event["event"] == "failed" and event.get("stage"):
            failed[event["stage"], event.get("scene")] = (event.get("key"), event["error"])
        elif event["event"] == "failed" and begun:
            # what ended the whole run happened in the stage that it had begun
            failed[begun[0], None] = (begun[1], event["error"])
    return Marks(run, stage if run.alive else None, done, total, scene, failed)


class Status:
    """A project as it stands, by the storyboard given or the one on disk; `as_json` is the stable form of it."""

    def __init__(self, project: Project, board: Storyboard | None = None) -> None:
        self.project = project
        self.board = project.document().board if board is None else board
        self.found: Inventory = look(project, self.board)
        self.plan: Plan = make_plan(self.board, self.found)
        self.marks = read_marks(project)
        self._numbers = {scene.id: number for number, scene in enumerate(self.board.scenes, start=1)}
        self._last: dict[str, dict[str | None, dict[str, Any]]] = {}

    @property
    def run(self) -> Run | None:
        """The run that is going on; None where there is none."""
        run = self.marks.run
        return run if run is not None and run.alive else None

    @cached_property
    def scenes(self) -> list[dict[str, Any]]:
        """Every scene with the state of all that it needs."""
        return [self._scene(each) for each in self.plan.scenes]

    @cached_property
    def stages(self) -> list[dict[str, Any]]:
        """Every stage with its state, how much of it is there, and why it is not fresh."""
        return [self._stage(name) for name in STAGES]

    def as_json(self) -> dict[str, Any]:
        """The documented shape of `vktrs status --json`."""
        run = self.run
        live = None
        if run is not None:
            marks = self.marks
            live = {"id": run.id, "stage": marks.stage, "done": marks.done, "total": marks.total}
        return {
            "project": str(self.project.root),
            "duration": self.plan.duration,
            "frames": self.plan.frames,
            "run": live,
            "stages": self.stages,
            "scenes": self.scenes,
        }

    def _stage(self, name: str) -> dict[str, Any]:
        if name in ("keyframes", "variations", "order", "clips"):
            return self._scene_stage(name)
        pieces = {
            "song": self.plan.song,
            "words": self.plan.words,
            "structure": self.plan.structure,
            "scenes": self.plan.proposal,
            "video": self.plan.video,
        }
        state, reason = self._state(name, None, pieces[name])
        done = int(state == FRESH)
        return {"name": name, "state": state, "done": done, "total": 1, "reasons": [reason] if reason else []}

    def _scene_stage(self, name: str) -> dict[str, Any]:
        place = {"keyframes": "keyframe", "clips": "clip"}.get(name, name)
        shown = [scene for scene in self.scenes if scene["frames"] != 0]
        states = [scene[place] for scene in shown]
        done = sum(state.get("done", int(state["state"] == FRESH)) for state in states)
        total = sum(state.get("total", 1) for state in states)
        reasons = Counter(
            f"scene {scene['index']}: {scene[place].get('reason')}" for scene in shown if scene[place].get("reason")
        )
        state = _worst(each["state"] for each in states) if states else MISSING
        return {"name": name, "state": state, "done": done, "total": total, "reasons": list(reasons)}

    def _scene(self, each: ScenePlan) -> dict[str, Any]:
        plan, scene = each, each.scene
        path = keyframes.take_path(self.project.takes, scene.id, plan.keyframe.key)
        keyframe_state, reason = self._keyframe_state(plan)
        return {
            "id": scene.id,
            "index": plan.index + 1,
            "start": scene.start,
            "end": plan.end,
            "text": scene.text,
            "prompt": plan.resolved.prompt,
            "frames": plan.frames,
            "keyframe": {
                "state": keyframe_state,
                "reason": reason,
                "path": str(path) if plan.keyframe.made else None,
            },
            "variations": self._variations_state(plan),
            "order": self._named(self._state("order", scene.id, plan.order, plan.frames)),
            "clip": self._named(self._state("clips", scene.id, plan.clip, plan.frames)),
        }

    @staticmethod
    def _named(state: tuple[str, str]) -> dict[str, Any]:
        return {"state": state[0], "reason": state[1]}

    def _keyframe_state(self, plan: ScenePlan) -> tuple[str, str]:
        if plan.frames == 0:
            return FRESH, _NO_FRAMES
        if plan.keyframe.made:
            return FRESH, ""
        mark = self._mark("keyframes", plan.scene.id, plan.keyframe.key)
        if mark:
            return mark
        take = keyframes.newest_take(self.project.takes, plan.scene.id)
        before = keyframes.take_inputs(take) if take else None
        return (STALE, "; ".join(explain(plan.keyframe.inputs, before))) if before else (MISSING, NOT_MADE)

    def _variations_state(self, plan: ScenePlan) -> dict[str, Any]:
        total = len(plan.variation_keys)
        done = total - len(plan.missing)
        state, reason = FRESH, ""
        if plan.missing and plan.frames != 0:
            mark = self._mark("variations", plan.scene.id, plan.keyframe.key)
            state, reason = mark or self._unmade_variations(plan, done, total)
        return {"state": state, "done": done, "total": total, "reason": reason}

    def _unmade_variations(self, plan: ScenePlan, done: int, total: int) -> tuple[str, str]:
        """Stale only while all that is there is of other inputs: those of one scene are made one by one."""
        if done:
            return MISSING, f"{done} of {total} made"
        state, reason = self._compared("variations", plan.scene.id, plan.variation_inputs)
        # one of the same inputs that lies there is of a number that the scene does not show
        return (MISSING, NOT_MADE) if reason == REMOVED else (state, reason)

    def _state(self, stage: str, scene: str | None, piece: Piece | None, frames: int | None = None) -> tuple[str, str]:
        """State and reason of one piece; a piece that cannot be told yet is missing."""
        if frames == 0:
            return FRESH, ""
        if piece is not None and piece.made:
            return FRESH, ""
        mark = self._mark(stage, scene, piece.key if piece else None)
        if mark:
            return mark
        if piece is None:
            return MISSING, "waits for the stages before it"
        return self._compared(stage, scene, piece.inputs)

    def _mark(self, stage: str, scene: str | None, key: str | None) -> tuple[str, str] | None:
        """Running or failed, if the events say so of exactly this piece."""
        failed = self.marks.failed.get((stage, scene))
        if failed and failed[0] == key and not self.run:
            return FAILED, failed[1]
        if self.run and self.marks.stage == stage and self.marks.scene == scene:
            return RUNNING, ""
        return None

    def _compared(self, stage: str, scene: str | None, inputs: Mapping[str, Any]) -> tuple[str, str]:
        if stage not in self._last:
            self._last[stage] = self.project.store.last_inputs(stage)
        before = self._last[stage].get(scene)
        if before is None:
            return MISSING, NOT_MADE
        return STALE, "; ".join(explain(inputs, before, self._numbers))


def _worst(states: Iterable[str]) -> str:
    found = set(states)
    return next(state for state in _WORST_FIRST if state in found)


_NO_FRAMES = "no frames: the scene is shorter than half a frame, or lies outside the excerpt"
