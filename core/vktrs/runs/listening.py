"""The stages of a run that are about the whole song: getting it, hearing it, and proposing scenes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vktrs.errors import InputError, MissingError
from vktrs.lines import Line
from vktrs.plan import Piece, Plan, source_path
from vktrs.project import Project
from vktrs.runs.scope import Scope
from vktrs.stages import scenes, song, structure, words
from vktrs.storyboard.document import Document
from vktrs.storyboard.merge import Merge, Proposed, assign_ids, merge
from vktrs.storyboard.model import Speech, Storyboard
from vktrs.storyboard.split import ProposedScene

if TYPE_CHECKING:
    from vktrs.engines.speech import SpeechChoice


def step(scope: Scope, plan: Plan) -> bool:
    """Make the first of these stages that is missing; whether something was done."""
    if plan.song is None:
        return _download(scope, plan)
    if not plan.song.made:
        return _decode(scope, plan, plan.song)
    if scope.wants("words") and plan.words and not plan.words.made and _can_hear(scope, plan):
        return _choose_speech(scope, plan) or _hear(scope, plan, plan.words)
    if scope.wants("structure") and plan.structure and not plan.structure.made:
        return _analyse(scope, plan.structure)
    if scope.wants("scenes") and plan.words and plan.words.made and plan.proposal:
        if not plan.proposal.made:
            return _propose(scope, plan, plan.proposal)
        if not plan.board.scenes:
            return _accept_first(scope, plan.proposal)
        _mend_base(scope, plan.proposal)
    return False


def _download(scope: Scope, plan: Plan) -> bool:
    from vktrs.media.download import download, is_url

    if not is_url(plan.board.song.source):
        raise song_unreadable(scope.project.resolve(plan.board.song.source))
    scope.stage("song", "begun")

    def tell(done: float, total: float | None, what: str) -> None:
        scope.progress.tell("song", done, total or done + 1, what)

    download(plan.board.song.source, scope.project.root, on_progress=tell, should_stop=scope.should_stop)
    return True


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


def choice(board: Storyboard) -> SpeechChoice:
    """The engine and model that listen, by the storyboard and by what lies here; MissingError where none can."""
    from vktrs.engines.faster_whisper import cuda_devices
    from vktrs.engines.speech import choose_speech
    from vktrs.engines.speech_models import find_models

    model = board.engines.options.get("whisper", {}).get("model")
    return choose_speech(board.engines.speech, model, board.song.language, found=find_models(), gpu=cuda_devices() > 0)


def _can_hear(scope: Scope, plan: Plan) -> bool:
    """Whether words can be had; without weights a storyboard that has its scenes goes on without them."""
    if not plan.board.scenes or plan.board.engines.speech != "auto" or words.has_timed_lyrics(plan.board):
        return True
    try:
        choice(plan.board)
    except MissingError as error:
        scope.remark(f"The words are not heard: {error.message} The storyboard has its scenes, so the run goes on.")
        return False
    return True


def _choose_speech(scope: Scope, plan: Plan) -> bool:
    """Write into the storyboard which engine and model listen, so that the next machine does the same."""
    if plan.board.engines.speech != "auto" or words.has_timed_lyrics(plan.board):
        return False
    from vktrs.engines.speech import obtain_model

    asked = _asked_of_speech(plan.board)
    taken = obtain_model(choice(plan.board), scope.remark)
    written = False

    def chosen(document: Document) -> Storyboard | Document:
        nonlocal written
        written = _asked_of_speech(document.board) == asked
        if not written:  # while the model was fetched a person decided otherwise
            return document
        engines = document.board.engines
        whisper = {**engines.options.get("whisper", {}), "model": taken.model}
        return replace(
            document.board,
            engines=replace(
                engines, speech=cast(Speech, taken.engine), options={**engines.options, "whisper": whisper}
            ),
        )

    scope.project.edit(chosen)
    if written:
        scope.remark(f'speech = "auto": {taken.engine} with {taken.model} listens; it is written into the storyboard.')
    return True


def _asked_of_speech(board: Storyboard) -> tuple[object, ...]:
    """All that decides who listens, and to what."""
    model = board.engines.options.get("whisper", {}).get("model")
    return board.engines.speech, model, board.song.source, board.song.language, words.has_timed_lyrics(board)


def _hear(scope: Scope, plan: Plan, piece: Piece) -> bool:
    scope.stage("words", "begun", piece.key)
    words.make(scope.project.store, piece.key, piece.inputs, _told(scope, _lines(scope, plan)))
    scope.made("words", piece.key)
    scope.stage("words", "done")
    return True


def _told(scope: Scope, lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, each told when it comes: a long recognition can be read along."""
    for line in lines:
        scope.emit("heard", start=line.start, end=line.end, text=line.text)
        yield line


def _lines(scope: Scope, plan: Plan) -> Iterator[Line]:
    """Lines from timed lyrics, from an engine, or none."""
    board, duration = plan.board, plan.duration
    if words.has_timed_lyrics(board):
        from vktrs.media.lyrics import read_lyrics

        file = scope.project.resolve(str(board.song.lyrics))
        lines = read_lyrics(file, duration)
        left_out = len(read_lyrics(file, None)) - len(lines)
        if left_out:
            scope.remark(f"Lines of {file.name} that start after the end of the song, left out: {left_out}.")
        yield from lines
        return
    if board.song.lyrics:
        scope.remark(f"{board.song.lyrics} has no times, so the words are heard; aligning it is not there yet.")
    if board.engines.speech == "none":
        return
    from vktrs.engines.speech import obtain_model, open_speech

    def tell(done: float, total: float) -> None:
        scope.progress.tell("words", done, total, "seconds heard")

    assert plan.song is not None
    engine = open_speech(obtain_model(choice(board), scope.remark), on_remark=scope.remark)
    audio = song.samples(scope.project.store, plan.song.key, "speech")
    yield from engine.transcribe(audio, language=board.song.language, on_progress=tell, should_stop=scope.should_stop)


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
    if plan.board.scenes:
        count = len(proposed(scope.project, piece).changes)
        if count:
            scope.remark(f"{count} changes of the scenes are proposed; `vktrs propose` shows them.")
        scope.stage("scenes", "done")
    return True


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
