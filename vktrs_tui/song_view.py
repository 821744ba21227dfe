"""What the studio shows of the song itself: its length, form, energy, beats and words, as plain numbers.

It reads what the stages left and never imports what made it (no numpy). What is not there, or damaged, is empty: the
run that makes it says so itself, and the screen only has less to draw.
"""

from __future__ import annotations

from dataclasses import dataclass

from vktrs.errors import ArtifactDamaged
from vktrs.form import Section
from vktrs.lines import Line
from vktrs.plan import Piece, Plan
from vktrs.project import Project
from vktrs.stages import structure, words
from vktrs.stages.structure import StructureFacts


@dataclass(frozen=True, slots=True)
class SongView:
    """A song as far as it is known; times in seconds from its start, ascending.

    `energy` in 0..1, one value every `hop` seconds; `tempo` in beats a minute; `lines` as they were recognised;
    `sections` cover the song, and those that sound alike have one label.
    """

    duration: float | None = None
    energy: tuple[float, ...] = ()
    hop: float = 0.05
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    tempo: float | None = None
    lines: tuple[Line, ...] = ()
    sections: tuple[Section, ...] = ()


def read_song_view(project: Project, plan: Plan) -> SongView:
    """What is known of the song by the stages that are fresh in `plan`; empty parts for all others."""
    lines = _lines(project, plan.words)
    form = _structure(project, plan.structure)
    if form is None:
        return SongView(duration=plan.duration, lines=lines)
    return SongView(
        duration=form.duration if plan.duration is None else plan.duration,
        energy=form.energy if form.energy_hop > 0 else (),
        hop=form.energy_hop,
        beats=form.beats,
        downbeats=form.downbeats,
        tempo=form.tempo,
        lines=lines,
        sections=form.sections,
    )


def _structure(project: Project, piece: Piece | None) -> StructureFacts | None:
    if piece is None or not piece.made:
        return None
    try:
        return structure.facts(project.store, piece.key)
    except ArtifactDamaged:
        return None


def _lines(project: Project, piece: Piece | None) -> tuple[Line, ...]:
    if piece is None or not piece.made:
        return ()
    try:
        return tuple(words.load(project.store, piece.key))
    except ArtifactDamaged:
        return ()
