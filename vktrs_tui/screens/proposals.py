"""A later proposal of the machine, line by line: what would change, to be taken or left scene by scene.

The lines come from a merge that was made and not written; taking them is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vktrs.storyboard.merge import Change, Conflict
from vktrs_tui.differences import in_words
from vktrs_tui.screens.dialog import Dialog, Result
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


class ChangesDialog(Dialog[Result]):
    """The lines of a merge, to be taken or left, and the one at the cursor in full; a subclass counts and decides."""

    DEFAULT_CSS = """
    ChangesDialog {
        & > #frame { height: 100%; max-height: 34; }
        & #count { height: 1; color: $text-primary; text-style: bold; }
        & #whole { height: auto; max-height: 6; margin: 1 0 0 0; }
    }
    """

    def __init__(self, lines: Sequence[ProposedLine]) -> None:
        super().__init__()
        self._lines = tuple(lines)

    def key_of(self, line: ProposedLine) -> str | None:
        """By what a line is taken; None where it is only told."""
        return None if line.kind == "left out" else line.scene_id

    def counted(self) -> str:
        """How much is switched on, in words."""
        raise NotImplementedError  # ModalScreen has a metaclass of its own: no ABC

    def body(self) -> ComposeResult:
        """The list, and the line at the cursor in full."""
        yield Static("", id="count", markup=False)
        yield CheckList(id="lines")
        yield Static("", id="whole", markup=False)

    def on_mount(self) -> None:
        """What nobody touched is taken until it is switched off; what is the person's, once it is switched on."""
        before: str | None = None
        shown = []
        for line in self._lines:
            key = self.key_of(line)
            apart = line.kind == "left out"
            shown.append(CheckLine(key, said(line), first=key is None or key != before, apart=apart))
            before = key
        check_list = self.query_one(CheckList)
        check_list.show(shown)
        check_list.focus()
        self._count()

    @on(CheckList.Changed)
    def _count(self) -> None:
        self.query_one("#count", Static).update(self.counted())

    @on(CheckList.Highlighted)
    def _show_whole(self, event: CheckList.Highlighted) -> None:
        if event.place is not None:
            self.query_one("#whole", Static).update(Content(whole(self._lines[event.place])))


class ProposalsScreen(ChangesDialog[tuple[str, ...]]):
    """Dismissed with the ids of the scenes whose changes are taken; left, the proposal waits for another time."""

    TITLE = "The machine proposes"
    KEYS = "j k move · Space take or leave · a all · n none · Enter accept · Esc later"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Accept", show=False)]

    def counted(self) -> str:
        """How many scenes are taken, and how much is the person's."""
        taken = set(self.query_one(CheckList).taken)
        scenes = {line.scene_id for line in self._lines if line.kind != "left out"}
        left = sum(line.kind == "left out" for line in self._lines)
        count = f"{len(taken)} of {len(scenes)} scenes taken"
        return f"{count} · {left} {'thing' if left == 1 else 'things'} of yours stay (!)" if left else count

    def action_accept(self) -> None:
        """Take the scenes that are switched on; without any the proposal has to be left with Esc."""
        taken = self.query_one(CheckList).taken
        if taken:
            self.dismiss(taken)
        else:
            self.say_wrong("No scene is taken. Esc leaves the proposal for later.")


def said(line: ProposedLine) -> str:
    """A change on one line."""
    name = f"#{line.number}" if line.number is not None else "new"
    does = (line.field if line.kind == "left out" else line.kind) or ""
    if does == "add":
        told = f"{name} + {_shown(line.after)}"
    elif does == "remove":
        told = f"{name} - {_shown(line.before)}"
    else:
        label = _LABELS.get(line.field or "", line.field or "")
        told = f"{name} {label}: {_shown(line.before)} → {_shown(line.after)}"
    return f"{told}  (left out: {line.reason})" if line.kind == "left out" else told


def whole(line: ProposedLine) -> str:
    """Both sides of it in full."""
    if line.kind == "left out":
        return f"left out: {line.reason}\nyours     {_shown(line.before)}\nproposed  {_shown(line.after)}"
    return f"now       {_shown(line.before)}\nproposed  {_shown(line.after)}"


def _shown(value: object) -> str:
    return in_words(value, lambda text: f"“{one_line(text)}”")
