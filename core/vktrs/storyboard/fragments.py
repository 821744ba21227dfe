"""Lines as a row of fragments, each of which stays whole, and fragments as lines again. Pure.

Cutting is the business of `grouping` and `packing`; here it is seen to that nothing is lost or spelled otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from vktrs.lines import Line, Word
from vktrs.storyboard.wording import may_cut, tokens
from vktrs.storyboard.words import cut_text, scene_words, spread


@dataclass(frozen=True, slots=True)
class Fragment:
    """A word as it stands in its line (number `line`), with what follows it up to the next.

    A scene that begins with it starts at `start`; starts do not decrease. `pause` is the silence before the word,
    `sung_until` is when it is over, or, for the last of a line, when the line is. `words` are those of the line that
    belong to it, `opens` where it is the first of its line.
    """

    text: str
    start: float
    pause: float
    sung_until: float
    words: tuple[Word, ...]
    line: int
    opens: bool


def fragments(lines: Sequence[Line]) -> list[Fragment]:
    """All fragments of lines that are in order. Words whose times are not known are spread over their line."""
    found: list[Fragment] = []
    start, silent_from = 0.0, 0.0
    for number, line in enumerate(lines):
        texts, times, words = _pieces(line)
        limit = lines[number + 1].start if number + 1 < len(lines) else math.inf
        for place, (text, (begin, end)) in enumerate(zip(texts, times, strict=True)):
            start = max(start, min(begin if place else line.start, limit))
            over = max(end, line.end) if place + 1 == len(texts) else end
            pause = max(begin - silent_from, 0.0) if found else 0.0
            found.append(Fragment(text, start, pause, max(over, start), words[place], number, place == 0))
            silent_from = max(silent_from, end)
    return found


def joined(parts: Sequence[Fragment], lines: Sequence[Line], until: float) -> Line:
    """Fragments that follow one another as one line, over by `until`; a space parts what stood on two lines."""
    texts = ("".join(each.text for each in own).strip() for _, own in groupby(parts, key=lambda each: each.line))
    start = parts[0].start
    end = max(start, min(max(each.sung_until for each in parts), until))
    words = tuple(word for each in parts for word in each.words)
    return Line(start, end, " ".join(text for text in texts if text), words, stanza=lines[parts[0].line].stanza)


def _pieces(line: Line) -> tuple[list[str], list[tuple[float, float]], list[tuple[Word, ...]]]:
    """The texts of a line's fragments, when they are sung, and which words of the line are theirs."""
    own = cut_text(line.text, line.words)
    words: Sequence[Word] = line.words
    if own is None:
        words = scene_words(line.text, line.start, line.end, [line]) if line.words else ()
        words = words or spread(tokens(line.text), line.start, line.end)
    cut = own or cut_text(line.text, words)
    if cut is None:
        return [line.text], [(line.start, line.end)], [line.words]
    whole = _whole(line.text, cut)
    texts = ["".join(cut[first:last]) for first, last in whole]
    times = [(words[first].start, max(word.end for word in words[first:last])) for first, last in whole]
    if own is not None:
        return texts, times, [tuple(words[first:last]) for first, last in whole]
    return texts, times, _by_time(line.words, [start for start, _ in times])


def _whole(text: str, cut: Sequence[str]) -> list[tuple[int, int]]:
    """Which of the pieces of a text stay together, because no word may be cut within: (first, last) of each group."""
    edges, at = [0], 0
    for place, piece in enumerate(cut[:-1], start=1):
        at += len(piece)
        if may_cut(text, at):
            edges.append(place)
    return list(zip(edges, [*edges[1:], len(cut)], strict=True))


def _by_time(words: Sequence[Word], starts: Sequence[float]) -> list[tuple[Word, ...]]:
    """The words for each of the starts, in their order: each goes to the last one before its middle."""
    shared: list[list[Word]] = [[] for _ in starts]
    place = 0
    for word in words:
        while place + 1 < len(starts) and starts[place + 1] <= (word.start + word.end) / 2:
            place += 1
        shared[place].append(word)
    return [tuple(each) for each in shared]
