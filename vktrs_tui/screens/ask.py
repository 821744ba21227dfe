"""One question with one line for the answer, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from vktrs_tui.screens.dialog import Dialog


class AskScreen(Dialog[str | None]):
    """Answers with what was typed; `check` raises VktrsError for what will not do."""

    KEYS = "Enter takes it · Esc leaves"

    def __init__(self, question: str, value: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self._question = question
        self._value = value
        self._check = check

    def body(self) -> ComposeResult:
        yield Static(self._question, markup=False)
        yield Input(self._value, id="answer")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Take the answer, or say what is wrong with it."""
        if self.asked(lambda: self._is_fine(event.value)):
            self.dismiss(event.value)

    def _is_fine(self, text: str) -> bool:
        self._check(text)
        return True
