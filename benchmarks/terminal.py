"""A terminal that counts: a program runs on a real pty, keys go in, and every byte that comes out is counted and timed.

It answers the questions that Textual and the studio ask of a terminal as xterm does, at once.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

QUIET = 0.3
"""Seconds without a byte after which a screen counts as settled."""
PATIENCE = 60.0
_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",  # which terminal: one without sixels
    b"\x1b[16t": b"\x1b[6;20;10t",  # how large a cell is
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # whether it can draw a frame at once: yes
}
_QUESTION = re.compile(b"|".join(re.escape(each) for each in _ANSWERS))
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Burst:
    """What came: `data`, seconds from the key to the first byte and to the last, CPU seconds of the program."""

    data: bytes
    first: float
    last: float
    cpu: float

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)


class Terminal:
    """A program on a pty of `columns` x `rows` cells with 24-bit colours. Linux: it reads /proc."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, columns: int = 120, rows: int = 40
    ) -> None:
        self._keys, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, rows * 20, columns * 10))
        told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        dropped = ("TMUX", "STY", "NO_COLOR", "SSH_CONNECTION", "TEXTUAL", "COLUMNS", "LINES")
        whole = {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | told
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            list(command), stdin=there, stdout=there, stderr=there, env=whole, start_new_session=True
        )
        os.close(there)
        self.seen = b""

    def until(self, text: bytes, patience: float = PATIENCE) -> float:
        """Seconds from the start of the program until it has written `text`."""
        deadline = time.monotonic() + patience
        while text not in self.seen:
            if time.monotonic() > deadline or (not self._read(0.1) and self._process.poll() is not None):
                raise AssertionError(f"{text!r} was never written; the end is {self.seen[-2000:]!r}")
        return time.monotonic() - self.began

    def settle(self, quiet: float = QUIET, patience: float = PATIENCE) -> Burst:
        """Everything until nothing has come for so long."""
        return self._burst(quiet, patience)

    def press(self, keys: bytes, quiet: float = QUIET) -> Burst:
        """Type; what comes of it until the screen has settled."""
        self.type(keys)
        return self._burst(quiet, PATIENCE)

    def type(self, keys: bytes) -> None:
        """Type, and look at nothing."""
        os.write(self._keys, keys)

    def listen(self, seconds: float) -> Burst:
        """Everything in so many seconds."""
        return self._burst(seconds, seconds)

    def cpu(self) -> float:
        """Seconds of user and system time of the program so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def resident(self) -> int:
        """Bytes of memory that it holds now."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """End the program as a lost connection does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._keys)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _burst(self, quiet: float, patience: float) -> Burst:
        began, cpu, before = time.monotonic(), self.cpu(), len(self.seen)
        first = last = began
        while time.monotonic() - began < patience:
            left = min(last + quiet, began + patience) - time.monotonic()
            if left <= 0:
                break
            if self._read(left):
                last = time.monotonic()
                first = last if first == began else first
        return Burst(self.seen[before:], first - began, last - began, self.cpu() - cpu)

    def _read(self, seconds: float) -> bool:
        """Take what is there, waiting so long for it; whether something came."""
        if not select.select([self._keys], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self._keys, 1 << 16)
        except OSError:  # the other side is closed
            return False
        for question in _QUESTION.findall(data):
            os.write(self._keys, _ANSWERS[question])
        self.seen += data
        return True
