"""Edits of the storyboard by commands."""

from __future__ import annotations

from collections.abc import Callable

from vktrs.editing import Applied, Editing
from vktrs.project import Project
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard


def edit(project: Project, label: str, change: Callable[[Storyboard], Edited]) -> Applied:
    """Make an edit that a studio can take back: whoever opens the project next adopts it."""
    editing = Editing(project)
    try:
        return editing.apply(label, change)
    finally:
        editing.close()
