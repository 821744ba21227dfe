"""The studio in a real terminal: tmux draws the screen, keys go in as keys, and a killed server is really gone."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from tests.real.commands import PATIENCE, wait_for_events
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.events import EventReader

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed here; CI installs it")
_OUTER = ("TMUX", "COLUMNS", "LINES", "NO_COLOR", "COLORTERM")
"""What tells of the terminal in which the tests are run."""
_LOOK = 0.05
_STILL = 0.6
_COLOUR = re.compile(r"[34]8;(5;\d+|2;\d+;\d+;\d+)(?=[;m])")
Found = TypeVar("Found")


class Tmux:
    """One tmux server of its own with one window, in which a command runs; once it has ended, `EXIT 0` is shown."""

    def __init__(
        self,
        command: list[str],
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        term: str = "tmux-256color",
        title: str = "",
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="vktrs-tmux-")
        self._socket = Path(self._folder.name) / "socket"
        self._pid = Path(self._folder.name) / "pid"
        config = Path(self._folder.name) / "tmux.conf"
        config.write_text(f"set -g default-terminal {term}\nset -g escape-time 10\nset -g status off\n")
        wanted = " ".join(f"{name}={shlex.quote(value)}" for name, value in (env or {}).items())
        named = f"printf '\\033]2;%s\\007' {shlex.quote(title)}; " if title else ""
        told = f'{wanted} sh -c \'echo $$ > "$0"; exec "$@"\' {shlex.quote(str(self._pid))} {shlex.join(command)}'
        line = f"{named}{told}; echo EXIT $?; exec sleep 1000"
        self._tmux(
            "-f",
            str(config),
            "new-session",
            "-d",
            "-x",
            str(size[0]),
            "-y",
            str(size[1]),
            f"exec sh -c {shlex.quote(line)}",
        )

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OUTER)}
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names: `Enter`, `Escape`, `C-z`, `Down`, `j`."""
        for name in names:
            self._tmux("send-keys", name)

    def type(self, text: str) -> None:
        """Letters as they are."""
        self._tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """The clipboard, bracketed where the program has asked for that."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p")

    def screen(self) -> str:
        """What the window shows."""
        return self._tmux("capture-pane", "-p")

    def column(self, text: str) -> int:
        """The column in which the terminal itself has the last place of that text, wide characters and all."""
        self._tmux("copy-mode")
        self._tmux("send-keys", "-X", "search-backward-text", text)
        column, line = map(int, self._tmux("display-message", "-p", "#{copy_cursor_x} #{copy_cursor_y}").split())
        self._tmux("send-keys", "-X", "cancel")
        found = self.screen()
        assert text in found.splitlines()[line], f"{text} is not on the screen:\n{found}"
        return column

    def resize(self, width: int, height: int) -> None:
        """Another size for the window."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def title(self) -> str:
        """The title that the program gave its terminal."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    def until(self, what: str | Callable[[str], object], why: str = "") -> str:
        """The screen once it shows that text, or once that holds of it."""
        shows: Callable[[str], object] = (lambda screen: what in screen) if isinstance(what, str) else what
        deadline = time.monotonic() + PATIENCE
        while not shows(found := self.screen()):
            assert time.monotonic() < deadline, f"{why or what} was not seen:\n{found}"
            time.sleep(_LOOK)  # a terminal tells nobody that it was drawn; it can only be looked at
        return found

    def settled(self) -> str:
        """The screen once it has stayed the same for a moment."""
        found, since = self.screen(), time.monotonic()
        deadline = since + PATIENCE
        while time.monotonic() - since < _STILL:
            time.sleep(_LOOK)
            if (now := self.screen()) != found:
                found, since = now, time.monotonic()
            assert time.monotonic() < deadline, f"the screen never rests:\n{found}"
        return found

    def hues(self) -> set[str]:
        """The colours on the screen that are no greys, as the terminal writes them."""
        colours = _COLOUR.findall(self._tmux("capture-pane", "-p", "-e"))
        return {colour for colour in colours if not _is_grey(colour)}

    def left(self, code: int = 0) -> str:
        """The screen once the program has ended with that exit code."""
        found = self.until("EXIT ")
        assert re.search(rf"EXIT {code}\b", found) and "Traceback" not in found, found
        return found

    def kill_program(self) -> None:
        """`kill -9` on the program alone; the terminal stays."""
        os.kill(int(self._pid.read_text()), signal.SIGKILL)

    def kill_server(self) -> None:
        """What a lost connection does: the terminal is gone, and everything that lived from it."""
        self._tmux("kill-server", check=False)

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_server()
        self._folder.cleanup()


def studio(folder: Path, *options: str) -> list[str]:
    """The command that opens the studio on a project."""
    return [sys.executable, "-m", "vktrs_tui", "open", str(folder), *options]


def eventually(look: Callable[[], Found], why: str) -> Found:
    """What `look` finds as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"{why}: that did not happen"
        time.sleep(_LOOK)  # files and locks of other processes tell nobody either
    return found


def type_over(terminal: Tmux, text: str) -> None:
    """Another text for the cell under the cursor."""
    terminal.keys("Enter")
    terminal.until("Enter keeps")
    terminal.type(text)
    terminal.keys("Enter")
    terminal.until(lambda screen: "Enter keeps" not in screen, "the editor closes")


@contextlib.contextmanager
def held_in_the_middle(folder: Path) -> Iterator[int]:
    """The worker that was just started, held while it draws variations and let go at the end; its process."""
    run = eventually(lambda: control.live_run(Project(folder)), "a run")
    journal = run.folder / "events.jsonl"
    wait_for_events(journal, '"started"')
    pid = next(int(event["pid"]) for event in EventReader(journal).read() if event["event"] == "started")
    wait_for_events(journal, '"stage": "variations"')
    os.kill(pid, signal.SIGSTOP)
    assert '"finished"' not in journal.read_text("utf-8")
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        eventually(lambda: control.live_run(Project(folder)) is None, "the run ended")


def _is_grey(colour: str) -> bool:
    kind, *values = colour.split(";")
    return (
        len(set(values)) == 1
        if kind == "2"
        else int(values[0]) in (0, 7, 8, 15, 16, 59, 102, 145, 188, 231) or int(values[0]) >= 232
    )
