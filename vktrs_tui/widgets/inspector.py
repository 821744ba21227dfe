"""The inspector: all that is known of one scene, field by field, with a cursor that chooses one to edit.

It draws `SceneDetails` and posts what was chosen; editing is the workspace's business. It repaints only when the
details change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vktrs.runs.parameter_view import Parameters
from vktrs_tui.view import SIGNS, Mark
from vktrs_tui.widgets.drawn_curves import spark
from vktrs_tui.widgets.inspector_details import MOTION, FieldDetail, Origin, SceneDetails
from vktrs_tui.widgets.plain_text import some_lines

_ORIGINS: dict[Origin, str] = {
    "own": "",
    "look": "from look",
    "default": "default",
    "derived": "derived",
    "unset": "not set",
}
_STEP = 8
"""Lines by which the inspector's height grows: another height has all of it, and every scroll bar, painted again."""
_LABEL = 12
"""Cells of the column of labels, with the mark before it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph: its text, the kind that styles it, what stands before it, and the field it belongs to.

    With a `curve` it is one line, drawn between `lead` and `text`.
    """

    text: str
    kind: str
    lead: str = ""
    field: str | None = None
    aside: str = ""
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as it is drawn: pieces of text with their kinds."""

    pieces: tuple[tuple[str, str], ...]
    field: str | None


class Inspector(ScrollView, can_focus=True):
    """Every field of a scene; j and k walk through the fields, Enter chooses one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Field before", show=False),
        Binding("down,j", "step(1)", "Next field", show=False),
        Binding("home,g", "step(-1000)", "First field", show=False),
        Binding("end,G", "step(1000)", "Last field", show=False),
        Binding("enter", "choose", "Edit field", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "inspector--heading",
        "inspector--label",
        "inspector--own",
        "inspector--faint",
        "inspector--warning",
        "inspector--error",
        "inspector--curve",
    }
    DEFAULT_CSS = """
    Inspector {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;  /* a bar that comes later takes no width from what is laid out */
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        & > .inspector--heading { color: $text-primary; text-style: bold; }
        & > .inspector--label { color: $text-muted; }
        & > .inspector--own { color: $foreground; text-style: bold; }
        & > .inspector--faint { color: $text-muted; }
        & > .inspector--warning { color: $text-warning; }
        & > .inspector--error { color: $text-error; }
        & > .inspector--curve { color: $primary; }
    }
    """

    class FieldChosen(Message):
        """The person wants to edit that field."""

        def __init__(self, scene_id: str, field: str) -> None:
            super().__init__()
            self.scene_id = scene_id
            self.field = field

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._details: SceneDetails | None = None
        self._lines: tuple[_Line, ...] = ()
        self._cursor = 0

    @property
    def field(self) -> str | None:
        """The field at the cursor; None where no scene is shown."""
        fields = self._details.fields if self._details else ()
        return fields[min(self._cursor, len(fields) - 1)].field if fields else None

    def show(self, details: SceneDetails | None) -> None:
        """Show that scene, or none; the cursor stays on its field, and another scene is shown from its top."""
        if details == self._details:
            return
        other = details is None or self._details is None or details.id != self._details.id
        self._details = details
        self._lay_out()
        if other:
            self.scroll_to(y=0, animate=False)

    def action_step(self, by: int) -> None:
        """The cursor moved by so many fields."""
        if self._details is not None:
            self._move(self._cursor + by)

    def action_choose(self) -> None:
        """Ask for the field at the cursor to be edited."""
        if self._details is not None and self.field is not None:
            self.post_message(self.FieldChosen(self._details.id, self.field))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor to a field, a second one chooses it."""
        place = event.y + self.scroll_offset.y
        name = self._lines[place].field if place < len(self._lines) else None
        if self._details is not None and name is not None:
            self._move([each.field for each in self._details.fields].index(name))
            if event.chain == 2:
                self.action_choose()

    def on_resize(self) -> None:
        """Long values wrap anew."""
        self._lay_out()

    def on_focus(self) -> None:
        """The cursor is seen only with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line as it is seen."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[place]
        chosen = self.has_focus and line.field is not None and line.field == self.field
        segments = [Segment(text, self._style(kind, chosen)) for text, kind in line.pieces]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, kind: str, chosen: bool) -> Style:
        style = self.rich_style if kind == "plain" else self.get_visual_style(f"inspector--{kind}").rich_style
        return style + Style(reverse=True) if chosen and kind == "label" else style

    def _move(self, place: int) -> None:
        assert self._details is not None
        place = max(0, min(place, len(self._details.fields) - 1))
        if place == self._cursor:
            return
        self._cursor = place
        rows = [row for row, line in enumerate(self._lines) if line.field == self.field]
        while rows[0] and self._lines[rows[0] - 1].field is None:
            rows.insert(0, rows[0] - 1)  # a heading, and what is said below it, is seen with its first field
        self.scroll_to_region(Region(0, rows[0], 1, rows[-1] - rows[0] + 1), animate=False, force=True)
        self.refresh()

    def _lay_out(self) -> None:
        width = max(1, self.scrollable_content_region.width)
        parts = _parts(self._details) if self._details else ()
        before = self._lines
        self._lines = tuple(line for part in parts for line in self._wrapped(part, width))
        room = self.scrollable_content_region.height
        size = Size(width, room if len(self._lines) <= room else -(-len(self._lines) // _STEP) * _STEP)
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh()
        else:
            self._paint_changes(before)

    def _paint_changes(self, before: tuple[_Line, ...]) -> None:
        """Have painted again what differs from these lines: of each its cells up to the last that does."""
        regions = []
        top = self.scroll_offset.y
        for y in range(self.size.height):
            old, new = (_cells(lines, top + y) for lines in (before, self._lines))
            changed = [x for x, (one, other) in enumerate(zip_longest(old, new)) if one != other]
            if changed:
                regions.append(Region(0, y, min(changed[-1] + 2, self.virtual_size.width), 1))
        if regions:
            self.refresh(*regions)

    def _wrapped(self, part: _Part, width: int) -> Iterator[_Line]:
        """The lines of a paragraph: the lead before the first, as much room before the others."""
        if part.curve:
            drawn = spark(part.curve, width - len(part.lead) - len(part.text))
            yield _Line(((part.lead, "faint"), (drawn, part.kind), (part.text, "faint")), part.field)
            return
        indent = min(len(part.lead), width - 1)
        room = max(1, width - indent)
        lines = [line.plain for line in Text(some_lines(part.text)).wrap(self.app.console, room)] or [""]
        if part.aside:
            last = lines[-1]
            if Text(last).cell_len + len(part.aside) + 3 > room and last:
                lines.append("")
        for row, text in enumerate(lines):
            lead = (part.lead if row == 0 else " " * indent)[:indent]
            pieces = [(lead, "label" if part.field and row == 0 else part.kind), (text.rstrip(), part.kind)]
            if part.aside and row == len(lines) - 1:
                pieces.append((f" · {part.aside}" if text else part.aside, "faint"))
            yield _Line(tuple(piece for piece in pieces if piece[0]), part.field)


def _cells(lines: tuple[_Line, ...], place: int) -> list[tuple[str, str, str | None]]:
    """What each cell of a line is drawn from; a character that is no single cell counts for as many as it has."""
    if place >= len(lines):
        return []
    line = lines[place]
    return [(char, kind, line.field) for text, kind in line.pieces for char in text for _ in range(cell_len(char) or 1)]


def _parts(details: SceneDetails) -> Iterator[_Part]:
    """The paragraphs of a scene in the order in which they are told: what needs a look comes first."""
    locked = "  locked" if details.locked else ""
    yield _Part(f"Scene {details.number}  {details.id}{locked}", "heading")
    for failure in details.failures:
        stage = f"{failure.stage}: " if failure.stage else ""
        yield _Part(f"{stage}{failure.error}", "error", "✗ ")
        if failure.hint:
            yield _Part(failure.hint, "plain", "  → ")
    for problem in details.problems:
        yield _Part(problem.text, "warning", "! ")
        if problem.hint:
            yield _Part(problem.hint, "plain", "  → ")
    yield _Part("", "plain")
    yield _Part("Made", "heading")
    for name, mark in details.things:
        yield _made(name, mark)
    if details.marks.picture:
        yield _Part(details.marks.picture, "plain", _lead(" ", "file"))
    moving = details.parameters or Parameters()
    curves = {curve.name: curve for curve in moving.curves}
    for heading, fields in details.groups:
        yield _Part("", "plain")
        yield _Part(heading, "heading")
        if heading == MOTION and moving.waits:
            yield _Part(moving.waits, "warning", "? ")
        for field in fields:
            yield _field(field)
            if field.field in curves:
                curve = curves[field.field]
                yield _Part(f" {curve.high:.4g}", "curve", f"  {curve.low:.4g} ", field.field, curve=curve.values)


def _made(name: str, mark: Mark) -> _Part:
    share = f" {mark.share:.0%}" if mark.share is not None and mark.state != "fresh" else ""
    reason = f": {mark.reason}" if mark.reason else ""
    kind = {"failed": "error", "stale": "warning", "running": "own"}.get(mark.state, "plain")
    return _Part(f"{mark.state}{share}{reason}", kind, _lead(SIGNS[mark.state], name))


def _field(field: FieldDetail) -> _Part:
    own = field.origin == "own"
    kind = "own" if own else "faint"
    aside = field.note or _ORIGINS[field.origin]
    return _Part(field.value, kind, _lead("●" if own else " ", field.label), field.field, aside)


def _lead(mark: str, label: str) -> str:
    return f"{mark} {label:<{_LABEL}}"
