"""The words of a run whose song has captions: read from them, and what keeps them from being read, told in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vktrs.errors import InputError, VktrsError
from vktrs.inventory import source_path
from vktrs.lines import Line, Word
from vktrs.media.download import is_url
from vktrs.media.site_captions import Track, wanted_kind
from vktrs.media.site_captions.reading import read_captions
from vktrs.plan import Plan
from vktrs.runs.scope import Scope
from vktrs.stages.caption_track import ENGINE, caption_track, caption_tracks
from vktrs.storyboard.model import Storyboard

_INSTEAD = 'write `lyrics = "x.vtt"` for a file that you have, or another `speech`.'


class Captioned:
    """A speech engine that has heard the song already: its lines are those of captions. It cannot listen again."""

    heard_language: str | None = None
    """No language was guessed."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def transcribe(self, *_: object, **__: object) -> Iterator[Line]:
        """The lines of the captions, whatever the samples and the language."""
        return iter(self._lines)

    def align(self, audio: object, lines: Sequence[str], **_: object) -> list[tuple[Word, ...]]:
        """No words: what the captions say stands."""
        del audio
        return [() for _ in lines]


def caption_lines(scope: Scope, plan: Plan) -> list[Line]:
    """The lines of the song's captions; it is remarked which those are. InputError where there are none to read."""
    track = caption_track(scope.project, plan.board)
    if track is None:
        raise _missing(scope, plan.board)
    lines = read_captions(track.path, plan.duration)
    scope.remark(f"The words are those of the captions {track.told()}.")
    return lines


def caption_problems(scope: Scope, plan: Plan) -> Iterator[VktrsError]:
    """What keeps captions from being read, as far as it can be told: a song that is not here yet may come with some."""
    options = plan.board.engines.options.get(ENGINE, {})
    try:
        wanted_kind(options)
    except InputError as error:
        path = f"engines.{ENGINE}.{next((name for name in options if name != 'kind'), 'kind')}"
        yield scope.placed(error.message, error.hint, path)
        return
    track = caption_track(scope.project, plan.board)
    if track is None:
        if plan.song is not None:
            yield _missing(scope, plan.board)
        return
    try:
        if not read_captions(track.path, plan.duration):
            yield InputError(f"{track.path}: nothing is sung in these captions.", f"Take others, or {_INSTEAD}")
    except InputError as error:
        yield error


def _missing(scope: Scope, board: Storyboard) -> InputError:
    """The error for a song without captions that fit, with what to do about it."""
    tracks, told = caption_tracks(scope.project, board)
    song = source_path(scope.project, board)
    name = song.name if song else board.song.source
    language = board.song.language or told
    if tracks:
        asked = [f'in the language "{language}"'] if language else []
        kind = wanted_kind(board.engines.options.get(ENGINE, {}))
        asked += [f'of the kind "{kind}"'] if kind else []
        return InputError(f"no captions of {name} are {' and '.join(asked)}.", _those(tracks))
    if is_url(board.song.source):
        again = f"If its page has some, remove {name} and it is downloaded again, with them; else {_INSTEAD}"
        return InputError(f"no captions came with {board.song.source}.", again)
    beside = f"{song.stem if song else name}.{language or 'en'}.vtt"
    return InputError(f"no captions lie beside {name}.", f"Put them there as {beside}, or {_INSTEAD}")


def _those(tracks: list[Track]) -> str:
    """The captions that there are, for a hint."""
    return f"There are {', '.join(track.told() for track in tracks)}; mend `language` or `kind`, or {_INSTEAD}"
