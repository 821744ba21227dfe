"""Two authors, one table of scenes: what the machine proposes joined with what a person has made of it. Pure.

`base` is the last accepted proposal, `ours` the storyboard, `theirs` the new proposal. What the person changed
stays; what they did not touch follows the machine; what both changed stays the person's and is listed. How scenes
of two proposals are matched is `matching`'s; storing a base is the project's.

Changes that would break the order of the scenes are left out and listed. They are looked for again in the
result until nothing more can be done, so that merging twice changes nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from vktrs.storyboard.matching import Proposed, assign_ids, base_from_json, base_to_json
from vktrs.storyboard.model import MACHINE_FIELDS, Scene, Storyboard
from vktrs.storyboard.schema import SCENE_DEFAULTS

__all__ = ["Change", "Conflict", "Merge", "Proposed", "assign_ids", "base_from_json", "base_to_json", "merge"]

_TIMING = ("start", "end")
_PERSONS_DEFAULTS = {name: default for name, default in SCENE_DEFAULTS.items() if name not in MACHINE_FIELDS}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the merge does: a scene added or removed (`field` is None), or one field of one scene set."""

    id: str
    kind: Literal["add", "remove", "set"]
    field: str | None
    before: object
    after: object

    def __str__(self) -> str:
        if self.kind == "set":
            return f"{self.id}: {self.field} {_shown(self.before)} -> {_shown(self.after)}"
        return f"{self.id}: {'new' if self.kind == 'add' else 'gone'}: {_shown(self.after or self.before)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that the machine proposes and that was left out, with the reason; `field` may be "add" or "remove"."""

    id: str
    field: str
    ours: object
    theirs: object
    reason: str

    def __str__(self) -> str:
        return f"{self.id}: {self.field} {_shown(self.ours)}, proposed {_shown(self.theirs)}: {self.reason}"


class Merge(NamedTuple):
    """The merged board, the base to store with it, what changed, and what was left out."""

    board: Storyboard
    base: tuple[Proposed, ...]
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


def merge(
    base: Sequence[Proposed],
    ours: Storyboard,
    theirs: Sequence[Proposed],
    only: Collection[str] | None = None,
    keep: Collection[str] = (),
) -> Merge:
    """The storyboard with the proposal merged into it.

    `only` limits it to scenes of these ids; `keep` names scenes that are not to be removed though the board shows
    nothing of the person's in them (comments in the file, say). Into a board without scenes all of `theirs` goes,
    whatever `base` is. Without a base every scene counts as the person's. ValueError where `theirs` is no proposal:
    an id twice, a time that is negative or not finite, an end before its start.
    """
    _check(theirs)
    known = {each.id: each for each in base} if ours.scenes else {}
    work = _Work(known, {each.id: each for each in theirs}, list(ours.scenes), only, frozenset(keep))
    work.follow_texts()
    while wishes := work.feasible(work.wishes()):
        work.fulfil(wishes)
    board = replace(ours, scenes=tuple(work.scenes)) if work.changes else ours
    changes = sorted(work.changes, key=lambda change: (work.time_of(change.id), change.id))
    return Merge(board, work.new_base(), tuple(changes), tuple(work.conflicts()))


class _Wish(NamedTuple):
    """A change that may break the order of the scenes."""

    kind: Literal["add", "remove", "set"]
    id: str
    values: dict[str, Any]


