"""Why what was heard may not be what is sung: the measures, their limits, and how each is said. Pure.

A doubt is a short code, "compression 3.1": a kind and its figure. `Line.doubts` keeps those that only the listening
could tell; what words tell by themselves is worked out where it is asked for, so that it holds for every artifact
and every source of words. Nothing here knows samples: what sounds is measured by `engines.doubting`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vktrs.lines import Line, Word, is_number

COMPRESSION = 2.4
"""Text that zlib makes smaller than by this says itself over and over (Radford et al. 2022, section 4.5)."""

LOG_PROBABILITY = -1.0
"""A mean over the tokens below it is a failed decoding (the same section)."""

NO_SPEECH = 0.6
"""That nobody speaks, by the same section; there it counts only together with a low log probability."""

NO_SPEECH_ALONE = 0.8
"""Without the low log probability: right lines of songs were measured with up to 0.74, since a band is no speech."""

WORD_PROBABILITY = 0.5
"""A mean probability of words below it is a guess."""

SYLLABLES_A_SECOND = 12.0
"""Nobody sings more: the fastest rap is about 10 (11 for a minute is the record), ordinary speech 4 to 5."""

_LETTERS = 3  # of a syllable, about, in languages written with letters
_FEWEST_SYLLABLES = 4  # of fewer the engine's times are too coarse to tell a rate
_SHORTEST = 0.1  # seconds

_SAID = {
    "no-speech": "the model gives {:.2f} that nobody sings there",
    "log-probability": "the model was not sure of the text around it, log probability {:.2f}",
    "compression": "the text around it says itself over and over, compression {:.1f}",
    "probability": "its words were heard with a probability of {:.2f} only",
    "rate": "{:.1f} syllables a second are more than anybody sings",
    "silence": "it lies where nothing sounds, {:.0f} dB below the loud part of the song",
    "repeat": "it says the line before it again, where nothing sounds, {:.0f} dB below the loud part of the song",
    "drawn-out": "its words fill {:.0%} of its time only",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What an engine heard and nobody believes, from `start` to `end` (seconds of the song); `why` is a doubt."""

    start: float
    end: float
    text: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `left_out_from_json` reads it back."""
        return asdict(self)


def left_out_from_json(value: Mapping[str, Any]) -> LeftOut:
    """What `LeftOut.as_json` wrote; ValueError or TypeError where this is none."""
    found = LeftOut(**value)
    texts = isinstance(found.text, str) and isinstance(found.why, str)
    if not (texts and is_number(found.start) and is_number(found.end)):
        raise ValueError("nothing left out: a value of another type")
    return found


def code(kind: str, figure: float) -> str:
    """The doubt as it is kept; `kind` is one of those that can be said."""
    return f"{kind} {figure:.4g}"


def kind_of(doubt: str) -> str:
    """The kind of a doubt; "" for a sentence of somebody else's."""
    kind, _, figure = doubt.partition(" ")
    return kind if kind in _SAID and _is_number(figure) else ""


def said(doubt: str) -> str:
    """The doubt for people, without a stop; what is no code is a sentence already."""
    kind, _, figure = doubt.partition(" ")
    if not kind_of(doubt):
        return doubt.strip().rstrip(".")
    return _SAID[kind].format(float(figure))


def of_decoding(no_speech: float, log_probability: float, compression: float) -> tuple[str, ...]:
    """What an engine's own figures say against a text: 0..1, a mean over tokens, a zlib ratio.

    Whisper gives them for a window of up to 30 s, so they are about the text around a line, too.
    """
    found = []
    if no_speech > NO_SPEECH_ALONE or (no_speech > NO_SPEECH and log_probability < LOG_PROBABILITY):
        found.append(code("no-speech", no_speech))
    if compression > COMPRESSION:
        found.append(code("compression", compression))
    if log_probability < LOG_PROBABILITY:
        found.append(code("log-probability", log_probability))
    return tuple(found)


def of_words(words: Sequence[Word]) -> tuple[str, ...]:
    """What the words of a line tell by themselves; nothing where their times were not heard (no probability)."""
    known = [word.probability for word in words if word.probability is not None]
    if not known or 2 * len(known) < len(words):
        return ()
    found = []
    if (mean := sum(known) / len(known)) < WORD_PROBABILITY:
        found.append(code("probability", mean))
    if (rate := syllables_a_second(words)) > SYLLABLES_A_SECOND:
        found.append(code("rate", rate))
    return tuple(found)


def of_line(line: Line) -> tuple[str, ...]:
    """All that speaks against a line: what was kept with it, and what its words tell."""
    kept = {kind_of(doubt) for doubt in line.doubts}
    return (*line.doubts, *(doubt for doubt in of_words(line.words) if kind_of(doubt) not in kept))


def syllables_a_second(words: Sequence[Word]) -> float:
    """How fast the words would have to be sung; 0.0 for too few of them to say."""
    count = sum(syllables(word.text) for word in words)
    if count < _FEWEST_SYLLABLES:
        return 0.0
    start, end = min(word.start for word in words), max(word.end for word in words)
    return count / max(end - start, _SHORTEST)


def syllables(word: str) -> float:
    """About how many syllables a word has, in any language: three letters make one, so does a Chinese character.

    It is for rates of whole lines, where that evens out; English has 2.9 letters a syllable, and fewer digits.
    """
    letters = [letter for letter in word if letter.isalnum()]
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in letters)
    return max(1.0, wide + (len(letters) - wide) / _LETTERS) if letters else 0.0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
