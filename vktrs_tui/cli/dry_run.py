"""`vktrs run --dry-run`: what a run would make, what that takes, and what is missing for it. Nothing is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from vktrs.errors import VktrsError
from vktrs.plan import Plan, plan_project
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs_tui.cli.speaking import remark, say_error, tell

if TYPE_CHECKING:
    from vktrs.runs.estimate import Expected
    from vktrs.runs.scope import Scope


def fresh_plan(project: Project, request: RunRequest) -> Plan | None:
    """The plan of a project in which nothing is left to do for that request; None where a run has to look at it.

    Where nothing is to be made, device and budget make no difference.
    """
    if replace(request, device=None, budget=None) != RunRequest() or control.live_run(project):
        return None
    plan = plan_project(project)
    done = [plan.song, plan.structure, plan.video]
    heard = plan.words is not None and plan.words.made and plan.proposal is not None and plan.proposal.made
    complete = all(piece is not None and piece.made for piece in done)
    return plan if complete and heard and all(each.complete for each in plan.scenes) else None


def tell_dry_run(project: Project, request: RunRequest) -> int:
    """Say it; the exit code of the worst thing that is missing, else 0."""
    from vktrs.runs import estimate, preflight
    from vktrs.runs.scope import Scope

    def emit(event: str, **values: object) -> None:
        if event == "remark":
            remark(str(values["text"]))

    scope = Scope(project, request, emit, lambda: False)
    plan = scope.plan()
    found = estimate.expected(plan, request)
    for line in _lines(scope, plan, found):
        tell(line)
    if fresh_plan(project, request):
        remark("Everything is fresh; there is nothing to do.")
    for text in estimate.remarks(found, request):
        remark(text)
    problems: list[VktrsError] = [*preflight.find(scope, plan), *_faults(scope, plan)]
    for problem in problems:
        say_error(problem.message, problem.hint)
    return max((problem.exit_code for problem in problems), default=0)


def _faults(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """What would fail single scenes while the others are made."""
    if scope.wants("variations"):
        for each in scope.pictured(plan):
            if (fault := each.pictures.fault) is not None:
                yield type(fault)(f"scene {each.index + 1}: {fault.message}", fault.hint)


def _lines(scope: Scope, plan: Plan, found: Expected) -> Iterator[str]:
    """Stage by stage what is to be made, then what the pictures take."""
    from vktrs.runs import estimate, transcribing

    for name, piece in (("song", plan.song), ("words", plan.words), ("structure", plan.structure)):
        if scope.wants(name) and (piece is None or not piece.made):
            yield f"{name}: to be made"
    if sent := transcribing.sent_line(scope, plan):
        yield f"words: {sent}"
    lacking = [name for name, piece in scope.listened(plan).items() if not piece.made]
    if scope.wants("signals") and lacking:
        yield f"signals: {', '.join(lacking)} to be made"
    if not plan.scenes:
        yield "scenes: to be proposed from the words; their number is not known yet"
    counts = (
        ("keyframes", found.keyframes, f"to be made by {found.engine}"),
        ("keyframes", found.own, "from pictures of your own"),
        ("variations", found.variations, f"to be made by {found.engine}"),
        ("clips", found.clips, "to be made by x264"),
    )
    yield from (f"{name}: {count} {how}" for name, count, how in counts if count)
    if scope.wants("video") and (plan.video is None or not plan.video.made):
        yield f"video: {plan.board.video.file}"
    line = estimate.pictures_line(found)
    if line:
        yield f"pictures: {line}"
    budget = scope.request.budget
    if budget is not None and (line or not found.scenes_known) and (said := estimate.budget_line(found, budget)):
        yield f"budget: {said}"
