"""The studio in a real terminal: tmux draws the screen, keys go in as keys, and a killed server is really gone."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.real.commands import PATIENCE

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed here; CI installs it")
_LOOK = 0.05


class Tmux:
    """One tmux server of its own with one window, in which a command runs."""

    def __init__(
        self,
        command: list[str],
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        term: str = "tmux-256color",
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="vktrs-tmux-")
        self._socket = Path(self._folder.name) / "socket"
        config = Path(self._folder.name) / "tmux.conf"
        config.write_text(f"set -g default-terminal {term}\nset -g escape-time 10\nset -g status off\n")
        wanted = " ".join(f"{name}={shlex.quote(value)}" for name, value in (env or {}).items())
        line = f"{wanted} {shlex.join(command)}; echo EXIT $?; exec sleep 1000"
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
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TMUX")}
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

    def screen(self) -> str:
        """What the window shows."""
        return self._tmux("capture-pane", "-p")

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
