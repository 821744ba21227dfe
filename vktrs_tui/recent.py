"""The projects that were opened lately, in the user's state folder, and what can be said of each in one line.

The list is a convenience: where its file is damaged or cannot be written, nothing is remembered and nothing fails.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vktrs.errors import VktrsError
from vktrs.plan import Plan, ScenePlan, plan_project
from vktrs.project import STORYBOARD, Project
from vktrs.runs import control
from vktrs.storyboard.replacing import file_lock, replace_file

MOST = 30
GONE = "not there any more"
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Recent:
    """A project folder (absolute) and when it was last opened, in seconds since 1970."""

    path: Path
    opened: float


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """A project in one line: the song's title, the length of its video in seconds where it is known, the number of
    scenes, the share (0..1) of their pictures, clips and video that is made, the run that is going on.

    `fault` says in one sentence why nothing more is known; `gone` where the folder holds no project any more.
    """

    path: Path
    title: str = ""
    length: float | None = None
    scenes: int = 0
    done: float = 0.0
    running: str | None = None
    fault: str = ""
    gone: bool = False


def recent_file() -> Path:
    """Where the list lies for this user."""
    from platformdirs import user_state_path

    return user_state_path("vktrs") / "recent.json"


def recent(file: Path | None = None) -> list[Recent]:
    """The projects that were opened, the latest first; none where the list is missing or damaged."""
    try:
        told = json.loads((file or recent_file()).read_text("utf-8"))
        found = [Recent(Path(each["path"]), float(each["opened"])) for each in told["projects"]]
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return []
    usable = [each for each in found if each.path.is_absolute() and math.isfinite(each.opened)]
    return sorted(usable, key=lambda each: -each.opened)[:MOST]


def remember(path: Path, *, file: Path | None = None, now: Callable[[], float] = time.time) -> None:
    """Put a project at the head of the list; where that cannot be done it is not remembered."""
    with suppress(OSError, RuntimeError):  # a link that leads to itself, an unreadable folder above
        whole = path.resolve()
        _rewrite(file, lambda known: [Recent(whole, now()), *(each for each in known if each.path != whole)])


def forget(path: Path, *, file: Path | None = None) -> None:
    """Take a project off the list; nothing of the project is touched."""
    _rewrite(file, lambda known: [each for each in known if each.path != path])


def _rewrite(file: Path | None, change: Callable[[list[Recent]], list[Recent]]) -> None:
    place = file or recent_file()
    with suppress(VktrsError, OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(place.with_suffix(".lock"), timeout=_PATIENCE):
            kept = change(recent(place))[:MOST]
            entries = [{"path": str(each.path), "opened": each.opened} for each in kept]
            replace_file(place, json.dumps({"projects": entries}, indent=1).encode())


def summarise(path: Path) -> ProjectSummary:
    """What can be said of the project in `path`; reads the storyboard and the names of what is made, takes a while
    where there are thousands of scenes, and answers every error as a `fault`.
    """
    try:
        if not (path / STORYBOARD).exists():
            return ProjectSummary(path, fault=GONE, gone=True)
        project = Project.open(path)
        plan = plan_project(project)
        run = control.live_run(project)
    except VktrsError as error:
        return ProjectSummary(path, fault=error.message.replace(f"{path}/", ""))
    except OSError as error:
        return ProjectSummary(path, fault=f"it cannot be read: {error.strerror or error}.")
    return ProjectSummary(
        path=path,
        title=plan.board.song.title or plan.board.song.source,
        length=plan.span[1] - plan.span[0] if plan.span else None,
        scenes=len(plan.scenes),
        done=_share(plan),
        running=run.id if run else None,
    )


def _share(plan: Plan) -> float:
    """How much of the scenes and the video is made, counted in pieces; before there are scenes, nothing is."""
    shown = plan.chosen(None)
    if not shown:
        return 0.0
    counts = [_count(each) for each in shown]
    made = sum(each for each, _ in counts) + (plan.video is not None and plan.video.made)
    return made / (sum(total for _, total in counts) + 1)


def _count(scene: ScenePlan) -> tuple[int, int]:
    """Pieces of a scene that are made, and all: its keyframe, its variations, their order, its clip."""
    pieces = (scene.keyframe, scene.order, scene.clip)
    variations = len(scene.variation_keys)
    made = sum(piece is not None and piece.made for piece in pieces)
    return made + variations - len(scene.missing), len(pieces) + variations
