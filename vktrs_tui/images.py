"""How this terminal can show pictures: asked once, before the app starts, and with care. Draws nothing.

A question that a terminal does not know may be printed by it, and an answer that comes late is taken for keys. So
nothing is asked inside tmux or screen (they answer for themselves), of a console, or where there is no terminal; what
is asked ends with a question that every terminal answers, so that nobody waits longer than the terminal needs.
`textual_image` asks by itself when it is imported; here it is imported only where it is needed, and kept from asking.
"""

from __future__ import annotations

import array
import fcntl
import importlib
import io
import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vktrs_tui.terminal import ImagesWanted

if TYPE_CHECKING:
    from textual_image.widget import SixelImage, TGPImage

ImagesMode = Literal["kitty", "sixel", "halfcell", "none"]
"""How pictures are shown: by kitty's graphics, as sixels, as coloured half cells, or in words only."""

PATIENCE = 0.5
"""Seconds that a terminal has for its answer; over a slow line the way there and back is a third of a second."""

_DUMB = frozenset({"", "dumb", "unknown"})
_MULTIPLEXERS = ("screen", "tmux")
_CONSOLES = frozenset({"linux", "vt100", "vt220", "cons25"})  # they may print what they do not understand
_ATTRIBUTES = b"\x1b[c"  # primary device attributes (DA1): every terminal since the VT100 answers
_CELL_SIZE = b"\x1b[16t"  # xterm's window report: the size of a cell in pixels
_KITTY = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # kitty's graphics protocol: may I send a picture of one pixel?
_ATTRIBUTES_ANSWER = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL_ANSWER = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_KITTY_ANSWER = re.compile(rb"\x1b_Gi=31;OK\x1b\\")
_SIXEL_ATTRIBUTE = b"4"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a terminal said of itself; `cell` is (width, height) of a cell in pixels."""

    sixel: bool = False
    kitty: bool = False
    cell: tuple[int, int] | None = None


def detect(
    wanted: ImagesWanted,
    environ: Mapping[str, str],
    stdin_is_tty: bool,
    stdout_is_tty: bool,
    ask: Callable[[], Answer] | None = None,
) -> ImagesMode:
    """How to show pictures here. To be called once, by the command line, before the app takes the terminal.

    What is `wanted` by name holds, unless it cannot be loaded; "auto" asks the terminal (`ask`) where that is safe.
    """
    if wanted in ("none", "halfcell"):
        return wanted
    if wanted == "auto":
        known = _without_asking(environ, stdin_is_tty, stdout_is_tty)
        if known is not None:
            return known
        answer = (ask_terminal if ask is None else ask)()
    else:
        answer = Answer(sixel=wanted == "sixel", kitty=wanted == "kitty", cell=_cell_by_window())
    # A terminal that shows both shows sixels more surely: only kitty and ghostty know the placeholders that are used.
    mode: ImagesMode = "sixel" if answer.sixel else "kitty" if answer.kitty else "halfcell"
    return mode if mode == "halfcell" or _load(answer.cell) else "halfcell"


def _without_asking(environ: Mapping[str, str], stdin_is_tty: bool, stdout_is_tty: bool) -> ImagesMode | None:
    """The mode where the terminal need not or must not be asked; None where it may be."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR") or term in _DUMB:
        return "none"
    if not (stdin_is_tty and stdout_is_tty):
        return "halfcell"
    inside = any(environ.get(name) for name in ("TMUX", "STY")) or term.startswith(_MULTIPLEXERS)
    prints = term in _CONSOLES or environ.get("TERM_PROGRAM") == "Apple_Terminal"
    return "halfcell" if inside or prints else None


def ask_terminal(patience: float = PATIENCE) -> Answer:
    """What the terminal on stdin and stdout says of itself; nothing where it does not answer within `patience` seconds.

    Keys typed before its answer are lost; the terminal is left as it was found.
    """
    if sys.__stdin__ is None or sys.__stdout__ is None:
        return Answer()
    try:
        keys, screen = sys.__stdin__.fileno(), sys.__stdout__.fileno()
        with _listening(keys):
            said = _asked(keys, screen, _CELL_SIZE + _ATTRIBUTES, patience)
            attributes = _ATTRIBUTES_ANSWER.search(said)
            if attributes is None:
                return Answer()
            found = _CELL_ANSWER.search(said)
            cell = (int(found[2]), int(found[1])) if found else _cell_by_window()
            if _SIXEL_ATTRIBUTE in attributes[1].split(b";")[1:]:
                return Answer(sixel=True, cell=cell)
            said = _asked(keys, screen, _KITTY + _ATTRIBUTES, patience)
            return Answer(kitty=_KITTY_ANSWER.search(said) is not None, cell=cell)
    except (OSError, ValueError, termios.error):
        return Answer()  # no terminal after all, or one that has just gone


@contextmanager
def _listening(handle: int) -> Iterator[None]:
    """Answers come byte by byte and are not shown."""
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)


def _asked(keys: int, screen: int, question: bytes, patience: float) -> bytes:
    """What comes back until the answer that every terminal gives, or until patience ends."""
    os.write(screen, question)
    until = time.monotonic() + patience
    said = b""
    while _ATTRIBUTES_ANSWER.search(said) is None and (left := until - time.monotonic()) > 0:
        if not select.select([keys], [], [], left)[0]:
            break
        # byte by byte: what is typed after the answer belongs to the app
        byte = os.read(keys, 1)
        if not byte:
            break
        said += byte
    return said


def _cell_by_window() -> tuple[int, int] | None:
    """Width and height of a cell in pixels, as the kernel knows the window; None where it does not."""
    window = array.array("H", [0, 0, 0, 0])
    try:
        if sys.__stdout__ is None:
            return None
        fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, window)
    except (OSError, ValueError):
        return None
    rows, columns, width, height = window
    return (width // columns, height // rows) if min(window) > 0 else None


def widget_class(mode: Literal["kitty", "sixel"]) -> type[SixelImage | TGPImage]:
    """The widget of `textual_image` for that mode; its `image` is set to a path or a picture of Pillow."""
    if not _load(None):
        raise ImportError("textual_image cannot be loaded")
    from textual_image.widget import SixelImage, TGPImage

    return SixelImage if mode == "sixel" else TGPImage


def _load(cell: tuple[int, int] | None) -> bool:
    """Whether `textual_image` is there; imported without its questions, `cell` told as a web terminal tells it."""
    told = {} if cell is None else {"TEXTUAL_CELL_WIDTH": str(cell[0]), "TEXTUAL_CELL_HEIGHT": str(cell[1])}
    before = {name: os.environ.get(name) for name in told}
    stdout = sys.__stdout__
    os.environ.update(told)
    vars(sys)["__stdout__"] = io.StringIO()  # what is no terminal is not asked
    try:
        importlib.import_module("textual_image.widget")
    except ImportError:
        return False
    finally:
        vars(sys)["__stdout__"] = stdout
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return True
