"""Songs played from a score are heard as they were written: tempo, beats, bars, sections; the same on every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from tests.real.composed_song import ONE_CHORD, POP, RATE, SAME_BAND, WALTZ, Score, Song, Sound, compose
from vktrs.engines.beats import Structure, analyse
from vktrs.form import Section, label_of

NAMED = {"pop": POP, "same band": SAME_BAND, "one chord": ONE_CHORD, "waltz": WALTZ}
QUICK = replace(POP, tempo=174, form=(("A", 16), ("B", 16), ("A", 16)))
SLOW = replace(POP, tempo=76, form=(("A", 8), ("C", 8), ("A", 8)), swing=0.1)
each_song = pytest.mark.parametrize("name", list(NAMED))


@lru_cache
def heard(name: str) -> tuple[Song, Structure]:
    """A song, and what the analysis says of it."""
    song = compose(NAMED[name])
    return song, analyse(song.sound)


def test_the_song_that_everything_is_measured_by_lasts_three_and_a_half_minutes() -> None:
    assert len(compose(POP).sound) == 210 * RATE


@each_song
def test_tempo_is_within_a_hundredth(name: str) -> None:
    assert heard(name)[1].tempo == pytest.approx(NAMED[name].tempo, rel=0.01)


@pytest.mark.parametrize("score", [QUICK, SLOW], ids=["quick", "slow and swung"])
def test_tempo_is_found_or_that_of_every_second_beat(score: Score) -> None:
    tempo = analyse(compose(score).sound).tempo
    assert tempo is not None
    assert any(tempo == pytest.approx(score.tempo * factor, rel=0.01) for factor in (0.5, 1, 2))


@each_song
def test_beats_lie_where_they_were_played_and_hardly_anywhere_else(name: str) -> None:
    song, found = heard(name)
    beats = np.array(found.beats)
    assert np.mean([np.abs(beats - beat).min() <= 0.07 for beat in song.beats]) >= 0.95
    assert np.mean([np.abs(song.beats - beat).min() <= 0.07 for beat in beats]) >= 0.95


@each_song
def test_bars_open_where_they_were_written_in_four_and_in_three(name: str) -> None:
    song, found = heard(name)
    bars = np.array(found.downbeats)
    assert np.mean([np.abs(bars - bar).min() <= 0.07 for bar in song.downbeats]) >= 0.95
    assert len(bars) <= len(song.downbeats) + 2
    assert set(found.downbeats) <= set(found.beats)


@each_song
def test_sections_end_within_two_bars_of_where_they_do(name: str) -> None:
    song, found = heard(name)
    edges = np.array([section.start for section in found.sections[1:]])
    bar = NAMED[name].beats_a_bar * 60 / NAMED[name].tempo
    assert max(float(np.abs(edges - true).min()) for true in song.boundaries) <= 2 * bar
    assert len(edges) <= 2 * len(song.boundaries)


@pytest.mark.parametrize("name", ["pop", "waltz"])
def test_what_comes_back_has_the_label_it_had(name: str) -> None:
    song, found = heard(name)
    assert [section.label for section in found.sections] == [label for _, _, label in song.sections]


def test_in_a_song_of_one_loop_sound_and_drums_tell_the_sections() -> None:
    assert "".join(section.label for section in heard("one chord")[1].sections) == "ABCBA"


@each_song
def test_sections_cover_the_song_in_whole_bars_of_which_each_has_four(name: str) -> None:
    found = heard(name)[1]
    assert (found.sections[0].start, found.sections[-1].end) == (0, found.duration)
    assert all(one.end == after.start and one.label != after.label for one, after in pairwise(found.sections))
    assert {section.start for section in found.sections[1:]} <= set(found.downbeats)
    for section in found.sections:
        assert sum(section.start <= bar < section.end for bar in found.downbeats) >= 4
    labels = list(dict.fromkeys(section.label for section in found.sections))
    assert labels == [chr(ord("A") + place) for place in range(len(labels))]


def test_onsets_are_when_something_is_struck() -> None:
    song, found = heard("pop")
    onsets = np.array(found.onsets)
    assert (np.diff(onsets) > 0).all()
    struck = song.beats[0] + np.arange(2 * len(song.beats)) * 30 / POP.tempo
    assert np.mean([np.abs(struck - onset).min() <= 0.03 for onset in onsets]) >= 0.95
    assert np.mean([np.abs(onsets - beat).min() <= 0.05 for beat in song.beats]) >= 0.9


_ANOTHER_PROCESS = """
import json
from tests.real.composed_song import WALTZ, compose
from vktrs.engines.beats import analyse
print(json.dumps(analyse(compose(WALTZ).sound).as_json()))
"""


def test_the_same_song_gives_the_same_answer_with_any_number_of_threads() -> None:
    here = json.dumps(heard("waltz")[1].as_json())
    assert json.dumps(analyse(compose(WALTZ).sound).as_json()) == here
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "4")
    there = subprocess.run(
        [sys.executable, "-c", _ANOTHER_PROCESS],
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


# Where there is little to hear --------------------------------------------------------------------------------------


def hiss(seconds: float) -> Sound:
    return (0.1 * np.random.default_rng(1).standard_normal(round(seconds * RATE))).astype(np.float32)


def chords_without_a_beat() -> Sound:
    """Two chords that swell and fade, twenty seconds each, twice: nothing is struck."""
    time = np.arange(20 * RATE) / RATE
    swell = np.sin(np.pi * time / 20) ** 0.25
    low, high = (
        sum(np.sin(2 * np.pi * pitch * time) for pitch in chord) * swell for chord in ((110, 131, 165), (415, 523, 622))
    )
    return (0.1 * np.concatenate([low, high, low, high])).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [compose(POP).sound[: 9 * RATE], hiss(1), np.zeros(60 * RATE, np.float32), np.ones(1, np.float32)],
    ids=["nine seconds of music", "a second", "a minute of silence", "one sample"],
)
def test_what_is_very_short_or_silent_is_one_section(sound: Sound) -> None:
    assert analyse(sound).sections == (Section(0.0, len(sound) / RATE, "A"),)


def test_no_sound_at_all_has_no_section() -> None:
    assert analyse(np.zeros(0, np.float32)).sections == ()


def test_a_song_of_one_loop_is_one_section() -> None:
    song = compose(replace(POP, form=(("A", 40),)))
    assert [section.label for section in analyse(song.sound).sections] == ["A"]


def test_noise_has_sections_that_cover_it_and_no_beat() -> None:
    found = analyse(hiss(30))
    assert (found.tempo, found.beats, found.downbeats) == (None, (), ())
    assert (found.sections[0].start, found.sections[-1].end) == (0, 30)


def test_without_a_beat_sections_follow_the_harmony_in_steps_of_two_seconds() -> None:
    found = analyse(chords_without_a_beat())
    assert found.beats == ()
    assert [label_of(found.sections, at - 5, at + 5) for at in (10, 30, 50, 70)] == ["A", "B", "A", "B"]
    assert all(section.start % 2 == 0 for section in found.sections)


def test_drums_that_do_not_tell_a_bar_have_beats_and_no_downbeats() -> None:
    beat = np.zeros(RATE // 2, np.float32)
    beat[:2000] = 0.5 * np.random.default_rng(2).standard_normal(2000) * np.exp(-np.arange(2000) / 300)
    found = analyse(np.tile(beat, 60))
    assert found.tempo == pytest.approx(120, rel=0.01)
    assert found.downbeats == ()
