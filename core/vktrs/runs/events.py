"""The journal of a run: one JSON object a line, whole lines in single writes, readable while it grows.

Events, each with `event` and `time` (seconds since 1970):

    started    run, pid, request
    stage      stage, state ("begun" or "done"), key
    progress   stage, done, total, rate (a second), what; part of what is in hand, where that is known
    artifact   stage, scene, key
    heard      start, end, text (a line, as soon as it is recognised; anew from each beginning of the stage of words)
    remark     text; spent (credits), where it says what was paid
    failed     stage, scene, key, error, hint, exit
    finished   exit, video (from the project's folder), seconds
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Event = dict[str, Any]

EVENTS = "events.jsonl"
"""The journal, in the folder of its run."""


class EventLog:
    """Appends events to a file; the torn last line of a killed writer is ended first, so that the next is readable."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        size = os.fstat(self._handle).st_size
        self._torn = bool(size) and os.pread(self._handle, 1, size - 1) != b"\n"

    def emit(self, event: str, **values: Any) -> None:
        """Append one event. A full disk loses the event and not the run."""
        record = {"event": event, "time": time.time(), **values}
        line = json.dumps(record, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
        line = b"\n" + line if self._torn else line
        try:
            self._torn = os.write(self._handle, line) < len(line)
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


class EventReader:
    """Reads what was appended since the last call; a line that is not whole yet waits, one that is torn is skipped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> Iterator[Event]:
        """The whole events that were not read before."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole, newline, _ = data.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        for line in whole.split(b"\n"):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "event" in event:
                yield event
