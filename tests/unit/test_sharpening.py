"""Heard words at better times: which change, which never do, and where a line is cut.

The listener here is a script that knows when each word is sung.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.alignment.fitting import Align
from vktrs.alignment.sharpening import sharpened
from vktrs.alignment.voice import Voice
from vktrs.engines import sharp_times
from vktrs.engines.sharp_times import Tell, sharply
from vktrs.errors import Stopped
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

STEP = 0.032
RIVER, GOES = "The river runs along the road,", "and nobody knows where it goes"


def voice(*stretches: tuple[float, float], duration: float = 20.0) -> Voice:
    centres = (np.arange(round(duration / STEP)) + 0.5) * STEP
    sung = [(centres >= start) & (centres < end) for start, end in stretches]
    return Voice(np.any([np.zeros(len(centres), bool), *sung], axis=0).astype(np.float32), STEP)


def line(start: float, end: float, text: str, doubts: tuple[str, ...] = ()) -> Line:
    words = tuple(Word(w.start, w.end, w.text, 0.9) for w in spread(text.split(), start, end))
    return Line(start, end, text, words, 0.9, doubts)


def listener(*sung: tuple[float, float, str]) -> Align:
    """Knows these texts, from the first time to the second, and finds all others improbable."""

    def align(start: float, _: float, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        found = []
        for text in texts:
            begin, end, likely = next(((a, b, 0.8) for a, b, own in sung if own == text), (start, start + 0.1, 0.01))
            found.append(tuple(Word(w.start, w.end, w.text, likely) for w in spread(text.split(), begin, end)))
        return found

    return align


def test_words_come_to_the_times_that_the_model_finds_when_it_is_told_them() -> None:
    (moved,) = sharpened([line(3.6, 6.4, RIVER)], voice((4, 6)), listener((4, 6, RIVER)), 1.0)
    assert (moved.start, moved.end) == pytest.approx((4.0, 6.0), abs=STEP)
    assert moved.text == RIVER
    assert [(word.text, word.probability) for word in moved.words] == [(word, 0.9) for word in RIVER.split()]


def test_a_word_stretched_over_a_rest_starts_after_it_and_a_long_rest_ends_its_line() -> None:
    heard = line(4.0, 6.0, RIVER), line(6.0, 10.0, GOES)
    one = Line(4.0, 10.0, f"{RIVER} {GOES}", heard[0].words + heard[1].words, 0.9, ("unlikely",))
    cut = sharpened([one], voice((4, 6), (8, 10)), listener((4, 6, RIVER), (8, 10, GOES)), 1.0)
    assert [(each.text, each.doubts) for each in cut] == [(RIVER, ("unlikely",)), (GOES, ("unlikely",))]
    assert [each.start for each in cut] == pytest.approx([4.0, 8.0], abs=STEP)
    (whole,) = sharpened([one], voice((4, 6), (8, 10)), listener((4, 6, RIVER), (8, 10, GOES)), 3.0)
    assert whole.text == one.text
    assert whole.words[6].start == pytest.approx(8.0, abs=STEP)


def test_a_doubtful_word_far_before_its_line_is_where_the_model_finds_it() -> None:
    stray = Line(1.0, 1.9, "The", (Word(1.0, 1.9, "The", 0.2),), 0.2)
    rest = line(4.3, 6.0, "river runs along the road,")
    (moved,) = sharpened([stray, rest], voice((4, 6)), listener((4, 6, RIVER)), 1.0)
    assert (moved.text, moved.start) == (RIVER, pytest.approx(4.0, abs=STEP))
    assert moved.confidence == pytest.approx((0.2 + 5 * 0.9) / 6)
    called = [Line(1.0, 1.9, "Hey!", (Word(1.0, 1.9, "Hey!", 0.2),), 0.2), rest]
    apart = sharpened(called, voice((1, 2), (4, 6)), listener((1, 2, "Hey!"), (4, 6, rest.text)), 1.0)
    assert [each.text for each in apart] == ["Hey!", rest.text]


def test_what_the_model_finds_improbable_stays_where_it_was_heard() -> None:
    (kept,) = sharpened([line(4.0, 6.0, RIVER)], voice((0, 20)), listener(), 1.0)
    assert [word.start for word in kept.words] == [word.start for word in line(4.0, 6.0, RIVER).words]


def test_words_that_no_blank_parts_share_the_time_of_their_token() -> None:
    words = (Word(4.6, 5.0, "I'm", 0.5), Word(5.0, 5.4, "F", 0.4), Word(5.4, 5.8, ".C.", 0.3))
    heard = Line(4.6, 5.8, "I'm F.C.", words, 0.4)
    (moved,) = sharpened([heard], voice((5, 6)), listener((5, 6, "I'm F.C.")), 1.0)
    assert moved.text == heard.text
    assert [(word.text, word.probability) for word in moved.words] == [("I'm", 0.5), ("F", 0.4), (".C.", 0.3)]
    assert moved.words[1].end == moved.words[2].start
    assert moved.start == pytest.approx(5.0, abs=STEP)


TEXTS = st.sampled_from(["la", "river,", "and", "-", "F", ".C.", "…", "日本", "don't"])
HEARD = st.lists(
    st.tuples(st.floats(0, 3), st.lists(st.tuples(TEXTS, st.floats(0, 2), st.booleans()), min_size=1, max_size=6)),
    max_size=5,
)


@given(HEARD, st.lists(st.floats(0, 20), max_size=8), st.floats(0, 1))
def test_whatever_was_heard_words_stay_and_times_are_in_order(
    heard: list[tuple[float, list[tuple[str, float, bool]]]], edges: list[float], likely: float
) -> None:
    lines, at = [], 0.0
    for rest, pieces in heard:
        at, words, text = min(at + rest, 20.0), [], ""
        for own, length, blank in pieces:
            words.append(Word(at, min(at + length, 20.0), own, 0.5))
            text, at = text + own + " " * blank, words[-1].end
        lines.append(Line(words[0].start, at, text.strip(), tuple(words), 0.5))

    def align(start: float, end: float, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        spoken = iter(spread(" ".join(texts).split(), start, end))
        return [
            tuple(Word(w.start, w.end, w.text, likely) for _, w in zip(t.split(), spoken, strict=False)) for t in texts
        ]

    ordered = sorted(edges)
    curve = voice(*zip(ordered[::2], ordered[1::2], strict=False))
    moved = sharpened(lines, curve, align, 1.0)
    words = [word for each in moved for word in each.words]
    assert [(w.text, w.probability) for w in words] == [(w.text, w.probability) for each in lines for w in each.words]
    assert "".join("".join(each.text.split()) for each in moved) == "".join("".join(e.text.split()) for e in lines)
    assert all(left.start <= right.start for left, right in pairwise(words))
    assert all(left.end <= right.start for left, right in pairwise(moved))
    assert all(each.start == each.words[0].start <= each.end <= curve.duration for each in moved)


def test_a_stop_is_obeyed_before_the_next_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharp_times, "voice_of", lambda _: voice((4, 6)))
    told: list[tuple[float, float]] = []
    audio = np.zeros(20 * 16_000, np.float32)

    def hearing(tell: Tell) -> list[Line]:
        tell(20.0, 20.0)
        return [line(4.0, 6.0, RIVER)]

    asked: list[str] = []

    def align(_: object, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        asked.extend(texts)
        return [tuple(spread(text.split(), 4.0, 6.0)) for text in texts]

    with pytest.raises(Stopped):
        list(sharply(hearing, align, audio, lambda *each: told.append(each), lambda: bool(told)))
    assert (told, asked) == ([(20.0, 40.0)], [])
