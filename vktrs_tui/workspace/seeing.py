"""What is seen beside the table: inspector, preview, takes, help, other screens, and the user's own editor."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.timer import Timer

from vktrs.runs.cycle_view import cycle_paths
from vktrs.stages.keyframes import newest_take
from vktrs_tui.screens.doctor import DoctorScreen
from vktrs_tui.view import Failure
from vktrs_tui.widgets.inspector_details import details_of
from vktrs_tui.widgets.scene_table import SceneTable
from vktrs_tui.workspace.base import WorkspaceBase

RESTING = 0.12
"""Seconds without a move after which a cursor rests; a key that is held repeats about every 0.03."""


class SeeingActions(WorkspaceBase):
    """Panes and screens."""

    _resting: Timer | None = None
    _followed: str | None = None
    """The scene that was shown when the cursor moved last: what the clock shows since is not put aside for it."""
    _pictured: str | None = None
    """The scene that the cursor or the clock came to last: its picture stays while the clock plays."""

    @on(SceneTable.CursorMoved)
    def follow_cursor(self) -> None:
        """Timeline, inspector and preview show the scene under the cursor; while a key is held, once it rests."""
        self.timeline.show_cursor(self.table.cursor_id)
        if self._resting is None:
            self._follow_now()
        else:
            self._resting.stop()
        self._resting = self.set_timer(RESTING, self._rest)

    def _rest(self) -> None:
        self._resting = None
        if self.table.cursor_id != self._followed:
            self._follow_now()

    def _follow_now(self) -> None:
        self._followed = self.table.cursor_id
        self._pictured = self._followed
        self.show_scene()

    def show_scene(self) -> None:
        """The scene under the cursor, where it is seen; while the clock plays, the picture is of where it came to."""
        scene_id = self.table.cursor_id
        place = self.view.index(scene_id)
        self.timeline.show_cursor(scene_id)
        if place is None or scene_id is None:
            self.preview.show(None, caption="No scene yet.")
            return
        if self.inspector.display:
            self.inspector.show(details_of(self.view, scene_id, self.failures_of(scene_id)))
        played = self.view.index(self._pictured) if self.shown_playing is not None else None
        self.show_picture(place if played is None else played)

    def show_picture(self, place: int) -> None:
        """The picture and the cycle of the scene at that place, if the preview is not hidden."""
        row = self.view.rows[place]
        self._pictured = row.id
        if self.preview.display:
            picture = Path(row.marks.picture) if row.marks.picture else None
            shown = picture or newest_take(self.desk.project.takes, row.id)
            status = self.desk.status
            plans = status.plan.scenes if status is not None else ()
            same = place < len(plans) and plans[place].scene.id == row.id
            cycle = cycle_paths(self.desk.project, plans[place]) if picture is not None and same else ()
            note = "" if picture else "out of date: "
            missing = f"Scene {row.number} has no picture yet: {self.key('run.some')} makes it."
            self.preview.show(shown, cycle, missing, note)

    def failures_of(self, scene_id: str) -> tuple[Failure, ...]:
        """What went wrong with a scene in the run that is shown."""
        return tuple(each for each in (self.run_view.failures if self.run_view else ()) if each.scene == scene_id)

    def say_reasons(self) -> None:
        """Why the scene under the cursor is not fresh, in words."""
        row = self.row()
        if row is None:
            return
        marks = (("keyframe", row.marks.keyframe), ("variations", row.marks.variations), ("clip", row.marks.clip))
        told = [f"{name} {mark.state}{': ' + mark.reason if mark.reason else ''}" for name, mark in marks]
        self.say(f"Scene {row.number}: {'; '.join(told)}.")

    def action_toggle_inspector(self) -> None:
        """Bring the inspector and go into it; from there, hide it."""
        shown = self.query_one("#side").display and self.inspector.display
        if not shown or self.inspector.has_focus:
            self._toggle("inspector")
        if self.inspector.display and self.query_one("#side").display:
            self.inspector.focus()
        self.changed()

    def action_toggle_preview(self) -> None:
        self._toggle("preview")

    def _toggle(self, name: str) -> None:
        """Show or hide a pane; where there is little room it takes its place below the table."""
        side = self.query_one("#side")
        pane = self.query_one(f"#{name}")
        shown = side.display and pane.display
        pane.display = not shown
        side.display = self.inspector.display or self.preview.display
        side.set_class(not self.inspector.display, "-picture")
        if shown:
            self.table.focus()
        self.show_scene()

    def action_toggle_stages(self) -> None:
        self.panes.display = not self.panes.display

    def action_watch_cycle(self) -> None:
        if not (self.query_one("#side").display and self.preview.display):
            self._toggle("preview")
        if self.preview.playing:
            self.preview.pause()
        else:
            self.preview.play()

    def action_refresh_all(self) -> None:
        self.desk.look_again()
        self.refresh(layout=True)
        self.say("Looked at everything again.")

    def action_show_palette(self) -> None:
        self.app.action_command_palette()

    def action_show_doctor(self) -> None:
        self.app.push_screen(DoctorScreen())

    async def action_show_projects(self) -> None:
        await self.studio.show_projects()

    def action_show_help(self) -> None:
        self.studio.action_show_help()

    def action_leave_studio(self) -> None:
        self.studio.action_leave_studio()
