"""Which of the words that were heard is which of the words that are known: one alignment of the whole song. Pure.

Global alignment with affine gaps (Gotoh, 1982) over the similarity of words. Order is kept, so that a chorus that comes
three times is met three times. Words that only one side has cost little: ad-libs, and what nobody heard.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.6
"""From this similarity on (0..1) two words are taken for the same word, heard badly."""

_UNLIKE = -0.6  # a pair that is none; two short gaps cost more, so that words heard wrong stay opposite each other
_OPEN_WRITTEN, _OPEN_AT_BREAK = 1.0, 0.6  # words are rather missed by the line than from its middle
_OPEN_HEARD = 0.8
_EXTEND = 0.06
_JOINED = 0.15  # what it costs to take two words of one side for one of the other ("some body", "somebody")

_CELLS_AT_ONCE = 2_000_000  # about 180 MB: a cell takes nine numbers, and some on the way to them

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Written words `written` (a first index and one behind the last) are heard words `heard`, this much alike."""

    written: tuple[int, int]
    heard: tuple[int, int]
    alike: float


def pair(
    written: Sequence[str], heard: Sequence[str], breaks: Collection[int] = (), *, at_once: int | None = None
) -> list[Pair]:
    """The pairs of alike words in order, out of texts as `spelling.compared` gives them; one or two words a side.

    `breaks` are the indices of the written words that start a line. Every word is in one pair at most. Takes time as
    len(written) x len(heard), and memory for `at_once` rows of that, which changes no pair; as many as fit into some
    hundred megabytes unless it is told.
    """
    if not written or not heard:
        return []
    rows = at_once or max(_CELLS_AT_ONCE // (len(heard) + 1), 2)
    return [each for each in _Cells(written, heard, breaks, rows).way_back() if each.alike >= ALIKE]


class _Cells:
    """The table of best scores: row i, column j stand before written word i and heard word j; three states a cell.

    Only a block of its rows is held. Of every other block the two rows before it are kept, from which it is worked out
    again on the way back.
    """

    def __init__(self, written: Sequence[str], heard: Sequence[str], breaks: Collection[int], at_once: int) -> None:
        self.written, self.heard = written, heard
        self.joined = [a + b for a, b in pairwise(heard)]
        self.rows, self.at_once = len(written) + 1, at_once
        self.open_written = np.full(self.rows, _OPEN_WRITTEN)
        self.open_written[[*breaks, self.rows - 1]] = _OPEN_AT_BREAK
        self.kept: list[Scores] = []
        last_two = np.full((3, 2, len(heard) + 1), -np.inf)
        for first in range(0, self.rows, at_once):
            self.kept.append(last_two)
            self._work_out(first)
            last_two = np.stack([self.met[-2:], self.missed[-2:], self.added[-2:]])

    def _work_out(self, first: int) -> None:
        """Hold the block that begins with row `first`, and the two rows before it."""
        stop = min(first + self.at_once, self.rows)
        self.first, self.low = first, first - 2
        words = self.written[max(self.low, 0) : stop - 1]
        self.word = max(self.low, 0)  # the written word that the first row of all below is about
        self.alike = _similarity(words, self.heard)
        self.two_written = _similarity([a + b for a, b in pairwise(words)], self.heard)
        self.two_heard = _similarity(words, self.joined)
        weight = np.array([_weight(word) for word in words])
        self.gain = _gain(self.alike) * weight[:, None]
        both = np.minimum(weight[:-1] + weight[1:], 1.0)[:, None]
        self.gain_two_written = _gain_joined(self.two_written) * both - _JOINED
        self.gain_two_heard = _gain_joined(self.two_heard) * weight[:, None] - _JOINED
        shape = (stop - self.low, len(self.heard) + 1)
        self.met, self.missed, self.added = (np.full(shape, -np.inf) for _ in range(3))
        # `missed` ends with a written word that nobody heard, `added` with a heard word that is not written
        self.met[:2], self.missed[:2], self.added[:2] = self.kept[first // self.at_once]
        for i in range(first, stop):
            self._fill(i)

    def _fill(self, i: int) -> None:
        row, word = i - self.low, i - 1 - self.word
        steps = np.arange(self.met.shape[1]) * _EXTEND
        if i == 0:
            self.met[row, 0] = 0.0
        else:
            best = np.maximum(np.maximum(self.met[row - 1], self.missed[row - 1]), self.added[row - 1])
            self.met[row, 1:] = best[:-1] + self.gain[word]
            self.met[row, 2:] = np.maximum(self.met[row, 2:], best[:-2] + self.gain_two_heard[word])
            opened = np.maximum(self.met[row - 1], self.added[row - 1]) - self.open_written[i - 1]
            self.missed[row] = np.maximum(opened, self.missed[row - 1]) - _EXTEND
        if i > 1:
            before = np.maximum(np.maximum(self.met[row - 2], self.missed[row - 2]), self.added[row - 2])
            self.met[row, 1:] = np.maximum(self.met[row, 1:], before[:-1] + self.gain_two_written[word - 1])
        opened = np.maximum(self.met[row], self.missed[row]) - _OPEN_HEARD + steps
        self.added[row, 1:] = np.maximum.accumulate(opened)[:-1] - steps[1:]

    def way_back(self) -> list[Pair]:
        """The pairs on the best way through the table; of equal ones the latest is taken, always the same."""
        i, j = self.rows - 1, len(self.heard)
        state = self._best_state(i, j)
        pairs: list[Pair] = []
        while i or j:
            if i < self.first:
                self._work_out(i // self.at_once * self.at_once)
            if state == "met":
                a, b, alike = self._step(i, j)
                pairs.append(Pair((i - a, i), (j - b, j), alike))
                i, j = i - a, j - b
                state = self._best_state(i, j)
            elif state == "missed":
                i -= 1
                row = i - self.low
                opened = max(self.met[row, j], self.added[row, j]) - self.open_written[i]
                if opened >= self.missed[row, j]:
                    state = "met" if self.met[row, j] >= self.added[row, j] else "added"
            else:
                row = i - self.low
                goal = self.added[row, j] + _OPEN_HEARD + _EXTEND
                j -= 1
                if max(self.met[row, j], self.missed[row, j]) >= goal - 1e-9:
                    state = "met" if self.met[row, j] >= self.missed[row, j] else "missed"
        return pairs[::-1]

    def _best_state(self, i: int, j: int) -> str:
        row = i - self.low
        scores = {"met": self.met[row, j], "missed": self.missed[row, j], "added": self.added[row, j]}
        return max(scores, key=lambda state: scores[state])

    def _step(self, i: int, j: int) -> tuple[int, int, float]:
        """How many written and heard words the pair takes that ends before row i and column j, and how alike it is."""
        word = i - 1 - self.word
        steps = [(self._best(i - 1, j - 1) + self.gain[word, j - 1], 1, 1, self.alike[word, j - 1])]
        if j > 1:
            score = self._best(i - 1, j - 2) + self.gain_two_heard[word, j - 2]
            steps.append((score, 1, 2, self.two_heard[word, j - 2]))
        if i > 1:
            score = self._best(i - 2, j - 1) + self.gain_two_written[word - 1, j - 1]
            steps.append((score, 2, 1, self.two_written[word - 1, j - 1]))
        _, a, b, alike = max(steps, key=lambda step: step[0])
        return a, b, float(alike)

    def _best(self, i: int, j: int) -> float:
        row = i - self.low
        return float(max(self.met[row, j], self.missed[row, j], self.added[row, j]))


def _similarity(left: Sequence[str], right: Sequence[str]) -> Scores:
    """How alike every two words are, 0..1: normalized Levenshtein similarity; an empty word is like nothing."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    if not left or not right:
        return np.zeros((len(left), len(right)))
    scores = np.asarray(cdist(left, right, scorer=Levenshtein.normalized_similarity, dtype=np.float32), np.float64)
    scores[[not word for word in left]] = 0.0
    scores[:, [not word for word in right]] = 0.0
    return scores


def _gain(alike: Scores) -> Scores:
    """What a pair is worth: 1 for equal words, 0 at a similarity of 0.55, `_UNLIKE` for words that are no pair."""
    return np.maximum((alike - 0.55) / 0.45, _UNLIKE)


def _gain_joined(alike: Scores) -> Scores:
    """The same for two words taken as one, which have to be alike nearly to the letter."""
    return np.where(alike >= 0.85, _gain(alike), -np.inf)


def _weight(word: str) -> float:
    """How much a meeting says: "a" and "the" are everywhere."""
    return min(1.0, 0.25 + 0.15 * len(word))
