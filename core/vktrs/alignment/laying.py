"""The user's lines laid onto the words that were heard, and how much of them belongs to the song at all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vktrs.alignment.pairing import Pair, pair
from vktrs.alignment.spelling import compared
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

BELONGS = 0.2
"""From this share of letters on, met in runs, lyrics are taken for those of the song; chance reaches about 0.1."""

_SURELY_ALIKE = 0.75
_LONG = 6  # a word of so many letters is hardly met by chance
_LETTERS_OF_A_LINE = 8
_LONGEST_REST = 5.0  # seconds between two words of a line


@dataclass(frozen=True, slots=True)
class LaidLine:
    """A line of the user's: its words as written, each with the time at which it was heard, None where it was not.

    `met` is the share of its letters that were heard, 0..1.
    """

    text: str
    words: tuple[Word | None, ...]
    met: float


@dataclass(frozen=True, slots=True)
class Added:
    """Words that are sung before line `before` (or at the end) and that the user has not written."""

    before: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """Every line of the user's in order, what is sung between them, and the share (0..1) that surely belongs."""

    lines: tuple[LaidLine, ...]
    added: tuple[Added, ...]
    share: float


def lay(texts: Sequence[str], heard: Sequence[Line]) -> Laid:
    """Lay lines (words between blanks) onto heard words; repeated lines stay in order, ad-libs are set aside."""
    lines = [text.split() for text in texts]
    written = [compared(word) for line in lines for word in line]
    words = [word for line in heard for word in _words(line) if compared(word.text)]
    owner = [number for number, line in enumerate(lines) for _ in line]
    breaks = {i for i in range(len(owner)) if i == 0 or owner[i] != owner[i - 1]}
    pairs = pair(written, [compared(word.text) for word in words], breaks)
    placed = _placed(pairs, [word for line in lines for word in line], words)
    laid, at = [], 0
    for text, line in zip(texts, lines, strict=True):
        own, letters = _coherent(placed[at : at + len(line)]), written[at : at + len(line)]
        laid.append(LaidLine(text, tuple(own), _met(own, letters)))
        at += len(line)
    return Laid(tuple(laid), _added(pairs, written, owner, words), _share(pairs, written))


def _words(line: Line) -> Sequence[Word]:
    """The line's words; those of a line that came without, as a person's captions do, evenly over its time."""
    return line.words or spread(line.text.split(), line.start, line.end)


def _placed(pairs: Sequence[Pair], written: Sequence[str], heard: Sequence[Word]) -> list[Word | None]:
    """The written words with the times of the heard ones; where nobody tells how sure those are, as sure as they are
    alike, so that words which were found differ from those that were not."""
    placed: list[Word | None] = [None] * len(written)
    for each in pairs:
        (first, stop), own = each.written, heard[slice(*each.heard)]
        known = [word.probability for word in own if word.probability is not None]
        sure = each.alike * (sum(known) / len(known) if known else 1.0)
        for i, word in enumerate(spread(written[first:stop], own[0].start, max(own[-1].end, own[0].start)), first):
            placed[i] = Word(word.start, word.end, word.text, sure)
    return placed


def _coherent(words: Sequence[Word | None]) -> list[Word | None]:
    """The words of a line without those that were met far away from most of them: by chance, in another line."""
    groups: list[list[int]] = []
    reached = 0.0
    for i, word in enumerate(words):
        if word is None:
            continue
        if not groups or word.start - reached > _LONGEST_REST:
            groups.append([])
        groups[-1].append(i)
        reached = word.end
    kept = max(groups, key=len, default=[])
    return [word if i in kept else None for i, word in enumerate(words)]


def _met(words: Sequence[Word | None], letters: Sequence[str]) -> float:
    whole = sum(map(len, letters))
    return sum(len(own) for word, own in zip(words, letters, strict=True) if word) / whole if whole else 0.0


def _share(pairs: Sequence[Pair], written: Sequence[str]) -> float:
    """The share of letters that were met, counted where two words in a row were, or a long one."""
    sure = [each for each in pairs if each.alike >= _SURELY_ALIKE]
    runs: set[int] = set()
    for number, each in enumerate(sure):
        if max(len(written[i]) for i in range(*each.written)) >= _LONG:
            runs.add(number)
        if number and sure[number - 1].written[1] == each.written[0] and sure[number - 1].heard[1] == each.heard[0]:
            runs |= {number - 1, number}
    met = sum(len(written[i]) for number in runs for i in range(*sure[number].written))
    return met / max(sum(map(len, written)), 1)


def _added(
    pairs: Sequence[Pair], written: Sequence[str], owner: Sequence[int], heard: Sequence[Word]
) -> tuple[Added, ...]:
    """What is sung between two lines, where it is clearly more than the words of theirs that were not met."""
    edges = [Pair((0, 0), (0, 0), 1.0), *pairs, Pair((len(written),) * 2, (len(heard),) * 2, 1.0)]
    found = []
    for left, right in pairwise(edges):
        own = heard[left.heard[1] : right.heard[0]]
        above = owner[left.written[1] - 1] if left.written[1] else -1
        below = owner[right.written[0]] if right.written[0] < len(written) else (owner[-1] + 1 if owner else 0)
        if not own or below != above + 1:  # within a line, or a line between them was not met: it may be that one
            continue
        rest = range(left.written[1], right.written[0])
        over = sum(len(written[i]) for i in rest if owner[i] == above)
        under = sum(len(written[i]) for i in rest if owner[i] != above)
        kept = _trimmed(own, over, under)
        if sum(len(compared(word.text)) for word in kept) >= max(_LETTERS_OF_A_LINE, over + under):
            found.append(Added(below, tuple(kept)))
    return tuple(found)


def _trimmed(words: Sequence[Word], over: int, under: int) -> list[Word]:
    """The words without as many letters at either end as the lines around them still lack."""
    kept = list(words)
    while kept and over > 0:
        over -= len(compared(kept.pop(0).text))
    while kept and under > 0:
        under -= len(compared(kept.pop().text))
    return kept
