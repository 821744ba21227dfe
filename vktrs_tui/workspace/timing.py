"""When scenes start and lines end: nudging, snapping, shifting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vktrs.errors import InputError
from vktrs.storyboard import retiming
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.timing import format_clock
from vktrs_tui.desk import Edit
from vktrs_tui.screens.shift import Request, ShiftScreen, TransformRequest
from vktrs_tui.workspace.base import WorkspaceBase

Retiming = Callable[[Storyboard, tuple[str, ...]], Edited]


class TimingActions(WorkspaceBase):
    """Times of the selection."""

    def step_seconds(self, times: int = 1) -> float:
        """So many of the chosen steps in seconds, where the cursor is; back where that is negative."""
        row = self.row()
        at = row.start if row is not None else 0.0
        fps = self.view.board.video.fps
        return retiming.step_seconds(retiming.STEPS[self.step], fps, self.desk.song.beats, at, times)

    def action_cycle_step(self) -> None:
        self.step = (self.step + 1) % len(retiming.STEPS)
        self.say(f"Times move by {retiming.STEPS[self.step].name}.")
        self.show_state()

    def action_toggle_rolling(self) -> None:
        self.rolling = not self.rolling
        self.say(
            "A moved start takes the end of the line before along."
            if self.rolling
            else "A moved start leaves the end of the line before where it is."
        )
        self.show_state()

    async def action_nudge_start(self, direction: int) -> None:
        await self._retime(
            "move the start of",
            lambda board, ids: retiming.nudge_starts(
                board, ids, self.step_seconds(direction), self.rolling, self.view.duration
            ),
        )

    async def action_nudge_end(self, direction: int) -> None:
        await self._retime(
            "move the end of",
            lambda board, ids: retiming.nudge_ends(board, ids, self.step_seconds(direction), self.view.duration),
        )

    async def action_snap_start(self) -> None:
        await self._retime(
            "snap the start of",
            lambda board, ids: retiming.snap_starts(
                board, ids, self.desk.song.beats, rolling=self.rolling, duration=self.view.duration
            ),
        )

    async def action_snap_end(self) -> None:
        await self._retime(
            "snap the end of",
            lambda board, ids: retiming.snap_ends(board, ids, self.desk.song.beats, self.view.duration),
        )

    async def action_lead_in(self) -> None:
        await self._retime("lead in to", lambda board, ids: retiming.lead_in(board, ids, self.step_seconds()))

    async def action_lead_out(self) -> None:
        await self._retime(
            "lead out of",
            lambda board, ids: retiming.lead_out(board, ids, self.step_seconds(), self.view.duration),
        )

    async def action_extend(self) -> None:
        await self._retime(
            "extend the line of", lambda board, ids: retiming.extend_to_next(board, ids, self.view.duration)
        )

    async def _retime(self, what: str, change: Retiming) -> None:
        ids = self.targets()
        applied = await self.edit(f"{what} {self.named(ids)}", lambda board: change(board, ids))
        if applied is not None and applied.entry_id is not None and len(ids) == 1:
            self.say(f"{self.message_line.said} {_times(applied.document.board.scene(ids[0]))}")

    def action_shift(self) -> None:
        self.attend(self._shift(points=False))

    def action_two_points(self) -> None:
        self.attend(self._shift(points=True))

    async def _shift(self, points: bool) -> None:
        scene, row = self.scene(), self.row()
        scopes, starts = self._scopes(), {each.id: each.start for each in self.view.board.scenes}
        request = await self.studio.push_screen_wait(
            ShiftScreen(
                self._amount,
                lambda text: self.parse_time(text, scene.start),
                lambda request: self._preview(request, scopes),
                this=self.named((scene.id,)),
                selected=len(self.table.selected),
                points=points,
                times=(format_clock(row.start), "") if row is not None else ("", ""),
            )
        )
        if request is None:
            return
        ids = self._left(scopes[request.scope])
        label, change = self._shifting(request, ids)
        await self.edit(label, change, {(each, "start"): starts[each] for each in ids})

    def _scopes(self) -> dict[str, tuple[str, ...]]:
        """Which scenes `this`, `selection`, `onward` and `all` are, now."""
        ids = tuple(row.id for row in self.view.rows)
        here = self.scene().id
        return {"this": (here,), "selection": self.targets(), "onward": ids[ids.index(here) :], "all": ids}

    def _left(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the scenes that are still there; InputError where none is."""
        left = tuple(each for each in ids if self.view.index(each) is not None)
        if not left:
            raise InputError("The scene that was to be shifted is gone.", "Esc leaves; look at the table.")
        return left

    def _amount(self, text: str) -> float:
        """`+0.25`, `-2f` or `+1b` as seconds, where the cursor is."""
        start = self.scene().start
        base = max(start, 1e4)  # an amount may be larger than the time it is taken from
        signed = text.strip() if text.strip()[:1] in "+-" else f"+{text.strip()}"
        if signed.endswith("b"):
            return self.parse_time(signed, start) - start
        return round(self.parse_time(signed, base) - base, 6)

    def _shifting(self, request: Request, ids: tuple[str, ...]) -> tuple[str, Edit]:
        duration = self.view.duration
        if isinstance(request, TransformRequest):
            first, second = request.first, request.second
            return f"stretch {self.named(ids)}", lambda board: retiming.transform(board, ids, first, second, duration)
        seconds = request.seconds
        label = f"shift {self.named(ids)} by {seconds:+.3f} s"
        return label, lambda board: retiming.shift(board, ids, seconds, duration)

    def _preview(self, request: Request, scopes: Mapping[str, tuple[str, ...]]) -> str:
        """What a request would do, in a sentence."""
        label, change = self._shifting(request, self._left(scopes[request.scope]))
        edited = change(self.view.board)
        moved = sum(old != new for old, new in zip(self.view.board.scenes, edited.board.scenes, strict=True))
        changes = f"{moved} scene{' changes' if moved == 1 else 's change'}"
        return " ".join([f"{label[:1].upper()}{label[1:]}: {changes}.", *edited.adjusted])


def _times(scene: Scene) -> str:
    """When a scene starts and its line ends, as the table writes times."""
    ends = "" if scene.end is None else f", its line ends at {format_clock(scene.end)}"
    return f"It starts at {format_clock(scene.start)}{ends}."
