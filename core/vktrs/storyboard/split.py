"""Scenes out of lines: one a line (or as `grouping` has them), music without words cut by bars. Pure.

The result is a proposal. Merging it into a storyboard, where a person has decided things, is `merge`'s work.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, pstdev

from vktrs.form import Section, inner_edges, label_of
from vktrs.lines import Line, Word
from vktrs.storyboard.bars import bar_lines, cut_by_bars
from vktrs.storyboard.grouping import regrouped, stanzas_told
from vktrs.storyboard.model import Snap, SplitBy
from vktrs.storyboard.on_marks import on_marks
from vktrs.storyboard.words import cut_text, spread


@dataclass(frozen=True, slots=True)
class ProposedScene:
    """A scene from `start` until the next one starts (seconds); `end` is when its singing ends, None without text.

    `section` is the label of the part of the song in which most of it lies, None where that is not known.
    """

    start: float
    end: float | None
    text: str
    words: tuple[Word, ...] = ()
    section: str | None = None


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """How scenes are cut; times in seconds.

    `shortest`: no scene is shorter (but a whole song may be). `gap`: a longer stretch without singing between lines
    is a scene of its own; so are an intro and an outro longer than `edge`. `longest`: a line that is longer is
    divided even if all are. `music`: about how long scenes without text are, none of them over `longest_music`.
    `divide`: whether long lines are divided at all; not where a person wrote them. `snap`: whether starts are put on
    beats or bars at the end, and then only `snap_earlier_only` ones. `by` is what becomes one scene, and `measure` the
    number that it goes by (seconds of a pause, words, seconds); long ones are divided only where that is a line.
    """

    shortest: float = 1.0
    gap: float = 4.0
    edge: float = 2.0
    longest: float = 15.0
    music: float = 6.0
    longest_music: float = 12.0
    divide: bool = True
    snap: Snap = "none"
    snap_earlier_only: bool = False
    by: SplitBy = "line"
    measure: float | None = None


def propose_scenes(
    lines: Sequence[Line],
    beats: Sequence[float],
    downbeats: Sequence[float],
    duration: float,
    options: SplitOptions = SplitOptions(),
    sections: Sequence[Section] = (),
) -> list[ProposedScene]:
    """Scenes that cover a song of `duration` seconds: the first starts at 0, each lasts until the next one starts.

    Lines may come in any order, overlap, repeat, have no length or lie beyond the end (those are left out). The
    words and the text of every line that is left are in exactly one scene, in order. Starts increase by at least
    `options.shortest` and stay below `duration`; a duration of 0 has no scenes. Music without words is cut where
    one of the `sections` ends, too.
    """
    if not duration > 0:
        return []
    pulse = sorted(beat for beat in beats if 0 <= beat < duration)
    bars = bar_lines(pulse, [beat for beat in downbeats if 0 <= beat < duration])
    kept = _sung(lines, duration)
    if options.by != "line":
        kept = regrouped(kept, options.by, options.measure, pulse, options.gap, options.shortest, duration)
    sung = [ProposedScene(line.start, line.end, line.text, line.words) for line in kept]
    sung = _divided(sung, pulse, options) if options.divide and options.by == "line" else sung
    scenes = _joined(_with_music(sung, pulse, bars, duration, options, sections), duration, options.shortest)
    marks = {"none": (), "beat": pulse, "bar": bars}[options.snap]
    return _labelled([_rounded(scene) for scene in _snapped(scenes, marks, duration, options)], duration, sections)


def remark(lines: Sequence[Line], duration: float, options: SplitOptions) -> str | None:
    """What a person should know of how these lines would be cut, as a sentence; None where it is as they asked."""
    if options.by == "stanza":
        return stanzas_told(_sung(lines, duration))
    if options.by == "pause" and lines and not any(line.words for line in lines):
        return "No word has a time of its own, so only silences between lines count."
    return None


def _sung(lines: Sequence[Line], duration: float) -> list[Line]:
    """The lines in order, ends known and not beyond the next start."""
    kept = sorted((line for line in lines if line.text.strip() and line.start < duration), key=lambda line: line.start)
    starts = [max(line.start, 0.0) for line in kept]
    sung = []
    for line, start, after in zip(kept, starts, [*starts, duration][1:], strict=True):
        end = line.end if line.end > start else start + 4.0  # a line without length: its file tells no end
        text = " ".join(line.text.split())
        sung.append(replace(line, start=start, end=max(start, min(end, after)), text=text))
    return sung


def _divided(scenes: Sequence[ProposedScene], beats: Sequence[float], options: SplitOptions) -> list[ProposedScene]:
    """Unusually long lines divided (the rule of the Video Killed The Radio Star notebook).

    Its rule: of the durations within one deviation of the mean take the mean again; longer than that mean plus the
    deviation (of all) is long. It is divided into as many pieces as bring their length closest to that mean, so
    that a line hardly longer than its neighbours stays whole.
    """
    lengths = [_length(scene) for scene in scenes]
    if not lengths:
        return []
    mean, deviation = fmean(lengths), pstdev(lengths)
    usual = fmean([length for length in lengths if abs(length - mean) <= deviation] or lengths)
    pieces: list[ProposedScene] = []
    for scene, length in zip(scenes, lengths, strict=True):
        count = round(length / usual) if usual > 0 and length > usual + deviation else 1
        count = max(count, math.ceil(length / options.longest))
        pieces.extend(_pieces(scene, min(count, int(length / options.shortest)), beats))
    return pieces


def _length(scene: ProposedScene) -> float:
    return (scene.start if scene.end is None else scene.end) - scene.start


def _pieces(scene: ProposedScene, count: int, beats: Sequence[float]) -> list[ProposedScene]:
    """A line in `count` pieces or fewer, cut between words: near the even places, at pauses, commas and beats."""
    timed = cut_text(scene.text, scene.words) is not None
    end = scene.start + _length(scene)
    words = list(scene.words) if timed else spread(scene.text.split(), scene.start, end)
    texts = cut_text(scene.text, words) or [scene.text]
    if count < 2 or len(texts) != len(words):
        return [scene]
    free = [i for i in range(1, len(words)) if texts[i - 1][-1:].isspace() or " " not in scene.text]
    pieces, first, start, size = [], 0, scene.start, _length(scene) / count
    for k in range(1, count):
        target = scene.start + k * size
        near = [i for i in free if i > first and abs(words[i].start - target) < size * 0.6 and words[i].start > start]
        if near:
            cut = min(near, key=lambda i: _reluctance(words, texts, i, target, size, beats))
            at = _cut_time(words[cut - 1], words[cut], beats)
            pieces.append((start, min(words[cut - 1].end, at), texts[first:cut]))
            first, start = cut, at
    pieces.append((start, end, texts[first:]))
    return _with_words(pieces, scene.words, timed)


def _reluctance(
    words: Sequence[Word], texts: Sequence[str], cut: int, target: float, size: float, beats: Sequence[float]
) -> float:
    """How bad it would be to cut before word `cut`: far from the even place is bad, a pause or a comma is good."""
    pause = max(words[cut].start - words[cut - 1].end, 0.0)
    breath = texts[cut - 1].rstrip()[-1:] in ",.;:!?-"
    on_beat = abs(_nearest(beats, words[cut].start) - words[cut].start) < 0.1
    return abs(words[cut].start - target) / size - min(pause, 0.5) - 0.25 * breath - 0.1 * on_beat


def _cut_time(before: Word, after: Word, beats: Sequence[float]) -> float:
    """On a beat that falls into the pause between the two words, else when the second one starts."""
    beat = _nearest(beats, after.start)
    return beat if before.end <= beat <= after.start else after.start


def _nearest(beats: Sequence[float], time: float) -> float:
    """The beat (of ascending `beats`) closest to `time`; infinity if there are none."""
    at = bisect_left(beats, time)
    return min(beats[max(at - 1, 0) : at + 1], key=lambda beat: abs(beat - time), default=math.inf)


def _with_words(
    pieces: Sequence[tuple[float, float, Sequence[str]]], words: Sequence[Word], timed: bool
) -> list[ProposedScene]:
    """Scenes of (start, end, texts), each with its own words: counted where they are the text's, else by time."""
    scenes, used = [], 0
    for i, (start, end, texts) in enumerate(pieces):
        if i + 1 == len(pieces):
            stop = len(words)
        elif timed:
            stop = used + len(texts)
        else:
            stop = next((j for j in range(used, len(words)) if words[j].start >= pieces[i + 1][0]), len(words))
        scenes.append(ProposedScene(start, max(start, end), "".join(texts).strip(), tuple(words[used:stop])))
        used = stop
    return scenes


