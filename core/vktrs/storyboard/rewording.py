"""Retimed words of a scene when its text is changed, or joined with another's: who stayed keeps its time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from statistics import fmean

from vktrs.lines import Line, Word
from vktrs.storyboard.model import Scene
from vktrs.storyboard.wording import tokens
from vktrs.storyboard.words import normal_form, scene_words, spread


@dataclass(frozen=True, slots=True)
class _Sung:
    """A word of a text (`token`, as it is written) with its times: one, or several where it was timed by syllables."""

    key: str
    token: str
    words: tuple[Word, ...]


def reworded(
    words: Sequence[Word], before: str, after: str, start: float, ends: Sequence[float]
) -> tuple[Word, ...] | None:
    """`words`, which are those of the text `before`, for the text `after`; None where nothing of them can stay.

    Words are matched in order as `words.scene_words` does it; those that stayed keep their times, also where their
    case or punctuation changed. What stands in the place of others gets the time of those, what is new lies between
    its neighbours, from `start` (of the scene) to the first of `ends` that leaves room. Without room it has no length;
    without any `ends` the last ones are as long as the others.
    """
    known = _matched(before, words)
    written = [token for token in tokens(after) if normal_form(token)] or tokens(after)
    matcher = SequenceMatcher(None, [each.key for each in known], [normal_form(token) for token in written], False)
    stayed = any(block.size for block in matcher.get_matching_blocks())
    if not written or not (stayed or len(written) == len(known)):
        return None
    placed: list[tuple[Word, ...]] = [()] * len(written)
    for kind, first, last, left, right in matcher.get_opcodes():
        if kind == "equal":
            placed[left:right] = map(_kept, known[first:last], written[left:right])
        elif kind == "replace":
            placed[left:right] = [(word,) for word in _instead(known[first:last], written[left:right])]
    return tuple(word for each in _filled(placed, written, start, ends) for word in each)


def joined_words(first: Scene, second: Scene, heard: Sequence[Line], until: float | None) -> tuple[Word, ...] | None:
    """The words of both scenes where one of them was retimed: the other's have the times at which they were `heard`.

    What nobody heard is spread over its scene. `until` is when the second scene ends, None where that is not known.
    """
    if not (first.words or second.words):
        return None
    return (*_words(first, heard, second.start), *_words(second, heard, until)) or None


def _words(scene: Scene, heard: Sequence[Line], until: float | None) -> tuple[Word, ...]:
    if scene.words or not scene.text.strip():
        return scene.words or ()
    ends = [time for time in (scene.end, until) if time is not None]
    end = min(ends) if ends else max([scene.start, *(line.end for line in heard)])
    return tuple(map(_rounded, scene_words(scene.text, scene.start, end, heard)))


def _matched(text: str, words: Sequence[Word]) -> list[_Sung]:
    """The words of a text, each with its times; each timed word by itself where they are not those of the text."""
    timed = [word for each in words for word in _single(each) if normal_form(word.text)]
    apart = [_Sung(normal_form(word.text), word.text, (word,)) for word in timed]
    place, found = 0, []
    for token in filter(normal_form, tokens(text)):
        first, key, sung = place, normal_form(token), ""
        while place < len(timed) and len(sung) < len(key):
            sung += apart[place].key
            place += 1
        if sung != key:
            return apart
        found.append(_Sung(key, token, tuple(timed[first:place])))
    return found if place == len(timed) else apart


def _single(word: Word) -> Sequence[Word]:
    """A timed word of several, or of signs without spaces, as so many, spread over its time."""
    parts = tokens(word.text)
    return spread(parts, word.start, word.end) if len(parts) > 1 else [word]


def _kept(sung: _Sung, token: str) -> tuple[Word, ...]:
    if token == sung.token or len(sung.words) > 1:
        return sung.words
    return (replace(sung.words[0], text=token),)


def _instead(gone: Sequence[_Sung], texts: Sequence[str]) -> list[Word]:
    """Words in the place of others: one for one where they are as many, else spread over the time of all."""
    spans = [(each.words[0].start, each.words[-1].end) for each in gone]
    if len(gone) == len(texts):
        return [Word(start, max(start, end), text) for (start, end), text in zip(spans, texts, strict=True)]
    return [_rounded(word) for word in spread(texts, spans[0][0], max(spans[0][0], spans[-1][1]))]


def _filled(
    placed: Sequence[tuple[Word, ...]], texts: Sequence[str], start: float, ends: Sequence[float]
) -> Iterator[tuple[Word, ...]]:
    """Every gap filled with the words that belong there, between the neighbours."""
    place, left = 0, start
    while place < len(placed):
        if placed[place]:
            left = placed[place][-1].end
            yield placed[place]
            place += 1
            continue
        after = next((each for each in range(place, len(placed)) if placed[each]), len(placed))
        later = placed[after][0].start if after < len(placed) else _last_end(placed[:place], after - place, left, ends)
        left = min(left, later) if place == 0 else left
        for word in spread(texts[place:after], left, max(left, later)):
            begin = min(max(round(word.start, 3), left), max(left, later))
            yield (Word(begin, min(max(round(word.end, 3), begin), max(left, later)), word.text),)
        place = after


def _last_end(before: Sequence[tuple[Word, ...]], count: int, left: float, ends: Sequence[float]) -> float:
    """Until when `count` words last that stand behind all of those before, which are over at `left`."""
    if ends:
        return next((end for end in ends if end > left), left)
    usual = fmean(each[-1].end - each[0].start for each in before if each)
    return left + max(usual, 0.0) * count


def _rounded(word: Word) -> Word:
    """Times to the millisecond, as a person would write them."""
    start = round(word.start, 3)
    return Word(start, max(round(word.end, 3), start), word.text)
