"""The journal of a run can be read while it grows, after its writer was killed, and on a full disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.runs.events import EventLog, EventReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "one" / "events.jsonl"


def texts(reader: EventReader) -> list[Any]:
    return [event["text"] for event in reader.read()]


def test_events_are_read_once_each_and_in_their_order(path: Path) -> None:
    log, reader = EventLog(path), EventReader(path)
    log.emit("remark", text="one")
    log.emit("remark", text="zwei — 二\nlines")
    assert texts(reader) == ["one", "zwei — 二\nlines"]
    assert texts(reader) == []
    log.emit("remark", text="three")
    assert texts(reader) == ["three"]
    assert texts(EventReader(path)) == ["one", "zwei — 二\nlines", "three"]


def test_every_event_is_one_line_with_its_time(path: Path) -> None:
    EventLog(path).emit("artifact", stage="order", scene=None, key="k")
    (line,) = path.read_text().splitlines()
    event = json.loads(line)
    assert event.pop("time") > 1e9
    assert event == {"event": "artifact", "stage": "order", "scene": None, "key": "k"}


def test_before_the_first_event_there_is_nothing_to_read(path: Path) -> None:
    reader = EventReader(path)
    assert list(reader.read()) == []
    EventLog(path).emit("remark", text="one")
    assert texts(reader) == ["one"]


def test_a_line_that_is_being_written_waits(path: Path) -> None:
    EventLog(path).emit("remark", text="one")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:9])
    reader = EventReader(path)
    assert texts(reader) == ["one"]
    path.write_bytes(whole + whole)
    assert texts(reader) == ["one"]


@given(cut=st.integers(1, 60))
def test_a_torn_last_line_is_mended_by_the_next_writer(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("torn") / "events.jsonl"
    log = EventLog(path)
    log.emit("remark", text="one")
    log.emit("remark", text="two")
    log.close()
    os.truncate(path, path.stat().st_size - cut)
    EventLog(path).emit("remark", text="three")
    found = texts(EventReader(path))
    assert found[-1] == "three"
    assert found[:-1] in (["one"], ["one", "two"], [])
    assert found[0] == "one" or cut > 50


@pytest.mark.parametrize("line", [b"nonsense", b"[1]", b'"text"', b"{}", b"\xff\xfe", b"", b"null"])
def test_lines_that_are_no_events_are_skipped(path: Path, line: bytes) -> None:
    log = EventLog(path)
    log.emit("remark", text="one")
    with path.open("ab") as file:
        file.write(line + b"\n")
    log.emit("remark", text="two")
    assert texts(EventReader(path)) == ["one", "two"]


def test_a_full_disk_loses_an_event_and_not_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(path)
    log.emit("remark", text="one")
    write = os.write

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    def nearly_full(handle: int, data: bytes) -> int:
        return write(handle, data[:7])

    for disk in (full, nearly_full, full):
        monkeypatch.setattr(os, "write", disk)
        log.emit("remark", text="lost")
    monkeypatch.setattr(os, "write", write)
    log.emit("remark", text="two")
    log.emit("remark", text="three")
    assert texts(EventReader(path)) == ["one", "two", "three"]


def test_anything_can_be_told(path: Path) -> None:
    EventLog(path).emit("remark", text=path, odd="\udcff")
    (event,) = EventReader(path).read()
    assert event["text"] == str(path)
