"""The rows that the table shows, where each stands, and which scenes are selected. Pure values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from vktrs_tui.view import SceneRow


@dataclass(frozen=True)
class Listing:
    """The rows of a storyboard and, with `only`, the ids of those that are shown."""

    rows: tuple[SceneRow, ...] = ()
    only: frozenset[str] | None = None

    @cached_property
    def shown(self) -> tuple[SceneRow, ...]:
        """The rows that are shown, in the order of the storyboard."""
        return self.rows if self.only is None else tuple(row for row in self.rows if row.id in self.only)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place among the shown rows, from 0, by id."""
        return {row.id: place for place, row in enumerate(self.shown)}

    def nearest(self, scene_id: str | None, before: Listing) -> str | None:
        """That scene if it is shown here; else its nearest neighbour in `before` that is, the later one first.

        Where none of them is left it is the scene that plays at the same time. None where nothing is shown.
        """
        if scene_id in self.places or not self.shown:
            return scene_id if self.shown else None
        at = before.places.get(scene_id) if scene_id is not None else None
        if at is None:
            return self.shown[0].id
        around = (*before.shown[at + 1 :], *reversed(before.shown[:at]))
        here = next((row.id for row in around if row.id in self.places), None)
        return here or self._at_time(before.shown[at].start)

    def _at_time(self, seconds: float) -> str:
        earlier = [row for row in self.shown if row.start <= seconds]
        return (earlier[-1] if earlier else self.shown[0]).id


@dataclass(frozen=True, slots=True)
class Selection:
    """The marked scenes, and the scene where a range begins that reaches to the cursor."""

    marks: frozenset[str] = frozenset()
    anchor: str | None = None

    def toggled(self, scene_id: str) -> Selection:
        """With the mark of that scene set where it was not, and the other way round."""
        return replace(self, marks=self.marks ^ {scene_id})

    def ids(self, listing: Listing, cursor: str | None) -> tuple[str, ...]:
        """The marked scenes and those of the range, in the order of the table; hidden ones do not count."""
        first, last = self.range(listing, cursor)
        chosen = [place for place in map(listing.places.get, self.marks) if place is not None]
        return tuple(listing.shown[place].id for place in sorted({*chosen, *range(first, last)}))

    def range(self, listing: Listing, cursor: str | None) -> tuple[int, int]:
        """The places of the range, the second one not included; (0, 0) where there is none."""
        ends = [listing.places.get(each) for each in (self.anchor, cursor) if each is not None]
        places = [place for place in ends if place is not None]
        return (min(places), max(places) + 1) if len(places) == 2 else (0, 0)

    def kept(self, listing: Listing, before: Listing) -> Selection:
        """Without the marks of scenes that are gone, and with the range begun at what is nearest to where it was."""
        if listing.rows is not before.rows and self.marks:
            here: Iterable[str] = (row.id for row in listing.rows)
            marks = self.marks.intersection(here)
        else:
            marks = self.marks
        anchor = None if self.anchor is None else listing.nearest(self.anchor, before)
        return Selection(marks, anchor)


@dataclass(frozen=True, slots=True)
class Highlights:
    """What is lit in the texts: the word under the playhead, and what a search has found, in characters."""

    playing: str | None = None
    word: tuple[int, int] | None = None
    matches: dict[str, tuple[tuple[str, tuple[tuple[int, int], ...]], ...]] = field(default_factory=dict)
    """By scene: each column's name and its spans."""
