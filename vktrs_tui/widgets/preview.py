"""The picture of a scene in the terminal: its keyframe, or its cycle playing, always with the file's path in words.

It is told which files to show and reads them itself, off the UI thread; which pictures belong to a scene is not its
business. A terminal without pictures gets words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from vktrs.errors import ArtifactDamaged
from vktrs.media.png import read_head
from vktrs_tui.decoding import Decoder, Unreadable, opened
from vktrs_tui.halfcells import Halfcells, draw_halfcells, fitted
from vktrs_tui.images import ImagesMode, widget_class
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.picture import HalfcellPicture

if TYPE_CHECKING:
    from PIL.Image import Image

HALFCELL_SECONDS = 0.25
"""Between two pictures of a cycle; some 25 kB each at 40 x 20 cells."""

GRAPHICS_SECONDS = 0.5
"""The same for sixels and kitty's graphics, of which each is some 100 kB."""

DEBOUNCE_SECONDS = 0.1
"""For so long a scene has to stay chosen before its picture is read."""

_CELL_PIXELS = (10, 20)  # as many as are worth sending for a cell
_NONE = "No picture yet."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A picture and the room for it, in cells."""

    path: Path
    columns: int
    rows: int


class Preview(TellsFailedWork):
    """The keyframe or the playing cycle of one scene, fitted to the pane, and beneath it the file's path."""

    DEFAULT_CSS = """
    Preview {
        layout: vertical;
        width: 1fr;
        height: 1fr;
        & #room { width: 1fr; height: 1fr; align: center middle; }
        & #room > .graphics { width: auto; height: auto; }
        & #said { width: 1fr; height: 1fr; content-align: center middle; text-align: center; color: $text-muted; }
        & #path { height: 1; width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(
        self,
        mode: ImagesMode = "halfcell",
        *,
        decoder: Decoder[Halfcells] | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`decoder` may be shared with other widgets, so that a picture is drawn once; `pause` waits some seconds."""
        super().__init__(id=id, classes=classes)
        self.mode: ImagesMode = mode
        self._halfcells = decoder or Decoder(draw_halfcells)
        self._pause = pause
        self._graphics: Decoder[Image] = Decoder(_pixels)
        self._path: Path | None = None
        self._cycle: tuple[Path, ...] = ()
        self._caption = self._note = ""
        self._turn = 0
        self._playing = False
        self._following = False
        self._hurried = False
        self._looked: _Wanted | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Room for the picture or a sentence, and the path."""
        with Container(id="room"):
            if self.mode == "halfcell":
                yield HalfcellPicture(id="picture")
            elif self.mode != "none":
                yield widget_class(self.mode)(id="picture", classes="graphics")
            yield Static(id="said", markup=False)
        yield Static(id="path", markup=False)

    def on_mount(self) -> None:
        """The clock of the cycle stands still until `play`."""
        seconds = HALFCELL_SECONDS if self.mode == "halfcell" else GRAPHICS_SECONDS
        self._timer = self.set_interval(seconds, self._step, pause=not self._playing)
        self._update()

    def on_resize(self) -> None:
        """Fit the picture and the path to the new room."""
        self._update()

    @property
    def playing(self) -> bool:
        """Whether the cycle is being played, or will be once there is one."""
        return self._playing

    def show(self, path: Path | None, cycle: tuple[Path, ...] = (), caption: str = "", note: str = "") -> None:
        """Show a scene: its keyframe and its cycle in playing order, or without a `path` the `caption` in its place.

        `note` stands before the path, as for a picture that is out of date. Asked for again, a file that has changed is
        read anew.
        """
        if path != self._path:
            self._turn = 0
        self._path, self._cycle, self._caption, self._note = path, cycle, caption, note
        self._looked = None
        if self.is_mounted:
            self._update()

    def play(self) -> bool:
        """Show the pictures of the cycle in turn; whether there is more than one."""
        self._playing = True
        if self._timer is not None:
            self._timer.resume()
            self._write()
        return len(self._cycle) > 1

    def pause(self) -> None:
        """Go back to the keyframe, at rest."""
        self._playing = False
        self._turn = 0
        if self._timer is not None:
            self._timer.pause()
        if self.is_mounted:
            self._update()

    def _step(self) -> None:
        """The next picture of the cycle, unless the one before is still being read or nobody can see it."""
        if len(self._cycle) > 1 and not self._following and self.screen.is_active and self.display:
            self._turn = (self._turn + 1) % len(self._cycle)
            self._hurried = True
            self._update()

    def _update(self) -> None:
        self._write()
        if self._path is None:
            self._say(self._caption or _NONE)
        elif not self._following and self._wanted() != self._looked:
            self._following = True
            self.run_worker(self._follow(), group="preview", exit_on_error=False)

    def _wanted(self) -> _Wanted | None:
        """The picture to show now; None for none, or while there is no room yet."""
        if self._path is None or not self.is_mounted:
            return None
        room = self.query_one("#room").size
        path = self._cycle[self._turn % len(self._cycle)] if self._playing and len(self._cycle) > 1 else self._path
        return _Wanted(path, room.width, room.height) if room.width and room.height else None

    async def _follow(self) -> None:
        """Read what is wanted until it is shown; of scenes that pass by quickly only the one that stays."""
        try:
            while (wanted := self._wanted()) is not None and wanted != self._looked:
                if not self._hurried:
                    await self._pause(DEBOUNCE_SECONDS)
                self._hurried = False
                if wanted == self._wanted():
                    self._looked = wanted
                    await self._read(wanted)
        finally:
            self._following = False

    async def _read(self, wanted: _Wanted) -> None:
        try:
            if self.mode == "none":
                self._say(await asyncio.to_thread(_in_words, wanted.path), wanted)
            elif self.mode == "halfcell":
                self._put_halfcells(await self._halfcells.of(wanted.path, wanted.columns, wanted.rows), wanted)
            else:
                self._put_graphics(await self._graphics.of(wanted.path, wanted.columns, wanted.rows), wanted)
        except Unreadable as error:
            self._say(f"This picture cannot be shown: {error.reason}.", wanted)

    def say_wrong(self, text: str) -> None:
        """A fault of ours, in the picture's place."""
        self._say(text)

    def _put_halfcells(self, drawn: Halfcells, wanted: _Wanted) -> None:
        if wanted == self._wanted():
            self._bare(picture=True)
            self.query_one(HalfcellPicture).show(drawn)

    def _put_graphics(self, image: Image, wanted: _Wanted) -> None:
        if wanted == self._wanted() and self.mode in ("sixel", "kitty"):
            self._bare(picture=True)
            widget = self.query_one("#picture", widget_class(self.mode))
            if widget.image is not image:  # what is set is sent, some 100 kB
                widget.image = image

    def _say(self, sentence: str, wanted: _Wanted | None = None) -> None:
        """A sentence in the picture's place; one about a picture that is not wanted any more is not said."""
        if wanted == (self._wanted() if wanted is not None else None):
            self._bare(picture=False)
            said = self.query_one("#said", Static)
            if str(said.content) != sentence:
                said.update(Content(sentence), layout=False)

    def _bare(self, picture: bool) -> None:
        for widget in self.query("#room > *"):
            if widget.display != (shown := picture == (widget.id != "said")):
                widget.display = shown

    def _write(self) -> None:
        """The line beneath the picture."""
        line = self.query_one("#path", Static)
        whole = "" if self._path is None else printable(str(self._path))
        state = self._note + self._state()
        text = state + shortened(whole, self.size.width - cell_len(state))
        if str(line.content) != text:
            line.update(Content(text), layout=False)  # a layout would have much of the screen painted again
        line.tooltip = Content(whole) if whole else None

    def _state(self) -> str:
        """Which picture of the cycle it is while that is played."""
        if not self._playing or self._path is None:
            return ""
        count = len(self._cycle)
        return f"► {self._turn % count + 1}/{count} " if count > 1 else "► no cycle yet "


def shortened(text: str, width: int) -> str:
    """The text cut in its middle so that it fills at most `width` cells; the end, which names the file, keeps more."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    head = (width - 1) // 3
    start = set_cell_size(text, head).rstrip()
    end = text
    while cell_len(end) > width - 1 - cell_len(start):
        end = end[1:]
    return f"{start}…{end}"


def printable(text: str) -> str:
    """The text with what is no character for a screen (line ends, control characters, lone halves) shown as `?`."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _pixels(path: Path, columns: int, rows: int) -> Image:
    """The picture with as many pixels as are worth sending to so many cells. Slow: for a thread."""

    def size(width: int, height: int) -> tuple[int, int]:
        across, down = fitted(width, height, columns, rows)
        return min(across * _CELL_PIXELS[0], width), min(down * _CELL_PIXELS[1], height)

    return opened(path, size)[0]


def _in_words(path: Path) -> str:
    """A picture as a terminal without pictures shows it."""
    try:
        head, size = read_head(path), path.stat().st_size
    except (ArtifactDamaged, OSError):
        raise Unreadable(path, "it is gone or damaged") from None
    return (
        f"Pictures are not shown in this terminal. This one has {head.width}x{head.height} pixels, {size // 1000} kB."
    )
