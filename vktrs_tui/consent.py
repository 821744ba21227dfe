"""Credits that a person agreed to spend, counted while a project is open. Pure: it asks nobody and starts nothing."""

from __future__ import annotations

from vktrs_tui.view import RunView


class Consent:
    """What was agreed to and is left of it. A run takes what it is expected to cost; what it did not spend comes back.

    Agreeing to an amount does not add to what is left: the question named the whole of it.
    """

    def __init__(self) -> None:
        self._left = 0.0
        self._taken: tuple[str, float] = ("", 0.0)

    def covers(self, credits: float | None) -> bool:
        """Whether so many were agreed to; what is not known was not."""
        return credits is not None and credits <= self._left + 1e-9

    def agree(self, credits: float | None) -> None:
        """So many may be spent; None: whatever it takes, once."""
        self._left = max(self._left, credits or 0.0)

    def begin(self, run_id: str, credits: float | None) -> None:
        """A run began that is expected to cost so many."""
        taken = min(credits or 0.0, self._left)
        self._left -= taken
        self._taken = run_id, taken

    def end(self, run: RunView) -> None:
        """A run is over. One that died told nobody what it spent: nothing of it comes back."""
        run_id, taken = self._taken
        if run.id == run_id and run.exit is not None:
            self._left += max(0.0, taken - run.spent)
            self._taken = "", 0.0
