"""Known lyrics and what was heard become timed lines: laid, listened to again window by window, and placed.

The steps are `vktrs.alignment`'s; here they meet a model and the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import shorten

from vktrs.alignment.fitting import fit
from vktrs.alignment.laying import BELONGS, lay
from vktrs.alignment.placing import placed
from vktrs.engines.hearing import SAMPLE_RATE, Samples, voice_of
from vktrs.engines.speech import SpeechEngine
from vktrs.errors import Stopped
from vktrs.lines import Line, Word

_FOUND_AT_LEAST = 0.5
"""Of lyrics of which nearly nothing was recognised, so much has to be found for them to belong to the song."""


def align_lyrics(
    engine: SpeechEngine,
    audio: Samples,
    texts: Sequence[str],
    heard: Sequence[Line],
    *,
    language: str | None,
    stanzas: Sequence[int] | None = None,
    on_progress: Callable[[float, float], None],
    should_stop: Callable[[], bool],
    on_remark: Callable[[str], None],
) -> list[Line]:
    """The user's lines with the times of their words, one line for each text, in order, spelled as they are.

    `heard` is what was recognised of the song; the engine listens again for what is written. `stanzas` are kept with
    their lines. Words that were found nowhere lie between their neighbours, without probability. Where the lyrics are
    not those of the song, `heard` comes back instead, and that is remarked. `on_progress(done, total)` counts seconds
    of the song. Raises what `SpeechEngine.align` raises; Stopped within a window.
    """
    duration = len(audio) / SAMPLE_RATE
    laid = lay(texts, heard)

    def at(position: float) -> None:
        if should_stop():
            raise Stopped
        on_progress(min(position, duration), duration)

    def align(start: float, end: float, lines: Sequence[str]) -> list[tuple[Word, ...]]:
        window = audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        timed = engine.align(window, lines, language=language)
        return [tuple(word.later(start) for word in line) for line in timed]

    voice = voice_of(audio)
    found = fit(laid, voice, align, at)
    at(duration)
    share = max(laid.share, _found_share(texts, found))
    if heard and share < (BELONGS if laid.share >= BELONGS else _FOUND_AT_LEAST):
        on_remark(
            f"only {share:.0%} of the lyrics match what is sung: they do not seem to belong to this song, so the "
            "words are taken as they were heard"
        )
        return list(heard)
    lines = placed(texts, found, voice)
    _say(lines, found, on_remark)
    return _with_stanzas(lines, stanzas)


def estimate_lyrics(audio: Samples, texts: Sequence[str], stanzas: Sequence[int] | None = None) -> list[Line]:
    """The same without a model: the lines laid over the stretches in which somebody sings, without probabilities."""
    return _with_stanzas(placed(texts, [None] * len(texts), voice_of(audio)), stanzas)


def _with_stanzas(lines: Sequence[Line], stanzas: Sequence[int] | None) -> list[Line]:
    if stanzas is None:
        return list(lines)
    return [replace(line, stanza=own) for line, own in zip(lines, stanzas, strict=True)]


def _found_share(texts: Sequence[str], found: Sequence[tuple[Word, ...] | None]) -> float:
    """The share of the lyrics' letters that the model found in the song when it was told them."""
    letters = [len(text) for text in texts]
    return sum(size for size, words in zip(letters, found, strict=True) if words) / max(sum(letters), 1)


def _say(lines: Sequence[Line], found: Sequence[tuple[Word, ...] | None], on_remark: Callable[[str], None]) -> None:
    lost = [line.text for line, words in zip(lines, found, strict=True) if words is None]
    if lost:
        some = "; ".join(shorten(text, 50, placeholder=" ...") for text in lost[:3]) + (
            "; ..." if len(lost) > 3 else ""
        )
        count = f"{len(lost)} of the {len(lines)} lines of the lyrics"
        on_remark(f"{count} were not heard; their times are estimated: {some}")
