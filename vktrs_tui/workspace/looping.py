"""Loops that sit on the beat, for scenes or for all; what a round would be is shown before it is set."""

from __future__ import annotations

from collections.abc import Sequence

from vktrs.runs.loop_view import Cycle, cycle_of
from vktrs.storyboard import edits
from vktrs.storyboard.model import Loop
from vktrs_tui.screens.choices import ChoicesScreen, Chosen, Row
from vktrs_tui.workspace.base import WorkspaceBase
from vktrs_tui.workspace.musical import scenes_told

_LOOPS = ("none", "beat", "2 beats", "bar", "2 bars")
_FOLLOW = "look"


class LoopingActions(WorkspaceBase):
    """How long a round of a scene's pictures lasts."""

    def action_loop(self) -> None:
        self.attend(self._loop())

    async def _loop(self) -> None:
        scopes = {"these": self.targets(), _FOLLOW: ()}
        here = self.view.resolved[self.view.index(self.scene().id) or 0].loop
        at_first = here if here in _LOOPS else "none"
        rows = (
            Row("loop", "A round", [*((each, each) for each in _LOOPS), (_FOLLOW, "[look]")], str(at_first)),
            Row(
                "scope", "For", (("these", self.named(scopes["these"])), (_FOLLOW, "[look]: all without one")), "these"
            ),
        )
        screen = ChoicesScreen(
            "Loops on the beat", rows, lambda chosen: self._told_loop(chosen, scopes["these"]), "set"
        )
        chosen = await self.studio.push_screen_wait(screen)
        if chosen is None:
            return
        loop: Loop | None = None if chosen["loop"] == _FOLLOW else chosen["loop"]
        if chosen["scope"] == _FOLLOW:
            await self.edit("set the loop of [look]", lambda board: edits.set_setting(board, "look.loop", loop))
            return
        ids = tuple(each for each in scopes["these"] if self.view.index(each) is not None)
        values = {each: {"loop": loop} for each in ids}
        await self.edit(f"set the loop of {self.named(ids)}", lambda board: edits.set_fields(board, values))

    def _told_loop(self, chosen: Chosen, ids: tuple[str, ...]) -> str:
        """What a round would be: pictures, how long each stands, and which scenes have no cycle."""
        board = self.view.board
        loop: Loop | None = None if chosen["loop"] == _FOLLOW else chosen["loop"]
        if chosen["scope"] == _FOLLOW:
            asked = [place for place, scene in enumerate(board.scenes) if scene.loop is None]
            held: Loop = loop or "none"
        else:
            asked = [place for place, scene in enumerate(board.scenes) if scene.id in ids]
            held = board.look.loop if loop is None else loop
        cycling = [place for place in asked if self.view.resolved[place].animation == "variations"]
        told = [scenes_told(cycling) + ": "] if cycling else []
        if cycling:
            told.append(self._told_cycles(held, cycling))
        other = [place for place in asked if place not in cycling]
        if other:
            reads = "reads" if len(other) == 1 else "read"
            told.append(f" {scenes_told(other)} {reads} no loop: only `variations` are cycles.")
        return "".join(told).strip() or "No scene follows [look]: all have a loop of their own."

    def _told_cycles(self, loop: Loop, places: list[int]) -> str:
        song, fps = self.desk.song, self.view.board.video.fps
        status = self.desk.status
        plans = {each.scene.id: each for each in status.plan.scenes} if status is not None else {}
        found: list[Cycle] = []
        for place in places:
            plan = plans.get(self.view.rows[place].id)
            if plan is None or plan.frames is None:
                return "how long they are is not known before the song was read."
            resolved = self.view.resolved[place]
            cycle = cycle_of(resolved, loop, plan.first, plan.frames, fps, song.beats, song.downbeats)
            if cycle is None and plan.frames:
                return "the beats of the song are not known; they play their pictures as they are held until then."
            found += [cycle] if cycle is not None else []
        if not found:
            return "none of them has a frame in the video."
        rounds = _range([each.frames for each in found], "frame")
        seconds = _range([float(each.frames / fps) for each in found], "")
        pictures = _range([each.pictures for each in found], "picture")
        held = _range([each.held for each in found], "frame")
        return f"a round of {rounds} ({seconds} s) shows {pictures}, each for {held}."


def _range(values: Sequence[float], what: str) -> str:
    """`8 pictures`, or `5 to 8 pictures` where they differ."""
    low, high = (round(each, 2) for each in (min(values), max(values)))
    unit = f" {what}{'' if low == high == 1 else 's'}" if what else ""
    return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
