"""The signals of a project: a list, an editor for source and chain with completion, and the curve after each operation.

It is given rows and a source of curves; every edit is a wish that its `edit` callback fulfils or refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantFocus
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from vktrs.chains import SOURCES, ChainError, parse_chain
from vktrs.errors import VktrsError
from vktrs.storyboard.signal_uses import told_uses
from vktrs_tui.chain_completing import Offer, asked_for, offers
from vktrs_tui.screens.ask import AskScreen
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.signal_source import SignalSource
from vktrs_tui.view import SignalRow, SignalState
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.plain_text import fitted, one_line
from vktrs_tui.widgets.signal_curves import SignalCurves

DEBOUNCE = 0.3
"""Seconds without a key after which a chain is computed."""
_MOST_OFFERS = 4
_CAPTION = 12
_STATES: dict[SignalState, str] = {
    "made": "✓ made",
    "missing": "· not made",
    "idle": "- unused",
    "unknown": "? unknown",
}
_LIST_KEYS = "Enter chain · s source · a add · r rename · x remove · ( ) zoom · ? · Esc"
_EDIT_KEYS = "Enter keeps · Tab completes · ↑↓ choose · Esc leaves as it was"
_NONE = "No signal yet: a adds one, which an expression such as zoom = 1 + 0.03 * NAME can use."


@dataclass(frozen=True, slots=True)
class SignalWish:
    """What is to be done with a signal: set its source and chain (`put`, `add`), call it `new`, take it out."""

    kind: Literal["add", "put", "rename", "remove", "undo", "redo"]
    name: str = ""
    source: str = ""
    chain: str = ""
    new: str = ""


Edit = Callable[[SignalWish], Awaitable[str]]
"""Fulfils a wish and says in a sentence what it did, or raises a VktrsError."""


class SignalsScreen(Dialog[None], TellsFailedWork):
    """All signals; `check_name` raises a VktrsError for a name that a new one cannot have."""

    TITLE = "Signals"
    KEYS = _LIST_KEYS
    AUTO_FOCUS = "#signals"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "step(1)", "Down", id="signals.down"),
        Binding("k", "step(-1)", "Up", id="signals.up"),
        Binding("s", "edit_source", "Source", tooltip="Edit what it listens to", id="signals.source"),
        Binding("c", "edit_chain", "Chain", tooltip="Edit its chain", id="signals.chain"),
        Binding("a", "add", "Add", tooltip="A new signal", id="signals.add"),
        Binding("r", "rename", "Rename", tooltip="Another name, also where it is used", id="signals.rename"),
        Binding("x,delete", "remove", "Remove", tooltip="Take it out, if nothing uses it", id="signals.remove"),
        Binding("u", "wish('undo')", "Undo", tooltip="Take back your last edit", id="signals.undo"),
        Binding("U", "wish('redo')", "Redo", tooltip="Do again what you took back", id="signals.redo"),
        Binding("right_parenthesis", "zoom(1)", "Zoom in", id="signals.zoom_in"),
        Binding("left_parenthesis", "zoom(-1)", "Zoom out", id="signals.zoom_out"),
        Binding("Z", "zoom(0)", "Whole song", id="signals.zoom_all"),
        Binding("left,h,ctrl+left", "pan(-1)", "Earlier", id="signals.earlier"),
        Binding("right,l,ctrl+right", "pan(1)", "Later", id="signals.later"),
        Binding("pagedown,ctrl+d", "scroll_curves(1)", "Further curves", id="signals.page_down"),
        Binding("pageup,ctrl+u", "scroll_curves(-1)", "Curves before", id="signals.page_up"),
        Binding("question_mark,f1", "app.show_help", "Keys", id="signals.help"),
        Binding("q", "leave", "Leave", id="signals.leave"),
        Binding("escape", "back", "Back", tooltip="Leave the field as it was, or the screen", id="signals.back"),
        Binding("tab", "complete", "Complete", show=False),
        Binding("down", "offer(1)", "Next offer", show=False),
        Binding("up", "offer(-1)", "Offer before", show=False),
    ]
    DEFAULT_CSS = """
    SignalsScreen {
        & > #frame { max-width: 100%; height: 100%; }
        & #signals {
            height: auto; max-height: 6; border: none; padding: 0; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & #signals > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: bold;
        }
        & #about { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        & .row Input { width: 1fr; }
        & #caret { height: 1; color: $text-error; text-style: bold; display: none; &.-said { display: block; } }
        & #offers { height: auto; max-height: 4; color: $text-muted; display: none; &.-said { display: block; } }
        & #curves { height: 1fr; min-height: 4; margin: 1 0 0 0; }
        & #told { height: auto; max-height: 2; color: $text; display: none; &.-said { display: block; } }
    }
    """

    def __init__(
        self,
        source: SignalSource,
        edit: Edit,
        check_name: Callable[[str], object],
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        self._source = source
        self._edit = edit
        self._check_name = check_name
        self._pause = pause
        self._rows: tuple[SignalRow, ...] = ()
        self._starts: tuple[float, ...] = ()
        self._known = True
        self._composed = False
        self._chosen: str | None = None
        self._shown: tuple[str, str, str] | None = None
        self._offers: tuple[Offer, ...] = ()
        self._offered = 0

    def body(self) -> ComposeResult:
        """The list, the two lines to type in with what helps there, and the curves."""
        yield OptionList(id="signals", markup=False, compact=True)
        yield Static("", id="about", markup=False)
        for name, caption in (("source", "Source"), ("chain", "Chain")):
            with Horizontal(classes="row"):
                yield Static(caption, classes="caption", markup=False)
                yield Input(id=name, select_on_focus=False)
        yield Static("", id="caret", markup=False)
        yield Static("", id="offers", markup=False)
        yield SignalCurves(id="curves")
        yield Static("", id="told", markup=False)

    def on_mount(self) -> None:
        """The rows may have been told before."""
        for each in self.query(Input):
            each.cursor_blink = False
        self.query_one("#source", Input).suggester = SuggestFromList(SOURCES)
        self._composed = True
        self.show(self._rows, self._starts, self._known)

    def show(self, rows: Sequence[SignalRow], starts: Sequence[float], known: bool = True) -> None:
        """Show these signals and where scenes begin; `known` is whether the song was read, so that there are curves."""
        self._rows, self._starts, self._known = tuple(rows), tuple(starts), known
        if not (self._composed and self.is_attached):  # composing, some of what is filled here may be there already
            return
        names = [row.name for row in self._rows]
        listed = self.query_one("#signals", OptionList)
        place = names.index(self._chosen) if self._chosen in names else min(listed.highlighted or 0, len(names) - 1)
        with self.prevent(OptionList.OptionHighlighted):
            listed.set_options([Option(Content(_listed(row)), id=row.name) for row in self._rows])
            listed.highlighted = place if names else None
        other = (names[place] if names else None) != self._chosen
        self._chosen = names[place] if names else None
        if other or not self._is_typing:
            self._load()
        self._tell_row()
        self.query_one(SignalCurves).move_scenes(self._starts)
        self._look()

    @property
    def row(self) -> SignalRow | None:
        """The signal that is shown."""
        return next((row for row in self._rows if row.name == self._chosen), None)

    @property
    def typed(self) -> tuple[str, str]:
        """Source and chain as they stand in the two lines."""
        return self.query_one("#source", Input).value.strip(), self.query_one("#chain", Input).value

    @property
    def _is_typing(self) -> bool:
        return isinstance(self.focused, Input)

    def _load(self) -> None:
        """Put what is written into the two lines."""
        row = self.row
        with self.prevent(Input.Changed):
            for name, text in (("source", row.source if row else ""), ("chain", row.chain if row else "")):
                line = self.query_one(f"#{name}", Input)
                line.value, line.disabled = one_line(text), row is None
                line.cursor_position = len(line.value)

    def _tell_row(self) -> None:
        row = self.row
        about = _NONE
        if row is not None:
            about = (
                f"Used by {told_uses(row.uses, 5)}."
                if row.uses
                else f"Used by nothing yet: name it, as in 1 + {row.name}."
            )
        self.query_one("#about", Static).update(about)

    # What is typed

    @on(OptionList.OptionHighlighted)
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id is not None and event.option.id != self._chosen:
            self._chosen = event.option.id
            self._load()
            self._tell_row()
            self._say("")
            self._look()

    @on(OptionList.OptionSelected)
    def _enter(self) -> None:
        self.action_edit_chain()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._offered = 0
        self._look()

    @on(DescendantFocus)
    def _show_keys(self) -> None:
        self.query_one("#keys", Static).update(_EDIT_KEYS if self._is_typing else _LIST_KEYS)
        self._help()

    def _look(self) -> None:
        """Say what is wrong with the chain, or have its curves computed; and what may be typed next."""
        wrong = self._wrong()
        self._help()
        self._tell_wrong(None if self._offers else wrong)  # what is being typed is not wrong before it is whole
        if self.row is None:
            self._shown = None
            self.query_one(SignalCurves).show(None, notice="")
        elif wrong is None:
            asked = (self.row.name, *self.typed)
            if asked != self._shown:
                self._shown = asked
                self._compute(*asked)

    def _tell_wrong(self, wrong: ChainError | None) -> None:
        caret, room = self.query_one("#caret", Static), self.query_one("#chain", Input).size.width
        there = wrong is not None and wrong.position <= room and len(self.typed[1]) < room
        caret.set_class(there, "-said")
        if wrong is not None:
            caret.update(" " * (_CAPTION + wrong.position - 1) + "▲")
        self.say_wrong(str(wrong) if wrong is not None else "")

    def _wrong(self) -> ChainError | None:
        try:
            parse_chain(self.typed[1])
        except ChainError as error:
            return error
        return None

    @work(exclusive=True, group="curves", exit_on_error=False)
    async def _compute(self, name: str, source: str, chain: str) -> None:
        """The curves of what is typed, once it rests; what is computed for something older is ended."""
        curves = self.query_one(SignalCurves)
        if not self._known:
            curves.show(None, notice="The song has not been read yet: run to the stage song.")
            self._shown = None
            return
        await self._pause(DEBOUNCE)
        frame = self.query_one("#frame")
        frame.border_subtitle = "computing …"
        try:
            curves.show(await self._source.steps(name, source, chain), self._starts)
        except VktrsError as error:
            curves.show(None, notice=one_line(str(error)))
        frame.border_subtitle = ""

    def _help(self) -> None:
        """What may be typed at the cursor, and what it does."""
        line = self.query_one("#chain", Input)
        typing = line.has_focus
        self._offers = offers(line.value, line.cursor_position)[:99] if typing else ()
        shown, width = self.query_one("#offers", Static), self.query_one(SignalCurves).size.width
        shown.set_class(self._is_typing, "-said")
        if self._offers:
            self._offered %= len(self._offers)
            first = max(min(self._offered - 1, len(self._offers) - _MOST_OFFERS), 0)
            parts: list[str | tuple[str, str]] = []
            for place, offer in enumerate(self._offers[first : first + _MOST_OFFERS], start=first):
                here = place == self._offered
                line_of = fitted(f"{'► ' if here else '  '}{offer.signature:<24} {offer.description}", width)
                parts.append((f"{line_of}\n", "bold" if here else ""))
            shown.update(Content.assemble(*parts).rstrip())
        elif typing:
            shown.update(asked_for(line.value, line.cursor_position))
        elif self.query_one("#source", Input).has_focus:
            shown.update(f"{', '.join(SOURCES)}, or the name of a sound file")
        else:
            shown.update("")

    def _say(self, text: str) -> None:
        told = self.query_one("#told", Static)
        told.update(one_line(text))
        told.set_class(bool(text), "-said")

    # Keys

    def action_step(self, by: int) -> None:
        """Another signal."""
        listed = self.query_one("#signals", OptionList)
        (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def action_edit_chain(self) -> None:
        """Type in the chain."""
        if self.row is not None:
            self.query_one("#chain", Input).focus()

    def action_edit_source(self) -> None:
        """Type in the source."""
        if self.row is not None:
            self.query_one("#source", Input).focus()

    def action_offer(self, by: int) -> None:
        """Another of the offers."""
        if self._offers:
            self._offered = (self._offered + by) % len(self._offers)
            self._help()

    def action_complete(self) -> None:
        """Take the offer, or go on to the next line."""
        line = self.query_one("#chain", Input)
        if line.has_focus and self._offers:
            text = self._offers[self._offered].text
            at = len(text) - (len(line.value) - line.cursor_position)
            line.value = text
            line.cursor_position = at
        elif self.query_one("#source", Input).has_focus:
            line.focus()
        elif line.has_focus:
            self.query_one("#signals").focus()
        else:
            self.action_edit_source()

    @on(Input.Submitted)
    async def keep(self) -> None:
        """Write what is typed, where it is right."""
        row, (source, chain) = self.row, self.typed
        if row is None:
            return
        if (wrong := self._wrong()) is not None:
            self._tell_wrong(wrong)
            return
        if (source, chain) == (row.source, row.chain) or await self._wish(SignalWish("put", row.name, source, chain)):
            self.query_one("#signals").focus()

    def action_back(self) -> None:
        """Out of a line, which is then as it was; else out of the screen."""
        if self._is_typing:
            self._load()
            self.query_one("#signals").focus()
            self._look()
        else:
            self.dismiss(None)

    @work(exit_on_error=False)
    async def action_add(self) -> None:
        """A new signal, whose chain is typed next."""
        name = await self.app.push_screen_wait(AskScreen("What is the new signal called?", "", self._check_name))
        if name is not None and await self._wish(SignalWish("add", name.strip(), "mix", "rms")):
            self._chosen = name.strip()
            self.show(self._rows, self._starts, self._known)
            self.action_edit_chain()

    @work(exit_on_error=False)
    async def action_rename(self) -> None:
        """Another name, also in the expressions that use it."""
        row = self.row
        if row is None:
            return
        uses = f", also in {told_uses(row.uses)}" if row.uses else ""
        name = await self.app.push_screen_wait(
            AskScreen(f"What is {row.name} to be called{uses}?", row.name, self._check_new(row.name))
        )
        if name is not None and name.strip() != row.name:
            self._chosen = name.strip()  # told with the next rows
            if not await self._wish(SignalWish("rename", row.name, new=name.strip())):
                self._chosen = row.name

    def _check_new(self, old: str) -> Callable[[str], object]:
        return lambda text: None if text.strip() == old else self._check_name(text.strip())

    async def action_remove(self) -> None:
        """Take the signal out, where nothing uses it."""
        row = self.row
        if row is None:
            return
        if row.uses:
            self._say(f"{row.name} is used by {told_uses(row.uses)}: take it out there first.")
        else:
            await self._wish(SignalWish("remove", row.name))

    async def action_wish(self, kind: Literal["undo", "redo"]) -> None:
        """Undo or redo."""
        await self._wish(SignalWish(kind))

    async def _wish(self, wish: SignalWish) -> bool:
        """Have a wish fulfilled; whether it was."""
        try:
            told = await self._edit(wish)
        except VktrsError as error:
            self.say_wrong(str(error))
            return False
        self.say_wrong("")
        self._say(told)
        return True

    def action_zoom(self, direction: int) -> None:
        """Less of the song, more of it, or all."""
        self.query_one(SignalCurves).zoom(direction)

    def action_pan(self, direction: int) -> None:
        """Half of what is in view earlier or later."""
        self.query_one(SignalCurves).pan(direction / 2)

    def action_scroll_curves(self, pages: int) -> None:
        """Further operations of the chain."""
        curves = self.query_one(SignalCurves)
        curves.scroll_relative(y=pages * max(1, curves.size.height - 2), animate=False)


def _listed(row: SignalRow) -> str:
    """A signal on one line."""
    uses = f"{len(row.uses)} use{'' if len(row.uses) == 1 else 's'}" if row.uses else ""
    return one_line(f"{row.name:<14} {_STATES[row.state]:<10} {uses:<7} {row.source:<11} {row.chain}")
