"""The words of a run: the lines that are heard, read from timed lyrics, or known and laid onto what was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from vktrs.artifacts import fingerprint
from vktrs.engines.speech_options import wrong_options
from vktrs.errors import MissingError, VktrsError
from vktrs.lines import Line
from vktrs.plan import Piece, Plan
from vktrs.runs import sounding
from vktrs.runs.scope import Scope
from vktrs.runs.who_listens import can_hear, choose_speech, engine
from vktrs.stages import song, stems, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.media.plain_lyrics import PlainLine


def step(scope: Scope, plan: Plan) -> bool:
    """Make what of the words is missing, if they can be had: what is heard first, then what is made from that."""
    piece = plan.next_words if scope.wants(words.STAGE) else None
    if piece is None:
        scope.ears.close()
        return False
    for problem in wrong_options(words.whisper_options(plan.board)):  # written while the run was going on
        raise problem
    return can_hear(scope, plan) and (choose_speech(scope, plan) or _make(scope, plan, piece))


def _make(scope: Scope, plan: Plan, piece: Piece) -> bool:
    scope.stage(words.STAGE, "begun", piece.key)
    left_out = scope.ears.left_out
    left_out.clear()
    lines = _told(scope, _lines(scope, plan, piece.inputs))
    words.make(scope.project.store, piece.key, piece.inputs, lines, lambda: _language(scope, piece.inputs), left_out)
    scope.made(words.STAGE, piece.key)
    if plan.words is not None and piece.key == plan.words.key:
        scope.stage(words.STAGE, "done")
    return True


def _language(scope: Scope, asked: Mapping[str, Any]) -> str | None:
    """The language that was guessed while words of these inputs were heard; None where nothing was."""
    if "lines" in asked:
        return words.guessed_language(scope.project.store, fingerprint(asked["words"]))
    return scope.ears.language if "engine" in asked else None


def _told(scope: Scope, lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, each told when it comes: a long recognition can be read along."""
    for line in lines:
        scope.emit("heard", start=line.start, end=line.end, text=line.text)
        yield line


def _lines(scope: Scope, plan: Plan, asked: Mapping[str, Any]) -> Iterable[Line]:
    """What words of these inputs are: timed lyrics, known ones laid onto what was heard, what is heard, or none."""
    if words.has_timed_lyrics(plan.board):
        return _timed_lyrics(scope, plan)
    if "heard" in asked:
        return _laid(scope, plan, asked["heard"])
    if "lines" in asked:
        return _blended(scope, asked)
    if plan.board.engines.speech == "none":
        return _estimated(scope, plan) if plan.board.song.lyrics else ()
    return _heard(scope, plan, asked)


def _heard(scope: Scope, plan: Plan, asked: Mapping[str, Any]) -> Iterator[Line]:
    """What one engine hears."""
    audio = _samples(scope, plan)  # before a model is in the memory: it may have to be taken out of the song first
    yield from engine(scope, plan, _model(asked)).transcribe(
        audio,
        language=plan.board.song.language,
        on_progress=_counted(scope, plan, "seconds heard"),
        should_stop=scope.should_stop,
    )


def _model(asked: Mapping[str, Any]) -> str | None:
    """The model that heard, or will hear, words of these inputs; of two the one that spells."""
    options = asked.get("words", asked).get("options", {})
    return cast("str | None", options.get("model"))


def _blended(scope: Scope, asked: Mapping[str, Any]) -> list[Line]:
    """The words of one hearing in the lines of the other."""
    from vktrs.alignment.blending import blend

    store = scope.project.store
    spelled, timed = (words.load(store, fingerprint(asked[name])) for name in ("words", "lines"))
    return blend(spelled, timed)


def _timed_lyrics(scope: Scope, plan: Plan) -> list[Line]:
    from vktrs.media.lyrics import read_lyrics

    file = scope.project.resolve(str(plan.board.song.lyrics))
    lines = read_lyrics(file, plan.duration)
    left_out = len(read_lyrics(file, None)) - len(lines)
    if left_out:
        scope.remark(f"Lines of {file.name} that start after the end of the song, left out: {left_out}.")
    return lines


