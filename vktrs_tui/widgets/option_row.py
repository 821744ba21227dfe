"""A few options in one row: several that are each on or off, or one of several. No file, no project.

Textual's Checkbox tells its state by colour alone; here brackets do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

_BEFORE, _BEHIND = "‹ ", " ›"


class OptionRow(Widget, can_focus=True):
    """`[x] one [ ] other` (`many`), or `(•) one ( ) other`; `options` are pairs of a name and a label."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Option before", show=False),
        Binding("right,l", "step(1)", "Next option", show=False),
        Binding("space", "choose", "Switch", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"option-row--on"}
    DEFAULT_CSS = """
    OptionRow {
        height: 1;
        width: 1fr;
        color: $text-muted;
        & > .option-row--on { color: $text; }
    }
    """

    class Changed(Message):
        """Another set of options is on."""

        def __init__(self, row: OptionRow, on: tuple[str, ...]) -> None:
            super().__init__()
            self.row = row
            self.on = on

        @property
        def control(self) -> OptionRow:
            """The row itself, so that handlers can be bound to its id."""
            return self.row

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        on: Iterable[str] = (),
        many: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        self._many = many
        self._on = set(on) if many or on else {self._options[0][0]}
        self._cursor = next((place for place, (name, _) in enumerate(self._options) if name in self._on), 0)

    @property
    def on(self) -> tuple[str, ...]:
        """The names of what is on, in the order of the options."""
        return tuple(name for name, _ in self._options if name in self._on)

    @property
    def value(self) -> str:
        """The name of the one that is on; of several the first, and empty where none is."""
        return next(iter(self.on), "")

    def choose(self, name: str) -> None:
        """Switch that option, or choose it where one of several is on."""
        before = self.on
        self._on = self._on ^ {name} if self._many else {name}
        self._cursor = [each for each, _ in self._options].index(name)
        self.refresh()
        if self.on != before:
            self.post_message(self.Changed(self, self.on))

    def action_step(self, by: int) -> None:
        """The next option; where one of several is on, it is chosen at once."""
        self._cursor = (self._cursor + by) % len(self._options)
        if self._many:
            self.refresh()
        else:
            self.choose(self._options[self._cursor][0])

    def action_choose(self) -> None:
        """Switch the option at the cursor."""
        self.choose(self._options[self._cursor][0])

    def on_focus(self) -> None:
        """The cursor is seen only with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click on an option switches it."""
        at = event.x + self._shifted()
        for (name, _), (start, end) in zip(self._options, self._spans(), strict=True):
            if start <= at < end:
                self.choose(name)

    def render_line(self, y: int) -> Strip:
        """The row; of one that is wider than the widget the part around the cursor, with a sign where it goes on."""
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        segments: list[Segment] = []
        for place, (name, label) in enumerate(self._options):
            cursor = place == self._cursor and self.has_focus
            lit = cursor or name in self._on
            style = self.get_visual_style("option-row--on").rich_style if lit else self.rich_style
            if cursor:
                style += Style(reverse=True)
            segments += [Segment(self._shown(name, label), style), Segment("  ", self.rich_style)]
        width, shifted = self.size.width, self._shifted()
        strip = Strip(segments).crop(shifted, shifted + width).adjust_cell_length(width, self.rich_style)
        return self._with_signs(strip, shifted > 0, self._spans()[-1][1] > shifted + width)

    def _with_signs(self, strip: Strip, before: bool, behind: bool) -> Strip:
        middle = strip.crop(len(_BEFORE) if before else 0, self.size.width - (len(_BEHIND) if behind else 0))
        left = [Segment(_BEFORE, self.rich_style)] if before else []
        right = [Segment(_BEHIND, self.rich_style)] if behind else []
        return Strip([*left, *middle, *right])

    def _spans(self) -> list[tuple[int, int]]:
        """From which to which cell each option goes, as if there was room for all."""
        spans, at = [], 0
        for name, label in self._options:
            width = cell_len(self._shown(name, label))
            spans.append((at, at + width))
            at += width + 2
        return spans

    def _shifted(self) -> int:
        """By how many cells the row is moved to the left, so that the option at the cursor is seen."""
        spans, width = self._spans(), self.size.width
        if spans[-1][1] <= width:
            return 0
        start, end = spans[self._cursor]
        is_last = self._cursor == len(spans) - 1
        return min(max(end + (0 if is_last else len(_BEHIND)) - width, 0), max(start - len(_BEFORE), 0))

    def _shown(self, name: str, label: str) -> str:
        left, right = "[]" if self._many else "()"
        mark = ("x" if self._many else "•") if name in self._on else " "
        return f"{left}{mark}{right} {label}"
