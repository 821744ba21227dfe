"""Known lines against the audio: what is listened to, what of it is believed, and where the rest is put.

The listener here is a script that knows when each line is sung, and finds it improbable where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.alignment.fitting import LONGEST, fit, likely_items, windows
from vktrs.alignment.laying import lay
from vktrs.alignment.placing import placed
from vktrs.alignment.voice import Voice
from vktrs.lines import Line, Word
from vktrs.storyboard.words import spread

LINES = (
    "The river runs along the road",
    "And nobody knows where it goes",
    "I left my coat in the morning train",
    "And walked all the way through the rain",
    "The lanterns are burning across the bay",
    "A dog on the corner is barking away",
)
UNSUNG = "Somebody painted the station wall yellow"
STEP = 0.032


@dataclass
class Song:
    """Lines of 2.5 s each that are sung from these times on; what was asked of the listener."""

    sung: dict[float, str]
    duration: float = 60.0
    asked: list[tuple[float, float, tuple[str, ...]]] = field(default_factory=list)

    @property
    def voice(self) -> Voice:
        centres = (np.arange(round(self.duration / STEP)) + 0.5) * STEP
        curve = np.zeros(len(centres), np.float32)
        for start in self.sung:
            curve[(centres >= start) & (centres < start + 2.5)] = 1.0
        return Voice(curve, STEP)

    def align(self, start: float, end: float, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """The true words with the pause before them; a tenth of a second, and unlikely, for what is not sung there."""
        self.asked.append((start, end, tuple(texts)))
        left = [(at, text) for at, text in self.sung.items() if start <= at and at + 2.5 <= end]
        found, reached = [], start
        for text in texts:
            at = next((i for i, (_, sung) in enumerate(left) if sung == text), None)
            if at is None:
                found.append(tuple(Word(reached, reached + 0.1, word, 0.02) for word in text.split()))
                continue
            words = spread(text.split(), left[at][0], left[at][0] + 2.5)
            early = max(reached, words[0].start - 0.7)
            found.append(tuple(Word(w.start if i else early, w.end, w.text, 0.8) for i, w in enumerate(words)))
            reached, left = words[-1].end, left[at + 1 :]
        return found

    def heard(self, *lost: str) -> list[Line]:
        """What a recogniser makes of it: all but the lost lines, a little late."""
        lines = []
        for start, text in self.sung.items():
            if text not in lost:
                words = tuple(
                    Word(w.start + 0.3, w.end + 0.3, w.text, 0.9) for w in spread(text.split(), start, start + 2.5)
                )
                lines.append(Line(words[0].start, words[-1].end, text, words))
        return lines

    def timed(self, texts: Sequence[str], heard: Sequence[Line]) -> list[Line]:
        return placed(texts, fit(lay(texts, heard), self.voice, self.align), self.voice)


def song(lines: Sequence[str] = LINES) -> Song:
    return Song({4.0 + 4 * i: text for i, text in enumerate(lines)})


def starts(lines: Sequence[Line]) -> dict[str, float]:
    return {line.text: line.start for line in lines}


def is_estimated(line: Line) -> bool:
    return line.confidence is None and all(word.probability is None for word in line.words)


def test_lines_start_and_end_with_the_voice_and_not_with_the_pause_before() -> None:
    each = song()
    lines = each.timed(LINES, each.heard())
    assert [line.text for line in lines] == list(LINES)
    assert [line.start for line in lines] == pytest.approx([4, 8, 12, 16, 20, 24], abs=0.05)
    assert [line.end for line in lines] == pytest.approx([6.5, 10.5, 14.5, 18.5, 22.5, 26.5], abs=0.05)
    assert [word.text for word in lines[0].words] == LINES[0].split()


def test_a_line_missing_one_doubled_and_one_not_sung_leave_every_other_line_its_time() -> None:
    each = song()
    texts = [LINES[0], LINES[0], LINES[1], LINES[3], LINES[4], UNSUNG, LINES[5]]
    lines = each.timed(texts, each.heard())
    assert [line.text for line in lines] == texts
    doubled = [line for line in lines if line.text == LINES[0]]
    assert sorted(map(is_estimated, doubled)) == [False, True]
    assert is_estimated(lines[5])
    right = [line for line in lines if not is_estimated(line)]
    assert [line.start for line in right] == pytest.approx([4, 8, 16, 20, 24], abs=0.05)
    assert lines[4].end <= lines[5].start <= lines[5].end <= lines[6].start


def test_a_line_that_nobody_heard_is_found_where_it_is_sung() -> None:
    each = song()
    lines = each.timed(LINES, each.heard(LINES[2], LINES[3]))
    assert not any(map(is_estimated, lines))
    assert [line.start for line in lines] == pytest.approx([4, 8, 12, 16, 20, 24], abs=0.05)


def test_a_song_of_which_nothing_was_heard_is_listened_to_all_the_same() -> None:
    each = song()
    lines = each.timed(LINES, [])
    assert [line.start for line in lines] == pytest.approx([4, 8, 12, 16, 20, 24], abs=0.05)


def test_a_line_is_not_looked_for_where_nobody_sings() -> None:
    each = song()
    each.timed([*LINES, UNSUNG], each.heard())
    assert not any(UNSUNG in texts for _, _, texts in each.asked)


def test_what_is_sung_and_not_written_is_part_of_the_text_that_is_listened_for() -> None:
    each = song()
    each.timed([*LINES[:2], *LINES[3:]], each.heard())
    assert any(LINES[2] in texts for _, _, texts in each.asked)


def test_where_the_listener_does_not_believe_it_the_times_that_were_heard_stand() -> None:
    each = song()

    def unlikely(start: float, end: float, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        return [tuple(Word(start, end, word, 0.01) for word in text.split()) for text in texts]

    heard = each.heard()
    found = fit(lay(LINES, heard), each.voice, unlikely)
    assert [words and words[0].start for words in found] == [line.start for line in heard]


@dataclass
class WordByWord:
    """A listener that knows when each word of a song is sung, however the text is cut; what it was asked."""

    song: Song
    deaf_from: float = 1000.0
    asked: list[str] = field(default_factory=list)

    def align(self, start: float, end: float, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        self.asked += texts
        sung = [word for at, text in self.song.sung.items() for word in spread(text.split(), at, at + 2.5)]
        left = iter(word for word in sung if start <= word.start and word.end <= end)
        found = []
        for text in texts:
            words = [next((each for each in left if each.text == word), None) for word in text.split()]
            sure = 0.8 if None not in words and start < self.deaf_from else 0.01
            found.append(
                tuple(
                    replace(at, probability=sure) if at else Word(end, end, word, 0.01)
                    for at, word in zip(words, text.split(), strict=True)
                )
            )
        return found


def test_a_line_that_no_window_holds_is_listened_for_in_pieces() -> None:
    each = replace(song(LINES * 3), duration=90.0)
    listener = WordByWord(each)
    true = [word.start for at, text in each.sung.items() for word in spread(text.split(), at, at + 2.5)]
    [words] = fit(lay([" ".join(LINES * 3)], each.heard()), each.voice, listener.align)
    assert words is not None
    assert [word.text for word in words] == " ".join(LINES * 3).split()
    assert [word.start for word in words] == pytest.approx(true)
    assert len(listener.asked) > 2
    assert " ".join(listener.asked) == " ".join(LINES * 3)
    assert all(text.startswith(LINES) for text in listener.asked)  # cut where the singer rests


def test_of_a_long_line_what_the_listener_does_not_believe_stands_as_it_was_heard() -> None:
    each = replace(song(LINES * 3), duration=90.0)
    listener = WordByWord(each, deaf_from=40.0)
    [words] = fit(lay([" ".join(LINES * 3)], each.heard()), each.voice, listener.align)
    assert words is not None
    true = [word.start for at, text in each.sung.items() for word in spread(text.split(), at, at + 2.5)]
    late = [word.start - start for word, start in zip(words, true, strict=True)]
    assert min(late) == pytest.approx(0.0)
    assert max(late) == pytest.approx(0.3)
    assert late == sorted(late)


def test_a_word_that_no_window_holds_is_not_listened_for() -> None:
    endless = "la" * 300
    each = Song({4.0: endless})
    lines = each.timed([endless], each.heard())
    assert each.asked == []
    assert [line.text for line in lines] == [endless]


def test_progress_is_told_before_each_window() -> None:
    each, told = Song({4.0 + 4 * i: text for i, text in enumerate(LINES * 2)}), []
    fit(lay(LINES * 2, each.heard()), each.voice, each.align, told.append)
    assert told == [start for start, _, _ in each.asked]
    assert len(told) > 1


choices = st.lists(st.sampled_from([*LINES, UNSUNG]), min_size=1, max_size=14)
gaps = st.lists(st.floats(2.6, 20.0), min_size=14, max_size=14)


@given(choices, choices, gaps, st.sets(st.sampled_from(LINES)))
def test_every_window_is_short_in_order_and_holds_each_item_once(
    texts: list[str], sung: list[str], apart: list[float], lost: set[str]
) -> None:
    at = np.cumsum(apart)
    each = Song(dict(zip(at.tolist(), sung, strict=False)), duration=300.0)
    items = likely_items(lay(texts, each.heard(*lost)), each.voice)
    found = list(windows(items, each.voice))
    assert [item for _, _, own in found for item in own] == items
    assert all(0 <= start <= end <= 300.1 and end - start <= LONGEST + 2.001 for start, end, _ in found)
    assert all(left <= right for (_, left, _), (right, _, _) in pairwise(found))
    assert all(sum(len(item.text.encode()) + 3 for item in own) <= 420 for _, _, own in found)


@given(choices, choices, gaps, st.sets(st.sampled_from(LINES)))
def test_every_line_is_timed_in_order_within_the_song(
    texts: list[str], sung: list[str], apart: list[float], lost: set[str]
) -> None:
    at = np.cumsum(apart)
    each = Song(dict(zip(at.tolist(), sung, strict=False)), duration=300.0)
    lines = each.timed(texts, each.heard(*lost))
    assert [line.text for line in lines] == texts
    assert [[word.text for word in line.words] for line in lines] == [text.split() for text in texts]
    words = [word for line in lines for word in line.words]
    assert all(0 <= word.start <= word.end <= 300.1 for word in words)
    assert all(left.start <= right.start and left.end <= right.start + 1e-9 for left, right in pairwise(words))
    assert all(line.start == line.words[0].start and line.end == line.words[-1].end for line in lines)
    assert lines == each.timed(texts, each.heard(*lost))


def test_lines_that_nobody_listened_for_lie_where_somebody_sings() -> None:
    each = song()
    lines = placed(LINES, [None] * 6, each.voice)
    assert all(map(is_estimated, lines))
    assert lines[0].start == pytest.approx(4.0, abs=0.05)
    assert lines[-1].end == pytest.approx(26.5, abs=0.05)


def test_a_song_without_a_voice_still_places_every_line() -> None:
    silent = Voice(np.zeros(100, np.float32), STEP)
    lines = placed(LINES, [None] * 6, silent)
    assert [line.text for line in lines] == list(LINES)
    assert 0 <= lines[0].start <= lines[-1].end <= silent.duration


@pytest.mark.parametrize("texts", [("♪",), (LINES[0], "♪"), ("♪", LINES[1])])
def test_a_line_without_a_letter_is_found_nowhere(texts: Sequence[str]) -> None:
    song = Song({10.0: LINES[0]})
    found = fit(lay(texts, song.heard()), song.voice, song.align)
    assert [words is not None for words in found] == [text == LINES[0] for text in texts]
    assert [line.text for line in placed(texts, found, song.voice)] == list(texts)


def test_a_moment_too_short_to_sing_in_is_not_listened_to() -> None:
    song = Song({0.0: "hello"}, duration=0.05)
    heard = [Line(0.0, 0.03, "hello", (Word(0.0, 0.03, "hello", 0.9),))]
    assert [line.text for line in song.timed(["hello"], heard)] == ["hello"]
    assert song.asked == []


@pytest.mark.parametrize(
    ("sings", "found"),
    [
        (0.64, [(Word(0.5, 0.6, "a", 0.9), Word(0.62, 0.9, "b", 0.9))]),
        (2.6, [(Word(1.0, 2.95, "a", 0.9),), None, (Word(3.0, 4.0, "b", 0.9),)]),
    ],
)
def test_a_start_drawn_to_the_voice_passes_no_other(sings: float, found: list[tuple[Word, ...] | None]) -> None:
    voice = Voice(((np.arange(160) + 0.5) * STEP >= sings).astype(np.float32), STEP)
    lines = placed([" ".join(word.text for word in words or ()) or "c" for words in found], found, voice)
    starts = [word.start for line in lines for word in line.words]
    assert starts == sorted(starts)
