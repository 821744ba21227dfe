"""What a speech engine heard, at sharp times: hearing, then telling the model its own words window by window.

Measured with Whisper's smallest model on songs of known truth: a line starts 0.05 s from where it is sung, instead of
0.2 s, for half as much work again. The steps are those of known lyrics (`vktrs.alignment`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from vktrs.alignment.sharpening import sharpened
from vktrs.engines.hearing import PAUSE_THAT_ENDS_A_LINE, SAMPLE_RATE, Samples, voice_of
from vktrs.errors import Stopped
from vktrs.lines import Line, Word

Tell = Callable[[float, float], None]


def sharply(
    hearing: Callable[[Tell], Iterable[Line]],
    align: Callable[[Samples, Sequence[str]], Sequence[tuple[Word, ...]]],
    audio: Samples,
    on_progress: Tell,
    should_stop: Callable[[], bool],
) -> Iterator[Line]:
    """The lines of `hearing`, which is given what to tell its progress, with the times at which they are sung.

    `align` times the words of lines within a window; see `SpeechEngine.align`. `on_progress(done, total)` is the
    hearing's and once more through the song, in seconds. Raises what both raise; Stopped before the next window.
    """
    duration, told = len(audio) / SAMPLE_RATE, 0.0

    def tell(done: float, total: float) -> None:
        nonlocal told
        told = total
        on_progress(done, total + duration)

    def at(position: float) -> None:
        if should_stop():
            raise Stopped
        on_progress(told + min(position, duration), told + duration)

    def timed(start: float, end: float, lines: Sequence[str]) -> list[tuple[Word, ...]]:
        found = align(audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)], lines)
        return [tuple(word.later(start) for word in line) for line in found]

    heard = list(hearing(tell))
    lines = sharpened(heard, voice_of(audio), timed, PAUSE_THAT_ENDS_A_LINE, at) if heard else []
    at(duration)
    for line in lines:
        yield _within(line, duration)


def _within(line: Line, duration: float) -> Line:
    """The line, not beyond the song: the curve of the voice ends up to 32 ms later."""
    words = tuple(replace(word, start=min(word.start, duration), end=min(word.end, duration)) for word in line.words)
    return replace(line, start=min(line.start, duration), end=min(line.end, duration), words=words)
