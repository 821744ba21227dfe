"""Known lines timed against the audio, window by window: what is listened to, what of it is believed. Pure but for one
function that is passed in, which listens.

A window's text must be exactly what is sung in it. So a window holds whole lines, is cut where nobody sings, leaves
out lines for which there is no singing, and takes in words that were heard and are not written. What comes back is
believed where the model finds the words likely enough and nobody would have to sing faster than a mouth can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from vktrs.alignment.laying import Added, Laid, LaidLine
from vktrs.alignment.spelling import compared
from vktrs.alignment.voice import Voice
from vktrs.lines import Word
from vktrs.storyboard.words import fill_gaps

Align = Callable[[float, float, Sequence[str]], Sequence[tuple[Word, ...]]]
"""Times words, line by line, between two times of the song; see `SpeechEngine.align`. Times are those of the song."""

LONGEST = 26.0
"""Seconds of a window; a model hears 30."""

LIKELY = 0.2
"""Mean probability of a line's words below which it is not sung there; measured: 0.02 to 0.08 where it is not, and
above 0.4 where it is, the voice as loud as the band."""

_SHORTEST = 0.1  # seconds; in less nothing is sung, and some models fail

_MOST_BYTES = 420  # of a window's text: a decoder remembers 448 tokens, and none is less than a byte
_BYTES_A_PAUSE = 3
_HEARD = 0.3  # share of a line's letters
_FASTEST = 0.025  # seconds a letter; fast rap takes 0.04
_MARGIN = 0.7
_FAR = 2.0  # seconds from where its words were heard; further away it is another line
_LETTER = 0.075  # seconds, where a song does not tell
_TRIES = 3
_INTERLUDE = 4.0  # seconds without singing, over which no window reaches
_BREATH = 0.6  # seconds between added words that are two lines


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of text to be timed: line `number` of the user's, or None for words that only were heard.

    `start` and `end` are about where it is sung; at `begun` it surely has begun, and at `ending` it has not ended yet.
    `heard` tells whether it was, or only may be. A piece of a line begins with its word `first`.
    """

    number: int | None
    text: str
    start: float
    end: float
    begun: float
    ending: float
    heard: bool
    first: int = 0


def fit(
    laid: Laid, voice: Voice, align: Align, on_progress: Callable[[float], None] = lambda _: None
) -> list[tuple[Word, ...] | None]:
    """The words of each line with their times in the song, in order; None for a line that was found nowhere.

    `on_progress` is told the position reached, in seconds, before each window.
    """
    timed: list[dict[int, tuple[Word, ...]]] = [{} for _ in laid.lines]
    pieces = [piece for item in likely_items(laid, voice) for piece in in_pieces(item, laid)]
    for start, end, items in windows(pieces, voice):
        on_progress(start)
        if end - start < _SHORTEST or not _fits(items):  # or one word without end: no window holds it
            continue
        for (number, first), words in _heard_in(start, end, items, laid, align).items():
            timed[number][first] = _surer(words, laid.lines[number].words[first : first + len(words)])
    found = [_whole(line, parts) for line, parts in zip(laid.lines, timed, strict=True)]
    for number, line in enumerate(laid.lines):
        if found[number] is None and line.met >= _HEARD:
            found[number] = by_hearing(line)
    return _in_order(found)


def _surer(words: Sequence[Word], heard: Sequence[Word | None]) -> tuple[Word, ...]:
    """The words with the better of two probabilities: expected there by the model, or heard there by itself."""
    return tuple(
        replace(word, probability=max(word.probability or 0.0, (own and own.probability) or 0.0))
        for word, own in zip(words, heard, strict=True)
    )


def _whole(line: LaidLine, parts: dict[int, tuple[Word, ...]]) -> tuple[Word, ...] | None:
    """A line of the pieces that were found; the rest of it where it was heard, or else between its neighbours."""
    if not parts:
        return None
    words = list(line.words)
    if sum(map(len, parts.values())) == len(words):
        return tuple(word for first in sorted(parts) for word in parts[first])
    for first, own in parts.items():
        words[first : first + len(own)] = own
    return by_hearing(replace(line, words=tuple(words)))


