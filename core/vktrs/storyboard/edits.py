"""What a person does to the scenes: pure functions from one board to the next.

Each keeps the invariants of `Storyboard` (the first scene starts at 0, starts strictly increase, ids differ and
are never used again) and says in plain sentences what it had to adjust. An edit that makes no sense raises
InputError with what would be right. `taken` are all ids that the project ever used; those on the board are added
here. Writing the result into the file is `document`'s work.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, cast

from vktrs.errors import InputError
from vktrs.lines import Line, Word
from vktrs.storyboard import wording
from vktrs.storyboard.ids import new_id
from vktrs.storyboard.model import SCENE_FIELDS, Scene, Signal, Storyboard
from vktrs.storyboard.resolve import SEED_LIMIT, derived_seed
from vktrs.storyboard.rewording import joined_words, reworded
from vktrs.storyboard.schema import (
    LONGEST,
    SCENE_DEFAULTS,
    SCHEMA_RULES,
    SETTINGS,
    SIGNAL_KEYS,
    Unfit,
    check_board,
    checked,
    is_time,
)
from vktrs.timing import format_clock


class Edited(NamedTuple):
    """The new board, what had to be adjusted to keep it valid, and the id of the scene that was made, if any."""

    board: Storyboard
    adjusted: tuple[str, ...] = ()
    made: str | None = None


def insert(board: Storyboard, at: float, text: str = "", taken: Collection[str] = ()) -> Edited:
    """A new scene from `at` seconds until the next start; the scene it falls into ends there.

    Starts keep one millisecond from each other: `at` is moved where it falls closer to one.
    """
    wanted = _time(at)
    text = str(_fit("scenes", "text", text))
    index = sum(scene.start <= wanted for scene in board.scenes)
    made = _fresh_id(board, f"{wanted:.3f} {text}", taken)
    if index == 0:
        start, adjusted = 0.0, _said(wanted != 0, f"The first scene starts with the song, at {format_clock(0)}.")
    else:
        start, adjusted = _clamped(board, index - 1, index, _rounded(wanted))
    scenes = (*board.scenes[:index], Scene(made, start, text=text), *board.scenes[index:])
    return Edited(replace(board, scenes=scenes), adjusted, made)


def delete(board: Storyboard, scene_id: str) -> Edited:
    """Without that scene; the one before it takes over its time, and where there is none, the one behind it."""
    return delete_all(board, (scene_id,))


def delete_all(board: Storyboard, ids: Collection[str]) -> Edited:
    """Without those scenes; the time of each goes to the one before it, as by `delete`."""
    scenes = {scene.id: scene for scene in board.scenes}
    gone = {_known(scenes, scene_id) for scene_id in ids}
    kept = [scene for scene in board.scenes if scene.id not in gone]
    moved = bool(kept) and kept[0] is not board.scenes[0]
    if moved:
        kept[0] = replace(kept[0], start=0.0)
    return Edited(replace(board, scenes=tuple(kept)), _said(moved, f"The next scene now starts at {format_clock(0)}."))


def split(
    board: Storyboard, scene_id: str, at: float, words: Sequence[Word] = (), taken: Collection[str] = ()
) -> Edited:
    """The scene cut in two at `at` seconds: the first half keeps id and seeds, all else that is written goes to both.

    The text is shared by the times of `words` (those of the scene itself, where it has some), else by length.
    """
    index = _index(board, scene_id)
    scene = board.scenes[index]
    cut = _inside(board, index, _rounded(_time(at)))
    known = scene.words or words
    if known:
        word = wording.words_before(known, cut)
        return _halves(board, index, cut, word, wording.tokens_of_words(scene.text, known, word), taken)
    sung = _sung_until(board, index, cut) - scene.start
    return _halves(board, index, cut, 0, wording.tokens_by_share(scene.text, (cut - scene.start) / sung), taken)


def split_at_word(
    board: Storyboard, scene_id: str, word: int, words: Sequence[Word] = (), taken: Collection[str] = ()
) -> Edited:
    """The scene cut where word number `word` (from 0) of `words` starts; that word is the second half's first."""
    index = _index(board, scene_id)
    scene = board.scenes[index]
    known = scene.words or words
    if not 0 < word < len(known):
        raise InputError(
            f"Scene {index + 1} cannot be split before word {word}.",
            f"Choose a word from 1 to {len(known) - 1}." if len(known) > 1 else "Split it at a time.",
        )
    cut = _inside(board, index, _rounded(known[word].start))
    return _halves(board, index, cut, word, wording.tokens_of_words(scene.text, known, word), taken)


