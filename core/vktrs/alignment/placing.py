"""The last step: starts and ends drawn to where the voice has them, and places for lines nobody heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from vktrs.alignment.spelling import compared
from vktrs.alignment.voice import Voice
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

_FURTHEST = 1.2  # seconds that a start or an end is moved to the voice's; further away it is another sound
_SWALLOWED = 0.08  # seconds; so short is only a word of which a pause took the rest
_LETTER = 0.075  # seconds of a line that nobody heard
_FAINT = 0.35  # how likely singing is where only its start is looked for
_BLIP = 0.1  # seconds of something like a voice that may lie in a pause
_LONGEST_DIP = 0.6  # seconds; by so much the voice's curve may drop within a word
_HELD = 2.5  # seconds; a last word is not taken to be held longer because something like a voice goes on


def placed(texts: Sequence[str], found: Sequence[tuple[Word, ...] | None], voice: Voice) -> list[Line]:
    """Every line of the user's with its times, starts that do not decrease, no end beyond the next start.

    `found` holds the words of the lines that were found, in order. The others lie between their neighbours, where
    somebody sings if somebody does, and as long as there is room; their words have no probability.
    """
    drawn = _drawn(found, voice)
    lines: list[Line] = []
    number = 0
    while number < len(texts):
        own = drawn[number]
        if own is not None:
            lines.append(_line(texts[number], own))
            number += 1
            continue
        stop = next((i for i in range(number, len(texts)) if drawn[i] is not None), len(texts))
        following = drawn[stop] if stop < len(texts) else None
        start, end = lines[-1].end if lines else 0.0, following[0].start if following else voice.duration
        if lines:  # a held last word may reach over the next start
            start = max(lines[-1].words[-1].start, min(start, end))
        lines += _between(texts[number:stop], start, max(end, start), voice, last=following is None)
        number = stop
    return [_ended(line, after.start) for line, after in pairwise(lines)] + [
        _ended(line, voice.duration) for line in lines[-1:]
    ]


def _drawn(found: Sequence[tuple[Word, ...] | None], voice: Voice) -> list[tuple[Word, ...] | None]:
    """The lines with their first start and last end where the singing starts and ends, if there is a pause there."""
    drawn: list[tuple[Word, ...] | None] = list(found)
    known = [i for i, words in enumerate(found) if words]
    for place, number in enumerate(known):
        words = list(found[number] or ())
        before = drawn[known[place - 1]] if place else None
        after = found[known[place + 1]] if place + 1 < len(known) else None
        latest = words[1].start if len(words) > 1 else after[0].start if after else voice.duration
        begun = _begun(words[0], before[-1] if before else None, voice)
        words[0] = replace(begun, start=min(begun.start, max(latest, words[0].start)))
        limit = min(after[0].start if after else voice.duration, words[-1].end + _HELD)
        words[-1] = _let_go(words[-1], limit, voice)
        drawn[number] = tuple(words)
    return drawn


def _begun(word: Word, before: Word | None, voice: Voice) -> Word:
    """A line's first word, from where the voice sets in.

    Attention takes a part of the pause before it for the word, or the word for a part of the pause.
    """
    reached = before.end if before else 0.0
    if word.end - word.start < _SWALLOWED:
        earliest = max(reached, word.end - _FURTHEST)
        rise = voice.rise(earliest, word.end + _SWALLOWED, _FAINT)
        start = max(earliest, word.end - _LETTER * len(word.text)) if rise is None else rise
        return replace(word, start=min(start, word.start))
    if 0.1 < word.start - reached < _FURTHEST and before and _goes_on(voice, reached, word.start):
        return replace(word, start=reached)
    inside = voice.rise(max(word.end - 0.15, word.start), word.end + 0.3)
    earliest = max(before.start if before else 0.0, word.start - _FURTHEST)
    onset = None if inside is None else voice.onset(inside, earliest)
    if onset is None:
        return word
    pause = voice.pause(word.start, onset)
    rested = pause is not None and pause[1] - pause[0] >= _LONGEST_DIP
    if voice.sung(word.start, onset) > _BLIP and not rested:  # a long vowel may look like two, but nobody rests in it
        return word
    return replace(word, start=onset, end=max(word.end, onset))


def _goes_on(voice: Voice, start: float, end: float) -> bool:
    """Whether somebody sings all the time between two times."""
    pause = voice.pause(start, end)
    return voice.sung(start, end) > 0.5 * (end - start) and (pause is None or pause[1] - pause[0] < _BLIP)


def _let_go(word: Word, limit: float, voice: Voice) -> Word:
    """A line's last word, to where the voice ends."""
    inside = word.start + min(0.1, (word.end - word.start) / 2)
    ending = voice.ending(inside, limit)
    if ending is None:
        return replace(word, end=max(word.start, min(word.end, limit)))
    return replace(word, end=max(word.start, min(ending, limit)))


def _between(texts: Sequence[str], start: float, end: float, voice: Voice, *, last: bool) -> list[Line]:
    """Lines that nobody heard, laid over the singing between two times, or one after the other where nobody sings."""
    lengths = [_LETTER * (sum(len(compared(word)) for word in text.split()) + 1) for text in texts]
    sung = voice.stretches(start, end)
    if sung and sum(right - left for left, right in sung) >= 0.5 * sum(lengths):
        start, end = sung[0][0], sung[-1][1]
    else:
        shrunk = min(1.0, (end - start) / sum(lengths))
        start, end = (start, start + shrunk * sum(lengths)) if not last else (start, min(end, start + sum(lengths)))
    lines, at = [], start
    for text, length in zip(texts, lengths, strict=True):
        until = min(at + (end - start) * length / sum(lengths), end)
        lines.append(_line(text, tuple(spread(text.split(), at, until))))
        at = until
    return lines


def _line(text: str, words: tuple[Word, ...]) -> Line:
    known = [word.probability for word in words if word.probability is not None]
    confidence = sum(known) / len(known) if known else None
    return Line(words[0].start, max(word.end for word in words), text, words, confidence)


def _ended(line: Line, limit: float) -> Line:
    """The line and its words, ended at `limit` at the latest, and each word where the next one starts."""
    limits = [*(word.start for word in line.words[1:]), max(limit, line.words[-1].start)]
    words = tuple(
        replace(word, end=max(word.start, min(word.end, stop))) for word, stop in zip(line.words, limits, strict=True)
    )
    return replace(line, end=max(line.start, words[-1].end), words=words)
