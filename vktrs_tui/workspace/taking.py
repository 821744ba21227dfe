"""The takes of a scene: looked at, chosen again, made anew, deleted."""

from __future__ import annotations

import asyncio

from vktrs.runs import takes
from vktrs.runs.control import RunRequest
from vktrs_tui.screens.takes import Choose, Delete, Reroll, TakesScreen
from vktrs_tui.workspace.base import WorkspaceBase


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

    def action_new_take(self) -> None:
        self.attend(self._reroll(self.scene().id, 1))

    async def _reroll(self, scene_id: str, count: int) -> None:
        """Make so many more keyframes, each with a new seed, and leave the chosen one. They are shown when they are
        asked for: by then the person may be typing something else."""
        request = RunRequest(to="keyframes", scenes=(scene_id,), reroll=(scene_id, count))
        if not await self.started(request):
            return
        what = "another take" if count == 1 else f"{count} more takes"
        self.say(f"Making {what} of {self.named((scene_id,))}; the chosen one stays.")
