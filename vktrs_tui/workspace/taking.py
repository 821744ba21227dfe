"""The takes of a scene: looked at, chosen again, made anew, deleted."""

from __future__ import annotations

import asyncio

from vktrs.errors import InputError, VktrsError
from vktrs.runs import control, takes
from vktrs.runs.control import RunRequest
from vktrs_tui.screens.takes import Choose, Delete, Reroll, TakesScreen
from vktrs_tui.workspace.base import WorkspaceBase

_POLL = 0.1


class TakingActions(WorkspaceBase):
    """The keyframes that were made for a scene so far."""

    def action_show_takes(self) -> None:
        self.studio.attend(self._takes(self.scene().id))

    async def _takes(self, scene_id: str) -> None:
        """Show the takes again and again until one is chosen, or they are left."""
        project = self.desk.project
        while (place := self.view.index(scene_id)) is not None:
            found = await asyncio.to_thread(takes.takes, project, scene_id)
            answer = await self.studio.push_screen_wait(TakesScreen(place + 1, found, self.studio.images))
            if isinstance(answer, Choose):
                await self._choose(answer.take, place + 1)
                return
            if isinstance(answer, Reroll):
                if not await self._reroll(scene_id, answer.count):
                    return
            elif isinstance(answer, Delete):
                try:
                    await asyncio.to_thread(takes.delete, project, answer.take)
                except VktrsError as error:
                    self.fail(error)
                    return
                self.say("The take is deleted.")
                self.desk.look_again()
            else:
                return

    async def _choose(self, take: takes.Take, number: int) -> None:
        await self.edit(f"choose a take for scene {number}", lambda board: takes.choose_edit(board, take))

    async def _reroll(self, scene_id: str, count: int) -> bool:
        """Make so many more keyframes, each with a new seed; false where that could not be done, which is said."""
        place = self.view.board.index(scene_id)
        if self.view.board.scenes[place].picture:
            own = InputError(
                f"Scene {place + 1} shows a picture of your own.", "Take `picture` out of it first, with F."
            )
            self.fail(own)
            return False
        for _ in range(count):
            await self.give_seeds((scene_id,))
            try:
                run = await asyncio.to_thread(
                    control.start, self.desk.project, RunRequest(to="keyframes", scenes=(scene_id,))
                )
            except VktrsError as error:
                self.fail(error)
                return False
            self.studio.started(run)
            process = run.process
            while process is not None and process.poll() is None:
                await asyncio.sleep(_POLL)
        return True