def merge_with_next(
    board: Storyboard, scene_id: str, heard: Sequence[Line] = (), duration: float | None = None
) -> Edited:
    """One scene of that one and the next: texts joined, everything else as the first has it.

    Where words of one were retimed they stay, and the other's get the times at which they were `heard`; `duration`
    (of the song, seconds) is when the last scene ends.
    """
    index = _index(board, scene_id)
    if index + 1 == len(board.scenes):
        raise InputError(f"Scene {index + 1} is the last one.", "Choose a scene that has another behind it.")
    first, second = board.scenes[index : index + 2]
    until = _next_start(board, index + 1)
    words = joined_words(first, second, heard, duration if until is None else until)
    merged = replace(
        first,
        end=second.end if second.text else _sung_end(first, second),
        text=wording.joined(first.text, second.text),
        caption=_joined_caption(first, second),
        words=words,
    )
    scenes = (*board.scenes[:index], merged, *board.scenes[index + 2 :])
    lost = [name for name in _own_fields(second) if getattr(second, name) != getattr(first, name)]
    adjusted = _said(bool(lost), f"Of scene {index + 2} this was left behind: {', '.join(lost)}.")
    untimed = [place for place, scene in ((index, first), (index + 1, second)) if scene.text and not scene.words]
    if words and untimed:
        adjusted += (f"Retimed words stay; those of scene {untimed[0] + 1} are written with the times that they had.",)
    return Edited(replace(board, scenes=scenes), adjusted)


def nudge_start(board: Storyboard, scene_id: str, seconds: float) -> Edited:
    """The scene's start moved by `seconds`, kept one millisecond off its neighbours'."""
    scene = board.scenes[_index(board, scene_id)]
    if not is_time(seconds):
        raise InputError(f"A start cannot be moved by {seconds}.", "It should be a number of seconds.")
    digits = max(3, _decimals(scene.start))
    return _moved(board, scene_id, round(scene.start + float(seconds), digits))


def set_start(board: Storyboard, scene_id: str, seconds: float) -> Edited:
    """The scene's start put to `seconds`, kept one millisecond off its neighbours'."""
    return _moved(board, scene_id, _time(seconds))


def set_field(board: Storyboard, scene_id: str, field: str, value: object) -> Edited:
    """One field of a scene set as the file would hold it; None takes it out."""
    index = _index(board, scene_id)
    if field == "start":
        return set_start(board, scene_id, _number(value))
    scene, adjusted = with_field(board.scenes[index], field, value, _next_start(board, index))
    scenes = (*board.scenes[:index], scene, *board.scenes[index + 1 :])
    return Edited(valid(replace(board, scenes=scenes)), adjusted)


def set_fields(board: Storyboard, values: Mapping[str, Mapping[str, object]]) -> Edited:
    """Fields of many scenes set at once (scene id -> field -> value), each as by `set_field`; starts are left alone."""
    scenes = {scene.id: scene for scene in board.scenes}
    until = {scene.id: after.start for scene, after in pairwise(board.scenes)}
    adjusted: list[str] = []
    for scene_id, fields in values.items():
        scene = scenes[_known(scenes, scene_id)]
        for field, value in fields.items():
            scene, said = with_field(scene, field, value, until.get(scene_id))
            adjusted += said
        scenes[scene_id] = scene
    return Edited(valid(replace(board, scenes=tuple(scenes.values()))), tuple(dict.fromkeys(adjusted)))


