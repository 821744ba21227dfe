"""A line for a number of credits, in a form whose rows are walked through by letters."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from vktrs.errors import UsageError
from vktrs.runs.control import RunRequest
from vktrs_tui.widgets.plain_text import one_line


class BudgetInput(Input):
    """A number of credits; the keys of the other rows leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "app.focus_next", "Next line", show=False, priority=True),
        Binding("k", "app.focus_previous", "Line before", show=False, priority=True),
        Binding("q", "screen.leave", "Leave", show=False, priority=True),
    ]
    DEFAULT_CSS = "BudgetInput { width: 1fr; height: 1; border: none; padding: 0; &:focus { border: none; } }"

    @property
    def credits(self) -> float | None:
        """What was typed; None for nothing. UsageError where that is no budget."""
        text = self.value.strip()
        if not text:
            return None
        try:
            credits = float(text)
        except ValueError:
            raise UsageError(f"{one_line(text)} is no number of credits.", "Write one such as 50.") from None
        RunRequest(budget=credits)
        return credits
