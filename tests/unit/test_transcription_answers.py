"""What a service answered becomes segments with raw words: spelled as the segments are, timed as the words are."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.engines.hearing import tidy
from vktrs.engines.transcription.answers import Answer, Timeless, Unusable, WebPage, read_answer
from vktrs.engines.transcription.timing import timed
from vktrs.lines import Word


def read(duration: float = 60.0, **answer: Any) -> Answer:
    return read_answer(json.dumps(answer), duration)


def segment(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"id": 0, "seek": 0, "text": text, "start": start, "end": end, "tokens": [1], **more}


def word(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, **more}


def spelled(answer: Answer) -> list[str]:
    return ["".join(each.text for each in found.words).strip() for found in answer.segments]


def starts(answer: Answer) -> list[list[float]]:
    return [[round(each.start, 3) for each in found.words] for found in answer.segments]


DAISY = [
    segment(" Daisy, Daisy,", 1.0, 3.0, avg_logprob=-0.2, compression_ratio=1.4, no_speech_prob=0.05),
    segment(" give me your answer -- do!", 3.5, 6.0, avg_logprob=-0.4, compression_ratio=1.2, no_speech_prob=0.1),
]
DAISY_WORDS = [
    *(word("Daisy", 1.1, 1.9), word("Daisy", 2.0, 2.8), word("give", 3.6, 3.9), word("me", 4.0, 4.1)),
    *(word("your", 4.2, 4.4), word("answer", 4.5, 5.0), word("do", 5.5, 5.9)),
]


def test_lines_are_spelled_as_segments_and_timed_as_words() -> None:
    answer = read(text="Daisy, Daisy, ...", segments=DAISY, words=DAISY_WORDS)
    assert answer.by_word
    assert spelled(answer) == ["Daisy, Daisy,", "give me your answer -- do!"]
    assert starts(answer) == [[1.1, 2.0], [3.6, 4.0, 4.2, 4.5, 5.5]]
    lines = tidy(answer.segments, 60.0)
    assert [line.text for line in lines] == ["Daisy, Daisy,", "give me your answer -- do!"]
    assert [each.text for each in lines[1].words] == ["give", "me", "your", "answer --", "do!"]


def test_the_marks_of_doubt_come_along() -> None:
    first, second = read(segments=DAISY, words=DAISY_WORDS).segments
    assert (first.no_speech, first.log_probability, first.compression) == (0.05, -0.2, 1.4)
    assert (second.no_speech, second.log_probability, second.compression) == (0.1, -0.4, 1.2)


def test_what_a_server_does_not_measure_counts_as_no_doubt_and_compression_is_measured_here() -> None:
    (found,) = read(segments=[segment(" la" * 100, 0.0, 9.0)]).segments
    assert (found.no_speech, found.log_probability) == (0.0, 0.0)
    assert found.compression > 5


def test_without_words_they_lie_along_their_segment_by_their_letters_without_probability() -> None:
    answer = read(segments=[segment("a bbbbbbb", 10.0, 20.0)])
    assert not answer.by_word
    (found,) = answer.segments
    assert [(each.start, each.end, each.probability) for each in found.words] == [
        (10.0, 12.0, None),
        (12.0, 20.0, None),
    ]


def test_words_within_the_segments_count_too_with_their_probability() -> None:
    own = [word(" la", 1.0, 1.5, probability=0.9), word(" lo,", 1.5, 2.0, probability=0.2)]
    (found,) = read(segments=[segment(" la lo,", 1.0, 2.0, words=own)], words=None).segments
    assert [(each.text, each.probability) for each in found.words] == [(" la", 0.9), (" lo,", 0.2)]


def test_words_without_segments_are_spelled_as_the_text_is() -> None:
    answer = read(text="La, la. Lo!", words=[word("la", 1, 1.2), word("la", 1.3, 1.6), word("lo", 9, 10)])
    assert spelled(answer) == ["La, la. Lo!"]
    assert [line.text for line in tidy(answer.segments, 60.0)] == ["La, la.", "Lo!"]


@pytest.mark.parametrize("answer", [{"text": ""}, {"text": " ", "segments": [], "words": []}, {"segments": []}])
def test_nobody_sings_where_there_is_no_text(answer: dict[str, Any]) -> None:
    assert read(**answer).segments == ()


@pytest.mark.parametrize("segments", [[], None, "none", [{"text": "la"}], [segment("la", math.nan, 2.0)]])
def test_a_text_without_times_is_known_as_one(segments: Any) -> None:
    with pytest.raises(Timeless):
        read(text="la la", segments=segments)


@pytest.mark.parametrize(
    "body", ["", "{", '{"text": "la', "[]", "7", "null", "{}", '{"text": 7}', "\x00\xff", "[" * 9999]
)
def test_what_is_no_transcription_is_said(body: str) -> None:
    with pytest.raises(Unusable):
        read_answer(body, 60.0)


def test_a_web_page_is_known_as_one() -> None:
    with pytest.raises(WebPage):
        read_answer("\n <!doctype html><title>whisper</title>", 60.0)


def test_words_split_otherwise_than_their_segment_keep_its_spelling() -> None:
    words = [
        word("twenty", 1, 1.5),
        word("one", 1.5, 2),
        word("gonna", 2, 2.5),
        word("don", 3, 3.2),
        word("'t", 3.2, 3.3),
    ]
    answer = read(segments=[segment(" Twenty-one (gon na) don't", 1.0, 4.0)], words=words)
    assert spelled(answer) == ["Twenty-one (gon na) don't"]
    assert starts(answer) == [[1, 1.5, 2, 3, 3.2]]


def test_writing_without_blanks_is_cut_where_its_words_begin() -> None:
    words = [word("あなた", 1, 2), word("が", 2, 2.5), word("好き", 3, 4)]
    answer = read(segments=[segment("あなたが、好き。", 1.0, 4.0)], words=words)
    assert spelled(answer) == ["あなたが、好き。"]
    assert [each.text for each in answer.segments[0].words] == ["あなた", "が、", "好き。"]


def test_words_that_differ_from_their_segment_are_met_where_they_are_the_same() -> None:
    words = [
        word("I", 1, 1.2),
        word("got", 1.2, 1.4),
        word("twenty", 1.4, 1.8),
        word("dollars", 2, 2.5),
        word("Hey", 7, 8),
    ]
    answer = read(segments=[segment(" I got 20 dollars", 1.0, 3.0), segment(" Hey!", 7.0, 8.0)], words=words)
    assert spelled(answer) == ["I got 20 dollars", "Hey!"]
    assert starts(answer) == [[1, 1.2, 1.4, 2], [7]]


def test_a_word_out_of_order_takes_no_other_along() -> None:
    words = [word("one", 1, 2), word("two", 50, 51), word("three", 3, 4), word("four", 4, 5)]
    answer = read(segments=[segment("one two three four", 1.0, 5.0)], words=words)
    assert starts(answer) == [[1, 2, 3, 4]]


def test_segments_out_of_order_are_put_in_order() -> None:
    answer = read(segments=DAISY[::-1], words=DAISY_WORDS)
    assert spelled(answer) == ["Daisy, Daisy,", "give me your answer -- do!"]
    assert starts(answer) == [[1.1, 2.0], [3.6, 4.0, 4.2, 4.5, 5.5]]


def test_words_in_any_order_are_found_by_their_times() -> None:
    answer = read(segments=DAISY, words=[*DAISY_WORDS[2:], *DAISY_WORDS[:2]])
    assert starts(answer) == [[1.1, 2.0], [3.6, 4.0, 4.2, 4.5, 5.5]]


@pytest.mark.parametrize("segments", [[], [segment(" la lo li", 5.0, 6.0)]])
def test_words_beside_the_time_of_their_segment_still_follow_one_another(segments: list[Any]) -> None:
    words = [word("la", 5.5, 5.7), word("lo", 3.0, 3.2), word("li", 3.5, 3.6)]
    ((first, *others),) = starts(read(text="la lo li", segments=segments, words=words))
    assert [first, *others] == sorted([first, *others])
    assert others == [3.0, 3.5]


def test_orders_for_a_terminal_and_half_characters_are_no_text() -> None:
    words = [word("la\x1b[2J", 1, 2), word("\ud800", 2, 3), word("lo\n", 3, 4)]
    answer = read(segments=[segment("la \x1b[2J\ud800\x00 lo", 1.0, 4.0)], words=words)
    text = "".join(each.text for each in answer.segments[0].words)
    assert text.isprintable()
    assert text.encode("utf-8")


def test_nanoseconds_are_seconds() -> None:
    answer = read(segments=[segment("la lo", 1_000_000_000, 3_000_000_000)])
    assert starts(answer) == [[1.0, 2.0]]


def test_times_stay_within_the_piece() -> None:
    answer = read(10.0, segments=[segment("la lo", -5.0, 99.0)], words=[word("la", -5, 2), word("lo", 11, 99)])
    assert [(each.start, each.end) for each in answer.segments[0].words] == [(0.0, 2.0), (10.0, 10.0)]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
TIMES = st.floats(allow_nan=True) | st.integers() | st.none() | st.floats(0, 60)
ENTRY = st.fixed_dictionaries(
    {}, optional={name: st.text(max_size=8) | ANYTHING for name in ("text", "word")} | {"start": TIMES, "end": TIMES}
)


@given(st.fixed_dictionaries({}, optional={"text": ANYTHING, "segments": st.lists(ENTRY), "words": st.lists(ENTRY)}))
def test_whatever_comes_is_read_or_refused(answer: dict[str, Any]) -> None:
    try:
        found = read_answer(json.dumps(answer), 60.0)
    except (Unusable, Timeless):
        return
    words = [each for one in found.segments for each in one.words]
    assert all(0 <= each.start <= 60 and 0 <= each.end <= 60 and math.isfinite(each.end) for each in words)
    tidy(found.segments, 60.0)


LETTERS = st.text("abcXYZ'é", min_size=1, max_size=5)


@given(st.lists(st.lists(LETTERS, min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_no_word_is_lost_or_doubled_whatever_the_words_beside_them_are(texts: list[list[str]], data: Any) -> None:
    spans = [(" ".join(line), 10.0 * number, 10.0 * number + 8) for number, line in enumerate(texts)]
    times = st.floats(0, 50)
    words = [Word(t, t + 0.2, text) for text, t in data.draw(st.lists(st.tuples(LETTERS, times), max_size=15))]
    for line, found in zip(texts, timed(spans, words), strict=True):
        assert "".join(word.text for word in found).split() == line


@given(
    st.lists(
        st.lists(LETTERS.filter(lambda text: any(sign.isalnum() for sign in text)), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_words_that_are_those_of_the_text_keep_their_times(texts: list[list[str]]) -> None:
    spans = [(", ".join(line).title() + "!", 10.0 * number, 10.0 * number + 8) for number, line in enumerate(texts)]
    words = [
        Word(10.0 * number + place, 10.0 * number + place + 0.5, text, 0.5)
        for number, line in enumerate(texts)
        for place, text in enumerate(line)
    ]
    found = [each for line in timed(spans, words) for each in line]
    assert [(each.start, each.end, each.probability) for each in found] == [
        (each.start, each.end, 0.5) for each in words
    ]