@dataclass
class _Work:
    """The state of one merge; `scenes` is the table as it has become so far, in order."""

    base: dict[str, Proposed]
    theirs: dict[str, Proposed]
    scenes: list[Scene]
    only: Collection[str] | None
    keep: frozenset[str]
    changes: list[Change] = field(default_factory=list)

    def time_of(self, scene_id: str) -> float:
        known = self.theirs.get(scene_id) or self.base.get(scene_id)
        return known.start if known else 0.0

    def chosen(self, scene_id: str) -> bool:
        return self.only is None or scene_id in self.only

    def matched(self) -> Iterator[tuple[int, Scene, Proposed]]:
        """The scenes that the proposal may speak about."""
        for index, scene in enumerate(self.scenes):
            if scene.id in self.theirs and self.chosen(scene.id) and not scene.locked:
                yield index, scene, self.theirs[scene.id]

    def follows(self, scene: Scene, name: str) -> bool:
        """Whether the machine may set that field: the person has not touched it, and the proposal differs."""
        base = self.base.get(scene.id)
        if base is None or (scene.words and name != "section"):  # words are retimed for one text at one time
            return False
        return bool(getattr(scene, name) == getattr(base, name) != getattr(self.theirs[scene.id], name))

    def is_persons(self, scene: Scene) -> bool:
        """Whether the time of that scene is the person's, so that nothing may be put into it."""
        known = [each for each in (self.base.get(scene.id), self.theirs.get(scene.id)) if each is not None]
        return scene.locked or any(
            all(getattr(scene, name) != getattr(each, name) for each in known) for name in _TIMING
        )

    def is_untouched(self, scene: Scene) -> bool:
        base = self.base[scene.id]
        same = all(getattr(scene, name) == getattr(base, name) for name in MACHINE_FIELDS)
        return same and all(getattr(scene, name) == default for name, default in _PERSONS_DEFAULTS.items())

    def follow_texts(self) -> None:
        """Text and section, which no other scene depends on."""
        for index, scene, proposed in list(self.matched()):
            values = {n: getattr(proposed, n) for n in MACHINE_FIELDS if n not in _TIMING and self.follows(scene, n)}
            self._set(index, values)

    def wishes(self) -> list[_Wish]:
        """What is left to do about times, new scenes and scenes that are gone."""
        wishes = []
        for _, scene, proposed in self.matched():
            values = {name: getattr(proposed, name) for name in _TIMING if self.follows(scene, name)}
            if values:
                wishes.append(_Wish("set", scene.id, values))
        wishes += [_Wish("add", each.id, {}) for each in self.missing() if self.host(each) is None]
        for scene in self.scenes:
            gone = scene.id in self.base and scene.id not in self.theirs and scene.id not in self.keep
            if gone and self.chosen(scene.id) and self.is_untouched(scene):
                wishes.append(_Wish("remove", scene.id, {}))
        return wishes

    def missing(self) -> list[Proposed]:
        """What is proposed for the first time; what is in the base and not on the board was deleted or merged."""
        present = {scene.id for scene in self.scenes}
        unknown = (each for each in self.theirs.values() if each.id not in present and each.id not in self.base)
        return [each for each in unknown if self.chosen(each.id)]

    def host(self, proposed: Proposed) -> Scene | None:
        """The person's own scene in whose time that scene would land."""
        place = bisect_right(self.scenes, proposed.start, key=lambda scene: scene.start)
        scene = self.scenes[place - 1] if place else None
        return scene if scene is not None and self.is_persons(scene) else None

    def feasible(self, wishes: Sequence[_Wish]) -> list[_Wish]:
        """As many of the wishes as keep the invariants together."""
        granted = list(wishes)
        while breaking := self.breaking(granted):
            granted = [wish for wish in granted if wish.id not in breaking]
        ids = {wish.id for wish in granted}
        for wish in wishes:
            if wish.id not in ids and not self.breaking([*granted, wish]):
                granted.append(wish)
        return granted

    def breaking(self, wishes: Sequence[_Wish]) -> set[str]:
        """Ids whose wishes cannot all be granted; empty where the table stays in order."""
        wanted = {wish.id: wish for wish in wishes}
        starts: list[tuple[float, str]] = []
        bad: set[str] = set()
        for scene in self.scenes:
            wish = wanted.get(scene.id)
            if wish is not None and wish.kind == "remove":
                continue
            start = wish.values.get("start", scene.start) if wish else scene.start
            end = wish.values.get("end", scene.end) if wish else scene.end
            if wish is not None and end is not None and end < start:
                bad.add(scene.id)
            if starts and start <= starts[-1][0]:
                bad.add(scene.id if wish is not None else starts[-1][1])
            starts.append((start, scene.id))
        return bad or self._breaking_adds(wanted, starts)

    def _breaking_adds(self, wanted: dict[str, _Wish], starts: list[tuple[float, str]]) -> set[str]:
        seen = {start for start, _ in starts}
        bad: set[str] = set()
        adds = [wish.id for wish in wanted.values() if wish.kind == "add"]
        for scene_id in adds:
            start = self.theirs[scene_id].start
            bad |= {scene_id} if start in seen else set()
            seen.add(start)
        if bad or min(seen, default=1) == 0:
            return bad
        return {self.scenes[0].id} if self.scenes else set(adds)  # something has to start with the song

    def fulfil(self, wishes: Sequence[_Wish]) -> None:
        """Do it; together the wishes keep the table in order."""
        places = {scene.id: index for index, scene in enumerate(self.scenes)}
        for wish in wishes:
            if wish.kind == "set":
                self._set(places[wish.id], wish.values)
        gone = {wish.id for wish in wishes if wish.kind == "remove"}
        self.changes += [Change(each.id, "remove", None, each, None) for each in self.scenes if each.id in gone]
        new = [self.theirs[wish.id] for wish in wishes if wish.kind == "add"]
        self.changes += [Change(each.id, "add", None, None, each) for each in new]
        scenes = [scene for scene in self.scenes if scene.id not in gone]
        scenes += [Scene(each.id, each.start, each.end, each.text, each.section) for each in new]
        self.scenes = sorted(scenes, key=lambda scene: scene.start)

    def _set(self, index: int, values: dict[str, Any]) -> None:
        scene = self.scenes[index]
        self.changes += [Change(scene.id, "set", name, getattr(scene, name), new) for name, new in values.items()]
        if values:
            self.scenes[index] = replace(scene, **values)

    def new_base(self) -> tuple[Proposed, ...]:
        """What counts as accepted from now on: fields that were left out stay as they were before."""
        left = {wish.id: wish for wish in self.wishes()}
        missing = {each.id for each in self.missing()}
        present = {scene.id: scene for scene in self.scenes}
        accepted = {}
        for each in self.theirs.values():
            scene = present.get(each.id)
            if not self.chosen(each.id) or each.id in missing or (scene is not None and scene.locked):
                continue
            kept = left[each.id].values if each.id in left else ()
            accepted[each.id] = replace(each, **{name: getattr(self.base[each.id], name) for name in kept})
        removed = {change.id for change in self.changes if change.kind == "remove"}
        old = {name: each for name, each in self.base.items() if name not in removed}
        return tuple(sorted((old | accepted).values(), key=lambda each: (each.start, each.id)))

    def conflicts(self) -> Iterator[Conflict]:
        """What the proposal says and the board does not do, each with the reason."""
        left = {wish.id: wish for wish in self.wishes()}
        for _, scene, proposed in self.matched():
            base = self.base.get(scene.id, None)
            for name in MACHINE_FIELDS:
                mine, new = getattr(scene, name), getattr(proposed, name)
                if mine == new or (base is not None and getattr(base, name) == new):
                    continue
                waits = scene.id in left and name in left[scene.id].values
                reason = "it would break the order of the scenes" if waits else "this is yours"
                yield Conflict(scene.id, name, mine, new, reason)
        for each in self.missing():
            host = self.host(each)
            reason = (
                "there is no room in the order of the scenes" if host is None else f"it lies in {host.id}, your own"
            )
            yield Conflict(each.id, "add", None, each, reason)
        for wish in left.values():
            if wish.kind == "remove":
                yield Conflict(wish.id, "remove", self.base[wish.id], None, "nothing would start with the song")


def _check(theirs: Sequence[Proposed]) -> None:
    if len({each.id for each in theirs}) != len(theirs):
        raise ValueError("a proposal names a scene twice")
    for each in theirs:
        times = (each.start, each.start if each.end is None else each.end)
        if not all(math.isfinite(time) for time in times) or not 0 <= times[0] <= times[1]:
            raise ValueError(f"a proposed scene runs from {each.start} to {each.end}")


def _shown(value: object) -> str:
    if isinstance(value, (Proposed, Scene)):
        return f'{value.start:g} s "{value.text}"'
    return "none" if value is None else f'"{value}"' if isinstance(value, str) else f"{value}"
