"""What a widget or a screen does with a worker of its own that failed for a reason nobody foresaw: it tells the app.

Foreseen errors (`VktrsError`) are answered where they come from; this is the net below. It writes no log.
"""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState


class WorkFailed(Message):
    """A worker of a widget ended by an error that was not foreseen; the app writes it into its log."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class TellsFailedWork(Widget):
    """Its workers are started with `exit_on_error=False`: their errors are shown and told, never lost."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong with a worker."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.say_wrong(f"A fault of vktrs ({type(error).__name__}: {error}); nothing was lost.")
            self.post_message(WorkFailed(error))

    def say_wrong(self, text: str) -> None:
        """Show what is wrong; each has its place for it."""
        raise NotImplementedError
