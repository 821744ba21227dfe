"""A run of the words in this process, with speech engines that know beforehand what they hear; and what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vktrs.engines import faster_whisper, speech
from vktrs.engines.speech import SpeechChoice
from vktrs.lines import Line, Word
from vktrs.project import Project
from vktrs.runs.control import RunRequest
from vktrs.runs.making import Making
from vktrs.storyboard.words import spread

SONG = (Line(0.2, 1.4, "first light over the water"), Line(1.6, 2.6, "second street in the rain"))


def line(start: float, end: float, text: str) -> Line:
    """A line whose words are sung end to end, likely."""
    words = [Word(word.start, word.end, word.text, 0.9) for word in spread(text.split(), start, end)]
    return Line(start, end, text, tuple(words), 0.9)


@dataclass
class Speech:
    """What the models of a machine hear, by their names, and a list of what they were asked: (model, what it did)."""

    hears: dict[str, Sequence[Line]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    languages: list[str | None] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    guesses: str | None = None

    def open(self, choice: SpeechChoice, **_: Any) -> Ear:
        """In the place of `open_speech`."""
        self.asked.append((choice.model, "open"))
        return Ear(self, choice.model)

    def did(self, what: str) -> list[str]:
        """The models that were asked for that since the last call."""
        found = [model for model, done in self.asked if done == what]
        self.asked = [each for each in self.asked if each[1] != what]
        return found


@dataclass
class Ear:
    """One loaded model."""

    speech: Speech
    model: str
    heard_language: str | None = None

    def transcribe(self, audio: Any, *, language: str | None, on_progress: Any, should_stop: Any) -> Iterator[Line]:
        self.speech.asked.append((self.model, "hear"))
        self.speech.lengths.append(len(audio))
        self.speech.levels.append(float(np.median(audio)))
        self.heard_language = language or self.speech.guesses
        on_progress(0.0, len(audio) / 16_000)
        yield from (line(each.start, each.end, each.text) for each in self.speech.hears[self.model])
        on_progress(len(audio) / 16_000, len(audio) / 16_000)

    def align(self, audio: Any, lines: Sequence[str], *, language: str | None) -> list[tuple[Word, ...]]:
        self.speech.asked.append((self.model, "align"))
        self.speech.languages.append(language)
        self.speech.levels.append(float(np.median(audio)))
        length = len(audio) / 16_000 / len(lines)
        return [line(i * length, (i + 1) * length, text).words for i, text in enumerate(lines)]


def machine(monkeypatch: pytest.MonkeyPatch, hears: dict[str, Sequence[Line]]) -> Speech:
    """A machine with these models."""
    found = Speech(hears)
    monkeypatch.setattr(speech, "open_speech", found.open)
    monkeypatch.setattr(speech, "obtain_model", lambda choice, *_: choice)
    monkeypatch.setattr(faster_whisper, "missing_model", lambda _: None)
    return found


def run(folder: Path, to: str = "words", should_stop: Callable[[], bool] = bool) -> list[dict[str, Any]]:
    """The events of a run in this process; raises what ends it."""
    events: list[dict[str, Any]] = []
    request = RunRequest(to)
    making = Making(
        Project(folder), request, lambda event, **told: events.append({"event": event, **told}), should_stop
    )
    try:
        making.run()
    finally:
        making.close()
    return events
