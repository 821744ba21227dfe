"""What lies on disk of a project, as far as a plan asks: names, digests, and what fingerprints are worked out from.

Nothing is made here, and little is opened: the song's facts, and its structure, curves and words where something asks
for them. What is damaged counts as not made.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from vktrs.artifacts import Store, fingerprint
from vktrs.chains import canonical, parse_chain
from vktrs.errors import ArtifactDamaged, InputError
from vktrs.lines import Word
from vktrs.media.download import downloaded, is_url
from vktrs.media.fonts import font_digest
from vktrs.media.mark import read_mark
from vktrs.motion.parameters import values_of
from vktrs.project import Project
from vktrs.stages import (
    captions,
    clips,
    order,
    scenes,
    signals,
    song,
    structure,
    variations,
    words,
)
from vktrs.stages.caption_track import ENGINE, caption_track
from vktrs.stages.grounds import MUSICAL
from vktrs.stages.showing import asked_names
from vktrs.stages.signals import SignalCurve
from vktrs.stages.song import SongFacts
from vktrs.stages.structure import StructureFacts
from vktrs.storyboard.captions import by_middle
from vktrs.storyboard.looping import parse_loop
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.resolve import resolve


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is on disk: fingerprints by stage, takes by scene, digests of the user's files (None: not there)."""

    song: str | None
    url: str | None
    lyrics: str | None
    facts: SongFacts | None
    made: Mapping[str, frozenset[str]]
    takes: Mapping[str, frozenset[str]]
    pictures: Mapping[str, str | None]
    mark: str | None
    font: str
    form: StructureFacts | None = None
    """The structure of the song, where something asks for beats."""
    sounds: Mapping[str, str | None] = field(default_factory=dict)
    """Digests of the sound files that signals listen to, by their names."""
    curves: Mapping[str, SignalCurve] = field(default_factory=dict)
    """The curves that expressions ask for, as far as they are made, by their fingerprints."""
    captions: str | None = None
    """The digest of the site's captions, where they are the speech engine."""
    heard: tuple[Word, ...] = ()
    """The words that were heard, by their middle, where captions follow them."""


def source_path(project: Project, board: Storyboard) -> Path | None:
    """Where the song lies: the user's file, or what its URL was downloaded to; None before the download."""
    source = board.song.source
    if is_url(source):
        found = downloaded(source, project.root)
        return found.path if found else None
    return project.resolve(source) if source else None


def song_of(project: Project, board: Storyboard) -> tuple[str | None, str | None]:
    """The digest of the song's file, None where that is not there, and the URL that it was downloaded from."""
    url = board.song.source if is_url(board.song.source) else None
    return _digest(project, source_path(project, board)), url


def look(project: Project, board: Storyboard) -> Inventory:
    """Read what is there, by one listing a stage and one for the takes of a scene."""
    digest, url = song_of(project, board)
    store = project.store
    made = {stage: store.keys(stage) for stage in _STORED}
    facts = None
    own = fingerprint(song.inputs(digest, url)) if digest is not None else None
    if own in made[song.STAGE]:
        try:
            facts = song.facts(store, own)
        except ArtifactDamaged:
            made[song.STAGE] -= {own}
    lyrics = _digest(project, project.resolve(board.song.lyrics)) if board.song.lyrics else None
    site_captions = _site_captions(project, board)
    pictures = {scene.picture for scene in board.scenes if scene.picture}
    asked = _asked(board)
    sounds = {each.source for each in board.signals.values() if signals.is_file(each.source)}
    form, curves = None, {}
    heard: tuple[Word, ...] = ()
    digests = {name: _digest(project, project.resolve(name)) for name in sounds}
    if own is not None:
        if board.video.captions == "word":
            heard = _words(store, made, fingerprint(words_inputs(made, own, board, lyrics, site_captions)))
        if asked.beats:
            form = _form(store, made, fingerprint(structure.inputs(own)))
        wanted = signal_inputs(board, own, digests, asked.signals).values()
        curves = _curves(store, made, [fingerprint(each) for each in wanted])
    return Inventory(
        song=digest,
        url=url,
        lyrics=lyrics,
        facts=facts,
        made=made,
        takes=_takes(project.takes),
        pictures={name: _digest(project, project.resolve(name)) for name in pictures},
        mark=read_mark(project.resolve(board.video.file)),
        font=_font(project, board),
        form=form,
        sounds=digests,
        curves=curves,
        captions=site_captions,
        heard=heard,
    )


def _site_captions(project: Project, board: Storyboard) -> str | None:
    """The digest of the captions whose words are taken; None where that is not asked for, or cannot be had."""
    if board.engines.speech != ENGINE or words.has_timed_lyrics(board):
        return None
    try:
        track = caption_track(project, board)
    except InputError:  # the run says so
        return None
    return _digest(project, track.path) if track else None


