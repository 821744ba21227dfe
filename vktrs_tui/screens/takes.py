"""The takes of a scene side by side: to choose one again, delete one, or ask for others. It does none of it itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from vktrs.runs.rerolling import MOST_TAKES
from vktrs.runs.takes import Take
from vktrs_tui.decoding import Decoder, Unreadable
from vktrs_tui.halfcells import Halfcells, draw_halfcells
from vktrs_tui.images import ImagesMode
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.picture import HalfcellPicture
from vktrs_tui.widgets.preview import printable

_CARD_CELLS = 23  # with its border
_KEYS = "←→ · Enter choose · r another, 3r three · d delete · o path · ? · Esc"
_NO_TAKES = "There is no take of this scene yet: r makes one."


@dataclass(frozen=True, slots=True)
class Choose:
    """This take is to be the scene's keyframe again."""

    take: Take


@dataclass(frozen=True, slots=True)
class Reroll:
    """So many more takes are wanted, each with a new seed."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Delete:
    """This take is to be removed; that was confirmed."""

    take: Take


TakeAction = Choose | Reroll | Delete


def local_time(seconds: float) -> str:
    """Date and time of day of seconds since 1970, where this machine is."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


class TakeCard(Vertical):
    """One take: its picture, and in words how it was made. `number` counts from 1, oldest first."""

    DEFAULT_CSS = """
    TakeCard {
        width: 1fr;
        max-width: 50;
        height: 1fr;
        border: round $foreground 30%;
        border-title-color: $text;
        & Static { height: auto; }
        & .facts { color: $text; max-height: 5; }
        & .prompt { color: $text-muted; height: 1fr; min-height: 1; }
        & HalfcellPicture { height: 2fr; min-height: 3; }
    }
    TakeCard.-chosen { border: heavy $primary; border-title-style: bold; }
    """

    def __init__(self, pictures: bool, when: Callable[[float], str]) -> None:
        super().__init__()
        self._pictures = pictures
        self._when = when
        self.take: Take | None = None
        self.drawn_for: tuple[Take, int, int] | None = None

    def compose(self) -> ComposeResult:
        """The picture where there are any, what is known of the take, and its prompt."""
        if self._pictures:
            yield HalfcellPicture()
        yield Static(classes="facts", markup=False)
        yield Static(classes="prompt", markup=False)

    def show(self, take: Take, number: int, chosen: bool) -> None:
        """Show that take; the chosen one has a heavier border and an arrow."""
        if take != self.take:
            self.take = take
            self.query_one(".facts", Static).update(Content("\n".join(facts(take, self._when))))
            self.query_one(".prompt", Static).update(Content(take.prompt))
            for picture in self.query(HalfcellPicture):
                picture.show(None)
        self.set_class(chosen, "-chosen")
        current = " ✓ current" if take.current else ""
        self.border_title = Content(f"{'► ' if chosen else ''}take {number}{current}")

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows for the picture; zero where none is shown."""
        return next(((picture.size.width, picture.size.height) for picture in self.query(HalfcellPicture)), (0, 0))


def facts(take: Take, when: Callable[[float], str] = local_time) -> list[str]:
    """What is known of a take beside its prompt, a short line each."""
    if take.damaged:
        return [when(take.made), f"damaged: {take.damaged}"]
    told = [when(take.made)]
    if take.picture is not None:
        told.append("from your own picture")
    elif take.seed is not None:
        told.append(f"seed {take.seed}")
    size = f"{take.size[0]}x{take.size[1]}" if take.size else ""
    told.append(" ".join(part for part in (take.engine, size) if part))
    if take.negative_prompt:
        told.append(f"not: {take.negative_prompt}")
    return [each for each in told if each]


class TakesScreen(ModalScreen[TakeAction | None], TellsFailedWork):
    """The takes of a scene, oldest first, as many as fit; it answers with what is to be done, or None."""

    CSS = """
    TakesScreen { align: center middle; }
    TakesScreen > #box {
        width: 94%;
        height: 90%;
        max-height: 34;
        border: round $primary;
        border-title-color: $text-primary;
        background: $surface;
        padding: 0 1;
    }
    TakesScreen #cards { height: 1fr; align-horizontal: center; }
    TakesScreen #empty { height: 1fr; content-align: center middle; color: $text-muted; }
    TakesScreen #state { height: auto; max-height: 4; color: $text; }
    TakesScreen #state.-warning { color: $text-warning; text-style: bold; }
    TakesScreen #keys { height: auto; max-height: 2; color: $text-muted; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,k,up", "move(-1)", "Earlier take", id="takes.earlier"),
        Binding("right,l,j,down", "move(1)", "Later take", id="takes.later"),
        Binding("home,g", "move(-100000)", "First take", id="takes.first"),
        Binding("end,G", "move(100000)", "Last take", id="takes.last"),
        Binding("enter", "choose", "Choose it", id="takes.choose"),
        Binding("r", "reroll", "Another take", id="takes.reroll"),
        Binding("d,x,delete", "delete", "Delete it", id="takes.delete"),
        Binding("o", "tell_path", "Its path", id="takes.path"),
        Binding("question_mark,f1", "show_help", "Keys", id="takes.help"),
        Binding("escape,q", "leave", "Leave", id="takes.leave"),
    ]

    def __init__(
        self,
        number: int,
        takes: Sequence[Take],
        mode: ImagesMode = "halfcell",
        *,
        decoder: Decoder[Halfcells] | None = None,
        when: Callable[[float], str] = local_time,
    ) -> None:
        """`number` is the scene's in the table, `when` tells the time of a take; of sixels there is never a grid."""
        super().__init__()
        self._number = number
        self._takes = tuple(takes)
        self._pictures = mode != "none"
        self._decoder = decoder or Decoder(draw_halfcells)
        self._when = when
        current = (place for place, take in enumerate(self._takes) if take.current)
        self._place = next(current, len(self._takes) - 1)
        self._first = 0
        self._count = ""
        self._doomed: Take | None = None
        self._drawing = False

    def compose(self) -> ComposeResult:
        """The cards come once it is known how many fit."""
        with Vertical(id="box") as box:
            box.border_title = Content(f"Takes of scene {self._number}")
            if self._takes:
                yield Horizontal(id="cards")
            else:
                yield Static(_NO_TAKES, id="empty", markup=False)
            yield Static(id="state", markup=False)
            yield Static(_KEYS, id="keys", markup=False)

    async def on_resize(self, event: Resize) -> None:
        """As many cards as there is room for."""
        if not self._takes:
            return
        row = self.query_one("#cards", Horizontal)
        fit = max(1, min(len(self._takes), (event.size.width * 94 // 100 - 4) // _CARD_CELLS))
        lacking = fit - len(row.children)
        if lacking > 0:
            await row.mount_all(TakeCard(self._pictures, self._when) for _ in range(lacking))
        elif lacking < 0:
            await row.remove_children(row.children[fit:])
        self._show()

    @property
    def take(self) -> Take | None:
        """The take under the cursor."""
        return self._takes[self._place] if self._takes else None

    def _show(self) -> None:
        cards = list(self.query(TakeCard))
        if not cards:
            return
        self._first = min(max(self._first, self._place - len(cards) + 1), self._place, len(self._takes) - len(cards))
        for place, card in enumerate(cards, start=self._first):
            card.show(self._takes[place], place + 1, place == self._place)
        self._tell(self._where())
        # what is shown has its size only after the next layout
        self.call_after_refresh(self._draw)

    def _where(self) -> str:
        count = len(self._takes)
        shown = len(self.query(TakeCard))
        hidden = f", {count - shown} more beside these" if shown < count else ""
        return f"{self._place + 1} of {count}{hidden}"

    def _tell(self, text: str, warning: bool = False) -> None:
        state = self.query_one("#state", Static)
        state.set_class(warning, "-warning")
        state.update(Content(text))

    def say_wrong(self, text: str) -> None:
        """What went wrong, in the line that tells where one is."""
        self._tell(f"! {text}", warning=True)

    def _draw(self) -> None:
        if self._pictures and not self._drawing:
            self._drawing = True
            self.run_worker(self._draw_all(), group="takes", exit_on_error=False)

    async def _draw_all(self) -> None:
        """One picture after the other, until every card shows its own."""
        try:
            while (card := self._next_undrawn()) is not None and card.take is not None:
                take, (columns, rows) = card.take, card.room
                card.drawn_for = take, columns, rows
                try:
                    drawn = await self._decoder.of(take.path, columns, rows)
                except Unreadable:
                    drawn = None  # the card says in words what it is
                if card.take == take and card.is_mounted:
                    card.query_one(HalfcellPicture).show(drawn)
        finally:
            self._drawing = False

    def _next_undrawn(self) -> TakeCard | None:
        cards = sorted(self.query(TakeCard), key=lambda card: not card.has_class("-chosen"))
        return next((card for card in cards if all(card.room) and card.drawn_for != (card.take, *card.room)), None)

    def on_key(self, event: Key) -> None:
        """Digits before `r` say how many; any key but the second `d` keeps a take that was to be deleted."""
        if not self._takes or event.key in self.active_bindings:
            return
        digit = event.key if len(event.key) == 1 and event.key in "0123456789" else ""
        self._count = (self._count + digit)[-2:].lstrip("0") if digit else ""
        self._doomed = None
        if int(self._count or "0") > MOST_TAKES:
            self._count = str(MOST_TAKES)
        self._tell(f"{self._count}r makes {self._count} more takes." if self._count else self._where())

    def action_move(self, by: int) -> None:
        """To another take; none is left at the ends."""
        self._forget()
        if self._takes:
            self._place = min(max(self._place + by, 0), len(self._takes) - 1)
            self._show()

    def action_choose(self) -> None:
        """Answer with the take under the cursor, unless it cannot be read."""
        self._forget()
        take = self.take
        if take is None:
            return
        if take.damaged:
            self._tell(f"This take cannot be read ({take.damaged}): delete it, or choose another.", warning=True)
            return
        self.dismiss(None if take.current else Choose(take))

    def action_reroll(self) -> None:
        """Answer that more takes are wanted."""
        count = int(self._count or "1")
        self._forget()
        self.dismiss(Reroll(count))

    def action_delete(self) -> None:
        """Answer with the take to delete, once that was said twice."""
        take, self._count = self.take, ""
        if take is None:
            return
        if self._doomed == take:
            self.dismiss(Delete(take))
            return
        self._doomed = take
        again = "; the next run makes it again" if take.current else ""
        self._tell(
            f"Press d again to delete take {self._place + 1} for good{again}. Any other key keeps it.", warning=True
        )

    def action_tell_path(self) -> None:
        """Where the take under the cursor lies, whole."""
        self._forget()
        if self.take is not None:
            self._tell(printable(str(self.take.path)))

    async def action_show_help(self) -> None:
        """These keys; a take that was to be deleted stays."""
        self._forget()
        if self._takes:
            self._tell(self._where())
        await self.run_action("app.show_help")

    def action_leave(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)

    def _forget(self) -> None:
        """No deletion is pending, and no number."""
        self._doomed, self._count = None, ""
