"""Listening to a song twice and believing only half of it: what both speech engines do around recognition.

An engine gives raw segments for an array of samples (`Hear`). Here the song is first cut down to the stretches
where a voice was found (Silero VAD), heard, and checked for how much of the song the words cover; where that is
too little it is heard again as a whole. Out of both come clean lines. Nothing here knows which engine it is.
What was invented is left out and told, what is only doubtful is flagged; that is the part of `doubting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vktrs.alignment.voice import Voice
from vktrs.doubt import LeftOut
from vktrs.engines.doubting import Loudness, believed, flagged, remark, without_twins
from vktrs.errors import Stopped
from vktrs.lines import Line, Word

SAMPLE_RATE = 16000

Samples = NDArray[np.float32]
Stretch = tuple[float, float]

VOICE_THRESHOLD = 0.25  # half of Silero's default: a voice 6 to 9 dB under the band is found, a band alone is not
# Pauses from half a second on are cut out up to 0.2 s around the voice: the smallest model then mishears fewer words
# (17 songs of known truth, none of the benchmark's: .155 of the words, against .182 with Silero's 2 s and 0.4 s).
PAUSE_CUT_OUT, ROOM = 0.5, 0.2
PAUSE_THAT_ENDS_A_LINE = 1.0
LONGEST_HOLE = 3.0
ENOUGH_COVERED = 0.3  # of the energetic part of the song; below it the voice detector may have missed the singer
SECOND_MUST_BEAT = 1.25  # the second hearing is the less trustworthy one


@dataclass(frozen=True, slots=True)
class Segment:
    """What an engine heard: raw words (with their leading blanks) and its doubts, seconds within what it was given.

    `no_speech` in 0..1, `log_probability` is the mean over tokens, `compression` the zlib ratio of the text; `doubts`
    are those of `vktrs.doubt`, an engine leaves them to `listen`.
    """

    words: tuple[Word, ...]
    no_speech: float
    log_probability: float
    compression: float
    doubts: tuple[str, ...] = ()


Hear = Callable[[Samples, Callable[[float], None]], Iterable[Segment]]
"""Recognise an array; the callback is told the position reached, in seconds."""


def listen(
    hear: Hear,
    audio: Samples,
    on_progress: Callable[[float, float], None],
    should_stop: Callable[[], bool],
    on_remark: Callable[[str], None],
    on_left_out: Callable[[LeftOut], None] = lambda _: None,
) -> Iterator[Line]:
    """The lines of `audio` (16 kHz mono, -1..1) in the order they are sung; none where nobody sings.

    `on_progress(done, total)` is in seconds of listening; the total grows once if the song is heard twice. What was
    heard and is believed by nobody is handed to `on_left_out`, and remarked. Raises Stopped within a segment of
    `should_stop` becoming true.
    """
    duration = len(audio) / SAMPLE_RATE
    loudness = Loudness(audio, SAMPLE_RATE)
    left_out: list[LeftOut] = []

    def at(position: float, before: float = 0.0) -> None:
        if should_stop():
            raise Stopped
        on_progress(before + min(position, duration), before + duration)

    def settled(lines: Sequence[Line]) -> list[Line]:
        kept = list(flagged(lines, loudness, left_out))
        if gone := without_twins(left_out):
            on_remark(remark(gone))
        for each in gone:
            on_left_out(each)
        return kept

    at(0.0)
    stretches = voiced_stretches(audio)
    at(0.0)
    heard = list(believed(_hear_stretches(hear, audio, stretches, at), loudness, left_out))
    missed = _holes(stretches, heard)
    heard_again = list(believed(_hear_stretches(hear, audio, missed, at), loudness, left_out))
    first = tidy(_filled(heard, missed, heard_again), duration)
    share = covered_share(first, audio)
    if share >= ENOUGH_COVERED:
        at(duration)
        yield from settled(first)
        return
    whole = hear(audio, lambda position: at(position, duration))
    second = tidy(believed(whole, loudness, left_out, lambda segment: _is_within(segment, stretches)), duration)
    at(duration, duration)
    better = _weight(second) > SECOND_MUST_BEAT * _weight(first)
    if better or first:
        taken = "all of it was heard again and gave more" if better else "listening to all of it gave no more"
        on_remark(f"a voice was found in only {share:.0%} of what was listened to; {taken}")
    else:
        on_remark("nobody seems to sing")
    yield from settled(second if better else first)


def voiced_stretches(audio: Samples) -> list[Stretch]:
    """Where a voice was found, with 0.2 s of room on both sides, as (start, end) in seconds (Silero VAD)."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    if len(audio) < SAMPLE_RATE // 10:
        return []
    cut = {"min_silence_duration_ms": round(1000 * PAUSE_CUT_OUT), "speech_pad_ms": round(1000 * ROOM)}
    found = get_speech_timestamps(audio, VadOptions(threshold=VOICE_THRESHOLD, **cut))
    return [(chunk["start"] / SAMPLE_RATE, chunk["end"] / SAMPLE_RATE) for chunk in found]


def voice_of(audio: Samples) -> Voice:
    """How likely somebody sings, every 32 ms (Silero VAD)."""
    from faster_whisper.vad import get_vad_model

    chunk = 512
    padded = np.pad(audio, (0, -len(audio) % chunk))
    curve = get_vad_model()(padded) if len(padded) else np.zeros(0)
    return Voice(np.asarray(curve, np.float32).reshape(-1), chunk / SAMPLE_RATE)


