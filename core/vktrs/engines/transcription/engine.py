"""A song heard by a service: cut into files that it takes, heard piece by piece, put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vktrs.doubt import LeftOut
from vktrs.engines.doubting import Loudness, believed, flagged, remark, without_twins
from vktrs.engines.hearing import SAMPLE_RATE, Segment, tidy, voice_of
from vktrs.engines.transcription.asking import Asking
from vktrs.engines.transcription.cutting import loudness, next_cut
from vktrs.engines.transcription.refusing import TooLarge
from vktrs.errors import Stopped, VktrsError
from vktrs.lines import Line, Word

LONGEST = 1200.0
"""Seconds of one file. Services refuse much longer ones, and what is lost on the way may be charged."""
SHORTEST = 5.0
"""Seconds of a file below which nobody should find it too large."""

_SILENCE = 1e-4  # of the loudest sample; there is nothing to pay for
_TOO_SHORT = 0.1  # seconds; OpenAI refuses less


class TranscriptionEngine:
    """A `SpeechEngine` that cannot align. Nobody is asked for what is silent."""

    def __init__(
        self,
        asking: Asking,
        on_remark: Callable[[str], None] = lambda _: None,
        on_left_out: Callable[[LeftOut], None] = lambda _: None,
    ) -> None:
        self._asking = asking
        self._remark = on_remark
        self._on_left_out = on_left_out
        self._longest = LONGEST

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None,
        on_progress: Callable[[float, float], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[Line]:
        """The sung lines of `audio` (16 kHz mono, -1..1); see `SpeechEngine.transcribe`.

        A call that is under way when somebody stops is waited for only where it may be charged, a minute at most.
        Raises MissingError for the key, Halted where there is no money left, InputError for an option that the service
        does not take, GivenUp where it does not answer.
        """
        duration = len(audio) / SAMPLE_RATE
        segments: list[Segment] = []
        try:
            on_progress(0.0, duration)
            for end, heard in self._pieces(audio, language, should_stop):
                segments += heard
                on_progress(end, duration)
        finally:
            self._asking.close()
        lines = self._settled(segments, audio)
        if not lines:
            self._remark("nobody seems to sing")
        yield from lines

    def _settled(self, segments: Sequence[Segment], audio: NDArray[np.float32]) -> list[Line]:
        """The lines with their doubts; what nobody believes is told."""
        left_out: list[LeftOut] = []
        loudness = Loudness(audio, SAMPLE_RATE)
        kept = tidy(believed(segments, loudness, left_out), len(audio) / SAMPLE_RATE)
        lines = list(flagged(kept, loudness, left_out))
        if gone := without_twins(left_out):
            self._remark(remark(gone))
        for each in gone:
            self._on_left_out(each)
        return lines

    @property
    def heard_language(self) -> str | None:
        """None: services tell a language by its English name, if at all."""
        return None

    def align(
        self, audio: NDArray[np.float32], lines: Sequence[str], *, language: str | None
    ) -> list[tuple[Word, ...]]:
        """No words for any line: services do not align, and the times at which words were heard stand."""
        del audio, language
        return [() for _ in lines]

    def _pieces(
        self, audio: NDArray[np.float32], language: str | None, should_stop: Callable[[], bool]
    ) -> Iterator[tuple[float, list[Segment]]]:
        """Piece by piece where it ends, in seconds, and what was heard in it, with the times of the song."""
        start, curve = 0, None
        while start < len(audio):
            if should_stop():
                raise Stopped
            cut = None
            if len(audio) - start > self._longest * SAMPLE_RATE:
                curve = loudness(audio, SAMPLE_RATE, voice_of(audio).curve) if curve is None else curve
                cut = next_cut(curve, start / SAMPLE_RATE, self._longest)
            end = len(audio) if cut is None else min(round(cut * SAMPLE_RATE), len(audio))
            try:
                heard = self._heard(audio[start:end], language, should_stop)
            except TooLarge:
                self._longest = self._shorter((end - start) / SAMPLE_RATE)
                continue
            yield end / SAMPLE_RATE, [_moved(each, start / SAMPLE_RATE) for each in heard]
            start = end

    def _heard(
        self, samples: NDArray[np.float32], language: str | None, should_stop: Callable[[], bool]
    ) -> tuple[Segment, ...]:
        if len(samples) < _TOO_SHORT * SAMPLE_RATE or float(np.abs(samples).max()) < _SILENCE:
            return ()
        return self._asking.answer(samples, language, should_stop).segments

    def _shorter(self, seconds: float) -> float:
        """Half of what was too large."""
        if seconds / 2 < SHORTEST:
            raise VktrsError(
                f"Even {seconds:.0f} seconds of the song are too large a file for the service.",
                "Look at `limit_mb` in [engines.api], and at the limits of the server.",
            )
        self._remark(f"A file of {seconds:.0f} s is too large for the service; the song is cut into shorter ones.")
        return seconds / 2


def _moved(segment: Segment, by: float) -> Segment:
    """The segment, so many seconds later."""
    return replace(segment, words=tuple(word.later(by) for word in segment.words))
