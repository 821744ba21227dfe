"""What works on this machine, as `vktrs doctor` tells it. It asks through a callback and looks at nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vktrs.errors import VktrsError
from vktrs.runs.doctor import Finding
from vktrs_tui.machine import examine
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.plain_text import one_line

_SIGNS = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("·", "dim")}
_WORDS = {True: "works", False: "broken", None: "absent"}


class DoctorScreen(Dialog[None], TellsFailedWork):
    """The findings, each with what would mend it; `examine` answers them."""

    TITLE = "doctor: what works on this machine"
    KEYS = "j k  scroll   r  look again   Esc  back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "leave", "Leave", show=False),
        Binding("r", "look", "Look again", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    DoctorScreen {
        & #findings { height: auto; max-height: 75vh; scrollbar-size-vertical: 1; }
        & .finding { height: auto; }
        & .name { width: 28; height: auto; padding-right: 1; }
        & .found { width: 1fr; height: auto; }
    }
    """

    def __init__(self, examine: Callable[[], Awaitable[Sequence[Finding]]] = examine) -> None:
        super().__init__()
        self._examine = examine

    def body(self) -> ComposeResult:
        """The findings; until they come, that they are looked for."""
        with VerticalScroll(id="findings"):
            yield Static("looking…", markup=False)

    def on_mount(self) -> None:
        """Ask at once."""
        self.action_look()

    @work(exclusive=True, exit_on_error=False)
    async def action_look(self) -> None:
        """Ask what works here and show it."""
        self.say_wrong("")
        shown = self.query_one("#findings", VerticalScroll)
        try:
            findings = await self._examine()
        except VktrsError as error:
            await shown.remove_children()
            self.say_wrong(str(error))
            return
        await shown.remove_children()
        await shown.mount(*(_lines(each) for each in findings))

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one("#findings", VerticalScroll).scroll_relative(y=lines, animate=False)


def _lines(finding: Finding) -> Horizontal:
    """A finding in two columns: its state and its name, then what was found and what would mend it."""
    sign, colour = _SIGNS[finding.works]
    name = Content.assemble((f"{sign} {_WORDS[finding.works]:<7}", colour), f" {one_line(finding.name)}")
    parts: list[str | tuple[str, str]] = [one_line(finding.found)]
    if finding.mend:
        parts.append((f"\nmend: {one_line(finding.mend)}", "$text-warning"))
    return Horizontal(
        Static(name, classes="name"), Static(Content.assemble(*parts), classes="found"), classes="finding"
    )
