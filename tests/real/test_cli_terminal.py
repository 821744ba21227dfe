"""A run on the screen: redrawn in a terminal, quiet elsewhere; Ctrl-C once leaves it, twice stops it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.real.commands import (
    COMMAND,
    CTRL_C,
    PATIENCE,
    Terminal,
    endless_project,
    finished_project,
    vktrs,
    wait_for_events,
)
from tests.real.projects import change
from vktrs.project import Project
from vktrs.runs import control

REDRAW = r"\x1b\[\d+F\x1b\[J"


def test_a_terminal_shows_a_block_that_is_redrawn(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "first light", "other light")
    terminal = Terminal("run", project)
    assert terminal.end() == 0
    assert re.search(REDRAW, terminal.shown)
    last = re.split(REDRAW, terminal.shown)[-1]
    for stage in ("keyframes", "variations", "order", "clips", "video"):
        assert len(re.findall(rf"^{stage} +\[#+\]", last, re.MULTILINE)) == 1, last
    assert str(project / "output.mp4") in last


@pytest.mark.parametrize("columns", [20, 1])
def test_a_narrow_terminal_breaks_no_line(tmp_path: Path, columns: int) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "first light", "other light")
    terminal = Terminal("run", project, columns=columns)
    assert terminal.end() == 0
    drawn = [line for line in re.split(r"[\r\n]+", terminal.shown) if re.match("variations|clips", line)]
    assert all(len(line) < max(columns, 2) for line in drawn)


def test_elsewhere_a_stage_says_one_line_a_second(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    began = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "run", str(project)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said: list[tuple[float, str]] = []
    assert process.stderr
    for line in process.stderr:
        said.append((time.monotonic() - began, line))
        if sum("variations" in text for _, text in said) == 4:
            break
    vktrs("stop", project, "--now")
    process.communicate(timeout=PATIENCE)
    assert not any("\x1b" in text or "\r" in text for _, text in said)
    times = [when for when, text in said if text.startswith("variations")]
    assert times[3] - times[0] > 2.9  # three whole seconds, less what a pipe may hold back
    counts = Counter(text.split()[0] for _, text in said)
    assert counts["keyframes"] <= times[3] + 2


def test_ctrl_c_once_leaves_the_run_to_itself(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    terminal = Terminal("run", project)
    terminal.wait_for(r"variations +\[")
    terminal.press(CTRL_C)
    terminal.wait_for("the run goes on")
    assert terminal.end() == 0
    run = control.live_run(Project(project))
    assert run is not None
    follower = Terminal("follow", project)
    follower.wait_for(r"variations +\[")
    vktrs("stop", project)
    assert follower.end() == 130
    assert "The run was stopped" in follower.shown
    assert control.live_run(Project(project)) is None


def test_ctrl_c_twice_stops_the_run(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    terminal = Terminal("run", project)
    terminal.wait_for(r"variations +\[")
    terminal.press(CTRL_C)
    terminal.wait_for("the run goes on")
    terminal.press(CTRL_C)
    assert terminal.end() == 130
    assert control.live_run(Project(project)) is None
    last = sorted((project / ".vktrs" / "runs").glob("*/events.jsonl"))[-1]
    assert '"exit": 130' in last.read_text("utf-8").splitlines()[-1]


def test_a_hang_up_does_not_reach_the_run(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    terminal = Terminal("run", project)
    terminal.wait_for(r"variations +\[")
    terminal.hang_up()
    try:
        run = control.live_run(Project(project))
        assert run is not None
        made = run.events.read_text("utf-8").count('"artifact"')
        wait_for_events(run.events, '"artifact"', made + 5)
    finally:
        vktrs("stop", project, "--now", code=None)


def test_under_ssh_the_line_that_fetches_the_video(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "my video's")
    plain = vktrs("run", project)
    assert "scp" not in plain.stderr
    there = {"SSH_CONNECTION": "192.0.2.7 50000 198.51.100.4 22", "LOGNAME": "ada"}
    line = vktrs("run", project, env=there).stderr.splitlines()[-1]
    asked = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {line.removeprefix('fetch it:  ')}"], capture_output=True, text=True, check=True
    )
    assert asked.stdout.splitlines() == ["scp", f"ada@198.51.100.4:{project / 'output.mp4'}", "."]
    there["SSH_CONNECTION"] = "2001:db8::7 50000 2001:db8::4 2222"
    line = vktrs("run", project, env=there).stderr.splitlines()[-1]
    assert "scp -P 2222 'ada@[2001:db8::4]:" in line


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    command = " ".join(COMMAND)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} status {project} | true; {command} run {project} 2>&1 | true"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    process = subprocess.Popen([*COMMAND, "run", str(project)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    process.stderr.readline()
    process.stderr.close()
    try:
        assert process.wait(PATIENCE) == 0
        assert control.live_run(Project(project)) is not None
    finally:
        vktrs("stop", project, "--now", code=None)


def test_closed_streams_change_nothing(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "first light", "other light")
    before = (project / "storyboard.toml").read_bytes()
    closed = f"exec {' '.join(COMMAND)} run {project} <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", closed], timeout=PATIENCE, check=False).returncode == 0
    assert (project / "storyboard.toml").read_bytes() == before
    assert "nothing to do" in vktrs("run", project).stderr


@pytest.mark.parametrize(
    "locale",
    [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}],
)
def test_any_locale_can_be_spoken_to(tmp_path: Path, locale: dict[str, str]) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "first light", "ein Lied für 歌 🎵")
    assert "scene" in vktrs("status", project, env=locale).stdout
    assert vktrs("status", project, "--json", env=locale).stdout.isascii()
    assert "clips" in vktrs("run", project, env=locale).stderr
    assert vktrs("export", "srt", project, env=locale).stdout.count("-->") == 4


def test_control_characters_of_a_lyric_reach_no_terminal(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, '"first light"', r'"\u001b]0;owned\u0007\u001b[2Jfirst\nlight"')
    terminal = Terminal("status", project)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.shown
    assert "\\x1b[2Jfirst / light" in terminal.shown


def test_no_width_is_needed(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TERM")}
    done = subprocess.run([*COMMAND, "status", str(finished_project(tmp_path / "clip"))], env=env, capture_output=True)
    assert done.returncode == 0
