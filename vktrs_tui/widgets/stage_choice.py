"""One of the stages in one row, stepped through by keys. It knows no run."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from vktrs.stages import STAGES


class StageChoice(Widget, can_focus=True):
    """`‹ clips ›`: one of the stages, stepped through by left and right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Stage before", show=False),
        Binding("right,l", "step(1)", "Next stage", show=False),
        Binding("home,0", "end(0)", "First stage", show=False),
        Binding("end,dollar_sign", "end(-1)", "Last stage", show=False),
    ]
    DEFAULT_CSS = """
    StageChoice {
        height: 1;
        width: 1fr;
        &:focus { text-style: reverse; width: auto; }
    }
    """

    class Changed(Message):
        """Another stage is chosen."""

    def __init__(self, stage: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._at = STAGES.index(stage)

    @property
    def value(self) -> str:
        """The stage that is chosen."""
        return STAGES[self._at]

    def action_step(self, by: int) -> None:
        """So many stages further; it stays at the first and the last."""
        self._choose(self._at + by)

    def action_end(self, at: int) -> None:
        """The first (0) or the last (-1)."""
        self._choose(at % len(STAGES))

    def on_click(self) -> None:
        """A click goes on to the next, and from the last to the first."""
        self._choose((self._at + 1) % len(STAGES))

    def _choose(self, at: int) -> None:
        at = max(0, min(at, len(STAGES) - 1))
        if at != self._at:
            self._at = at
            self.refresh(layout=True)
            self.post_message(self.Changed())

    def render(self) -> str:
        """The stage between the signs of what can be stepped to."""
        before, after = "‹" if self._at else " ", "›" if self._at < len(STAGES) - 1 else " "
        return f"{before} {self.value} {after}"
