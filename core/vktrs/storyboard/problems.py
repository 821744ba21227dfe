"""What a person should look at before the video is made: doubtful or impossible things in a storyboard. Pure.

It flags and changes nothing; what failed in a run is the run's to tell. What is impossible is always said; what is
only doubtful is not said of a scene that is locked, since a person has settled it.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from textwrap import shorten

from vktrs.doubt import WORD_PROBABILITY
from vktrs.lines import Line, Word
from vktrs.storyboard import wording
from vktrs.storyboard.doubtful_lines import DoubtfulLines
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.music_problems import doubts
from vktrs.storyboard.resolve import Resolved, resolve
from vktrs.storyboard.split import SplitOptions
from vktrs.storyboard.words import normal_form, scene_words
from vktrs.timing import ends_of, format_clock

SHORTEST = 0.3
"""Seconds; a picture that is shown for less is a flicker."""

LONGEST_SILENCE = SplitOptions().gap
"""Seconds without singing at the end of a scene; what is longer gets a scene of its own from the machine too."""

DOUBTFUL = WORD_PROBABILITY
"""A mean probability of words below it is a guess."""

PROMPT_TOKENS = 225
"""Stable Diffusion reads a prompt in pieces of 75 tokens; of more than three of them, single words hardly count."""

SERVICE_CHARACTERS = 10_000
"""Longer prompts are refused by Stability's services."""

