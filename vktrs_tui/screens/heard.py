"""What was heard again, line by line: what would change, to be taken or left scene by scene, and what is the person's.

The lines come from a merge that was made and not written; taking and dropping them is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from vktrs_tui.screens.proposals import ChangesDialog, ProposedLine
from vktrs_tui.widgets.check_list import CheckList

_MINE = "!"
"""Before the id of a scene: what is the person's there, too. No id begins with it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The ids of scenes that take what was heard, those of them that take it `over` the person's; or all is dropped."""

    only: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    dropped: bool = False


class HeardScreen(ChangesDialog[Decided]):
    """Dismissed with what is decided; left, it waits for another time. `intro` says who heard what."""

    TITLE = "Heard again"
    KEYS = "j k move · Space switch · a all · n none · Enter accept · x drop · Esc later"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Accept", show=False),
        Binding("x", "drop", "Drop", show=False),
    ]
    DEFAULT_CSS = """
    HeardScreen #intro { height: auto; max-height: 3; }
    """

    def __init__(self, lines: Sequence[ProposedLine], intro: str) -> None:
        super().__init__(lines)
        self._intro = intro

    def body(self) -> ComposeResult:
        """Who heard it, the list, and the line at the cursor in full."""
        yield Static(self._intro, id="intro", markup=False)
        yield from super().body()

    def key_of(self, line: ProposedLine) -> str | None:
        """Also what is the person's can be taken, as far as something is heard there."""
        if line.kind == "left out" and line.field in ("start", "end", "text"):
            return f"{_MINE}{line.scene_id}"
        return super().key_of(line)

    @property
    def decided(self) -> Decided:
        """What is switched on."""
        taken = self.query_one(CheckList).taken
        over = tuple(key.removeprefix(_MINE) for key in taken if key.startswith(_MINE))
        only = dict.fromkeys((*(key for key in taken if not key.startswith(_MINE)), *over))
        return Decided(tuple(only), over)

    def counted(self) -> str:
        """How many scenes take it, and in how many of them something of the person's is given up."""
        scenes = {line.scene_id for line in self._lines if line.kind != "left out"}
        mine = {line.scene_id for line in self._lines if line.kind == "left out"}
        decided = self.decided
        count = f"{len(set(decided.only) & scenes)} of {len(scenes)} scenes taken"
        return f"{count} · of {len(mine)} with something of yours {len(decided.over)} given up" if mine else count

    def action_accept(self) -> None:
        """Take the scenes that are switched on; without any it is dropped or left for later by other keys."""
        if self.decided.only:
            self.dismiss(self.decided)
        else:
            self.say_wrong("No scene is taken. x drops what was heard, Esc leaves it for later.")

    def action_drop(self) -> None:
        """Decide against all of it."""
        self.dismiss(Decided(dropped=True))
