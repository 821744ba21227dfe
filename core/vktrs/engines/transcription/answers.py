"""What a service answered: segments with their words, whatever of that it gave. Pure.

OpenAI's `verbose_json` has a text and marks of doubt for each segment, and beside them words with times and without
punctuation. Other servers put the words into the segments, have no words, or no segments. A line is spelled as its
segment is; its words have the times of the words that are they, and where there are none they lie along the segment,
as long as their letters, without probability.
(https://platform.openai.com/docs/api-reference/audio/verbose-json-object)
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vktrs.engines.hearing import Segment
from vktrs.engines.transcription.timing import timed
from vktrs.lines import Word

_NANO = 1e-9  # LocalAI counts so


class Unusable(Exception):
    """The answer is no transcription; the message ends a sentence."""


class WebPage(Exception):
    """The answer is a page for people: nobody transcribes at that address."""


class Timeless(Exception):
    """The answer has a text and no times."""


@dataclass(frozen=True, slots=True)
class Told:
    """A segment as it was told: its text, seconds within the piece, and the engine's doubts."""

    text: str
    start: float
    end: float
    no_speech: float = 0.0
    log_probability: float = 0.0
    compression: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The segments, in order, times within the piece; none: nobody sings. Whether words had times of their own."""

    segments: tuple[Segment, ...]
    by_word: bool


def read_answer(body: str, duration: float) -> Answer:
    """What was answered to a piece of so many seconds. Raises Unusable, WebPage, or Timeless."""
    answer = _object(body)
    told = [each for each in map(_segment, _list(answer, "segments")) if each is not None]
    words = [each for each in map(_word, _list(answer, "words")) if each is not None]
    if not words:
        nested = (word for each in _list(answer, "segments") if isinstance(each, dict) for word in _list(each, "words"))
        words = [each for each in map(_word, nested) if each is not None]
    told, words = _in_seconds(told, words, duration)
    text = _text(answer.get("text"))
    if not told and words:
        spelled = text if text.strip() else " ".join(word.text for word in words)
        told = [Told(spelled, min(word.start for word in words), max(word.end for word in words))]
    if not told and text.strip():
        raise Timeless
    if not told and not isinstance(answer.get("text"), str) and "segments" not in answer:
        raise Unusable("its answer has neither a text nor segments")
    return Answer(tuple(_assembled(told, words, duration)), bool(words))


def _assembled(told: Sequence[Told], words: Sequence[Word], duration: float) -> list[Segment]:
    ordered = sorted(told, key=lambda each: each.start)
    spans = [(each.text, _within(each.start, duration), _within(each.end, duration)) for each in ordered]
    own = timed(spans, [_clipped(word, duration) for word in words])
    return [
        Segment(
            words=tuple(found),
            no_speech=each.no_speech,
            log_probability=each.log_probability,
            compression=_compression(each.text) if each.compression is None else each.compression,
        )
        for each, found in zip(ordered, own, strict=True)
        if found
    ]


def _object(body: str) -> Mapping[str, Any]:
    if body.lstrip()[:1] == "<":
        raise WebPage
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Unusable("its answer is no whole JSON") from None
    if not isinstance(answer, dict):
        raise Unusable("its answer is JSON of another kind")
    return answer


def _list(table: Mapping[str, Any], name: str) -> list[Any]:
    found = table.get(name)
    return found if isinstance(found, list) else []


def _segment(value: Any) -> Told | None:
    if not isinstance(value, dict):
        return None
    text, start, end = _text(value.get("text")), _number(value.get("start")), _number(value.get("end"))
    if start is None or end is None or not text.strip():
        return None
    return Told(
        text,
        start,
        max(start, end),
        min(max(_number(value.get("no_speech_prob")) or 0.0, 0.0), 1.0),
        _number(value.get("avg_logprob")) or 0.0,
        _number(value.get("compression_ratio")),
    )


def _word(value: Any) -> Word | None:
    """A word as OpenAI and most servers give it; some call it `text`, and some know how likely it is."""
    if not isinstance(value, dict):
        return None
    text = _text(value.get("word", value.get("text")))
    start, end = _number(value.get("start")), _number(value.get("end"))
    if not text.strip() or start is None or end is None:
        return None
    likely = _number(value.get("probability"))
    return Word(start, max(start, end), text.strip(), None if likely is None else min(max(likely, 0.0), 1.0))


def _text(value: Any) -> str:
    """Without what is no letter or sign: half characters, and what a terminal would take for an order."""
    return "".join(sign if sign.isprintable() else " " for sign in value) if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _in_seconds(told: Sequence[Told], words: Sequence[Word], duration: float) -> tuple[list[Told], list[Word]]:
    """The same, where a server counts nanoseconds."""
    latest = max([0.0, *(each.end for each in told), *(word.end for word in words)])
    scale = _NANO if latest > 1e3 * max(duration, 1.0) and latest * _NANO <= duration + 30 else 1.0
    return (
        [replace(each, start=each.start * scale, end=each.end * scale) for each in told],
        [replace(word, start=word.start * scale, end=word.end * scale) for word in words],
    )


def _within(time: float, duration: float) -> float:
    return min(max(time, 0.0), duration)


def _clipped(word: Word, duration: float) -> Word:
    return replace(word, start=_within(word.start, duration), end=_within(word.end, duration))


def _compression(text: str) -> float:
    """How well a text compresses, as Whisper measures it."""
    data = text.encode("utf-8", "replace")
    return len(data) / len(zlib.compress(data))
