"""Which picture engines there are: names, versions and how each is opened. Light; an engine is imported when opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vktrs.engines import cppn
from vktrs.errors import MissingError

if TYPE_CHECKING:
    from vktrs.engines.pictures import PictureEngine

PICTURE_VERSIONS: Mapping[str, int] = {"cppn": cppn.ENGINE_VERSION}
"""The version of each engine that this program can open; part of every picture's fingerprint."""


def picture_problem(name: str) -> str | None:
    """Why that engine cannot be opened here, as a sentence; None where it can."""
    if name in PICTURE_VERSIONS:
        return None
    return f'pictures = "{name}" is not part of this version of vktrs.'


def open_pictures(name: str, options: Mapping[str, Any]) -> PictureEngine:
    """Open a picture engine by its name in the storyboard; MissingError where that cannot be."""
    problem = picture_problem(name)
    if problem:
        raise MissingError(problem, f"Write one of: {', '.join(PICTURE_VERSIONS)}.")
    del options  # cppn has none
    return cppn.open_cppn()