_LATE = 0.5  # seconds; by so much an engine may hear a line end behind the song without anybody minding
_REPEATS = 3
_DOUBTFUL_HINT = "Listen and correct its text or its times, delete it, or lock it where it is right."
_PUNCTUATION = re.compile(r"[^\w\s]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or doubtful with a scene: a short `kind`, a sentence, and what would mend it."""

    kind: str
    text: str
    hint: str = ""


def find_problems(
    board: Storyboard,
    duration: float | None,
    *,
    frames: Sequence[int | None] | None = None,
    lines: Sequence[Line] | None = None,
    missing_pictures: Collection[str] = (),
    failed: Mapping[str, tuple[str, str]] | None = None,
    resolved: Sequence[Resolved] | None = None,
    off_beat: Collection[str] = (),
    cut: Mapping[str, Collection[str]] | None = None,
) -> dict[str, tuple[Problem, ...]]:
    """The problems of every scene that has some, by its id, the worst first.

    `duration` of the song in seconds; `frames` of each scene as planned; `lines` as they were heard; `missing_pictures`
    as they are written in the scenes; `failed` is (error, hint) by scene; `resolved` spares working that out again.
    `off_beat` are scenes whose loop asks for beats that the song has not, `cut` the parameters of each scene that go
    beyond their ranges.
    """
    values = resolve(board) if resolved is None else resolved
    counts: Sequence[int | None] = frames if frames is not None else [None] * len(board.scenes)
    ends = ends_of(board.scenes, duration)
    heard, doubtful = _Heard(lines or ()), DoubtfulLines(lines or ())
    repeats = _repeats(board)
    found = {}
    first = True
    for place, scene in enumerate(board.scenes):
        until = ends[place]
        own: list[Problem] = []
        if failed and scene.id in failed:
            own.append(Problem("failed", *failed[scene.id]))
        count = counts[place] if place < len(counts) else None
        own += _of_times(board, scene, until, duration, count)
        if scene.picture is not None and scene.picture in missing_pictures:
            own.append(
                Problem("picture missing", f"There is no file {scene.picture}.", "Put it there, or take `picture` out.")
            )
        if not scene.locked:
            own += _of_hearing(scene, until, heard, doubtful)
            own += _doubts(scene, until, repeats[place])
            too_far = (cut or {}).get(scene.id, ())
            about_music = doubts(scene, values[place], count, scene.id in off_beat, too_far, first and count != 0)
            own += [Problem(each.kind, each.text, each.hint) for each in about_music]
        own += _of_prompt(values[place].prompt, board.engines.pictures, scene.locked)
        first = first and count == 0  # outside the excerpt
        if own:
            found[scene.id] = tuple(own)
    return found


def estimated_tokens(prompt: str) -> int:
    """About how many tokens CLIP makes of a prompt: 1.3 a word (a Chinese or Japanese character is one), 1 a mark.

    Its real vocabulary is not at hand without the model. English is met within about a tenth; names and languages
    that it has seldom seen take more.
    """
    marks = len(_PUNCTUATION.findall(prompt))
    words = len(wording.tokens(_PUNCTUATION.sub(" ", prompt)))
    return math.ceil(1.3 * words) + marks


def _of_times(
    board: Storyboard, scene: Scene, until: float | None, duration: float | None, frames: int | None
) -> Iterator[Problem]:
    """What is impossible or too short; a scene outside the excerpt is as it should be."""
    if duration is not None and scene.start >= duration:
        text = f"It starts at {format_clock(scene.start)}, and the song ends at {format_clock(duration)}."
        yield Problem("out of range", text, "Move its start into the song, or delete it.")
    elif frames == 0 and _is_rendered(board, scene):
        yield Problem(
            "no frames", "It is too short to be shown: no frame falls into it.", "Give it time, or delete it."
        )
    elif until is not None and until - scene.start < SHORTEST:
        text = f"It lasts {until - scene.start:.3f} s, less than {SHORTEST} s."
        yield Problem("short", text, "Merge it with a neighbour, or move the starts apart.")
    if scene.end is None:
        return
    last = until + (_LATE if until == duration else 0.001) if until is not None else None
    if scene.end < scene.start:
        yield Problem("end", "Its line ends before it starts.", "Set the end anew, or take it out.")
    elif last is not None and scene.end > last and scene.start < (until or 0.0):
        what = "the song ends" if until == duration else "the next scene starts"
        text = f"Its line is sung until {format_clock(scene.end)}, but {what} at {format_clock(until or 0.0)}."
        yield Problem("end", text, "Move the end, or extend it to the next start.")


def _is_rendered(board: Storyboard, scene: Scene) -> bool:
    excerpt = board.song.excerpt
    return excerpt is None or excerpt[0] <= scene.start < excerpt[1]


def _of_hearing(scene: Scene, until: float | None, heard: _Heard, doubtful: DoubtfulLines) -> Iterator[Problem]:
    """What was heard badly or not at all: the scene as a whole, or single lines in it."""
    of_all = [*heard.doubts(scene, until)]
    yield from of_all
    if not any(each.kind == "estimated" for each in of_all):
        for line in doubtful.unheard(scene, until):
            text = f'A line in it was not heard, its times are estimated: "{shorten(line, 60, placeholder=" ...")}".'
            yield Problem("estimated", text, "Check when it is sung, take it out of the text, or lock the scene.")
    for text in doubtful.of(scene, until):
        yield Problem("doubtful line", text, _DOUBTFUL_HINT)


def _doubts(scene: Scene, until: float | None, repeats: int) -> Iterator[Problem]:
    """What is possible but often a slip: a line said over and over, a long silence behind a line."""
    length = None if until is None else until - scene.start
    if repeats >= _REPEATS or (repeats == 2 and length is not None and length < 1):
        text = f"The same line {repeats} times in a row: speech recognition does that where it hears nothing."
        yield Problem("repeated line", text, "Listen; delete it or merge it, or lock it where it is really sung.")
    if scene.text.strip() and scene.end is not None and until is not None and until - scene.end > LONGEST_SILENCE:
        text = f"Nothing is sung for {until - scene.end:.1f} s before the next scene starts."
        yield Problem("gap", text, "Move the end, or insert a scene where the line ends; or lock it as it is.")


def _of_prompt(prompt: str, engine: str, locked: bool) -> Iterator[Problem]:
    """A prompt that a service refuses, or one so long that its words drown in each other."""
    if len(prompt) <= PROMPT_TOKENS:
        return
    hint = "Shorten the prompt or the theme, or lower prompt_lag."
    if engine == "stability" and len(prompt) > SERVICE_CHARACTERS:
        text = f"The prompt has {len(prompt)} characters; Stability's services take {SERVICE_CHARACTERS}."
        yield Problem("long prompt", text, hint)
    elif not locked and (tokens := estimated_tokens(prompt)) > PROMPT_TOKENS:
        text = f"The prompt is about {tokens} tokens long: all of it is read, but each word counts for little."
        yield Problem("long prompt", text, hint)


def _repeats(board: Storyboard) -> list[int]:
    """How many scenes in a row, up to each one, have its very text (without case and punctuation); 0 without text."""
    texts = ["".join(normal_form(word) for word in scene.text.split()) for scene in board.scenes]
    counts = [1 if text else 0 for text in texts[:1]]
    for before, text in pairwise(texts):
        counts.append(0 if not text else counts[-1] + 1 if text == before else 1)
    return counts


class _Heard:
    """What was heard, laid ready for asking which of it lies in a scene."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.words = sorted((word for line in lines for word in line.words), key=lambda word: word.start + word.end)
        self.middles = [(word.start + word.end) / 2 for word in self.words]
        self.sure = any(word.probability is not None for word in self.words)

    def doubts(self, scene: Scene, until: float | None) -> Iterator[Problem]:
        """A text that was heard badly, or where nothing was; not where a person gave the times of the words.

        Words that a person corrected were not heard as they are now, and are not doubted. Of lyrics that came with
        their times nothing is said: they have no probabilities.
        """
        if not self.sure or scene.words or not scene.text.strip():
            return
        end = max(until if until is not None else math.inf, scene.start)
        first, last = bisect_left(self.middles, scene.start), bisect_right(self.middles, end)
        here = tuple(self.words[first:last])
        if all(word.probability is None for word in here):
            text = "Nothing was heard where it stands: its times are estimated."
            yield Problem("estimated", text, "Check its start and end, or lock it where they are right.")
            return
        end = min(end, max([scene.start + 1.0, *(word.end for word in here)]))
        known = _probabilities(scene.text, scene.start, end, here)
        if known and sum(known) / len(known) < DOUBTFUL:
            text = f"Its words were heard with a probability of {sum(known) / len(known):.2f} only."
            yield Problem("doubtful words", text, "Listen and correct the text, or lock it where it is right.")


@lru_cache(maxsize=8192)
def _probabilities(text: str, start: float, end: float, heard: tuple[Word, ...]) -> tuple[float, ...]:
    """The probabilities of those words of a text that were heard; kept, since most scenes are the same next time."""
    words = scene_words(text, start, end, [Line(start, end, "", heard)])
    return tuple(word.probability for word in words if word.probability is not None)
