"""What a run said: its remarks, what failed, and the end of its log. It shows; where the log is read is not known here.

Follows while the run is alive; whoever scrolls up stays where they are.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from vktrs.errors import Stopped
from vktrs_tui.run_watcher import read_tail
from vktrs_tui.view import Failure, RunView
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.plain_text import one_line, some_lines

FOLLOW_SECONDS = 1.0

ReadTail = Callable[[str], Awaitable[tuple[str, ...]]]


class LogScreen(Screen[None], TellsFailedWork):
    """The log of a run; `show` brings the next snapshot. `read_tail` gives the last lines of the file at a path."""

    CSS = """
    LogScreen {
        #log-head { height: auto; padding: 0 1; text-style: bold; background: $surface; }
        #log-said { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        #log-text { height: auto; }
        #log-keys { height: 1; padding: 0 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+l", "leave", "Close"),
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
        Binding("space,pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("g,home", "first", "First", show=False),
        Binding("G,end", "last", "Last", show=False),
    ]

    def __init__(self, run: RunView | None, read_tail: ReadTail = read_tail) -> None:
        super().__init__()
        self._run = run
        self._read_tail = read_tail
        self._tail: tuple[str, ...] = ()
        self._wrong = ""
        self._end = 0

    def compose(self) -> ComposeResult:
        """Which run, what it said, and the keys."""
        yield Static(id="log-head", markup=False)
        with VerticalScroll(id="log-said"):
            yield Static(id="log-text", markup=False)
        yield Static("j k move   space page   g G first, last   Esc closes", id="log-keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the bottom, and look at the log while the run may write to it."""
        self._draw()
        self._look()
        self.set_interval(FOLLOW_SECONDS, self._follow)

    def show(self, run: RunView | None) -> None:
        """The run as it stands now."""
        over = self._run is not None and self._run.alive and (run is None or not run.alive)
        other = (self._run.id if self._run else None) != (run.id if run else None)
        changed, self._run = run != self._run, run
        if not self.is_mounted:
            return
        if changed:
            self._draw()
        if over or other:  # the last words of the log
            self._look()

    @property
    def text(self) -> str:
        """All that the run said, as it is shown."""
        return said(self._run, self._tail).plain

    @property
    def _said(self) -> VerticalScroll:
        return self.query_one("#log-said", VerticalScroll)

    def _follow(self) -> None:
        if self._run is not None and self._run.alive:
            self._look()

    @work(exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        """Read the end of the log again."""
        if self._run is None:
            return
        tail = await self._read_tail(self._run.log)
        if tail != self._tail or self._wrong:
            self._tail, self._wrong = tail, ""
            self._draw()

    def say_wrong(self, text: str) -> None:
        """Below the head, until the log can be read again."""
        self._wrong = f"\n! {some_lines(text)}"
        self._draw()

    def _draw(self) -> None:
        following = self._is_following
        self.query_one("#log-head", Static).update(Text(head(self._run) + self._wrong))
        self.query_one("#log-text", Static).update(said(self._run, self._tail))
        if following:
            self.call_after_refresh(self.action_last)

    @property
    def _is_following(self) -> bool:
        """Whether the newest line is left in sight (Textual's anchor leaves the top blank where there is little)."""
        return self._said.scroll_offset.y >= self._end

    def on_resize(self) -> None:
        """The text is wrapped anew; its end stays in sight."""
        if self._is_following:
            self.call_after_refresh(self.action_last)

    def action_leave(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def action_move(self, lines: int) -> None:
        """So many lines down."""
        self._scroll(self._said.scroll_offset.y + lines)

    def action_page(self, pages: int) -> None:
        """So many pages down."""
        self._scroll(self._said.scroll_offset.y + pages * max(1, self._said.size.height - 1))

    def action_first(self) -> None:
        """To the oldest line."""
        self._scroll(0)

    def action_last(self) -> None:
        """To the newest line, and with those that come."""
        self._end = self._said.max_scroll_y
        self._scroll(self._end)

    def _scroll(self, y: int) -> None:
        self._said.scroll_to(y=y, animate=False, force=True, immediate=True)


def head(run: RunView | None) -> str:
    """Which run this is, how it stands, and where its log lies."""
    if run is None:
        return "There was no run yet."
    began = time.strftime(", begun %Y-%m-%d %H:%M:%S", time.localtime(run.began)) if run.began else ""
    return f"run {run.id}{began}: {state(run)}\nlog: {one_line(run.log)}"


def state(run: RunView) -> str:
    """How a run stands, in words."""
    if run.alive:
        return "going on"
    if run.died:
        return "died without a word"
    if run.exit == 0:
        return f"done, {one_line(run.video)} written" if run.video else "done"
    return "stopped" if run.exit == Stopped.exit_code else f"failed (exit code {run.exit})"


def said(run: RunView | None, tail: tuple[str, ...]) -> Text:
    """The end of the log, the remarks and what failed, each under its title; the failures, which matter most, last."""
    text = Text(overflow="fold")
    if run is None:
        return text
    for title, lines in (
        ("log.txt", tail),
        ("remarks", run.remarks),
        ("failures", tuple(_failure(each) for each in run.failures)),
    ):
        if lines:
            text.append(f"── {title} ──\n", style="bold")
            text.append("".join(f"{some_lines(line)}\n" for line in lines))
    if not text:
        text.append("It has said nothing yet." if run.alive else "It said nothing.")
    text.rstrip()
    return text


def _failure(failure: Failure) -> str:
    where = f"{failure.stage}: " if failure.stage else ""
    scene = f"scene {failure.scene}, " if failure.scene else ""
    hint = f"\n  {failure.hint}" if failure.hint else ""
    return f"✗ {scene}{where}{failure.error}{hint}"