def _with_music(
    sung: Sequence[ProposedScene],
    beats: Sequence[float],
    bars: Sequence[float],
    duration: float,
    options: SplitOptions,
    sections: Sequence[Section],
) -> list[ProposedScene]:
    """Scenes without text put into the intro, long gaps and the outro; all of the song if nobody sings."""
    shortest = max(options.edge, options.shortest)

    def music(start: float, end: float) -> list[ProposedScene]:
        edges = inner_edges(sections, start + shortest, end - shortest)
        return [scene for left, right in pairwise([start, *edges, end]) for scene in part(left, right)]

    def part(start: float, end: float) -> list[ProposedScene]:
        whole = end - start <= options.longest_music and bool(sung)
        limits = {"aim": options.music, "shortest": shortest, "longest": options.longest_music}
        return [ProposedScene(at, None, "") for at in ([start] if whole else cut_by_bars(start, end, bars, **limits))]

    if not sung:
        return music(0.0, duration)
    scenes = music(0.0, sung[0].start) if sung[0].start > options.edge else []
    for scene, after in zip(sung, [*sung[1:], None], strict=True):
        scenes.append(scene)
        end, until = scene.start + _length(scene), after.start if after else duration
        if until - end > (options.gap if after else options.edge):
            start = max(end, scene.start + options.shortest)
            beat = _nearest(beats, start + 0.25)
            start = beat if start <= beat <= start + 0.5 else start  # the picture changes with the music
            scenes.extend(music(start, until))
    return scenes


