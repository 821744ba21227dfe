"""Two hearings of a song as one: the words as one of them spells them, in the lines and at the times of the other.

A large model spells well and runs lines together; a small one ends a line where the singer breathes. The words of both
are paired in order. What only one of them heard is kept: a word in the line in which it was sung, a line as a line.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from vktrs.alignment.pairing import pair
from vktrs.alignment.spelling import compared
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

_APART = 0.3  # seconds by which two models may differ about when a word is sung
_BREATH = 1.0  # seconds; a word so soon after another of its line belongs to that


@dataclass(frozen=True, slots=True)
class _Heard:
    """A word of a hearing: in which of its lines, and what stands before it there ("" within a text without blanks)."""

    word: Word
    line: int
    before: str


@dataclass(frozen=True, slots=True)
class _Gap:
    """Words between two pairs: which of either hearing (from, to), and the seconds between the pairs."""

    spelled: range
    timed: range
    start: float
    end: float


def blend(spelled: Sequence[Line], timed: Sequence[Line]) -> list[Line]:
    """The words of `spelled` in the lines of `timed`, at their times; in order, no line reaching into the next one.

    A line of `timed` in which none of `spelled` lies comes as it is, and words of `spelled` that lie in no line of
    `timed` are lines of their own. Probabilities and doubts are those of whose words are taken.
    """
    words, others = list(_words(spelled)), list(_words(timed))
    placed, owners = _placed(words, others, spelled, timed)
    lines = [each for number, each in enumerate(timed) if number not in owners]
    runs = groupby(range(len(words)), key=lambda i: (owners[i], words[i].line if owners[i] is None else 0))
    for _, numbers in runs:
        own = list(numbers)
        lines.append(_line([placed[i] for i in own], [words[i] for i in own], spelled))
    return _in_order(lines)


def _words(lines: Sequence[Line]) -> Iterator[_Heard]:
    """Every word; those of a line without times for them are spread over it."""
    for number, line in enumerate(lines):
        at = 0
        for word in line.words or spread(line.text.split(), line.start, line.end):
            found = line.text.find(word.text, at)
            before = line.text[at:found] if found >= 0 else " "
            at = found + len(word.text) if found >= 0 else at
            yield _Heard(word, number, before if before.strip() == "" else " ")


def _placed(
    words: Sequence[_Heard], others: Sequence[_Heard], spelled: Sequence[Line], timed: Sequence[Line]
) -> tuple[list[Word], list[int | None]]:
    """For each word of the one hearing its time, and the line of the other that it is sung in, None for none."""
    placed = [each.word for each in words]
    owners: list[int | None] = [None] * len(words)
    breaks = {i for i, each in enumerate(words) if i == 0 or each.line != words[i - 1].line}
    pairs = pair([compared(each.word.text) for each in words], [compared(each.word.text) for each in others], breaks)
    left = (0, 0, 0.0)
    gaps = []
    for each in pairs:
        (first, stop), (begin, end) = each.written, each.heard
        start, until = others[begin].word.start, others[end - 1].word.end
        for i, at in enumerate(_over(words[first:stop], start, max(until, start)), first):
            placed[i], owners[i] = at, others[begin].line
        gaps.append(_Gap(range(left[0], first), range(left[1], begin), left[2], max(start, left[2])))
        left = (stop, end, max(until, start))
    last = max((line.end for line in (*spelled, *timed)), default=0.0)
    gaps.append(_Gap(range(left[0], len(words)), range(left[1], len(others)), left[2], max(last, left[2])))
    for gap in gaps:
        _settle(gap, words, others, timed, placed, owners)
    return placed, owners


def _settle(
    gap: _Gap,
    words: Sequence[_Heard],
    others: Sequence[_Heard],
    timed: Sequence[Line],
    placed: list[Word],
    owners: list[int | None],
) -> None:
    """Give the words between two pairs their lines and times."""
    if not gap.spelled:
        return
    below, above = _around(gap, owners, len(timed))
    within = below == above and gap.spelled.start > 0 and gap.spelled.stop < len(words)
    reached = below
    for i in gap.spelled:
        owner = below if within else _line_at(words[i].word, gap, timed, range(reached, above + 1), below, above)
        owners[i] = owner
        reached = reached if owner is None else owner
    _join_strays(gap.spelled, words, owners)
    for owner, numbers in groupby(gap.spelled, key=lambda i: owners[i]):
        own = list(numbers)
        heard = [others[j].word for j in gap.timed if others[j].line == owner]
        if heard:
            there = _over([words[i] for i in own], heard[0].start, max(heard[-1].end, heard[0].start))
        else:
            there = [_within(words[i].word, gap) for i in own]
        for i, at in zip(own, there, strict=True):
            placed[i] = at


def _around(gap: _Gap, owners: Sequence[int | None], lines: int) -> tuple[int, int]:
    """The lines of the pairs on both sides; at either end of the song the first and the last line of all."""
    below = owners[gap.spelled.start - 1] if gap.spelled.start else 0
    above = owners[gap.spelled.stop] if gap.spelled.stop < len(owners) else lines - 1
    return below or 0, lines - 1 if above is None else above


def _line_at(word: Word, gap: _Gap, timed: Sequence[Line], numbers: range, below: int, above: int) -> int | None:
    """The line, of those numbers, that is sung while the word is; None where none is."""
    best, most = None, 0.0
    for number in numbers:
        start = timed[number].start if number > below or not gap.start else gap.start
        end = timed[number].end if number < above else min(timed[number].end, gap.end)
        overlap = min(word.end, end) - max(word.start, start) + _APART
        if overlap > most:
            best, most = number, overlap
    return best


def _join_strays(numbers: range, words: Sequence[_Heard], owners: list[int | None]) -> None:
    """Words that lie in no line go with the word before or behind them that was heard in one breath with them."""
    for step, order in ((-1, numbers), (1, reversed(numbers))):
        for i in order:
            if owners[i] is not None or not 0 <= i + step < len(words):
                continue
            own, near = words[i], words[i + step]
            rest = own.word.start - near.word.end if step < 0 else near.word.start - own.word.end
            if near.line == own.line and rest <= _BREATH:
                owners[i] = owners[i + step]
    for i in numbers:  # and with both where these are of one line
        if owners[i] is None and i and owners[i - 1] is not None:
            after = next((owner for owner in owners[i + 1 : numbers.stop + 1] if owner is not None), None)
            owners[i] = after if after == owners[i - 1] else None


def _over(words: Sequence[_Heard], start: float, end: float) -> list[Word]:
    """Those words from one time to another."""
    if len(words) == 1:
        return [replace(words[0].word, start=start, end=end)]
    spans = spread([each.word.text for each in words], start, end)
    return [replace(each.word, start=at.start, end=at.end) for each, at in zip(words, spans, strict=True)]


def _within(word: Word, gap: _Gap) -> Word:
    start = min(max(word.start, gap.start), gap.end)
    return replace(word, start=start, end=min(max(word.end, start), gap.end))


def _line(placed: Sequence[Word], words: Sequence[_Heard], spelled: Sequence[Line]) -> Line:
    text = words[0].word.text
    for left, right in pairwise(words):
        text += (right.before if right.line == left.line else " ") + right.word.text
    known = [word.probability for word in placed if word.probability is not None]
    sources = [spelled[number] for number in dict.fromkeys(each.line for each in words)]
    return Line(
        placed[0].start,
        max(word.end for word in placed),
        text,
        tuple(placed),
        sum(known) / len(known) if known else None,
        tuple(dict.fromkeys(doubt for line in sources for doubt in line.doubts)),
    )


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines by their starts; no word starts before another, and a line ends where the next one starts."""
    ordered: list[Line] = []
    latest = 0.0
    for line in sorted(lines, key=lambda each: each.start):
        words = []
        for word in line.words:
            start = max(word.start, latest)
            words.append(replace(word, start=start, end=max(word.end, start)))
            latest = start
        start = words[0].start if words else max(line.start, latest)
        end = max([start, *(word.end for word in words)] if words else [start, line.end])
        ordered.append(replace(line, start=start, end=end, words=tuple(words)))
        latest = start if not words else latest
    return [_ended(line, after.start) for line, after in pairwise(ordered)] + ordered[-1:]


def _ended(line: Line, limit: float) -> Line:
    if line.end <= limit:
        return line
    words = tuple(replace(word, end=max(word.start, min(word.end, limit))) for word in line.words)
    return replace(line, end=max(limit, line.start), words=words)
