"""One line that speaks: what an action did, or what was wrong with it. The newest word stays until the next one."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static


class MessageLine(Static):
    """The newest sentence; errors have a sign and a colour."""

    DEFAULT_CSS = """
    MessageLine { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    MessageLine.-error { color: $text-error; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.said = ""

    def say(self, text: str) -> None:
        """Show a sentence."""
        self._show(text, error=False)

    def fail(self, text: str) -> None:
        """Show what was wrong and what would be right."""
        self._show(f"✗ {text}", error=True)

    def _show(self, text: str, error: bool) -> None:
        if text != self.said:
            one_line = all(each and cell_len(each) < self.size.width for each in (text, self.said))
            self.said = text
            self.update(Text(text), layout=not one_line)  # a layout would have every scroll bar painted again
        self.set_class(error, "-error")
