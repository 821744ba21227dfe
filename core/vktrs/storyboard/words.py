"""Whose words are whose: matching a text with words that have times. Pure, and quick enough to run on every edit.

The words of a scene are computed here and never stored, so that edits, splits and joins keep their times.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from vktrs.lines import Line, Word


def normal_form(word: str) -> str:
    """What has to be equal for two words to be the same: letters and digits, without case, accents or apostrophes."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def normal_forms(words: Iterable[str]) -> list[str]:
    """Those of words that have one: a dash by itself is none."""
    return [form for form in map(normal_form, words) if form]


def scene_words(text: str, start: float, end: float, lines: Sequence[Line]) -> tuple[Word, ...]:
    """The words of `text` as written, each with the time at which it was heard between `start` and `end` (seconds).

    Words are matched in order (longest matching blocks, as in difflib); case, punctuation and apostrophes do not
    matter. A word that was not heard is placed evenly between its neighbours, without probability. Times lie within
    the scene and do not decrease. Nothing heard there at all: the words are spread over the scene.
    """
    written = text.split()
    if not written or end <= start:
        return tuple(Word(start, start, word) for word in written)
    heard = sorted(
        (word for line in lines for word in line.words if start <= (word.start + word.end) / 2 < end),
        key=lambda word: word.start,
    )
    mine = [normal_form(word) for word in written]
    theirs = [normal_form(word.text) for word in heard]
    placed: list[Word | None] = [None] * len(written)
    for block in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
        for i in range(block.size):
            found = heard[block.b + i]
            placed[block.a + i] = Word(found.start, found.end, written[block.a + i], found.probability)
    return _in_order(fill_gaps(placed, written, start, end), start, end)


def fill_gaps(placed: Sequence[Word | None], written: Sequence[str], start: float, end: float) -> list[Word]:
    """Every gap in `placed` filled with its words, as long as their letters, between the neighbours that are known.

    What is filled in has no probability; `start` and `end` bound the first and the last gap.
    """
    filled: list[Word] = []
    i = 0
    while i < len(placed):
        if (known := placed[i]) is not None:
            filled.append(known)
            i += 1
            continue
        after = next((j for j in range(i, len(placed)) if placed[j] is not None), len(placed))
        left = max(start, filled[-1].end if filled else start)
        following = placed[after] if after < len(placed) else None
        right = following.start if following else end
        filled.extend(spread(written[i:after], left, max(left, right)))
        i = after
    return filled


def _in_order(words: Sequence[Word], start: float, end: float) -> tuple[Word, ...]:
    """The same words with starts that do not decrease and ends that do not reach over the next start."""
    starts: list[float] = []
    for word in words:
        starts.append(min(max(word.start, starts[-1] if starts else start, start), end))
    limits = [*starts[1:], end]
    return tuple(
        Word(begin, max(begin, min(word.end, limit)), word.text, word.probability)
        for word, begin, limit in zip(words, starts, limits, strict=True)
    )


def spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    """Words laid end to end from `start` to `end` (seconds), each as long as its letters ask for."""
    weights = [len(text) + 1 for text in texts]
    scale = (end - start) / sum(weights) if texts else 0.0
    words, at = [], start
    for text, weight in zip(texts, weights, strict=True):
        words.append(Word(at, min(at + weight * scale, end), text))
        at = words[-1].end
    return words


def cut_text(text: str, words: Sequence[Word]) -> list[str] | None:
    """`text` cut into as many pieces as there are words, each holding its word and what follows it up to the next.

    Joined, the pieces are `text` again. None where the words are not those of the text, in order.
    """
    if not words:
        return None
    edges, at = [], 0
    for word in words:
        found = text.find(word.text, at) if word.text else -1
        if found < 0 or normal_form(text[at:found]):
            return None
        blanks = [i + 1 for i in range(at, found) if text[i].isspace()]
        edges.append(blanks[-1] if blanks else found)  # a bracket before a word goes with it
        at = found + len(word.text)
    if normal_form(text[at:]):
        return None
    edges = [0, *edges[1:], len(text)]
    return [text[left:right] for left, right in pairwise(edges)]
