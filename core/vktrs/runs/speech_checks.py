"""What would keep a run from hearing the words, told before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vktrs.artifacts import fingerprint
from vktrs.errors import InputError, MissingError, VktrsError
from vktrs.plan import Plan
from vktrs.runs import transcribing
from vktrs.runs.captioned import caption_problems
from vktrs.runs.hearing import no_vocals
from vktrs.runs.scope import Scope
from vktrs.runs.who_listens import chosen
from vktrs.stages import stems, words
from vktrs.storyboard.model import Storyboard


def speech_problems(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """All that is missing or wrong for the words that have to be made; nothing where they are there."""
    board = plan.board
    heard = plan.words is not None and plan.words.made
    if heard or not scope.wants(words.STAGE):
        return
    yield from _lyrics(scope, board)
    if words.needs_nobody(board):
        return
    if board.engines.speech == "api":
        known = plan.hearings and all(piece.made for piece in plan.hearings)  # lyrics are laid onto what is there
        yield from () if known else transcribing.problems(scope, board)
        return
    if board.engines.speech == "captions":
        yield from caption_problems(scope, plan)
        return
    yield from _options(scope, words.whisper_options(board))
    if words.isolates_vocals(board):
        yield from _vocals(scope, plan)
    if not (board.scenes and board.engines.speech == "auto"):
        yield from _models(board)


def problems_of_hearing_again(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """The same for hearing again, which goes by [engines.whisper] whoever heard the song; models are not looked for."""
    table = words.own_options(plan.board)
    yield from _options(scope, table)
    if words.wants_vocals(table):
        yield from _vocals(scope, plan)


def _lyrics(scope: Scope, board: Storyboard) -> Iterator[VktrsError]:
    """What is wrong with the lyrics: nobody listens for an hour, or is paid for it, to find that out."""
    from vktrs.media.plain_lyrics import check_lyrics

    file = scope.project.resolve(board.song.lyrics) if board.song.lyrics else None
    if file is None or not file.is_file():
        return  # that it is not there is told for every run
    try:
        check_lyrics(file)
    except InputError as error:
        yield error


def _options(scope: Scope, table: Mapping[str, Any]) -> Iterator[VktrsError]:
    """What is wrong in [engines.whisper], each with its place."""
    from vktrs.engines.speech_options import wrong_options

    for name in table:
        for problem in wrong_options({name: table[name]}):
            yield scope.placed(problem.message, problem.hint, f"engines.whisper.{name}")


def _models(board: Storyboard) -> Iterator[VktrsError]:
    """What is missing of the models that listen; of both, where there are two."""
    from vktrs.engines.faster_whisper import missing_model
    from vktrs.engines.speech_models import FASTER_WHISPER

    engine, second = board.engines.speech, words.segmentation_model(board)
    first = words.whisper_options(board).get("model")
    for model in (first,) if second is None else (first, second):
        if model is not None and not isinstance(model, str):
            continue  # told as an option that is wrong
        try:
            choice = chosen(engine, model, board.song.language)
        except (MissingError, InputError) as error:
            yield error
            continue
        fetched = choice.path is None and choice.otherwise is None and choice.engine == FASTER_WHISPER
        if fetched and (problem := missing_model(choice.model)) is not None:
            yield problem


def _vocals(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """What is missing for listening to the voice alone, unless it was taken out of the song before."""
    from vktrs.engines.stems import find_problems

    key = fingerprint(stems.inputs(plan.song.key)) if plan.song is not None else None
    if key is None or not scope.project.store.path(stems.STAGE, key).exists():
        yield from map(no_vocals, find_problems(stems.MODEL))
