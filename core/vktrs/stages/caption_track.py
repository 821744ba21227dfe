"""Which captions `speech = "captions"` reads: those that came with a download, or lie beside the user's song."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vktrs.media.download import downloaded, is_url
from vktrs.media.site_captions import SUFFIXES, Track, choose_track, track_of, tracks_beside, wanted_kind

if TYPE_CHECKING:
    from vktrs.project import Project
    from vktrs.storyboard.model import Storyboard

ENGINE = "captions"


def caption_track(project: Project, board: Storyboard) -> Track | None:
    """The captions whose words are taken; None where there are none that fit.

    In the language of `[song]`, else in that which the site names, else in the first there is. InputError where
    `[engines.captions]` is wrong.
    """
    kind = wanted_kind(board.engines.options.get(ENGINE, {}))
    tracks, told = caption_tracks(project, board)
    return choose_track(tracks, board.song.language or told, kind)


def caption_tracks(project: Project, board: Storyboard) -> tuple[list[Track], str]:
    """All captions of the song that can be read, and its language as the site names it (empty: not known)."""
    source = board.song.source
    if not is_url(source):
        return (tracks_beside(project.resolve(source)) if source else []), ""
    found = downloaded(source, project.root)
    if found is None:
        return [], ""
    readable = [path for path in found.captions if path.suffix.lower() in SUFFIXES]
    kinds = {True: "auto", False: "manual"}
    return [track_of(path, found.path.stem, kinds[path in found.automatic]) for path in readable], found.language
