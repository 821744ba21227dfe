"""Scenes of the old notebook put into a storyboard that is there: as the user's own, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import NamedTuple

from vktrs.interop.notebook.project import NotebookProject, lean
from vktrs.project import Project
from vktrs.storyboard.document import Document
from vktrs.storyboard.matching import Proposed, assign_ids
from vktrs.storyboard.merge import Merge, merge
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.resolve import effective_themes
from vktrs.storyboard.schema import SCENE_DEFAULTS, shown

_MATCHED = ("id", "start", "end", "text", "section")


class Joined(NamedTuple):
    """The board to write, what the merge did, and a sentence on each thing that stays as it was."""

    board: Storyboard
    merge: Merge
    kept: tuple[str, ...]


def joined(project: Project, document: Document, found: NotebookProject, pictures: Mapping[int, str]) -> Joined:
    """The scenes of `found` in the storyboard; `pictures` names keyframes by the numbers of the notebook's scenes.

    A scene that is there already gets what it does not say itself. Scenes that are new say all that differs from the
    `[look]` of the storyboard, which stays.
    """
    ours = document.board
    fresh = with_pictures(found, lean(found, ours.look), pictures)
    base = project.base()
    named = {each.id for each in base}
    on_board = [each for each in ours.scenes if each.id not in named]
    known = [*base, *(Proposed(each.id, each.start, each.end, each.text, each.section) for each in on_board)]
    theirs = assign_ids(fresh, known, project.known_ids())
    merged = merge(base, ours, theirs, None, document.annotated)
    wanted = {proposed.id: scene for proposed, scene in zip(theirs, fresh, strict=True)}
    kept: list[str] = list(_differing(ours, found))
    signals = dict(ours.signals)
    for name, signal in found.board.signals.items():
        if signals.setdefault(name, signal) != signal:
            kept.append(f"[signals.{name}] is there already and stays: what the notebook made with it uses that one.")
    scenes = []
    for scene in merged.board.scenes:
        if scene.id in wanted:
            scene = _filled(scene, replace(wanted[scene.id], theme=None), kept)
        scenes.append(scene)
    board = replace(merged.board, scenes=tuple(scenes), signals=signals)
    themes = {proposed.id: draft.theme for proposed, draft in zip(theirs, found.drafts, strict=True) if draft.theme}
    return Joined(_with_themes(board, themes, kept), merged, tuple(kept))


def with_pictures(found: NotebookProject, scenes: Sequence[Scene], pictures: Mapping[int, str]) -> list[Scene]:
    """The scenes with their keyframes' names."""
    pairs = zip(found.drafts, scenes, strict=True)
    return [replace(scene, picture=pictures.get(draft.index)) for draft, scene in pairs]


def _with_themes(board: Storyboard, themes: Mapping[str, str], kept: list[str]) -> Storyboard:
    """Scenes keep the themes that they had in the notebook (texts, by their ids), where they have none of their own."""
    scenes = []
    for scene, now in zip(board.scenes, effective_themes(board), strict=True):
        wanted = themes.get(scene.id, now).strip()
        if wanted != now and scene.theme is None:
            listed = board.look.themes
            scene = replace(scene, theme=listed.index(wanted) + 1 if wanted in listed else wanted)
        elif wanted != now:
            kept.append(f"{scene.id}: theme stays {shown(now)}; the notebook's project has {shown(wanted)}.")
        scenes.append(scene)
    return replace(board, scenes=tuple(scenes))


def _filled(scene: Scene, wanted: Scene, kept: list[str]) -> Scene:
    """The scene with what it does not say itself; where both say something, its own stays."""
    changes = {}
    for name in (each.name for each in fields(Scene) if each.name not in _MATCHED):
        now, new, default = getattr(scene, name), getattr(wanted, name), SCENE_DEFAULTS.get(name)
        if new in (default, now):
            continue
        if now == default:
            changes[name] = new
        else:
            kept.append(f"{scene.id}: {name} stays {shown(now)}; the notebook's project has {shown(new)}.")
    return replace(scene, **changes)


def _differing(ours: Storyboard, found: NotebookProject) -> Iterator[str]:
    """Settings of the notebook's project that are others than those of the storyboard, which stay."""
    params = found.params
    for table, written in (("video", params.video), ("look", params.look), ("song", params.song)):
        for key, theirs in written.items():
            now = getattr(getattr(ours, table), key)
            if now != theirs:
                yield f"{table}.{key} stays {_plain(now)}; the notebook's project has {_plain(theirs)}."
    song = params.audio or params.url
    if song:
        yield f"song.source stays {shown(ours.song.source)}; the notebook's project has {shown(song)}."


def _plain(value: object) -> str:
    return shown(list(value) if isinstance(value, tuple) else value)
