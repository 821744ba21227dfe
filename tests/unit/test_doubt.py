"""What speaks against a heard line is measured, kept as a code, and said with its figure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs import doubt
from vktrs.doubt import LeftOut, left_out_from_json
from vktrs.lines import Line, Word, line_from_json

KINDS = ("no-speech", "log-probability", "compression", "probability", "rate", "silence", "repeat", "drawn-out")


def words(text: str, seconds: float, probability: float | None = 0.9) -> tuple[Word, ...]:
    """The words laid evenly over so many seconds."""
    pace = seconds / len(text.split())
    return tuple(Word(i * pace, (i + 1) * pace, word, probability) for i, word in enumerate(text.split()))


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "compression", "found"),
    [
        (0.1, -0.3, 1.5, ()),
        (0.74, -0.5, 1.5, ()),  # measured on right lines
        (0.7, -1.1, 1.5, ("no-speech 0.7", "log-probability -1.1")),
        (0.9, -0.3, 1.5, ("no-speech 0.9",)),
        (0.1, -0.3, 2.5, ("compression 2.5",)),
        (0.1, -0.3, 2.4, ()),
        (0.1, -1.25, 1.5, ("log-probability -1.25",)),
    ],
)
def test_the_limits_of_the_whisper_paper_hold(
    no_speech: float, log_probability: float, compression: float, found: tuple[str, ...]
) -> None:
    assert doubt.of_decoding(no_speech, log_probability, compression) == found


@pytest.mark.parametrize(
    ("text", "seconds", "probability", "found"),
    [
        ("the river runs along the road", 2.0, 0.9, ()),
        ("the river runs along the road", 0.5, 0.9, ("rate 16",)),
        ("the river runs along the road", 2.0, 0.3, ("probability 0.3",)),
        ("the river runs along the road", 0.5, 0.3, ("probability 0.3", "rate 16")),
        ("the river runs along the road", 0.5, None, ()),
        ("oh no", 0.1, 0.9, ()),  # too few to tell a rate
        ("oh no oh no oh no", 0.3, 0.9, ("rate 20",)),
        ("桜の花が咲いている", 1.0, 0.9, ()),
        ("桜の花が咲いている", 0.5, 0.9, ("rate 18",)),
        ("wir fahren auf der Autobahn", 0.0001, 0.9, ("rate 76.67",)),
    ],
)
def test_what_words_tell_by_themselves(
    text: str, seconds: float, probability: float | None, found: tuple[str, ...]
) -> None:
    assert doubt.of_words(words(text, seconds, probability)) == found


def test_no_words_tell_nothing() -> None:
    assert doubt.of_words(()) == ()
    assert doubt.syllables_a_second(()) == 0.0
    assert doubt.of_line(Line(0, 1, "only a text")) == ()


def test_fast_rap_is_believed() -> None:
    """97 words in 15 seconds, as fast as it was ever recorded by a famous singer."""
    assert doubt.of_words(words("some of these words have got syllables " * 14, 15.0)) == ()


def test_words_whose_times_are_mostly_estimated_tell_no_rate() -> None:
    half = (*words("la la la", 0.1), *words("la la la la", 0.1, None))
    assert doubt.of_words(half) == ()


@pytest.mark.parametrize(
    ("word", "count"), [("the", 1), ("I", 1), ("morning", 7 / 3), ("桜の花", 3), ("it's", 1), ("...", 0), ("안녕", 2)]
)
def test_syllables_are_estimated_in_any_script(word: str, count: float) -> None:
    assert doubt.syllables(word) == pytest.approx(count)


def test_what_was_kept_comes_first_and_no_kind_twice() -> None:
    fast = Line(0, 0.5, "x", words("the river runs along the road", 0.5, 0.3), doubts=("compression 3", "rate 14"))
    assert doubt.of_line(fast) == ("compression 3", "rate 14", "probability 0.3")
    other = replace(fast, doubts=("The captions were made by a machine.",))
    assert doubt.of_line(other) == ("The captions were made by a machine.", "probability 0.3", "rate 16")


@pytest.mark.parametrize("kind", KINDS)
@given(figure=st.floats(-1e4, 1e4))
def test_every_code_is_read_back_and_said_with_its_figure(kind: str, figure: float) -> None:
    code = doubt.code(kind, figure)
    assert doubt.kind_of(code) == kind
    told = doubt.said(code)
    assert any(letter.isdigit() for letter in told)
    assert not told.endswith(".")
    assert "{" not in told


@given(st.text())
def test_any_sentence_is_said_as_it_is(text: str) -> None:
    if not doubt.kind_of(text):
        assert doubt.said(text) == text.strip().rstrip(".")


@pytest.mark.parametrize("text", ["rate", "rate fast", "speed 12", "", "The rate 12 is odd."])
def test_what_is_no_code_has_no_kind(text: str) -> None:
    assert doubt.kind_of(text) == ""


def test_doubts_survive_the_file_and_lines_from_before_have_none() -> None:
    line = Line(0.5, 2.0, "la la", words("la la", 1), 0.8, ("compression 3", "silence 61"))
    assert line_from_json(line.as_json()) == line
    before = line.as_json()
    del before["doubts"], before["stanza"]
    assert line_from_json(before).doubts == ()
    gone = LeftOut(1.5, 2.5, "Thank you.", "no-speech 0.93")
    assert left_out_from_json(gone.as_json()) == gone
