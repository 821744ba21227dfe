"""Where to cut a scene in two: before one of its words, or at the playhead. The cutting is the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vktrs.lines import Word
from vktrs.timing import format_clock
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.plain_text import one_line

_CUT = "│"


class SplitAtWordScreen(Dialog[int | float]):
    """Dismissed with the number of the word (an int, from 0) that the second half begins with, or the playhead's time.

    The time is a float of seconds. `words` are at least two; `playhead` is given where it lies in the scene.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,k,up", "step(-1)", "Cut earlier", show=False),
        Binding("right,l,j,down", "step(1)", "Cut later", show=False),
        Binding("home,g", "step(-100000)", "First", show=False),
        Binding("end,G", "step(100000)", "Last", show=False),
        Binding("p", "playhead", "At the playhead", show=False),
        Binding("enter", "accept", "Split", show=False),
    ]
    DEFAULT_CSS = """
    SplitAtWordScreen {
        & > #frame { max-width: 78; }
        & #words { height: auto; max-height: 12; margin: 1 0; }
        & #time { height: 1; }
        & #halves { height: auto; max-height: 6; margin: 0 0 1 0; color: $text-muted; }
    }
    """

    def __init__(self, number: int, words: Sequence[Word], playhead: float | None = None) -> None:
        super().__init__()
        self.title = f"Split scene {number}"
        self._words = tuple(words)
        self._playhead = playhead
        self._word = first_cut(words, playhead)

    @property
    def word(self) -> int:
        """The word that the second half would begin with, from 0."""
        return self._word

    def body(self) -> ComposeResult:
        """The words with the cut among them, its time, and both halves."""
        yield Static("", id="words", markup=False)
        yield Static("", id="time", markup=False)
        yield Static("", id="halves", markup=False)

    def on_mount(self) -> None:
        """Show the first choice."""
        at = "" if self._playhead is None else f" · p at the playhead ({format_clock(self._playhead)})"
        self.query_one("#keys", Static).update(f"←→ move the cut · Enter split{at} · Esc leave")
        self._show()

    def action_step(self, by: int) -> None:
        """The cut moved by so many words."""
        self._word = max(1, min(self._word + by, len(self._words) - 1))
        self._show()

    def action_playhead(self) -> None:
        """Cut at the playhead, where it lies in the scene."""
        if self._playhead is not None:
            self.dismiss(float(self._playhead))

    def action_accept(self) -> None:
        """Cut before the chosen word."""
        if 0 < self._word < len(self._words):
            self.dismiss(self._word)

    def _show(self) -> None:
        texts = [one_line(word.text.strip()) for word in self._words]
        before, after = " ".join(texts[: self._word]), " ".join(texts[self._word :])
        self.query_one("#words", Static).update(
            Content.assemble(before, " ", (_CUT, "bold $text-warning"), " ", (after, "bold"))
        )
        if self._words:
            word = self._words[min(self._word, len(self._words) - 1)]
            at = f"The second half starts at {format_clock(word.start)}, with “{one_line(word.text.strip())}”."
            self.query_one("#time", Static).update(Content(at))
        self.query_one("#halves", Static).update(Content(f"1  {before}\n2  {after}"))


def first_cut(words: Sequence[Word], playhead: float | None = None) -> int:
    """The word before which a person most likely cuts: nearest to the playhead, else behind the longest pause.

    At least 1, and at most the last word.
    """
    if len(words) < 2:
        return 1
    places = range(1, len(words))
    if playhead is not None:
        return min(places, key=lambda place: abs(words[place].start - playhead))
    middle = len(words) / 2
    return max(
        places,
        key=lambda place: (round(words[place].start - words[place - 1].end, 2), -abs(place - middle)),
    )
