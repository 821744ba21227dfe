"""The stages of a run that are about the whole song: getting it, its structure, proposing scenes (words: `hearing`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from vktrs.errors import InputError
from vktrs.inventory import source_path
from vktrs.plan import Piece, Plan
from vktrs.project import Project
from vktrs.runs import hearing, sounding
from vktrs.runs.captioned import caption_problems
from vktrs.runs.scope import Scope
from vktrs.stages import scenes, song, structure, words
from vktrs.storyboard.document import Document
from vktrs.storyboard.merge import Merge, Proposed, assign_ids, merge
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.split import ProposedScene, SplitOptions, remark


def step(scope: Scope, plan: Plan) -> bool:
    """Make the first of these stages that is missing; whether something was done."""
    if plan.song is None:
        return _download(scope, plan)
    if not plan.song.made:
        _check_captions(scope, plan)
        return _decode(scope, plan, plan.song)
    if hearing.step(scope, plan):
        return True
    if scope.wants("structure") and plan.structure and not plan.structure.made:
        return _analyse(scope, plan.structure)
    if scope.wants("scenes") and plan.words and plan.words.made and plan.proposal:
        if not plan.proposal.made:
            return _propose(scope, plan, plan.proposal)
        if not plan.board.scenes:
            return _accept_first(scope, plan.proposal)
        _mend_base(scope, plan.proposal)
    return scope.wants("signals") and sounding.step(scope, plan)


def _download(scope: Scope, plan: Plan) -> bool:
    from vktrs.media.download import download, is_url

    if not is_url(plan.board.song.source):
        raise song_unreadable(scope.project.resolve(plan.board.song.source))
    scope.stage("song", "begun")

    def tell(done: float, total: float | None, what: str) -> None:
        scope.progress.tell("song", done, total or done + 1, what)

    download(
        plan.board.song.source,
        scope.project.root,
        on_progress=tell,
        should_stop=scope.should_stop,
        language=plan.board.song.language,
    )
    return True


def _check_captions(scope: Scope, plan: Plan) -> None:
    """Whether captions came with the song, where its words are to be theirs: said before more is done."""
    if plan.board.engines.speech == "captions" and scope.wants("words") and not words.has_timed_lyrics(plan.board):
        for problem in caption_problems(scope, plan):
            raise problem


def song_unreadable(path: Path) -> InputError:
    """The error for a song of the user's that is not there, or not for us."""
    wrong = "cannot be read" if path.is_file() else "is not there"
    return InputError(f"the song {path} {wrong}.", "Mend `source` under [song], or the permissions of the file.")


def _decode(scope: Scope, plan: Plan, piece: Piece) -> bool:
    scope.stage("song", "begun", piece.key)
    source = source_path(scope.project, plan.board)
    assert source is not None  # its digest is part of the piece
    song.make(scope.project.store, piece.key, piece.inputs, source)
    scope.made("song", piece.key)
    scope.stage("song", "done")
    return True


def _analyse(scope: Scope, piece: Piece) -> bool:
    scope.stage("structure", "begun", piece.key)
    structure.make(scope.project.store, piece.key, piece.inputs, piece.inputs["song"])
    scope.made("structure", piece.key)
    scope.stage("structure", "done")
    return True


def _propose(scope: Scope, plan: Plan, piece: Piece) -> bool:
    store = scope.project.store
    scope.stage("scenes", "begun", piece.key)
    lines = words.load(store, piece.inputs["words"])
    form = structure.load(store, piece.inputs["structure"])
    scenes.make(store, piece.key, piece.inputs, lines, form)
    scope.made("scenes", piece.key)
    if said := remark(lines, form.duration, SplitOptions(**piece.inputs["split"])):
        scope.remark(said)
    if plan.board.scenes:
        count = len(proposed(scope.project, piece).changes)
        if count:
            scope.remark(f"{changes_told(count)}; `vktrs propose` shows {'it' if count == 1 else 'them'}.")
        scope.stage("scenes", "done")
    return True


def changes_told(count: int) -> str:
    """How many changes wait to be accepted, in words."""
    return f"{count} change{' of the scenes is' if count == 1 else 's of the scenes are'} proposed"


def proposed(project: Project, piece: Piece, only: Collection[str] | None = None) -> Merge:
    """What merging the newest proposal into the newest storyboard would do."""
    return merged(project, project.document(), scenes.load(project.store, piece.key), only)


def accept(project: Project, fresh: Sequence[ProposedScene], only: Collection[str] | None = None) -> Merge:
    """Merge proposed scenes into the storyboard; the file first, then the base: a kill in between is harmless."""
    accepted = bring_in(project, fresh, only)
    project.accept_base(accepted.base)
    return accepted


def bring_in(project: Project, fresh: Sequence[ProposedScene], only: Collection[str] | None = None) -> Merge:
    """Merge scenes into the storyboard as the user's own: what the machine proposes later leaves them alone."""
    merges: list[Merge] = []

    def change(document: Document) -> Storyboard:
        merges.append(merged(project, document, fresh, only))
        return merges[-1].board

    project.remember_ids(scene.id for scene in project.document().board.scenes)
    project.edit(change)
    return merges[-1]


def merged(
    project: Project, document: Document, fresh: Sequence[ProposedScene], only: Collection[str] | None = None
) -> Merge:
    """Proposed scenes merged with a storyboard and the last accepted proposal; nothing is written."""
    base = project.base()
    # Scenes that are on the board and not in the base are known too: the base may be gone, or a kill came before it
    # was written.
    named = {each.id for each in base}
    on_board = (each for each in document.board.scenes if each.id not in named)
    known = [*base, *(Proposed(each.id, each.start, each.end, each.text, each.section) for each in on_board)]
    theirs = assign_ids(fresh, known, project.known_ids())
    return merge(base, document.board, theirs, only, document.annotated)


def _mend_base(scope: Scope, piece: Piece) -> None:
    """Write the base that a kill kept from being written, if the storyboard holds exactly what was proposed."""
    if scope.project.base():
        return
    with suppress(InputError):  # somebody is half-way in an edit; the next plan looks again
        found = proposed(scope.project, piece)
        if not found.changes and not found.conflicts:
            scope.project.accept_base(found.base)


def _accept_first(scope: Scope, piece: Piece) -> bool:
    """The first proposal enters an empty storyboard at once; one that was emptied, once that is no half-saved file."""
    if scope.project.base() and not scope.settled():
        return True
    accepted = accept(scope.project, scenes.load(scope.project.store, piece.key))
    if not accepted.board.scenes:
        raise InputError("the song is too short for a scene.", "Write scenes of your own below [[scenes]].")
    scope.remark(f"Scenes on the storyboard: {len(accepted.board.scenes)}.")
    scope.stage("scenes", "done")
    return True
