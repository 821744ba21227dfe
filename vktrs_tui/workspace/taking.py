"""The takes of a scene: looked at, chosen again, made anew, deleted."""

from __future__ import annotations

import asyncio

from vktrs.errors import InputError
from vktrs.runs import control, takes
from vktrs.runs.control import RunRequest
from vktrs_tui.screens.takes import Choose, Delete, Reroll, TakesScreen
from vktrs_tui.workspace.base import WorkspaceBase

_POLL = 0.1


class TakingActions(WorkspaceBase):
    """The keyframes that were made for a scene so far."""

    def action_show_takes(self) -> None:
        self.attend(self._takes(self.scene().id))

    async def _takes(self, scene_id: str) -> None:
        project, place = self.desk.project, self.view.board.index(scene_id)
        found = await asyncio.to_thread(takes.takes, project, scene_id)
        answer = await self.studio.push_screen_wait(TakesScreen(place + 1, found, self.studio.images))
        if isinstance(answer, Choose):
            take = answer.take
            await self.edit(f"choose a take for scene {place + 1}", lambda board: takes.choose_edit(board, take))
        elif isinstance(answer, Reroll):
            await self._reroll(scene_id, answer.count)
        elif isinstance(answer, Delete):
            await asyncio.to_thread(takes.delete, project, answer.take)
            self.say("The take is deleted.")
            self.desk.look_again()

    async def _reroll(self, scene_id: str, count: int) -> None:
        """Make so many more keyframes, each with a new seed. They are shown when they are asked for: by then the person
        may be typing something else."""
        number = self.view.board.index(scene_id) + 1
        if self.view.board.scenes[number - 1].picture:
            raise InputError(f"Scene {number} shows a picture of your own.", "Take `picture` out of it first, with F.")
        going = await asyncio.to_thread(control.live_run, self.desk.project)
        if going is not None:
            raise InputError(f"Run {going.id} is going on.", "Wait for it, or stop it with S; then T and r.")
        for _ in range(count):
            if not await self.give_seeds((scene_id,)):
                return
            request = RunRequest(to="keyframes", scenes=(scene_id,))
            run = await asyncio.to_thread(control.start, self.desk.project, request)
            self.studio.started(run)
            process = run.process
            while process is not None and process.poll() is None:
                await asyncio.sleep(_POLL)
        self.say(f"{'A new take' if count == 1 else f'{count} new takes'} of scene {number}: T shows them.")
