"""The user's own editor: one text of a scene, or the whole file. What was typed there is never lost."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import SuspendNotSupported

from vktrs.errors import InputError
from vktrs_tui.workspace.base import WorkspaceBase
from vktrs_tui.workspace.cells import FIELD_OF_COLUMN, CellActions


class OwnEditorActions(CellActions, WorkspaceBase):
    """`$VISUAL`, `$EDITOR` or vi, in the place of the studio until it ends."""

    def action_edit_in_editor(self) -> None:
        self.attend(self._edit_text())

    async def _edit_text(self) -> None:
        """The text under the cursor; then it is committed as if it had been typed into the cell."""
        scene = self.scene()
        place = self.view.board.index(scene.id)
        column = self.table.cursor_column
        field = FIELD_OF_COLUMN.get(column, "prompt")
        field = field if field in ("text", "prompt") else "prompt"
        before = getattr(scene, field)
        text = before if before is not None else self.view.resolved[place].prompt
        folder = Path(tempfile.mkdtemp(prefix="vktrs-"))
        path = folder / f"scene-{place + 1}-{field}.txt"
        path.write_text(text + "\n", "utf-8")
        fine = self._in_editor(path)
        typed = path.read_text("utf-8", "replace").strip() if path.is_file() else text
        if not fine and typed != text.strip():
            self.message_line.fail(f"{self.message_line.said.removeprefix('✗ ')} What you wrote is in {path}.")
            return
        path.unlink(missing_ok=True)
        folder.rmdir()
        if fine and typed == text.strip():
            self.say("Nothing was changed.")
        elif fine:
            self.open_field(scene.id, field, column)
            if self.cell_editor.is_open:
                self.cell_editor.retype(typed)
                self.seen = {(scene.id, field): before}
                await self.commit(scene.id, field, typed)
            else:
                folder.mkdir()
                path.write_text(typed + "\n", "utf-8")
                self.message_line.fail(f"{self.message_line.said} What you wrote is in {path}.")

    def action_edit_file(self) -> None:
        self._in_editor(self.desk.project.storyboard_path)

    def _in_editor(self, path: Path) -> bool:
        """Whether the user's editor ran and ended well."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        try:
            with self.app.suspend():
                done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        except SuspendNotSupported:
            self.fail(InputError("This terminal cannot be lent to an editor.", f"Edit {path} in another one."))
            return False
        except (OSError, ValueError) as error:
            self.fail(
                InputError(f"The editor `{editor}` could not be started: {error}.", "Set EDITOR to one that is here.")
            )
            return False
        self.refresh(layout=True)
        if done.returncode:
            self.fail(InputError(f"The editor ended with {done.returncode}.", "Nothing was taken from it."))
        return done.returncode == 0
