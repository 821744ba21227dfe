"""What an engine heard is believed only where it deserves it, and becomes clean lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.doubt import LeftOut
from vktrs.engines import hearing
from vktrs.engines.hearing import SAMPLE_RATE, Samples, Segment, covered_share, listen, tidy
from vktrs.errors import Stopped
from vktrs.lines import Line, Word

SECONDS = 30
LOUD = np.full(SECONDS * SAMPLE_RATE, 0.5, np.float32)


def segment(
    start: float,
    text: str,
    *,
    pace: float = 0.5,
    probability: float = 0.9,
    no_speech: float = 0.1,
    log_probability: float = -0.3,
    compression: float = 1.2,
) -> Segment:
    """A segment whose words last `pace` seconds each, one after the other."""
    words = tuple(
        Word(start + i * pace, start + (i + 1) * pace, f" {word}", probability) for i, word in enumerate(text.split())
    )
    return Segment(words, no_speech, log_probability, compression)


class Engine:
    """Gives the segments prepared for each hearing in turn, and remembers how much it was given to hear."""

    def __init__(self, *hearings: Sequence[Segment]) -> None:
        self.hearings = list(hearings)
        self.given: list[float] = []

    def __call__(self, audio: Samples, at: Callable[[float], None]) -> Iterator[Segment]:
        self.given.append(len(audio) / SAMPLE_RATE)
        for each in self.hearings.pop(0):
            yield each
            at(each.words[-1].end if each.words else 0.0)


def heard(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, stretches: list[tuple[float, float]], audio: Samples = LOUD
) -> tuple[list[str], list[str]]:
    """The texts that come out, and the remarks."""
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: stretches)
    remarks: list[str] = []
    lines = list(listen(engine, audio, lambda *_: None, lambda: False, remarks.append))
    return [line.text for line in lines], remarks


SONG = [segment(1, "one two three four five six seven eight"), segment(6, "nine ten eleven twelve thirteen fourteen")]


def test_what_covers_the_song_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(SONG)
    texts, remarks = heard(monkeypatch, engine, [(0.5, 10)])
    assert len(texts) == 2
    assert (engine.given, remarks) == ([9.5], [])


def test_times_in_spliced_stretches_come_back_as_times_of_the_song(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: [(2.0, 7.0), (20.0, 24.0)])
    engine = Engine([segment(0.5, "a b c d e f g h"), segment(5.5, "i j k l m n")])
    lines = list(listen(engine, LOUD, lambda *_: None, lambda: False, lambda _: None))
    assert [(line.start, line.end) for line in lines] == [(2.5, 6.5), (20.5, 23.5)]


def test_a_skipped_part_of_a_stretch_is_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = segment(0.2, "a b c d e f g h").words, segment(14, "u v w x y z").words
    stretched = (*first[:-1], replace(first[-1], end=14.0))  # as Whisper does with the word before what it skips
    engine = Engine(
        [Segment((*stretched, *last), 0.1, -0.3, 1.2)],
        [segment(0.5, "this line was skipped at first and is ten words")],
    )
    texts, _ = heard(monkeypatch, engine, [(0, 17)])
    assert texts == ["a b c d e f g h", "this line was skipped at first and is ten words", "u v w x y z"]
    assert engine.given[1] == pytest.approx(7.7, abs=0.1)  # the hole and nothing else


def test_too_little_covered_is_heard_again_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine([segment(0, "a b c")], SONG)
    texts, remarks = heard(monkeypatch, engine, [(1, 2.5)])
    assert len(texts) == 2
    assert engine.given == [1.5, SECONDS]
    assert remarks[0].endswith("of what was listened to; all of it was heard again and gave more")


def test_the_first_hearing_stays_where_the_second_is_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, remarks = heard(monkeypatch, Engine([segment(0, "a b c")], [segment(9, "x y z")]), [(1, 2.5)])
    assert texts == ["a b c"]
    assert "gave no more" in remarks[0]


@pytest.mark.parametrize(
    "invented",
    [
        segment(1, "thank you for watching", no_speech=0.95, log_probability=-0.9),
        segment(1, "thank you for watching", no_speech=0.85),
        segment(1, "and and and and and and", compression=11),
        segment(1, "and and and and and and", compression=3),
        segment(1, "words that nobody believes", probability=0.2),
        Segment((Word(1, 1.3, " see", 0.9), Word(12, 12.3, " you", 0.9)), 0.3, -0.4, 1.0),
        Segment((), 0.0, 0.0, 1.0),
    ],
    ids=["doubted", "no voice", "looped", "repeating", "improbable", "drawn out", "empty"],
)
def test_invented_words_without_a_voice_are_not_believed(monkeypatch: pytest.MonkeyPatch, invented: Segment) -> None:
    texts, remarks = heard(monkeypatch, Engine([invented]), [])
    assert (texts, remarks[0]) == ([], "nobody seems to sing")
    said = "".join(word.text for word in invented.words).strip()
    assert [said in remark and "left out as invented, 1 line: " in remark for remark in remarks[1:]] == [True] * bool(
        said
    )


@pytest.mark.parametrize(
    ("sung", "believed"),
    [
        (segment(0, "na na na na na na na na na na na na na na na na na na", compression=4), True),
        (segment(0, "na na na na na na na na na na na na", pace=0.05, compression=4), False),
        (segment(0, "we sing here quite low and long so", probability=0.3), True),
        (segment(0, "I can't I can't I can't I can't", compression=20), False),
        (segment(0, "we sing here quite low and long so", no_speech=0.95, log_probability=-0.9), True),
    ],
    ids=["chorus", "loop", "improbable", "endless loop", "doubted"],
)
def test_where_there_is_a_voice_repeating_is_allowed_but_looping_is_not(
    monkeypatch: pytest.MonkeyPatch, sung: Segment, believed: bool
) -> None:
    texts, remarks = heard(monkeypatch, Engine([sung], [], []), [(0, 9.5)], LOUD[: 10 * SAMPLE_RATE])
    assert bool(texts) == believed
    assert any("left out as invented" in remark for remark in remarks) == (not believed)


def test_a_line_says_why_it_may_not_be_what_is_sung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: [(0.0, 20.0)])
    doubtful = segment(6, "na na na na na na", compression=4, no_speech=0.9, log_probability=-1.5)
    engine = Engine([SONG[0], doubtful, segment(11, "nothing is wrong with this one line here")], [])
    lines = list(listen(engine, LOUD, lambda *_: None, lambda: False, lambda _: None))
    assert [line.doubts for line in lines] == [(), ("no-speech 0.9", "compression 4", "log-probability -1.5"), ()]


def test_over_silence_a_repeated_line_is_left_out_and_the_first_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: [(0.0, 29.0)])
    audio = LOUD.copy()
    audio[11 * SAMPLE_RATE :] *= 0.001
    phantoms = [segment(at, "See you!") for at in (14, 18, 22)]
    left_out: list[LeftOut] = []
    remarks: list[str] = []
    engine = Engine([*SONG, *phantoms], [], [])
    lines = list(listen(engine, audio, lambda *_: None, lambda: False, remarks.append, left_out.append))
    assert [(line.text, line.doubts) for line in lines[2:]] == [("See you!", ("silence 60",))]
    assert [(each.start, each.end, each.text, each.why) for each in left_out] == [
        (18, 19, "See you!", "repeat 60"),
        (22, 23, "See you!", "repeat 60"),
    ]
    assert remarks == [
        "left out as invented, 2 lines: 0:18.0 See you! (it says the line before it again, where nothing sounds, 60 dB "
        "below the loud part of the song); 0:22.0 See you! (it says the line before it again, where nothing sounds, 60 "
        "dB below the loud part of the song)"
    ]


def test_what_both_hearings_invented_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = [segment(1.5, "no no no no", compression=20)], [segment(2, "no no no no", compression=20)]
    _, remarks = heard(monkeypatch, Engine(*loops), [(0.0, 2.5)])
    assert remarks == [
        "nobody seems to sing",
        "left out as invented, 1 line: 0:01.5 no no no no (the text around it says itself over and over, compression "
        "20.0)",
    ]


def test_silence_is_not_listened_to_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    assert heard(monkeypatch, engine, [], np.zeros(SAMPLE_RATE, np.float32)) == ([], [])
    assert engine.given == []


def test_progress_never_goes_back_and_ends_at_its_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: [(1.0, 2.5)])
    told: list[tuple[float, float]] = []
    engine = Engine([segment(0, "a b c")], SONG)
    list(listen(engine, LOUD, lambda done, total: told.append((done, total)), lambda: False, lambda _: None))
    assert all(left[0] <= right[0] for left, right in pairwise(told))
    assert told[-1] == (2 * SECONDS, 2 * SECONDS)


def test_a_stop_is_obeyed_at_the_next_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "voiced_stretches", lambda _: [(0.0, 20.0)])
    told: list[float] = []
    lines = listen(
        Engine(SONG), LOUD, lambda done, _: told.append(done), lambda: bool(told and told[-1]), lambda _: None
    )
    with pytest.raises(Stopped):
        list(lines)
    assert told[-1] == 5.0


def test_a_pause_ends_a_line() -> None:
    words = (Word(1, 1.5, " one", 0.8), Word(1.6, 2, " two.", 0.6), Word(3.5, 4, " Three", 0.9))
    lines = tidy([Segment(words, 0, 0, 1)], 10)
    assert [(line.start, line.end, line.text) for line in lines] == [(1, 2, "one two."), (3.5, 4, "Three")]
    assert lines[0].confidence == pytest.approx(0.7)
    assert [word.text for word in lines[0].words] == ["one", "two."]


def test_blanks_are_the_engines_own() -> None:
    words = (Word(1, 1.5, "桜の", 0.8), Word(1.6, 2, "花", 0.6))
    assert tidy([Segment(words, 0, 0, 1)], 10)[0].text == "桜の花"


def test_a_word_stretched_over_the_next_line_ends_where_that_starts() -> None:
    lines = tidy([Segment((Word(1, 9, " long", 0.8),), 0, 0, 1), segment(4, "next line")], 20)
    assert (lines[0].end, lines[0].words[0].end) == (4, 4)


raw_words = st.builds(
    Word,
    st.floats(-2, 40),
    st.floats(-2, 40),
    st.sampled_from([" la", "", "  ", " Daisy,", "...", " ♪"]),
    st.none() | st.floats(0, 1),
)


@given(st.lists(st.lists(raw_words, max_size=8), max_size=6), st.floats(0, 40))
def test_whatever_an_engine_gives_lines_are_in_order_and_within_the_song(
    raw: list[list[Word]], duration: float
) -> None:
    lines = tidy([Segment(tuple(words), 0, 0, 1) for words in raw], duration)
    assert all(0 <= line.start <= line.end <= duration and line.text.strip(" .♪") for line in lines)
    assert all(left.start <= right.start for left, right in pairwise(lines))
    for line in lines:
        assert all(line.start <= word.start <= word.end <= line.end and word.text for word in line.words)


def test_coverage_counts_only_the_energetic_part() -> None:
    audio = np.concatenate([LOUD[: 10 * SAMPLE_RATE], np.zeros(90 * SAMPLE_RATE, np.float32)])
    assert covered_share([Line(1, 4, "la")], audio) == pytest.approx(0.5)
    assert covered_share([], audio) == 0
    assert covered_share([], audio[:10]) == 1
