"""vktrs: a song becomes a music video, and a person directs it.

The public names, each loaded when it is first asked for (PEP 562): importing `vktrs` imports nothing else. No public
name is that of a submodule, which would take its place once it is imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vktrs.errors import InputError as InputError
    from vktrs.errors import MissingError as MissingError
    from vktrs.errors import Stopped as Stopped
    from vktrs.errors import UsageError as UsageError
    from vktrs.errors import VktrsError as VktrsError
    from vktrs.lines import Line as Line
    from vktrs.lines import Word as Word
    from vktrs.loops import Loop as Loop
    from vktrs.loops import order_pictures as order_pictures
    from vktrs.loops import write_loop as write_loop
    from vktrs.plan import Plan as Plan
    from vktrs.plan import plan_project as plan_project
    from vktrs.project import Project as Project
    from vktrs.runs.beginning import new_project as new_project
    from vktrs.runs.library import run_project as run_project
    from vktrs.runs.library import transcribe as transcribe
    from vktrs.storyboard.model import Scene as Scene
    from vktrs.storyboard.model import Storyboard as Storyboard

_HOMES = {
    "InputError": "vktrs.errors",
    "MissingError": "vktrs.errors",
    "Stopped": "vktrs.errors",
    "UsageError": "vktrs.errors",
    "VktrsError": "vktrs.errors",
    "Line": "vktrs.lines",
    "Word": "vktrs.lines",
    "Loop": "vktrs.loops",
    "order_pictures": "vktrs.loops",
    "write_loop": "vktrs.loops",
    "Plan": "vktrs.plan",
    "Project": "vktrs.project",
    "new_project": "vktrs.runs.beginning",
    "plan_project": "vktrs.plan",
    "run_project": "vktrs.runs.library",
    "transcribe": "vktrs.runs.library",
    "Scene": "vktrs.storyboard.model",
    "Storyboard": "vktrs.storyboard.model",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vktrs' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
