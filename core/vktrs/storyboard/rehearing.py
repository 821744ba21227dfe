"""Lines that were heard again, joined with the scenes that are there: a merge of a few stretches of the song. Pure.

Base is what the machine proposed last, or what an earlier hearing put into the storyboard; ours is the storyboard;
theirs is the base with the stretches replaced. Scenes outside of them are not spoken about at all. What is taken
belongs to the user from then on, words with their times included: the base of the machine's own proposals stays as it
is, so that those leave it alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from vktrs.lines import Line, Word, word_from_json
from vktrs.storyboard.matching import Proposed, assign_ids
from vktrs.storyboard.merge import Conflict, Merge, merge
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.schema import is_time
from vktrs.storyboard.split import ProposedScene
from vktrs.storyboard.stretches import Stretch
from vktrs.storyboard.words import normal_forms, scene_words
from vktrs.timing import ends_of

_ALIKE = 0.3
"""Less than for whole proposals: somebody asked for just these scenes, so what is heard there is mostly theirs."""
_THE_SAME = 1.25
"""From here on two have common time and most of their words."""
_SAME_START, _SAME_END = 0.1, 0.25
"""Seconds by which two hearings of one line differ for no reason."""
_SPOKEN = ("start", "end", "text")

YOURS = "nothing is heard there now, but something in it is yours"
DELETED = "you took that line out"


@dataclass(frozen=True, slots=True)
class Taken:
    """What hearings put into a scene: as long as it stands there, another hearing may change it.

    `values` holds those of `start`, `end` and `text` that they set, `words` the times that they gave.
    """

    id: str
    values: Mapping[str, float | str | None]
    words: tuple[Word, ...] | None = None


def named(stretch: Stretch, base: Sequence[Proposed], board: Storyboard, taken: Collection[str] = ()) -> Stretch:
    """The stretch with an id for each scene that was heard: that of the one that it is, else one that is not `taken`.

    They are looked for where the scenes lie now, and then among those that the person took out.
    """
    on_board = {scene.id: scene for scene in board.scenes}
    here = [_as_proposed(scene) for scene in board.scenes if _is_in(stretch, on_board, scene)]
    gone = [each for each in base if each.id not in on_board and _is_in(stretch, on_board, each)]
    used = {*taken, *on_board, *(each.id for each in base)}
    first = assign_ids(stretch.heard, here, used, _ALIKE)
    ids = [each.id for each in first]
    rest = [place for place, name in enumerate(ids) if name not in on_board]
    for place, each in zip(rest, assign_ids([stretch.heard[at] for at in rest], gone, used, _THE_SAME), strict=True):
        ids[place] = each.id
    return replace(stretch, ids=tuple(ids))


def merge_stretches(
    base: Sequence[Proposed],
    board: Storyboard,
    stretches: Sequence[Stretch],
    *,
    earlier: Sequence[Taken] = (),
    only: Collection[str] | None = None,
    over: Collection[str] = (),
    keep: Collection[str] = (),
) -> Merge:
    """The storyboard with what was heard again; the base comes back as it was.

    `base` is the last accepted proposal, `earlier` is what hearings put into the storyboard, `only` and `keep` are as
    for `merge`. Scenes of `over` take what is heard though they are the person's, locked ones excepted. The stretches
    are `named`.
    """
    work = _Work(base, board, stretches, {each.id: each for each in earlier}, frozenset(over))
    found = merge(work.base_now(), work.ours(), work.theirs(), only, keep)
    changed = {change.id for change in found.changes}
    scenes = found.board.scenes
    ends = ends_of(scenes, float("inf"))
    settled = tuple(work.settled(scene, end, changed) for scene, end in zip(scenes, ends, strict=True))
    conflicts = (*found.conflicts, *work.more_conflicts(found, only))
    after = replace(board, scenes=settled) if changed else board
    return Merge(after, tuple(base), found.changes, tuple(sorted(conflicts, key=work.place)))


@dataclass
class _Work:
    """One merge: which scenes are spoken about (`inside`), and what was heard of each (`fresh`, by id)."""

    base: Sequence[Proposed]
    board: Storyboard
    stretches: Sequence[Stretch]
    earlier: Mapping[str, Taken]
    over: frozenset[str]
    fresh: dict[str, tuple[Proposed, ProposedScene]] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.on_board = {scene.id: scene for scene in self.board.scenes}
        self.known = {each.id: each for each in self.base}
        for stretch in self.stretches:
            self.inside |= {each.id for each in self.board.scenes if _is_in(stretch, self.on_board, each)}
            self.inside |= {each.id for each in self.base if _is_in(stretch, self.on_board, each)}
            for scene_id, heard in zip(stretch.ids, stretch.heard, strict=True):
                self.fresh[scene_id] = (Proposed(scene_id, heard.start, heard.end, heard.text, heard.section), heard)
        self.inside |= self.on_board.keys() & self.fresh.keys()

    def base_now(self) -> tuple[Proposed, ...]:
        """The base, and in the stretches what an earlier hearing put there, as far as it still stands."""
        if not self.board.scenes:
            return ()
        spoken = {scene_id: self._base_of(scene_id) for scene_id in (*self.inside, *self.fresh)}
        outside = (each for each in self.base if each.id not in spoken)
        return (*outside, *(each for each in spoken.values() if each is not None))

    def _base_of(self, scene_id: str) -> Proposed | None:
        scene = self.on_board.get(scene_id)
        if scene is None:
            return self.known.get(scene_id)
        known = self._put_there(scene)
        if scene_id not in self.over or scene_id not in self.fresh:
            return known
        # as if the machine had proposed what is the person's; but what it proposed before is nothing new
        heard = self.fresh[scene_id][0]
        names = (name for name in _SPOKEN if known is None or getattr(known, name) != getattr(heard, name))
        return replace(known or _as_proposed(scene), **{name: getattr(scene, name) for name in names})

    def _put_there(self, scene: Scene) -> Proposed | None:
        """What the machine or an earlier hearing put into a scene; None where all of it is the person's."""
        known, earlier = self.known.get(scene.id), self.earlier.get(scene.id)
        if earlier is None:
            return known
        values: dict[str, Any] = dict(earlier.values)
        if known is None:  # a hearing made it, or it was the person's when it took something
            return Proposed(scene.id, section=scene.section, **values) if len(values) == len(_SPOKEN) else None
        return replace(known, **{name: value for name, value in values.items() if getattr(scene, name) == value})

    def ours(self) -> Storyboard:
        """The board, in which times of words that a hearing gave are nobody's decision."""
        return replace(self.board, scenes=tuple(map(self._without_given_words, self.board.scenes)))

    def _without_given_words(self, scene: Scene) -> Scene:
        earlier = self.earlier.get(scene.id)
        given = earlier is not None and earlier.words == _plain(scene.words)
        return replace(scene, words=None) if scene.id in self.inside and (given or scene.id in self.over) else scene

    def theirs(self) -> tuple[Proposed, ...]:
        """The base with the stretches replaced; what differs by nothing that is heard is left as it is."""
        base = {each.id: each for each in self.base_now()}
        outside = [each for each in base.values() if each.id not in self.inside and each.id not in self.fresh]
        return (*outside, *(self._as_far_as_new(each, base.get(each.id)) for each, _ in self.fresh.values()))

    def _as_far_as_new(self, each: Proposed, base: Proposed | None) -> Proposed:
        scene = self.on_board.get(each.id)
        if scene is None:
            return replace(each, section=self._section_at(each)) if base is None else base
        stays = base or _as_proposed(scene)
        silent = (
            not scene.text and not each.text and each.start <= scene.start
        )  # where music begins is no matter of words
        names = [name for name in _SPOKEN if silent or _alike(name, getattr(scene, name), getattr(each, name))]
        same = {name: getattr(stays, name) for name in names}
        fitted = replace(each, section=stays.section, **same)
        return replace(fitted, end=max(fitted.end, fitted.start)) if fitted.end is not None else fitted

    def _section_at(self, each: Proposed) -> str | None:
        """That of the scene in whose time a new one begins; what was found in the song where there is none."""
        before = [scene for scene in self.board.scenes if scene.start <= each.start]
        return before[-1].section if before else each.section

    def settled(self, scene: Scene, end: float, changed: Collection[str]) -> Scene:
        """A scene of the merged board with its words: those that it had, or where it took something, those heard."""
        if scene.id not in changed:
            return self.on_board.get(scene.id, scene)
        heard = self.fresh[scene.id][1]
        until = min(end, max(stretch.end for stretch in self.stretches))
        words = None
        if heard.words and _spoken(scene.text) == _spoken(heard.text) != [] and until > scene.start:
            line = Line(heard.start, heard.end or heard.start, heard.text, heard.words)
            words = _plain(scene_words(scene.text, scene.start, until, [line]))
        return replace(scene, words=words)

    def more_conflicts(self, found: Merge, only: Collection[str] | None) -> Iterator[Conflict]:
        """What a merge of proposals passes over in silence: here somebody asked for exactly these scenes."""
        told = {(each.id, each.field) for each in found.conflicts}
        present = {scene.id for scene in found.board.scenes}
        for scene in found.board.scenes:
            here = scene.id in self.inside and scene.id not in self.fresh and not scene.locked
            if here and scene.text and (scene.id, "remove") not in told and _is_chosen(scene.id, only):
                yield Conflict(scene.id, "remove", self.on_board[scene.id], None, YOURS)
        for scene_id, (each, _) in self.fresh.items():
            if scene_id in self.known and scene_id not in present and each.text and _is_chosen(scene_id, only):
                yield Conflict(scene_id, "add", None, each, DELETED)

    def place(self, conflict: Conflict) -> float:
        """When what a conflict is about begins, in seconds."""
        scene = self.on_board.get(conflict.id)
        return scene.start if scene is not None else self.fresh[conflict.id][0].start


