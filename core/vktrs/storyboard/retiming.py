"""When scenes start and their lines end, moved and stretched: pure functions from one board to the next.

As in `edits`: the first scene starts at 0, starts strictly increase (what is moved stays a millisecond off its
neighbours), and what had to be adjusted is said in plain sentences. `ids` are scenes of the board in any order; times
and `duration` (of the song, None where it is not known) are seconds. An edit that makes no sense raises InputError;
one that finds no room does what it can and says so. This is the door to all that moves times: what has to do with
beats is told in `snapping`, with the playhead in `stamping`, and how a board stays valid in `settling` and `clamping`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from vktrs.errors import InputError
from vktrs.storyboard.clamping import MILLISECOND, fit, moved, names, next_to, room, runs
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.schema import LONGEST, is_time
from vktrs.storyboard.settling import (
    FIRST,
    Said,
    checked_time,
    clamped_end,
    place_of,
    places_of,
    retimed,
    settled,
    until,
    with_ends,
    with_room,
    with_starts,
)
from vktrs.storyboard.snapping import STEPS, Step, snap_ends, snap_starts, step_seconds
from vktrs.storyboard.stamping import tap, untime_after
from vktrs.timing import format_clock

__all__ = [
    "STEPS",
    "Step",
    "extend_to_next",
    "lead_in",
    "lead_out",
    "nudge_ends",
    "nudge_starts",
    "set_end",
    "set_start_rolling",
    "shift",
    "snap_ends",
    "snap_starts",
    "step_seconds",
    "tap",
    "transform",
    "untime_after",
]


def shift(board: Storyboard, ids: Collection[str], seconds: float, duration: float | None = None) -> Edited:
    """Scenes moved in time as they are: starts, ends and retimed words, by as much as the scenes around them allow.

    Of scene 1 only the line moves.
    """
    places, by, said = places_of(board, ids), _amount(seconds), Said()
    starts, steps = _moved_together(board, places, by, duration, said)
    scenes = retimed(board, starts, lambda place, time: moved(time, steps[place]), places)
    return settled(board, scenes, duration, said)


def nudge_starts(
    board: Storyboard, ids: Collection[str], seconds: float, rolling: bool = True, duration: float | None = None
) -> Edited:
    """Only the starts moved; with `rolling` a line that ended where a scene started still ends there."""
    places, by, said = places_of(board, ids), _amount(seconds), Said()
    starts, _ = _moved_together(board, places, by, duration, said)
    return with_starts(board, starts, rolling, duration, said)


def set_start_rolling(
    board: Storyboard, scene_id: str, seconds: float, rolling: bool = True, duration: float | None = None
) -> Edited:
    """One start put to `seconds`, between its neighbours; with `rolling` the line before follows where it touched."""
    place, wanted, said = place_of(board, scene_id), round(checked_time(seconds), 6), Said()
    if place == 0 and wanted != 0:
        raise InputError(FIRST, "Move the start of the second one.")
    starts = with_room(board, {place: wanted} if place else {}, duration, said)
    return with_starts(board, starts, rolling, duration, said)


def nudge_ends(board: Storyboard, ids: Collection[str], seconds: float, duration: float | None = None) -> Edited:
    """The ends of lines moved, between their scene's start and the next one's; an unknown end counts as the latter."""
    by = _amount(seconds)
    return with_ends(board, places_of(board, ids), lambda _, end: moved(end, by), duration, Said())


def set_end(board: Storyboard, scene_id: str, seconds: float | None, duration: float | None = None) -> Edited:
    """The end of one line put to `seconds`, between its scene's start and the next one's; None takes it out."""
    place = place_of(board, scene_id)
    if seconds is None:
        return settled(board, {place: replace(board.scenes[place], end=None)}, duration, Said())
    wanted, said = round(checked_time(seconds), 6), Said()
    end = clamped_end(board, place, wanted, duration)
    if abs(end - wanted) > MILLISECOND / 2:
        said.append(f"The end was clamped to {format_clock(end)}, as the line of {names([place])} lies in its scene.")
    return settled(board, {place: replace(board.scenes[place], end=end)}, duration, said)


def transform(
    board: Storyboard,
    ids: Collection[str],
    first: tuple[float, float],
    second: tuple[float, float],
    duration: float | None = None,
) -> Edited:
    """Starts, ends and retimed words stretched so that two old times come to lie at two new ones.

    Each point is (old, new); a straight line through both repairs a linear drift. InputError where the points are
    one, or would turn the order of the scenes around.
    """
    places, said = places_of(board, ids), Said()
    (old, new), (old_second, new_second) = sorted((_point(first), _point(second)))
    if min(old_second - old, new_second - new) < MILLISECOND:
        told = [format_clock(time) for time in (old, old_second, new, new_second)]
        raise InputError(
            f"Times cannot be stretched from {told[0]} and {told[1]} to {told[2]} and {told[3]}.",
            "Give two different times, and new ones in the same order.",
        )
    slope = (new_second - new) / (old_second - old)

    def stretched(_: int, time: float) -> float:
        return round(min(max(new + (time - old) * slope, 0.0), LONGEST), 3)

    wanted = {place: stretched(place, board.scenes[place].start) for place in places}
    if wanted.pop(0, 0.0) != 0:
        said.append(FIRST)
    starts = with_room(board, wanted, duration, said)
    return settled(board, retimed(board, starts, stretched, places), duration, said)


def extend_to_next(board: Storyboard, ids: Collection[str], duration: float | None = None) -> Edited:
    """Every line sung until the next scene starts, the last one until the song ends."""
    return with_ends(board, places_of(board, ids), lambda place, _: until(board, place, duration), duration, Said())


def lead_in(board: Storyboard, ids: Collection[str], seconds: float) -> Edited:
    """Scenes that start `seconds` earlier, but never before the line in front of them is over."""
    places, by, said = places_of(board, ids), _length(seconds), Said()
    starts = [scene.start for scene in board.scenes]
    short = []
    for place in places:
        if place == 0:
            said.append(FIRST)
            continue
        before, start = board.scenes[place - 1], starts[place]
        lowest = next_to(starts[place - 1])
        if before.end is not None and before.end <= start:
            lowest = max(lowest, before.end)
        wanted = moved(start, -by)
        starts[place] = max(wanted, min(lowest, start))
        short += [place] if starts[place] > wanted else []
    if short:
        said.append(f"There was less room before {names(short)}: the scene in front needs it.")
    return with_starts(board, starts, False, None, said)


def lead_out(board: Storyboard, ids: Collection[str], seconds: float, duration: float | None = None) -> Edited:
    """Lines that end `seconds` later, at most when the next scene starts; an unknown end stays unknown."""
    places, by, said = places_of(board, ids), _length(seconds), Said()
    unknown = [place for place in places if board.scenes[place].end is None]
    if unknown:
        said.append(f"The end of {names(unknown)} is not known, so it lasts until the next start already.")
    known = [place for place in places if board.scenes[place].end is not None]
    return with_ends(board, known, lambda _, end: moved(end, by), duration, said)


def _moved_together(
    board: Storyboard, places: Sequence[int], by: float, duration: float | None, said: Said
) -> tuple[Sequence[float], Mapping[int, float]]:
    """The starts with those scenes moved, and by how much each was: neighbours move together, as far as they can."""
    starts = [scene.start for scene in board.scenes]
    wanted: dict[int, float] = {}
    steps = dict.fromkeys(places, 0.0)
    for run in runs(place for place in places if place):
        least, most = room(starts, run, duration)
        step = min(max(by, least), most)
        if step:
            steps.update(dict.fromkeys(run, step))
            wanted.update({place: moved(starts[place], step) for place in run})
        if abs(step - by) > 1e-6:
            said.append(f"There was no room to move {names(run)} by {by:+.3f} s: it is {step:+.3f} s.")
    found = fit(starts, wanted, duration)
    if found.stuck:
        said.append(f"{names(found.stuck).capitalize()} stayed: there is less than a millisecond between them.")
        steps.update(dict.fromkeys(found.stuck, 0.0))
    if 0 in steps:
        steps[0] = steps.get(1, by)
        said += [FIRST] if by else []
    return found.starts, steps


def _amount(seconds: float) -> float:
    if not is_time(seconds) or abs(seconds) > LONGEST:
        raise InputError(f"Times cannot be moved by {seconds}.", "It should be a number of seconds.")
    return float(seconds)


def _length(seconds: float) -> float:
    if not is_time(seconds) or not 0 <= seconds <= LONGEST:
        raise InputError(f"A line cannot get {seconds} seconds more.", "It should be a number of seconds from 0 on.")
    return float(seconds)


def _point(point: tuple[float, float]) -> tuple[float, float]:
    return checked_time(point[0]), checked_time(point[1])
