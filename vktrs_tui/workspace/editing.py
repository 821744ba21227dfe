"""What scenes say and look like: cells edited in place, fields of the selection, find and replace, undo."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from textual import on

from vktrs.editing import EditConflict
from vktrs.errors import InputError, VktrsError
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.replacing_text import Replacement, apply_replacements, replacements
from vktrs.storyboard.resolve import SEED_LIMIT
from vktrs_tui import entering
from vktrs_tui.desk import Change
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.screens.find_replace import FindReplaceScreen, ReplaceOptions
from vktrs_tui.screens.set_field import SetFieldScreen
from vktrs_tui.widgets.cell_editor import CellEditor, Kind
from vktrs_tui.widgets.inspector import Inspector
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


class EditingActions(WorkspaceBase):
    """Fields of scenes."""

    seen: object = None
    """What the field held when its editor was opened."""

    @property
    def cell_editor(self) -> CellEditor:
        return self.query_one("#editor", CellEditor)

    @on(SceneTable.CellChosen)
    def choose_cell(self, event: SceneTable.CellChosen) -> None:
        """A click on the cell under the cursor."""
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
        if place is None or self.view.fault is not None:
            self.say("Nothing can be changed until storyboard.toml can be read again; Ctrl+E opens it.")
            return
        scene = self.view.board.scenes[place]
        self.seen = getattr(scene, field, None)
        region = self.table.cell_region(scene_id, column) if column else None
        kind, label = _kind_of(field)
        self.cell_editor.open(
            scene_id,
            field,
            kind,
            self._text_of(scene, place, field),
            entering.choices(field, self.view.board),
            f"{label} of scene {place + 1}",
        )
        self.cell_editor.place(region if region is not None else self.table.region, self.size)
        self.changed()

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
        if not event.changed:
            self._close_cell(event.then)
            return
        await self._commit(event.scene_id, event.field, event.value, event.then, {})

    async def _commit(
        self, scene_id: str, field: str, text: str, then: str, expected: Mapping[tuple[str, str], object] | None
    ) -> None:
        place = self.view.index(scene_id)
        try:
            if place is None:
                raise InputError("This scene is gone: another changed the file.", "Esc leaves; the text is still here.")
            if not (field == "prompt" and self._is_derived(place, text)):
                await self._write(scene_id, place, field, text, expected)
        except EditConflict as conflict:
            self.studio.attend(self._ask(conflict, scene_id, field, text, then))
            return
        except VktrsError as error:
            self.cell_editor.refuse(error.message, error.hint)
            return
        self._close_cell(then)

    def _close_cell(self, then: str) -> None:
        self.cell_editor.close()
        self.table.focus()
        self.changed()
        if then in ("next", "previous"):
            self._go_on(1 if then == "next" else -1)

    def _is_derived(self, place: int, text: str) -> bool:
        """Whether the prompt was left as it follows from lyric and theme, so that it should go on following them."""
        return self.view.board.scenes[place].prompt is None and text == self.view.resolved[place].prompt

    async def _write(
        self, scene_id: str, place: int, field: str, text: str, expected: Mapping[tuple[str, str], object] | None
    ) -> None:
        name = f"scene {place + 1}"
        if field == "length":
            await self._write_length(place, text)
            return
        value: object
        if field in ("start", "end"):
            scene = self.view.board.scenes[place]
            current = scene.start if field == "start" else scene.end
            value = None if field == "end" and not text.strip() else self.parse_time(text, current)
        else:
            value = entering.parse_field(field, text, self.view.board)
        seen = {(scene_id, field): self.seen} if expected is not None else None
        if getattr(self.view.board.scenes[place], field) == value and seen is None:
            return
        await self.try_edit(f"change the {_kind_of(field)[1]} of {name}", _set(scene_id, field, value), seen)

    async def _write_length(self, place: int, text: str) -> None:
        """The length of a scene is when the next one starts."""
        if place + 1 >= len(self.view.rows):
            raise InputError("The last scene lasts until the song ends.", "Change its start, or the excerpt.")
        row = self.view.rows[place]
        length = self.parse_time(text, row.length)
        if length <= 0:
            raise InputError(f"A scene cannot last {length:.3f} s.", "Give a length above 0, or merge it with m.")
        await self.try_edit(
            f"change the length of scene {place + 1}",
            lambda board: edits.set_start(board, self.view.rows[place + 1].id, row.start + length),
        )

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
        """The field was changed on both sides: the person chooses."""
        clash = conflict.fields[0]
        place = (self.view.index(scene_id) or 0) + 1
        answer = await self.studio.push_screen_wait(
            ConflictScreen(f"{_kind_of(field)[1]} of scene {place}", clash.seen, clash.now, clash.wanted)
        )
        if answer == "mine":
            await self._commit(scene_id, field, text, then, None)
        elif answer == "theirs":
            self.cell_editor.close()
            self.table.focus()
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

    def action_set_field(self) -> None:
        self.studio.attend(self._set_field())

    async def _set_field(self) -> None:
        ids = self.targets()
        board = self.view.board
        fields = tuple((each.name, each.label, entering.choices(each.name, board)) for each in entering.FIELDS)
        answer = await self.studio.push_screen_wait(
            SetFieldScreen(fields, self.named(ids), lambda field, text: self._value(field, text))
        )
        if answer is None:
            return
        field, text = answer
        value = self._value(field, text)
        await self.edit(f"set {field} of {self.named(ids)}", _set_all(ids, field, value))

    def _value(self, field: str, text: str) -> object:
        if field in ("start", "end"):
            return self.parse_time(text, None)
        return entering.parse_field(field, text, self.view.board)

    def action_find_replace(self) -> None:
        self.studio.attend(self._find_replace())

    async def _find_replace(self) -> None:
        selected = self.table.selected

        def preview(options: ReplaceOptions) -> tuple[Replacement, ...]:
            return replacements(
                self.view.board,
                options.pattern,
                options.replacement,
                options.fields,
                ids=selected or None,
                case=options.case,
                regex=options.regex,
                whole_words=options.whole_words,
            )

        chosen = await self.studio.push_screen_wait(FindReplaceScreen(preview))
        if chosen:
            await self.edit(
                f"replace in {len({each.scene_id for each in chosen})} scenes",
                lambda board: apply_replacements(board, chosen),
                {(each.scene_id, each.field): each.before for each in chosen},
            )

    async def action_assign_theme(self, number: int) -> None:
        themes = self.view.board.look.themes
        if number > len(themes):
            self.say(f"There is no theme {number}; [look] themes has {len(themes)}. Ctrl+E opens the file.")
            return
        ids = self.targets()
        label = f"give {self.named(ids)} theme {number}" if number else f"take the theme out of {self.named(ids)}"
        await self.edit(label, _set_all(ids, "theme", number or None))

    async def action_new_seed(self) -> None:
        await self.give_seeds(self.targets())

    async def give_seeds(self, ids: tuple[str, ...]) -> None:
        """Another picture for each of these scenes at the next run."""
        seeds = {each: secrets.randbelow(SEED_LIMIT) for each in ids}

        def change(board: Storyboard) -> Edited:
            edited = Edited(board)
            for scene_id, seed in seeds.items():
                edited = edits.set_field(edited.board, scene_id, "seed", seed)
            return edited

        await self.edit(f"new seed for {self.named(ids)}", change)

    async def action_toggle_lock(self) -> None:
        ids = self.targets()
        locked = all(self.view.board.scene(each).locked for each in ids)
        label = f"{'unlock' if locked else 'lock'} {self.named(ids)}"
        await self.edit(label, _set_all(ids, "locked", None if locked else True))

    async def action_undo(self) -> None:
        await self._step_back("undo", "Undone")

    async def action_redo(self) -> None:
        await self._step_back("redo", "Done again")

    async def _step_back(self, name: str, word: str) -> None:
        try:
            undone = await (self.desk.undo() if name == "undo" else self.desk.redo())
        except VktrsError as error:
            self.fail(error)
            return
        self.say(" ".join([f"{word}: {undone.label}.", *undone.kept]))
        self.changed()


def _kind_of(field: str) -> tuple[Kind, str]:
    """How a field is edited, and what it is called."""
    if field == "length":
        return "time", "length"
    return next(((each.kind, each.label) for each in entering.FIELDS if each.name == field), ("line", field))


def _set(scene_id: str, field: str, value: object) -> Change:
    return lambda board: edits.set_field(board, scene_id, field, value)


def _set_all(ids: tuple[str, ...], field: str, value: object) -> Change:
    def change(board: Storyboard) -> Edited:
        adjusted: tuple[str, ...] = ()
        for scene_id in ids:
            edited = edits.set_field(board, scene_id, field, value)
            board, adjusted = edited.board, (*adjusted, *edited.adjusted)
        return Edited(board, adjusted)

    return change
