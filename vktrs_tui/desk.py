"""The project on the desk: edits one after another, the state of what is made, and what others do to the file.

Everything slow is done in a thread, one thing at a time; what comes of it is told as a whole new `View`. It knows
nothing of widgets.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vktrs.editing import Applied, Editing, Undone
from vktrs.errors import ArtifactDamaged, InputError, StoryboardError, VktrsError
from vktrs.inventory import look
from vktrs.plan import Plan, all_signals, make_plan, with_pictures
from vktrs.project import Project
from vktrs.runs import heard_again, splitting
from vktrs.runs.control import RunRequest
from vktrs.runs.estimate import Expected, expected
from vktrs.runs.heard_again import Hearing
from vktrs.runs.listening import merged, proposed
from vktrs.runs.parameter_view import Parameters, parameters_of
from vktrs.runs.status import Status
from vktrs.stages import scenes
from vktrs.storyboard.document import Document
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.problems import Problem, find_problems
from vktrs.storyboard.resolve import resolve
from vktrs_tui.song_view import SongView, read_song_view
from vktrs_tui.view import Fault, Mark, SceneMarks, SignalState, StageRow, View, make_rows, make_signals

if TYPE_CHECKING:
    from vktrs.storyboard.merge import Change, Merge

LOOK_SECONDS = 0.5
"""How often the file is looked at for changes by others."""
PATIENCE = 1.0
"""Seconds that an edit waits for another program that writes; keys wait with it."""
_SHARE_OF_TIME = 4
"""Looking at everything takes at most about one part in so many of the time."""

Tell = Callable[[View, bool], None]
Edit = Callable[[Storyboard], Edited]
Step = TypeVar("Step", Applied, Undone)


class Desk:
    """One open project. `tell(view, outside)` is called, in the event loop, whenever the view has changed."""

    def __init__(self, project: Project, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        self.project = project
        self.view = View()
        self.song = SongView()
        self.document: Document | None = None
        self.status: Status | None = None
        self._editing: Editing | None = None
        self._fault: Fault | None = None
        self._tell = tell
        self._clock = clock
        self._turn = asyncio.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._unsettled: tuple[int, ...] | None = None
        self._wanted = asyncio.Event()
        self._looked: _Looked | None = None

    async def open(self) -> None:
        """Read the storyboard, and have everything else looked at."""
        async with self._turn:
            self._editing = await asyncio.to_thread(lambda: Editing(self.project, patience=PATIENCE))
            await self._read()
        self.look_again()

    def close(self) -> None:
        """Give back what an open studio holds."""
        if self._editing is not None:
            self._editing.close()

    @property
    def undoable(self) -> str | None:
        """What `undo` would take back, in words."""
        return self._editing.can_undo if self._editing else None

    @property
    def redoable(self) -> str | None:
        """What `redo` would do again, in words."""
        return self._editing.can_redo if self._editing else None

    async def edit(self, label: str, change: Edit, expected: Mapping[tuple[str, str], object] | None = None) -> Applied:
        """Make an edit in the file and in the view. Raises what `Editing.apply` raises; then nothing was written."""
        return await self._written(lambda editing: editing.apply(label, change, expected))

    async def undo(self) -> Undone:
        """Take back the last edit of this studio."""
        return await self._written(lambda editing: editing.undo())

    async def redo(self) -> Undone:
        """Do again what was taken back."""
        return await self._written(lambda editing: editing.redo())

    async def _written(self, step: Callable[[Editing], Step]) -> Step:
        """Do something to the newest file, unless that is just being written by somebody else."""
        async with self._turn:
            await self._read()
            editing = self._editing
            if editing is None or self._unsettled is not None:
                raise InputError("storyboard.toml is just being read or written.", "Nothing was changed; try again.")
            done = await asyncio.to_thread(step, editing)
            self._take(done.document, outside=False)
        self.look_again()
        return done

    async def expected(self, request: RunRequest) -> Expected:
        """What a run would have to make, as storyboard and disk are now."""
        return await asyncio.to_thread(_expected, self.project, self.view.board, request)

    def look_again(self) -> None:
        """Have marks, problems and stages looked at anew, as soon as that may be."""
        self._wanted.set()

    async def watch_file(self, pause: Callable[[float], object] = asyncio.sleep) -> None:
        """See what others do to storyboard.toml, for ever."""
        while True:
            await _waited(pause(LOOK_SECONDS))
            async with self._turn:
                await self._read()

    async def watch_state(self, pause: Callable[[float], object] = asyncio.sleep) -> None:
        """Look at what is made whenever that is wanted, and never more than a share of the time; for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            began = self._clock()
            await self.look_now()
            await _waited(pause((self._clock() - began) * (_SHARE_OF_TIME - 1)))

    async def look_now(self) -> None:
        """Look at what is made; the view follows."""
        document = self.document
        if document is None or self._fault is not None:
            return
        try:
            looked = await asyncio.to_thread(_look, self.project, document, self.song)
        except (VktrsError, OSError):  # something is being replaced just now: the next look sees it whole
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._wanted.set)
            return
        if self.document is not document:
            self._wanted.set()
            return
        self.status, self.song, self._looked = looked.status, looked.song, looked
        self._show(outside=False)

    async def proposed(self) -> tuple[str, Merge] | None:
        """The machine's newest proposal, by its fingerprint, and what it would change; None where there is none."""
        status = self.status
        piece = status.plan.proposal if status is not None else None
        if piece is None or not piece.made:
            return None
        async with self._turn:
            return piece.key, await asyncio.to_thread(proposed, self.project, piece)

    async def propose(self) -> int | None:
        """Have the proposal made that the storyboard asks for; how many changes it has, None where a run does that."""
        async with self._turn:
            count = await asyncio.to_thread(splitting.propose, self.project)
        await self.look_now()
        return count

    async def accept(self, key: str, shown: Sequence[Change], only: tuple[str, ...]) -> Applied:
        """Take what was `shown` of the proposal `key` for these scenes, and nothing else; an edit like any other.

        What cannot be done by itself, as a start that needs another scene's to move, is left for another time.
        InputError where something would be done by now that was not shown.
        """
        fresh = await asyncio.to_thread(scenes.load, self.project.store, key)
        merges: list[Merge] = []
        wanted = [each for each in shown if each.id in only]

        def accepted(editing: Editing) -> Applied:
            def change(_: Storyboard) -> Edited:
                merges.append(merged(self.project, editing.newest, fresh, only))
                if any(each not in wanted for each in merges[-1].changes):
                    raise InputError("The storyboard was changed meanwhile.", "Look at the proposals again.")
                return Edited(merges[-1].board)

            return editing.apply("take what was proposed", change, base=lambda: merges[-1].base)

        return await self._written(accepted)

    async def heard(self) -> Hearing | None:
        """What was heard again and waits, with what it would change; None where nothing does."""
        async with self._turn:
            return await asyncio.to_thread(heard_again.found, self.project)

    async def take_heard(
        self, hearing: Hearing, only: tuple[str, ...], over: tuple[str, ...], shown: Sequence[Change]
    ) -> Applied:
        """Take what was `shown` of it for the scenes `only`, for those of `over` in place of what is the person's.

        InputError where something would be done by now that was not shown.
        """
        stretches = hearing.stretches
        return await self._written(lambda editing: heard_again.take(editing, stretches, only, over, shown)[0])

    async def drop_heard(self, hearing: Hearing) -> None:
        """Let it wait no more; what was heard again meanwhile does."""
        await asyncio.to_thread(heard_again.drop, self.project, hearing.stretches)
        self.look_again()

    async def _read(self) -> None:
        """Read the file if it has changed; a file that is wrong leaves the last good view, with its fault."""
        stamp = _stamp(self.project)
        if stamp == self._stamp and self._unsettled is None and (stamp is not None or self._fault is not None):
            return
        before = self.document
        try:
            document = await asyncio.to_thread(self.project.document)
        except (VktrsError, OSError) as error:
            self._stamp, self._unsettled = stamp, None
            self._fault = _fault(error)
            self.view = replace(self.view, fault=self._fault)
            self._tell(self.view, True)
            return
        if before is not None and _lost_much(before, document) and stamp != self._unsettled:
            self._unsettled = stamp  # an editor may be half-way in saving it: the next look sees whether it stays so
            return
        self._stamp, self._unsettled = stamp, None
        if before is not None and document.text != before.text and self._editing is not None:
            await asyncio.to_thread(self._editing.notice, before, document)
        changed = before is None or document.text != before.text or self._fault is not None
        self._fault = None
        if changed:
            self._take(document, outside=before is not None)
            self.look_again()

    def _take(self, document: Document, outside: bool) -> None:
        self.document = document
        self._show(outside)

    def _show(self, outside: bool) -> None:
        assert self.document is not None
        board = self.document.board
        resolved = tuple(resolve(board))
        looked = self._looked
        duration = looked.status.plan.duration if looked else None
        proposals, left_out = looked.proposals if looked else (0, 0)
        heard, heard_left = looked.heard if looked else (0, 0)
        marks, problems = (looked.marks, looked.problems) if looked else ({}, {})
        self.view = View(
            board=board,
            rows=make_rows(board, duration, marks, problems, resolved),
            resolved=resolved,
            duration=duration,
            stages=stage_rows(self.status),
            proposals=proposals,
            left_out=left_out,
            heard=heard,
            heard_left=heard_left,
            fault=self._fault,
            parameters=looked.parameters if looked else {},
            signals=make_signals(board, looked.signals if looked else {}),
        )
        self._tell(self.view, outside)