def _laid(scope: Scope, plan: Plan, heard: Mapping[str, Any]) -> list[Line]:
    """Known lyrics, timed by what was heard and by listening again."""
    from vktrs.engines.known_lyrics import align_lyrics

    key, store = fingerprint(heard), scope.project.store
    lyrics, audio = _plain_lyrics(scope, plan), _samples(scope, plan)
    return align_lyrics(
        engine(scope, plan, _model(heard)),
        audio,
        [line.text for line in lyrics],
        words.load(store, key),
        language=plan.board.song.language or words.guessed_language(store, key),
        stanzas=[line.stanza for line in lyrics],
        on_progress=_counted(scope, plan, "seconds compared with the lyrics"),
        should_stop=scope.should_stop,
        on_remark=scope.remark,
    )


def _estimated(scope: Scope, plan: Plan) -> list[Line]:
    """Known lyrics that nobody listens for: laid over the stretches in which somebody sings."""
    from vktrs.engines.known_lyrics import estimate_lyrics

    lyrics = _plain_lyrics(scope, plan)
    scope.remark('speech = "none": the times of the lyrics are only estimated, from where a voice is found.')
    return estimate_lyrics(_samples(scope, plan), [line.text for line in lyrics], [line.stanza for line in lyrics])


def _plain_lyrics(scope: Scope, plan: Plan) -> list[PlainLine]:
    from vktrs.media.plain_lyrics import label_remark, read_plain

    file = scope.project.resolve(str(plan.board.song.lyrics))
    lines = read_plain(file)
    if (said := label_remark(file)) is not None:
        scope.remark(said)
    return lines


def _counted(scope: Scope, plan: Plan, what: str, before: bool = False) -> Callable[[float, float], None]:
    """Tells how far one listening is among all that the words still need: each goes through the song once, or more.

    `before`: what is told of goes through the song before any of these.
    """
    ears, behind = scope.ears, scope.ears.listened
    lacking = (piece for piece in (*plan.hearings, plan.words) if piece is not None and not piece.made)
    pieces = [piece for piece in lacking if "lines" not in piece.inputs]  # two hearings are made one at once
    ahead = (plan.duration or 0.0) * (len(pieces) - (not before))

    def tell(done: float, total: float) -> None:
        ears.listened = behind + done
        scope.progress.tell(words.STAGE, behind + done, behind + total + ahead, what)

    return tell


def _samples(scope: Scope, plan: Plan) -> NDArray[np.float32]:
    assert plan.song is not None  # words are planned of a song only
    if words.isolates_vocals(plan.board):
        return vocals(scope, plan, _counted(scope, plan, sounding.TAKEN_APART, before=True))
    return song.samples(scope.project.store, plan.song.key, "speech")


def no_vocals(problem: VktrsError) -> VktrsError:
    """What keeps the song from being taken apart, with the way out that there is for words."""
    from vktrs.engines.stems import WITHOUT

    ways = problem.hint.replace(WITHOUT, "Or listen to the whole song: take `isolate_vocals` out.")
    return type(problem)(problem.message, ways)


def vocals(scope: Scope, plan: Plan, tell: Callable[[float, float], None]) -> NDArray[np.float32]:
    """The voice alone, float32 mono at 16 kHz, as long as the song; taken out of it where that was not done yet.

    `tell(done, total)` is told the seconds that were taken apart.
    """
    from vktrs.engines.stems import for_speech

    assert plan.duration is not None  # of a song that was read
    try:
        key = sounding.take_apart(scope, plan, tell)
    except MissingError as error:
        raise no_vocals(error) from error
    return for_speech(stems.load(scope.project.store, key, "vocals"), plan.duration, song.SPEECH_RATE)
