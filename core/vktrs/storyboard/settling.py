"""New starts and ends put into a board so that it stays valid, and what that took said in plain sentences.

What is wanted comes from `retiming`, `snapping` and `stamping`; which starts fit is the arithmetic of `clamping`. No
line is made to be sung over the next scene's start, nor over the song's end: there it is cut. One that reached
over before is left alone, as whoever wrote it wanted it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from vktrs.errors import InputError
from vktrs.lines import Word
from vktrs.storyboard.clamping import MILLISECOND, fit, moved, names, touches
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.schema import LONGEST, is_time
from vktrs.timing import format_clock

Said = list[str]
"""What was adjusted so far, a sentence each."""

FIRST = f"Scene 1 always starts with the song, at {format_clock(0)}."


def with_starts(
    board: Storyboard, starts: Sequence[float], rolling: bool, duration: float | None, said: Said
) -> Edited:
    """The board with these starts; an end that its start passed moves along, and so, rolling, does a touching one."""
    changed: dict[int, Scene] = {}
    along = []
    for place, (scene, start) in enumerate(zip(board.scenes, starts, strict=True)):
        if start == scene.start:
            continue
        end = scene.end
        if end is not None and end < start:
            end = max(start, moved(end, start - scene.start))
            along.append(place)
        if place and rolling:
            before = changed.get(place - 1, board.scenes[place - 1])
            if touches(board.scenes[place - 1].end, scene.start):
                changed[place - 1] = replace(before, end=start)
        changed[place] = replace(scene, start=start, end=end)
    if along:
        said.append(f"The start passed the end of the line: the end of {names(along)} moved along.")
    return settled(board, changed, duration, said)


def with_ends(
    board: Storyboard,
    places: Collection[int],
    wanted: Callable[[int, float], float | None],
    duration: float | None,
    said: Said,
) -> Edited:
    """The board with the ends that `wanted` makes of place and end, within their scenes; what was clamped is said."""
    changed: dict[int, Scene] = {}
    unknown, clamped = [], []
    for place in places:
        scene = board.scenes[place]
        end = until(board, place, duration) if scene.end is None else scene.end
        asked = wanted(place, end) if end is not None else None
        if asked is None:
            unknown.append(place)
            continue
        end = clamped_end(board, place, asked, duration)
        clamped += [place] if abs(end - asked) > MILLISECOND / 2 else []
        changed[place] = replace(scene, end=end)
    if clamped:
        said.append(f"The end of {names(clamped)} was clamped: a line lies in its scene.")
    if unknown:
        said.append("When the last scene ends is not known: run to the stage song first.")
    return settled(board, changed, duration, said)


def with_room(board: Storyboard, wanted: Mapping[int, float], duration: float | None, said: Said) -> Sequence[float]:
    """All starts, those of `wanted` (by place, from 1 on) as near to it as their neighbours allow; the rest is said."""
    found = fit([scene.start for scene in board.scenes], wanted, duration)
    if found.clamped:
        where = f" to {format_clock(found.starts[found.clamped[0]])}" if len(found.clamped) == 1 else ""
        said.append(
            f"The start of {names(found.clamped)} was clamped{where}, one millisecond off the scenes around it."
        )
    if found.stuck:
        said.append(f"There is no room between the scenes around {names(found.stuck)}: nothing moved there.")
    return found.starts


def retimed(
    board: Storyboard, starts: Sequence[float], time: Callable[[int, float], float], places: Collection[int]
) -> dict[int, Scene]:
    """Scenes at new starts, with what is sung in them put where `time` says of place and old time."""
    changed: dict[int, Scene] = {}
    for place in places:
        scene, start = board.scenes[place], starts[place]
        end = None if scene.end is None else max(start, time(place, scene.end))
        words = scene.words
        if words:
            words = tuple(_at(word, time(place, word.start), time(place, word.end)) for word in words)
        changed[place] = replace(scene, start=start, end=end, words=words)
    return changed


def _at(word: Word, start: float, end: float) -> Word:
    return replace(word, start=start, end=max(start, end))


def settled(board: Storyboard, changed: Mapping[int, Scene], duration: float | None, said: Said) -> Edited:
    """The board with those scenes (by place) changed; a line that newly reaches over the next start is cut there."""
    scenes = dict(changed)
    cut = []
    for place in sorted({*changed, *(place - 1 for place in changed if place)}):
        scene, old = scenes.get(place, board.scenes[place]), board.scenes[place].end
        limit = _limit(board, scenes, place, duration)
        if scene.end is None or scene.end <= limit or (old is not None and old > _limit(board, {}, place, duration)):
            continue
        end = max(scene.start, limit)
        if end != scene.end:
            scenes[place] = replace(scene, end=end)
            cut.append(place)
    if cut:
        said.append(f"The line of {names(cut)} now ends where its scene ends.")
    return Edited(replaced(board, scenes), tuple(said))


def _limit(board: Storyboard, scenes: Mapping[int, Scene], place: int, duration: float | None) -> float:
    if place + 1 < len(board.scenes):
        return scenes.get(place + 1, board.scenes[place + 1]).start
    return LONGEST if duration is None else duration


def until(board: Storyboard, place: int, duration: float | None) -> float | None:
    """When a scene is over: the next start, or the song's end where that is known and behind the scene's start."""
    if place + 1 < len(board.scenes):
        return board.scenes[place + 1].start
    return duration if duration is not None and duration >= board.scenes[place].start else None


def clamped_end(board: Storyboard, place: int, wanted: float, duration: float | None) -> float:
    """The end that is nearest to `wanted` and lies in the scene."""
    start, last = board.scenes[place].start, until(board, place, duration)
    return max(start, min(wanted, LONGEST if last is None else last))


def replaced(board: Storyboard, changed: Mapping[int, Scene]) -> Storyboard:
    """The board with those scenes (by place) in it; the same board where nothing differs."""
    if all(scene == board.scenes[place] for place, scene in changed.items()):
        return board
    return replace(board, scenes=tuple(changed.get(place, scene) for place, scene in enumerate(board.scenes)))


def places_of(board: Storyboard, ids: Collection[str]) -> list[int]:
    """The places of the chosen scenes, in order; InputError where there is none, or one is not there."""
    wanted = {ids} if isinstance(ids, str) else set(ids)
    found = [place for place, scene in enumerate(board.scenes) if scene.id in wanted]
    if len(found) < len(wanted):
        missing = sorted(wanted - {board.scenes[place].id for place in found})
        raise InputError(f"There is no scene `{missing[0]}`.", "It may have been deleted meanwhile.")
    if not found:
        raise InputError("No scene is chosen.", "Choose one or more.")
    return found


def place_of(board: Storyboard, scene_id: str) -> int:
    """The place of a scene in the table, from 0; InputError where there is none of that id."""
    return places_of(board, (scene_id,))[0]


def checked_time(seconds: float) -> float:
    """`seconds` as a float, where it is a time that a song may have; InputError otherwise."""
    if not is_time(seconds) or not 0 <= seconds <= LONGEST:
        raise InputError(f"{seconds} is no time in a song.", "It should be seconds, from 0 to 1000000.")
    return float(seconds) + 0.0
