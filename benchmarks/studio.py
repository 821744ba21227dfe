"""The studio in a real terminal: when it is there, what a key costs in bytes and time, and how much memory it takes.

The table is measured by itself in a frame, by turns with Textual's own `DataTable` in the same frame; then the whole
studio, in which inspector, preview, timeline and panes follow every key.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks.figures import Figure, Goal, Row, Scale, absolute
from benchmarks.idle import finished_project
from benchmarks.terminal import Burst, Terminal

Values = dict[str, float]
"""What one session measured, by name."""

_FIRST = b"line 1 of the song"
_SIZES = (60, 1000, 5000)
_SPAN = 5.0
"""Seconds for which a stream of bytes is counted."""
_MOVES = 5
_KEY_REPEAT = 0.033
_WORK = 2.0
"""Quiet seconds after an edit: what is stale is worked out before the screen settles."""

_PAINT, _MOVE, _CELL = Goal(0.7, " s"), Goal(600, " bytes"), Goal(400, " bytes")
_START, _PANES, _MEMORY = Goal(1.2, " s"), Goal(2000, " bytes/s"), Goal(90, " MB")


def measure(scale: Scale) -> list[Row]:
    """Two rows a size: the table by itself, and the whole studio."""
    sizes = (60,) if scale.quick else _SIZES
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        home = Path(name) / "home"
        env = _at_home(home)
        for scenes in sizes:
            folder = finished_project(Path(name) / f"project{scenes}", scenes)
            span = 1.0 if scale.quick else _SPAN
            sessions: dict[str, Callable[[], Values]] = {
                "theirs": lambda folder=folder: table_session("theirs", folder, home, env),  # type: ignore[misc]
                "ours": lambda folder=folder: table_session("ours", folder, home, env),  # type: ignore[misc]
                "studio": lambda folder=folder, span=span: studio_session(folder, env, span),  # type: ignore[misc]
                "run": lambda folder=folder, span=span: _panes(folder, home, env, span),  # type: ignore[misc]
            }
            _in_turns(sessions if scenes == sizes[0] and not scale.quick else {}, 1)  # compiles what was never imported
            medians = _in_turns(sessions, scale.rounds)
            rows.append(_table_row(scenes, medians, scale.rounds))
            rows.append(_studio_row(scenes, medians, scale.rounds))
    return rows


def _at_home(home: Path) -> dict[str, str]:
    """An environment in which nothing of the user's is read or written."""
    names = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    for each in names:
        (home / each).mkdir(parents=True, mode=0o700)
    return {"HOME": str(home), "OMP_NUM_THREADS": "1", **{each: str(home / each) for each in names}}


def _in_turns(sessions: Mapping[str, Callable[[], Values]], rounds: int) -> dict[str, Values]:
    """The medians of all values, the sessions having been had by turns."""
    had: dict[str, list[Values]] = {name: [] for name in sessions}
    for _ in range(rounds):
        for name, session in sessions.items():
            had[name].append(session())
    return {
        name: {key: statistics.median(values[key] for values in each) for key in each[0]} for name, each in had.items()
    }


def table_session(which: str, folder: Path, home: Path, env: Mapping[str, str]) -> Values:
    """What a table by itself costs: `which` is "ours" or "theirs"; a file in `home` tells when it was loaded."""
    told = home / "loaded"
    with Terminal(_command(which, folder, told), env) as terminal:
        seen = terminal.began + terminal.until(_FIRST)
        values = {"first paint": seen - float(told.read_text("utf-8"))}
        terminal.settle()
        terminal.press(b"c")
        changes = [terminal.press(b"c") for _ in range(3)]
        return values | {"cell": _middle(each.size for each in changes)} | _keys(terminal)


def _keys(terminal: Terminal) -> Values:
    """The cursor down in view, and at the edge of it, where the table scrolls."""
    terminal.press(b"jj")
    moves = [terminal.press(b"j", 0.3) for _ in range(_MOVES)]
    terminal.press(b"j" * 40)
    scrolls = [terminal.press(b"j", 0.3) for _ in range(_MOVES)]
    return {
        "down": _middle(each.size for each in moves),
        "latency": _middle(each.first for each in moves),
        "down cpu": _middle(each.cpu for each in moves),
        "scroll": _middle(each.size for each in scrolls),
    }