async def _waited(pause: object) -> None:
    if asyncio.iscoroutine(pause):
        await pause


def _stamp(project: Project) -> tuple[int, ...] | None:
    try:
        found = project.storyboard_path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _lost_much(before: Document, now: Document) -> bool:
    """Whether most scenes are gone at once, as in a file that an editor has begun to write."""
    left = {scene.id for scene in now.board.scenes}
    return 2 * sum(scene.id in left for scene in before.board.scenes) < len(before.board.scenes)


def _fault(error: VktrsError | OSError) -> Fault:
    if isinstance(error, StoryboardError):
        return Fault(error.message, error.hint, error.line)
    if isinstance(error, VktrsError):
        return Fault(error.message, error.hint)
    return Fault(f"{error.filename or 'A file'}: {error.strerror or error}.", "Mend it, or its permissions.")


def _expected(project: Project, board: Storyboard, request: RunRequest) -> Expected:
    if request.pictures is not None:
        board = with_pictures(board, request.pictures)
    return expected(make_plan(board, look(project, board)), request)


class _Looked(NamedTuple):
    """Everything that a look at the project found."""

    status: Status
    song: SongView
    marks: Mapping[str, SceneMarks]
    problems: Mapping[str, tuple[Problem, ...]]
    proposals: tuple[int, int]
    heard: tuple[int, int]
    parameters: Mapping[str, Parameters]
    signals: Mapping[str, SignalState]


