"""The clock: play, seek, stamp and tap. There is no sound here; the person plays the song where the ears are."""

from __future__ import annotations

from textual import on
from textual.timer import Timer

from vktrs.errors import InputError
from vktrs.storyboard import retiming
from vktrs.storyboard.words import scene_words
from vktrs_tui.clock import Tapping, lit_word, scene_at
from vktrs_tui.screens.ask import AskScreen
from vktrs_tui.widgets.timeline import Timeline
from vktrs_tui.workspace.base import WorkspaceBase

TICK = 0.2
"""Seconds between two looks at the clock."""
CONTEXT = 1.0


class PlayingActions(WorkspaceBase):
    """The playhead and what is done with it."""

    tapping = None
    shown_playing: str | None = None
    """The scene that table and preview were last brought to by the clock."""
    ticker: Timer

    async def action_toggle_play(self) -> None:
        if self.tapping is not None and self.clock.playing:
            await self._stamp()
            return
        self.clock.toggle()
        self.tick()

    def action_play_row(self) -> None:
        self._play_row(0.0)

    def action_play_context(self) -> None:
        self._play_row(CONTEXT)

    def _play_row(self, context: float) -> None:
        row = self.row()
        if row is not None:
            end = row.start + (row.length if row.length is not None else 5.0)
            self.clock.play_range(max(0.0, row.start - context), end + context)
            self.tick()

    def action_seek(self, seconds: int) -> None:
        self.seek_to(self.clock.position + seconds)

    @on(Timeline.Seeked)
    def seek_clicked(self, event: Timeline.Seeked) -> None:
        """A click on the timeline."""
        self.seek_to(event.seconds)

    def seek_to(self, seconds: float) -> None:
        """Put the playhead somewhere in the song."""
        self.clock.seek(seconds)
        self.tick()

    def action_play_rate(self, step: int) -> None:
        if step > 0:
            self.clock.faster()
        else:
            self.clock.slower()
        self.say(
            "The clock runs as fast as the song."
            if self.clock.rate == 1
            else f"The clock runs at ×{self.clock.rate:g}."
        )
        self.show_state()

    def action_set_offset(self) -> None:
        self.attend(self._set_offset())

    async def _set_offset(self) -> None:
        answer = await self.studio.push_screen_wait(
            AskScreen(
                "Seconds between the player and your ear: negative where you hear the song late, as -0.2",
                f"{self.clock.offset:.3f}",
                check=_offset,
            )
        )
        if answer is not None:
            self.clock.offset = _offset(answer)
            self.studio.settings.keep_offset(self.clock.offset)
            self.say(f"Stamps and the lit lyric are moved by {self.clock.offset:.3f} s from now on.")

    def tick(self) -> None:
        """Show where the clock is; at its end it stands still."""
        at, heard, rows = self.clock.position, self.clock.at(), self.view.rows
        place = scene_at([row.start for row in rows], heard) if rows else None
        self.timeline.show_playhead(at)
        if place is not None:
            row = rows[place]
            self.table.show_playhead(row.id, self._lit(place, heard))
            if self.clock.playing and row.id != self.shown_playing:
                self.shown_playing = row.id
                self.table.bring_into_view(row.id)
                self.show_picture(place)
        if self.clock.playing:
            self.ticker.resume()
        else:
            self.ticker.pause()
            self.shown_playing = None
        self.show_state()

    def _lit(self, place: int, at: float) -> tuple[int, int] | None:
        """The letters of the lyric that are sung now."""
        row, scene = self.view.rows[place], self.view.board.scenes[place]
        end = row.start + (row.length if row.length is not None else 5.0)
        words = scene.words or scene_words(row.text, row.start, scene.end or end, self.desk.song.lines)
        return lit_word(row.text, words, at)

    def _stamp_time(self) -> float:
        """The second that is heard now; InputError while the clock has not moved, for that would be a slip."""
        if not self.clock.playing and self.clock.position == 0:
            start, forward = self.key("play.toggle"), self.key("play.forward")
            raise InputError("The playhead stands at the start of the song.", f"{start} starts it, {forward} goes on.")
        return round(self.clock.at(), 3)

    async def action_stamp_start(self) -> None:
        scene, at = self.scene(), self._stamp_time()
        number = self.view.board.index(scene.id) + 1
        await self.edit(
            f"start scene {number} at the playhead",
            lambda board: retiming.set_start_rolling(board, scene.id, at, self.rolling, self.view.duration),
        )

    async def action_stamp_end(self) -> None:
        scene, at = self.scene(), self._stamp_time()
        number = self.view.board.index(scene.id) + 1
        await self.edit(
            f"end the line of scene {number} at the playhead",
            lambda board: retiming.set_end(board, scene.id, at, self.view.duration),
        )

    def action_tap_mode(self) -> None:
        if self.tapping is not None:
            self.end_tapping()
            return
        place = self.view.board.index(self.scene().id)
        self.tapping = Tapping(tuple(row.id for row in self.view.rows), place)
        self.changed()
        tap, back, leave = self.key("play.toggle"), self.key("stamp.back"), self.key("select.none")
        self.say(
            f"Tap mode: {tap} starts the clock, then each {tap} stamps a start. {back} takes one back, {leave} leaves."
        )
        self.show_state()

    def end_tapping(self) -> None:
        """Leave tap mode; the stamps stay."""
        self.tapping = None
        self.clock.pause()
        self.tick()
        self.changed()
        self.say(f"Tap mode is over; {self.key('edit.undo')} takes stamps back.")

    async def _stamp(self) -> None:
        tapping = self.tapping
        assert tapping is not None
        tapping.keep({row.id for row in self.view.rows})
        stamp = tapping.stamp(self.clock.at())
        if stamp is None:
            if tapping.over:
                self.end_tapping()
            return
        done = await self.edit(
            self._stamp_label(stamp.scene_id), lambda board: retiming.tap(board, stamp.scene_id, stamp.seconds)
        )
        if done is None:
            tapping.back()
            return
        self.table.move_to(tapping.next or stamp.scene_id)
        if tapping.over:
            self.end_tapping()

    def _stamp_label(self, scene_id: str) -> str:
        return f"stamp scene {(self.view.index(scene_id) or 0) + 1}"

    async def action_tap_back(self) -> None:
        tapping = self.tapping
        if tapping is None:
            return
        if not tapping.stamps:
            self.say("There is no stamp to take back.")
            return
        label = self._stamp_label(tapping.stamps[-1].scene_id)
        if self.desk.undoable != label:
            leaves = f"{self.key('select.none')} leaves tap mode, then {self.key('edit.undo')} undoes"
            self.say(f"The last edit was no stamp, so it stays; {leaves}: {self.desk.undoable}.")
            return
        if await self.step_back("undo") and (back := tapping.back()) is not None:
            self.table.move_to(back.scene_id)
            self.seek_to(back.seek_to)

    async def action_untime(self) -> None:
        at = round(self.clock.at(), 3)
        await self.edit(
            f"un-time what is after {at:.3f} s",
            lambda board: retiming.untime_after(board, at, self.view.duration),
        )

    def action_pan(self, direction: int) -> None:
        self.timeline.pan(direction * 0.5)

    def action_zoom(self, direction: int) -> None:
        if direction == 0:
            self.timeline.zoom_all()
        elif direction > 0:
            self.timeline.zoom_in()
        else:
            self.timeline.zoom_out()


def _offset(text: str) -> float:
    try:
        seconds = float(text.strip().replace(",", "."))
    except ValueError:
        raise InputError(f"“{text}” is no number of seconds.", "Write 0.12 or -0.05.") from None
    if not -5 <= seconds <= 5:
        raise InputError(f"{seconds} s is too much.", "Give at most 5 seconds either way.")
    return seconds
