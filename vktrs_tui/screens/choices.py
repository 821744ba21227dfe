"""A few choices in rows, and in a sentence what they would do before they are taken. It changes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.option_row import OptionRow

Chosen = Mapping[str, str]
"""The name of each row, and of the option that is on in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name, what stands before it, pairs of a name and a label, and the name of what is on at first."""

    name: str
    caption: str
    options: Sequence[tuple[str, str]]
    on: str


class ChoicesScreen(Dialog[Chosen]):
    """Dismissed with what was chosen.

    `preview` says what that would do, or raises a VktrsError for what makes no sense. A digit chooses the option of
    that name in the first row that has one.
    """

    AUTO_FOCUS = "OptionRow"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Take it", show=False),
        Binding("down,j", "app.focus_next", "Next row", show=False),
        Binding("up,k", "app.focus_previous", "Row before", show=False),
    ]
    DEFAULT_CSS = """
    ChoicesScreen {
        & > #frame { max-width: 84; }
        & #preview { height: auto; min-height: 2; margin: 1 0 0 0; color: $text; }
    }
    """

    def __init__(self, title: str, rows: Sequence[Row], preview: Callable[[Chosen], str], does: str = "do it") -> None:
        super().__init__()
        self.title = title
        self.KEYS = f"←→ choose · ↑↓ rows · Enter {does} · Esc leave"  # type: ignore[misc]  # this dialog's own
        self._rows = tuple(rows)
        self._preview = preview

    def body(self) -> ComposeResult:
        """The rows, and what they would do."""
        for row in self._rows:
            with Horizontal(classes="row"):
                yield Static(row.caption, classes="caption", markup=False)
                yield OptionRow(row.options, (row.on,), id=row.name)
        yield Static("", id="preview", markup=False)

    def on_mount(self) -> None:
        """Say at once what it would do."""
        self._look()

    @property
    def chosen(self) -> Chosen:
        """What is on in each row."""
        return {row.name: self.query_one(f"#{row.name}", OptionRow).value for row in self._rows}

    @on(OptionRow.Changed)
    def _look(self) -> str | None:
        said = self.asked(lambda: self._preview(self.chosen))
        self.query_one("#preview", Static).update(said or "")
        return said

    def on_key(self, event: events.Key) -> None:
        """A digit is an option of that name."""
        for row in self._rows:
            if event.character and event.character in [name for name, _ in row.options]:
                self.query_one(f"#{row.name}", OptionRow).choose(event.character)
                event.stop()
                return

    def action_accept(self) -> None:
        """Take it, where it makes sense."""
        if self._look() is not None:
            self.dismiss(self.chosen)
