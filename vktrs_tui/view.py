"""What the screens show: frozen snapshots of a project and of a run. No widget, no file, no thread.

A snapshot is made off the screen and replaced as a whole; a widget is given one and draws it. Texts in here are the
user's and are never markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vktrs.runs.parameter_view import Parameters
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.problems import Problem
from vktrs.storyboard.resolve import Resolved, resolve
from vktrs.storyboard.signal_uses import Use, signal_uses
from vktrs.timing import ends_of

MarkState = Literal["fresh", "stale", "missing", "running", "failed", "unknown"]

SIGNS: Mapping[str, str] = {
    "fresh": "✓",
    "stale": "~",
    "missing": "·",
    "running": "►",
    "failed": "✗",
    "unknown": "?",
}
"""One sign a state, a cell wide everywhere, so that no state is told by its colour alone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The state of one thing that is made; `share` in 0..1 where a part of it is there, `reason` in words."""

    state: MarkState
    share: float | None = None
    reason: str = ""


UNKNOWN = Mark("unknown")


@dataclass(frozen=True, slots=True)
class SceneMarks:
    """What is made of a scene, and the path of its keyframe where it has one."""

    keyframe: Mark = UNKNOWN
    variations: Mark = UNKNOWN
    clip: Mark = UNKNOWN
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that holds for a scene, and whether it is written in the scene itself."""

    text: str
    written: bool


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One line of the storyboard table; times in seconds, `length` None for a last scene of unknown end."""

    id: str
    number: int
    start: float
    length: float | None
    text: str
    prompt: Shown
    theme: Shown
    animation: Shown
    marks: SceneMarks = SceneMarks()
    problems: tuple[Problem, ...] = ()
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why storyboard.toml cannot be read now; `line` from 1 where it is known."""

    message: str
    hint: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of the pipeline as it stands on disk: `done` of `total`, and why it is not fresh."""

    name: str
    state: MarkState
    done: int
    total: int
    reasons: tuple[str, ...] = ()


SignalState = Literal["made", "missing", "idle", "unknown"]
"""A signal's curve is there; a run makes it; no run does, since nothing uses it; nothing is known of the song yet."""


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal of the storyboard: what it listens to, its chain as it is written, and which fields use it."""

    name: str
    source: str
    chain: str
    uses: tuple[Use, ...] = ()
    state: SignalState = "unknown"


@dataclass(frozen=True, slots=True)
class SignalStep:
    """A curve on its way through a chain: `rate` values a second in 0..1 from `offset` (seconds of the song) on.

    `operation` is what made it, as it is written with its arguments; empty for the source itself.
    """

    operation: str
    rate: float
    offset: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SignalSteps:
    """What a chain makes of a source, operation by operation, over a song of `duration` seconds."""

    duration: float
    steps: tuple[SignalStep, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A project as the workspace shows it. With a `fault` it is the last good state, and read-only.

    `resolved` stands in the order of `rows`; `proposals` is how many changes the machine proposes,
    `left_out` how many of its wishes the person's own scenes stand against. `heard` is how many scenes would change
    by what was heard again, `heard_left` how many differ from that and are the person's.
    """

    board: Storyboard = field(default_factory=Storyboard)
    rows: tuple[SceneRow, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    duration: float | None = None
    stages: tuple[StageRow, ...] = ()
    proposals: int = 0
    left_out: int = 0
    heard: int = 0
    heard_left: int = 0
    fault: Fault | None = None
    parameters: Mapping[str, Parameters] = field(default_factory=dict)
    """What changes within each moving scene, by its id."""
    signals: tuple[SignalRow, ...] = ()

    def index(self, scene_id: str | None) -> int | None:
        """The place of a scene in the table, from 0; None where there is none of that id."""
        return next((place for place, row in enumerate(self.rows) if row.id == scene_id), None)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One stage of a run: `done` of `total` (pictures, frames, seconds of song), `rate` a second, `left` seconds.

    `part` is how much of what is in hand is done as well, in the same unit.
    """

    name: str
    state: Literal["begun", "done", "failed"]
    done: float = 0.0
    total: float = 0.0
    rate: float = 0.0
    left: float | None = None
    what: str = ""
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A thing that could not be made, or (no stage) the end of the whole run."""

    stage: str | None
    scene: str | None
    error: str
    hint: str


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its events tell it; `died` where its lock is free and it said no last word; `exit` once it is over."""

    id: str
    alive: bool
    began: float = 0.0
    stages: tuple[StageProgress, ...] = ()
    scene: str | None = None
    remarks: tuple[str, ...] = ()
    note: str = ""
    """The newest remark, until the work goes on after it."""
    failures: tuple[Failure, ...] = ()
    exit: int | None = None
    died: bool = False
    video: str | None = None
    spent: float = 0.0
    """About how many credits it has spent; told at its end."""
    artifacts: int = 0
    """How many artifacts it has made; a change of it means that marks have changed."""
    log: str = ""
    """The path of its log."""
    heard: tuple[tuple[float, float, str], ...] = ()
    """The lines that were recognised so far: start, end and text."""
    reroll: tuple[str, int] | None = None
    """Where it makes nothing but new takes: of which scene (its id), and how many."""
    hears: bool = False
    """Whether it only hears again."""


def make_signals(board: Storyboard, states: Mapping[str, SignalState]) -> tuple[SignalRow, ...]:
    """The signals of the storyboard, in its order."""
    uses = signal_uses(board)
    return tuple(
        SignalRow(name, signal.source, signal.chain, uses[name], states.get(name, "unknown"))
        for name, signal in board.signals.items()
    )


def heard_rows(heard: tuple[tuple[float, float, str], ...]) -> tuple[SceneRow, ...]:
    """Lines that are being recognised, as they may become scenes: to be read, not to be edited."""
    nothing = Shown("", False)
    return tuple(
        SceneRow(f"heard {number}", number, start, end - start, text, nothing, nothing, nothing)
        for number, (start, end, text) in enumerate(heard, start=1)
    )


def make_rows(
    board: Storyboard,
    duration: float | None,
    marks: Mapping[str, SceneMarks],
    problems: Mapping[str, tuple[Problem, ...]],
    resolved: tuple[Resolved, ...] | None = None,
) -> tuple[SceneRow, ...]:
    """The lines of the table, one a scene, in order."""
    values = tuple(resolve(board)) if resolved is None else resolved
    ends = ends_of(board.scenes, duration)
    return tuple(
        SceneRow(
            id=scene.id,
            number=number,
            start=scene.start,
            length=None if end is None else end - scene.start,
            text=scene.text,
            prompt=Shown(value.prompt, scene.prompt is not None),
            theme=Shown(value.theme, scene.theme is not None),
            animation=Shown(value.animation, scene.animation is not None),
            marks=marks.get(scene.id, SceneMarks()),
            problems=problems.get(scene.id, ()),
            locked=scene.locked,
        )
        for number, (scene, value, end) in enumerate(zip(board.scenes, values, ends, strict=True), start=1)
    )
