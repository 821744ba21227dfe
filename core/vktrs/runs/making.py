"""What a run does, in one loop: plan, make the first thing that is missing, and look again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vktrs.errors import ArtifactDamaged, InputError, StoryboardError
from vktrs.plan import Plan
from vktrs.project import Project
from vktrs.runs import joining, listening, preflight
from vktrs.runs.control import RunRequest
from vktrs.runs.picturing import Picturing
from vktrs.runs.progress import Emit
from vktrs.runs.rehearing import Rehearing
from vktrs.runs.rerolling import Rerolling
from vktrs.runs.scope import Scope
from vktrs.stages import clips, video


class Making:
    """One run from its checks to its video; `written` is the video that is in place at its end."""

    def __init__(self, project: Project, request: RunRequest, emit: Emit, should_stop: Callable[[], bool]) -> None:
        self.scope = Scope(project, request, emit, should_stop)
        self.failures = self.scope.failures
        self.written: Path | None = None
        self._picturing = Picturing(self.scope)

    def run(self) -> None:
        """Make everything in scope; raises what stops the whole run, remembers what fails one scene only."""
        project = self.scope.project
        project.sweep()
        if project.document().needs_ids:
            project.edit(lambda document: document.board)
        plan = self.scope.plan()
        project.remember_ids(scene.id for scene in plan.board.scenes)
        video.sweep(project.resolve(plan.board.video.file))
        preflight.check(self.scope, plan)
        try:
            if self.scope.request.reroll is not None:
                Rerolling(self.scope, self._picturing.room).run()
                return
            if self.scope.request.hear is not None:
                Rehearing(self.scope).run()
                return
            while self._step() or self.scope.changed():
                self.scope.check_stop()
        finally:
            self.scope.progress.last_words()
            self._picturing.room.tell_spent()
        if self.failures:
            self.scope.forget_overtaken(self.scope.plan())
        if self.scope.unreadable:
            raise self.scope.unreadable
        self._tell_what_is_missing()
        if self.scope.request.partial:
            self.written = joining.join_partial(self.scope, self.scope.plan()) or self.written

    def _step(self) -> bool:
        """Make one thing, or find that nothing is left to make; whether something was done."""
        plan = self.scope.plan()
        if plan.frames == 0 and self.scope.wants(clips.STAGE):
            raise InputError(
                f"there is nothing to render: the song ends after {plan.duration:g} s.", "Mend `excerpt` under [song]."
            )
        try:
            return listening.step(self.scope, plan) or self._picturing.step(plan) or self._join(plan)
        except ArtifactDamaged as damage:
            self.scope.repair(damage)
            return True
        except StoryboardError as error:
            # somebody is half-way in an edit; if that stays so, nothing more can be done here
            self.scope.unreadable = error
            return False

    def _tell_what_is_missing(self) -> None:
        """A run of some scenes only may leave the video as it was; that should not look like one."""
        if self.scope.wants("video") and self.written is None and not self.failures:
            lacking = sum(not each.complete for each in self.scope.plan().chosen(None))
            if lacking:
                self.scope.remark(f"The video is not joined: scenes that are not made yet: {lacking}.")

    def _join(self, plan: Plan) -> bool:
        done = joining.step(self.scope, plan)
        if not done and plan.video is not None and plan.video.made:
            self.written = self.scope.project.resolve(plan.board.video.file)
        return done

    def close(self) -> None:
        """End what goes on in the background and free the engine."""
        self._picturing.close()
