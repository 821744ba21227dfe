"""What was heard again and waits for a decision: kept beside the storyboard, shown, taken in part or whole, dropped.

It lies in the journal, so that cleaning the cache loses none of it. The file is written first, then what hearings put
into it, then what is left to decide; a kill in between loses nothing: what stands in the storyboard is not proposed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from vktrs.artifacts import fingerprint
from vktrs.errors import InputError
from vktrs.inventory import song_of
from vktrs.project import Project
from vktrs.stages import song
from vktrs.storyboard.document import Document
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.merge import Change, Merge
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.rehearing import (
    Taken,
    after_taking,
    merge_stretches,
    named,
    taken_from_json,
    taken_to_json,
)
from vktrs.storyboard.stretches import Stretch, beside, stretches_from_json, stretches_to_json
from vktrs.timing import format_clock

if TYPE_CHECKING:
    from vktrs.editing import Applied, Editing

WAITING = "heard.json"
TAKEN = "heard-taken.json"
LABEL = "take what was heard again"


class Hearing(NamedTuple):
    """What waits, and what taking all of it would do to the newest storyboard."""

    stretches: tuple[Stretch, ...]
    merge: Merge


def waiting(project: Project) -> tuple[Stretch, ...]:
    """The stretches that were heard again and neither taken nor dropped; none where that cannot be read."""
    return _read(project.kept(WAITING))


def _read(text: str | None) -> tuple[Stretch, ...]:
    try:
        return stretches_from_json(text) if text is not None else ()
    except ValueError:
        return ()


def propose(project: Project, new: Sequence[Stretch]) -> Hearing:
    """Let what was heard wait beside what waits already; what was heard before of the same scenes gives way.

    What would change nothing does not wait. What was heard in another song waits for the day when that is back; of
    new stretches that do not say in which they were heard, it is the one that is there.
    """
    document = project.document()
    heard_in = _song(project, document.board)
    new = [replace(each, song=each.song or heard_in) for each in new]
    kept: tuple[Stretch, ...] = ()

    def change(text: str | None) -> str | None:
        nonlocal kept
        before = _read(text)
        here = [each for each in before if each.song == heard_in]
        every = beside(here, _named(project, document, before, new))
        kept = tuple(each for each in every if _says_something(merged(project, document, (each,))))
        after = (*(each for each in before if each.song != heard_in), *kept)
        return stretches_to_json(after) if after != before else None

    project.rewrite(WAITING, change)
    return Hearing(kept, merged(project, document, kept))


def _named(
    project: Project, document: Document, before: Sequence[Stretch], new: Sequence[Stretch]
) -> Sequence[Stretch]:
    """The new stretches with ids for their scenes, none of which is used for something else."""
    base, taken = project.base(), project.known_ids().union(*(each.ids for each in before))
    names: list[Stretch] = []
    for stretch in new:
        names.append(named(stretch, base, document.board, taken))
        taken |= set(names[-1].ids)
    return names


def found(project: Project, document: Document | None = None) -> Hearing | None:
    """What waits and what it would do; None where nothing waits that differs from the storyboard.

    What was heard in another song than the storyboard names now is passed over.
    """
    stretches = waiting(project)
    if not stretches:
        return None
    document = document or project.document()
    heard_in = _song(project, document.board)
    stretches = tuple(each for each in stretches if each.song == heard_in)
    merge = merged(project, document, stretches)
    return Hearing(stretches, merge) if _says_something(merge) else None


def merged(
    project: Project,
    document: Document,
    stretches: Sequence[Stretch],
    only: Collection[str] | None = None,
    over: Collection[str] = (),
) -> Merge:
    """The storyboard with these stretches merged into it; nothing is written."""
    return merge_stretches(
        project.base(),
        document.board,
        stretches,
        earlier=taken_before(project),
        only=only,
        over=over,
        keep=document.annotated,
    )


def taken_before(project: Project) -> tuple[Taken, ...]:
    """What hearings put into the storyboard; nothing where that cannot be read, and then all of it is the person's."""
    text = project.kept(TAKEN)
    try:
        return taken_from_json(text) if text is not None else ()
    except ValueError:
        return ()


def take(
    editing: Editing,
    stretches: Sequence[Stretch],
    only: Collection[str] | None = None,
    over: Collection[str] = (),
    shown: Collection[Change] | None = None,
) -> tuple[Applied, Merge]:
    """Let what was heard into the storyboard, an edit like any other, and leave the rest to wait.

    `over`: scenes that take it though what stands there is the person's. InputError where something would be done
    that is not among the changes `shown`.
    """
    project, merges = editing.project, list[Merge]()

    def change(_: Storyboard) -> Edited:
        merges.append(merged(project, editing.newest, stretches, only, over))
        if shown is not None and any(each not in shown for each in merges[-1].changes):
            raise InputError("The storyboard was changed meanwhile.", "Look at what was heard again.")
        return Edited(merges[-1].board)

    applied = editing.apply(LABEL, change)
    if merges[-1].changes:
        project.keep(TAKEN, taken_to_json(after_taking(taken_before(project), merges[-1])))
    propose(project, ())
    return applied, merges[-1]


def drop(project: Project, stretches: Collection[Stretch] | None = None) -> bool:
    """Let these stretches wait no more, for None all; whether something did. What was heard is kept in the cache."""
    if not waiting(project):
        return False
    dropped = False

    def change(text: str | None) -> str | None:
        nonlocal dropped
        before = _read(text)
        after = tuple(each for each in before if stretches is not None and each not in stretches)
        dropped = after != before
        return stretches_to_json(after) if dropped else None

    project.rewrite(WAITING, change)
    return dropped


def told(stretches: Sequence[Stretch], duration: float | None = None) -> str:
    """Who heard which stretches, in words: `0:12.000 to 0:20.500 by tiny.en`."""
    if len(stretches) == 1 and duration is not None and stretches[0].start == 0 and stretches[0].end >= duration:
        return f"the whole song by {stretches[0].by}"
    by = list(dict.fromkeys(each.by for each in stretches))
    parts = []
    for name in by:
        times = [f"{format_clock(s.start, 1)} to {format_clock(s.end, 1)}" for s in stretches if s.by == name]
        parts.append(f"{', '.join(times)} by {name}")
    return "; ".join(parts)


def summary(hearing: Hearing) -> str:
    """That something waits, in a sentence."""
    count, left = (len({each.id for each in found}) for found in (hearing.merge.changes, hearing.merge.conflicts))
    number = count or left
    what = f"{number} scene{'' if number == 1 else 's'} {'would change' if count else 'of yours would differ'}"
    return f"heard again, {told(hearing.stretches)}: {what}; `vktrs heard` shows it"


def _song(project: Project, board: Storyboard) -> str:
    """The fingerprint of the song that the storyboard names; empty where it is not there."""
    digest, url = song_of(project, board)
    return fingerprint(song.inputs(digest, url)) if digest is not None else ""


def _says_something(merge: Merge) -> bool:
    return bool(merge.changes or merge.conflicts)