def _hear_stretches(
    hear: Hear, audio: Samples, stretches: Sequence[Stretch], at: Callable[[float], None]
) -> Iterator[Segment]:
    """Hear the stretches spliced into one piece; the times that come back are those of the song."""
    if not stretches:
        return
    pieces = [audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] for start, end in stretches]
    spliced = np.cumsum([0.0, *(end - start for start, end in stretches)])

    def shift(time: float) -> float:
        index = min(int(np.searchsorted(spliced, time, side="right")) - 1, len(stretches) - 1)
        return float(stretches[index][0] - spliced[index])

    for segment in hear(np.concatenate(pieces), lambda position: at(position + shift(position))):
        # a word belongs to one stretch, whole
        words = tuple(word.later(shift((word.start + word.end) / 2)) for word in segment.words)
        yield replace(segment, words=words)


def _is_within(segment: Segment, stretches: Sequence[Stretch]) -> bool:
    """Whether most of its words lie in the stretches."""
    middles = [(word.start + word.end) / 2 for word in segment.words]
    inside = sum(any(start <= middle <= end for start, end in stretches) for middle in middles)
    return 2 * inside > len(middles)


def _holes(stretches: Sequence[Stretch], heard: Sequence[Segment]) -> list[Stretch]:
    """The parts of the voiced stretches, 3 s or longer, for which no word came: without sampling Whisper skips some.

    A word before a skipped part is stretched over it, so no word is taken to last longer than 2 s here.
    """
    words = sorted((word.start - 0.3, min(word.end, word.start + 2) + 0.3) for each in heard for word in each.words)
    holes = []
    for start, end in stretches:
        reached = start
        for begin, finish in [*(span for span in words if start < span[1] and span[0] < end), (end, end)]:
            if begin - reached >= LONGEST_HOLE:
                holes.append((reached, begin))
            reached = max(reached, finish)
    return holes


def _filled(heard: Sequence[Segment], holes: Sequence[Stretch], again: Sequence[Segment]) -> list[Segment]:
    """Both hearings as one, in order: a segment that reaches over a hole is cut there."""
    pieces = list(again)
    for segment in heard:
        rest = segment.words
        for start, _ in holes:
            before = tuple(word for word in rest if word.start < start)
            if before and len(before) < len(rest):
                pieces.append(replace(segment, words=before))
                rest = rest[len(before) :]
        pieces.append(replace(segment, words=rest))
    return sorted((piece for piece in pieces if piece.words), key=lambda piece: piece.words[0].start)


def tidy(segments: Iterable[Segment], duration: float) -> list[Line]:
    """Lines in order, cut where the singer pauses; `0 <= start <= end <= duration`, no word starts before another."""
    lines: list[Line] = []
    latest = 0.0
    for segment in segments:
        words: list[Word] = []
        for word in segment.words:
            start = max(word.start, latest)
            if not word.text.strip() or start >= duration:
                continue
            if words and start - words[-1].end > PAUSE_THAT_ENDS_A_LINE:
                lines.append(_line(words, segment.doubts))
                words = []
            words.append(Word(start, min(max(word.end, start), duration), word.text, word.probability))
            latest = start
        if words:
            lines.append(_line(words, segment.doubts))
    spoken = [line for line in lines if any(letter.isalnum() for letter in line.text)]
    return [_ended_by(line, after.start) for line, after in pairwise(spoken)] + spoken[-1:]


def _ended_by(line: Line, limit: float) -> Line:
    """The line, its words ending where the next line starts at the latest."""
    if line.end <= limit:
        return line
    words = tuple(replace(word, end=max(word.start, min(word.end, limit))) for word in line.words)
    return replace(line, end=limit, words=words)


def _line(words: Sequence[Word], doubts: tuple[str, ...]) -> Line:
    """A line of raw words: its text keeps the blanks as the engine wrote them, the words lose theirs."""
    known = [word.probability for word in words if word.probability is not None]
    return Line(
        words[0].start,
        max(word.end for word in words),
        "".join(word.text for word in words).strip(),
        tuple(Word(word.start, word.end, word.text.strip(), word.probability) for word in words),
        float(np.mean(known)) if known else None,
        doubts,
    )


def covered_share(lines: Sequence[Line], audio: Samples) -> float:
    """Which share (0..1) of the energetic part of a song lies within a second of a line; 1.0 for silence.

    Energetic: quarter seconds less than 20 dB below the loud ones (the 95th percentile).
    """
    hop = SAMPLE_RATE // 4
    frames = audio[: len(audio) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return 1.0
    level = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    loud = level > max(0.1 * float(np.percentile(level, 95)), 1e-4)
    if not loud.any():
        return 1.0
    centre = (np.arange(len(frames)) + 0.5) * hop / SAMPLE_RATE
    covered = np.zeros(len(frames), dtype=bool)
    for line in lines:
        covered |= (centre >= line.start - 1) & (centre <= line.end + 1)
    return float(np.mean(covered[loud]))


def _weight(lines: Sequence[Line]) -> float:
    """How many words were probably heard right: the sum of their probabilities."""
    return sum(word.probability or 0.0 for line in lines for word in line.words)