def set_setting(board: Storyboard, path: str, value: object) -> Edited:
    """A key beside the scenes set: "look.seed", "video.fps", "engines.whisper.model"; None puts the default back."""
    table, *keys = path.split(".")
    settings: Any = getattr(board, table, None) if table in SETTINGS else None
    if table == "engines" and len(keys) == 2:
        options = {name: dict(own) for name, own in board.engines.options.items()}
        own = options.setdefault(keys[0], {})
        own.pop(keys[1], None)
        if value is not None:
            own[keys[1]] = _option(path, value)
        options = {name: own for name, own in options.items() if own}
        return Edited(replace(board, engines=replace(board.engines, options=options)))
    if table == "signals" and len(keys) == 2:
        return Edited(valid(replace(board, signals=_with_signal(board, keys[0], keys[1], value))))
    if settings is None or len(keys) != 1 or keys[0] not in SCHEMA_RULES[table]:
        raise InputError(f"There is no setting `{path}`.", 'Name it with its table, such as "look.seed".')
    default = getattr(SETTINGS[table](), keys[0])
    new: Any = default if value is None else _fit(table, keys[0], value)
    changes: Mapping[str, Any] = {table: replace(settings, **{keys[0]: new})}
    return Edited(valid(replace(board, **changes)))


def _with_signal(board: Storyboard, name: str, key: str, value: object) -> dict[str, Signal]:
    if key not in SIGNAL_KEYS:
        raise InputError(f"A signal has no `{key}`.", f"It has {' and '.join(SIGNAL_KEYS)}.")
    signal = board.signals.get(name, Signal())
    new: Any = getattr(Signal(), key) if value is None else _fit("signals", key, value)
    return {**board.signals, name: replace(signal, **{key: new})}


def remove_signal(board: Storyboard, name: str) -> Edited:
    """The signal taken out; InputError where there is none of that name, or a field still uses it."""
    if name not in board.signals:
        raise InputError(f"There is no signal `{name}`.", "`[signals.NAME]` names one.")
    return Edited(valid(replace(board, signals={each: own for each, own in board.signals.items() if each != name})))


def duplicate(board: Storyboard, scene_id: str, taken: Collection[str] = (), duration: float | None = None) -> Edited:
    """A copy behind the scene, with its effective seed written down; it takes the second half of the scene's time.

    The scenes cover the song, so there is no other room for it. The last scene's length is known from `duration`
    (of the song, seconds), else from when its line ends.
    """
    index = _index(board, scene_id)
    scene = board.scenes[index]
    end = _next_start(board, index)
    end = (duration or scene.end) if end is None else end
    if end is None or end <= scene.start:
        raise InputError(f"How long scene {index + 1} lasts is not known.", "Run once, or give its end.")
    cut = _inside(board, index, _rounded((scene.start + end) / 2))
    seed = derived_seed(board.look.seed, scene.id) if scene.seed is None else scene.seed % SEED_LIMIT
    made = _fresh_id(board, f"{scene.id} copy", taken)
    sung = scene.end is not None and scene.end > cut
    copy = replace(scene, id=made, start=cut, end=scene.end if sung else None, words=None, seed=seed)
    first = replace(scene, end=cut if sung else scene.end)
    scenes = (*board.scenes[:index], first, copy, *board.scenes[index + 1 :])
    said = f"The copy takes the second half of the scene's time, from {format_clock(cut)} on."
    return Edited(replace(board, scenes=scenes), (said,), made)