def _font(project: Project, board: Storyboard) -> str:
    """The digest of the font that captions are drawn with; empty where none are."""
    if board.video.captions not in captions.DRAWN:
        return ""
    path = font_path(project, board)
    return font_digest() if path is None else _digest(project, path) or "missing"


def font_path(project: Project, board: Storyboard) -> Path | None:
    """The user's file that captions are drawn with; None for the shipped font."""
    return project.resolve(board.captions.font) if board.captions.font else None


class _Asked(NamedTuple):
    """What the scenes of a storyboard ask of the song: which signals, and whether its beats."""

    signals: frozenset[str]
    beats: bool


def _asked(board: Storyboard) -> _Asked:
    """Over all scenes; a look at the texts of the storyboard spares most of them resolving it."""
    texts = any(isinstance(value, str) for each in (board.look, *board.scenes) for value in values_of(each))
    loops = board.look.loop != "none" or any(scene.loop not in (None, "none") for scene in board.scenes)
    if not (texts or loops):
        return _Asked(frozenset(), False)
    resolved = resolve(board)
    names = frozenset().union(*(asked_names(each) for each in resolved))
    musical = any((loop := parse_loop(each.loop)) is not None and loop.unit != "second" for each in resolved)
    return _Asked(names & board.signals.keys(), musical or bool(names & MUSICAL))


def signal_inputs(
    board: Storyboard, song_key: str, sounds: Mapping[str, str | None], names: Collection[str]
) -> dict[str, dict[str, Any]]:
    """What each of these signals is made of."""
    out = {}
    for name in sorted(names):
        signal = board.signals[name]
        digest = (sounds.get(signal.source) or "missing") if signals.is_file(signal.source) else None
        out[name] = signals.inputs(song_key, signal.source, canonical(parse_chain(signal.chain)), digest)
    return out


def _form(store: Store, made: dict[str, frozenset[str]], key: str) -> StructureFacts | None:
    """The structure of the song, if it is there; one that is damaged counts as not made."""
    if key not in made[structure.STAGE]:
        return None
    try:
        return _known_form(store.root, key)
    except ArtifactDamaged:
        made[structure.STAGE] -= {key}
        return None


def _words(store: Store, made: dict[str, frozenset[str]], key: str) -> tuple[Word, ...]:
    """The words that were heard; none where the stage is not made, or is damaged, which counts as not made."""
    if key not in made[words.STAGE]:
        return ()
    try:
        return _known_words(store.root, key)
    except ArtifactDamaged:
        made[words.STAGE] -= {key}
        return ()


def words_inputs(
    made: Mapping[str, Collection[str]], song_key: str, board: Storyboard, lyrics: str | None, captions: str | None
) -> dict[str, Any]:
    """What the words are made of; words that were heard and laid in one, as it was done before, stay what they are."""
    now = words.inputs(song_key, board, lyrics, captions)
    before = words.at_once_inputs(now)
    there = made[words.STAGE]
    if before is not None and fingerprint(before) in there and fingerprint(now) not in there:
        return before
    return now


def _curves(store: Store, made: dict[str, frozenset[str]], keys: Collection[str]) -> dict[str, SignalCurve]:
    """The curves that are there; one that is damaged counts as not made."""
    out = {}
    for key in keys:
        if key in made[signals.STAGE]:
            try:
                out[key] = _known_curve(store.root, key)
            except ArtifactDamaged:
                made[signals.STAGE] -= {key}
    return out


# What lies under a fingerprint does not change, and a plan is made often.


@lru_cache(maxsize=4)
def _known_form(root: Path, key: str) -> StructureFacts:
    return structure.facts(Store(root), key)


@lru_cache(maxsize=4)
def _known_words(root: Path, key: str) -> tuple[Word, ...]:
    return by_middle(words.load(Store(root), key))


@lru_cache(maxsize=64)
def _known_curve(root: Path, key: str) -> SignalCurve:
    return signals.load(Store(root), key)


_STORED = (
    song.STAGE,
    words.STAGE,
    structure.STAGE,
    scenes.STAGE,
    signals.STAGE,
    variations.STAGE,
    order.STAGE,
    clips.STAGE,
)


def _digest(project: Project, path: Path | None) -> str | None:
    try:
        return project.digest(path) if path is not None else None
    except OSError:
        return None


def _takes(folder: Path) -> dict[str, frozenset[str]]:
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {name: _pictures_in(folder / name) for name in names}


def _pictures_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(name[:-4] for name in os.listdir(folder) if name.endswith(".png") and name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