def after_taking(earlier: Iterable[Taken], merged: Merge) -> tuple[Taken, ...]:
    """What hearings put into the storyboard, this merge included; of scenes that are gone nothing."""
    old = {each.id: each for each in earlier}
    set_now: dict[str, set[str]] = {}
    for change in merged.changes:
        names = _SPOKEN if change.kind == "add" else (change.field or "",)
        set_now.setdefault(change.id, set()).update(names)
    return tuple(
        _taken_now(old.get(scene.id), scene, set_now[scene.id]) if scene.id in set_now else old[scene.id]
        for scene in merged.board.scenes
        if scene.id in set_now or scene.id in old
    )


def _taken_now(old: Taken | None, scene: Scene, names: Collection[str]) -> Taken:
    now = {name: getattr(scene, name) for name in _SPOKEN if name in names}
    return Taken(scene.id, {**(old.values if old else {}), **now}, scene.words)


def taken_to_json(taken: Sequence[Taken]) -> str:
    """What hearings put into the storyboard as JSON text; `taken_from_json` reads it back."""
    return json.dumps({"version": 1, "scenes": [asdict(each) for each in taken]}, ensure_ascii=False)


def taken_from_json(text: str) -> tuple[Taken, ...]:
    """What `taken_to_json` wrote; ValueError where it did not."""
    try:
        return tuple(_taken(each) for each in json.loads(text)["scenes"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"nothing that was heard again: {error}") from None


def _taken(value: dict[str, Any]) -> Taken:
    words = value["words"]
    values = {name: value["values"][name] for name in _SPOKEN if name in value["values"]}
    texts = [value["id"], values.get("text", "")]
    end = values.get("end")
    if not all(isinstance(text, str) for text in texts) or not is_time(values.get("start", 0.0)):
        raise ValueError("nothing that was heard again: a value of another type")
    if not (end is None or is_time(end)):
        raise ValueError("nothing that was heard again: a value of another type")
    return Taken(value["id"], values, None if words is None else tuple(map(word_from_json, words)))


def _is_in(stretch: Stretch, on_board: Mapping[str, Scene], each: Scene | Proposed) -> bool:
    """Whether a scene lies in the stretch, where it lies now, or did so when that was heard."""
    return each.id in stretch.scenes or stretch.start <= on_board.get(each.id, each).start < stretch.end


def _as_proposed(scene: Scene) -> Proposed:
    return Proposed(scene.id, scene.start, scene.end, scene.text, scene.section)


def _is_chosen(scene_id: str, only: Collection[str] | None) -> bool:
    return only is None or scene_id in only


def _alike(name: str, mine: Any, heard: Any) -> bool:
    """Whether two values of a field are the same to the ear: milliseconds, case and punctuation are not heard."""
    if name == "text":
        return _spoken(mine) == _spoken(heard)
    if mine is None or heard is None:
        return mine is heard
    return bool(abs(mine - heard) <= (_SAME_START if name == "start" else _SAME_END))


def _spoken(text: str) -> list[str]:
    return normal_forms(text.split())


def _plain(words: Sequence[Word] | None) -> tuple[Word, ...] | None:
    """Words as the file holds them."""
    return None if words is None else tuple(Word(round(w.start, 3), round(w.end, 3), w.text) for w in words)