def with_field(scene: Scene, field: str, value: object, until: float | None) -> tuple[Scene, tuple[str, ...]]:
    """The scene, which lasts `until` the next one, with one field set, and what was adjusted; not for its start."""
    if field == "start":
        raise InputError("The start of a scene is not set together with others.", "Move each start by itself.")
    if field == "id" or field not in SCENE_FIELDS:
        known = ", ".join(name for name in SCENE_FIELDS if name != "id")
        raise InputError(f"`{field}` of a scene cannot be set.", f"These can: {known}.")
    new: Any = SCENE_DEFAULTS[field] if value is None else _fit("scenes", field, value)
    changes = {field: new}
    adjusted: tuple[str, ...] = ()
    if field == "text" and scene.words and new != scene.text:
        ends = [time for time in (scene.end, until) if time is not None]
        changes["words"] = reworded(scene.words, scene.text, new, scene.start, ends)
        adjusted = _said(changes["words"] is None, "Retimed words were dropped: none of them is in the new text.")
    return replace(scene, **changes), adjusted


def _halves(board: Storyboard, index: int, cut: float, word: int, count: int, taken: Collection[str]) -> Edited:
    """The cut made; `word` of the scene's own words, and `count` tokens of its text, go to the first half."""
    scene = board.scenes[index]
    made = _fresh_id(board, f"{scene.id} {cut}", taken)
    before, after = wording.cut_text(scene.text, count)
    words: tuple[tuple[Word, ...] | None, tuple[Word, ...] | None] = (None, None)
    if scene.words:
        words = (scene.words[:word] or None, scene.words[word:] or None)
    caption = (scene.caption, scene.caption)
    if scene.caption:
        total = max(1, len(wording.tokens(scene.text)))
        caption = wording.cut_text(scene.caption, wording.tokens_by_share(scene.caption, count / total))
    goes_on = scene.end is not None and scene.end > cut
    first = replace(scene, end=cut if goes_on else scene.end, text=before, words=words[0], caption=caption[0])
    second = replace(
        scene,
        id=made,
        start=cut,
        end=scene.end if goes_on else None,
        text=after,
        words=words[1],
        caption=caption[1],
        seed=None,
        frame_seeds=None,
        transition=None,
    )
    empty = [place for place, text in (("first", before), ("second", after)) if scene.text and not text]
    adjusted = tuple(f"The {place} half has no text: nothing is sung in it." for place in empty)
    scenes = (*board.scenes[:index], first, second, *board.scenes[index + 1 :])
    return Edited(replace(board, scenes=scenes), adjusted, made)


def _moved(board: Storyboard, scene_id: str, wanted: float) -> Edited:
    index = _index(board, scene_id)
    scene = board.scenes[index]
    if index == 0:
        if wanted == 0:
            return Edited(board)
        raise InputError(
            f"The first scene always starts with the song, at {format_clock(0)}.", "Move the start of the second one."
        )
    start, adjusted = _clamped(board, index - 1, index + 1, wanted)
    end = scene.end
    if end is not None and end < start:
        end = _rounded(start + end - scene.start)
        following = _next_start(board, index)
        end = max(start, end if following is None else min(end, following))
        adjusted += (f"Its end moved along to {format_clock(end)}.",)
    scenes = (*board.scenes[:index], replace(scene, start=start, end=end), *board.scenes[index + 1 :])
    return Edited(replace(board, scenes=scenes), adjusted)


def _clamped(board: Storyboard, before: int, behind: int, wanted: float) -> tuple[float, tuple[str, ...]]:
    """`wanted` brought between the starts of the scenes at these places, a millisecond off each."""
    low = _after(board.scenes[before].start)
    high = _before(board.scenes[behind].start) if behind < len(board.scenes) else LONGEST
    if low > high:
        raise InputError(
            f"There is no room between the starts of scenes {before + 1} and {before + 2}.",
            "Starts keep one millisecond from each other.",
        )
    if wanted < low:
        return low, (f"The start was clamped to {format_clock(low)}, one millisecond after scene {before + 1} starts.",)
    if wanted > high:
        return high, (f"The start was clamped to {format_clock(high)}, one millisecond before the next scene starts.",)
    return wanted, ()


