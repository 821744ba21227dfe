"""Asks before credits are spent, with what it will cost. It starts nothing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.plain_text import one_line


class SpendScreen(Dialog[bool]):
    """Dismissed with True where it may be spent. `cost` is what it takes, `budget_key` what sets a limit."""

    TITLE = "credits"
    KEYS = "Enter  make them   Esc  leave it"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,y", "spend", "Make them", show=False)]

    def __init__(self, engine: str, cost: str, budget_key: str) -> None:
        super().__init__()
        self._engine = engine
        self._cost = cost
        self._budget_key = budget_key

    def body(self) -> ComposeResult:
        """What it costs, and what can be done about it."""
        yield Static(one_line(self._cost), id="cost", markup=False)
        yield Static(f"Pictures by {self._engine} cost credits. Make them?", markup=False)
        yield Static(
            f"Up to that many it is not asked again; {self._budget_key} also sets a budget.",
            markup=False,
        )

    def action_spend(self) -> None:
        """Yes."""
        self.dismiss(True)
