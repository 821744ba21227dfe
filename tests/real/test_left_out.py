"""What engines invent over silence is left out and told; what sounds is kept, and flagged."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.spoken_songs import RATE, Samples, band, loudness, speak
from vktrs import doubt
from vktrs.doubt import LeftOut
from vktrs.engines.faster_whisper import FasterWhisper
from vktrs.engines.hearing import Segment, listen
from vktrs.engines.openai_whisper import OpenAIWhisper
from vktrs.lines import Line, Word

pytestmark = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng, which sings here, is missing")

SUNG = "The river runs along the road"
SECONDS = 16.0


@pytest.fixture(scope="module")
def alone() -> Samples:
    """A line from 1 s on, and silence for the rest of the 16 s."""
    voice = np.zeros(round(SECONDS * RATE), np.float32)
    spoken = speak(SUNG)
    voice[RATE : RATE + len(spoken)] = spoken
    return np.asarray(voice / np.abs(voice).max() * 0.8, np.float32)


@pytest.fixture(scope="module")
def over_band(alone: Samples) -> Samples:
    """The same over a band, 6 dB below it, that goes on where the voice has ended."""
    music = band(SECONDS)
    both = alone / loudness(alone) + music / loudness(music) / 2
    return np.asarray(both / np.abs(both).max() * 0.8, np.float32)


def segment(start: float, text: str, no_speech: float, probability: float = 0.8) -> Segment:
    words = text.split()
    timed = (Word(start + i / 3, start + (i + 1) / 3, f" {word}", probability) for i, word in enumerate(words))
    return Segment(tuple(timed), no_speech, -0.3, 1.1)


def after_listening(audio: Samples, *hearings: Sequence[Segment]) -> tuple[list[Line], list[LeftOut], list[str]]:
    """What is made of prepared segments over real sound, in which the voice is really looked for."""
    left_out: list[LeftOut] = []
    remarks: list[str] = []
    prepared = iter(hearings)

    def hear(_: Samples, at: Callable[[float], None]) -> Iterator[Segment]:
        yield from next(prepared, ())

    lines = list(listen(hear, audio, lambda *_: None, lambda: False, remarks.append, left_out.append))
    return lines, left_out, remarks


def phantoms(no_speech: float) -> list[Segment]:
    """The same line three times, behind the one that is sung."""
    return [segment(at, "Thank you.", no_speech) for at in (7.0, 10.0, 13.0)]


@pytest.mark.parametrize(("no_speech", "kept", "why"), [(0.3, 1, "repeat"), (0.9, 0, "silence")])
def test_repeats_over_silence_are_left_out_and_listed(alone: Samples, no_speech: float, kept: int, why: str) -> None:
    lines, left_out, remarks = after_listening(alone, [segment(0.4, SUNG, 0.3), *phantoms(no_speech)])
    assert [line.text for line in lines] == [SUNG, *["Thank you."] * kept]
    assert [doubt.kind_of(each) for line in lines for each in line.doubts] == ["silence"] * kept
    assert [(each.text, doubt.kind_of(each.why)) for each in left_out] == [("Thank you.", why)] * (3 - kept)
    assert all(each.start > 6 for each in left_out)
    assert len(remarks) == 1
    assert remarks[0].startswith(f"left out as invented, {3 - kept} lines: 0:")


def test_over_a_band_doubtful_lines_are_kept_and_flagged(over_band: Samples) -> None:
    lines, left_out, _ = after_listening(over_band, [segment(0.4, SUNG, 0.3), *phantoms(0.9)])
    assert [line.text for line in lines] == [SUNG, *["Thank you."] * 3]
    assert [line.doubts for line in lines] == [(), *[("no-speech 0.9",)] * 3]
    assert left_out == []


def test_a_sung_line_is_not_doubted_for_the_silence_around_it(alone: Samples) -> None:
    lines, left_out, remarks = after_listening(alone, [segment(0.4, SUNG, 0.3)])
    assert ([line.doubts for line in lines], left_out, remarks) == ([()], [], [])


@pytest.mark.parametrize(
    "engine",
    [
        FasterWhisper,
        pytest.param(
            OpenAIWhisper,
            marks=pytest.mark.skipif(importlib.util.find_spec("whisper") is None, reason="openai-whisper is missing"),
        ),
    ],
)
def test_each_engine_tells_what_is_left_out(
    engine: type[FasterWhisper] | type[OpenAIWhisper], alone: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out: list[LeftOut] = []
    remarks: list[str] = []
    model = SimpleNamespace(is_multilingual=False, supported_languages=["en"])
    opened = engine(model, "tiny.en", remarks.append, left_out.append)
    prepared = iter([[segment(0.4, SUNG, 0.3), *phantoms(0.9)]])
    monkeypatch.setattr(opened, "_hear", lambda *_: next(prepared, []))
    monkeypatch.setattr(opened, "align", lambda _, lines, **__: [()] * len(lines))
    lines = list(opened.transcribe(alone, language="en", on_progress=lambda *_: None, should_stop=lambda: False))
    assert [line.text for line in lines] == [SUNG]
    assert [each.text for each in left_out] == ["Thank you."] * 3
    assert "left out as invented, 3 lines: " in remarks[0]
