"""What all parts of a run share: its project and request, how it tells things, when it must stop or look again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC, EROFS
from pathlib import Path

from vktrs.errors import ArtifactDamaged, Halted, InputError, MissingError, Stopped, VktrsError
from vktrs.inventory import Inventory, look
from vktrs.plan import Piece, Plan, ScenePlan, make_plan, with_pictures
from vktrs.project import Project
from vktrs.runs.control import RunRequest
from vktrs.runs.ears import Ears
from vktrs.runs.progress import Emit, Progress
from vktrs.stages import STAGES
from vktrs.stages.showing import asked_names
from vktrs.storyboard.model import Storyboard

_MOST_REPAIRS = 3
_SETTLED_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
_NO_ROOM = (ENOSPC, EDQUOT, EROFS)


@dataclass
class Scope:
    """The hands of a run: it reads the newest storyboard, tells events, remembers failures, mends what is damaged."""

    project: Project
    request: RunRequest
    emit: Emit
    should_stop: Callable[[], bool]
    failures: dict[tuple[str, str | None, str | None], VktrsError] = field(default_factory=dict)
    unreadable: InputError | None = None
    ears: Ears = field(default_factory=Ears)
    _remarks: set[str] = field(default_factory=set)
    _repairs: dict[Path, int] = field(default_factory=dict)
    _mark: tuple[int, int, int] | None = None
    _board: Storyboard | None = None

    def __post_init__(self) -> None:
        self.progress = Progress(self.emit)

    def placed(self, message: str, hint: str, key: str, scene: str | None = None) -> InputError:
        """The error for what stands under a key of the storyboard, or of one of its scenes, with line and column."""
        line, column = self.project.document().position(scene, key)
        return InputError(f"{self.project.storyboard_path}:{line}:{column}: {message}", hint)

    def wants(self, stage: str) -> bool:
        """Whether a stage is in scope."""
        return STAGES.index(stage) <= STAGES.index(self.request.to)

    def check_stop(self) -> None:
        """Raise Stopped if somebody asked for it."""
        if self.should_stop():
            raise Stopped

    def changed(self) -> bool:
        """Whether the storyboard on disk is another than the one that was planned for."""
        return self._stat() != self._mark

    def plan(self) -> Plan:
        """A fresh plan of the newest storyboard; of the last readable one while somebody is half-way in an edit."""
        self._mark = self._stat()
        board = self._newest_board()
        return make_plan(board, self.look(board))

    def look(self, board: Storyboard) -> Inventory:
        """What is on disk for a storyboard."""
        return look(self.project, board)

    def _newest_board(self) -> Storyboard:
        try:
            board = self.project.document().board
        except InputError as error:
            if self._board is None:
                raise
            self.unreadable = error
            self.remark(f"{error.message} The run goes on with the storyboard as it was.")
            return self._board
        self.unreadable = None
        if self.request.pictures:
            board = with_pictures(board, self.request.pictures)
        if self._board is not None and _lost_everything(self._board, board) and not self.settled():
            self._mark = None  # it counts as changed, and is looked at again
            return self._board
        self._board = board
        return board

    def settled(self) -> bool:
        """Whether the file was left alone for a second: some editors save bit by bit, and an unfinished save parses.

        Waits for a moment where it was not.
        """
        try:
            age = time.time() - self.project.storyboard_path.stat().st_mtime
        except OSError:
            return False
        if 0 <= age < _SETTLED_SECONDS:
            time.sleep(_PAUSE_SECONDS)
            return False
        return True

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            stat = self.project.storyboard_path.stat()
        except OSError:
            return None
        return stat.st_size, stat.st_mtime_ns, stat.st_ino

    def chosen(self, plan: Plan) -> list[ScenePlan]:
        """The scenes in scope that have frames to show."""
        return plan.chosen(self.request.scenes)

    def pictured(self, plan: Plan) -> list[ScenePlan]:
        """Those whose pictures are needed: where clips are in scope, also the ones that they fade in from."""
        beside = plan.faded_from(self.request.scenes) if self.wants("clips") else []
        return sorted([*self.chosen(plan), *beside], key=lambda each: each.index)

    def listened(self, plan: Plan) -> dict[str, Piece]:
        """The signals in scope by their names: where only some scenes are, those that move one of them."""
        if self.request.scenes is None:
            return dict(plan.signals)
        asked = frozenset().union(*(asked_names(each.resolved) for each in self.pictured(plan)))
        return {name: piece for name, piece in plan.signals.items() if name in asked}

    def remark(self, text: str) -> None:
        """Tell something worth knowing, once."""
        if text not in self._remarks:
            self._remarks.add(text)
            self.emit("remark", text=text)

    def stage(self, name: str, state: str, key: str | None = None) -> None:
        """Tell that a stage begins ("begun", with the fingerprint in hand) or is "done"."""
        self.emit("stage", stage=name, state=state, key=key)

    def made(self, stage: str, key: str, scene: str | None = None) -> None:
        """Tell that an artifact is whole."""
        self.emit("artifact", stage=stage, scene=scene, key=key)

    def fail(self, stage: str, scene: str | None, key: str, error: VktrsError) -> None:
        """Remember that a piece could not be made; the others go on, unless it is nothing about this piece."""
        if concerns_all(error):
            raise error
        self.failures[stage, scene, key] = error
        self.emit(
            "failed",
            stage=stage,
            scene=scene,
            key=key,
            error=error.message,
            hint=error.hint,
            exit=error.exit_code,
        )

    def failed(self, stage: str, scene: str | None, key: str) -> bool:
        """Whether that piece failed in this run already."""
        return (stage, scene, key) in self.failures

    def failed_pictures(self, each: ScenePlan) -> bool:
        """Whether pictures of that scene failed in this run already."""
        pictures = (("keyframes", each.keyframe.key), ("variations", each.pictures_key))
        return any(self.failed(stage, each.scene.id, key) for stage, key in pictures)

    def forget_overtaken(self, plan: Plan) -> None:
        """Forget failures of what the newest storyboard does not ask for any more, or what was made after all."""
        lacking = {(stage, each.scene.id, key) for each in plan.scenes for stage, key in each.lacking}
        for failed in self.failures.keys() - lacking:
            del self.failures[failed]

    def repair(self, damage: ArtifactDamaged) -> None:
        """Remove a damaged artifact, so that the next plan finds it missing; the same one no more than a few times."""
        path = damage.path
        self._repairs[path] = self._repairs.get(path, 0) + 1
        if self._repairs[path] > _MOST_REPAIRS:
            raise VktrsError(f"{path} comes out damaged again and again: {damage.reason}.", "Is the disk in order?")
        store = self.project.store
        if path.is_relative_to(store.root):
            stage, key = path.relative_to(store.root).parts[:2]
            store.discard(stage, key)
        elif path.is_relative_to(self.project.takes):
            path.unlink(missing_ok=True)
        else:
            raise InputError(f"{path} cannot be used: {damage.reason}.", "It is yours, and so it is left as it is.")
        self.remark(f"{path.relative_to(self.project.root)} was damaged ({damage.reason}) and is made again.")


def _lost_everything(before: Storyboard, now: Storyboard) -> bool:
    """Whether the song or all scenes are gone at once."""
    return bool(before.song.source and not now.song.source) or bool(before.scenes and not now.scenes)


def concerns_all(error: VktrsError) -> bool:
    """Whether every other piece would fail for the same reason: stopped, an engine missing, no credits, no room."""
    if isinstance(error, Stopped | MissingError | Halted):
        return True
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in _NO_ROOM
