"""What a run does where a service hears the words (`speech = "api"`): its checks, what it says before, the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vktrs.doubt import LeftOut
from vktrs.engines import transcription
from vktrs.errors import InputError, VktrsError
from vktrs.plan import Plan
from vktrs.runs.scope import Scope
from vktrs.stages import song, words
from vktrs.storyboard.model import Storyboard

if TYPE_CHECKING:
    from vktrs.engines.transcription.engine import TranscriptionEngine


def options(board: Storyboard) -> Mapping[str, Any]:
    """The table [engines.api] as written."""
    return board.engines.options.get("api", {})


def problems(scope: Scope, board: Storyboard) -> Iterator[VktrsError]:
    """What would keep the service from hearing the song, as far as that can be seen here, with the line of an option
    that is wrong.
    """
    for problem in transcription.problems(options(board)):
        named = next((name for name in options(board) if re.search(rf"\b{re.escape(name)}\b", problem.message)), "")
        if isinstance(problem, InputError) and named:
            yield scope.placed(problem.message, problem.hint, f"engines.api.{named}")
        else:
            yield problem


def sent_line(scope: Scope, plan: Plan) -> str:
    """That the song is sent away, and to whom; empty where it is not."""
    board = plan.board
    asked = board.engines.speech == "api" and not words.has_timed_lyrics(board)
    heard = plan.hearings or ((plan.words,) if plan.words is not None else ())
    is_made = bool(heard) and all(piece.made for piece in heard)
    if not asked or is_made or not scope.wants(words.STAGE):
        return ""
    try:
        host = transcription.sent_to(options(board))
    except InputError:
        return ""
    length = f" ({plan.duration / 60:.1f} minutes)" if plan.duration is not None else ""
    return f"the song{length} is sent to {host} to be heard; what comes back is kept"


def opened(
    scope: Scope, board: Storyboard, on_left_out: Callable[[LeftOut], None] = lambda _: None
) -> TranscriptionEngine:
    """The service, ready to be asked. InputError for an option."""
    from vktrs.media.flac import flac

    return transcription.open_transcription(
        options(board), lambda samples: flac(samples, song.SPEECH_RATE), scope.project.store, scope.remark, on_left_out
    )
