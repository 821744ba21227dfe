"""The song heard again, or a part of it: asked for, and what came of it taken, left or dropped."""

from __future__ import annotations

import asyncio

from vktrs.engines.speech_models import find_models
from vktrs.runs.heard_again import Hearing, told
from vktrs.storyboard.merge import Change
from vktrs_tui.screens.hear_again import HearAgainScreen
from vktrs_tui.screens.heard import HeardScreen
from vktrs_tui.screens.proposals import proposed_lines
from vktrs_tui.workspace.base import WorkspaceBase


class HearingActions(WorkspaceBase):
    """What is sung, asked once more."""

    def action_hear_again(self) -> None:
        self.attend(self._hear_again())

    async def _hear_again(self) -> None:
        board = self.view.board
        ids = self.targets() if self.view.rows else ()
        model = board.engines.options.get("whisper", {}).get("model") or board.engines.speech
        models = await asyncio.to_thread(find_models)
        language = board.song.language or "guessed"
        screen = HearAgainScreen(models, str(model), language, ids, self.named(ids) if ids else "")
        request = await self.studio.push_screen_wait(screen)
        if request is None or not await self.started(request):
            return
        what = self.named(request.scenes) if request.scenes is not None else "the song"
        self.say(f"Hearing {what} again; {self.key('proposals')} will show what would change.")

    async def decide_on(self, hearing: Hearing) -> None:
        merge = hearing.merge
        numbers = {row.id: row.number for row in self.view.rows}
        lines = proposed_lines(merge.changes, merge.conflicts, numbers)
        intro = f"{told(hearing.stretches, self.view.duration)}."
        decided = await self.studio.push_screen_wait(HeardScreen(lines, f"{intro[0].upper()}{intro[1:]}"))
        if decided is None:
            return
        if decided.dropped:
            await self.desk.drop_heard(hearing)
            self.say("What was heard again is dropped.")
            return
        given_up = [Change(each.id, "set", each.field, each.ours, each.theirs) for each in merge.conflicts]
        shown = [*merge.changes, *(each for each in given_up if each.id in decided.over)]
        applied = await self.desk.take_heard(hearing, decided.only, decided.over, shown)
        self.tell_taken(applied, len(decided.only))
