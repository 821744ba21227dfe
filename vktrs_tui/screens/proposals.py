"""A later proposal of the machine, line by line: what would change, to be taken or left scene by scene.

The lines come from a merge that was made and not written; taking them is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vktrs.storyboard.merge import Change, Conflict
from vktrs.timing import format_clock
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.check_list import CheckLine, CheckList
from vktrs_tui.widgets.plain_text import one_line

_LABELS = {"text": "lyric", "end": "line ends", "start": "starts", "section": "section"}


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One thing that the proposal would change, or (kind "left out") that it cannot, with the reason."""

    scene_id: str
    number: int | None
    kind: Literal["add", "remove", "set", "left out"]
    field: str | None
    before: object
    after: object
    reason: str = ""


def proposed_lines(
    changes: Iterable[Change], conflicts: Iterable[Conflict] = (), numbers: Mapping[str, int] | None = None
) -> tuple[ProposedLine, ...]:
    """The lines of a merge: those of a scene together, in the order of the changes, then what was left out.

    `numbers` are the places in the table, from 1; a scene that is new has none.
    """
    known = numbers or {}
    lines = [
        ProposedLine(each.id, known.get(each.id), each.kind, each.field, each.before, each.after) for each in changes
    ]
    order = {line.scene_id: place for place, line in reversed(list(enumerate(lines)))}
    lines.sort(key=lambda line: order[line.scene_id])
    left = (
        ProposedLine(each.id, known.get(each.id), "left out", each.field, each.ours, each.theirs, each.reason)
        for each in conflicts
    )
    return (*lines, *left)


class ProposalsScreen(Dialog[tuple[str, ...]]):
    """Dismissed with the ids of the scenes whose changes are taken; left, the proposal waits for another time."""

    TITLE = "The machine proposes"
    KEYS = "j k move · Space take or leave · a all · n none · Enter accept · Esc later"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Accept", show=False)]
    DEFAULT_CSS = """
    ProposalsScreen {
        & > #frame { height: 100%; max-height: 34; }
        & #count { height: 1; color: $text-primary; text-style: bold; }
        & #whole { height: auto; max-height: 6; margin: 1 0 0 0; }
    }
    """

    def __init__(self, lines: tuple[ProposedLine, ...]) -> None:
        super().__init__()
        self._lines = lines

    def body(self) -> ComposeResult:
        """The list, and the line at the cursor in full."""
        yield Static("", id="count", markup=False)
        yield CheckList(id="lines")
        yield Static("", id="whole", markup=False)

    def on_mount(self) -> None:
        """Everything is taken until it is switched off."""
        before: str | None = None
        shown = []
        for line in self._lines:
            told = line.kind == "left out"
            key = None if told else line.scene_id
            shown.append(CheckLine(key, _said(line), first=told or line.scene_id != before))
            before = None if told else line.scene_id
        check_list = self.query_one(CheckList)
        check_list.show(shown)
        check_list.focus()
        self._count()

    @on(CheckList.Changed)
    def _count(self) -> None:
        taken = set(self.query_one(CheckList).taken)
        scenes = {line.scene_id for line in self._lines if line.kind != "left out"}
        left = sum(line.kind == "left out" for line in self._lines)
        count = f"{len(taken)} of {len(scenes)} scenes taken"
        if left:
            count += f" · {left} {'thing' if left == 1 else 'things'} of yours stay (!)"
        self.query_one("#count", Static).update(count)

    @on(CheckList.Highlighted)
    def _show_whole(self, event: CheckList.Highlighted) -> None:
        if event.place is not None:
            self.query_one("#whole", Static).update(Content(_whole(self._lines[event.place])))

    def action_accept(self) -> None:
        """Take the scenes that are switched on; without any the proposal has to be left with Esc."""
        taken = self.query_one(CheckList).taken
        if taken:
            self.dismiss(taken)
        else:
            self.say_wrong("No scene is taken. Esc leaves the proposal for later.")


def _said(line: ProposedLine) -> str:
    """A change on one line."""
    name = f"#{line.number}" if line.number is not None else "new"
    if line.kind == "add":
        return f"{name} + {_shown(line.after)}"
    if line.kind == "remove":
        return f"{name} - {_shown(line.before)}"
    label = _LABELS.get(line.field or "", line.field or "")
    told = f"{name} {label}: {_shown(line.before)} → {_shown(line.after)}"
    return f"{told}  (left out: {line.reason})" if line.kind == "left out" else told


def _whole(line: ProposedLine) -> str:
    if line.kind == "left out":
        return f"left out: {line.reason}\nyours     {_shown(line.before)}\nproposed  {_shown(line.after)}"
    return f"now       {_shown(line.before)}\nproposed  {_shown(line.after)}"


def _shown(value: object) -> str:
    """A value in words: times as a clock, a scene as when it starts and what is sung."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, float):
        return format_clock(value)
    start, text = getattr(value, "start", None), getattr(value, "text", None)
    if isinstance(start, float) and isinstance(text, str):
        return f"{format_clock(start)} “{one_line(text)}”"
    return f"“{one_line(str(value))}”"
