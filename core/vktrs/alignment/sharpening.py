"""Words that were only heard get times as good as those of known lyrics: the model is told them again, window by
window, and they are drawn to the voice. Pure but for one function that is passed in, which listens.

Texts and probabilities stay as they were heard. A recogniser gives a pause to the word before or behind it; so the
lines are parted where the voice rests, and stay parted where the words turn out to be that far from each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from vktrs.alignment.fitting import Align, fit
from vktrs.alignment.laying import Laid, LaidLine
from vktrs.alignment.placing import placed
from vktrs.alignment.voice import Voice
from vktrs.lines import Line, Word
from vktrs.storyboard.words import cut_text

_BREATH = 0.5  # seconds without a voice that part what is sung
_ASTRAY = 5.0  # seconds before its line at which a first word may have been heard
_DOUBTFUL = 0.5

Tokens = list[list[Word]]
"""The words of a line as blanks part them; a recogniser may hear "F", ".C." where the text has "F.C."."""


def sharpened(
    lines: Sequence[Line],
    voice: Voice,
    align: Align,
    longest_pause: float,
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[Line]:
    """The same words in the same order at better times; a line that pauses for longer than `longest_pause` is cut.

    Starts do not decrease, and no line ends after the next one starts. `on_progress` is told the position reached, in
    seconds, before each window.
    """
    pieces = list(_taken_up([(number, piece) for number, line in enumerate(lines) for piece in _breaths(line, voice)]))
    tokens = [_tokens(piece) for _, piece in pieces]
    texts = [" ".join(_joined(own).text for own in each) for each in tokens]
    met = (LaidLine(text, tuple(map(_joined, own)), 1.0) for text, own in zip(texts, tokens, strict=True))
    timed = placed(texts, fit(Laid(tuple(met), (), 1.0), voice, align, on_progress), voice)
    moved = [
        (number, _moved(piece, own, new.words)) for (number, piece), own, new in zip(pieces, tokens, timed, strict=True)
    ]
    return [line for _, own in groupby(moved, lambda each: each[0]) for line in _whole(list(own), longest_pause)]


def _breaths(line: Line, voice: Voice) -> Iterator[Line]:
    """The line parted between the words between which the voice rests."""
    texts = cut_text(line.text, line.words)
    if texts is None:
        yield line
        return
    cuts = [0, *_rests(line.words, voice), len(line.words)]
    for left, right in pairwise(cuts):
        own = line.words[left:right]
        yield replace(line, start=own[0].start, end=own[-1].end, text="".join(texts[left:right]), words=own)


def _taken_up(pieces: Sequence[tuple[int, Line]]) -> Iterator[tuple[int, Line]]:
    """The same, a doubtful first word far before its line joined with it: it is the model that says where it belongs.

    Where pauses were cut out of what it heard, it may give the first word of a line to some sound before the pause.
    """
    stray: tuple[int, Line] | None = None
    for place, (number, piece) in enumerate(pieces):
        if stray and piece.start - stray[1].end <= _ASTRAY:
            piece = _one(stray[1], piece)
        elif stray:
            yield stray
        first = place == 0 or pieces[place - 1][0] != number
        stray = (number, piece) if first and _is_stray(piece) else None
        if stray is None:
            yield number, piece
    if stray:
        yield stray


def _is_stray(line: Line) -> bool:
    return len(line.words) == 1 and line.text.strip()[-1:].isalnum() and (line.words[0].probability or 0.0) < _DOUBTFUL


def _one(left: Line, right: Line) -> Line:
    text = f"{left.text.strip()} {right.text}"
    doubts = tuple(dict.fromkeys(left.doubts + right.doubts))
    return replace(right, start=left.start, text=text, words=left.words + right.words, doubts=doubts)


def _rests(words: Sequence[Word], voice: Voice) -> list[int]:
    """Before which words the voice rests: for every pause the gap between two words that fits it best."""
    gaps = list(enumerate(pairwise(words), 1))
    found = set()
    for start, end in voice.pauses(words[0].start, words[-1].end, _BREATH):
        near = [
            (abs(left.end - start) + abs(right.start - end), number)
            for number, (left, right) in gaps
            if left.start < end and right.end > start
        ]
        if near:
            found.add(min(near)[1])
    return sorted(found)


def _tokens(line: Line) -> Tokens:
    texts = cut_text(line.text, line.words) or [f"{word.text} " for word in line.words]
    tokens: Tokens = []
    parted = True
    for word, text in zip(line.words, texts, strict=True):
        if parted:
            tokens.append([])
        tokens[-1].append(word)
        parted = text[-1:].isspace()
    return tokens


def _joined(words: Sequence[Word]) -> Word:
    text = "".join("".join(word.text.split()) for word in words)
    return Word(words[0].start, max(words[-1].end, words[0].start), text, words[0].probability)


def _moved(line: Line, tokens: Tokens, timed: Sequence[Word]) -> Line:
    """The line's own words at the times of its tokens."""
    words: list[Word] = []
    for own, new in zip(tokens, timed, strict=True):
        start, length = own[0].start, max(own[-1].end - own[0].start, 1e-6)
        scale = (new.end - new.start) / length
        for word in own:
            begun, ended = (new.start + (time - start) * scale for time in (word.start, word.end))
            words.append(replace(word, start=min(begun, new.end), end=min(max(begun, ended), new.end)))
    return replace(line, start=words[0].start, end=timed[-1].end, words=tuple(words))


def _whole(pieces: Sequence[tuple[int, Line]], longest_pause: float) -> Iterator[Line]:
    """The pieces of one line, joined where they lie close to each other."""
    (_, line), *others = pieces
    for _, piece in others:
        if piece.start - line.end > longest_pause:
            yield _told(line)
            line = piece
        else:
            line = replace(line, end=piece.end, text=line.text + piece.text, words=line.words + piece.words)
    yield _told(line)


def _told(line: Line) -> Line:
    known = [word.probability for word in line.words if word.probability is not None]
    return replace(line, text=line.text.strip(), confidence=sum(known) / len(known) if known else None)
