"""When words are sung that are known already: what both Whisper libraries need around their cross-attention alignment.

A model is shown a window of at most 30 s and the text that is sung in it; dynamic time warping over the attention of
some of its heads says when it came to which token (the Whisper paper's code, `timing.py`). Warping leaves no frame
out, so a pause before a line would belong to the line's first word: an ellipsis between the lines takes it instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vktrs.lines import Word

LONGEST_WINDOW = 30.0
MOST_TOKENS = 440  # the decoder's memory is 448, with the marks of the start

_PAUSE = " ..."
_MARKS = ".,;:!?…\"'”’)]}*~-–—"


@dataclass(frozen=True, slots=True)
class Timed:
    """So many tokens in a row, in seconds of the window, and the mean probability that the model gives them."""

    tokens: int
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Spelled:
    """A window's text as tokens; for every word of every line where its tokens start, end without marks, and end."""

    tokens: list[int]
    words: tuple[tuple[tuple[str, int, int], ...], ...]


def spell(lines: Sequence[str], encode: Callable[[str], list[int]]) -> Spelled:
    """The lines as tokens, with pauses around each; `encode` is the model's. ValueError where they are too many."""
    tokens = list(encode(_PAUSE))
    spelled = []
    for line in lines:
        words = []
        for word in line.split():
            own = encode(f" {word}")
            sung = encode(f" {word.rstrip(_MARKS)}")
            length = len(sung) if own[: len(sung)] == sung else len(own)
            words.append((word, len(tokens), len(tokens) + length))
            tokens += own
        spelled.append(tuple(words))
        tokens += encode(_PAUSE)
    if len(tokens) > MOST_TOKENS:
        raise ValueError(f"{len(tokens)} tokens are more than the {MOST_TOKENS} that a window takes")
    return Spelled(tokens, tuple(spelled))


def timed_words(spelled: Spelled, timed: Sequence[Timed]) -> list[tuple[Word, ...]]:
    """The words of each line with their times in the window; `timed` covers the tokens in order."""
    per_token = [piece for piece in timed for _ in range(piece.tokens)]
    return [tuple(_word(word, per_token[first:end]) for word, first, end in line) for line in spelled.words]


def _word(text: str, pieces: Sequence[Timed]) -> Word:
    start = float(pieces[0].start)
    probability = sum(float(piece.probability) for piece in pieces) / len(pieces)
    return Word(start, max(start, float(pieces[-1].end)), text, probability)