def _joined(scenes: Sequence[ProposedScene], duration: float, shortest: float) -> list[ProposedScene]:
    """No scene shorter than `shortest`: it goes to the neighbour it stands closer to; the first one starts at 0."""
    kept = [replace(scenes[0], start=0.0), *scenes[1:]]
    i = 0
    while i < len(kept) and len(kept) > 1:
        after = kept[i + 1].start if i + 1 < len(kept) else duration
        if after - kept[i].start >= shortest:
            i += 1
            continue
        left = max(i - 1, 0) if i + 1 == len(kept) or (i > 0 and _closer_to_previous(kept, i)) else i
        kept[left : left + 2] = [_both(kept[left], kept[left + 1])]
        i = max(left - 1, 0)
    return kept


def _closer_to_previous(scenes: Sequence[ProposedScene], i: int) -> bool:
    """Whether scene `i` belongs rather to the one before it: text to text, across the shorter silence."""
    before, scene, after = scenes[i - 1 : i + 2]
    if bool(before.text) != bool(after.text):
        return bool(before.text) == bool(scene.text)
    return scene.start - (before.end or before.start) <= after.start - (scene.end or scene.start)


def _both(first: ProposedScene, second: ProposedScene) -> ProposedScene:
    ends = [end for end in (first.end, second.end) if end is not None]
    text = " ".join(text for text in (first.text, second.text) if text)
    return ProposedScene(first.start, max(ends, default=None), text, (*first.words, *second.words))


def _snapped(
    scenes: Sequence[ProposedScene], marks: Sequence[float], duration: float, options: SplitOptions
) -> list[ProposedScene]:
    """Starts on the marks; a line ends within its scene, as before."""
    starts = on_marks([scene.start for scene in scenes], marks, duration, options.shortest, options.snap_earlier_only)
    return [
        replace(scene, start=start, end=None if scene.end is None else min(max(scene.end, start), max(after, start)))
        for scene, start, after in zip(scenes, starts, [*starts[1:], math.inf], strict=True)
    ]


def _labelled(scenes: Sequence[ProposedScene], duration: float, sections: Sequence[Section]) -> list[ProposedScene]:
    """Each scene with the label of the section in which most of it lies."""
    edges = pairwise([*(scene.start for scene in scenes), duration])
    return [replace(scene, section=label_of(sections, *edge)) for scene, edge in zip(scenes, edges, strict=True)]


def _rounded(scene: ProposedScene) -> ProposedScene:
    """Times to the millisecond, as they are written into the file."""
    end = None if scene.end is None else max(round(scene.end, 3), round(scene.start, 3))
    return replace(scene, start=round(scene.start, 3), end=end)
