"""What every group of the workspace's actions stands on: the desk, the widgets, and the ways to speak and to edit."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from textual import getters
from textual.screen import Screen
from textual.worker import Worker

from vktrs.editing import Applied, EditConflict
from vktrs.errors import InputError, VktrsError
from vktrs.runs.control import RunRequest
from vktrs.runs.heard_again import Hearing
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.resolve import effective_themes
from vktrs_tui.clock import PlayClock, Tapping
from vktrs_tui.desk import Desk, Edit
from vktrs_tui.view import RunView, SceneRow, View
from vktrs_tui.widgets.inspector import Inspector
from vktrs_tui.widgets.message_line import MessageLine
from vktrs_tui.widgets.preview import Preview
from vktrs_tui.widgets.scene_table import SceneTable
from vktrs_tui.widgets.stage_panes import StagePanes
from vktrs_tui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from vktrs_tui.app import Studio


class WorkspaceBase(Screen[None]):
    """The state that the actions share; what the screen is made of is `screen`'s."""

    table = getters.query_one("#table", SceneTable)
    timeline = getters.query_one("#timeline", Timeline)
    inspector = getters.query_one("#inspector", Inspector)
    preview = getters.query_one("#preview", Preview)
    panes = getters.query_one("#panes", StagePanes)
    message_line = getters.query_one("#message", MessageLine)

    desk: Desk
    clock: PlayClock
    run_view: RunView | None
    tapping: Tapping | None
    shown_playing: str | None
    step: int
    rolling: bool

    @property
    def studio(self) -> Studio:
        """The app, by its own type."""
        from vktrs_tui.app import Studio

        app = self.app
        assert isinstance(app, Studio)
        return app

    @property
    def view(self) -> View:
        """The newest snapshot."""
        return self.desk.view

    def row(self) -> SceneRow | None:
        """The line under the cursor."""
        place = self.view.index(self.table.cursor_id)
        return None if place is None else self.view.rows[place]

    def scene(self) -> Scene:
        """The scene under the cursor; InputError where there is none."""
        place = self.view.index(self.table.cursor_id)
        if place is None:
            make, insert = self.key("run.all"), self.key("scene.insert_here")
            raise InputError("There is no scene yet.", f"{make} makes them from the song, {insert} inserts one.")
        return self.view.board.scenes[place]

    def targets(self) -> tuple[str, ...]:
        """The selection, or else the scene under the cursor; InputError where there is neither."""
        chosen = tuple(each for each in self.table.target if self.view.index(each) is not None)
        if not chosen:
            self.scene()
        return chosen

    def named(self, ids: tuple[str, ...]) -> str:
        """Scenes in words: `scene 3`, or `4 scenes`."""
        if len(ids) == 1:
            place = self.view.index(ids[0])
            return "the scene" if place is None else f"scene {place + 1}"
        return f"{len(ids)} scenes"

    def attend(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Do something beside everything else, as long as this project is open; errors come through the app's door."""
        return self.run_worker(self.studio.at_the_door(work), exit_on_error=False)

    def clear_selection(self) -> None:
        """Neither a range nor a mark any more."""
        self.table.end_range()
        self.table.clear_marks()

    def say(self, text: str) -> None:
        """One sentence for the person."""
        self.message_line.say(text)

    def key(self, action_id: str) -> str:
        """How a sentence names an action: by the key that the person has for it."""
        return self.studio.keymap.named(action_id)

    @property
    def opens_file(self) -> str:
        """How the whole storyboard is got at, as the end of a sentence."""
        return f"{self.key('edit.file')} opens the file"

    def fail(self, error: VktrsError) -> None:
        """What went wrong and what would be right."""
        self.message_line.fail(f"{error.message} {error.hint}".strip())

    async def edit(
        self, label: str, change: Edit, expected: Mapping[tuple[str, str], object] | None = None
    ) -> Applied | None:
        """Make an edit and say what it did; None where it could not be made, which is said too."""
        try:
            return await self.try_edit(label, change, expected)
        except EditConflict as conflict:
            self.message_line.fail(f"{conflict.message} Nothing was done: look at it, then do it again.")
            return None
        except VktrsError as error:
            self.fail(error)
            return None

    def tell_taken(self, applied: Applied, scenes: int) -> None:
        """What came of taking something that was proposed for so many scenes."""
        if applied.entry_id is None:
            self.say("Nothing was taken: these changes cannot be made without those of the scenes beside them.")
            return
        self.say(f"Taken for {scenes} scene{'' if scenes == 1 else 's'}; {self.key('edit.undo')} takes it back.")
        self.changed()

    async def try_edit(
        self, label: str, change: Edit, expected: Mapping[tuple[str, str], object] | None = None
    ) -> Applied:
        """The same, with its errors raised."""
        fault = self.view.fault
        if fault is not None:
            raise InputError(
                f"{fault.message}",
                f"Nothing is written until it can be read again; {self.opens_file}.",
            )
        before = self.view.board
        applied = await self.desk.edit(label, change, expected)
        if applied.entry_id is None:
            self.say(" ".join(["Nothing changed: it was so already.", *applied.adjusted]))
            return applied
        if applied.made is not None:
            self.table.show(self.view.rows)  # the message with them is still on its way
            self.table.move_to(applied.made)
        self.say(" ".join([told(label), *applied.adjusted, *_moved_themes(before, self.view.board)]))
        self.changed()
        return applied

    def changed(self) -> None:
        """Something that the footer or the palette offers may have changed."""
        self.refresh_bindings()

    # What one group of actions asks of another; each is done in the room that is named.

    def show_state(self) -> None:
        """The line at the top follows (`screen`)."""
        raise NotImplementedError

    def show_rows(self) -> None:
        """The table follows (`screen`)."""
        raise NotImplementedError

    def show_picture(self, place: int) -> None:
        """The preview shows the scene at that place (`seeing`)."""
        raise NotImplementedError

    def say_reasons(self) -> None:
        """Why the scene under the cursor is not fresh (`seeing`)."""
        raise NotImplementedError

    async def started(self, request: RunRequest, told: bool = False) -> bool:
        """Start a run, once its cost is agreed to; whether it began (`making`)."""
        raise NotImplementedError

    async def decide_on(self, hearing: Hearing) -> None:
        """Ask what of it is taken, unless that is left for later (`hearing`)."""
        raise NotImplementedError

    async def look_at_proposals(self, quiet: bool = False) -> None:
        """What the machine would change in the scenes; `quiet`: nothing is said where that is nothing (`making`)."""
        raise NotImplementedError

    async def step_back(self, name: str) -> bool:
        """Undo or redo; whether that could be done (`editing`)."""
        raise NotImplementedError

    def parse_time(self, text: str, current: float | None) -> float:
        """A time as typed, in seconds (`editing`)."""
        raise NotImplementedError

    def action_show_takes(self) -> None:
        """The takes of the scene under the cursor (`taking`)."""
        raise NotImplementedError


def told(label: str) -> str:
    """What an edit is called, as a report: "split scene 3" was "Split scene 3."."""
    verb, _, rest = label.partition(" ")
    return f"{_PAST.get(verb, verb.capitalize())} {rest}."


def _moved_themes(before: Storyboard, after: Storyboard) -> tuple[str, ...]:
    """Where scenes came or went: how many others have another theme for it, because themes take turns."""
    was = dict(zip((scene.id for scene in before.scenes), effective_themes(before), strict=True))
    if len(was) == len(after.scenes):
        return ()
    now = zip((scene.id for scene in after.scenes), effective_themes(after), strict=True)
    moved = sum(was.get(scene_id, theme) != theme for scene_id, theme in now)
    if not moved:
        return ()
    return (f"Themes take turns, so {moved} other scene{' has' if moved == 1 else 's have'} another one now.",)


_PAST = {
    "add": "Added",
    "change": "Changed",
    "choose": "Chose",
    "delete": "Deleted",
    "duplicate": "Duplicated",
    "end": "Ended",
    "extend": "Extended",
    "give": "Gave",
    "insert": "Inserted",
    "join": "Joined",
    "lead": "Led",
    "lock": "Locked",
    "move": "Moved",
    "remove": "Removed",
    "rename": "Renamed",
    "replace": "Replaced",
    "shift": "Shifted",
    "snap": "Snapped",
    "stamp": "Stamped",
    "start": "Started",
    "stretch": "Stretched",
    "take": "Took",
    "un-time": "Un-timed",
    "unlock": "Unlocked",
}
