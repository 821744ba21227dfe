"""The words of segments as these are spelled, with the times of words that were told beside them. Pure.

A segment has punctuation and capitals, the words beside it have not. As long as both have the same letters one after
another, words are handed out by counting letters; where they differ, by time and likeness. What has no time of its own
lies between its neighbours, as long as its letters, without probability.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from vktrs.lines import Word
from vktrs.storyboard.words import fill_gaps, normal_form

Span = tuple[str, float, float]
"""A text with its start and its end in seconds."""


def timed(spans: Sequence[Span], words: Sequence[Word]) -> list[list[Word]]:
    """For each span, in order of their starts, its raw words (with their leading blanks, as engines give them).

    Joined they are the text of the span, but for the number of its blanks.
    """
    left, out = list(words), []
    for number, (text, start, end) in enumerate(spans):
        own = _same_letters(text, left)
        if own is not None:
            left = left[len(own) :]
            pieces, placed = _by_letters(text, [word for word in own if normal_form(word.text)])
        else:
            until = max(end, spans[number + 1][1]) if number + 1 < len(spans) else float("inf")
            own = [word for word in left if (word.start + word.end) / 2 < until]
            left = [word for word in left if (word.start + word.end) / 2 >= until]
            pieces, placed = _by_likeness(text, own)
        steady = _steady(placed)
        first = min([start, *(word.start for word in steady if word is not None)])
        found = fill_gaps(steady, [piece.strip() for piece in pieces], first, end)
        out.append([replace(word, text=piece) for word, piece in zip(found, pieces, strict=True)])
    return out


def _same_letters(text: str, words: Sequence[Word]) -> list[Word] | None:
    """The first of the words that together have exactly the letters of the text; None where they have others."""
    wanted, have = normal_form(text), ""
    taken = 0
    while len(have) < len(wanted) and taken < len(words):
        have += normal_form(words[taken].text)
        taken += 1
    return list(words[:taken]) if have == wanted and taken else None


def _by_letters(text: str, words: Sequence[Word]) -> tuple[list[str], list[Word | None]]:
    """The text cut where words begin: what stands between two goes with the first, its last blank with the second."""
    reached = list(accumulate(len(normal_form(sign)) for sign in text))
    edges = [0]
    for letters in accumulate(len(normal_form(word.text)) for word in words[:-1]):
        behind = next(i for i, count in enumerate(reached, 1) if count >= letters)
        following = next((i for i in range(behind, len(text)) if normal_form(text[i])), len(text))
        blanks = [i for i in range(behind, following) if text[i].isspace()]
        edges.append(blanks[-1] if blanks else following)
    pieces = [text[left:right] for left, right in pairwise([*edges, len(text)])]
    return pieces, [replace(word, text=piece) for word, piece in zip(words, pieces, strict=True)]


def _by_likeness(text: str, words: Sequence[Word]) -> tuple[list[str], list[Word | None]]:
    """What stands between the blanks of the text, with the times of the words that are the same, in order."""
    pieces = [f" {piece}" for piece in text.split()]
    placed: list[Word | None] = [None] * len(pieces)
    mine, theirs = [normal_form(piece) for piece in pieces], [normal_form(word.text) for word in words]
    for block in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
        for i in range(block.size):
            placed[block.a + i] = replace(words[block.b + i], text=pieces[block.a + i])
    return pieces, placed


def _steady(placed: Sequence[Word | None]) -> list[Word | None]:
    """The same without the times that contradict the most others (the longest row of starts that do not decrease is
    kept), and with ends that do not reach over the next start.
    """
    known = [i for i, word in enumerate(placed) if word is not None]
    kept = [known[i] for i in _longest_row([word.start for word in placed if word is not None])]
    steady: list[Word | None] = [None] * len(placed)
    for number, index in enumerate(kept):
        word = placed[index]
        following = placed[kept[number + 1]] if number + 1 < len(kept) else None
        if word is not None:
            limit = following.start if following is not None else word.end
            steady[index] = replace(word, end=max(word.start, min(word.end, limit)))
    return steady


def _longest_row(values: Sequence[float]) -> list[int]:
    """The indices of a longest subsequence that does not decrease (patience sorting)."""
    tops: list[float] = []
    at: list[int] = []
    before: list[int | None] = []
    for index, value in enumerate(values):
        pile = bisect_right(tops, value)
        before.append(at[pile - 1] if pile else None)
        tops[pile : pile + 1] = [value]
        at[pile : pile + 1] = [index]
    row: list[int] = []
    last = at[-1] if at else None
    while last is not None:
        row.append(last)
        last = before[last]
    return row[::-1]