def _inside(board: Storyboard, index: int, cut: float) -> float:
    low = _after(board.scenes[index].start)
    following = _next_start(board, index)
    high = LONGEST if following is None else _before(following)
    if low > high:
        raise InputError(f"Scene {index + 1} is too short to be split.", "Both halves need a millisecond.")
    if not low <= cut <= high:
        until = "on" if following is None else f"to {format_clock(high)}"
        right = f"Choose a time from {format_clock(low)} {until}."
        raise InputError(f"Scene {index + 1} cannot be split at {format_clock(cut)}.", right)
    return cut


def _sung_until(board: Storyboard, index: int, cut: float) -> float:
    """When the text of a scene is over, as far as known; for the last one of unknown length, twice the way to `cut`."""
    scene = board.scenes[index]
    following = _next_start(board, index)
    if scene.end is not None and scene.end > scene.start:
        return scene.end
    return following if following is not None else 2 * cut - scene.start


def _sung_end(scene: Scene, after: Scene) -> float | None:
    """When the line of a scene ends; where that is not known, with the scene, as long as it has a line."""
    return after.start if scene.end is None and scene.text else scene.end


def _own_fields(scene: Scene) -> list[str]:
    """What a person has written into a scene, apart from what is sung and its look on screen."""
    apart = {"id", "start", "end", "text", "section", "caption", "words"}
    return [name for name in SCENE_FIELDS if name not in apart and getattr(scene, name) != SCENE_DEFAULTS[name]]


def _joined_caption(first: Scene, second: Scene) -> str | None:
    if first.caption is None and second.caption is None:
        return None
    shown = (scene.text if scene.caption is None else scene.caption for scene in (first, second))
    return wording.joined(*shown)


def _index(board: Storyboard, scene_id: str) -> int:
    try:
        return board.index(scene_id)
    except KeyError:
        raise _no_scene(scene_id) from None


def _known(scenes: Collection[str], scene_id: str) -> str:
    """The id, where there is a scene of it."""
    if scene_id not in scenes:
        raise _no_scene(scene_id)
    return scene_id


def _no_scene(scene_id: str) -> InputError:
    return InputError(f"There is no scene `{scene_id}`.", "It may have been deleted meanwhile.")


def _next_start(board: Storyboard, index: int) -> float | None:
    return board.scenes[index + 1].start if index + 1 < len(board.scenes) else None


def _fresh_id(board: Storyboard, hint: str, taken: Collection[str]) -> str:
    return new_id(hint, {scene.id for scene in board.scenes} | set(taken))


def _number(value: object) -> float:
    if value is None:
        raise InputError("A scene cannot be without a start.", "Delete the scene, or give a time in seconds.")
    return cast(float, _fit("scenes", "start", value))


def _option(path: str, value: object) -> object:
    if not isinstance(value, (str, int, float, list, tuple)):
        raise InputError(f"`{path}` cannot be {value!r}.", "It should be a text, a number, true, false or a list.")
    return list(value) if isinstance(value, tuple) else value


def _time(value: float) -> float:
    return _number(value)


def _fit(table: str, key: str, value: object) -> object:
    try:
        return checked(table, key, value)
    except Unfit as error:
        raise InputError(error.found, error.right) from None


def valid(board: Storyboard) -> Storyboard:
    """The same board; InputError where a rule over several values is broken."""
    try:
        check_board(board)
    except Unfit as error:
        where = f"Scene {error.scene + 1}: " if error.scene is not None else ""
        raise InputError(where + error.found, error.right) from None
    return board


def _said(condition: bool, sentence: str) -> tuple[str, ...]:
    return (sentence,) if condition else ()


def _rounded(seconds: float) -> float:
    return round(seconds, 3) + 0.0


def _decimals(seconds: float) -> int:
    exponent = Decimal(repr(seconds)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _after(start: float) -> float:
    """The first whole millisecond that is at least one behind `start`."""
    return math.ceil(round(start * 1000 + 1, 6)) / 1000


def _before(start: float) -> float:
    """The last whole millisecond that is at least one before `start`."""
    return math.floor(round(start * 1000 - 1, 6)) / 1000
