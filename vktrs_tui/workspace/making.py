"""Runs: started, stopped and shown here, done by a process of their own."""

from __future__ import annotations

import asyncio

from textual import on

from vktrs.errors import VktrsError
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.screens.log import LogScreen
from vktrs_tui.screens.proposals import ProposalsScreen, proposed_lines
from vktrs_tui.screens.run_options import RunOptionsScreen
from vktrs_tui.view import RunView
from vktrs_tui.workspace.base import WorkspaceBase


class MakingActions(WorkspaceBase):
    """The worker, seen from the workspace."""

    def action_make_all(self) -> None:
        self.attend(self._start(RunRequest(), "everything that is stale"))

    def action_make_some(self) -> None:
        ids = self.targets()
        self.attend(self._start(RunRequest(to="clips", scenes=ids), self.named(ids)))

    def action_run_options(self) -> None:
        self.attend(self._options())

    async def _options(self) -> None:
        rows = self.view.rows
        numbers = {row.id: row.number for row in rows}
        request = await self.studio.push_screen_wait(
            RunOptionsScreen(
                current=self.table.cursor_id,
                selection=tuple(self.table.selected),
                numbers=numbers,
            )
        )
        if request is not None:
            await self._start(request, "what you chose")

    async def _start(self, request: RunRequest, what: str) -> None:
        try:
            run = await asyncio.to_thread(control.start, self.desk.project, request)
        except VktrsError as error:
            self.fail(error)
            return
        self.studio.started(run)
        self.say(f"Making {what}. Leave whenever you like: the run goes on.")

    def action_stop_run(self) -> None:
        self.attend(self._stop())

    async def _stop(self) -> None:
        stopped = await asyncio.to_thread(control.stop, self.desk.project)
        self.say("Stopping after the picture in hand; nothing finished is lost." if stopped else "No run is going on.")

    @on(RunAdvanced)
    def follow_run(self, event: RunAdvanced) -> None:
        """Show the run; its artifacts have changed what is fresh."""
        before, now = self.run_view, event.run
        self.run_view = now
        self.show_run()
        if not self.view.rows:
            self.show_rows()
        if now is None:
            return
        if before is None or before.id != now.id or before.artifacts != now.artifacts or before.alive != now.alive:
            self.desk.look_again()
        if before is not None and before.alive and not now.alive:
            self._tell_end(now)
            self.attend(self._look_after(now.id))
        if before is None or before.alive != now.alive:
            self.changed()

    async def _look_after(self, run_id: str) -> None:
        """Look at what is made once the worker is gone: until it frees its lock, a failed scene is not told as one."""
        while (live := await asyncio.to_thread(control.live_run, self.desk.project)) and live.id == run_id:
            await asyncio.sleep(0.1)
        self.desk.look_again()

    def _tell_end(self, run: RunView) -> None:
        """The bell, and one sentence."""
        self.app.bell()
        if run.died:
            last = run.failures[-1].error if run.failures else "It was killed, or the machine went down."
            self.message_line.fail(f"The worker died: {last} A resumes where it was.")
        elif run.exit == 0:
            self.say(f"Done: {run.video}." if run.video else "Done; the video is not joined yet: A does that.")
        elif run.exit == 130:
            self.say("Stopped. A goes on where it was.")
        else:
            first = run.failures[0] if run.failures else None
            more = f" (and {len(run.failures) - 1} more: n walks them)" if len(run.failures) > 1 else ""
            self.message_line.fail(
                f"{first.error} {first.hint}{more}" if first else "The run failed; Ctrl+L shows why."
            )

    def show_run(self) -> None:
        """Panes and title follow the run."""
        self.panes.show(self.view.stages, self.run_view, self.studio.gpu_lines)
        self.studio.show_title(self.run_view)

    def action_show_log(self) -> None:
        self.app.push_screen(LogScreen(self.run_view))

    def action_show_proposals(self) -> None:
        self.attend(self._proposals())

    async def _proposals(self) -> None:
        found = await self.desk.proposed()
        if found is None or not (found[1].changes or found[1].conflicts):
            self.say("The machine proposes nothing new.")
            return
        key, merge = found
        numbers = {row.id: row.number for row in self.view.rows}
        chosen = await self.studio.push_screen_wait(
            ProposalsScreen(proposed_lines(merge.changes, merge.conflicts, numbers))
        )
        if not chosen:
            return
        applied = await self.desk.accept(key, merge.changes, chosen)
        if applied.entry_id is None:
            self.say("Nothing was taken: these changes cannot be made without those of the scenes beside them.")
            return
        self.say(f"Taken for {len(chosen)} scene{'' if len(chosen) == 1 else 's'}; u takes it back.")
        self.changed()