def _look(project: Project, document: Document, song: SongView) -> _Looked:
    status = Status(project, document.board)
    stage_rows(status)  # what it works out is kept: the event loop asks for it again
    seen = read_song_view(project, status.plan)
    song = song if seen == song else seen
    return _Looked(
        status,
        song,
        scene_marks(status),
        problems_of(status, song),
        _proposals(project, document, status.plan),
        _heard(project, document),
        parameters(status),
        signal_states(status),
    )


def parameters(status: Status) -> dict[str, Parameters]:
    """What changes within each moving scene, by its id."""
    found = ((each.scene.id, parameters_of(status.plan, status.found, each)) for each in status.plan.scenes)
    return {scene_id: each for scene_id, each in found if each is not None}


def signal_states(status: Status) -> dict[str, SignalState]:
    """How far each signal is, by its name."""
    plan = status.plan
    if plan.song is None:
        return {}
    states: dict[str, SignalState] = {}
    for name, piece in all_signals(plan.board, status.found, plan.song).items():
        states[name] = "made" if piece.made else "missing" if name in plan.signals else "idle"
    return states


def _proposals(project: Project, document: Document, plan: Plan) -> tuple[int, int]:
    """How many changes of the scenes the machine proposes and nobody has taken, and how many it cannot make."""
    piece = plan.proposal
    if piece is None or not piece.made or not document.board.scenes:
        return 0, 0
    try:
        fresh = scenes.load(project.store, piece.key)
    except ArtifactDamaged:
        return 0, 0
    found = merged(project, document, fresh)
    return len(found.changes), len(found.conflicts)


def _heard(project: Project, document: Document) -> tuple[int, int]:
    """In how many scenes something would change by what was heard again, and in how many it is the person's."""
    hearing = heard_again.found(project, document)
    if hearing is None:
        return 0, 0
    return len({each.id for each in hearing.merge.changes}), len({each.id for each in hearing.merge.conflicts})


def scene_marks(status: Status) -> dict[str, SceneMarks]:
    """The marks of every scene, by its id."""
    marks = {}
    for scene in status.scenes:
        variations = scene["variations"]
        share = variations["done"] / variations["total"] if variations["total"] else None
        marks[scene["id"]] = SceneMarks(
            keyframe=Mark(scene["keyframe"]["state"], None, scene["keyframe"]["reason"] or ""),
            variations=Mark(variations["state"], share, variations["reason"] or ""),
            clip=Mark(scene["clip"]["state"], None, scene["clip"]["reason"] or ""),
            picture=scene["keyframe"]["path"],
        )
    return marks


def stage_rows(status: Status | None) -> tuple[StageRow, ...]:
    """The stages as they stand on disk."""
    if status is None:
        return ()
    return tuple(
        StageRow(each["name"], each["state"], each["done"], each["total"], tuple(each["reasons"]))
        for each in status.stages
    )


def problems_of(status: Status, song: SongView) -> dict[str, tuple[Problem, ...]]:
    """The problems of every scene that has some, by its id."""
    failed = {}
    for (stage, scene), (_, error) in status.marks.failed.items():
        if scene is not None:
            failed[scene] = (f"{stage}: {error}", "Every run tries again; change what is at fault, then make it.")
    return find_problems(
        status.board,
        status.plan.duration,
        frames=[each.frames for each in status.plan.scenes],
        lines=song.lines or None,
        missing_pictures=[name for name, digest in status.found.pictures.items() if digest is None],
        failed=failed,
        resolved=[each.resolved for each in status.plan.scenes],
        off_beat=[each.scene.id for each in status.plan.scenes if each.pictures.off_beat],
        cut={each.scene.id: each.pictures.moving.cut for each in status.plan.scenes if each.pictures.moving},
    )
