"""One field of one scene, edited in place: the editor over its cell, its commit, and what others did meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.suggester import Suggester

from vktrs.editing import EditConflict
from vktrs.errors import InputError, VktrsError
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs_tui import entering
from vktrs_tui.completing import WordSuggester, expression_words
from vktrs_tui.desk import Edit
from vktrs_tui.entering import Kind
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.widgets.cell_editor import CellEditor
from vktrs_tui.widgets.inspector import Inspector
from vktrs_tui.widgets.path_input import PathSuggester
from vktrs_tui.widgets.scene_table import SceneTable
from vktrs_tui.workspace.base import WorkspaceBase

FIELD_OF_COLUMN: Mapping[str, str] = {
    "start": "start",
    "length": "length",
    "text": "text",
    "prompt": "prompt",
    "theme": "theme",
    "animation": "animation",
    "variations": "variations",
}
"""Which field a cell of the table edits; the others open what belongs to them."""

Seen = dict[tuple[str, str], object]
"""What fields held when the person saw them, by scene and field."""


class CellActions(WorkspaceBase):
    """The editor over a cell."""

    seen: Seen
    """What the edited field, and for a length its neighbours, held when the editor was opened."""

    @property
    def cell_editor(self) -> CellEditor:
        return self.query_one("#editor", CellEditor)

    @on(SceneTable.CellChosen)
    def choose_cell(self, event: SceneTable.CellChosen) -> None:
        """A click on the cell under the cursor; lines that are only being heard are no cells yet."""
        if self.check_action("edit_cell", ()):
            self.open_cell(event.scene_id, event.column)

    @on(Inspector.FieldChosen)
    def choose_field(self, event: Inspector.FieldChosen) -> None:
        """A field of the inspector."""
        self.open_field(event.scene_id, event.field)

    def action_edit_cell(self) -> None:
        if self.table.cursor_id is not None:
            self.open_cell(self.table.cursor_id, self.table.cursor_column)

    def open_cell(self, scene_id: str, column: str) -> None:
        """Open the editor of a cell, or what the cell stands for."""
        if column == "keyframe":
            self.action_show_takes()
        elif column == "clip":
            self.say_reasons()
        else:
            self.open_field(scene_id, FIELD_OF_COLUMN.get(column, "text"), column)

    def open_field(self, scene_id: str, field: str, column: str | None = None) -> None:
        """Open the editor of a field, over its cell where it has one on the screen."""
        place = self.view.index(scene_id)
        if self.view.fault is not None:
            self.say(f"Nothing can be changed until storyboard.toml can be read again; {self.opens_file}.")
            return
        if place is None:
            self.say("This scene is gone.")
            return
        scene = self.view.board.scenes[place]
        self.seen = self._seen(place, field)
        region = self.table.cell_region(scene_id, column) if column else None
        kind, label = kind_of(field)
        self.cell_editor.open(
            scene_id,
            field,
            kind,
            self._text_of(scene, place, field),
            entering.choices(field, self.view.board),
            f"{label} of scene {place + 1}",
        )
        self.cell_editor.set_completer(self._completer(kind, field))
        self.cell_editor.place(region if region is not None else self.table.region, self.size)
        self.changed()

    def _completer(self, kind: Kind, field: str) -> Suggester | None:
        """What completes a line beside its choices: files, or the names of an expression."""
        if kind == "path":
            return PathSuggester(self.desk.project.root)
        if field in PARAMETERS:
            return WordSuggester(expression_words(self.view.board.signals))
        return None

    def _seen(self, place: int, field: str) -> Seen:
        scene = self.view.board.scenes[place]
        if field != "length":
            return {(scene.id, field): getattr(scene, field)}
        following = self.view.board.scenes[place + 1 : place + 2]
        return {(each.id, "start"): each.start for each in (scene, *following)}

    def _text_of(self, scene: Scene, place: int, field: str) -> str:
        """The text the editor starts with: the field's own, or what holds for it."""
        if field == "length":
            length = self.view.rows[place].length
            return "" if length is None else f"{length:.3f}"
        own = entering.shown_value(field, scene)
        if field == "prompt" and not own:
            return self.view.resolved[place].prompt
        return own

    @on(CellEditor.Left)
    def leave_cell(self) -> None:
        """The cell stays as it was."""
        self.table.focus()
        self.changed()

    @on(CellEditor.Committed)
    async def take_cell(self, event: CellEditor.Committed) -> None:
        """What was typed goes into the file, or is answered beside the cell."""
        if event.changed:
            await self.commit(event.scene_id, event.field, event.value, event.then)
        else:
            self._close_cell(event.then)

    async def commit(self, scene_id: str, field: str, text: str, then: str = "stay") -> None:
        """Write what was typed; a refusal leaves the text where it is, a clash is asked about."""
        place = self.view.index(scene_id)
        try:
            if place is None:
                raise InputError("This scene is gone: another changed the file.", "Esc leaves; the text is still here.")
            if not (field == "prompt" and self._is_derived(place, text)):
                await self._write(scene_id, place, field, text)
        except EditConflict as conflict:
            self.attend(self._ask(conflict, scene_id, field, text, then))
            return
        except VktrsError as error:
            self._refuse(error)
            return
        except OSError as error:
            self._refuse(
                InputError(f"{error.filename or 'A file'}: {error.strerror or error}.", "Mend it, then Enter.")
            )
            return
        self._close_cell(then)

    def _refuse(self, error: VktrsError) -> None:
        if not self.cell_editor.refuse(error.message, error.hint):
            self.fail(error)

    def _close_cell(self, then: str) -> None:
        self.cell_editor.close()
        self.table.focus()
        self.changed()
        if then in ("next", "previous"):
            self._go_on(1 if then == "next" else -1)

    def _is_derived(self, place: int, text: str) -> bool:
        """Whether the prompt was left as it follows from lyric and theme, so that it should go on following them."""
        return self.view.board.scenes[place].prompt is None and text == self.view.resolved[place].prompt

    async def _write(self, scene_id: str, place: int, field: str, text: str) -> None:
        name = f"scene {place + 1}"
        if field == "length":
            length = self.parse_time(text, self.view.rows[place].length)
            await self.try_edit(f"change the length of {name}", self._lengthened(scene_id, length), self.seen)
            return
        value: object
        if field in ("start", "end"):
            scene = self.view.board.scenes[place]
            current = scene.start if field == "start" else scene.end
            value = None if field == "end" and not text.strip() else self.parse_time(text, current)
            if field == "start" and value != current:
                self._check_order(place, float(str(value)))
        else:
            value = entering.parse_field(field, text, self.view.board)
        await self.try_edit(f"change the {kind_of(field)[1]} of {name}", set_one(scene_id, field, value), self.seen)

    def _check_order(self, place: int, start: float) -> None:
        """InputError for a start that would pass another scene's: a slip, which would make a scene of a millisecond."""
        rows = self.view.rows
        low = rows[place - 1].start if place else 0.0
        high = rows[place + 1].start if place + 1 < len(rows) else self.view.duration
        if (start <= low and place) or (high is not None and start >= high):
            raise InputError(
                f"{start:.3f} s is not between the scenes beside it.",
                f"Give a time after {low:.3f}" + (f" and before {high:.3f}." if high is not None else "."),
            )

    def _lengthened(self, scene_id: str, length: float) -> Edit:
        """The length of a scene is when the next one starts."""
        if length <= 0:
            raise InputError(
                f"A scene cannot last {length:.3f} s.",
                f"Give a length above 0, or merge it with {self.key('scene.merge')}.",
            )
        followers = [each for each, _ in self.seen if each != scene_id]
        if not followers:
            raise InputError("The last scene lasts until the song ends.", "Change its start, or the excerpt.")
        following = followers[0]

        def change(board: Storyboard) -> Edited:
            index = board.index(scene_id)
            behind = board.scenes[index + 1 : index + 2]
            if not behind or behind[0].id != following:
                raise InputError("Another scene follows by now.", "Look at the table, then type the length again.")
            start = board.scenes[index].start + length
            after = board.scenes[index + 2].start if index + 2 < len(board.scenes) else self.view.duration
            if after is not None and start >= after:
                raise InputError(
                    f"{length:.3f} s would reach over the next scene.", f"Give less than {after - start + length:.3f}."
                )
            return edits.set_start(board, following, start)

        return change

    def parse_time(self, text: str, current: float | None) -> float:
        """A time as typed, from where it was, with the song's beats and the playhead."""
        return entering.parse_time(
            text,
            current=current,
            fps=self.view.board.video.fps,
            beats=self.desk.song.beats,
            playhead=self.clock.at(),
        )

    async def _ask(self, conflict: EditConflict, scene_id: str, field: str, text: str, then: str) -> None:
        """The field was changed on both sides: the person chooses, having seen both."""
        clash = conflict.fields[0]
        place = (self.view.index(clash.scene_id) or 0) + 1
        answer = await self.studio.push_screen_wait(
            ConflictScreen(f"{kind_of(clash.field)[1]} of scene {place}", clash.seen, clash.now, clash.wanted)
        )
        if answer == "mine":
            self.seen[clash.scene_id, clash.field] = clash.now
            await self.commit(scene_id, field, text, then)
        elif answer == "theirs":
            self._close_cell("stay")
            self.say("The other change stays; yours was left.")
        else:
            self.cell_editor.focus_input()

    def _go_on(self, step: int) -> None:
        """On to the next cell that can be edited in place."""
        for _ in range(len(FIELD_OF_COLUMN) * 2):
            self.table.move_column(step, wrap=True)
            if self.table.cursor_column in FIELD_OF_COLUMN:
                self.action_edit_cell()
                return


def kind_of(field: str) -> tuple[Kind, str]:
    """How a field is edited, and what it is called."""
    if field == "length":
        return "time", "length"
    return next(((each.kind, each.label) for each in entering.FIELDS if each.name == field), ("line", field))


def set_one(scene_id: str, field: str, value: object) -> Edit:
    """The edit that sets one field of one scene."""
    return lambda board: edits.set_field(board, scene_id, field, value)