def in_pieces(item: Item, laid: Laid) -> Iterator[Item]:
    """The item; of a line that is too long for a window its pieces, cut where the singer rests longest."""
    if item.number is None or _fits([item]):
        yield item
        return
    written, known = item.text.split(), laid.lines[item.number].words
    times = fill_gaps(known, written, item.start, item.end)

    def piece(first: int, stop: int) -> Item:
        text, heard = " ".join(written[first:stop]), item.heard and any(known[first:stop])
        own = times[first:stop]
        start = max(own[0].start, item.start)
        end = max(start, *(word.end for word in own))
        return Item(item.number, text, start, end, own[0].end, own[-1].start, heard, first)

    first = 0
    while first < len(written):
        stop = first + 1
        while stop < len(written) and _fits([piece(first, stop + 1)]):
            stop += 1
        if stop < len(written):
            later = range(first + 1 + (stop - first) // 2, stop + 1)
            stop = max(later, key=lambda i: times[i].start - times[i - 1].end, default=stop)
        yield piece(first, stop)
        first = stop


def by_hearing(line: LaidLine) -> tuple[Word, ...]:
    """The words at the times at which they were heard; those between them without probability."""
    known = [word for word in line.words if word]
    return tuple(fill_gaps(line.words, line.text.split(), known[0].start, known[-1].end))


def likely_items(laid: Laid, voice: Voice) -> list[Item]:
    """What is probably sung, in order: the lines that were heard, what was added, and lines for which there is room."""
    pace = _pace(laid.lines)
    items: list[Item] = []
    reached, waiting = 0.0, []
    for number, line in enumerate([*laid.lines, None]):
        own = [item for added in laid.added if added.before == number for item in _added(added)]
        if line is not None and line.met >= _HEARD:
            own.append(_heard(number, line, pace))
        elif line is not None:
            waiting.append(number)
        for item in own if line is not None else [*own, None]:
            items += _unheard(laid, waiting, reached, item.start if item else voice.duration, voice, pace)
            waiting = []
            if item:
                start = max(item.start, reached)
                items.append(replace(item, start=start, end=max(item.end, start)))
                reached = items[-1].end
    return items


def _added(added: Added) -> Iterator[Item]:
    """What is sung and not written, in lines as the pauses make them."""
    cuts = [i for i, (a, b) in enumerate(pairwise(added.words), 1) if b.start - a.end > _BREATH]
    for left, right in pairwise([0, *cuts, len(added.words)]):
        own = added.words[left:right]
        text = " ".join(word.text for word in own)
        yield Item(None, text, own[0].start, own[-1].end, own[0].end, own[-1].start, heard=True)


def _heard(number: int, line: LaidLine, pace: float) -> Item:
    """A line that was heard: its words that were, and as long before and behind as the others take."""
    written = line.text.split()
    places = [i for i, word in enumerate(line.words) if word]
    known = [word for word in line.words if word]
    before, behind = written[: places[0]], written[places[-1] + 1 :]
    start = max(known[0].start - pace * sum(map(_letters, before)), 0.0)
    end = known[-1].end + pace * sum(map(_letters, behind))
    return Item(number, line.text, start, end, known[0].end, known[-1].start, heard=True)


def _unheard(laid: Laid, numbers: Sequence[int], start: float, end: float, voice: Voice, pace: float) -> Iterator[Item]:
    """Lines that nobody heard, laid over the singing between two times; none where there is too little of it."""
    numbers = [number for number in numbers if _letters(laid.lines[number].text)]
    wanted = [pace * _letters(laid.lines[number].text) for number in numbers]
    stretches = voice.stretches(start + 0.1, end - 0.1)
    room = sum(right - left for left, right in stretches)
    if not numbers or room < 0.5 * min(wanted):
        return
    at = 0.0
    for number, length in zip(numbers, wanted, strict=True):
        share = room * length / sum(wanted)
        left, right = _along(stretches, at), _along(stretches, at + share)
        third = (right - left) / 3
        text = laid.lines[number].text
        yield Item(number, text, left, right, left + third, right - third, heard=False)
        at += share


def _along(stretches: Sequence[tuple[float, float]], seconds: float) -> float:
    """The time at which so many seconds of singing have passed."""
    for left, right in stretches:
        if seconds <= right - left:
            return left + seconds
        seconds -= right - left
    return stretches[-1][1]


def windows(items: Sequence[Item], voice: Voice) -> Iterator[tuple[float, float, Sequence[Item]]]:
    """The items in groups with where to listen for each, seconds; cut in the longest pauses that there are."""
    first, earliest = 0, 0.0
    while first < len(items):
        stop = first + 1
        while stop < len(items) and _fits(items[first : stop + 1]) and _pause(items, stop, voice)[2] < _INTERLUDE:
            stop += 1
        if stop < len(items) and _pause(items, stop, voice)[2] < _INTERLUDE:
            stop = max(range(first + 1 + (stop - first) // 2, stop + 1), key=lambda i: _pause(items, i, voice)[2])
        start = earliest = max(_pause(items, first, voice)[1], earliest)
        end = max(_pause(items, stop, voice)[0], start)
        yield start, min(end, start + LONGEST + 2), items[first:stop]
        first = stop


def _fits(items: Sequence[Item]) -> bool:
    size = sum(len(item.text.encode()) + _BYTES_A_PAUSE for item in items)
    return items[-1].end - items[0].start <= LONGEST - 2 * _MARGIN and size <= _MOST_BYTES


def _pause(items: Sequence[Item], place: int, voice: Voice) -> tuple[float, float, float]:
    """Around the gap before item `place`: where the window before it ends, the next one starts, and how long it is."""
    before = items[place - 1] if place else None
    after = items[place] if place < len(items) else None
    left = before.ending if before else 0.0
    right = max(after.begun if after else voice.duration, left)
    pause = voice.pause(left, right)
    if pause is None:
        cut = voice.quietest(left, right)
        return cut, cut, 0.0
    start, end = pause
    # some room for a quiet first or last sound; an interlude is not listened to
    room = min((end - start) / 2, _MARGIN)
    return start + room, end - room, end - start


def _heard_in(
    start: float, end: float, items: Sequence[Item], laid: Laid, align: Align
) -> dict[tuple[int, int], tuple[Word, ...]]:
    """What was found in a window, by line and first word; where a line is not sung there, it is listened to without."""
    for _ in range(_TRIES):
        timed = align(start, end, [item.text for item in items])
        failed = [not _believable(item, words, laid) for item, words in zip(items, timed, strict=True)]
        unsung = [item for item, wrong in zip(items, failed, strict=True) if wrong and not item.heard]
        if not unsung:
            break
        items = [item for item in items if item not in unsung]
        if not items:
            return {}
    else:
        timed = align(start, end, [item.text for item in items])
        failed = [not _believable(item, words, laid) for item, words in zip(items, timed, strict=True)]
    return {
        (item.number, item.first): words
        for item, words, wrong in zip(items, timed, failed, strict=True)
        if item.number is not None and not wrong
    }


def _believable(item: Item, words: Sequence[Word], laid: Laid) -> bool:
    """Whether a line is likely sung where it was timed: by its probability, its pace, and where it was heard."""
    if not words or words[-1].end - words[0].start < _FASTEST * _letters(item.text):
        return False
    likely = sum(word.probability or 0.0 for word in words) / len(words)
    if likely < LIKELY:
        return False
    if item.number is None:
        return True
    own = laid.lines[item.number].words[item.first : item.first + len(words)]
    apart = [abs(a.start + a.end - b.start - b.end) / 2 for a, b in zip(own, words, strict=True) if a]
    return not apart or median(apart) <= _FAR


def _pace(lines: Sequence[LaidLine]) -> float:
    """Seconds a letter in this song, the median over lines that were heard whole."""
    paces = []
    for line in lines:
        known = [word for word in line.words if word]
        if len(known) > 2 and known[0] is line.words[0] and known[-1] is line.words[-1]:
            paces.append((known[-1].end - known[0].start) / max(_letters(line.text), 1))
    return min(max(median(paces), 0.03), 0.2) if len(paces) > 1 else _LETTER


def _letters(text: str) -> int:
    return sum(len(compared(word)) for word in text.split())


def _in_order(lines: Sequence[tuple[Word, ...] | None]) -> list[tuple[Word, ...] | None]:
    """The same with starts that never decrease; a line that lies before the end of an earlier one is dropped."""
    kept: list[tuple[Word, ...] | None] = []
    reached = 0.0
    for words in lines:
        if not words or words[-1].end <= reached:
            kept.append(None)
            continue
        own = []
        for word in words:
            start = max(word.start, reached)
            own.append(replace(word, start=start, end=max(word.end, start)))
            reached = start
        kept.append(tuple(own))
        reached = max(reached, own[-1].start)
    return kept
