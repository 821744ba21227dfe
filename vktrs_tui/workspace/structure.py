"""Which scenes there are: splitting, joining, inserting, duplicating and deleting them."""

from __future__ import annotations

from vktrs.errors import InputError
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.words import scene_words
from vktrs_tui.screens.split_at_word import SplitAtWordScreen
from vktrs_tui.workspace.base import WorkspaceBase


class StructureActions(WorkspaceBase):
    """The rows of the table."""

    def action_split(self) -> None:
        self.attend(self._split())

    async def _split(self) -> None:
        scene = self.scene()
        place = self.view.board.index(scene.id)
        seen = {(scene.id, name): getattr(scene, name) for name in ("start", "text", "words")}
        end = self._end_of(place)
        words = scene.words or scene_words(scene.text, scene.start, end, self.desk.song.lines)
        playhead = self.clock.at()
        here = playhead if scene.start < playhead < end else None
        at: float | None = None
        if len(words) > 1:
            answer = await self.studio.push_screen_wait(SplitAtWordScreen(place + 1, words, here))
            if answer is None:
                return
            if isinstance(answer, int):
                await self.edit(
                    f"split scene {place + 1}",
                    lambda board: edits.split_at_word(board, scene.id, answer, words, self.taken()),
                    seen,
                )
                return
            at = answer
        cut = at if at is not None else here if here is not None else (scene.start + end) / 2
        await self.edit(
            f"split scene {place + 1}", lambda board: edits.split(board, scene.id, cut, words, self.taken()), seen
        )

    def taken(self) -> set[str]:
        """Every id that was ever used here."""
        return self.desk.project.known_ids()

    def _end_of(self, place: int) -> float:
        row = self.view.rows[place]
        if row.length is None:
            raise InputError(
                "How long the last scene lasts is not known yet.", f"{self.key('run.all')} makes the song known."
            )
        return row.start + row.length

    async def action_merge(self) -> None:
        ids = self.table.selected
        if len(ids) < 2:
            place = self.view.board.index(ids[0] if ids else self.scene().id)
            ids = tuple(row.id for row in self.view.rows[place : place + 2])
            label = f"join scene {place + 1} with the next"
        else:
            label = f"join {len(ids)} scenes"

        def change(board: Storyboard) -> Edited:
            first = board.index(ids[0])
            if tuple(scene.id for scene in board.scenes[first : first + len(ids)]) != ids:
                raise InputError(
                    "Only scenes that follow one another can be joined.",
                    f"Select them with {self.key('select.range')}.",
                )
            adjusted: tuple[str, ...] = ()
            for _ in ids[1:] or ids:
                edited = edits.merge_with_next(board, ids[0], self.desk.song.lines, self.view.duration)
                board, adjusted = edited.board, (*adjusted, *edited.adjusted)
            return Edited(board, adjusted)

        if await self.edit(label, change):
            self.clear_selection()

    async def action_insert_before(self) -> None:
        place = self.view.board.index(self.scene().id)
        await self._insert(self._middle(place - 1) if place else 0.0, f"insert before scene {place + 1}")

    async def action_insert_after(self) -> None:
        place = self.view.board.index(self.scene().id)
        await self._insert(self._middle(place), f"insert behind scene {place + 1}")

    async def action_insert_here(self) -> None:
        await self._insert(self.clock.at(), "insert at the playhead")

    def _middle(self, place: int) -> float:
        row = self.view.rows[place]
        return row.start + (row.length / 2 if row.length else 1.0)

    async def _insert(self, at: float, label: str) -> None:
        await self.edit(label, lambda board: edits.insert(board, at, taken=self.taken()))

    async def action_duplicate(self) -> None:
        scene = self.scene()
        number = self.view.board.index(scene.id) + 1
        await self.edit(
            f"duplicate scene {number}",
            lambda board: edits.duplicate(board, scene.id, self.taken(), self.view.duration),
        )

    async def action_delete(self) -> None:
        ids = self.targets()
        if await self.edit(f"delete {self.named(ids)}", lambda board: edits.delete_all(board, ids)):
            self.clear_selection()
