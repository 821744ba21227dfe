"""The two inputs of the cell editor: one line, and several. They know nothing of cells and fields.

While an answer to what was committed is awaited, `waits` keeps every key, so that none is lost or goes astray.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.widgets import Input, TextArea

from vktrs_tui.widgets.plain_text import one_line

Waits = Callable[[events.Key], bool]
"""Whether a key was kept for later."""


class CellLine(Input):
    """An Input for which a paste of several lines is one line with spaces."""

    def __init__(self, waits: Waits, id: str) -> None:
        super().__init__(id=id)
        self.cursor_blink = False
        self._waits = waits

    async def on_key(self, event: events.Key) -> None:
        """Keys wait while a commit is under way."""
        self._waits(event)

    def on_paste(self, event: events.Paste) -> None:
        """Line ends and tabs become spaces; Textual's own would keep the first line only."""
        event.prevent_default()
        event.stop()
        start, end = sorted(self.selection)
        self.replace(_on_one_line(event.text), start, end)

    def action_paste(self) -> None:
        """Ctrl+V, which takes Textual's own clipboard, does the same."""
        start, end = sorted(self.selection)
        self.replace(_on_one_line(self.app.clipboard), start, end)


class CellText(TextArea):
    """A TextArea in which Enter commits and Ctrl+J makes a new line."""

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, waits: Waits, id: str) -> None:
        super().__init__(id=id, soft_wrap=True, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self._waits = waits

    async def on_key(self, event: events.Key) -> None:
        """Enter goes to the editor: Textual's own would make a new line of it."""
        if self._waits(event):
            return
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.post_message(self.Submitted())
        elif event.key in ("ctrl+j", "alt+enter", "shift+enter"):
            event.prevent_default()
            event.stop()
            self.replace("\n", *self.selection, maintain_selection_offset=False)


def _on_one_line(text: str) -> str:
    return one_line(re.sub(r"\s*[\r\n\t]+\s*", " ", text))
