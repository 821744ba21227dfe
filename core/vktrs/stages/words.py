"""The words stage: what is sung and when. It is heard, or read from timed lyrics, or known and timed by listening."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint
from vktrs.doubt import LeftOut, left_out_from_json
from vktrs.engines.transcription import ENGINE_VERSION, settled_options
from vktrs.errors import ArtifactDamaged
from vktrs.lines import Line, line_from_json
from vktrs.media.lyrics import TIMED_SUFFIXES
from vktrs.stages import stems
from vktrs.storyboard.model import LOCAL_SPEECH

if TYPE_CHECKING:
    from pathlib import Path

    from vktrs.artifacts import Store
    from vktrs.storyboard.model import Storyboard

VERSION = 1
LAID_VERSION = 1
"""Of lyrics without times: raise it whenever the same lyrics would be laid in another way onto the same hearing."""
BLEND_VERSION = 1
"""The same of two hearings that are made one."""
STAGE = "words"
LINES = "lines.json"
LEFT_OUT = "left_out.json"

_SOURCES = ("lines", "words", "heard")


def has_timed_lyrics(board: Storyboard) -> bool:
    """Whether the user's lyrics file brings times of its own, so that nobody has to listen."""
    return bool(board.song.lyrics) and str(board.song.lyrics).lower().endswith(TIMED_SUFFIXES)


def needs_nobody(board: Storyboard) -> bool:
    """Whether nobody listens: the lyrics have times, or no engine is wanted."""
    return has_timed_lyrics(board) or board.engines.speech == "none"


def whisper_options(board: Storyboard) -> Mapping[str, Any]:
    """[engines.whisper] where a model on this machine listens; where none does, nothing of it is read."""
    listens = board.engines.speech in LOCAL_SPEECH and not has_timed_lyrics(board)
    return own_options(board) if listens else {}


def own_options(board: Storyboard) -> Mapping[str, Any]:
    """[engines.whisper] as it is written: what counts for whoever hears a part again, whoever heard the song."""
    return board.engines.options.get("whisper", {})


def segmentation_model(board: Storyboard) -> str | None:
    """The second model, from which lines and times come; None where there is one model only."""
    second = whisper_options(board).get("segmentation_model")
    return second if isinstance(second, str) and second.strip() else None


def isolates_vocals(board: Storyboard) -> bool:
    """Whether the voice alone is listened to."""
    return wants_vocals(whisper_options(board))


def wants_vocals(table: Mapping[str, Any]) -> bool:
    """The same by what [engines.whisper] says."""
    return table.get("isolate_vocals") is True


def inputs(song: str, board: Storyboard, lyrics: str | None, captions: str | None = None) -> dict[str, Any]:
    """What the words are made of; where something is heard for them, that stands in it whole, and is made first.

    `song` is the fingerprint of the song, `lyrics` the digest of the user's file, `captions` of those that are read
    where they are the engine: their language and kind only choose the file. Timed lyrics need nobody to listen;
    lyrics without times are laid onto what was heard, so that another letter in them has nothing heard again.
    """
    if has_timed_lyrics(board):
        return {"version": VERSION, "song": song, "lyrics": lyrics}
    if board.engines.speech == "none":
        known = {"lyrics": lyrics} if board.song.lyrics else {}
        return {"version": VERSION, "song": song, "engine": "none", **known}
    heard = heard_inputs(song, board, captions)
    return {"version": LAID_VERSION, "heard": heard, "lyrics": lyrics} if board.song.lyrics else heard


