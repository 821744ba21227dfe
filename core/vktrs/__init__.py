"""vktrs: a song becomes a music video, and a person directs it.

The public names, each loaded when it is first asked for (PEP 562): importing `vktrs` imports nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vktrs.errors import InputError as InputError
    from vktrs.errors import MissingError as MissingError
    from vktrs.errors import VktrsError as VktrsError
    from vktrs.lines import Line as Line
    from vktrs.lines import Word as Word
    from vktrs.loops import order_pictures as order_pictures
    from vktrs.loops import write_loop as write_loop
    from vktrs.project import Project as Project
    from vktrs.runs.library import new_project as new_project
    from vktrs.runs.library import plan as plan
    from vktrs.runs.library import run as run
    from vktrs.runs.library import words as words
    from vktrs.storyboard.model import Scene as Scene
    from vktrs.storyboard.model import Storyboard as Storyboard

_HOMES = {
    "InputError": "vktrs.errors",
    "MissingError": "vktrs.errors",
    "VktrsError": "vktrs.errors",
    "Line": "vktrs.lines",
    "Word": "vktrs.lines",
    "order_pictures": "vktrs.loops",
    "write_loop": "vktrs.loops",
    "Project": "vktrs.project",
    "new_project": "vktrs.runs.library",
    "plan": "vktrs.runs.library",
    "run": "vktrs.runs.library",
    "words": "vktrs.runs.library",
    "Scene": "vktrs.storyboard.model",
    "Storyboard": "vktrs.storyboard.model",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vktrs' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
