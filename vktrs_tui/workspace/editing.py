"""What many scenes say and look like: fields of the selection, find and replace, themes, seeds, locks, undo."""

from __future__ import annotations

import secrets

from vktrs.editing import EditConflict
from vktrs.errors import VktrsError
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.replacing_text import Replacement, apply_replacements, replacements
from vktrs.storyboard.resolve import SEED_LIMIT
from vktrs_tui import entering
from vktrs_tui.desk import Edit
from vktrs_tui.screens.conflict import ConflictScreen
from vktrs_tui.screens.find_replace import FindReplaceScreen, ReplaceOptions
from vktrs_tui.screens.set_field import SetFieldScreen
from vktrs_tui.workspace.base import WorkspaceBase
from vktrs_tui.workspace.cells import Seen, kind_of


class EditingActions(WorkspaceBase):
    """Fields of scenes, and the way back."""

    def action_set_field(self) -> None:
        self.attend(self._set_field())

    async def _set_field(self) -> None:
        ids, board = self.targets(), self.view.board
        fields = tuple((each.name, each.label, entering.choices(each.name, board)) for each in entering.FIELDS)
        answer = await self.studio.push_screen_wait(
            SetFieldScreen(fields, self.named(ids), lambda field, text: self._value(field, text))
        )
        if answer is not None:
            field, text = answer
            seen: Seen = {(each, field): getattr(board.scene(each), field) for each in ids}
            await self._set_asking(ids, field, self._value(field, text), seen)

    async def _set_asking(self, ids: tuple[str, ...], field: str, value: object, seen: Seen) -> None:
        """Set a field as it was when the person looked; where somebody changed it since, the person chooses."""
        label = kind_of(field)[1]
        while ids := tuple(each for each in ids if self.view.index(each) is not None):
            try:
                expected = {(each, field): seen[each, field] for each in ids}
                await self.try_edit(f"set the {label} of {self.named(ids)}", _set_all(ids, field, value), expected)
                return
            except EditConflict as conflict:
                clash = conflict.fields[0]
            except VktrsError as error:
                self.fail(error)
                return
            place = (self.view.index(clash.scene_id) or 0) + 1
            answer = await self.studio.push_screen_wait(
                ConflictScreen(f"{label} of scene {place}", clash.seen, clash.now, clash.wanted)
            )
            if answer == "mine":
                seen[clash.scene_id, field] = clash.now
            elif answer == "theirs":
                ids = tuple(each for each in ids if each != clash.scene_id)
            else:
                self.say("Nothing was set.")
                return
        self.say("Nothing was set: no scene is left that it was meant for.")

    def _value(self, field: str, text: str) -> object:
        if field in ("start", "end"):
            return self.parse_time(text, None)
        return entering.parse_field(field, text, self.view.board)

    def action_find_replace(self) -> None:
        self.attend(self._find_replace())

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
        left: list[str] = []
        while chosen:
            try:
                await self._replace(chosen, left)
                return
            except EditConflict as conflict:
                clashing = {(each.scene_id, each.field) for each in conflict.fields}
                left += [f"{each.field} of scene {each.number}" for each in chosen if _place(each) in clashing]
                chosen = tuple(each for each in chosen if _place(each) not in clashing)
            except VktrsError as error:
                self.fail(error)
                return
        if left:
            self.say(f"Left as it is, for it was changed meanwhile: {', '.join(left)}.")

    async def _replace(self, chosen: tuple[Replacement, ...], left: list[str]) -> None:
        count = len({each.scene_id for each in chosen})
        await self.try_edit(
            f"replace in {count} scene{'' if count == 1 else 's'}",
            lambda board: apply_replacements(board, chosen),
            {_place(each): each.before for each in chosen},
        )
        if left:
            self.say(f"{self.message_line.said} Left as it is, for it was changed meanwhile: {', '.join(left)}.")

    async def action_assign_theme(self, number: int) -> None:
        themes = self.view.board.look.themes
        if number > len(themes):
            self.say(f"There is no theme {number}; [look] themes has {len(themes)}. {self.opens_file}.")
            return
        ids = self.targets()
        label = f"give {self.named(ids)} theme {number}" if number else f"take the theme out of {self.named(ids)}"
        await self.edit(label, _set_all(ids, "theme", number or None))

    async def action_new_seed(self) -> None:
        ids = self.targets()
        seeds = {each: {"seed": secrets.randbelow(SEED_LIMIT)} for each in ids}
        await self.edit(f"new seed for {self.named(ids)}", lambda board: edits.set_fields(board, seeds))

    async def action_toggle_lock(self) -> None:
        ids = self.targets()
        locked = all(self.view.board.scene(each).locked for each in ids)
        label = f"{'unlock' if locked else 'lock'} {self.named(ids)}"
        await self.edit(label, _set_all(ids, "locked", None if locked else True))

    async def action_undo(self) -> None:
        if self.tapping is not None:
            await self.run_action("tap_back")
        else:
            await self.step_back("undo")

    async def action_redo(self) -> None:
        await self.step_back("redo")

    async def step_back(self, name: str) -> bool:
        """Undo or redo, with the cursor where it was; whether that could be done."""
        before = self.view.board
        try:
            undone = await (self.desk.undo() if name == "undo" else self.desk.redo())
        except VktrsError as error:
            self.fail(error)
            return False
        self._go_where_it_changed(before)
        word = "Nothing could be taken back" if undone.nothing else "Undone" if name == "undo" else "Done again"
        self.say(" ".join([f"{word}: {undone.label}.", *undone.kept]))
        self.changed()
        return True

    def _go_where_it_changed(self, before: Storyboard) -> None:
        """The cursor on the first scene that is new or another one than before."""
        known = {scene.id: scene for scene in before.scenes}
        changed = [scene.id for scene in self.view.board.scenes if known.get(scene.id) != scene]
        if changed and self.table.cursor_id not in changed:
            self.table.show(self.view.rows)  # the message with them is still on its way
            self.table.move_to(changed[0])


def _place(each: Replacement) -> tuple[str, str]:
    return each.scene_id, each.field


def _set_all(ids: tuple[str, ...], field: str, value: object) -> Edit:
    if field != "start":
        return lambda board: edits.set_fields(board, {each: {field: value} for each in ids})

    def change(board: Storyboard) -> Edited:
        adjusted: tuple[str, ...] = ()
        for scene_id in ids:
            edited = edits.set_field(board, scene_id, field, value)
            board, adjusted = edited.board, (*adjusted, *edited.adjusted)
        return Edited(board, adjusted)

    return change