def heard_inputs(song: str, board: Storyboard, captions: str | None = None) -> dict[str, Any]:
    """What is heard depends on the song, on who listens and how, and on the language.

    Of two models each has a hearing of its own, which is what it would be alone.
    """
    if board.engines.speech == "captions":
        return {"version": VERSION, "song": song, "engine": "captions", "captions": captions}
    options = dict(whisper_options(board))
    if board.engines.speech == "api":
        options = {"version": ENGINE_VERSION, **settled_options(board.engines.options.get("api", {}))}
    second = segmentation_model(board)
    if second is not None:
        del options["segmentation_model"]
    apart = {"vocals": fingerprint(stems.inputs(song))} if wants_vocals(options) else {}
    if isinstance(options.get("isolate_vocals"), bool):
        del options["isolate_vocals"]  # written down as it is anyway, it changes nothing

    def by(options: Mapping[str, Any]) -> dict[str, Any]:
        engine = board.engines.speech
        whole = {"version": VERSION, "song": song, "engine": engine, "options": dict(options)}
        return {**whole, "language": board.song.language, **apart}

    if second is None or second == options.get("model"):
        return by(options)
    return {"version": BLEND_VERSION, "lines": by({**options, "model": second}), "words": by(options)}


def at_once_inputs(ingredients: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the same words were made of when lyrics were heard and laid in one; None where that makes no difference."""
    heard = ingredients.get("heard")
    return None if heard is None else {**heard, "lyrics": ingredients["lyrics"]}


def made_from(ingredients: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of this stage has to be there before words of these inputs can be made."""
    return [dict(ingredients[name]) for name in _SOURCES if name in ingredients]


def sources(ingredients: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same with what that is made from in turn, in the order of making."""
    return [each for own in made_from(ingredients) for each in (*sources(own), own)]


def in_one(ingredients: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as one table, by which it is said what changed, whatever the words were made of before."""
    if "heard" in ingredients:
        return {**in_one(ingredients["heard"]), "lyrics": ingredients["lyrics"]}
    if "lines" in ingredients:
        alone, second = ingredients["words"], ingredients["lines"]["options"].get("model")
        return {**alone, "options": {**alone["options"], "segmentation_model": second}}
    return dict(ingredients)


def make(
    store: Store,
    key: str,
    ingredients: Mapping[str, Any],
    lines: Iterable[Line],
    language: Callable[[], str | None] = lambda: None,
    left_out: Sequence[LeftOut] = (),
) -> list[Line]:
    """Keep the lines; they are taken one by one, so that a long recognition shows its progress.

    `left_out` is what an engine heard and nobody believes; it may grow while the lines are taken.
    `language` is asked once they are all there: the one that was guessed while they were heard, None where none was.
    """
    kept = list(lines)
    with store.making(STAGE, key, ingredients) as folder:
        write_lines(folder / LINES, kept)
        if (guessed := language()) is not None:
            (folder / "language.json").write_text(json.dumps(guessed), "utf-8")
        if left_out:
            text = json.dumps([each.as_json() for each in left_out], ensure_ascii=False, indent=1)
            (folder / LEFT_OUT).write_text(text, "utf-8")
    return kept


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Keep lines in a file of an artifact."""
    path.write_text(json.dumps([line.as_json() for line in lines], ensure_ascii=False, indent=1), "utf-8")


def load(store: Store, key: str) -> list[Line]:
    """The lines that were found; ArtifactDamaged where they cannot be read."""
    return read_lines(store.path(STAGE, key) / LINES)


def read_lines(path: Path) -> list[Line]:
    """The lines that an artifact keeps in a file; ArtifactDamaged where they cannot be read."""
    try:
        return [line_from_json(line) for line in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtifactDamaged(path, str(error)) from None


def guessed_language(store: Store, key: str) -> str | None:
    """The language (a code) that was guessed while these lines were heard; None where that is not known."""
    try:
        found = json.loads((store.path(STAGE, key) / "language.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, str) else None


def load_left_out(store: Store, key: str) -> list[LeftOut]:
    """What was heard and left out as invented; none where nothing was, or where that list is damaged."""
    try:
        found = json.loads((store.path(STAGE, key) / LEFT_OUT).read_text("utf-8"))
        return [left_out_from_json(each) for each in found]
    except (OSError, ValueError, TypeError):
        return []
