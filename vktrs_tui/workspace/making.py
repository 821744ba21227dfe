"""Runs: started, stopped and shown here, done by a process of their own."""

from __future__ import annotations

import asyncio

from textual import on

from vktrs.engines.registry import is_paid
from vktrs.errors import VktrsError
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs_tui.consent import Consent
from vktrs_tui.costs import cost, is_asked_for
from vktrs_tui.messages import RunAdvanced
from vktrs_tui.screens.log import LogScreen
from vktrs_tui.screens.proposals import ProposalsScreen, proposed_lines
from vktrs_tui.screens.run_options import RunOptionsScreen
from vktrs_tui.screens.spend import SpendScreen
from vktrs_tui.view import RunView
from vktrs_tui.workspace.base import WorkspaceBase


class MakingActions(WorkspaceBase):
    """The worker, seen from the workspace."""

    consent: Consent

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
        screen = RunOptionsScreen(
            current=self.table.cursor_id,
            selection=tuple(self.table.selected),
            numbers=numbers,
            engine=self.view.board.engines.pictures,
            gpus=len(self.studio.gpu_lines),
            expected=self.desk.expected,
        )
        request = await self.studio.push_screen_wait(screen)
        if request is not None:
            await self._start(request, "what you chose", told=screen.told_cost)

    async def started(self, request: RunRequest, told: bool = False) -> bool:
        """Start a run, unless it costs more than was agreed to and that is not agreed to now; whether it began.

        `told`: its cost stood on the screen when it was asked for. A run with a budget agrees to nothing further.
        Raises what `control.start` raises.
        """
        engine = request.pictures or self.view.board.engines.pictures
        going = self.run_view is not None and self.run_view.alive  # no other run is started then
        credits: float | None = None
        if is_paid(engine) and not going:
            found = await self.desk.expected(request)
            credits = found.credits
            if is_asked_for(found) and not (told or self.consent.covers(credits)):
                options = self.key("run.options")
                if await self.studio.push_screen_wait(SpendScreen(engine, cost(found), options)) is None:
                    self.say("Nothing was started, and nothing is spent.")
                    return False
                told = True
            if told and request.budget is None:
                self.consent.agree(credits)
        run = await asyncio.to_thread(control.start, self.desk.project, request)
        self.consent.begin(run.id, credits if request.budget is None else None)
        self.studio.started(run)
        return True

    async def _start(self, request: RunRequest, what: str, told: bool = False) -> None:
        try:
            if not await self.started(request, told):
                return
        except VktrsError as error:
            self.fail(error)
            return
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
        if not now.alive:
            self.consent.end(now)
        if now.alive:
            self._tell_remarks(before.remarks if before is not None and before.id == now.id else (), now)
        if before is not None and before.alive and not now.alive:
            self._tell_end(now)
            self.attend(self._look_after(now.id))
        if before is None or before.alive != now.alive:
            self.changed()

    def _tell_remarks(self, heard: tuple[str, ...], run: RunView) -> None:
        """The newest remark, unless an error stands there that may not have been read; the log has them all."""
        if run.note and run.remarks != heard and not self.message_line.has_class("-error"):
            self.say(run.note)

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
            self.message_line.fail(f"The worker died: {last} {self.key('run.all')} resumes where it was.")
        elif run.exit == 0:
            # one that only hears says itself what came of it
            self.say(run.remarks[-1] if run.hears and run.remarks else f"{self._done(run)} {run.note}".strip())
        elif run.exit == 130:
            alone = run.reroll is not None or run.hears
            goes_on = f"Stopped. {self.key('run.all')} goes on where it was."
            stopped = "Stopped; what was made is kept." if alone else goes_on
            self.say(f"{stopped} {run.note}".strip())
        else:
            ends = [failure for failure in run.failures if failure.stage is None]
            first = next(iter(ends or run.failures), None)
            others, walks = len(run.failures) - 1, self.key("problem.next")
            more = f" (and {others} more: {walks} walks them)" if others > 0 else ""
            self.message_line.fail(
                f"{first.error} {first.hint}{more}" if first else f"The run failed; {self.key('run.log')} shows why."
            )

    def _done(self, run: RunView) -> str:
        if run.reroll is None:
            joins = f"Done; the video is not joined yet: {self.key('run.all')} does that."
            return f"Done: {run.video}." if run.video else joins
        scene_id, count = run.reroll
        made = "A new take" if count == 1 else f"{count} new takes"
        return f"{made} of {self.named((scene_id,))}: {self.key('takes')} shows them."

    def show_run(self) -> None:
        """Panes and title follow the run."""
        self.panes.show(self.view.stages, self.run_view, self.studio.gpu_lines)
        self.studio.show_title(self.run_view)

    def action_show_log(self) -> None:
        self.app.push_screen(LogScreen(self.run_view))

    def action_show_proposals(self) -> None:
        self.attend(self._proposals())

    async def _proposals(self) -> None:
        """What was heard again, which somebody asked for, and then what the machine proposes by itself."""
        hearing = await self.desk.heard()
        if hearing is not None:
            await self.decide_on(hearing)
        await self.look_at_proposals(quiet=hearing is not None)

    async def look_at_proposals(self, quiet: bool = False) -> None:
        found = await self.desk.proposed()
        if quiet and (found is None or not found[1].changes):
            return
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
        self.tell_taken(applied, len(chosen))
