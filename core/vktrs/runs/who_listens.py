"""Who listens to the words of a run: which engine and model, and that they are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vktrs.errors import InputError, MissingError, VktrsError, as_one
from vktrs.plan import Plan
from vktrs.runs import transcribing
from vktrs.runs.captioned import Captioned, caption_lines
from vktrs.runs.scope import Scope
from vktrs.stages import words
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import Speech, Storyboard

if TYPE_CHECKING:
    from vktrs.engines.speech import SpeechChoice, SpeechEngine


def engine(scope: Scope, plan: Plan, model: str | None) -> SpeechEngine:
    """Who hears, the one place where that is decided; `model` is the one of two that is asked for."""
    if plan.board.engines.speech == "api":
        service = "api", str(transcribing.options(plan.board))
        return scope.ears.open(service, lambda: transcribing.opened(scope, plan.board, scope.ears.left_out.append))
    if plan.board.engines.speech == "captions":
        track = "captions", plan.words and plan.words.key
        return scope.ears.open(track, lambda: Captioned(caption_lines(scope, plan)))
    who = plan.board.engines.speech, model, plan.board.song.language
    return scope.ears.open(who, lambda: _whisper(scope, plan.board, model))


def _whisper(scope: Scope, board: Storyboard, model: str | None) -> SpeechEngine:
    """A model on this machine. Where two listen, both are got before either does: what is missing is told at once."""
    from vktrs.engines.speech import obtain_model, open_speech

    listening = choices(board)
    _obtain(scope, listening)
    asked = listening[-1 if model == words.segmentation_model(board) else 0]
    left_out = scope.ears.left_out.append
    return open_speech(obtain_model(asked, scope.remark), on_remark=scope.remark, on_left_out=left_out)


def choice(board: Storyboard) -> SpeechChoice:
    """The engine and model that listen, by the storyboard and by what lies here; MissingError where none can."""
    return chosen(board.engines.speech, words.own_options(board).get("model"), board.song.language)


def choices(board: Storyboard) -> list[SpeechChoice]:
    """The same for each model that listens; the second one, where there is one, is read by the engine of the first."""
    first, second = choice(board), words.segmentation_model(board)
    return [first] if second is None else [first, chosen(first.engine, second, board.song.language)]


def chosen(engine: str, model: str | None, language: str | None) -> SpeechChoice:
    """What `choose_speech` chooses on this machine."""
    from vktrs.engines.faster_whisper import cuda_devices
    from vktrs.engines.speech import choose_speech
    from vktrs.engines.speech_models import find_models

    return choose_speech(engine, model, language, found=find_models(), gpu=cuda_devices() > 0)


def can_hear(scope: Scope, plan: Plan) -> bool:
    """Whether words can be had; without weights a storyboard that has its scenes goes on without them."""
    if not plan.board.scenes or plan.board.engines.speech != "auto" or words.has_timed_lyrics(plan.board):
        return True
    try:
        choice(plan.board)
    except MissingError as error:
        scope.remark(f"The words are not heard: {error.message} The storyboard has its scenes, so the run goes on.")
        return False
    return True


def choose_speech(scope: Scope, plan: Plan) -> bool:
    """Write into the storyboard which engine and model listen, so that the next machine does the same."""
    if plan.board.engines.speech != "auto" or words.has_timed_lyrics(plan.board):
        return False
    from vktrs.engines.speech import obtain_model

    asked = _asked_of_speech(plan.board)
    listening = choices(plan.board)
    _obtain(scope, listening)
    taken = obtain_model(listening[0], scope.remark)
    written = False

    def chosen(document: Document) -> Storyboard | Document:
        nonlocal written
        written = _asked_of_speech(document.board) == asked
        if not written:  # while the model was fetched a person decided otherwise
            return document
        engines = document.board.engines
        options = engines.options.get("whisper", {})
        own = options.get("model")
        named = own and taken.path is not None and Path(own).expanduser() == taken.path  # a folder, or a checkpoint
        whisper = {**options, "model": own if named else taken.model}
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
    model = words.own_options(board).get("model")
    heard = board.engines.speech, model, words.segmentation_model(board), board.song.source, board.song.language
    return *heard, words.has_timed_lyrics(board)


def _obtain(scope: Scope, listening: Sequence[SpeechChoice]) -> None:
    """Get what is not here yet; one error for all that cannot be had."""
    from vktrs.engines.speech import obtain_model

    problems: list[VktrsError] = []
    for each in listening:
        try:
            obtain_model(each, scope.remark)
        except (MissingError, InputError) as error:
            problems.append(error)
    if problems:
        raise as_one(problems)
