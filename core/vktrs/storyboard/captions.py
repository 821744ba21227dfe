"""What is shown of a scene's words, and when each of them is sung. Pure, and quick enough for every plan."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from vktrs.lines import Line, Word
from vktrs.storyboard.model import Scene
from vktrs.storyboard.wording import tokens
from vktrs.storyboard.words import cut_text, scene_words, spread


def shown(scene: Scene) -> str:
    """The text that the video shows of a scene: its caption, where it has one (empty: none), else its lyric."""
    return (scene.text if scene.caption is None else scene.caption).strip()


def shown_until(scene: Scene, end: float | None) -> float | None:
    """When the text of a scene goes: with the end of its line, or of the scene, which is `end`; None while unknown."""
    known = [time for time in (scene.end, end) if time is not None]
    return max(scene.start, min(known)) if known else None


def by_middle(lines: Sequence[Line]) -> tuple[Word, ...]:
    """All words that were heard, sorted by their middle, as `sung` wants them."""
    return tuple(sorted((word for line in lines for word in line.words), key=_middle))


def sung(scene: Scene, until: float, heard: Sequence[Word]) -> list[tuple[str, Word]]:
    """What is shown of a scene cut into its words, each with what stands around it, and when each is sung.

    Joined, the pieces are the shown text. The words' own times win, then those that were heard (all of the song, by
    their middle), then even ones; a caption is spread over the time of the scene's words.
    """
    text = unicodedata.normalize("NFC", shown(scene))
    if not text:
        return []
    words = list(_signs(_fitted(text, _known(scene, until, heard))))
    pieces = cut_text(text, words)
    if pieces is None:
        start = words[0].start if words else scene.start
        return [(text, Word(start, max(start, until), text))]
    return list(zip(pieces, words, strict=True))


def heard_in(scene: Scene, until: float, heard: Sequence[Word]) -> bool:
    """Whether a time of some word of a scene is known, be it heard or the user's."""
    return bool(scene.words or _between(heard, scene.start, until))


def _known(scene: Scene, until: float, heard: Sequence[Word]) -> Sequence[Word]:
    """The words of the scene's lyric; of its caption, where it has no lyric."""
    if scene.words:
        return scene.words
    text = scene.text if scene.text.strip() else shown(scene)
    return scene_words(text, scene.start, until, _line(_between(heard, scene.start, until)))


def _between(heard: Sequence[Word], start: float, until: float) -> Sequence[Word]:
    return heard[bisect_left(heard, start, key=_middle) : bisect_left(heard, until, key=_middle)]


def _fitted(text: str, known: Sequence[Word]) -> Sequence[Word]:
    """The times carried over to the words of `text`, where those are others."""
    if cut_text(text, known) is not None or not known:
        return known
    start, end = known[0].start, max(word.end for word in known)
    return scene_words(text, start, end, _line(known))


def _signs(words: Sequence[Word]) -> Iterator[Word]:
    """Where no spaces part words, as in Japanese, each sign is one; words of several are spread over their time."""
    for word in words:
        parts = tokens(word.text)
        yield from spread(parts, word.start, word.end) if len(parts) > 1 else [word]


def _line(words: Sequence[Word]) -> list[Line]:
    return [Line(words[0].start, words[-1].end, "", tuple(words))] if words else []


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2
