"""How the commands speak: results to stdout, everything else to stderr, in any locale, with any of the two closed.

Texts come from songs, files and web pages; on a terminal their control characters are shown and not obeyed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TextIO

import click

# C0 and C1 controls but newline and tab, and the marks that turn the direction of a text around
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def prepare_streams() -> None:
    """Make stdout and stderr writable whatever the locale and whoever closed them."""
    _fill_descriptors()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123  open for the life of the process
        elif hasattr(stream, "reconfigure"):
            # file names that are no UTF-8 come out as the bytes they are
            utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")


def _fill_descriptors() -> None:
    """Where 0, 1 or 2 were closed, the next file that is opened would get their number and whatever is printed."""
    handle = os.open(os.devnull, os.O_RDWR)
    while handle <= 2:
        handle = os.open(os.devnull, os.O_RDWR)
    os.close(handle)


def silence_streams() -> None:
    """Send what is still buffered nowhere, after a reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def tell(text: str) -> None:
    """A result, to stdout."""
    click.echo(shown(text, sys.stdout))


def remark(text: str) -> None:
    """Anything else, to stderr."""
    click.echo(shown(text, sys.stderr), err=True)


def say_error(message: str, hint: str = "") -> None:
    """One sentence of what is wrong and one of what would be right, to stderr."""
    remark(f"vktrs: {message}")
    if hint:
        remark(f"       {hint}")


def shown(text: str, stream: TextIO) -> str:
    """The text, with its control characters written out where `stream` is a terminal that would obey them."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text) if stream.isatty() else text


def one_line(text: str) -> str:
    """A lyric of several lines as one."""
    return " / ".join(text.split("\n"))


def quoted(path: Path) -> str:
    """A path as it has to be typed; one that begins with a dash would be read as an option."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
