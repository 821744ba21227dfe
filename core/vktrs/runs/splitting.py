"""How the song of a project would be cut into scenes: looked at before anybody decides, proposed once somebody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vktrs.errors import UsageError, VktrsError
from vktrs.form import Section
from vktrs.lines import Line
from vktrs.locks import PATIENCE, FileLock
from vktrs.plan import Piece, Plan, plan_project, split_options
from vktrs.project import Project
from vktrs.runs.listening import proposed
from vktrs.stages import scenes, structure, words
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard.edits import Edited, set_setting
from vktrs.storyboard.grouping import MEASURES
from vktrs.storyboard.model import Split, Storyboard
from vktrs.storyboard.split import ProposedScene, SplitOptions, propose_scenes, remark

PAUSES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)
"""Seconds between words, to choose from."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What scenes are cut out of; times in seconds from the start of the song, `duration` is its length."""

    lines: Sequence[Line] = ()
    beats: Sequence[float] = ()
    downbeats: Sequence[float] = ()
    duration: float = 0.0
    sections: Sequence[Section] = ()

    def scenes(self, options: SplitOptions) -> list[ProposedScene]:
        """The scenes that a run would propose."""
        return propose_scenes(self.lines, self.beats, self.downbeats, self.duration, options, self.sections)

    def remark(self, options: SplitOptions) -> str | None:
        """What a person should know beside them, as a sentence."""
        return remark(self.lines, self.duration, options)

    def by_pauses(self, options: SplitOptions, pauses: Sequence[float] = PAUSES) -> list[tuple[float, int]]:
        """For each of these pauses, how many scenes would come."""
        return [(pause, len(self.scenes(replace(options, by="pause", measure=pause)))) for pause in pauses]


def heard(project: Project, plan: Plan) -> Heard:
    """What is known of the song; UsageError where nobody has listened yet."""
    lines, form = _known(project, plan)
    return Heard(lines, form.beats, form.downbeats, form.duration, form.sections)


def _known(project: Project, plan: Plan) -> tuple[list[Line], StructureFacts]:
    if plan.words is None or plan.structure is None or not (plan.words.made and plan.structure.made):
        raise UsageError(
            "what is sung is not known yet.", f"`vktrs run {project.root} --to structure` listens to the song."
        )
    return words.load(project.store, plan.words.key), structure.facts(project.store, plan.structure.key)


def options_of(board: Storyboard, split: Split) -> SplitOptions:
    """How scenes would be cut if that stood in the storyboard."""
    return split_options(replace(board, split=split))


def written(board: Storyboard, split: Split) -> Edited:
    """The storyboard with what `split` says of cutting; a number that it does not go by is left as it is."""
    values: dict[str, Any] = {"by": split.by}
    if split.by in MEASURES:
        values[split.by] = getattr(split, split.by)
    for key, value in values.items():
        board = set_setting(board, f"split.{key}", value).board
    return Edited(board)


def checked(split: Split) -> Split:
    """The same; InputError where a number is beyond its range."""
    return written(Storyboard(), split).board.split


def propose(project: Project) -> int | None:
    """Make the proposal that the storyboard asks for, as a run would; how many changes it has for its scenes.

    None where nothing can be proposed now: words or structure are not known, or a run is going on, which does it.
    """
    try:
        plan = plan_project(project)
        piece = plan.proposal
        if piece is None or not plan.board.scenes:
            return None
        if not piece.made and not _made(project, plan, piece):
            return None
        return len(proposed(project, piece).changes)
    except VktrsError:  # something is just being written or replaced: the next run looks again, and says what is wrong
        return None


def _made(project: Project, plan: Plan, piece: Piece) -> bool:
    """Make the proposal, unless a run is going on."""
    lines, form = _known(project, plan)
    lock = FileLock(project.run_lock)
    if not lock.acquire(patience=PATIENCE):
        return False
    try:
        scenes.make(project.store, piece.key, piece.inputs, lines, form)
    finally:
        lock.release()
    return True
