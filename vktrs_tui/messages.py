"""What happened to the open project, told to the workspace: small past events that may replace one another."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from vktrs_tui.view import RunView, View


@dataclass
class ProjectSeen(Message):
    """The project is now as in `view`; `outside` is whether somebody else changed it."""

    view: View
    outside: bool = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ProjectSeen) and (self.outside or not message.outside)


@dataclass
class RunAdvanced(Message):
    """The run is now as in `run`; None where there was none yet."""

    run: RunView | None

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunAdvanced)
