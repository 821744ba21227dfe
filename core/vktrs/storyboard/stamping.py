"""Times given while the song goes by: one line stamped after the other, and what is not stamped yet put out of the way.

Pure functions from one board to the next, as in `edits`. Moving what has its times already is the work of `retiming`.
"""

from __future__ import annotations

from dataclasses import replace

from vktrs.errors import InputError
from vktrs.storyboard.clamping import MILLISECOND, apart, moved, names, next_to, touches
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.schema import LONGEST
from vktrs.storyboard.settling import FIRST, Said, checked_time, place_of, replaced, retimed, settled
from vktrs.timing import format_clock


def tap(board: Storyboard, scene_id: str, seconds: float) -> Edited:
    """A scene stamped in tap mode: its line moves to `seconds`; later scenes that started before give way.

    They come to stand behind it, a millisecond apart and in order, and keep the lengths of their lines until they
    are stamped themselves. So stamping one line after the other puts right a table whose times are all wrong.
    """
    place, wanted, said = place_of(board, scene_id), round(checked_time(seconds), 3), Said()
    if place == 0:
        return Edited(board, () if wanted == 0 else (FIRST,))
    before = board.scenes[place - 1].start
    start = wanted if apart(before, wanted) else next_to(before)
    if start > wanted:
        said.append(f"The start was clamped to {format_clock(start)}, one millisecond after scene {place} starts.")
    starts, pushed = _made_way(board, place, start)
    if starts[-1] > LONGEST:
        raise InputError(f"There is no room for the scenes behind {format_clock(wanted)}.", "Choose an earlier time.")

    def along(each: int, time: float) -> float:
        return moved(time, starts[each] - board.scenes[each].start)

    scenes = retimed(board, starts, along, [place, *pushed])
    scenes = _with_line_before(board, scenes, place)
    if not pushed:
        return settled(board, scenes, None, said)
    said.append(f"To make way, {names(pushed)} went behind it; stamp {'them' if len(pushed) > 1 else 'it'} next.")
    return Edited(replaced(board, scenes), tuple(said))


def untime_after(board: Storyboard, seconds: float, duration: float | None) -> Edited:
    """The scenes that start after `seconds` spread evenly up to the song's end, their ends and retimed words gone.

    The scene that is on at `seconds` keeps the first of the equal parts.
    """
    at = checked_time(seconds)
    late = [place for place, scene in enumerate(board.scenes) if place > 0 and scene.start > at]
    if not late:
        raise InputError(f"No scene starts after {format_clock(at)}.", "Go back to where the times begin to be wrong.")
    if duration is None:
        raise InputError("The length of the song is not known yet.", "Run to the stage song first.")
    part = (duration - at) / (len(late) + 1)
    if part < 2 * MILLISECOND:
        between = f"{format_clock(at)} and {format_clock(duration)}"
        raise InputError(f"There is no room for {len(late)} scenes between {between}.", "Go back further.")
    changed = {
        place: replace(board.scenes[place], start=round(at + part * number, 3), end=None, words=None)
        for number, place in enumerate(late, start=1)
    }
    return settled(board, changed, duration, [f"The times of {names(late)} were taken out and spread evenly."])


def _made_way(board: Storyboard, place: int, start: float) -> tuple[list[float], list[int]]:
    """All starts with that one at `start`, and the places of the scenes that had to go behind it."""
    starts = [scene.start for scene in board.scenes]
    starts[place] = start
    pushed = []
    for later in range(place + 1, len(starts)):
        if apart(starts[later - 1], starts[later]):
            break
        starts[later] = next_to(starts[later - 1])
        pushed.append(later)
    return starts, pushed


def _with_line_before(board: Storyboard, changed: dict[int, Scene], place: int) -> dict[int, Scene]:
    """The line before a stamped scene ends where that starts, if it would be sung into it or if they touched."""
    before, start = board.scenes[place - 1], changed[place].start
    if touches(before.end, board.scenes[place].start) or (before.end is not None and before.end > start):
        changed[place - 1] = replace(before, end=start)
    return changed
