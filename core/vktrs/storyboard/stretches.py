"""Parts of a song that were heard again: which scenes lie in one, and the scenes that its new words make. Pure.

What of that enters the storyboard is decided by `rehearing`; hearing is the work of `runs.rehearing`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from vktrs.form import Section
from vktrs.lines import Line, Word, word_from_json
from vktrs.storyboard.lining import Sung, part, sung
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.schema import is_time
from vktrs.storyboard.split import ProposedScene, SplitOptions, propose_scenes
from vktrs.timing import ends_of

_HAIR = 0.1
"""Seconds; a scene that reaches no farther into a range of times was not meant."""


class Span(NamedTuple):
    """From `start` to `end` (seconds), and the ids of the scenes that lie there, which follow one another."""

    start: float
    end: float
    scenes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was heard anew from `start` to `end` (seconds of the song), and by whom, in words.

    `scenes` are the ids of those that lay there then, `heard` are the scenes that the new words make, in order, and
    `ids` theirs (`rehearing.named` gives them). `song` is the fingerprint of the song that was heard.
    """

    start: float
    end: float
    scenes: tuple[str, ...]
    heard: tuple[ProposedScene, ...]
    by: str
    ids: tuple[str, ...] = ()
    song: str = ""


def spans(board: Storyboard, ids: Collection[str] | None, duration: float) -> tuple[Span, ...]:
    """Where scenes lie in a song of `duration` seconds, neighbours taken together; for None the whole song."""
    scenes = board.scenes
    if ids is None:
        return (Span(0.0, duration, tuple(scene.id for scene in scenes)),)
    ends = ends_of(scenes, duration)
    found: list[Span] = []
    for scene, end in zip(scenes, ends, strict=True):
        if scene.id not in ids or scene.start >= duration:
            continue
        if found and found[-1].end == scene.start:
            found[-1] = Span(found[-1].start, min(end, duration), (*found[-1].scenes, scene.id))
        else:
            found.append(Span(scene.start, min(end, duration), (scene.id,)))
    return tuple(found)


def scenes_between(board: Storyboard, start: float, end: float) -> tuple[str, ...]:
    """The ids of the scenes that lie between two times, those that do so in part too: a line is heard whole."""
    scenes = board.scenes
    pairs = list(zip(scenes, ends_of(scenes, float("inf")), strict=True))
    found = tuple(scene.id for scene, until in pairs if min(until, end) - max(scene.start, start) > _HAIR)
    return found or tuple(scene.id for scene, until in pairs if scene.start <= start < until)


def sung_between(board: Storyboard, span: Span) -> list[Sung]:
    """The scenes of a span that have a text, for `lining`."""
    pairs = zip(board.scenes, ends_of(board.scenes, span.end), strict=True)
    return [sung(scene.start, end, scene.text) for scene, end in pairs if scene.id in span.scenes and scene.text]


def lines_within(lines: Iterable[Line], start: float, end: float) -> list[Line]:
    """Of each line the words that are sung between two times (by their middle), and no line without any."""
    found = (_line_within(line, start, end) for line in lines)
    return [line for line in found if line is not None]


def _line_within(line: Line, start: float, end: float) -> Line | None:
    if not line.words:
        inside = start <= (line.start + line.end) / 2 < end
        return replace(line, start=max(line.start, start), end=min(line.end, end)) if inside else None
    kept = [place for place, word in enumerate(line.words) if start <= (word.start + word.end) / 2 < end]
    if not kept:
        return None
    found = part(line, kept[0], kept[-1] + 1)
    words = tuple(replace(word, start=max(word.start, start), end=min(word.end, end)) for word in found.words)
    first, last = max(found.start, start), min(found.end, end)
    return replace(found, start=first, end=max(first, last), words=words)


def heard_scenes(
    lines: Sequence[Line],
    start: float,
    end: float,
    duration: float,
    options: SplitOptions,
    beats: Sequence[float] = (),
    downbeats: Sequence[float] = (),
    sections: Sequence[Section] = (),
) -> tuple[ProposedScene, ...]:
    """The scenes that lines make between two times (all in seconds of the song), cut as those of the whole song are.

    Only at the start of the song the first one has to begin with the stretch: elsewhere a short silence before the
    first line, or behind the last one, is the rest of the scene before.
    """
    moved = [_moved(line, -start) for line in lines]
    marks = [[each - start for each in times if start <= each < end] for times in (beats, downbeats)]
    parts = [
        Section(max(each.start, start) - start, min(each.end, end) - start, each.label)
        for each in sections
        if each.start < end and start < each.end
    ]
    made = list(propose_scenes(moved, marks[0], marks[1], end - start, options, parts))
    if end < duration and len(made) > 1 and not made[-1].text and end - start - made[-1].start <= options.gap:
        del made[-1]
    if start > 0 and made:
        made = _from_first_line(made, moved, options)
    return tuple(_later(scene, start) for scene in made)


