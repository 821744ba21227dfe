"""The screen of signals, and what it wishes for: each an edit of the storyboard that can be undone."""

from __future__ import annotations

from typing import cast

from vktrs.errors import InputError
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.signal_uses import check_free, rename_signal
from vktrs_tui.desk import Edit
from vktrs_tui.screens.signals import SignalsScreen, SignalWish
from vktrs_tui.signal_source import SignalProcess, SignalSource
from vktrs_tui.workspace.base import WorkspaceBase


class SignallingActions(WorkspaceBase):
    """Signals: seen, added, changed, renamed, removed."""

    signal_source: SignalSource | None = None
    """Who computes curves; None until somebody looks, then a process of its own."""
    _signals_screen: SignalsScreen | None = None

    def action_show_signals(self) -> None:
        self.attend(self._signals())

    async def _signals(self) -> None:
        source = self.signal_source or SignalProcess(self.desk.project.root)
        self.signal_source = source
        self._signals_screen = SignalsScreen(
            source, self._fulfil, lambda name: check_free(self.view.board, name.strip())
        )
        self.show_signals()
        try:
            await self.studio.push_screen_wait(self._signals_screen)
        finally:
            self._signals_screen = None

    def show_signals(self) -> None:
        """The screen follows, where it is open."""
        if self._signals_screen is not None:
            view = self.view
            starts = tuple(row.start for row in view.rows)
            self._signals_screen.show(view.signals, starts, view.duration is not None)

    async def _fulfil(self, wish: SignalWish) -> str:
        if wish.kind in ("undo", "redo"):
            await self.step_back(wish.kind)
        else:
            label, change = _edit_of(wish)
            expected = {}
            if wish.kind == "put" and (now := self.view.board.signals.get(wish.name)) is not None:
                expected = {("", f"signals.{wish.name}.{key}"): getattr(now, key) for key in ("source", "chain")}
            await self.try_edit(label, change, cast("dict[tuple[str, str], object]", expected))
        self.show_signals()
        return self.message_line.said


def _edit_of(wish: SignalWish) -> tuple[str, Edit]:
    name = wish.name
    if wish.kind == "rename":
        return f"rename the signal {name} to {wish.new}", lambda board: rename_signal(board, name, wish.new)
    if wish.kind == "remove":
        return f"remove the signal {name}", lambda board: edits.remove_signal(board, name)

    def put(board: Storyboard) -> Edited:
        if wish.kind == "add":
            check_free(board, name)
        elif name not in board.signals:
            raise InputError(f"There is no signal `{name}` any more.", "Another removed or renamed it.")
        board = edits.set_setting(board, f"signals.{name}.source", wish.source).board
        return edits.set_setting(board, f"signals.{name}.chain", wish.chain)

    return f"{'add' if wish.kind == 'add' else 'change'} the signal {name}", put