def studio_session(folder: Path, env: Mapping[str, str], span: float) -> Values:
    """What the whole studio costs, started as a person does; where something runs, for `span` seconds."""
    with Terminal([sys.executable, "-m", "vktrs_tui", "open", str(folder)], env) as terminal:
        values = {"start": terminal.until(_FIRST)}
        terminal.settle(_WORK)
        values |= {"start bytes": float(len(terminal.seen)), "start cpu": terminal.cpu()}
        values |= _keys(terminal)
        values["held"] = _held(terminal)
        edits = [terminal.press(b"]", _WORK), terminal.press(b"]", _WORK), terminal.press(b"u", _WORK)]
        values |= {
            "edit": _middle(each.size for each in edits),
            "edit first": _middle(each.first for each in edits),
            "edit cpu": _middle(each.cpu for each in edits),
        }
        values["memory"] = terminal.resident() / 1e6
        values["idle cpu"] = terminal.listen(span).cpu / span
        terminal.press(b" ", 0.1)
        play = terminal.listen(span)
        return values | {"play": play.size / span, "play cpu": play.cpu / span}


def _held(terminal: Terminal) -> float:
    """Bytes a move while the key is held, the rest at the end among them."""
    bursts: list[Burst] = []
    for _ in range(20):
        terminal.type(b"k")
        bursts.append(terminal.listen(_KEY_REPEAT))
    bursts.append(terminal.settle())
    return sum(each.size for each in bursts) / 20


def _panes(folder: Path, home: Path, env: Mapping[str, str], span: float) -> Values:
    """Four stages that go on, in the whole studio."""
    with Terminal(_command("run", folder, home / "loaded"), env) as terminal:
        terminal.until(_FIRST)
        terminal.listen(2 + span / 2)  # it never settles
        burst = terminal.listen(span)
        return {"panes": burst.size / span, "panes cpu": burst.cpu / span}


def _command(what: str, folder: Path, told: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.shown", what, str(folder), str(told)]


def _middle(values: Iterable[float]) -> float:
    return float(statistics.median(values))


def _table_row(scenes: int, medians: Mapping[str, Values], rounds: int) -> Row:
    theirs, ours = medians["theirs"], medians["ours"]

    def figure(name: str, key: str, unit: str, goal: Goal | None = None, times: float = 1.0) -> Figure:
        return absolute(name, f"{theirs[key] * times:.4g}{unit}", ours[key] * times, unit, goal)

    how = (
        "The table in a frame with one line above and one below, on a pty of 120 x 40 cells with 24-bit colours; "
        "theirs is Textual's `DataTable` with the same rows. First paint is from the loaded rows until the first "
        f"scene has been written to the terminal. Medians of {rounds} sessions, of several keys in each."
    )
    figures = (
        figure("first paint", "first paint", " s", _PAINT),
        figure("cursor down in view", "down", " bytes", _MOVE),
        figure("one cell changed", "cell", " bytes", _CELL),
        figure("scrolled by one row", "scroll", " bytes"),
        figure("from the key to the first byte", "latency", " ms", times=1000),
    )
    return Row("studio", f"The storyboard's table, {scenes} scenes", how, figures)


def _studio_row(scenes: int, medians: Mapping[str, Values], rounds: int) -> Row:
    values = medians["studio"]
    how = (
        "`vktrs open` on a finished project, on the same pty: table, timeline, inspector, preview, panes and the lines "
        "around them. An edit moves the start of a scene; everything that becomes stale by it is worked out and shown. "
        f"Memory is after opening, moving and three edits. Medians of {rounds}; {_SPAN:g} seconds where something runs."
    )
    figures = (
        absolute(
            "from process start to the first scene", "", values["start"], " s", _START if scenes <= 1000 else None
        ),
        absolute("CPU until everything is known", "", values["start cpu"], " s"),
        absolute("bytes until everything is known", "", values["start bytes"], " bytes"),
        absolute("cursor down, everything follows", "", values["down"], " bytes"),
        absolute("a move while the key is held", "", values["held"], " bytes"),
        absolute("scrolled by one row, everything follows", "", values["scroll"], " bytes"),
        absolute("from the key to the first byte", "", values["latency"] * 1000, " ms"),
        absolute("an edit", "", values["edit"], " bytes"),
        absolute("an edit, CPU with all that it makes stale", "", values["edit cpu"], " s"),
        absolute("from the key of an edit to the first byte", "", values["edit first"] * 1000, " ms"),
        absolute("four live panes", "", medians["run"]["panes"], " bytes/s", _PANES),
        absolute("the clock runs", "", values["play"], " bytes/s"),
        absolute("the clock runs, share of a CPU", "", values["play cpu"] * 100, " %"),
        absolute("nothing happens, share of a CPU", "", values["idle cpu"] * 100, " %"),
        absolute("resident memory", "", values["memory"], " MB", _MEMORY if scenes <= 1000 else None),
    )
    return Row("studio", f"The whole studio, {scenes} scenes", how, figures)
