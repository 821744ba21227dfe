"""Curves are asked of another process: what it tells, what it complains of, and that it ends when nobody waits."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from vktrs.errors import VktrsError
from vktrs_tui.signal_source import SignalProcess, said_by, steps_from_json
from vktrs_tui.view import SignalStep, SignalSteps

TOLD: dict[str, Any] = {
    "name": "pulse",
    "source": "mix",
    "chain": "rms",
    "duration": 5.0,
    "made": False,
    "steps": [
        {"operation": "", "rate": 2.0, "offset": 0.0, "values": [0.0, 1.0, 2.0]},
        {"operation": "rms", "rate": 4, "offset": 0.25, "values": [0.5]},
    ],
    "used_by": [],
}
READ = SignalSteps(5.0, (SignalStep("", 2.0, 0.0, (0.0, 1.0, 1.0)), SignalStep("rms", 4.0, 0.25, (0.5,))))


def process(folder: Path, code: str) -> SignalProcess:
    """A process that runs this code in the place of vktrs, and writes its arguments and its id into files."""
    noted = (
        "import os, sys, json, time\n"
        f"open({str(folder / 'args')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"open({str(folder / 'part')!r}, 'w').write(str(os.getpid()))\n"
        f"os.replace({str(folder / 'part')!r}, {str(folder / 'pid')!r})\n"
    )
    return SignalProcess(folder, (sys.executable, "-c", noted + code))


def ask(source: SignalProcess, chain: str = "rms") -> SignalSteps:
    return asyncio.run(source.steps("pulse", "mix", chain))


def test_the_curves_are_read_and_a_question_is_asked_once(tmp_path: Path) -> None:
    source = process(tmp_path, f"print({json.dumps(json.dumps(TOLD))})")
    assert ask(source) == READ
    assert ask(source) == READ
    assert ask(source, "rms | abs") == READ
    asked = [json.loads(line) for line in (tmp_path / "args").read_text().splitlines()]
    assert asked == [
        ["signals", str(tmp_path), "pulse", "--json", "--source", "mix", "--chain", chain]
        for chain in ("rms", "rms | abs")
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('vktrs: no weights.\\n       Fetch them.', file=sys.stderr); sys.exit(4)", "no weights. Fetch them."),
        ("sys.exit(3)", "exit 3"),
        ("print('{')", "cannot be read"),
        ("print('[]')", "cannot be read"),
    ],
)
def test_what_went_wrong_is_one_sentence(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(VktrsError) as caught:
        ask(process(tmp_path, code))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(VktrsError, match="could not be computed"):
        ask(SignalProcess(tmp_path, (str(tmp_path / "nothing"),)))


def test_a_question_that_is_cancelled_ends_its_process(tmp_path: Path) -> None:
    source = process(tmp_path, "time.sleep(600)")

    async def body() -> None:
        task = asyncio.create_task(source.steps("pulse", "mix", "rms"))
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(body())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    "change",
    [
        {"duration": "long"},
        {"duration": float("nan")},
        {"steps": [{"operation": "", "rate": 0, "offset": 0, "values": []}]},
        {"steps": [{"operation": "", "rate": 1, "values": []}]},
        {"steps": 3},
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        steps_from_json({**TOLD, **change})


def test_the_last_complaint_counts_and_warnings_before_it_do_not() -> None:
    assert said_by(b"a warning\nvktrs: first.\nvktrs: second.\n       Do this.\n") == "second. Do this."
    assert said_by(b"Traceback\nValueError: x\n") == "ValueError: x"
    assert said_by(b"") == ""
