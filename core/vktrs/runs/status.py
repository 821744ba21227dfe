"""What is fresh, stale and why, missing, running or failed: the plan and the last run's events, told together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vktrs import doubt
from vktrs.doubt import LeftOut
from vktrs.engines import registry
from vktrs.errors import ArtifactDamaged, InputError
from vktrs.inventory import Inventory, look
from vktrs.media.plain_lyrics import read_plain
from vktrs.plan import Piece, Plan, ScenePlan, make_plan
from vktrs.project import Project
from vktrs.reasons import NOT_MADE, REMOVED, explain, without_keys
from vktrs.runs.control import Run, last_run
from vktrs.runs.events import EventReader
from vktrs.stages import STAGES, keyframes, signals, words
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
        return [self._stage(name) for name in STAGES if name != signals.STAGE or self.board.signals]

    @cached_property
    def left_out(self) -> list[LeftOut]:
        """What was heard in the song and left out as invented; of no interest where a person wrote the lyrics."""
        if self.board.song.lyrics or self.plan.words is None:
            return []
        pieces = [each for each in (*self.plan.hearings, self.plan.words) if each.made]
        found = [each for piece in pieces for each in words.load_left_out(self.project.store, piece.key)]
        return sorted(found, key=lambda each: each.start)

    @cached_property
    def lyrics_unused(self) -> bool:
        """Whether the words are those that were heard, because the lyrics seem to belong to another song."""
        lyrics, piece = self.board.song.lyrics, self.plan.words
        if not lyrics or words.has_timed_lyrics(self.board) or piece is None or not piece.made:
            return False
        try:
            own = {line.text for line in read_plain(self.project.resolve(lyrics))}
            return any(line.text not in own for line in words.load(self.project.store, piece.key))
        except (InputError, ArtifactDamaged):
            return False  # said by the next run

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
            "left_out": [each.as_json() | {"why": doubt.said(each.why)} for each in self.left_out],
        }

    def _stage(self, name: str) -> dict[str, Any]:
        if name in ("keyframes", "variations", "order", "clips"):
            return self._scene_stage(name)
        if name == signals.STAGE:
            return self._signals_stage()
        pieces = {
            "song": self.plan.song,
            "structure": self.plan.structure,
            "scenes": self.plan.proposal,
            "video": self.plan.video,
        }
        state, reason = self._words_state() if name == words.STAGE else self._state(name, None, pieces[name])
        done = int(state == FRESH)
        return {"name": name, "state": state, "done": done, "total": 1, "reasons": [reason] if reason else []}

    def _words_state(self) -> tuple[str, str]:
        """State and reason of the words; of a hearing that they are made from, where that is what is in hand."""
        piece = self.plan.next_words
        state = self._state(words.STAGE, None, piece or self.plan.words)
        if piece is None or state[0] in (RUNNING, FAILED):
            return state
        asked = self.plan.words or piece
        before = self._last_of(words.STAGE, None)
        if before is None:
            return MISSING, NOT_MADE
        if any(before == each.inputs for each in self.plan.hearings):
            return MISSING, _HEARD if piece is asked else _PARTLY_HEARD
        return STALE, self._why(words.in_one(asked.inputs), words.in_one(before))

    def _signals_stage(self) -> dict[str, Any]:
        """The signals that expressions use; why one is not fresh is told against the last one that is there."""
        pieces = self.plan.signals
        states = {name: self._state(signals.STAGE, None, piece) for name, piece in pieces.items()}
        done = sum(state == FRESH for state, _ in states.values())
        state = _worst(state for state, _ in states.values()) if states else FRESH
        reasons = [f"{name}: {reason}" for name, (_, reason) in states.items() if reason]
        return {"name": signals.STAGE, "state": state, "done": done, "total": len(pieces), "reasons": reasons}

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
        return (STALE, self._why(plan.keyframe.inputs, before)) if before else (MISSING, NOT_MADE)

    def _variations_state(self, plan: ScenePlan) -> dict[str, Any]:
        total = len(plan.variation_keys)
        done = total - len(plan.missing)
        state, reason = FRESH, ""
        if plan.pictures.waits and plan.frames != 0:
            state, reason = MISSING, WAITS
        elif plan.pictures.fault and plan.frames != 0:
            state, reason = FAILED, plan.pictures.fault.message
        elif plan.missing and plan.frames != 0:
            mark = self._mark("variations", plan.scene.id, plan.pictures_key)
            state, reason = mark or self._unmade_variations(plan, done, total)
        return {"state": state, "done": done, "total": total, "reason": reason}

    def _unmade_variations(self, plan: ScenePlan, done: int, total: int) -> tuple[str, str]:
        """Stale only while all that is there is of other inputs: those of one scene are made one by one."""
        if done:
            other = [k for k, _ in plan.resolved.frame_seeds if k in plan.missing]
            named = f"; with seeds of their own: {', '.join(map(str, sorted(other)))}" if other else ""
            return MISSING, f"{done} of {total} made{named}"
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
            return MISSING, WAITS
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
        before = self._last_of(stage, scene)
        if before is None:
            return MISSING, NOT_MADE
        return STALE, self._why(inputs, before)

    def _last_of(self, stage: str, scene: str | None) -> dict[str, Any] | None:
        """What the newest artifact of a stage and scene was made of."""
        if stage not in self._last:
            self._last[stage] = self.project.store.last_inputs(stage)
        return self._last[stage].get(scene)

    def _why(self, inputs: Mapping[str, Any], before: Mapping[str, Any]) -> str:
        """What changed; of options that are wrong, what is wrong with them."""
        if registry.WRONG in inputs.get("options", {}) and self._wrong:
            return self._wrong
        return "; ".join(explain(inputs, before, self._numbers))

    @cached_property
    def _wrong(self) -> str:
        engines = self.board.engines
        try:
            registry.check_options(engines.pictures, engines.options.get(engines.pictures, {}))
        except InputError as error:
            return without_keys(error.message)
        return ""


def _worst(states: Iterable[str]) -> str:
    found = set(states)
    return next(state for state in _WORST_FIRST if state in found)


_HEARD = "heard; the lyrics are still to be laid onto it"
_PARTLY_HEARD = "partly heard"
WAITS = "waits for the stages before it"
_NO_FRAMES = "no frames: the scene is shorter than half a frame, or lies outside the excerpt"