def _from_first_line(made: list[ProposedScene], lines: Sequence[Line], options: SplitOptions) -> list[ProposedScene]:
    if len(made) > 1 and not made[0].text and made[1].start <= options.gap:
        return made[1:]
    if not made[0].text or options.snap != "none":
        return made
    first = min(line.start for line in lines if line.text.strip())
    latest = made[1].start - options.shortest if len(made) > 1 else first
    begin = round(max(0.0, min(first, latest)), 3)
    return [replace(made[0], start=begin, end=max(begin, made[0].end or begin)), *made[1:]]


def _moved(line: Line, by: float) -> Line:
    return replace(line, start=_at(line.start, by), end=_at(line.end, by), words=_words_moved(line.words, by))


def _later(scene: ProposedScene, by: float) -> ProposedScene:
    end = None if scene.end is None else _at(scene.end, by)
    return replace(scene, start=_at(scene.start, by), end=end, words=_words_moved(scene.words, by))


def _words_moved(words: Sequence[Word], by: float) -> tuple[Word, ...]:
    return tuple(replace(word, start=_at(word.start, by), end=_at(word.end, by)) for word in words)


def _at(time: float, by: float) -> float:
    """To the millisecond, as times are written into the file."""
    return round(time + by, 3)


def beside(old: Iterable[Stretch], new: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """New stretches and, of the old ones, those that lie elsewhere; in the order of time."""
    kept = (each for each in old if not any(_overlap(each, other) for other in new))
    return tuple(sorted((*kept, *new), key=lambda each: each.start))


def giving_way(old: Iterable[Stretch], new: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Old stretches that `beside` leaves out although they reach beyond the new ones, so that more goes with them."""
    lost = (each for each in old if any(_overlap(each, other) for other in new))
    return tuple(each for each in lost if _beyond(each, new) > _HAIR)


def _beyond(one: Stretch, others: Iterable[Stretch]) -> float:
    """How many seconds of a stretch lie in none of the others, no two of which overlap."""
    common = (min(one.end, each.end) - max(one.start, each.start) for each in others)
    return one.end - one.start - sum(max(seconds, 0.0) for seconds in common)


def _overlap(one: Stretch, other: Stretch) -> bool:
    return (one.start < other.end and other.start < one.end) or bool(set(one.scenes) & set(other.scenes))


def stretches_to_json(stretches: Sequence[Stretch]) -> str:
    """Stretches as JSON text; `stretches_from_json` reads it back."""
    return json.dumps({"version": 1, "stretches": [asdict(each) for each in stretches]}, ensure_ascii=False)


def stretches_from_json(text: str) -> tuple[Stretch, ...]:
    """What `stretches_to_json` wrote; ValueError where it did not."""
    try:
        return tuple(_stretch(each) for each in json.loads(text)["stretches"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"nothing that was heard again: {error}") from None


def _stretch(value: dict[str, Any]) -> Stretch:
    heard = tuple(map(_heard_scene, value["heard"]))
    texts = [value["by"], value["song"], *value["scenes"], *value["ids"]]
    if not (is_time(value["start"]) and is_time(value["end"])) or not all(isinstance(text, str) for text in texts):
        raise ValueError("nothing that was heard again: a value of another type")
    if len(value["ids"]) != len(heard) or len({*value["ids"]} - {""}) != len(heard):
        raise ValueError("nothing that was heard again: each scene has an id of its own")
    scenes, ids = tuple(value["scenes"]), tuple(value["ids"])
    return Stretch(value["start"], value["end"], scenes, heard, value["by"], ids, value["song"])


def _heard_scene(value: dict[str, Any]) -> ProposedScene:
    scene = ProposedScene(**{**value, "words": tuple(map(word_from_json, value["words"]))})
    times = [scene.start, scene.start if scene.end is None else scene.end]
    if not (all(map(is_time, times)) and 0 <= times[0] <= times[1]):
        raise ValueError("nothing that was heard again: a scene at another time")
    if not isinstance(scene.text, str) or not isinstance(scene.section, str | None):
        raise ValueError("nothing that was heard again: a value of another type")
    return scene
